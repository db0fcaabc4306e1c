import type { Text } from '../../../evidence/index.ts'

/** One place that names another module. */
interface Mention {
  readonly specifier: string
  /** Offset of the specifier's text. */
  readonly offset: number
}

const IMPORTS = /\b(?:from\s*|import\s*(?:\(\s*)?|require\s*\(\s*)(['"`])([^'"`\n\r$]{1,300})\1/g

/** Imports of types alone vanish when the program is built. */
const TYPE_ONLY = /^(?:import|export)\s+type\s+(?!from\b)/

/** How far before `from` its statement may begin, and how long the part of a line may be that is searched for a comment. */
const NEAR = 2_000

/** Static imports, `require` and `import()` with a literal, found in the text; `isCode` is asked where the text alone does not tell a comment. */
export function mentionsIn(file: Text, isCode: (offset: number) => boolean): readonly Mention[] {
  const { content } = file
  const comments = new BlockComments(content)
  const found: Mention[] = []
  for (const match of content.matchAll(IMPORTS)) {
    const specifier = match[2] ?? ''
    const offset = match.index + match[0].length - 1 - specifier.length
    if (TYPE_ONLY.test(statementAt(content, match))) continue
    const comment = inComment(content, match.index, comments)
    if (comment === 'yes' || (comment === 'perhaps' && !isCode(offset))) continue
    found.push({ specifier, offset })
  }
  return found
}

/** The beginning of the statement that a match belongs to. */
function statementAt(content: string, match: RegExpExecArray): string {
  if (!match[0].startsWith('from')) return content.slice(match.index, match.index + 40)
  const before = content.slice(Math.max(0, match.index - NEAR), match.index)
  return before.slice(Math.max(0, before.lastIndexOf('import'), before.lastIndexOf('export')))
}

/** The last `/*` before an offset, where nothing closed it. Offsets have to be asked in ascending order. */
class BlockComments {
  readonly #content: string
  #opened = -1
  #closed = -1
  #next: number

  constructor(content: string) {
    this.#content = content
    this.#next = content.indexOf('/*')
  }

  openAt(offset: number): number | undefined {
    while (this.#next >= 0 && this.#next < offset) {
      this.#opened = this.#next
      this.#closed = this.#content.indexOf('*/', this.#opened + 2)
      this.#next = this.#closed < 0 ? -1 : this.#content.indexOf('/*', this.#closed + 2)
    }
    if (this.#opened < 0) return undefined
    return this.#closed < 0 || this.#closed >= offset ? this.#opened : undefined
  }
}

/** Whether a comment is around an offset, told from the text alone; `perhaps` where a string with `/*` in it makes that doubtful. */
function inComment(content: string, at: number, comments: BlockComments): 'yes' | 'no' | 'perhaps' {
  const line = lineBefore(content, at)
  if (line === undefined) return 'perhaps'
  for (let slashes = line.indexOf('//'); slashes >= 0; slashes = line.indexOf('//', slashes + 2)) {
    if (isOutsideQuotes(line.slice(0, slashes))) return 'yes'
  }
  const opened = comments.openAt(at)
  if (opened === undefined) return 'no'
  const before = lineBefore(content, opened)
  return before !== undefined && isOutsideQuotes(before) ? 'yes' : 'perhaps'
}

/** The line up to an offset; `undefined` where it is longer than people write. */
function lineBefore(content: string, at: number): string | undefined {
  const near = content.slice(Math.max(0, at - NEAR), at)
  const start = near.lastIndexOf('\n')
  return start < 0 && at > NEAR ? undefined : near.slice(start + 1)
}

const isOutsideQuotes = (text: string): boolean => ["'", '"', '`'].every((quote) => text.split(quote).length % 2 === 1)
