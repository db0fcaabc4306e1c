import { ABSENT, joinValues, type FileOrigin, type Value } from '../../evidence/index.ts'
import type { Passage } from '../passage.ts'

/** Words of one line. */
const WORDS = 2_000

/** One word of a value, quotes and escapes taken out (systemd.syntax(7), QUOTING), each character with its place. */
export interface UnitWord {
  readonly text: string
  readonly start: number
  readonly end: number
  /** A quote that is not closed, or an escape that there is not: some settings then leave out this word and all behind it. */
  readonly isDamaged: boolean
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '"': '"',
  "'": "'",
  s: ' ',
}
const ESCAPE = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|([^]))/y

/** Splits at blanks. Quotes count at the beginning and inside of words; what is not closed runs to the end. */
export function unitWords(content: string): readonly UnitWord[] {
  const words: UnitWord[] = []
  let at = 0
  while (at < content.length && words.length < WORDS) {
    while (at < content.length && /\s/.test(content[at] ?? '')) at++
    if (at >= content.length) break
    const start = at
    let text = ''
    let quote: string | undefined
    let isDamaged = false
    while (at < content.length) {
      const character = content[at] ?? ''
      if (quote === undefined && /\s/.test(character)) break
      if (character === '\\') {
        ESCAPE.lastIndex = at
        const match = ESCAPE.exec(content)
        if (match === null) {
          isDamaged = true
          at++
          continue
        }
        const [whole, two, four, eight, octal, single = ''] = match
        const code = two ?? four ?? eight
        // `\;` stays as it is: alone it stands for a semicolon that separates no commands (systemd.service(5)).
        text +=
          code !== undefined
            ? fromCode(Number.parseInt(code, 16))
            : octal !== undefined
              ? fromCode(Number.parseInt(octal, 8))
              : (ESCAPES[single] ?? whole)
        isDamaged ||= single !== '' && ESCAPES[single] === undefined
        at += whole.length
      } else if (quote === undefined && (character === '"' || character === "'")) {
        quote = character
        at++
      } else if (character === quote) {
        quote = undefined
        at++
      } else {
        text += character
        at++
      }
    }
    words.push({ text, start, end: at, isDamaged: isDamaged || quote !== undefined })
  }
  return words
}

function fromCode(code: number): string {
  return code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd'
}

/** What `%` and a letter stand for; a letter that is not here depends on the machine. */
export type Specifiers = ReadonlyMap<string, string>

/** The word with specifiers put in (systemd.unit(5), SPECIFIERS). */
export function withSpecifiers(text: string, specifiers: Specifiers, origin: FileOrigin): Value {
  if (!text.includes('%')) return { kind: 'known', value: text, origin }
  const parts: Value[] = []
  let from = 0
  for (const match of text.matchAll(/%([%A-Za-z])/g)) {
    const letter = match[1] ?? ''
    const known = letter === '%' ? '%' : specifiers.get(letter)
    parts.push({ kind: 'known', value: text.slice(from, match.index), origin })
    parts.push(
      known === undefined
        ? { kind: 'unknown', reason: `\`%${letter}\` is decided when the unit is started`, origin }
        : { kind: 'known', value: known, origin },
    )
    from = match.index + 2
  }
  parts.push({ kind: 'known', value: text.slice(from), origin })
  return joinValues(parts, origin)
}

export type Lookup = (name: string) => Value | undefined

/** `$NAME` as a word becomes its words, `${NAME}` anywhere its text, `$$` a dollar (systemd.service(5), COMMAND LINES). */
export function substituted(word: UnitWord, passage: Passage, specifiers: Specifiers, lookup: Lookup): readonly Value[] {
  const origin = passage.origin(word.start, word.end)
  const alone = /^\$([A-Za-z_]\w*)$/.exec(word.text)?.[1]
  if (alone !== undefined) {
    const value = lookup(alone) ?? ABSENT
    if (value.kind !== 'known') return value.kind === 'absent' ? [] : [value]
    return unitWords(String(value.value)).map(({ text }) => ({ kind: 'known', value: text, origin: value.origin }))
  }
  if (!word.text.includes('$')) return [withSpecifiers(word.text, specifiers, origin)]
  const parts: Value[] = []
  let from = 0
  for (const match of word.text.matchAll(/\$\$|\$\{([A-Za-z_]\w*)\}/g)) {
    parts.push(withSpecifiers(word.text.slice(from, match.index), specifiers, origin))
    parts.push(match[1] === undefined ? { kind: 'known', value: '$', origin } : (lookup(match[1]) ?? ABSENT))
    from = match.index + match[0].length
  }
  parts.push(withSpecifiers(word.text.slice(from), specifiers, origin))
  return [joinValues(parts, origin)]
}
