import type { AddressRange } from '../network/index.ts'
import { readAddresses } from './addresses.ts'
import { code, quoted } from './found.ts'
import type { Path } from './places.ts'
import { BUILT_IN_SOURCES, type BuiltInSource, type Host, type HostName, type Source, type SourceRef, THIS_HOST } from './policy.ts'
import type { Authored } from './schema.ts'
import type { Scope } from './scope.ts'

/** What people write when they mean a built-in source. */
const OTHER_WORDS: ReadonlyMap<string, BuiltInSource> = new Map([
  ['all', 'internet'],
  ['any', 'internet'],
  ['anyone', 'internet'],
  ['anywhere', 'internet'],
  ['everyone', 'internet'],
  ['everywhere', 'internet'],
  ['public', 'internet'],
  ['world', 'internet'],
  ['*', 'internet'],
  ['internal', 'private'],
  ['intranet', 'private'],
  ['lan', 'private'],
  ['local', 'loopback'],
  ['localhost', 'loopback'],
  ['lo', 'loopback'],
  ['none', 'loopback'],
  ['nobody', 'loopback'],
  ['self', 'loopback'],
  ['container', 'host'],
  ['containers', 'host'],
  ['docker', 'host'],
])

export function resolveSources(authored: Authored, scope: Scope): ReadonlyMap<string, Source> {
  const sources = new Map<string, Source>()
  for (const [name, value] of Object.entries(authored.sources ?? {})) {
    const addresses = scope.items(value, ['sources', name]).flatMap(({ value: text, path }) => {
      const read = readAddresses(text)
      if (!('code' in read)) return [{ value: read.range, origin: scope.origin(path) }]
      const declared = scope.kindOf(text) !== undefined || isBuiltIn(text)
      const hint = `a source is made of addresses; name several sources where they are used: ${code(`from: [${name}, ${text}]`)}`
      scope.report(
        path,
        declared ? { code: 'invalid-address', message: `${quoted(text)} is a name, and an address belongs here`, hint } : read,
      )
      return []
    })
    sources.set(name, { name, addresses, origin: scope.origin(['sources', name]) })
  }
  return sources
}

/** What names stand for when they are used as sources. */
export interface Declared {
  readonly sources: ReadonlyMap<string, Source>
  readonly hosts: ReadonlyMap<HostName, Host>
  /** The hosts of each service. */
  readonly placements: ReadonlyMap<string, readonly HostName[]>
}

export function resolveFrom(
  value: string | readonly string[] | undefined,
  path: Path,
  declared: Declared,
  scope: Scope,
): readonly SourceRef[] {
  return scope.items(value, path).flatMap(({ value: text, path: at }) => resolveRef(text, at, declared, scope) ?? [])
}

function resolveRef(text: string, path: Path, { sources, hosts, placements }: Declared, scope: Scope): SourceRef | undefined {
  const origin = scope.origin(path)
  if (isBuiltIn(text)) return { kind: 'built-in', name: text, origin }
  switch (scope.kindOf(text)) {
    case 'source':
      return { kind: 'source', name: text, addresses: (sources.get(text)?.addresses ?? []).map((address) => address.value), origin }
    case 'host':
      return { kind: 'host', name: text, hosts: [text], addresses: addressesOf([text], path, hosts, scope), origin }
    case 'service': {
      const on = placements.get(text) ?? []
      return { kind: 'service', name: text, hosts: on, addresses: addressesOf(on, path, hosts, scope), origin }
    }
    default:
      return literal(text, path, scope)
  }
}

function literal(text: string, path: Path, scope: Scope): SourceRef | undefined {
  const meant = OTHER_WORDS.get(text.toLowerCase())
  const read = readAddresses(text)
  if (!('code' in read)) return { kind: 'literal', text: read.text, addresses: [read.range], origin: scope.origin(path) }
  if (/[.:/%]|^[0-9]+$/.test(text)) {
    scope.report(path, read)
    return undefined
  }
  const near = meant ?? scope.suggest(text, [...BUILT_IN_SOURCES, ...scope.names('source', 'host', 'service')])
  const hint =
    near === undefined
      ? `declare it under ${code('sources')}, or write ${BUILT_IN_SOURCES.join(', ')} or an address`
      : `did you mean ${code(near)}?`
  scope.report(path, { code: 'unknown-name', message: `no source, host or service is called ${quoted(text)}`, hint })
  return undefined
}

function addressesOf(names: readonly HostName[], path: Path, hosts: ReadonlyMap<HostName, Host>, scope: Scope): readonly AddressRange[] {
  return names.flatMap((name) => {
    const host = hosts.get(name)
    if (host === undefined) return []
    if (host.addresses.length === 0 && host.aws.securityGroups.length === 0 && name !== THIS_HOST) {
      const message = `${quoted(name)} has no address, so nobody can tell its packets from others`
      scope.report(path, { code: 'source-without-address', message, hint: `give it one: ${code(`hosts: { ${name}: { address: … } }`)}` })
    }
    return host.addresses.map(({ value }) => ({ first: value, last: value }))
  })
}

function isBuiltIn(text: string): text is BuiltInSource {
  return (BUILT_IN_SOURCES as readonly string[]).includes(text)
}

/** Whether `outer` admits everyone that `inner` stands for, as far as names tell it. */
export function covers(outer: SourceRef, inner: SourceRef): boolean {
  const rank = (ref: SourceRef): number => (ref.kind === 'built-in' ? BUILT_IN_SOURCES.indexOf(ref.name) : -1)
  if (outer.kind === 'built-in') return outer.name === 'internet' || (inner.kind === 'built-in' && rank(outer) >= rank(inner))
  if (outer.kind === 'literal') return inner.kind === 'literal' && outer.text === inner.text
  return outer.kind === inner.kind && outer.name === inner.name
}
