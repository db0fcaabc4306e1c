import type { Text } from '../../evidence/index.ts'
import { directoryOf, joinPath } from '../paths.ts'
import { SourceFolder } from '../source-folder.ts'
import type { Snapshot, SourceLanguage, Tools } from '../system.ts'
import { ImportGraph } from '../modules.ts'
import { Module } from './module.ts'
import type { Node } from '../tree.ts'

/** What a module's name leads to in the folder. */
export type Target = { readonly kind: 'file'; readonly path: string } | { readonly kind: 'directory'; readonly path: string }

const IMPORT =
  /^[ \t]*(?:from[ \t]+(\.{0,40}[ \t]{0,8}[\w.]{0,300})[ \t]+import[ \t]+(\([^)]{0,4000}\)|[^\n#]{1,1000})|import[ \t]+([\w., \t]{1,1000}))/gm
const SOURCE = /\.pyw?$/
/** Directories that are often put on the module search path. */
const ROOTS = ['', 'src', 'app', 'backend', 'server', 'api'] as const

/** One statement that imports. */
interface ImportStatement {
  readonly offset: number
  readonly indented: boolean
  readonly files: readonly string[]
}

interface Imports {
  readonly statements: readonly ImportStatement[]
  readonly files: readonly string[]
  readonly packages: ReadonlySet<string>
}

/** The Python files of a folder: their text, trees and imports, each made when first asked for. */
export class Project extends SourceFolder<Module> {
  readonly #directories: ReadonlySet<string>
  readonly #importsOf = new Map<string, Imports>()
  #graph: ImportGraph | undefined
  #sources: readonly string[] | undefined

  constructor(snapshot: Snapshot, tools: Tools) {
    super(snapshot, tools)
    this.#directories = directoriesOf(snapshot.paths)
  }

  /** The files that have text. */
  get sources(): readonly string[] {
    this.#sources ??= this.snapshot.matched.filter((path) => this.snapshot.file(path)?.kind === 'text').toSorted()
    return this.#sources
  }

  protected isSource(): boolean {
    return true
  }

  protected languageOf(): SourceLanguage {
    return 'python'
  }

  protected moduleOf(text: Text, root: Node): Module {
    return new Module(text, root)
  }

  /**
   * The file or package that `import module` in `from` leads to. Absolute names are looked for beside the importing file (where Python
   * puts the program's own directory on the path), in each directory above it, and in the directories that projects often add.
   */
  resolve(from: string, module: string, level: number): Target | undefined {
    const names = module.split('.').filter((name) => name !== '')
    if (level > 0) {
      const directory = joinPath(directoryOf(from), '../'.repeat(level - 1) || '.')
      return directory === undefined ? undefined : this.#below(directory, names)
    }
    if (names.length === 0) return undefined
    for (const root of rootsOf(from)) {
      const found = this.#below(root, names)
      if (found !== undefined && !(found.kind === 'directory' && found.path === '')) return found
    }
    return undefined
  }

  #below(directory: string, names: readonly string[]): Target | undefined {
    const path = [directory, ...names].filter((part) => part !== '').join('/')
    const { paths } = this.snapshot
    if (names.length > 0 && paths.has(`${path}.py`)) return { kind: 'file', path: `${path}.py` }
    const initial = path === '' ? '__init__.py' : `${path}/__init__.py`
    if (paths.has(initial)) return { kind: 'file', path: initial }
    return this.#directories.has(path) ? { kind: 'directory', path } : undefined
  }

  /** The files of the folder that a file imports. */
  importedBy(path: string): readonly string[] {
    return this.#imports(path).files
  }

  /** Its statements that import, in their order. */
  importsAt(path: string): readonly ImportStatement[] {
    return this.#imports(path).statements
  }

  /** The first parts of the modules that a file imports. */
  packagesOf(path: string): ReadonlySet<string> {
    return this.#imports(path).packages
  }

  /** The same of every file. */
  get packages(): ReadonlySet<string> {
    return new Set(this.sources.flatMap((path) => [...this.packagesOf(path)]))
  }

  #imports(path: string): Imports {
    let found = this.#importsOf.get(path)
    if (found === undefined) {
      const statements: ImportStatement[] = []
      const packages = new Set<string>()
      for (const { 0: whole, 1: from, 2: names, 3: modules, index } of (this.text(path)?.content ?? '').matchAll(IMPORT)) {
        const files = new Set<string>()
        for (const { module, level } of mentioned(from, names, modules)) {
          if (level === 0) packages.add(module.split('.', 1)[0] ?? '')
          const target = this.resolve(path, module, level)
          if (target?.kind !== 'file') continue
          for (const file of [...this.#packagesBefore(target.path, module, level), target.path]) if (file !== path) files.add(file)
        }
        const indent = whole.length - whole.trimStart().length
        statements.push({ offset: index + indent, indented: indent > 0, files: [...files] })
      }
      found = { statements, files: [...new Set(statements.flatMap(({ files }) => files))], packages }
      this.#importsOf.set(path, found)
    }
    return found
  }

  /** The packages that are run before a module that is imported from them by this name, the outer ones first. */
  #packagesBefore(path: string, module: string, level: number): readonly string[] {
    const found: string[] = []
    const names = module.split('.').filter((name) => name !== '').length
    let directory = directoryOf(path)
    if (path.endsWith('__init__.py')) directory = directoryOf(directory)
    // What is imported from where the file stands is in the packages that this is in.
    const most = level > 0 ? Number.POSITIVE_INFINITY : names - 1
    for (let count = 0; directory !== '' && count < most; count++, directory = directoryOf(directory)) {
      const initial = `${directory}/__init__.py`
      if (this.snapshot.paths.has(initial)) found.unshift(initial)
      else if (level > 0) break
    }
    return found
  }

  get graph(): ImportGraph {
    this.#graph ??= new ImportGraph(this.#edges())
    return this.#graph
  }

  *#edges(): Generator<readonly [string, string]> {
    for (const path of this.sources) for (const imported of this.importedBy(path)) yield [path, imported]
  }
}

/** Each module that an import statement may name: `from a import b` may mean `a`, or the module `a.b`. */
function mentioned(
  from: string | undefined,
  names: string | undefined,
  modules: string | undefined,
): readonly { readonly module: string; readonly level: number }[] {
  if (from === undefined) return (modules ?? '').split(',').map((one) => ({ module: one.trim().split(/\s/)[0] ?? '', level: 0 }))
  const level = /^\.*/.exec(from)?.[0].length ?? 0
  const module = from.slice(level).trim()
  const inside = (names ?? '')
    .replace(/[()]/g, '')
    .split(',')
    .map((one) => one.trim().split(/\s/)[0] ?? '')
    .filter((one) => /^\w+$/.test(one))
  return [{ module, level }, ...inside.map((one) => ({ module: module === '' ? one : `${module}.${one}`, level }))]
}

function rootsOf(path: string): readonly string[] {
  const above: string[] = []
  for (let directory = directoryOf(path); ; directory = directoryOf(directory)) {
    above.push(directory)
    if (directory === '') break
  }
  return [...new Set([...above, ...ROOTS])]
}

function directoriesOf(paths: ReadonlySet<string>): ReadonlySet<string> {
  const found = new Set<string>()
  for (const path of paths) {
    if (!SOURCE.test(path)) continue
    for (let directory = directoryOf(path); directory !== '' && !found.has(directory); directory = directoryOf(directory))
      found.add(directory)
  }
  return found
}
