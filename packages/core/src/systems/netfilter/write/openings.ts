import { includesPort, type PortRange, type Protocol } from '../../../evidence/index.ts'
import { type AddressRange, type AddressSet, addressSetOf, difference, isEmpty, PRIVATE, rangeSet, union } from '../../../network/index.ts'
import { UNKNOWN_LINKS } from '../../admitted.ts'
import type { HostName, Policy, Service, ServiceName, SourceRef } from '../../../policy/index.ts'

/** Who is let in by a rule of a packet filter. What the machine sends to itself comes by lo, and needs no rule of its own. */
export type Senders =
  | { readonly kind: 'everyone' }
  /** Whatever of the machine has addresses of its own. */
  | { readonly kind: 'containers' }
  /** `name`: of a source, host or service of the policy, or `private`; absent: addresses that have none. Not empty. */
  | { readonly kind: 'addresses'; readonly addresses: AddressSet; readonly name?: string }

/** What the packet filter of a host has to let in for one source of one service. */
export interface Opening {
  readonly service: ServiceName
  readonly protocol: Protocol
  /** Inclusive at both ends, ascending, disjoint. */
  readonly ports: readonly PortRange[]
  readonly from: Senders
}

export interface Openings {
  readonly host: HostName
  /** In the order of the policy. */
  readonly openings: readonly Opening[]
  /** What the rules leave out although the policy speaks of it, and why. */
  readonly notes: readonly string[]
}

/**
 * Who has to be let in on a host, as the policy's sources mean it (docs/policy.md, Names): every built-in source is within the next; addresses
 * stand for themselves; a host or service for its addresses, and one of this very machine, which has none to be given, for its containers.
 * `links`: networks that the host is on; public addresses of those are neighbours too.
 */
export function openingsOf(policy: Policy, host: HostName, links: readonly AddressRange[]): Openings {
  const notes = new Set<string>()
  const own = addressSetOf(...(policy.hosts.get(host)?.addresses ?? []).map(({ value }) => value))
  const neighbours = union(PRIVATE, rangeSet(links))
  const openings = [...policy.services.values()]
    .filter(({ hosts }) => hosts.includes(host))
    .flatMap((service) => {
      const senders = service.from.flatMap((ref) => sendersOf(ref, host, neighbours, (note) => notes.add(`${service.name}: ${note}`)))
      return unique(senders.flatMap((one) => withoutOwn(one, own))).flatMap((from) =>
        service.protocols.map((protocol): Opening => ({ service: service.name, protocol, ports: service.ports, from })),
      )
    })
  if (links.length === 0 && openings.some(({ from }) => from.kind === 'addresses' && from.name === 'private')) notes.add(UNKNOWN_LINKS)
  for (const note of proxied(policy, host)) notes.add(note)
  return { host, openings, notes: [...notes] }
}

function sendersOf(ref: SourceRef, host: HostName, neighbours: AddressSet, note: (text: string) => void): readonly Senders[] {
  switch (ref.kind) {
    case 'built-in':
      switch (ref.name) {
        case 'loopback':
          return []
        case 'host':
          return [{ kind: 'containers' }]
        case 'private':
          return [{ kind: 'addresses', name: 'private', addresses: neighbours }, { kind: 'containers' }]
        case 'internet':
          return [{ kind: 'everyone' }]
        default:
          return ref satisfies never
      }
    case 'literal':
      return [{ kind: 'addresses', addresses: rangeSet(ref.addresses) }]
    case 'source':
      return [{ kind: 'addresses', name: ref.name, addresses: rangeSet(ref.addresses) }]
    case 'host':
    case 'service':
      if (ref.addresses.length > 0) return [{ kind: 'addresses', name: ref.name, addresses: rangeSet(ref.addresses) }]
      if (ref.hosts.every((name) => name === host)) return [{ kind: 'containers' }]
      note(`${ref.name} has no address, so nothing is opened for it`)
      return []
    default:
      return ref satisfies never
  }
}

/** What has the host's own address comes by lo; from elsewhere somebody made it up. */
function withoutOwn(senders: Senders, own: AddressSet): readonly Senders[] {
  if (senders.kind !== 'addresses') return [senders]
  const addresses = difference(senders.addresses, own)
  return isEmpty(addresses) ? [] : [{ ...senders, addresses }]
}

/** Everyone is everyone; containers are named once. */
function unique(senders: readonly Senders[]): readonly Senders[] {
  const everyone = senders.find(({ kind }) => kind === 'everyone')
  if (everyone !== undefined) return [everyone]
  const containers = senders.find(({ kind }) => kind === 'containers')
  return [...senders.filter(({ kind }) => kind === 'addresses'), ...(containers === undefined ? [] : [containers])]
}

/** M12: what a door of the same host passes on to needs no opening of its own. */
function proxied(policy: Policy, host: HostName): readonly string[] {
  const services = [...policy.services.values()].filter(({ hosts }) => hosts.includes(host))
  return services.flatMap((service) => {
    if (!isForEveryone(service)) return []
    const door = services.find(({ tls, routes }) => tls.kind !== 'none' && routes.some((route) => route.service === service.name))
    return door === undefined
      ? []
      : [`${service.name}: ${door.name} passes requests on to it, so it needs no opening: leave out its \`from\``]
  })
}

function isForEveryone({ from }: Service): boolean {
  return from.some((ref) => ref.kind === 'built-in' && ref.name === 'internet')
}

/** Where sshd listens unless it is told otherwise. */
const SSH = 22

export function isForSsh({ service, protocol, ports }: Opening): boolean {
  return protocol === 'tcp' && (/^sshd?$/i.test(service) || ports.some((range) => includesPort(range, SSH)))
}
