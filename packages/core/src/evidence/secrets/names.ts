/** Which names say that their value is a secret: variables, fields, options, headers. Decided by the words of the name, so that `monkey` is none. */

/** The words of a name, in lower case: `dbPassword`, `DB_PASSWORD`, `db-password` and `db.password` have the same. */
function wordsOfName(name: string): readonly string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '')
}

/** A quick look before a name is taken apart: without one of these it cannot be a secret's. */
const HINT =
  /pass|pwd|pw$|secret|token|credential|key|cookie|dsn|ur[il]$|string$|auth|salt|sk$|pat$|pepper$|mnemonic|bearer|jwt|csrf|signing$/i

/** Words that make a secret of any name they stand in, also inside a longer word: `dbpassword`, `clientsecret`, `authtoken`. */
const STEM =
  /(?:passw(?:or)?ds?|passphrases?|passcodes?|secrets?|tokens?|credentials?|(?:api|app|access|auth|private|secret)keys?|requirepass|masterauth|(?:db|user|my|root|admin)p(?:ass|wd?))\d*$/

/** Words that are secrets only as a whole. */
const WHOLE: ReadonlySet<string> = new Set(['pass', 'pwd', 'pswd', 'authorization', 'mnemonic', 'bearer'])

/** English words that end in `pass`; any other is one of somebody's: `PGPASS`, `smtppass`. */
const NO_PASSWORD = /^(?:(?:by|com|encom|over|sur|tres|under|im|multi|one|two|single|render|high|low|band|all)pass)$/

/** Words before `signing` of what is signed with a secret; code is signed with a certificate. */
const SIGNED: ReadonlySet<string> = new Set(['cookie', 'cookies', 'csrf', 'session', 'sessions', 'url', 'webhook'])

/** Words that are secrets where a name ends with them and has others before: `STRIPE_SK`, `SENTRY_DSN`, `PASSWORD_SALT`. */
const LAST: ReadonlySet<string> = new Set(['sk', 'salt', 'csrf'])

/** Words that are secrets where a name is or ends with them: `DB_PW`, `jwt`. */
const LAST_OR_ALONE: ReadonlySet<string> = new Set(['pw', 'jwt', 'pepper', 'setcookie', 'proxyauth'])

/** Who gives out a personal access token, which is a `pat` to nobody else: `githubPat`. */
const PAT_OF: ReadonlySet<string> = new Set('ado azure bitbucket devops forgejo gh git gitea github gitlab gl jira'.split(' '))

/** In capitals every `PAT` is one, unless it is a pattern: `DEPLOY_PAT`, not `EXCLUDE_PAT`. */
const PATTERN_OF: ReadonlySet<string> = new Set(
  'date exclude file files glob host ignore include line log match name path re regex route search skip string test time url'.split(' '),
)

/** What has to stand before `key`; a key alone is most often a place in a table or a map. */
const KEY_OF: ReadonlySet<string> = new Set(
  'access account admin api app auth authentication authorization cipher client consumer crypto decryption deploy encrypt encryption hmac internal jwt license licence master preshared priv private root secret service session shared sign signing ssh subscription webhook aes rsa'.split(
    ' ',
  ),
)

/** In capitals (an environment variable) every key is a credential but these: `STRIPE_KEY`, not `CACHE_KEY`. */
const KEY_OF_NOTHING: ReadonlySet<string> = new Set(
  'cache cert certificate composite foreign group hash index object order partition primary pub public publishable routing row site sort ssl tls unique'.split(
    ' ',
  ),
)

/** Words before `url` and `uri` of places that are named with their password. */
const URL_OF: ReadonlySet<string> = new Set(
  'amqp broker database db mongo mongodb mysql postgres postgresql rabbitmq redis valkey'.split(' '),
)

