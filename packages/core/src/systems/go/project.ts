import type { Text } from '../../evidence/index.ts'
import { ImportGraph } from '../modules.ts'
import { directoryOf, joinPath } from '../paths.ts'
import { SourceFolder } from '../source-folder.ts'
import type { SourceLanguage } from '../system.ts'
import { isTestPath } from '../tests.ts'
import type { Node } from '../tree.ts'
import { GoFile } from './file.ts'
import { type Outline, outlineOf } from './outline.ts'

/** What is written before the first declaration, so that a file need not be parsed for it. */
const ONE_IMPORT = /^[ \t]*import[ \t]+(?:[\w.]{1,100}[ \t]+)?["`]([^"`\n]{1,500})["`]/gm
const IMPORTS = /^[ \t]*import[ \t]*\(([^)]{0,20000})\)/gm
const QUOTED = /["`]([^"`\n]{1,500})["`]/g
const PACKAGE = /^[ \t]*package[ \t]+(\w{1,100})/m
const MAIN = /^func[ \t]+main[ \t]*\([ \t]*\)/m
const MODULE = /^[ \t]*module[ \t]+"?([^\s"]{1,300})/m

/** The `module` of a go.mod, and the directory that it is in. */
interface GoModule {
  readonly path: string
  readonly directory: string
}

/** Whether only `go test` runs a file. */
export const isTestFile = (path: string): boolean => path.endsWith('_test.go') || isTestPath(path)

/** The Go files of a folder: their text, trees, packages and imports, each made when first asked for. */
export class Project extends SourceFolder<GoFile> {
  #sources: readonly string[] | undefined
  #modules: readonly GoModule[] | undefined
  #directories: ReadonlyMap<string, readonly string[]> | undefined
  #graph: ImportGraph | undefined
  readonly #imports = new Map<string, readonly string[]>()
  #importers: ReadonlyMap<string, readonly string[]> | undefined
  readonly #packages = new Map<string, readonly string[]>()
  readonly #names = new Map<string, string>()
  readonly #outlines = new Map<string, Outline>()

  /** The files that have text. */
  get sources(): readonly string[] {
    this.#sources ??= this.snapshot.matched.filter((path) => this.snapshot.file(path)?.kind === 'text').toSorted()
    return this.#sources
  }

  protected isSource(path: string): boolean {
    return path.endsWith('.go')
  }

  protected languageOf(): SourceLanguage {
    return 'go'
  }

  protected moduleOf(text: Text, root: Node): GoFile {
    return new GoFile(text, root)
  }

  content(path: string): string {
    return this.text(path)?.content ?? ''
  }

  /** What a file declares, without a parser. */
  outline(path: string): Outline {
    let found = this.#outlines.get(path)
    if (found === undefined) {
      found = outlineOf(this.content(path))
      this.#outlines.set(path, found)
    }
    return found
  }

  /** The files in which a name of a package may be written: those of the package, and where others see it those that import it. */
  seeing(path: string, name: string): readonly string[] {
    const own = this.packageOf(path)
    if (!/^\p{Lu}/u.test(name)) return own
    return [...own, ...(this.#importing().get(directoryOf(path)) ?? [])]
  }

  /** The files that import the package of a directory. */
  #importing(): ReadonlyMap<string, readonly string[]> {
    if (this.#importers !== undefined) return this.#importers
    const found = new Map<string, string[]>()
    for (const path of this.sources) {
      for (const imported of this.importsOf(path)) {
        const directory = this.directoryOf(imported)
        if (directory === undefined || directory === directoryOf(path)) continue
        const files = found.get(directory)
        if (files === undefined) found.set(directory, [path])
        else files.push(path)
      }
    }
    this.#importers = found
    return found
  }

  /** The files of a directory. */
  filesIn(directory: string): readonly string[] {
    if (this.#directories === undefined) {
      const found = new Map<string, string[]>()
      for (const path of this.sources) {
        const where = directoryOf(path)
        const files = found.get(where)
        if (files === undefined) found.set(where, [path])
        else files.push(path)
      }
      this.#directories = found
    }
    return this.#directories.get(directory) ?? []
  }

  /** The files of the package that a file belongs to, itself first: tests see the package, which does not see them. */
  packageOf(path: string): readonly string[] {
    let found = this.#packages.get(path)
    if (found === undefined) {
      found = this.#packageOf(path)
      this.#packages.set(path, found)
    }
    return found
  }

  #packageOf(path: string): readonly string[] {
    const name = this.packageName(path)
    const beside = this.filesIn(directoryOf(path)).filter(
      (other) => other !== path && this.packageName(other) === name && (path.endsWith('_test.go') || !other.endsWith('_test.go')),
    )
    // Programs of one file each, in one directory, are packages of their own.
    if (name === 'main' && this.hasMain(path)) return [path, ...beside.filter((other) => !this.hasMain(other))]
    return [path, ...beside]
  }

  packageName(path: string): string {
    let found = this.#names.get(path)
    if (found === undefined) {
      found = PACKAGE.exec(this.content(path))?.[1] ?? ''
      this.#names.set(path, found)
    }
    return found
  }

  hasMain(path: string): boolean {
    return this.packageName(path) === 'main' && MAIN.test(this.content(path))
  }

  /** The files of the package of that path, where the folder has it; tests left out. */
  packageFiles(path: string): readonly string[] {
    const directory = this.directoryOf(path)
    return directory === undefined ? [] : this.filesIn(directory).filter((file) => !file.endsWith('_test.go'))
  }

  /** The directory of the package of that path: by the module that it is of (go.dev/ref/mod, Resolving a package to a module). */
  directoryOf(path: string): string | undefined {
    for (const module of this.modules) {
      if (path !== module.path && !path.startsWith(`${module.path}/`)) continue
      const directory = joinPath(module.directory, path.slice(module.path.length + 1) || '.')
      if (directory !== undefined && this.filesIn(directory).length > 0) return directory
    }
    return undefined
  }

  /** Those with the longest paths first. */
  get modules(): readonly GoModule[] {
    if (this.#modules !== undefined) return this.#modules
    const files = [...this.snapshot.paths].filter((path) => path === 'go.mod' || path.endsWith('/go.mod'))
    const found = files.flatMap((file): readonly GoModule[] => {
      const path = MODULE.exec(this.content(file))?.[1]
      return path === undefined ? [] : [{ path, directory: directoryOf(file) }]
    })
    const sorted = found.toSorted((a, b) => b.path.length - a.path.length)
    this.#modules = sorted
    return sorted
  }

  /** The paths of the packages that a file imports. */
  importsOf(path: string): readonly string[] {
    let found = this.#imports.get(path)
    if (found === undefined) {
      const content = this.content(path)
      const single = [...content.matchAll(ONE_IMPORT)].map((match) => match[1] ?? '')
      const grouped = [...content.matchAll(IMPORTS)].flatMap((match) => [...(match[1] ?? '').matchAll(QUOTED)].map((one) => one[1] ?? ''))
      found = [...new Set([...single, ...grouped])]
      this.#imports.set(path, found)
    }
    return found
  }

  /** By directory: a package is compiled whole. */
  get graph(): ImportGraph {
    this.#graph ??= new ImportGraph(this.#edges())
    return this.#graph
  }

  *#edges(): Generator<readonly [string, string]> {
    for (const path of this.sources) {
      if (path.endsWith('_test.go')) continue
      for (const imported of this.importsOf(path)) {
        const directory = this.directoryOf(imported)
        if (directory !== undefined) yield [directoryOf(path), directory]
      }
    }
  }
}
