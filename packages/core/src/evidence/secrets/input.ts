import { isSecretName } from './names.ts'
import type { TextRange } from './ranges.ts'
import { isFetched } from './substitution.ts'

/** Commands that take a secret from their standard input, from each program's own manual page. */
const READERS: readonly RegExp[] = [
  /\bsudo\s(?:[^|]*\s)?(?:-[A-Za-z]*S|--stdin)(?:\s|$)/,
  /\s--password-stdin(?![\w-])/,
  /(?:^|\s|bin\/)(?:chpasswd|chgpasswd|newusers|passwd)(?:\s|$|["'`])/,
  /\bsmbpasswd\s(?:[^|]*\s)?-[A-Za-z]*s/,
  /\bgh\s+auth\s+login\s(?:[^|]*\s)?--with-token/,
  /\b(?:docker|podman)\s+secret\s+create\s/,
  /\bgpg2?\s(?:[^|]*\s)?--passphrase-fd[\s=]0/,
  /\bopenssl\s(?:[^|]*\s)?-pass(?:in|out)?\s+stdin/,
  /\bcryptsetup\s/,
  /\bkinit(?:\s|$)/,
]

/** A quick look before a text is taken apart. */
const MAY_READ = /sudo\s|stdin|passwd|newusers|--with-token|secret|--passphrase-fd|cryptsetup|kinit|<<</

/** What is written into a pipe, and the command behind it. */
const PIPE = /\b(?:echo|printf)\s((?:[^|;&"'\n]|"[^"\n]{0,256}"|'[^'\n]{0,256}'){1,256})\|(?!\|)([^|;&\n]{1,256})/g
/** `COMMAND <<< WORD` (bash(1), Here Strings). */
const HERE_STRING = /<<<[ \t]{0,8}("[^"\n]{0,256}"?|'[^'\n]{0,256}'?|[^\s;|&"'`]{1,256})/g
const WORD = /\$\([^)\n]{0,256}\)|"[^"\n]*"|'[^'\n]*'|[^\s"']+/g
const QUOTES = /^["']|\\?["']$/g
/** What a variable, a file or a format brings in, also behind the name of a user. */
const BROUGHT = /^(?:[\w.-]{0,64}:(?=\$))?(?:\$\{?\w+\}?|[%:]|%s|\\{1,2}[n"']?)*$/

/** Where a text hands a secret to a command that reads it from its standard input: `echo … | sudo -S`, `read PASSWORD <<< …`. */
export function inputSecrets(text: string): readonly TextRange[] {
  if (!/[|<]/.test(text) || !MAY_READ.test(text)) return []
  const found: TextRange[] = []
  for (const match of text.matchAll(PIPE)) {
    const [whole, words = '', command = ''] = match
    if (READERS.some((reader) => reader.test(command))) found.push(...wordsOf(words, match.index + whole.indexOf(words)))
  }
  for (const match of text.matchAll(HERE_STRING)) {
    const [whole, word = ''] = match
    const command = /[^|;&\n]*$/.exec(text.slice(Math.max(0, match.index - 256), match.index))?.[0] ?? ''
    if (readsName(command) || READERS.some((reader) => reader.test(command)))
      found.push(...wordsOf(word, match.index + whole.length - word.length))
  }
  return found
}

/** `read -r USER PASSWORD` */
function readsName(command: string): boolean {
  const names = /(?:^|\s)read\s(.*)$/.exec(command)?.[1]
  return names !== undefined && names.split(/\s+/).some((name) => isSecretName(name))
}

function wordsOf(words: string, at: number): readonly TextRange[] {
  return [...words.matchAll(WORD)].flatMap((match) => {
    const [word] = match
    const text = word.replace(QUOTES, '')
    if (/^-[A-Za-z]$/.test(word) || BROUGHT.test(text) || isFetched(text)) return []
    const start = at + match.index + (/^["']/.test(word) ? 1 : 0)
    return [{ start, end: start + text.length }]
  })
}