/** Last words of names that speak about a secret and do not hold it: `TOKEN_TTL`, `passwordField`, `SECRET_FILE`, `PASSWORD_MIN_LENGTH`. */
const ABOUT: ReadonlySet<string> = new Set(
  'age alg algorithm attempts audience bucket bytes chars class cost count dir directory domain enabled endpoint expiration expire expires expiry field file folder format forgotten header host in interval issuer iterations length lifetime limit location max min minutes mode name names option options origin param parameter path policy port ports prefix provider refresh required reset rotation rounds rules samesite scope secure seconds server service size stdin store strategy timeout ttl type types until uri url validator validity version'.split(
    ' ',
  ),
)

/** Words behind the name of one of several values that take over from one another: `INTERNAL_API_KEY_PREVIOUS`. */
const TURN: ReadonlySet<string> = new Set(['previous', 'next', 'old', 'new', 'current'])

/** Words before `tokens` that make it a number of something. */
const COUNT = /^(?:max|min|num|number|total|count|prompt|completion|input|output|new|used|per|reserved)$/
/** nginx's directives that hand a request on: `proxy_pass`. */
const HANDS_ON = /^(?:proxy|fastcgi|uwsgi|scgi|grpc|memcached|by|first|second|single|multi|one|two)$/

/**
 * Whether a value under this name has to be kept from every eye: `DB_PASSWORD`, `apiKey`, `client_secret`, `STRIPE_SK`,
 * and not `PASSPORT_PORT`, `tokenizer`, `MAX_TOKENS`, `TOKEN_TTL`.
 */
export function isSecretName(name: string): boolean {
  if (!HINT.test(name)) return false
  const words = withoutTurn(wordsOfName(name))
  const last = words.at(-1) ?? ''
  const before = words.at(-2) ?? ''
  if (last === 'url' || last === 'uri') return URL_OF.has(before)
  if (ABOUT.has(last)) return false
  if ((last === 'string' && before === 'connection') || last === 'connectionstring' || last === 'dsn' || last === 'cookie') return true
  if (last === 'signing') return SIGNED.has(before) || STEM.test(before)
  if (LAST_OR_ALONE.has(last) || (LAST.has(last) && words.length > 1)) return true
  // npm's `_auth`, and `BASIC_AUTH=user:password`.
  if (last === 'auth' && (name.startsWith('_') || before === 'basic' || before === 'http' || before === 'proxy')) return true
  if (/^keys?$/.test(last)) {
    if (KEY_OF.has(before)) return true
    if (/^[A-Z0-9_]+$/.test(name) && before !== '' && !KEY_OF_NOTHING.has(before)) return true
  }
  if (last === 'pat' && (PAT_OF.has(before) || (/^[A-Z0-9_]+$/.test(name) && !PATTERN_OF.has(before)))) return true
  return words.some((word, index) => {
    const previous = words[index - 1] ?? ''
    // The working directory of a shell is PWD.
    if (word === 'pwd') return words.length > 1 || name !== 'PWD'
    if (word === 'pass' && HANDS_ON.test(previous)) return false
    if (word === 'tokens' && (COUNT.test(previous) || COUNT.test(words[0] ?? ''))) return false
    if (word === 'key' && index < words.length - 1 && words[index + 1] === 'id' && KEY_OF.has(previous)) return true
    return WHOLE.has(word) || STEM.test(word) || (/^[a-z]{1,16}pass$/.test(word) && !NO_PASSWORD.test(word))
  })
}

function withoutTurn(words: readonly string[]): readonly string[] {
  return words.length > 1 && TURN.has(words.at(-1) ?? '') ? words.slice(0, -1) : words
}

/** Names that are a secret's only where the value looks like one: `auth: 'dXNlcjpwYXNz…'` in a registry's configuration, `key: …`. */
const WEAK = /(?:^|[^a-z])(?:auth|keys?|sig|signature|code|pin|otp|hash|seed)$/i

/** Whether a value under this name is a secret if it looks random. */
export function mayNameSecret(name: string): boolean {
  return WEAK.test(name)
}

