import { isOption, isSecretName, isSecretOption, mayNameLogin, mayNameSecret, maySignIn, USER_AND_PASSWORD } from './names.ts'
import { COMMENT, matchAt, type TextRange } from './ranges.ts'
import { looksRandom } from './runs.ts'
import { isReferenceAt, type ValueStyle, secretsOfValue } from './values.ts'

/** A quick look before a text is taken apart: without one of these words no name in it is a secret's. */
const MAY_NAME =
  /pass|pwd?|secret|token|credential|key|cookie|dsn|connection|auth|_ur[il]|url|salt|mnemonic|bearer|jwt|csrf|_sk|sig|code|pin|otp|hash|seed|pepper|pat(?![a-z])|login|basic/i

/** A name in any language: an identifier, a dotted path of them, a header, an option without its dashes. */
const NAME = /[A-Za-z_][\w$]*(?:[.-]+\w[\w$]*)*/g

/** What may stand between a name and its value: the end of a quote or bracket, a comment, then a sign. An escaped quote is one in JSON within a string. */
const SIGN = new RegExp(
  String.raw`(\\?["'\x60]?)([\])]*)[!?]?\s{0,16}${COMMENT}?(===?|!==?|:{1,3}=|\?\?=?|\?=|\+=|\.=|\|\|=?|=>|=|::?|,|\(|\bor\b|>)[ \t]{0,64}`,
  'y',
)

/** `${NAME:-value}` and its like (POSIX shell, compose): a default, or what is used instead. */
const EXPANSION = /\$\{([A-Za-z_]\w*)(:?[-=+])([^}]*)/g

/** A type in TypeScript or Python: what follows its `=` is the value, and without one there is none. */
const TYPE = new RegExp(
  String.raw`${COMMENT}?(?:readonly\s+)?(?:string|number|boolean|bigint|unknown|any|never|void|object|str|int|float|bool|bytes|String|SecretStr|Optional\[[\w., |]{0,64}\]|Promise<[\w<>, |]{0,64}>)(?:\[\])?(?:\s*\|\s*[\w"'[\]]+){0,8}(?:\s*${COMMENT}?(=)(?![=>])\s*|(?=[,;)}\]\s]|$))`,
  'y',
)

