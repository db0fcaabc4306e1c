import { isOption, isSecretOption } from './names.ts'
import type { TextRange } from './ranges.ts'
import { isFetched, substitutionAt } from './substitution.ts'

/** A program with options that carry a secret without saying so by their name. */
interface Row {
  readonly program: RegExp
  /** A word that has to be there as well: `docker login`. */
  readonly word?: string
  /** The next word, or the rest of the option's own, is the secret. */
  readonly options: readonly string[]
  /** Only what stands in the option's own word is (`mysql -pSECRET`); the next word is a database. */
  readonly attachedOnly?: boolean
  /** It starts another program, whose options are its own: `sshpass -p … ssh -p 22`. */
  readonly starts?: boolean
  /** Which of the words that are no options is the secret, from 0, by the letters of its options. */
  readonly operand?: (letters: string) => number | undefined
}

/** From each program's own manual page. */
const PROGRAMS: readonly Row[] = [
  { program: /^(?:mysql\w*|mariadb[\w-]*)$/, options: ['-p'], attachedOnly: true },
  { program: /^sshpass$/, options: ['-p'], starts: true },
  { program: /^(?:redis|valkey|keydb)-(?:cli|benchmark)$/, options: ['-a'] },
  { program: /^(?:curl|http|https|xh)$/, options: ['-u', '--user', '-U', '--proxy-user', '-a', '--auth', '-b', '--cookie'] },
  { program: /^(?:docker|podman|nerdctl|helm|oras|skopeo|crane|buildah)$/, word: 'login', options: ['-p'] },
  { program: /^mongo(?:sh|dump|restore|export|import)?$/, options: ['-p'] },
  { program: /^(?:sqlcmd|bcp)$/, options: ['-P'] },
  { program: /^ldap\w+$/, options: ['-w'] },
  { program: /^(?:smbclient|rpcclient)$/, options: ['-U'] },
  { program: /^openssl$/, options: ['-passin', '-passout', '-pass', '-k', '-K'] },
  { program: /^snmp\w+$/, options: ['-c', '-A', '-X'] },
  { program: /^(?:ttyd|gotty)$/, options: ['-c', '--credential'] },
  { program: /^mosquitto_(?:pub|sub|rr)$/, options: ['-P'] },
  { program: /^(?:ss-?(?:server|local|redir|tunnel|manager)|ssservice)$/, options: ['-k'] },
  { program: /^frp[cs]$/, options: ['-t'] },
  { program: /^(?:user|group)(?:add|mod)$/, options: ['-p'] },
  { program: /^(?:zip|unzip|zipcloak)$/, options: ['-P'] },
  { program: /^az$/, word: 'login', options: ['-p'] },
  // `htpasswd -b FILE USER PASSWORD`, `htpasswd -nb USER PASSWORD`
  { program: /^htpasswd2?$/, options: [], operand: (letters) => (letters.includes('b') ? (letters.includes('n') ? 1 : 2) : undefined) },
  // `mosquitto_passwd -b FILE USER PASSWORD`, `rabbitmqctl add_user USER PASSWORD`
  { program: /^mosquitto_passwd$/, options: [], operand: (letters) => (letters.includes('b') ? 2 : undefined) },
  { program: /^rabbitmqctl$/, word: 'add_user', options: [], operand: () => 2 },
  { program: /^rabbitmqctl$/, word: 'change_password', options: [], operand: () => 2 },
  { program: /^ngrok$/, options: ['authtoken', 'add-authtoken'] },
]

const ENDS_COMMAND = /^(?:[;|&]+|\|\||&&)$/

