import type { JwtOptions, KeyOptions, LimitOptions } from './access/options.ts'
import { GuardError } from './failure.ts'
import type { BehindOptions, GuardOptions, LogOptions } from './options.ts'

interface Kind {
  readonly what: string
  readonly fits: (value: unknown) => boolean
  readonly needed?: true
}

/** Every option by its name: the compiler misses none. */
type Table<T> = Readonly<Record<keyof T, Kind>>

const SWITCH: Kind = { what: 'true or false', fits: (value) => typeof value === 'boolean' }
const TEXT: Kind = { what: 'a text that is not empty', fits: (value) => typeof value === 'string' && value !== '' }
const TEXTS: Kind = { what: 'a list of texts', fits: (value) => Array.isArray(value) && value.every((one) => typeof one === 'string') }
const COUNT: Kind = { what: 'a whole number of at least 1', fits: (value) => Number.isInteger(value) && (value as number) >= 1 }
const SECONDS: Kind = { what: 'a number of at least 0', fits: (value) => Number.isFinite(value) && (value as number) >= 0 }
/** Looked at where it is used, which says what is wrong with it; or has options of its own. */
const ELSEWHERE: Kind = { what: '', fits: () => true }

const OPTIONS: Table<GuardOptions> = {
  hosts: TEXTS,
  origins: TEXTS,
  credentials: SWITCH,
  exposedHeaders: TEXTS,
  privateNetwork: SWITCH,
  silent: SWITCH,
  encodedSlash: ELSEWHERE,
  upgrades: TEXTS,
  upgradesWithoutOrigin: ELSEWHERE,
  behind: ELSEWHERE,
  limit: ELSEWHERE,
  keys: ELSEWHERE,
  jwt: ELSEWHERE,
  headers: ELSEWHERE,
  log: ELSEWHERE,
  onRefuse: ELSEWHERE,
}
const BEHIND: Table<BehindOptions> = { keys: TEXTS, header: TEXT, headers: TEXTS, client: TEXT }
const LIMIT: Table<LimitOptions> = { perSecond: ELSEWHERE, burst: ELSEWHERE, clients: ELSEWHERE }
const KEYS: Table<KeyOptions> = { callers: ELSEWHERE, header: TEXT, limit: ELSEWHERE, except: TEXTS }
const JWT: Table<JwtOptions> = {
  keys: ELSEWHERE,
  issuer: { ...TEXT, needed: true },
  audience: { ...TEXT, needed: true },
  typ: TEXT,
  clockTolerance: SECONDS,
  revoked: ELSEWHERE,
  header: TEXT,
  cookie: TEXT,
  except: TEXTS,
}
const LOG: Table<LogOptions> = { file: TEXT, maxBytes: COUNT, files: COUNT, perSecond: COUNT }

/**
 * An option that is misspelled protects nobody, and a value of another kind would quietly switch one off: `"false"` is true, a text is a list of its
 * characters, and no issuer is any.
 *
 * @throws GuardError `option-unknown`; `option-invalid`, without the value, which may be a key.
 */
export function checkOptions(options: GuardOptions): void {
  const groups = [
    { prefix: '', given: options, table: OPTIONS },
    { prefix: 'behind.', given: options.behind, table: BEHIND },
    { prefix: 'limit.', given: options.limit, table: LIMIT },
    { prefix: 'keys.', given: options.keys, table: KEYS },
    { prefix: 'keys.limit.', given: options.keys?.limit, table: LIMIT },
    { prefix: 'jwt.', given: options.jwt, table: JWT },
    { prefix: 'log.', given: typeof options.log === 'object' ? options.log : undefined, table: LOG },
  ]
  for (const { prefix, given, table } of groups) if (given !== undefined) checkNames(prefix, given, table)
  for (const { prefix, given, table } of groups) if (given !== undefined) checkValues(prefix, given, table)
}

function checkNames(prefix: string, given: object, table: Readonly<Record<string, Kind>>): void {
  const wrong = Object.keys(given).find((name) => !Object.hasOwn(table, name))
  if (wrong === undefined) return
  throw new GuardError('option-unknown', `${prefix}${wrong}: there is no such option. There are ${Object.keys(table).join(', ')}.`)
}

function checkValues(prefix: string, given: object, table: Readonly<Record<string, Kind>>): void {
  for (const [name, { what, fits, needed }] of Object.entries(table)) {
    const value: unknown = Reflect.get(given, name)
    if (value === undefined ? needed === true : !fits(value))
      throw new GuardError('option-invalid', `${prefix}${name}: ${what} is needed here.`)
  }
}
