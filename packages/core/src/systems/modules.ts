/** Who imports whom, among the files of the folder. */
export class ImportGraph {
  readonly #importers = new Map<string, Set<string>>()

  constructor(edges: Iterable<readonly [importer: string, imported: string]>) {
    for (const [importer, imported] of edges) {
      const known = this.#importers.get(imported)
      if (known === undefined) this.#importers.set(imported, new Set([importer]))
      else known.add(importer)
    }
  }

  /** The file and every file that imports it, directly or through others; itself first, then the nearer ones. */
  entries(path: string): readonly string[] {
    const found = new Set([path])
    for (const current of found) for (const importer of this.#importers.get(current) ?? []) found.add(importer)
    return [...found]
  }
}