/** Which words of a command are secrets, and from which character of them on. */
export function secretWords(words: readonly string[]): ReadonlyMap<number, number> {
  const found = new Map<number, number>()
  let rows: readonly Row[] = []
  for (const [index, word] of words.entries()) {
    const before = words[index - 1] ?? ''
    const name = nameOf(word)
    if (ENDS_COMMAND.test(before)) rows = []
    if (isSecretOption(before) && !isOption(word)) found.set(index, 0)
    // `pass:SECRET` is openssl's way to say it (openssl-passphrase-options(1)).
    if (word.startsWith('pass:')) found.set(index, 'pass:'.length)
    for (const { options, attachedOnly } of rows) {
      const attached = options.find(
        (option) => word.startsWith(option) && (word[option.length] === '=' || (option.length === 2 && word.length > 2)),
      )
      if (attached !== undefined) found.set(index, attached.length + (word[attached.length] === '=' ? 1 : 0))
      else if (attachedOnly !== true && options.includes(before)) found.set(index, 0)
    }
    if (found.has(index)) rows = rows.filter((row) => row.starts !== true)
    if (!MAY_HOLD.test(name)) continue
    const started = PROGRAMS.filter(
      (row) => row.program.test(name) && (row.word === undefined || words.slice(index, index + 8).includes(row.word)),
    )
    if (started.length > 0) rows = started
    for (const { operand } of started) {
      const secret = operand === undefined ? undefined : operandAmong(words, index + 1, operand)
      if (secret !== undefined) found.set(secret, 0)
    }
  }
  return found
}

/** So many words of a command are looked at for its operands. */
const MOST_WORDS = 16

function operandAmong(words: readonly string[], from: number, operand: (letters: string) => number | undefined): number | undefined {
  let letters = ''
  const operands: number[] = []
  for (let index = from; index < Math.min(words.length, from + MOST_WORDS); index++) {
    const word = words[index] ?? ''
    if (ENDS_COMMAND.test(word)) break
    // A number behind an option is the option's: `-C 10`.
    if (/^-[A-Za-z]+$/.test(word)) letters += word.slice(1)
    else if (!/^\d+$/.test(word) || !(words[index - 1] ?? '').startsWith('-')) operands.push(index)
  }
  return operands[operand(letters) ?? operands.length]
}

function nameOf(word: string): string {
  return word.slice(word.lastIndexOf('/') + 1)
}

/** A quick look before a text is taken apart. */
const MAY_HOLD =
  /\b(?:mysql|mariadb|sshpass|redis-|valkey-|keydb-|curl|https?(?![:.]|\w)|xh\b|docker|podman|nerdctl|helm|oras|skopeo|crane|buildah|mongo|sqlcmd|bcp|ldap|smbclient|rpcclient|htpasswd|openssl|snmp|ttyd|gotty|ngrok|mosquitto_|rabbitmqctl|(?:user|group)(?:add|mod)|zip|unzip|az\b|ss-?(?:server|local|redir|tunnel|manager|service)|frp[cs]|pass:)/

/** Words as a shell has them, and words as they stand in a quoted command: either may be what a text means. */
const PLAIN_WORDS = /[^\s"'`,]+/g
const WORDS = [/[^\s"'`,]+(?:"[^"]*"|'[^']*')?|"[^"]*"|'[^']*'/g, PLAIN_WORDS] as const
/** Without a quote both are the same. */
const WORDS_UNQUOTED = [PLAIN_WORDS] as const
const HAS_QUOTE = /["']/

/** Where a text has a command whose words are secrets by their place. */
export function commandSecrets(text: string): readonly TextRange[] {
  return MAY_HOLD.test(text) ? rangesOfWords(text, secretWords) : []
}

/** Where the words that `find` names stand in a text. */
export function rangesOfWords(text: string, find: (words: readonly string[]) => ReadonlyMap<number, number>): readonly TextRange[] {
  return (HAS_QUOTE.test(text) ? WORDS : WORDS_UNQUOTED).flatMap((pattern) => {
    const words = [...text.matchAll(pattern)]
    return [...find(words.map(([word]) => word))].flatMap(([index, from]) => {
      const word = words[index]
      return word === undefined ? [] : rangeOfWord(text, word.index + from, word.index + word[0].length)
    })
  })
}

/** A word that a shell's substitution begins goes to the end of that. */
function rangeOfWord(text: string, start: number, end: number): readonly TextRange[] {
  const substitution = substitutionAt(text, start, undefined)
  if (substitution === undefined) return [{ start, end }]
  return isFetched(text.slice(start, substitution.end)) ? [] : [{ start, end: Math.max(end, substitution.end) }]
}
