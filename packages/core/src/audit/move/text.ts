import { Text } from '../../evidence/index.ts'
import { nameOf, type SourceLanguage, type SyntaxNode, type Tools } from '../../systems/index.ts'

/** What a file is, as far as it matters to a number in it. */
type FileKind = 'variables' | 'script' | 'dockerfile' | 'compose' | 'data' | 'source' | 'prose'

interface Row {
  readonly kind: FileKind
  readonly path: RegExp
  readonly language?: SourceLanguage
}

/** The first that fits. What none fits is configuration with `#` comments, as most is. */
const KINDS: readonly Row[] = [
  { kind: 'prose', path: /\.(?:md|mdx|markdown|rst|adoc|txt|html?|svg)$|(?:^|\/)(?:README|CHANGELOG|LICENSE|NOTES)[^/.]*$/i },
  { kind: 'variables', path: /(?:^|\/)(?:\.env(?:\.[\w.-]+)?|[\w.-]+\.env|\.flaskenv)$/ },
  { kind: 'compose', path: /(?:^|\/)(?:docker-)?compose[\w.-]*\.ya?ml$/ },
  { kind: 'dockerfile', path: /(?:^|\/)(?:Dockerfile|Containerfile)(?:\.[\w.-]+)?$|\.dockerfile$/i },
  { kind: 'source', path: /\.(?:[cm]?js|jsx)$/, language: 'javascript' },
  { kind: 'source', path: /\.(?:[cm]?ts)$/, language: 'typescript' },
  { kind: 'source', path: /\.tsx$/, language: 'tsx' },
  { kind: 'source', path: /\.py$/, language: 'python' },
  { kind: 'source', path: /\.go$/, language: 'go' },
  {
    kind: 'script',
    path: /\.(?:sh|bash|zsh|ps1|psm1|bat|cmd|mk|service)$|(?:^|\/)(?:Makefile|GNUmakefile|Procfile|Justfile|Taskfile)[\w.-]*$|(?:^|\/)package\.json$/i,
  },
]

const rowOf = (path: string): Row | undefined => KINDS.find((each) => each.path.test(nameOf(path)) || each.path.test(path))

/** What it says holds inside the containers of an image. */
export const isImage = (path: string): boolean => rowOf(path)?.kind === 'dockerfile'

/** A place in a file where the number stands by itself. */
export interface Occurrence {
  readonly file: Text
  readonly kind: FileKind
  /** Of the digits; the end is exclusive. */
  readonly start: number
  readonly end: number
  /** Of its line, before and behind it. */
  readonly before: string
  readonly after: string
  /** The same of its command: with the lines that a backslash at the end of one joins to it. */
  readonly command: { readonly before: string; readonly number: string; readonly after: string }
  readonly comment: boolean
}

/** Of a line that is longer, so much on either side is looked at, in UTF-16 code units. */
const AROUND = 400
/** Places of one file that are looked at; a file that has more is no person's. */
export const MOST_PLACES = 500

/** The number where it stands by itself: not as part of a longer number or word. */
export function asNumber(number: number, flags?: 'g'): RegExp {
  return new RegExp(`(?<![\\w.])${number}(?!\\w|\\.\\d)`, flags)
}

/** Every place of a file that has the number, and not as part of a longer number or word; one more than `MOST_PLACES` of a file with more. */
export function occurrencesOf(path: string, content: string, number: number, tools: Tools): readonly Occurrence[] {
  const file = new Text(path, content)
  const row = rowOf(path)
  const matches = [...content.matchAll(asNumber(number, 'g'))].slice(0, MOST_PLACES + 1)
  const comments = matches.length === 0 ? () => false : commentsOf(file, row, tools)
  return matches.map(({ index: start }): Occurrence => {
    const end = start + String(number).length
    const { line, column } = file.position(start)
    const text = file.line(line)
    const before = text.slice(Math.max(0, column - 1 - AROUND), column - 1)
    const after = text.slice(column - 1 + end - start, column - 1 + end - start + AROUND)
    return {
      file,
      kind: row?.kind ?? 'data',
      start,
      end,
      before,
      after,
      command: { before: joinedBefore(file, line) + before, number: String(number), after: joinedAfter(file, line, after) },
      comment: comments(start),
    }
  })
}

/** Lines of one command that are looked at on either side. */
const MOST_JOINED = 20

function joinedBefore(file: Text, line: number): string {
  let text = ''
  for (let at = line - 1; at > 0 && at >= line - MOST_JOINED && file.line(at).endsWith('\\'); at--)
    text = `${file.line(at).slice(0, -1).trim().slice(-AROUND)} ${text}`
  return text
}

function joinedAfter(file: Text, line: number, after: string): string {
  let text = after
  for (let at = line + 1; at <= line + MOST_JOINED && text.endsWith('\\'); at++)
    text = `${text.slice(0, -1).trimEnd()} ${file.line(at).trim().slice(0, AROUND)}`
  return text
}

function commentsOf(file: Text, row: Row | undefined, tools: Tools): (offset: number) => boolean {
  if (row?.kind === 'prose') return () => true
  const root = row?.language === undefined ? undefined : tools.parseSource(row.language, file.content)
  if (root !== undefined) return (offset) => isCommentAt(root, offset)
  return (offset) => {
    const { line, column } = file.position(offset)
    return hashBefore(file.line(line).slice(0, column - 1))
  }
}

function isCommentAt(root: SyntaxNode, offset: number): boolean {
  let node: SyntaxNode | undefined = root
  // A tree that is deeper is no person's code.
  for (let depth = 0; node !== undefined && depth < 500; depth++) {
    if (/comment/.test(node.kind())) return true
    node = node.children().find((child) => {
      const { start, end } = child.range()
      return start.index <= offset && offset < end.index
    })
  }
  return false
}

/** A `#` or `;` that begins a comment, as shells, YAML, systemd and nginx have it: at the start or behind a blank, and in no quotes. */
function hashBefore(before: string): boolean {
  if (/^\s*(?:[#;]|\/\/|REM\s)/i.test(before)) return true
  let quote = ''
  for (let index = 0; index < before.length; index++) {
    const letter = before[index] ?? ''
    if (quote === '' && letter === '#' && /\s/.test(before[index - 1] ?? ' ')) return true
    if (letter === '\\') index++
    else if (letter === quote) quote = ''
    else if (quote === '' && (letter === '"' || letter === "'")) quote = letter
  }
  return false
}
