import { Text } from '../evidence/index.ts'
import { dataFormat, readData, type Tree } from './data/index.ts'
import type { Snapshot, SourceLanguage, Tools } from './system.ts'
import { Node } from './tree.ts'

/** UTF-16 code units. A file beyond `file` is no person's work; together with `folder` they bound the time of a hostile one. */
export const LIMITS = { file: 1_000_000, folder: 24_000_000 } as const

/** Why a file's tree is not there. */
export type Unparsed = 'too-large' | 'no-parser'

/** The source files of one family of languages in a folder: their text, trees and data, each made when first asked for. */
export abstract class SourceFolder<Module> {
  readonly snapshot: Snapshot
  /** Files that were asked for and are not in the snapshot yet. */
  readonly needs = new Set<string>()
  readonly unparsed = new Map<string, Unparsed>()
  readonly #tools: Tools
  readonly #texts = new Map<string, Text | undefined>()
  readonly #modules = new Map<string, Module | undefined>()
  readonly #data = new Map<string, Tree | undefined>()
  #parsed = 0

  constructor(snapshot: Snapshot, tools: Tools) {
    this.snapshot = snapshot
    this.#tools = tools
  }

  /** Whether a file that has text is source, rather than data that a program reads. */
  protected abstract isSource(path: string): boolean
  protected abstract languageOf(text: Text): SourceLanguage
  protected abstract moduleOf(text: Text, root: Node): Module

  text(path: string): Text | undefined {
    if (!this.#texts.has(path)) {
      const state = this.snapshot.file(path)
      if (state === undefined) {
        if (this.snapshot.paths.has(path)) this.needs.add(path)
        return undefined
      }
      this.#texts.set(path, state.kind === 'text' ? new Text(path, state.text) : undefined)
    }
    return this.#texts.get(path)
  }

  /** What a configuration file of the folder says; `format` where its name does not tell. */
  data(path: string, format = dataFormat(path)): Tree | undefined {
    const text = this.text(path)
    if (text === undefined || format === undefined) return undefined
    const key = `${format} ${path}`
    if (!this.#data.has(key)) this.#data.set(key, readData(text, format))
    return this.#data.get(key)
  }

  module(path: string): Module | undefined {
    if (this.#modules.has(path)) return this.#modules.get(path)
    const text = this.isSource(path) ? this.text(path) : undefined
    if (text === undefined) return undefined
    const module = this.#parse(text)
    this.#modules.set(path, module)
    return module
  }

  #parse(text: Text): Module | undefined {
    const { length } = text.content
    if (length > LIMITS.file || this.#parsed + length > LIMITS.folder) {
      this.unparsed.set(text.path, 'too-large')
      return undefined
    }
    this.#parsed += length
    const syntax = this.#tools.parseSource(this.languageOf(text), text.content)
    if (syntax === undefined) {
      this.unparsed.set(text.path, 'no-parser')
      return undefined
    }
    return this.moduleOf(text, new Node(text, syntax))
  }
}
