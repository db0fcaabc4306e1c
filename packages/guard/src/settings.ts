import { type Access, accessOf } from './access/index.ts'
import { allowedNames } from './checks/name.ts'
import { checkProof } from './checks/proof.ts'
import { GuardError } from './failure.ts'
import type { BehindOptions, GuardOptions } from './options.ts'
import { folded, isProxyHeader } from './proxy-headers.ts'
import type { Refusal } from './reasons.ts'
import { HeaderReader, type RawRequest } from './request.ts'
import { isToken } from './token.ts'

/** P4. */
const DEFAULT_ORIGINS: readonly string[] = [
  'http://localhost:3000',
  'http://127.0.0.1:3000',
  'http://localhost:5173',
  'http://127.0.0.1:5173',
]

/** The options, checked and complete: past this point nothing has a default. */
export interface Settings {
  readonly reader: HeaderReader
  /** The texts of `Host` that are accepted on a port. */
  readonly names: (port: number, encrypted: boolean) => readonly string[]
  /** A text is compared with these few sooner than it is looked up: it is a new one each time, of which no hash is known. So with names. */
  readonly origins: readonly string[]
  readonly credentials: boolean
  readonly exposedHeaders: string
  readonly privateNetwork: boolean
  readonly silent: boolean
  readonly encodedSlash: 'allow' | 'refuse'
  readonly upgrades: ReadonlySet<string>
  readonly upgradesWithoutOrigin: 'without-cookies' | 'refuse' | 'allow'
  readonly proof: ((request: RawRequest) => Refusal | undefined) | undefined
  /** The header, in lower case, in which the proxy tells of its client. */
  readonly client: string | undefined
  readonly access: Access | undefined
}

/** Scheme, name or address, and port where it is not the scheme's own, in lower case: the only form in which browsers send one (RFC 6454 §6.2). */
const ORIGIN = /^(?:https?|[a-z][a-z0-9+.-]*-extension):\/\/(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::[1-9][0-9]{0,4})?$/
const NAME = /^(?:[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_.])?|\[[0-9a-f:.]+\])(?::[1-9][0-9]{0,4})?$/

/** @throws GuardError `option-invalid`, naming the option and the value. */
export function settingsOf(options: GuardOptions): Settings {
  const origins = [...new Set((options.origins ?? DEFAULT_ORIGINS).map(validOrigin))]
  const hosts = (options.hosts ?? []).map(validName)
  const expected = new Set((options.behind?.headers ?? []).map((name) => validToken('behind.headers', name).toLowerCase()))
  const client = options.behind?.client?.toLowerCase()
  if (client !== undefined && !expected.has(client)) invalid('behind.client', client, 'it is not one of behind.headers')
  const aliases = new Set([...expected].map(folded))
  const isProxied = (name: string) => !expected.has(name) && (isProxyHeader(name) || aliases.has(folded(name)))
  return {
    reader: new HeaderReader(isProxied, expected),
    names: remembered(hosts),
    origins,
    credentials: options.credentials ?? false,
    exposedHeaders: (options.exposedHeaders ?? []).map((name) => validToken('exposedHeaders', name)).join(', '),
    privateNetwork: options.privateNetwork ?? false,
    silent: options.silent ?? false,
    encodedSlash: oneOf('encodedSlash', options.encodedSlash ?? 'allow', ['allow', 'refuse']),
    upgrades: new Set(['websocket', ...(options.upgrades ?? []).map((name) => name.toLowerCase())]),
    upgradesWithoutOrigin: oneOf('upgradesWithoutOrigin', options.upgradesWithoutOrigin ?? 'without-cookies', [
      'without-cookies',
      'refuse',
      'allow',
    ]),
    proof: options.behind === undefined ? undefined : proofOf(options.behind, options.jwt !== undefined),
    client,
    access: accessOf(options, client, () => performance.now()),
  }
}

function remembered(hosts: readonly string[]): Settings['names'] {
  const known = { plain: new Map<number, readonly string[]>(), encrypted: new Map<number, readonly string[]>() }
  return (port, encrypted) => {
    const map = encrypted ? known.encrypted : known.plain
    let names = map.get(port)
    if (names === undefined) map.set(port, (names = allowedNames(hosts, port, encrypted)))
    return names
  }
}

function proofOf({ keys, header = 'X-Internal-API-Key' }: BehindOptions, signed: boolean): Settings['proof'] {
  if (keys !== undefined) return checkProof(validToken('behind.header', header).toLowerCase(), keys)
  if (!signed) throw new GuardError('option-invalid', 'behind: the proxy needs a proof: keys, or jwt for an identity that it signs.')
  return undefined
}

function validOrigin(text: string): string {
  if (ORIGIN.test(text)) return text
  return invalid('origins', text, 'an origin is scheme://host or scheme://host:port in lower case, without a path, a slash or a *')
}

function validName(text: string): string {
  const lower = text.toLowerCase()
  if (NAME.test(lower)) return lower
  return invalid('hosts', text, 'a host is a name or an address ([…] for IPv6), with or without :port')
}

function validToken(option: string, text: string): string {
  return isToken(text) ? text : invalid(option, text, 'this is not the name of a header')
}

function oneOf<T extends string>(option: string, value: T, allowed: readonly T[]): T {
  return allowed.includes(value) ? value : invalid(option, value, `one of ${allowed.join(', ')}`)
}

function invalid(option: string, value: unknown, why: string): never {
  throw new GuardError('option-invalid', `${option}: ${JSON.stringify(value)}: ${why}.`)
}
