import { parseAddress } from '../../../../network/index.ts'

/** The words of nft's own language (nft(8), LEXICAL CONVENTIONS; scanner.l of nftables 1.0.6). */
export interface Token {
  readonly kind: 'word' | 'number' | 'address' | 'string' | 'variable' | 'reference' | 'mark' | 'newline' | 'junk' | 'end'
  /** Of a string without its quotes, of a variable and a reference without `$` and `@`. */
  readonly text: string
  /** Offsets; `end` is exclusive. */
  readonly start: number
  readonly end: number
}

/** Blanks, lines that go on, comments. A comment ends with its line, whatever its last character. */
const BLANK = /(?:[ \t]|\\\n|#[^\n]*)+/y
const STRING = /"([^"]*)"/y
const FOUR = /\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?![\w.])/y
/** What may be an IPv6 address; whether it is one, `parseAddress` says. */
const SIX = /(?=[\da-fA-F]{0,4}:)[\da-fA-F:.]{2,45}/y
const HARDWARE = /(?:[\da-fA-F]{1,2}:){5}[\da-fA-F]{1,2}(?![\w:])/y
const CLASS = /[\da-fA-F]{1,4}:[\da-fA-F]{1,4}(?![\w:.])/y
const NUMBER = /(?:0[xX][\da-fA-F]+|\d+)(?!\w)/y
/** A name, which may have blanks neither before nor behind its dots, slashes and dashes; a time such as `1h30m`. */
const WORD = /(?:[A-Za-z_]|\.(?=\w))[\w./-]*(?:\\?\*)?|\d\w*/y
const VARIABLE = /\$([A-Za-z_][\w./-]*)/y
const REFERENCE = /@([A-Za-z_][\w./-]*)/y
const MARK = /<=|>=|==|!=|<<|>>|[{}()[\],;:.=<>&|^!+*/-]/y

const PLAIN: readonly (readonly [Token['kind'], RegExp])[] = [
  ['string', STRING],
  ['address', FOUR],
  ['number', NUMBER],
  ['word', WORD],
  ['variable', VARIABLE],
  ['reference', REFERENCE],
  ['mark', MARK],
]

/** The token that begins at the first place from `offset` on that is not blank. Each call takes time in proportion to what it passes. */
export function tokenAt(text: string, offset: number): Token {
  BLANK.lastIndex = offset
  const start = BLANK.test(text) ? BLANK.lastIndex : offset
  if (start >= text.length) return { kind: 'end', text: '', start: text.length, end: text.length }
  if (text[start] === '\n') return { kind: 'newline', text: '\n', start, end: start + 1 }
  const six = colonsAt(text, start)
  if (six !== undefined) return six
  for (const [kind, pattern] of PLAIN) {
    pattern.lastIndex = start
    const found = pattern.exec(text)
    if (found !== null) return { kind, text: found[1] ?? found[0], start, end: pattern.lastIndex }
  }
  return { kind: 'junk', text: text[start] as string, start, end: start + 1 }
}

/** Addresses of IPv6 and of network cards, and handles of traffic classes (`1:2`). */
function colonsAt(text: string, start: number): Token | undefined {
  SIX.lastIndex = start
  const candidate = SIX.exec(text)?.[0]
  if (candidate === undefined) return undefined
  // The colon of a map may follow at once.
  const address = [candidate, candidate.replace(/:$/, '')].find((each) => parseAddress(each) !== undefined)
  if (address !== undefined) return { kind: 'address', text: address, start, end: start + address.length }
  for (const pattern of [HARDWARE, CLASS]) {
    pattern.lastIndex = start
    const found = pattern.exec(text)?.[0]
    if (found !== undefined) return { kind: 'word', text: found, start, end: start + found.length }
  }
  return undefined
}

/** A part of the text on one line, without comments: how a rule is shown. */
export function onOneLine(text: string): string {
  return text
    .replace(/"[^"]*"|#[^\n]*|\\\n/g, (found) => (found.startsWith('"') ? found : ' '))
    .replace(/\s+/g, ' ')
    .trim()
}
