import { rangesOfWords } from './command.ts'
import { isOption, isSecretOption, mayGiveSecret, USER_AND_PASSWORD } from './names.ts'
import type { TextRange } from './ranges.ts'
import { signsIn } from './sign-in.ts'

/**
 * Words of a command that may well be secrets, whichever program is started. They are hidden where they would be shown; what decides where
 * a server listens is still read from them.
 */

const OPTION = /^--?([A-Za-z][\w.-]{0,127})$/
/** `--key=value`, `--key:value`, and `KEY=value` as `env` and `docker run -e` take it. */
const GIVEN = /^(?:--?|(?=[A-Z][\w.-]{0,127}=))([A-Za-z][\w.-]{0,127})[=:](?!\\?(?:["'`]|$)|\$)/
/** Options of many programs that take `user:password`. */
const USER_OPTION = /^(?:-[uU]|--(?:user(?:name|pass)?|proxy-user|login|basic-?auth|auth|cred(?:ential)?s?))$/
/** `-pSECRET` of any program: not a port, a path, an address or a long option with one dash. */
const ATTACHED_PASSWORD = /^-p(?![a-z-]+(?:=|$)|[\d.,:/-]+(?:tcp|udp)?$|[./~$])[^\s=]{4,}$/
/** A key in hexadecimal digits; a container's id has 64. */
const HEXADECIMAL = /^[0-9a-f]{24,63}$/i
const NAMES_A_THING = /(?:^|-)(?:id|rev|revision|commit|container|image|digest|uuid|hash|ref|index)$/i

/** Where in a word a secret begins that is known without knowing the program. */
function suspectIn(word: string, before: string): number | undefined {
  const option = OPTION.exec(before)?.[1]
  if (option !== undefined && !isOption(word)) {
    if (mayGiveSecret(option, word)) return 0
    if (HEXADECIMAL.test(word) && !NAMES_A_THING.test(option)) return 0
  }
  const [head = '', name = ''] = GIVEN.exec(word) ?? []
  if (head !== '' && (isSecretOption(head.slice(0, -1)) || mayGiveSecret(name, word.slice(head.length)))) return head.length
  if (USER_OPTION.test(before) || /^-[uU]\S|^--[a-z-]{1,32}=/.test(word)) {
    const isGiven = USER_OPTION.test(before) || USER_OPTION.test(word.replace(/=[^]*$/, '')) || /^-[uU]/.test(word)
    const pair = isGiven ? USER_AND_PASSWORD.exec(word) : null
    if (pair !== null) return pair[0].length
  }
  return ATTACHED_PASSWORD.test(word) ? '-p'.length : undefined
}

/** A program of one's own: what its options mean is not known. */
const OWN_PROGRAM = /^(?:\.{1,2}\/[\w./-]+|[\w./@-]+\.(?:[cm]?[jt]sx?|py|rb|php|pl|sh|jar))$/
/** `-p` is a port far more often: a number, an address, a path, a file, a variable. */
const NO_PASSWORD = /^(?:[\d.,:/[\]-]+(?:tcp|udp)?|[./~$-].*|\S*\/.*|[\w-]+\.[a-z]{2,5}|localhost(?::\d+)?)$/

/** Which words of a command are likely to be secrets, and from which character of them on. */
export function suspectWords(words: readonly string[]): ReadonlyMap<number, number> {
  const found = new Map<number, number>()
  let isOwn = false
  for (const [index, word] of words.entries()) {
    const before = words[index - 1] ?? ''
    const from = suspectIn(word, before) ?? (isOwn && before === '-p' && word !== '' && !NO_PASSWORD.test(word) ? 0 : undefined)
    isOwn = /^(?:[;|&]+)$/.test(word) ? false : isOwn || OWN_PROGRAM.test(word)
    if (from !== undefined) found.set(index, from)
  }
  return found
}

/** A quick look before a text is taken apart. */
const MAY_HOLD =
  /(?:^|[\s"'`,[])(?:--?[A-Za-z][\w.-]{0,64}(?=[\s=:"'`,]|$)|-[uU]\S{0,64}:|-p\S{4}|[A-Z_]{0,64}(?:PW|PASS|AUTH|JWT|KEY|LICEN[CS]E|CRED|PSK|PIN|OTP|SALT)[A-Z_]{0,64}=)/

/** Where a text has such words. */
export function suspects(text: string): readonly TextRange[] {
  return [...(MAY_HOLD.test(text) ? rangesOfWords(text, suspectWords) : []), ...signsIn(text)]
}
