import { BlockList, isIP, SocketAddress } from 'node:net'

export type Family = 4 | 6
export type IptablesBackend = 'nft' | 'legacy'

/** A network as it is drawn: zones, and the hosts that stand in them. */
export interface LabSpec<Z extends string = string, H extends string = string> {
  /**
   * Each zone is one Ethernet segment with at most one network per family, written ADDRESS/LENGTH with no host bits set.
   * The first address of a network is the zone's own: its gateway, and the default source of its packets.
   */
  readonly zones: Readonly<Record<Z, readonly string[]>>
  readonly hosts: Readonly<Record<H, HostSpec<NoInfer<Z>, NoInfer<H>>>>
}

export interface HostSpec<Z extends string = string, H extends string = string> {
  /** The host's addresses in each zone it stands in. Its interface there bears the zone's name. */
  readonly on: Partial<Readonly<Record<Z, readonly string[]>>>
  /** A zone (by its gateway) or another host (by its addresses in a zone both stand in). Left out: on-link only. */
  readonly defaultRoute?: Z | H
  /** Forward packets between interfaces, for both families. */
  readonly forwarding?: boolean
  /** Which program `iptables` is on this host, for ufw and Docker too. Default nft, as on Debian. */
  readonly iptables?: IptablesBackend
  /** Dotted or slashed names under /proc/sys, as `net.ipv4.conf.all.rp_filter`. */
  readonly sysctl?: Readonly<Record<string, string | number>>
}

export interface Network {
  readonly family: Family
  readonly address: string
  readonly length: number
  readonly gateway: string
}

export interface ZonePlan {
  readonly name: string
  readonly netns: string
  readonly networks: readonly Network[]
  /** One port of the bridge for each host, in the order of the drawing. */
  readonly ports: readonly PortPlan[]
}

export interface PortPlan {
  readonly host: string
  readonly netns: string
  readonly addresses: readonly string[]
  readonly mac: string
  /** Leads packets to this host as next hop. */
  readonly mark: number
}

export interface HostPlan {
  readonly name: string
  readonly netns: string
  readonly addresses: readonly { readonly zone: string; readonly address: string; readonly length: number }[]
  readonly defaultVia: readonly { readonly zone: string; readonly gateway: string }[]
  /** Everybody else in the host's zones. */
  readonly neighbours: readonly { readonly zone: string; readonly address: string; readonly mac: string }[]
  readonly iptables: IptablesBackend
  readonly sysctls: readonly (readonly [name: string, value: string])[]
}

export interface Plan {
  readonly zones: readonly ZonePlan[]
  readonly hosts: readonly HostPlan[]
}

export class DrawingError extends Error {
  override readonly name = 'DrawingError'
}

const MOST_HOSTS = 200
const FIRST_MARK = 1000
/** Locally administered (IEEE 802, second bit of the first byte). */
export const ZONE_MAC = '02:00:00:00:00:01'
const macOf = (host: number) => `02:00:00:00:01:${host.toString(16).padStart(2, '0')}`

/** Checks a drawing and works out everything it leaves unsaid; `prefix` begins the name of every namespace. Throws DrawingError. */
export function plan(spec: LabSpec, prefix: string): Plan {
  for (const name of [...Object.keys(spec.zones), ...Object.keys(spec.hosts)]) {
    // Zone names become interface names, which the kernel limits to 15 bytes.
    if (!/^[a-z][a-z0-9-]{0,14}$/.test(name)) throw new DrawingError(`'${name}': a name is a letter and up to 14 of a-z, 0-9 and -`)
    if (name in spec.zones && name in spec.hosts) throw new DrawingError(`'${name}' names both a zone and a host`)
  }
  const hosts = Object.entries(spec.hosts)
  if (hosts.length > MOST_HOSTS) throw new DrawingError(`at most ${MOST_HOSTS} hosts can be drawn`)
  const networks = new Map(Object.entries(spec.zones).map(([zone, written]) => [zone, written.map((text) => network(zone, text))]))
  const taken = new Map([...networks].flatMap(([zone, list]) => list.map((net) => [net.gateway, `the gateway of ${zone}`] as const)))
  const placed = new Map(hosts.map(([name, host]) => [name, place(name, host, networks, taken)]))
  const zones = [...networks].map(([zone, list]): ZonePlan => {
    const ports = hosts.flatMap(([name], index) => {
      const addresses = (placed.get(name) ?? []).filter((each) => each.zone === zone).map((each) => each.address)
      return addresses.length === 0 ? [] : [{ host: name, netns: prefix + name, addresses, mac: macOf(index), mark: FIRST_MARK + index }]
    })
    return { name: zone, netns: prefix + zone, networks: list, ports }
  })
  return {
    zones,
    hosts: hosts.map(([name, host]) => ({
      name,
      netns: prefix + name,
      addresses: placed.get(name) ?? [],
      neighbours: zones.filter((zone) => zone.ports.some((port) => port.host === name)).flatMap((zone) => neighbours(zone, name)),
      defaultVia: host.defaultRoute === undefined ? [] : gateways(name, host.defaultRoute, networks, placed),
      iptables: host.iptables ?? 'nft',
      sysctls: [
        ...(host.forwarding ? FORWARDING : []),
        ...Object.entries(host.sysctl ?? {}).map(([key, value]) => [key, String(value)] as const),
      ],
    })),
  }
}

