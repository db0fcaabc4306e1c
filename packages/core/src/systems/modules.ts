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

  /** The file and every file that imports it, directly or through others; itself first, then the nearer ones. */
  entries(path: string): readonly string[] {
    const found = new Set([path])
    for (const current of found) for (const importer of this.#importers.get(current) ?? []) found.add(importer)
    return [...found]
  }
}

function add(map: Map<string, Set<string>>, key: string, item: string): void {
  const known = map.get(key)
  if (known === undefined) map.set(key, new Set([item]))
  else known.add(item)
}
