import type { Text } from '../../evidence/index.ts'

/** One place that names another module. */
interface Mention {
  readonly specifier: string
  /** Offset of the specifier's text. */
  readonly offset: number
}

const IMPORTS = /\b(?:from\s*|import\s*\(?\s*|require\s*\(\s*)(['"`])([^'"`\n\r$]{1,300})\1/g

/** Imports of types alone vanish when the program is built. */
const TYPE_ONLY = /^(?:import|export)\s+type\s+(?!from\b)/

/** Static imports, `require` and `import()` with a literal, found in the text; `isCode` is asked where a comment is likely. */
export function mentionsIn(file: Text, isCode: (offset: number) => boolean): readonly Mention[] {
  const { content } = file
  const found: Mention[] = []
  for (const match of content.matchAll(IMPORTS)) {
    const specifier = match[2] ?? ''
    const offset = match.index + match[0].length - 1 - specifier.length
    const statement = match[0].startsWith('from')
      ? Math.max(content.lastIndexOf('import', match.index), content.lastIndexOf('export', match.index))
      : match.index
    if (statement >= 0 && TYPE_ONLY.test(content.slice(statement, statement + 40))) continue
    if (perhapsComment(content, match.index) && !isCode(offset)) continue
    found.push({ specifier, offset })
  }
  return found
}

/** Cheap, and true too often: a `//` in a URL, a `/*` in a glob. */
function perhapsComment(content: string, at: number): boolean {
  const line = content.slice(content.lastIndexOf('\n', at) + 1, at)
  return line.includes('//') || /^\s*\*/.test(line) || content.lastIndexOf('/*', at) > content.lastIndexOf('*/', at)
}

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
