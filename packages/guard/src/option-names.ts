import { GuardError } from './failure.ts'
import type { JwtOptions, KeyOptions, LimitOptions } from './access/options.ts'
import type { BehindOptions, GuardOptions, LogOptions } from './options.ts'

type Names<T> = Readonly<Record<keyof T, true>>

const OPTIONS: Names<Required<GuardOptions>> = {
  hosts: true,
  origins: true,
  credentials: true,
  exposedHeaders: true,
  privateNetwork: true,
  silent: true,
  encodedSlash: true,
  upgrades: true,
  upgradesWithoutOrigin: true,
  behind: true,
  limit: true,
  keys: true,
  jwt: true,
  headers: true,
  log: true,
  onRefuse: true,
}
const BEHIND: Names<Required<BehindOptions>> = { keys: true, header: true, headers: true, client: true }
const LOG: Names<Required<LogOptions>> = { file: true, maxBytes: true, files: true, perSecond: true }

const LIMIT: Names<Required<LimitOptions>> = { perSecond: true, burst: true, clients: true }
const KEYS: Names<Required<KeyOptions>> = { callers: true, header: true, limit: true, except: true }
const JWT: Names<Required<JwtOptions>> = {
  keys: true,
  issuer: true,
  audience: true,
  typ: true,
  clockTolerance: true,
  revoked: true,
  header: true,
  cookie: true,
  except: true,
}

/** An option that is misspelled protects nobody. @throws GuardError `option-unknown`. */
export function checkOptions(options: GuardOptions): void {
  checkNames('', options, OPTIONS)
  if (options.behind !== undefined) checkNames('behind.', options.behind, BEHIND)
  if (options.limit !== undefined) checkNames('limit.', options.limit, LIMIT)
  if (options.keys !== undefined) checkNames('keys.', options.keys, KEYS)
  if (options.keys?.limit !== undefined) checkNames('keys.limit.', options.keys.limit, LIMIT)
  if (options.jwt !== undefined) checkNames('jwt.', options.jwt, JWT)
  if (typeof options.log === 'object') checkNames('log.', options.log, LOG)
}

function checkNames(prefix: string, given: object, known: object): void {
  const wrong = Object.keys(given).find((name) => !Object.hasOwn(known, name))
  if (wrong === undefined) return
  throw new GuardError('option-unknown', `${prefix}${wrong}: there is no such option. There are ${Object.keys(known).join(', ')}.`)
}