/** Whether what stands behind the first colon of a value under this name is a password: `LOGIN=user:password`, `BASIC_AUTH_USERS=user:password`. */
export function mayNameLogin(name: string): boolean {
  return /(?:^|[A-Z0-9]_|\.)LOGIN$/.test(name) || /basic_?auth[_.]?users?$/i.test(name)
}

/** Whether such a name in code, where a place or a page is called so too, may have a user with a password: `login: 'user:password'`. */
export function maySignIn(name: string): boolean {
  return /(?:login|auth|basic)$/i.test(name) && SIGN_IN.has(wordsOfName(name).at(-1) ?? '')
}

const SIGN_IN: ReadonlySet<string> = new Set(['auth', 'basic', 'login'])

/** `--password`, `-api-key`: an option whose value is a secret. */
export function isSecretOption(word: string): boolean {
  const name = /^--?([A-Za-z][\w.-]{0,127})$/.exec(word)?.[1]
  // `--no-password` asks for none.
  return name !== undefined && isSecretName(name) && !/^no-/.test(name)
}

/**
 * Words that make a secret of what an option or variable of a command line is given, unless that is plainly none: `--auth`, `--key`,
 * `--license`. Code and configuration have them as names of other things, so that there they say nothing.
 */
const OF_COMMANDS =
  /^(?:pass(?!ive|enger|through|port|es$)\w*|auth(?!or)\w*|jwt\w*|keys?|keypass|licen[cs]es?|licen[cs]ekeys?|creds?|\w{0,8}pw|psk|pin|otp|salt|encrypt)$/

/** What is given under such a name and hides nothing: a switch, a number, the name of a method, a file, a variable, an address without a password. */
export const PLAIN_VALUE =
  /^(?:|true|false|yes|no|y|n|on|off|none|null|accept|basic|digest|bearer|oauth2?|oidc|jwt|token|password|\d{1,5}|\$\w+|\$\{\w+\}|[\w./@-]*\.(?:pem|key|crt|cer|csr|pub|json|ya?ml|toml|txt|env|conf|jks|p12|pfx|asc|gpg)|https?:\/\/[^\s@]*)$/i

/** What stands before a password behind its user. Not a user and a group by their numbers, not a host and a port, not an address. */
export const USER_AND_PASSWORD =
  /^(?:-[uU]|--[a-z-]{1,32}=)?(?!(?:https?|wss?|s?ftps?|tcp|tls|unix|file|rediss?|postgres(?:ql)?|mysql|mongodb(?:\+srv)?|amqps?|mqtts?|ldaps?|nats|ssh|git):\/\/)[^\s:/@=]{1,64}:(?!\d{1,5}(?::\d{1,5})*$)(?=[^\s])/

/** A path as people name things; in capitals and with many digits it may be what base64 makes of a secret. */
const PLAIN_PATH = /^(?:\.{0,2}|~)(?:\/\.?[a-z][a-z_.@-]*\d{0,2})+\/?$/

/** Whether an option or variable of a command line gives away a secret with this value: `--key`, `--auth-token`, `LICENSE`. */
export function mayGiveSecret(name: string, value: string): boolean {
  if (PLAIN_VALUE.test(value) || PLAIN_PATH.test(value)) return false
  const words = wordsOfName(name)
  const [first = '', last = ''] = [words[0], words.at(-1)]
  if (ABOUT.has(last) || first === 'no') return false
  if (/^keys?$/.test(last) && KEY_OF_NOTHING.has(words.at(-2) ?? '') && !/ssl|tls|cert/.test(name.toLowerCase())) return false
  return OF_COMMANDS.test(first) || OF_COMMANDS.test(last)
}

/** A word that is an option itself, where an option's value could stand; a secret may begin with a dash. */
export function isOption(word: string): boolean {
  return /^-(?:-?[a-z][a-z0-9-]*(?:[=\s]|$)|\w{0,2}(?:\s|$))/.test(word)
}
