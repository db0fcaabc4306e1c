import { isSecretName, REDACTED, redact, secretWords, suspectWords } from './secrets/index.ts'

declare const shown: unique symbol

/** Text that may be put before a person's eyes: made by `show` only, so that no secret and no control character passes. */
export type Shown = string & { readonly [shown]: true }

/** The longest text shown of any one line, in UTF-16 code units. */
export const SHOWN_LENGTH = 200

/**
 * Characters that could forge lines, move a terminal's cursor or hide and reorder text (CVE-2021-42574): control and format
 * characters, line and paragraph separators, and halves of surrogate pairs.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu

const PLAIN = /^[\x20-\x7e]*$/

/** The text with every character that is not printed by itself written as `\u{…}`; a tab is a blank. Secrets stay: this is for names and paths. */
export function printable(text: string): string {
  if (PLAIN.test(text)) return text
  return text.replace(UNPRINTABLE, (character) => (character === '\t' ? ' ' : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`))
}

/**
 * The one door through which text of the deployment reaches a report: secrets replaced by `[redacted]`, what is not
 * printable written out, cut to `limit` code units.
 */
export function show(text: string, limit: number = SHOWN_LENGTH): Shown {
  return cut(printable(redact(beginning(text, limit))), limit) as Shown
}

/** The words of a command as they may be shown: the value of `--password`, or of `mysql -p`, is a word that does not know what it is. */
export function showWords(words: readonly string[]): readonly Shown[] {
  const secrets = secretWords(words)
  const suspects = suspectWords(words)
  return words.map((word, index) => {
    const from = secrets.get(index) ?? suspects.get(index) ?? valueStart(word)
    return from === undefined ? show(word) : show(`${word.slice(0, from)}${REDACTED}`)
  })
}

/** A word that gives a secret its value does so to its end, blanks or not: `DB_PASSWORD=a b`, `X-API-Key: a b`. */
function valueStart(word: string): number | undefined {
  const [head = '', name = ''] = /^-{0,2}([\w.-]{1,128})(?:=|:\s)(?!["'`])/.exec(word) ?? []
  return isSecretName(name) ? head.length : undefined
}

/**
 * No more than is looked at: a hostile line costs no more than a short one. What the cut goes through is left out, since half
 * a secret is not known for one.
 */
function beginning(text: string, limit: number): string {
  const window = limit * 4
  return text.length <= window ? text : `${text.slice(0, window).replace(/[^\s"'`,;(){}<>|&]*$/, '')}…`
}

function cut(text: string, limit: number): string {
  return text.length > limit ? `${text.slice(0, limit - 1).replace(/[\ud800-\udbff]$/, '')}…` : text
}