const FORWARDING = [
  ['net.ipv4.ip_forward', '1'],
  ['net.ipv6.conf.all.forwarding', '1'],
] as const

/** The family of an address written without a zone index or mapped notation; undefined for any other text. */
export function familyOf(address: string): Family | undefined {
  const family = isIP(address)
  return (family === 4 || family === 6) && !address.includes('%') ? family : undefined
}

/** The one spelling by which two texts for the same address compare equal (RFC 5952). The text must be an address. */
export function spelled(address: string): string {
  return new SocketAddress({ address, family: isIP(address) === 6 ? 'ipv6' : 'ipv4' }).address
}

/** Whether the address lies in the network. */
export function contains(net: Network, address: string): boolean {
  if (familyOf(address) !== net.family) return false
  const list = new BlockList()
  list.addSubnet(net.address, net.length, `ipv${net.family}`)
  return list.check(address, `ipv${net.family}`)
}

function neighbours(zone: ZonePlan, name: string): HostPlan['neighbours'] {
  return [
    ...zone.networks.map((net) => ({ zone: zone.name, address: net.gateway, mac: ZONE_MAC })),
    ...zone.ports
      .filter((port) => port.host !== name)
      .flatMap((port) => port.addresses.map((address) => ({ zone: zone.name, address, mac: port.mac }))),
  ]
}

function network(zone: string, text: string): Network {
  const [address = '', length = ''] = text.split('/')
  const family = familyOf(address)
  if (family === undefined || !/^\d{1,3}$/.test(length) || Number(length) > (family === 4 ? 30 : 126)) {
    throw new DrawingError(`zone ${zone}: '${text}' is not a network of at least four addresses`)
  }
  return { family, address, length: Number(length), gateway: first(zone, address, family) }
}

/** The address after the network's own. Needs the usual spelling: IPv4 ending in an even number, IPv6 ending in `::`. */
function first(zone: string, address: string, family: Family): string {
  if (family === 6) {
    if (!address.endsWith('::')) throw new DrawingError(`zone ${zone}: write '${address}' so that it ends in ::`)
    return spelled(`${address}1`)
  }
  const [a, b, c, d] = address.split('.').map(Number)
  return [a, b, c, (d ?? 0) + 1].join('.')
}

function place(
  name: string,
  host: HostSpec,
  networks: ReadonlyMap<string, readonly Network[]>,
  taken: Map<string, string>,
): HostPlan['addresses'] {
  return Object.entries(host.on).flatMap(([zone, addresses = []]) =>
    addresses.map((written) => {
      const address = familyOf(written) === undefined ? written : spelled(written)
      const net = networks.get(zone)?.find((each) => contains(each, address))
      if (!net) throw new DrawingError(`${name}: ${address} is in no network of zone '${zone}'`)
      const owner = taken.get(address)
      if (owner !== undefined) throw new DrawingError(`${name}: ${address} is taken by ${owner}`)
      taken.set(address, name)
      return { zone, address, length: net.length }
    }),
  )
}

function gateways(
  name: string,
  target: string,
  networks: ReadonlyMap<string, readonly Network[]>,
  placed: ReadonlyMap<string, HostPlan['addresses']>,
): HostPlan['defaultVia'] {
  const own = placed.get(name) ?? []
  const candidates = networks.has(target)
    ? (networks.get(target) ?? []).map((net) => ({ zone: target, gateway: net.gateway }))
    : (placed.get(target) ?? []).map((each) => ({ zone: each.zone, gateway: each.address }))
  const chosen = ([4, 6] as const).flatMap((family) => {
    const usable = candidates.find(
      ({ zone, gateway }) => familyOf(gateway) === family && own.some((each) => each.zone === zone && familyOf(each.address) === family),
    )
    return usable ? [usable] : []
  })
  if (chosen.length === 0) throw new DrawingError(`${name}: no default route by way of '${target}': they share no zone`)
  return chosen
}
