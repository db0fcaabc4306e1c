import { Text } from '../../../evidence/index.ts'
import { dataFormat, readData, type Tree } from '../../data/index.ts'
import { directoryOf } from '../../paths.ts'
import type { Snapshot, SourceLanguage, Tools } from '../../system.ts'
import { type Configuration, readConfiguration } from './configuration.ts'
import { ImportGraph } from '../../modules.ts'
import { mentionsIn } from './imports.ts'
import { Module } from './module.ts'
import { DECLARATIONS, SOURCE_EXTENSION } from './source-files.ts'
import { preloadsOf, startFiles } from './preloads.ts'
import { isTestCode } from './test-code.ts'
import { resolveSpecifier, type Target } from './specifier.ts'
import { Node, nodeAt } from '../../tree.ts'

/** UTF-16 code units. A file beyond `file` is no person's work; together with `folder` they bound the time of a hostile one. */
export const LIMITS = { file: 1_000_000, folder: 24_000_000 } as const

/** Why a file's tree is not there. */
export type Unparsed = 'too-large' | 'no-parser'

/** The JavaScript and TypeScript files of a folder: their text, trees and imports, each made when first asked for. */
export class Project {
  readonly snapshot: Snapshot
  readonly configuration: Configuration
  /** Files that were asked for and are not in the snapshot yet. */
  readonly needs = new Set<string>()
  readonly unparsed = new Map<string, Unparsed>()
  readonly #tools: Tools
  readonly #texts = new Map<string, Text | undefined>()
  readonly #modules = new Map<string, Module | undefined>()
  readonly #data = new Map<string, Tree | undefined>()
  readonly #targets = new Map<string, Target>()
  readonly #scripts: ReadonlySet<string>
  #parsed = 0
  #graph: ImportGraph | undefined

  constructor(snapshot: Snapshot, tools: Tools) {
    this.snapshot = snapshot
    this.#tools = tools
    this.configuration = readConfiguration(snapshot)
    this.#scripts = new Set(snapshot.matched.filter((path) => !SOURCE_EXTENSION.test(path)))
  }

  /** The source files that have text, declarations left out. */
  get sources(): readonly string[] {
    return this.snapshot.matched.filter((path) => !DECLARATIONS.test(path) && this.snapshot.file(path)?.kind === 'text')
  }

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

  module(path: string): Module | undefined {
    if (this.#modules.has(path)) return this.#modules.get(path)
    const text = this.#isSource(path) ? this.text(path) : undefined
    if (text === undefined) return undefined
    const module = this.#parse(text)
    this.#modules.set(path, module)
    return module
  }

  /** By its name, or (`bin/www`) by its first line, which the collector looked at. */
  #isSource(path: string): boolean {
    return SOURCE_EXTENSION.test(path) ? !DECLARATIONS.test(path) : this.#scripts.has(path)
  }

  #parse(text: Text): Module | undefined {
    const { length } = text.content
    if (length > LIMITS.file || this.#parsed + length > LIMITS.folder) {
      this.unparsed.set(text.path, 'too-large')
      return undefined
    }
    this.#parsed += length
    const syntax = this.#tools.parseSource(languageOf(text), text.content)
    if (syntax === undefined) {
      this.unparsed.set(text.path, 'no-parser')
      return undefined
    }
    return new Module(text, new Node(text, syntax))
  }

  resolve(from: string, specifier: string): Target {
    // Every file of a directory sees the same.
    const key = `${directoryOf(from)}\n${specifier}`
    let target = this.#targets.get(key)
    if (target === undefined) {
      target = resolveSpecifier(from, specifier, this.snapshot.paths, this.configuration)
      this.#targets.set(key, target)
    }
    return target
  }

  /** What a configuration file of the folder says; `format` where its name does not tell. */
  data(path: string, format = dataFormat(path)): Tree | undefined {
    const text = this.text(path)
    if (text === undefined || format === undefined) return undefined
    const key = `${format} ${path}`
    if (!this.#data.has(key)) this.#data.set(key, readData(text, format))
    return this.#data.get(key)
  }

  get graph(): ImportGraph {
    this.#graph ??= new ImportGraph(this.#edges())
    return this.#graph
  }

  #preloads(): readonly (readonly [string, string])[] {
    const { paths } = this.snapshot
    const texts = new Map<string, string>()
    for (const path of startFiles(paths)) {
      const text = this.text(path)
      if (text !== undefined) texts.set(path, text.content)
    }
    return preloadsOf(texts, this.configuration.manifests, paths)
  }

  /** Whether one program runs both files. */
  together(a: string, b: string): boolean {
    const entries = new Set(this.graph.entries(a))
    return this.graph.entries(b).some((path) => entries.has(path) && (path === b || !isTestCode(path, this.text(path)?.content ?? '')))
  }

  *#edges(): Generator<readonly [string, string]> {
    yield* this.#preloads()
    for (const path of this.sources) {
      const file = this.text(path)
      if (file === undefined) continue
      for (const { specifier } of mentionsIn(file, (offset) => this.isCode(path, offset))) {
        const target = this.resolve(path, specifier)
        if (target.kind === 'file' && target.path !== path) yield [path, target.path]
      }
    }
  }

  /** Whether a string that is code stands at the offset, not a comment; true also where nothing can tell. */
  isCode(path: string, offset: number): boolean {
    const module = this.module(path)
    const node = module === undefined ? undefined : nodeAt(module.root, offset)
    return node === undefined || node.kind !== 'comment'
  }
}

/** Flow's types in a `.js` file are not JavaScript; TypeScript's grammar takes most of them. Said by `@flow`, or seen in a parameter's type. */
const FLOW = /@flow\b|\(\s*\w+\??:\s*\??[A-Z]\w*\s*[,)=<]/

function languageOf(text: Text): SourceLanguage {
  if (/\.[cm]?ts$/.test(text.path)) return 'typescript'
  return text.path.endsWith('.tsx') || FLOW.test(text.content) ? 'tsx' : 'javascript'
}
