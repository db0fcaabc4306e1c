import type { Policy, Service } from '../../policy/index.ts'
import { entries, type Json, parseJson } from '../json.ts'
import type { FileState } from '../system.ts'
import type { Difference, WriteOptions, Writer, Written, WrittenFile } from '../write.ts'

/** Where the keys are: never in the file itself, which is committed. The second, where it is set, is still taken while the first takes over from it (`sallyport keys rotate`). */
const KEYS = [{ environment: 'INTERNAL_API_KEY' }, { environment: 'INTERNAL_API_KEY_PREVIOUS', optional: true }]

/** What a rendered nginx sets of every request, whatever its client sent (M13). */
const FORWARDED = ['X-Real-IP', 'X-Forwarded-For', 'X-Forwarded-Host', 'X-Forwarded-Proto', 'X-Forwarded-Port']

/**
 * The options of `guard(await fromFile('guard.json'))` for a service: deterministic, keys in one order. The guard keeps a server local, alone or behind
 * a proxy of the same machine (a service whose `routes` lead to it).
 */
function writeGuard(policy: Policy, { service: name }: WriteOptions): Written {
  const service = name === undefined ? undefined : policy.services.get(name)
  if (service === undefined)
    return { kind: 'refused', why: 'a guard is for one service', next: `name one of ${[...policy.services.keys()].join(', ')}` }
  const beyond = service.from.find((ref) => !(ref.kind === 'built-in' && ref.name === 'loopback') && !isSameHost(ref, service))
  if (beyond !== undefined)
    return {
      kind: 'refused',
      why: `${service.name} is meant for more than this machine, and the guard refuses everyone else`,
      next: 'put a proxy in front of it (`routes`), and leave out its `from`',
    }
  if (!service.protocols.includes('tcp')) return { kind: 'refused', why: `${service.name} speaks UDP`, next: 'name a service of HTTP' }
  const doors = [...policy.services.values()].filter(({ routes }) => routes.some((route) => route.service === service.name))
  const notes: string[] = []
  const names = [...service.domains, ...doors.flatMap(({ domains }) => domains)].filter((name) => name.startsWith('*.'))
  if (names.length > 0) notes.push(`${names.join(', ')}: the guard takes no patterns; write the names out in \`hosts\` and \`origins\``)
  if (service.http?.auth === 'user') notes.push('users sign in: add `jwt`, with issuer and audience, by hand')
  const hosts = unique([...exact(service.domains), ...doors.flatMap(hostsOf)])
  const origins = originsOf(service, doors)
  const isBehind = doors.length > 0
  if (isBehind)
    notes.push(
      `the proxy has to overwrite ${FORWARDED.join(', ')} of what its client sent (or take those that it does not set out of behind.headers), and to send the header X-Internal-API-Key with the key, without which every request is refused`,
    )
  const file = {
    ...(hosts.length > 0 ? { hosts } : {}),
    ...(origins === undefined ? {} : { origins }),
    ...(isBehind ? { behind: { keys: KEYS, headers: FORWARDED, client: 'X-Real-IP' } } : {}),
    ...(service.http?.auth === 'key' && !isBehind ? { keys: { callers: KEYS } } : {}),
    ...(service.limit === undefined ? {} : { limit: limitOf(service.limit) }),
  }
  return { kind: 'written', files: [{ path: 'guard.json', text: `${JSON.stringify(file, null, 2)}\n` }], notes }
}

/** Option by option: the order of keys says nothing, that of a list might. */
function compareGuard(wanted: readonly WrittenFile[], there: (path: string) => FileState): readonly Difference[] {
  return wanted.flatMap(({ path, text }): readonly Difference[] => {
    const state = there(path)
    if (state.kind !== 'text') return [{ what: path, wanted: 'a file' }]
    const [ours, theirs] = [text, state.text].map(optionsIn)
    if (ours === undefined || theirs === undefined) return [{ what: path, wanted: 'one object of JSON', there: 'something else' }]
    return [...new Set([...ours.keys(), ...theirs.keys()])].flatMap((name) => {
      const [option, other] = [ours.get(name), theirs.get(name)]
      if (option === other) return []
      return [
        { what: `${path}: ${name}`, ...(option === undefined ? {} : { wanted: option }), ...(other === undefined ? {} : { there: other }) },
      ]
    })
  })
}

/** `undefined`: no object of JSON. */
function optionsIn(text: string): ReadonlyMap<string, string> | undefined {
  const value = parseJson(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return new Map(entries(value).map(([name, option]) => [name, JSON.stringify(sorted(option))]))
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, inner]) => [name, sorted(inner)]),
  )
}

export const writer: Writer = { write: writeGuard, compare: compareGuard }

function isSameHost(ref: Service['from'][number], service: Service): boolean {
  const isOne = ref.kind === 'host' || ref.kind === 'service'
  return isOne && service.hosts.length === 1 && ref.hosts.every((host) => service.hosts.includes(host))
}

const exact = (domains: readonly string[]): readonly string[] => domains.filter((name) => !name.startsWith('*.'))
const unique = (texts: readonly string[]): readonly string[] => [...new Set(texts)]

/** As a client of the door writes it: without a port where that is the scheme's own, which the guard of a plain server knows as 80. */
function hostsOf(door: Service): readonly string[] {
  return exact(door.domains).flatMap((name) =>
    portsOf(door).map((port) => (port === 443 || port === 80 ? `${name}:80` : `${name}:${port}`)),
  )
}

function portsOf({ ports }: Service): readonly number[] {
  return ports.filter(({ first, last }) => first === last).map(({ first }) => first)
}

/** Those that the policy says, and the doors' own, whose scheme is not that of the server behind. `undefined`: the guard's default. */
function originsOf(service: Service, doors: readonly Service[]): readonly string[] | undefined {
  const own = doors.flatMap((door) =>
    exact(door.domains).flatMap((name) =>
      portsOf(door).flatMap((port) => {
        const isEncrypted = door.tls.kind !== 'none' && port !== 80
        const standard = isEncrypted ? 443 : 80
        return [`${isEncrypted ? 'https' : 'http'}://${name}${port === standard ? '' : `:${port}`}`]
      }),
    ),
  )
  const said = service.http?.origins?.map(({ value }) => value)
  return said === undefined && own.length === 0 ? undefined : unique([...(said ?? []), ...own])
}

function limitOf({ requests, per }: NonNullable<Service['limit']>): { readonly perSecond: number; readonly burst?: number } {
  return per === 'second' ? { perSecond: requests } : { perSecond: requests / 60, burst: requests }
}
