import { GuardError } from './failure.ts'
import type { GuardOptions } from './options.ts'

interface Kind {
  readonly what: string
  readonly fits: (value: unknown) => boolean
  readonly needed?: true
}

const SWITCH: Kind = { what: 'true or false', fits: (value) => typeof value === 'boolean' }
const TEXT: Kind = { what: 'a text that is not empty', fits: (value) => typeof value === 'string' && value !== '' }
const TEXTS: Kind = { what: 'a list of texts', fits: (value) => Array.isArray(value) && value.every((one) => typeof one === 'string') }
const COUNT: Kind = { what: 'a whole number of at least 1', fits: (value) => Number.isInteger(value) && (value as number) >= 1 }
const SECONDS: Kind = { what: 'a number of at least 0', fits: (value) => Number.isFinite(value) && (value as number) >= 0 }

/** What a value of another kind would quietly switch off: `"false"` is true, a text is a list of its characters, and no issuer is any. */
const KINDS: Readonly<Record<string, Kind>> = {
  hosts: TEXTS,
  origins: TEXTS,
  credentials: SWITCH,
  exposedHeaders: TEXTS,
  privateNetwork: SWITCH,
  silent: SWITCH,
  upgrades: TEXTS,
  'behind.keys': TEXTS,
  'behind.header': TEXT,
  'behind.headers': TEXTS,
  'behind.client': TEXT,
  'keys.header': TEXT,
  'keys.except': TEXTS,
  'jwt.issuer': { ...TEXT, needed: true },
  'jwt.audience': { ...TEXT, needed: true },
  'jwt.typ': TEXT,
  'jwt.clockTolerance': SECONDS,
  'jwt.cookie': TEXT,
  'jwt.except': TEXTS,
  'log.file': TEXT,
  'log.maxBytes': COUNT,
  'log.files': COUNT,
  'log.perSecond': COUNT,
}

/** For callers without types. @throws GuardError `option-invalid`, without the value, which may be a key. */
export function checkValues(options: GuardOptions): void {
  for (const [option, { what, fits, needed }] of Object.entries(KINDS)) {
    const [name = '', inner] = option.split('.')
    const outer: unknown = Reflect.get(options, name)
    if (inner !== undefined && (typeof outer !== 'object' || outer === null)) continue
    const value: unknown = inner === undefined ? outer : Reflect.get(outer as object, inner)
    if (value === undefined ? needed === true : !fits(value)) throw new GuardError('option-invalid', `${option}: ${what} is needed here.`)
  }
}
