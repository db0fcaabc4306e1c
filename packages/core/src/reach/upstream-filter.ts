import type { Evidence, Interface, NamespaceId, Netfilter, Prefix, Route, Ruleset, UpstreamFilter } from '../evidence/index.ts'
import { type Address, addressSetOf, BITS, FAMILIES, type Family, formatAddress } from '../network/index.ts'
import { show } from '../evidence/index.ts'
import type { NamespaceModel } from './host.ts'

/** Indexes of interfaces that are nobody's: those of the kernel are below 2^31. */
const FIRST_INDEX = 2 ** 32

/**
 * The namespaces with one more for each filter that stands before an interface: it has the public addresses, translates them, and forwards to
 * the interface what its rules let through. So a security group is asked as every other packet filter on the way is.
 */
export function behindFilters(
  namespaces: ReadonlyMap<NamespaceId, NamespaceModel>,
  filters: readonly Evidence<UpstreamFilter>[],
): ReadonlyMap<NamespaceId, NamespaceModel> {
  const found = new Map(namespaces)
  for (const [number, filter] of filters.entries()) {
    const namespace = found.get(filter.namespace ?? '')
    const device = namespace?.interfaces.find(({ name }) => name === filter.claim.device)
    if (namespace === undefined || device === undefined) continue
    const end = FIRST_INDEX + number
    const linked: Interface = { ...device, kind: 'veth', peer: { index: end, elsewhere: true } }
    found.set(namespace.id, { ...namespace, interfaces: namespace.interfaces.map((item) => (item === device ? linked : item)) })
    const before = upstreamOf(filter, namespace.id, linked, end)
    found.set(before.id, before)
  }
  return found
}

/** What is true of every network card of a cloud: it gets what is sent to its own addresses, and nobody else comes as itself. */
const SETTINGS: ReadonlyMap<string, string> = new Map([
  ['net.ipv4.ip_forward', '1'],
  ['net.ipv6.conf.all.forwarding', '1'],
  ['net.ipv4.conf.all.rp_filter', '1'],
])

function upstreamOf(filter: Evidence<UpstreamFilter>, behind: NamespaceId, device: Interface, index: number): NamespaceModel {
  const { claim } = filter
  const outside = `the network of ${device.name}`
  const inside = claim.label
  const link = { claim: 'interface', up: true, loopback: false, addresses: [], programs: [] } as const
  const own = device.addresses.filter(({ scope }) => scope === 'global').map(({ address }) => address)
  return {
    id: `${behind} ${device.name}`,
    kind: 'upstream',
    label: claim.label,
    container: undefined,
    interfaces: [
      { ...link, name: outside, index: index + 1, kind: 'ether' },
      { ...link, name: inside, index, kind: 'veth', peer: { index: device.index, elsewhere: true } },
    ],
    routes: [
      ...own.map((address) => route('unicast', whole(address), inside)),
      ...claim.translated.map(({ from }) => route('local', whole(from), outside)),
      ...[...claim.network, ...FAMILIES.map(everything)].map((prefix) => route('unicast', prefix, outside)),
    ],
    rules: [],
    filters: [translation(claim), ...claim.rulesets].map(
      (ruleset): Evidence<Netfilter> => ({ ...filter, claim: { claim: 'netfilter', ruleset } }),
    ),
    settings: SETTINGS,
    sockets: [],
    gaps: [],
  }
}

function route(type: Route['type'], destination: Prefix, device: string): Route {
  const table = type === 'local' ? 'local' : 'main'
  return { claim: 'route', family: destination.address.family, type, destination, device, table, metric: 0 }
}

function whole(address: Address): Prefix {
  return { address, prefixLength: BITS[address.family] }
}

function everything(family: Family): Prefix {
  return { address: { family, value: 0n }, prefixLength: 0 }
}

/** The public addresses, each translated to the one that the interface has. */
function translation({ label, translated }: UpstreamFilter): Ruleset {
  const rules = translated.map(({ from, to }, index) => ({
    expressions: [
      { kind: 'match', when: { kind: 'destination', addresses: addressSetOf(from) } },
      { kind: 'dnat', to: { addresses: { first: to, last: to } } },
    ] as const,
    origin: {
      kind: 'rule',
      tool: 'upstream',
      table: 'public addresses',
      chain: label,
      index: index + 1,
      text: show(`${formatAddress(from)} is translated to ${formatAddress(to)}`),
    } as const,
  }))
  const base = { hook: 'prerouting', type: 'nat', priority: -100, policy: 'accept' } as const
  const chains = new Map([[label, { name: label, base, rules }]])
  return { tool: 'upstream', unread: [], tables: [{ family: 'inet', name: 'public addresses', dormant: false, chains }] }
}
