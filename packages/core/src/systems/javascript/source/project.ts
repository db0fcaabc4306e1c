import type { Text } from '../../../evidence/index.ts'
import { directoryOf } from '../../paths.ts'
import type { Snapshot, SourceLanguage, Tools } from '../../system.ts'
import { type Configuration, readConfiguration } from './configuration.ts'
import { ImportGraph } from '../../modules.ts'
import { mentionsIn } from './imports.ts'
import { Module } from './module.ts'
import { DECLARATIONS, SOURCE_EXTENSION } from './source-files.ts'
import { namesStarted, preloadsOf, startFiles } from './preloads.ts'
import { isTestCode } from './test-code.ts'
import { resolveSpecifier, type Target } from './specifier.ts'
import { SourceFolder } from '../../source-folder.ts'
import { type Node, nodeAt } from '../../tree.ts'

/** A file of the folder that is imported and is not there; `offset`: of the text that names it, in `file`. */
export interface MissingTarget {
  readonly path: string
  readonly file: Text
  readonly offset: number
}

interface Imports {
  readonly graph: ImportGraph
  readonly missing: readonly MissingTarget[]
}

/** The JavaScript and TypeScript files of a folder: their text, trees and imports, each made when first asked for. */
export class Project extends SourceFolder<Module> {
  readonly configuration: Configuration
  readonly #targets = new Map<string, Target>()
  readonly #scripts: ReadonlySet<string>
  readonly #starts = new Map<string, ReadonlySet<string>>()
  #imports: Imports | undefined
  #startTexts: ReadonlyMap<string, string> | undefined
  #preloaded: readonly (readonly [entry: string, preload: string])[] | undefined

  constructor(snapshot: Snapshot, tools: Tools) {
    super(snapshot, tools)
    this.configuration = readConfiguration(snapshot)
    this.#scripts = new Set(snapshot.matched.filter((path) => !SOURCE_EXTENSION.test(path)))
  }

  /** The source files that have text, declarations left out. */
  get sources(): readonly string[] {
    return this.snapshot.matched.filter((path) => !DECLARATIONS.test(path) && this.snapshot.file(path)?.kind === 'text')
  }

  /** By its name, or (`bin/www`) by its first line, which the collector looked at. */
  protected isSource(path: string): boolean {
    return SOURCE_EXTENSION.test(path) ? !DECLARATIONS.test(path) : this.#scripts.has(path)
  }

  protected languageOf(text: Text): SourceLanguage {
    return languageOf(text)
  }

  protected moduleOf(text: Text, root: Node): Module {
    return new Module(text, root)
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

  /** What is imported of the folder and is not there. */
  get missing(): readonly MissingTarget[] {
    return this.#known().missing
  }

  get graph(): ImportGraph {
    return this.#known().graph
  }

  #known(): Imports {
    if (this.#imports === undefined) {
      const missing: MissingTarget[] = []
      this.#imports = { graph: new ImportGraph(this.#edges(missing)), missing }
    }
    return this.#imports
  }

  /** The names, without an ending, that stand in the commands and settings which name this runtime. */
  startsOf(runtime: string): ReadonlySet<string> {
    let found = this.#starts.get(runtime)
    if (found === undefined) {
      found = namesStarted(runtime, this.startTexts, this.configuration.manifests)
      this.#starts.set(runtime, found)
    }
    return found
  }

  /** What Node loads before the file, where that is what is started. */
  preloadsOf(entry: string): readonly string[] {
    return this.#preloads.flatMap(([started, preload]) => (started === entry ? [preload] : []))
  }

  get #preloads(): readonly (readonly [entry: string, preload: string])[] {
    this.#preloaded ??= preloadsOf(this.startTexts, this.configuration.manifests, this.snapshot.paths)
    return this.#preloaded
  }

  /** The files in which commands stand that start programs. */
  get startTexts(): ReadonlyMap<string, string> {
    if (this.#startTexts === undefined) {
      const texts = startFiles(this.snapshot.paths).flatMap((path) => this.text(path) ?? [])
      this.#startTexts = new Map(texts.map(({ path, content }) => [path, content]))
    }
    return this.#startTexts
  }

  /** Whether one program runs both files. */
  together(a: string, b: string): boolean {
    const entries = new Set(this.graph.entries(a))
    return this.graph.entries(b).some((path) => entries.has(path) && (path === b || !isTestCode(path, this.text(path)?.content ?? '')))
  }

  *#edges(missing: MissingTarget[]): Generator<readonly [string, string]> {
    yield* this.#preloads
    for (const path of this.sources) {
      const file = this.text(path)
      if (file === undefined) continue
      for (const { specifier, offset } of mentionsIn(file, (at) => this.isCode(path, at))) {
        const target = this.resolve(path, specifier)
        if (target.kind === 'missing') missing.push({ path: target.path, file, offset })
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

/** Which grammar takes a file. */
export function languageOf(text: Text): SourceLanguage {
  if (/\.[cm]?ts$/.test(text.path)) return 'typescript'
  return text.path.endsWith('.tsx') || FLOW.test(text.content) ? 'tsx' : 'javascript'
}
