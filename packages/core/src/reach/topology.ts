import { type Address, type Family, hasAddress, sameAddress } from '../network/index.ts'
import { type Interface, type Shown, show } from '../evidence/index.ts'
import { deviceNamed, type HostModel, membersOf, type NamespaceModel } from './host.ts'
import type { Reason } from './netfilter/index.ts'
import { routingOf } from './routing.ts'
import { peersOf } from './veth.ts'

/** An interface of one of the machine's namespaces. */
export interface Port {
  readonly namespace: NamespaceModel
  readonly device: Interface
}

/** Everything that frames from one port reach without being routed. */
export interface Segment {
  /** The ports on it where packets are taken, the one asked for not among them. */
  readonly ports: readonly Port[]
  /** The bridges that frames cross on it. */
  readonly bridges: readonly Port[]
  /** Whether it leads out of the machine. `perhaps`: by a veth whose other end is not known. */
  readonly outside: 'yes' | 'perhaps' | 'no'
}

const segments = new WeakMap<HostModel, Map<Interface, Segment>>()

export function segmentOf(host: HostModel, port: Port): Segment {
  const known = segments.get(host) ?? new Map<Interface, Segment>()
  segments.set(host, known)
  const found = known.get(port.device) ?? explore(host, port)
  known.set(port.device, found)
  return found
}

function explore(host: HostModel, start: Port): Segment {
  const seen = new Set<Interface>([start.device])
  const found: { ports: Port[]; bridges: Port[]; outside: Segment['outside'] } = { ports: [], bridges: [], outside: 'no' }
  const waiting = [start]
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    const { namespace, device } = at
    const members = joins(device) ? membersOf(namespace, device) : []
    const master = deviceNamed(namespace, device.master)
    const peers = peersOf(host, device)
    if (device.kind === 'bridge') found.bridges.push(at)
    if (device !== start.device && takesPackets(at)) found.ports.push(at)
    const leaves = leadsOut(at, members, peers, namespace !== start.namespace)
    if (leaves === 'yes' || found.outside === 'no') found.outside = leaves
    const next = [...members, ...(master !== undefined && joins(master) ? [master] : [])].map((item): Port => ({ namespace, device: item }))
    for (const port of [...next, ...peers]) {
      if (seen.has(port.device)) continue
      seen.add(port.device)
      waiting.push(port)
    }
  }
  return found
}

/** Masters that pass frames on between their members. A VRF only chooses routes for them. */
function joins({ kind }: Interface): boolean {
  return kind !== 'vrf'
}

/** Frames that enter a bridge or bond by one of its members are the master's. */
export function takesPackets({ namespace, device }: Port): boolean {
  if (!device.up || device.loopback) return false
  const master = deviceNamed(namespace, device.master)
  return device.master === undefined || (master !== undefined && !joins(master))
}

/**
 * A bridge without members is a container network that nobody is on; a dummy is nobody's. By what slirp4netns or pasta hold comes what they
 * took from sockets of their own, which are endpoints themselves.
 */
const LEADS_NOWHERE: ReadonlySet<string> = new Set(['bridge', 'dummy', 'ifb', 'user-mode'])

/** Whether frames leave the machine at this interface. What a veth leads to in another namespace than that of the port, may only have gone unseen. */
function leadsOut({ device }: Port, members: readonly Interface[], peers: readonly Port[], far: boolean): Segment['outside'] {
  // Of several that may be the other end, none has to be.
  if (peers.length > 1) return 'perhaps'
  if (members.length > 0 || peers.length > 0 || device.loopback || LEADS_NOWHERE.has(device.kind)) return 'no'
  return device.kind === 'veth' && far ? 'perhaps' : 'yes'
}

/** The ports on a segment of those who may send by it: every namespace but the port's own, and but the machine's, whose own packets are followed apart (`from-machine.ts`). */
export function besideOf(host: HostModel, port: Port): readonly Port[] {
  return segmentOf(host, port).ports.filter(({ namespace }) => namespace !== port.namespace && namespace.kind !== 'host')
}

/** A way into the machine from outside it: an interface that does not merely lead to another of its own namespaces. */
export function isExternal(host: HostModel, port: Port): boolean {
  return takesPackets(port) && segmentOf(host, port).outside !== 'no'
}

/** Where a packet arrives that leaves through `device` for the next hop: the namespace on that link that has the address. */
export function nextHop(host: HostModel, from: Port, hop: Address): Port | undefined {
  const { ports } = segmentOf(host, from)
  return (
    ports.find(({ device }) => device.addresses.some((item) => sameAddress(item.address, hop))) ??
    // Linux answers for each of its addresses on every link (arp_ignore of ip-sysctl.rst).
    ports.find(({ namespace }) => hasAddress(routingOf(namespace).locals('local'), hop))
  )
}

const blind = new WeakMap<Interface, readonly Reason[]>()

/** What decides about packets at a port before its rules do, and is not followed. */
export function blindness({ namespace, device }: Port): readonly Reason[] {
  const found = blind.get(device) ?? unfollowed(namespace, device)
  blind.set(device, found)
  return found
}

function unfollowed(namespace: NamespaceModel, { name, master: masterName, programs }: Interface): readonly Reason[] {
  const master = deviceNamed(namespace, masterName)
  return [
    ...programs.map((program) => ({ text: show(`a ${program} program on ${name} may drop or redirect the packet first`) })),
    ...(master === undefined ? [] : [{ text: show(`${name} belongs to the VRF ${master.name}, whose routing is not followed`) }]),
  ]
}

/** What decides about frames on their way into the machine to a port, and is not followed. */
export function bridgeReasons(host: HostModel, port: Port, family: Family): readonly Shown[] {
  return segmentOf(host, port).bridges.flatMap((bridge) => [
    ...(decides(bridge, ['bridge']) ? [show(`rules of the bridge ${bridge.device.name} may drop or redirect the packet first`)] : []),
    ...(bridge.device !== port.device && asksRules(bridge, family)
      ? [show(`frames through the bridge ${bridge.device.name} meet the packet filter of ${bridge.namespace.label}`)]
      : []),
  ])
}

/** Whether frames that a bridge passes on meet the rules for what is forwarded, as if they were routed (br_netfilter). */
export function asksRules(bridge: Port, family: Family): boolean {
  const { kind } = bridge.device
  const calls = bridge.namespace.settings.get(`net.bridge.bridge-nf-call-${family === 4 ? 'iptables' : 'ip6tables'}`) === '1'
  return kind === 'bridge' && calls && decides(bridge, ['inet', family === 4 ? 'ip' : 'ip6'])
}

/** Whether the namespace has base chains of these families that do more than let pass. */
function decides({ namespace }: Port, families: readonly string[]): boolean {
  return namespace.filters.some(({ claim }) =>
    claim.ruleset.tables.some(
      (table) =>
        !table.dormant &&
        families.includes(table.family) &&
        [...table.chains.values()].some(({ base, rules }) => base !== undefined && (base.policy === 'drop' || rules.length > 0)),
    ),
  )
}
