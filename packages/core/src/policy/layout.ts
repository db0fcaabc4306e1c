import { show, type Text } from '../evidence/index.ts'
import type { Problem } from './diagnostic.ts'
import { code } from './found.ts'
import type { Place } from './places.ts'

/** What is wrong with how lines stand, in plain words: YAML’s own speak of the grammar, and of where reading stopped. */

/** A line that holds something. */
interface Line {
  readonly number: number
  /** Blanks before it. */
  readonly indent: number
  /** Its key, or `-`; absent: neither. */
  readonly name?: string
  /** Where the key of an entry of a list stands, behind `- `. */
  readonly inner?: number
  /** It has a value of its own, so that nothing belongs below it. */
  readonly full: boolean
}

/** So many lines around a mistake are looked at. */
const MOST_LINES = 500

const CONTENT = /^( {0,500})((?:- {1,50})*)(?:("[^"]{0,200}"|'[^']{0,200}'|[^\s"'#{}[\],&*!|>%@`-][^:#]{0,200}?) {0,50}:(?=\s|$))?(.*)$/

function lineAt(text: Text, number: number): Line | undefined {
  const [, blanks = '', dashes = '', key, rest = ''] = CONTENT.exec(text.line(number)) ?? []
  if (dashes === '' && key === undefined && /^\s*(?:#|$)/.test(rest)) return undefined
  const value = rest.trim()
  const isList = dashes !== '' || /^-$/.test(value)
  const name = isList ? '-' : key
  return {
    number,
    indent: blanks.length,
    ...(name === undefined ? {} : { name }),
    ...(dashes === '' || key === undefined ? {} : { inner: blanks.length + dashes.length }),
    full: value !== '' && !/^(?:#|[|>&!]|-$)/.test(value),
  }
}

/** The nearest line that holds something, from `number` on. */
function nearest(text: Text, number: number, step: 1 | -1): Line | undefined {
  for (let at = number, left = MOST_LINES; at >= 1 && at <= text.lineStarts.length && left > 0; at += step, left--) {
    const line = lineAt(text, at)
    if (line !== undefined) return line
  }
  return undefined
}

/** The columns at which something could go on below a line, the deepest first, each with who stands there last. */
function levelsAbove(text: Text, below: Line): readonly { readonly indent: number; readonly by: Line }[] {
  const levels: { indent: number; by: Line }[] = []
  let left = MOST_LINES
  for (let line = nearest(text, below.number - 1, -1); line !== undefined && left-- > 0; line = nearest(text, line.number - 1, -1)) {
    for (const indent of [...(line.inner === undefined ? [] : [line.inner]), line.indent])
      if (indent < (levels.at(-1)?.indent ?? Number.POSITIVE_INFINITY)) levels.push({ indent, by: line })
    if (line.indent === 0) break
  }
  return levels
}

const named = ({ name, number }: Line): string => (name === undefined ? `line ${number}` : `${code(show(name, 60))} in line ${number}`)
const spaces = (count: number): string => (count === 1 ? '1 space' : `${count} spaces`)

interface Found {
  readonly place: Place
  readonly problem: Problem
}

/** What is wrong with the indentation of the line at `offset`, or of the one behind it; `undefined`: nothing that shows. */
export function misplacedAt(text: Text, offset: number): Found | undefined {
  const here = nearest(text, text.position(offset).line, 1)
  const next = here === undefined ? undefined : nearest(text, here.number + 1, 1)
  return [here, next].map((line) => (line === undefined ? undefined : misplaced(text, line))).find((found) => found !== undefined)
}

function misplaced(text: Text, line: Line): Found | undefined {
  const above = nearest(text, line.number - 1, -1)
  if (line.name === undefined || above === undefined) return undefined
  const all = levelsAbove(text, line)
  const alike = all.filter(({ indent, by }) => (line.name === '-') === (by.name === '-' && indent === by.indent))
  const levels = alike.length === 0 ? all : alike
  const own = show(line.name, 60)
  const start = (text.lineStarts[line.number - 1] ?? 0) + line.indent
  const place = { text, start, end: start + line.name.length }
  const as = ({ indent, by }: (typeof levels)[number]): string =>
    indent === 0 ? `do not indent it, as ${named(by)}` : `indent it by ${spaces(indent)}, as ${named(by)}`
  const [deepest] = levels
  if (deepest !== undefined && line.indent > deepest.indent) {
    if (!above.full || above.name === undefined || !isClosed(text.line(above.number))) return undefined
    const message = `${code(own)} is indented deeper than ${named(above)}, which has its value already`
    return { place, problem: { code: 'yaml-syntax', message, hint: as(deepest) } }
  }
  if (levels.some(({ indent }) => indent === line.indent)) return undefined
  const around = [levels.findLast(({ indent }) => indent > line.indent), levels.find(({ indent }) => indent < line.indent)]
  const ways = around.flatMap((level) => (level === undefined ? [] : [as(level)]))
  if (ways.length === 0) return undefined
  const message = `${code(own)} is indented by ${spaces(line.indent)}, and no key or entry that it could stand beside is`
  return { place, problem: { code: 'yaml-syntax', message, hint: ways.join('; or ') } }
}

/** Whether every bracket of the line is closed on it; those in quotes count too, and then nothing is said. */
function isClosed(line: string): boolean {
  return line.replace(/[^[{]/g, '').length === line.replace(/[^\]}]/g, '').length
}

const CLOSING: Readonly<Record<string, string>> = { '{': '}', '[': ']', '"': '"', "'": "'" }

/** The bracket or quote that is open at `offset`: the outermost quote, else the innermost bracket. */
export function openAt(text: Text, offset: number): Found | undefined {
  const { content } = text
  const open: number[] = []
  // Where a value may begin: only there is a bracket or a quote more than a character of a word.
  let begins = true
  for (let at = 0; at < offset; at++) {
    const character = content[at] ?? ''
    if (character === '\n' || character === '\r') begins = true
    else if (character === ' ' || character === '\t') continue
    else if (character === '#' && (at === 0 || /\s/.test(content[at - 1] ?? ''))) at = lineEnd(content, at) - 1
    else if (begins && (character === '"' || character === "'")) {
      const end = quoteEnd(content, at)
      if (end === undefined || end > offset) return neverClosed(text, at, offset)
      at = end
      begins = false
    } else if ((begins || open.length > 0) && (character === '{' || character === '[')) {
      open.push(at)
      begins = true
    } else if (open.length > 0 && (character === '}' || character === ']')) {
      open.pop()
      begins = false
    } else
      begins =
        open.length > 0
          ? /[,:]/.test(character)
          : /[:-]/.test(character) && /\s/.test(content[at + 1] ?? ' ') && (begins || character === ':')
  }
  const last = open.at(-1)
  return last === undefined ? undefined : neverClosed(text, last, offset)
}

function lineEnd(content: string, from: number): number {
  const end = content.slice(from, from + 10_000).search(/[\r\n]/)
  return end < 0 ? from + 10_000 : from + end
}

/** Where a quoted text ends; `''` in single quotes and `\"` in double ones do not end it. */
function quoteEnd(content: string, from: number): number | undefined {
  const quote = content[from]
  for (let at = from + 1; at < content.length; at++) {
    if (quote === '"' && content[at] === '\\') at++
    else if (content[at] === quote && quote === "'" && content[at + 1] === quote) at++
    else if (content[at] === quote) return at
  }
  return undefined
}

function neverClosed(text: Text, at: number, offset: number): Found {
  const sign = text.content[at] ?? ''
  const closing = CLOSING[sign] ?? ''
  const { line } = text.position(offset)
  const before =
    offset >= text.content.length ? ' before the end of the file' : line === text.position(at).line ? '' : ` before line ${line}`
  const isQuote = sign === closing
  const problem: Problem = {
    code: 'yaml-syntax',
    message: `this ${isQuote ? 'quote' : code(sign)} is not closed${before}`,
    hint: isQuote
      ? `close it with ${code(closing)} behind the value`
      : `close it with ${code(closing)} behind the last value that belongs to it, or indent what belongs to it deeper than its key`,
  }
  return { place: { text, start: at, end: at + 1 }, problem }
}

/** The key that follows one without a value at the same column, as if it belonged to it. */
export function besideEmpty(place: Place): { readonly key: string; readonly text: string } | undefined {
  const { text, start } = place
  const own = nearest(text, text.position(start).line, 1)
  const next = own === undefined ? undefined : nearest(text, own.number + 1, 1)
  if (own === undefined || own.full || own.name === undefined || next?.name === undefined || next.name === '-') return undefined
  return next.indent === (own.inner ?? own.indent) ? { key: next.name, text: named(next) } : undefined
}

/** The key without a value that stands right above this one at the same column. */
export function emptyAbove(place: Place): string | undefined {
  const { text, start } = place
  const own = nearest(text, text.position(start).line, 1)
  const above = own === undefined ? undefined : nearest(text, own.number - 1, -1)
  if (own === undefined || above === undefined || above.full || above.name === undefined || above.name === '-') return undefined
  return above.indent === own.indent ? named(above) : undefined
}
