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

/** Static imports, `require` and `import()` with a literal, found in the text; `isCode` is asked where the text alone does not tell a comment. */
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
    const comment = inComment(content, match.index)
    if (comment === 'yes' || (comment === 'perhaps' && !isCode(offset))) continue
    found.push({ specifier, offset })
  }
  return found
}

/** Whether a comment is around an offset, told from the text alone; `perhaps` where a string with `/*` in it makes that doubtful. */
function inComment(content: string, at: number): 'yes' | 'no' | 'perhaps' {
  const line = content.slice(content.lastIndexOf('\n', at) + 1, at)
  for (let slashes = line.indexOf('//'); slashes >= 0; slashes = line.indexOf('//', slashes + 2))
    if (isOutsideQuotes(line.slice(0, slashes))) return 'yes'
  const opened = content.lastIndexOf('/*', at)
  if (opened < 0 || opened < content.lastIndexOf('*/', at)) return 'no'
  return isOutsideQuotes(content.slice(content.lastIndexOf('\n', opened) + 1, opened)) ? 'yes' : 'perhaps'
}

const isOutsideQuotes = (text: string): boolean => ["'", '"', '`'].every((quote) => text.split(quote).length % 2 === 1)

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
