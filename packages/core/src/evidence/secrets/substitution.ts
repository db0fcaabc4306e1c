import { matchAt } from './ranges.ts'

/** What a shell puts in a text's place, which may have blanks and quotes of its own: `$(…)`, `<(…)`, `${NAME:-…}` (POSIX.1-2024 §2.6). */
const OPENS = /[$<]\(|\$\{/y

/** So far the end of one is looked for, in UTF-16 code units. */
const LONGEST = 2048

interface Substitution {
  /** Exclusive; of one that does not end, where its line or the quote around it does. */
  readonly end: number
  readonly closed: boolean
}

/** The substitution that begins at `at`, in a text within the quote `enclosing`. */
export function substitutionAt(text: string, at: number, enclosing: string | undefined): Substitution | undefined {
  const opening = matchAt(OPENS, text, at)?.[0]
  if (opening === undefined) return undefined
  const limit = Math.min(text.length, at + LONGEST)
  const open = opening.slice(-1)
  const close = open === '(' ? ')' : '}'
  let depth = 1
  let quote: string | undefined
  let stop: number | undefined
  for (let index = at + opening.length; index < limit; index++) {
    const character = text[index]
    if (character === enclosing || character === '\n') stop ??= index
    if (character === '\\') index++
    else if (quote !== undefined) quote = character === quote ? undefined : quote
    else if (character === "'" || character === '"') quote = character
    else if (character === open) depth++
    else if (character === close && --depth === 0) return { end: index + 1, closed: true }
  }
  return { end: stop ?? limit, closed: false }
}

/** Programs that fetch a secret or make one: it is not among their words. */
const FETCHES =
  '(?:cat|head|tail|grep|jq|yq|(?:pass|gopass)(?: show)?|aws|gcloud|op|bw|sops|doppler|infisical|chamber|credstash|lpass show|secret-tool lookup|security find-[a-z-]+|systemd-creds|vault (?:kv get|read)|kubectl get|az (?:keyvault|account)|gh auth token|heroku config:get|terraform output|openssl rand|pwgen|uuidgen|wg genkey|date)(?=[\\s)|])'
/** What cuts it to size behind them. */
const CUTS = '(?:base64|base32|xxd|od|tr|cut|fold|head|tail|grep|jq|yq|sha\\d{1,3}sum|md5sum|wg pubkey)(?=[\\s)|])'
/** Names, options, paths and variables; no further command and no here-string. */
const WORDS = String.raw`(?:[^\S\n]{1,8}(?:2>(?:&1|/dev/null)|[\w./~*:@%=+,$[\]{}"'\\-]{1,256})){0,16}`
const FILE = String.raw`<[^\S\n]{0,8}[\w./~$\{\}-]{1,256}`
const COMMAND = String.raw`[\w./-]{1,128}`

/** `$(cat FILE)`, `$(pass show NAME | head -n 1)`, `$(< FILE)`, `$(COMMAND)`, and make's `$(shell …)`: a secret comes from there, and is not here. */
const FETCHED = new RegExp(
  String.raw`^\$\(\s{0,8}(?:shell\s{1,8})?(?:${FILE}|${COMMAND}|${FETCHES}${WORDS}(?:\s{0,8}\|\s{0,8}${CUTS}${WORDS}){0,4})\s{0,8}\)$`,
)

/** Whether a text is one substitution that holds no secret itself. */
export function isFetched(text: string): boolean {
  return FETCHED.test(text)
}
