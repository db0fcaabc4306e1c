import type { Text } from '../evidence/index.ts'
import type { Node } from './tree.ts'

/** Who imports whom, among the files of the folder. */
export class ImportGraph {
  readonly #importers = new Map<string, Set<string>>()
  readonly #imported = new Map<string, Set<string>>()

  constructor(edges: Iterable<readonly [importer: string, imported: string]>) {
    for (const [importer, imported] of edges) {
      add(this.#importers, imported, importer)
      add(this.#imported, importer, imported)
    }
  }

  /** The files that a file imports itself. */
  imports(path: string): readonly string[] {
    return [...(this.#imported.get(path) ?? [])]
  }

  /** The files and every file that imports one of them, directly or through others; themselves first, then the nearer ones. */
  entries(...paths: readonly string[]): readonly string[] {
    const found = new Set(paths)
    for (const current of found) for (const importer of this.#importers.get(current) ?? []) found.add(importer)
    return [...found]
  }
}

function add(map: Map<string, Set<string>>, key: string, item: string): void {
  const known = map.get(key)
  if (known === undefined) map.set(key, new Set([item]))
  else known.add(item)
}

/** Files whose trees are looked at for a name. */
const MOST_FILES = 200

/** The source files of a folder, by who imports whom. */
interface Modules {
  readonly graph: ImportGraph
  text(path: string): Text | undefined
  module(path: string): { occurrences(name: string): readonly Node[] } | undefined
}

/** One of the names of something that a file declares, and what is a use of it: not its declaration, import or export. */
interface Named {
  readonly home: string
  readonly names: readonly string[]
  isUse(node: Node): boolean
  isTest(text: Text): boolean
}

/** Whether a line of the folder's product takes up what a file declares. Beyond the files that are looked at, the name alone says so. */
export function isTakenUp(modules: Modules, { home, names, isUse, isTest }: Named): boolean {
  return modules.graph.entries(home).some((path, index) => {
    const text = modules.text(path)
    if (text === undefined || isTest(text)) return false
    const found = names.filter((name) => text.content.includes(name))
    return index < MOST_FILES ? found.some((name) => modules.module(path)?.occurrences(name).some(isUse) ?? true) : found.length > 0
  })
}