/** Words of configuration files and shells after which a name and its value follow with a blank between. */
const DIRECTIVE =
  /(?:^|[\s;{"'`])(?:ENV|ARG|set|setx|setenv|SetEnv|export|define|param|(?:fastcgi|uwsgi|scgi)_param|\w{1,24}_set_header|add_header|Header(?: always)? set|RequestHeader set|login \S{1,64}|config set|WITH|-e|--env)\s{1,16}["'`]?$/i

/** Words that are never part of prose (redis.conf, valkey.conf). */
const IS_DIRECTIVE = /^(?:requirepass|masterauth)$/i

/** `{ name: DB_PASSWORD, value: … }`, `<add key="Password" value="…">`: name and value are fields of their own. */
const PAIR = /\\?["'`]?\s{0,8},?\s{0,8}\\?["'`]?(?:value|val|default)\\?["'`]?\s{0,8}[:=]\s{0,8}/iy

/** Words of a language before a name: what follows its `=` is code, also without blanks. */
const DECLARES = /(?:^|[^\w$-])(?:const|let|var|val|final)\s{1,16}$/

/** The default that a schema or parser of settings gives to a name before it: `z.string().default('…')`, `str({ default: '…' })`, `default="…"`. */
const SCHEMA_DEFAULT =
  /(?:[^\n;,({]{0,64}[({]|\\?["'`]\s{0,8},)(?:(?![)}\]]\s{0,8},)[^\n;]){0,200}?\b(?:default|catch)\\?["']?\s{0,8}[(:=]\s{0,8}(?=\\?["'`]|os\.|process\.)/y

/** In prose a word of five letters or more is a secret where it is no plain one. */
const NOT_PLAIN = /^(?=[^\s]{5})(?![A-Z]?[a-z'-]+[.,;:!?)]*(?:\s|$)|[A-Z]+[.,;:!?)]*(?:\s|$))[A-Za-z0-9]/

/** What a program compares a secret with, or uses in its stead, is a text. */
const TEXT_NEXT = /\(?\s{0,8}(?:\\?["'`]|[^()"'`\n]{0,64}\?\s{0,8}["'`])/y

/** Signs behind which stands what is taken where there is nothing. */
const OTHERWISE = /^(?:\|\||\?\?|or)$/
/** What is called with the name of a variable, and then its default. */
const READS = /(?:env|environ\.get|config)\(\s{0,8}\\?["'`]$/i

/** Where a text gives a value to a secret's name: assignments, fields, options, defaults, headers, comparisons. */
export function assignedSecrets(text: string): readonly TextRange[] {
  if (!MAY_NAME.test(text)) return []
  const found: TextRange[] = []
  for (const match of text.matchAll(EXPANSION)) {
    const [whole, name = '', , value = ''] = match
    const end = match.index + whole.length
    if (isSecretName(name)) found.push({ start: end - value.length, end })
  }
  const quotes = new Quotes(text)
  NAME.lastIndex = 0
  for (let match = NAME.exec(text); match !== null; match = NAME.exec(text)) {
    const [name] = match
    const weak = !isSecretName(name)
    if (weak && !mayNameSecret(name) && !mayNameLogin(name) && !maySignIn(name)) continue
    const schema = weak ? undefined : matchAt(SCHEMA_DEFAULT, text, match.index + name.length)
    if (schema !== undefined)
      found.push(...secretsOfValue(text, match.index + name.length + schema[0].length, { kind: 'code', enclosing: undefined }))
    const value = valueAfter(text, match.index, name, quotes)
    if (value === undefined) continue
    const ranges = secretsOfValue(text, value.at, value.style)
    found.push(...(weak ? ranges.flatMap((range) => certainPart(name, text, range)) : ranges))
    const end = ranges.at(-1)?.end
    if (end !== undefined && !weak) NAME.lastIndex = Math.max(NAME.lastIndex, end)
  }
  return found
}

/** A value under a name that is not always a secret's: so much has to look random. */
const WEAK_LENGTH = 12

/** What is a secret for certain of a value under a name that is not always one's. */
function certainPart(name: string, text: string, { start, end }: TextRange): readonly TextRange[] {
  const value = text.slice(start, end)
  if (mayNameSecret(name) && looksRandom(value, WEAK_LENGTH)) return [{ start, end }]
  const isCertain = mayNameLogin(name)
  if (!isCertain && !maySignIn(name)) return []
  const user = HOST_AND_PORT.test(value) ? undefined : USER_AND_PASSWORD.exec(value)?.[0]
  if (user === undefined) return []
  const password = value.slice(user.length)
  if (REFERENCE_ONLY.test(password) || (!isCertain && (NO_USER.test(value) || NO_PASSWORD.test(password)))) return []
  return [{ start: start + user.length, end }]
}

/** Texts with a colon that begin with no user: code, names of schemes, IPv6 addresses. */
const NO_USER =
  /^(?:[\w.@+-]{0,64}[^\w.@+:-]|(?:urn|arn|mailto|data|tel|env|file|vault|ssm|(?:sha|md)\d{1,3}):|[\da-f]{0,4}:[\da-f]{0,4}:)/i
/** Where no name says that it is a password: words, a version, a path, prose, what is put in there. */
const NO_PASSWORD = /^(?:[A-Za-z]+(?:[_.:-][A-Za-z]+)*|v?\d+(?:\.\d+)*(?:-[\w.-]*)?|\/.*|.*\s.*|\$?\{.*|<.*>|%[s(].*)$/

const HOST_AND_PORT = /^[\w.-]+:\d{1,5}(?:[/?#]|$)/
const REFERENCE_ONLY = /^\$\{?\w+\}?$/

interface Value {
  readonly at: number
  readonly style: ValueStyle
}

function valueAfter(text: string, start: number, name: string, quotes: Quotes): Value | undefined {
  const end = start + name.length
  const before = text.slice(Math.max(0, start - 96), start)
  const enclosing = quotes.at(start)
  const word: ValueStyle = { kind: 'word', enclosing }
  const pair = matchAt(PAIR, text, end)
  if (pair !== undefined) return { at: end + pair[0].length, style: { kind: 'code', enclosing: undefined } }
  const match = matchAt(SIGN, text, end)
  if (match === undefined) return valueAfterBlank(text, start, name, before, word)
  const [whole, quote = '', brackets = '', sign = ''] = match
  const at = end + whole.length
  const quoted = quote !== ''
  const code: ValueStyle = { kind: 'code', enclosing: quoted ? undefined : enclosing }
  switch (sign) {
    case '>':
      return before.endsWith('<') ? { at, style: { kind: 'element' } } : undefined
    case '=>':
      return quoted ? { at, style: code } : undefined
    case ',':
      // `StringVar(&token, "token", "…"`: the place of a variable, then its option.
      if (before.endsWith('&')) return undefined
      if (brackets === '' && READS.test(before) && isReferenceAt(text, at)) return { at, style: code }
      return /^\\?["'`]/.test(text.slice(at, at + 2)) ? { at, style: { kind: 'literal' } } : undefined
    case '(':
      return /^\\?["'`]/.test(text.slice(at, at + 2)) ? { at, style: { kind: 'literal' } } : undefined
    case ':':
    case '::': {
      // `${NAME:?message}` says what to set.
      if (brackets.includes(')') || (before.endsWith('${') && text[at] === '?')) return undefined
      const type = quoted ? undefined : matchAt(TYPE, text, at)
      if (type !== undefined) return type[1] === undefined ? undefined : { at: at + type[0].length, style: code }
      // A header in quotes: `-H 'X-API-Key: …'` runs to the end of the quote.
      return { at, style: enclosing !== undefined && !quoted ? { kind: 'quoted', enclosing } : code }
    }
    case '=': {
      if (brackets.includes(')')) return undefined
      if (whole !== '=') return { at, style: code }
      if (DECLARES.test(before) && (enclosing === undefined || !isOpenedBy(before, enclosing))) return { at, style: code }
      // `--token=…`, `TOKEN=…`: nothing but a blank ends it; in `"TOKEN=…"` the quote does.
      return { at, style: enclosing !== undefined && isOpenedBy(before, enclosing) ? { kind: 'quoted', enclosing } : word }
    }
    case '+=':
      // `PASSWORD+=…` of a shell, `PASSWORD += …` of make; code puts a text there or counts.
      if (whole === '+=') return { at, style: word }
      if (/^[A-Z0-9_]+$/.test(name) || matchAt(TEXT_NEXT, text, at) !== undefined) return { at, style: code }
      return valueAfterBlank(text, start, name, before, word)
    case ':=':
    case '::=':
    case ':::=':
    case '?=':
    case '.=':
      return { at, style: code }
    default:
      // What looks like a sign may be how the value begins.
      if (OTHERWISE.test(sign) && isReferenceAt(text, at)) return { at, style: code }
      return matchAt(TEXT_NEXT, text, at) === undefined ? valueAfterBlank(text, start, name, before, word) : { at, style: code }
  }
}

/** Whether the quote opens right before the name, and is not the value of a field: `- "TOKEN=a b"`, but not `"start": "TOKEN=a node b"`. */
function isOpenedBy(before: string, enclosing: string): boolean {
  return before.endsWith(enclosing) && !/[:=,[(]\s*$/.test(before.slice(0, -1))
}

function valueAfterBlank(text: string, start: number, name: string, before: string, word: ValueStyle): Value | undefined {
  const end = start + name.length
  const gap = /^["'`]?[ \t]{1,64}(?:is[ \t]{1,8})?/.exec(text.slice(end, end + 80))?.[0]
  if (gap === undefined) return undefined
  const at = end + gap.length
  const next = text.slice(at, at + 256)
  const value: Value = { at, style: word }
  const dashes = /--?$/.exec(before)?.[0] ?? ''
  if (dashes !== '') return isSecretOption(dashes + name) && !isOption(next) ? value : undefined
  if (/^["'`]/.test(gap)) return undefined
  if (/^\\?["'`]/.test(next) || DIRECTIVE.test(before) || IS_DIRECTIVE.test(name)) return value
  // `requirepass VALUE` as a line of its own.
  if (/(?:^|\n)\s*$/.test(before) && /^[^\s=:({[]+;?\s*(?:#.*)?$/.test(next)) return value
  // To pass is a verb as well.
  return NOT_PLAIN.test(next) && !/^pass$/i.test(name) ? value : undefined
}

/** Which quote a place of the text stands in, asked from left to right. */
class Quotes {
  readonly #text: string
  #index = 0
  #open: string | undefined

  constructor(text: string) {
    this.#text = text
  }

  at(index: number): string | undefined {
    for (; this.#index < index; this.#index++) {
      const character = this.#text[this.#index] ?? ''
      if (character === '\\') this.#index++
      else if (character === '\n') this.#open = undefined
      else if (character === this.#open) this.#open = undefined
      else if (this.#open === undefined && (character === '"' || character === '`' || (character === "'" && !this.#isApostrophe())))
        this.#open = character
    }
    return this.#open
  }

  /** `don't` opens no quote. */
  #isApostrophe(): boolean {
    return /\w/.test(this.#text[this.#index - 1] ?? '') && /\w/.test(this.#text[this.#index + 1] ?? '')
  }
}
