import { isPlaceholder } from './placeholder.ts'

/** Why a secret is none. `short`: fewer characters than a guesser can try. `low-entropy`: letters that follow a rule. `default`: one that programs are shipped with. */
export type Weakness = 'placeholder' | 'default' | 'short' | 'low-entropy'

/** Passwords that databases, brokers and tutorials come with (each product's own documentation), lower case. */
const DEFAULTS: ReadonlySet<string> = new Set([
  'postgres',
  'mysql',
  'root',
  'toor',
  'guest',
  'redis',
  'mongo',
  'mongodb',
  'rabbitmq',
  'minio',
  'minioadmin',
  'admin123',
  'administrator',
  'password1',
  'password123',
  'passw0rd',
  'p@ssw0rd',
  'welcome',
  'welcome1',
  'changeit',
  'foobared',
  'keyboard cat',
  'keyboardcat',
  'shhhhh',
  'cluecon',
  'jwtsecret',
  'jwt_secret',
  'jwt-secret',
  'sessionsecret',
  'session_secret',
  'secretkey',
  'secret_key',
  'secret-key',
  'mysecretkey',
  'my-secret-key',
  'my_secret_key',
])

/** RFC 7518 §3.2: a key of HS256 has 256 bits at least; 32 characters are as many bytes, whatever they are. */
const SHORTEST_KEY = 32
/** NIST SP 800-63B-4 §3.1.1.2: a password that is used alone has 15 characters at least. */
const SHORTEST_PASSWORD = 15
/** What letters without a rule come to at the shortest length, less a third. */
const LEAST_BITS = { key: 72, password: 36 }

/** Why a value does not keep anybody out; `undefined`: nothing is seen against it. `kind`: a key is random text, a password may be words. */
export function weaknessOf(value: string, kind: 'key' | 'password'): Weakness | undefined {
  const text = value.trim()
  if (text === '') return undefined
  if (isPlaceholder(text)) return 'placeholder'
  if (DEFAULTS.has(text.toLowerCase())) return 'default'
  if (text.length < (kind === 'key' ? SHORTEST_KEY : SHORTEST_PASSWORD)) return 'short'
  return isRegular(text) || bitsOf(text) < LEAST_BITS[kind] ? 'low-entropy' : undefined
}

/** So much of a text is looked at, in UTF-16 code units. */
const LOOKED_AT = 512

/** The text is a piece that repeats, or goes up or down letter by letter. */
function isRegular(value: string): boolean {
  const text = value.slice(0, LOOKED_AT)
  if (/^(.{1,64}?)\1+.{0,8}$/su.test(text)) return true
  let steps = 0
  for (let index = 1; index < text.length; index++) if (Math.abs(text.charCodeAt(index) - text.charCodeAt(index - 1)) <= 1) steps++
  return steps * 2 > text.length
}

/** Shannon's measure of how the letters are spread, over the whole text. */
function bitsOf(value: string): number {
  const text = value.slice(0, LOOKED_AT)
  const counts = new Map<string, number>()
  for (const letter of text) counts.set(letter, (counts.get(letter) ?? 0) + 1)
  return [...counts.values()].reduce((sum, count) => sum - count * Math.log2(count / text.length), 0)
}
