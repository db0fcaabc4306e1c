import type { AddressType, Condition, DeviceName, Direction } from '../../evidence/index.ts'
import {
  type Address,
  addressSet,
  type AddressSet,
  ALL_ADDRESSES,
  difference,
  hasAddress,
  includes,
  intersection,
  NO_ADDRESSES,
  sameAddress,
  sourceSet,
  unionOf,
} from '../../network/index.ts'
import { always, ANYWHERE, both, either, EVERYWHERE, exactly, NOWHERE, opposite, type Region } from './region.ts'
import { sourceAmong, sourcePortAmong, sourceTranslated, translatedSource } from './source.ts'
import { LOOP, type State } from './state.ts'
import type { NetfilterHost } from './types.ts'

const TCP = 6
const UDP = 17

/** SYN and nothing else opens a connection (RFC 9293 §3.5); whether ECE and CWR are set with it is the sender's choice (RFC 3168 §6.1.1). */
const SYN = 0x02
const SENDERS_CHOICE = 0xc0

/** Where among all sources the condition holds for a packet in this state. */
export function regionOf(condition: Condition, state: State, host: NetfilterHost): Region {
  switch (condition.kind) {
    case 'all': {
      let region = EVERYWHERE
      for (const member of condition.of) {
        region = both(region, regionOf(member, state, host))
        if (region === NOWHERE) break
      }
      return region
    }
    case 'any': {
      let region = NOWHERE
      for (const member of condition.of) {
        region = either(region, regionOf(member, state, host))
        if (region === EVERYWHERE) break
      }
      return region
    }
    case 'not':
      return opposite(regionOf(condition.of, state, host))
    case 'family':
      return always(condition.families.includes(state.family))
    case 'source':
      return sourceAmong(condition.addresses, state, host)
    case 'original-source':
      return ofConnection(state, exactly(sourceSet(condition.addresses)))
    case 'original-source-port':
      return ofConnection(state, exactly(sourceSet(ALL_ADDRESSES, condition.ports)))
    case 'destination':
      return always(hasAddress(condition.addresses, state.destination))
    case 'original-destination':
      return ofConnection(state, always(hasAddress(condition.addresses, state.originalDestination)))
    case 'original-destination-port':
      return ofConnection(state, always(includes(condition.ports, state.originalPort)))
    case 'protocol':
      return always(includes(condition.protocols, state.protocol))
    case 'source-port':
      return sourcePortAmong(condition.ports, state)
    case 'destination-port':
      return always(includes(condition.ports, state.port))
    case 'device':
      return always(condition.names.some((name) => isNamed(condition.of === 'inbound' ? state.inbound : state.outbound, name)))
    case 'mark': {
      const mark = condition.of === 'packet' ? state.packetMark : state.connectionMark
      return mark === undefined ? ANYWHERE : always(includes(condition.values, (mark & condition.mask) >>> 0))
    }
    case 'ct-state':
      return ctState(condition.states, state)
    case 'ct-status':
      return ctStatus(condition.statuses, state, host)
    case 'tracked':
      return ofConnection(state, EVERYWHERE)
    case 'address-type':
      return addressType(condition, state, host)
    case 'reverse-path': {
      // What the namespace sent itself came back by lo: the way it came is the way back (rpfilter_is_loopback in xt_rpfilter.c, nft_fib_is_loopback).
      if (state.inbound === LOOP) return EVERYWHERE
      const sources = host.reversePath?.(condition.device ? state.inbound : undefined, state.family)
      return sources === undefined ? ANYWHERE : exactly(sourceSet(sources))
    }
    case 'tcp-flags':
      return tcpFlags(condition.mask, condition.values, state)
    case 'icmp':
      return NOWHERE
    // A packet that came in has no process, nor one that came back by lo (loopback_xmit gives it away).
    case 'own-process':
      return always(state.inbound === '')
    case 'packet-type':
      return packetType(condition.types, state)
    case 'circumstance':
      return state.plain ? always(condition.plain) : ANYWHERE
    case 'unknown':
      return ANYWHERE
    default:
      return condition satisfies never
  }
}

function isNamed(device: string, { name, prefix }: DeviceName): boolean {
  return prefix ? device.startsWith(name) : device === name
}

/**
 * Of a connection's first packet: NEW, or UNTRACKED after NOTRACK; before the tracker has seen it, INVALID (nft_ct.c, xt_conntrack.c
 * answer so without an entry). ESTABLISHED and RELATED need an earlier exchange.
 */
function ctState(states: Extract<Condition, { kind: 'ct-state' }>['states'], state: State): Region {
  switch (state.tracking) {
    case 'before':
      return always(states.includes('invalid'))
    case 'unclear':
      return states.includes('invalid') === states.includes('new') ? always(states.includes('new')) : ANYWHERE
    case 'tracked':
      return always(states.includes('new'))
    case 'untracked':
      return always(states.includes('untracked'))
    default:
      return state.tracking satisfies never
  }
}

function ctStatus(statuses: Extract<Condition, { kind: 'ct-status' }>['statuses'], state: State, host: NetfilterHost): Region {
  const byDestination = always(statuses.includes('dnat') && state.destinationTranslated)
  return ofConnection(state, either(byDestination, statuses.includes('snat') ? sourceTranslated(state, host) : NOWHERE))
}

/** An answer that only the packet's entry in the connection table can give. */
function ofConnection({ tracking }: State, region: Region): Region {
  if (tracking === 'unclear') return { must: NOWHERE.must, may: region.may }
  return tracking === 'tracked' ? region : NOWHERE
}

function tcpFlags(mask: number, values: Extract<Condition, { kind: 'tcp-flags' }>['values'], state: State): Region {
  if (state.protocol !== TCP) return NOWHERE
  const choices = [0, 0x40, 0x80, 0xc0].filter((bits) => (bits & mask & SENDERS_CHOICE) === bits)
  const answers = choices.map((bits) => includes(values, (SYN | bits) & mask))
  return answers.every((answer) => answer === answers[0]) ? always(answers[0] === true) : ANYWHERE
}

/** TCP takes no packet that the link layer calls anything but `host` (tcp_ipv4.c, tcp_ipv6.c); for UDP a neighbour may put it in a broadcast frame. */
function packetType(types: Extract<Condition, { kind: 'packet-type' }>['types'], state: State): Region {
  if (hasAddress(MULTICAST, state.destination)) return always(types.includes('multicast'))
  const fromNeighbour = state.inbound !== '' && state.inbound !== LOOP
  if (fromNeighbour && state.protocol === UDP && (types.includes('broadcast') || types.includes('multicast') || !types.includes('host')))
    return ANYWHERE
  return always(types.includes('host'))
}

export const MULTICAST: AddressSet = addressSet('224.0.0.0/4', 'ff00::/8')
/** Besides the broadcast addresses of its networks (inet_addr_type in fib_frontend.c; before Linux 5.3 all of 0.0.0.0/8, of which it took nothing). */
export const ALWAYS_BROADCAST: AddressSet = addressSet('0.0.0.0', '255.255.255.255')
export const UNSPECIFIED: AddressSet = addressSet('::')

const ofTypes = new WeakMap<NetfilterHost, WeakMap<Condition, Region>>()

function addressType(condition: Extract<Condition, { kind: 'address-type' }>, state: State, host: NetfilterHost): Region {
  const region = condition.device === undefined ? knownTypes(condition, host) : deviceTypes(condition, condition.device, state, host)
  if (condition.of === 'destination') return atAddress(region, state.destination)
  if (state.sourceTranslation === undefined) return region
  const now = translatedSource(state, host)
  return now !== undefined && sameAddress(now.first, now.last) ? atAddress(region, now.first) : ANYWHERE
}

/** Of all devices, which is the same for every packet. */
function knownTypes(condition: Extract<Condition, { kind: 'address-type' }>, host: NetfilterHost): Region {
  const known = ofTypes.get(host) ?? new WeakMap<Condition, Region>()
  ofTypes.set(host, known)
  const region = known.get(condition) ?? ofAnyType(condition.types, host.localAddresses, host)
  known.set(condition, region)
  return region
}

function deviceTypes(
  { types }: Extract<Condition, { kind: 'address-type' }>,
  direction: Direction,
  state: State,
  host: NetfilterHost,
): Region {
  const own = host.deviceAddresses?.(direction === 'inbound' ? state.inbound : state.outbound)
  if (own !== undefined) return ofAnyType(types, intersection(own, host.localAddresses), host)
  return either(types.includes('local') ? within(host.localAddresses) : NOWHERE, ofAnyType(types, NO_ADDRESSES, host))
}

function ofAnyType(types: readonly AddressType[], local: AddressSet, host: NetfilterHost): Region {
  return types
    .map((type) => typeSet(type, local, host))
    .reduce<Region>((all, one) => either(all, one === undefined ? ANYWHERE : exactly(sourceSet(one))), NOWHERE)
}

/** Perhaps inside of `set`, never outside. */
function within(set: AddressSet): Region {
  return { must: NOWHERE.must, may: sourceSet(set) }
}

/** The answer for one address, whatever the packet's source was. */
function atAddress(region: Region, address: Address): Region {
  const holds = (sources: Region['may']): boolean => sources.some(({ addresses }) => hasAddress(addresses, address))
  if (holds(region.must)) return EVERYWHERE
  return holds(region.may) ? ANYWHERE : NOWHERE
}

/** The kernel asks its local table only, so that types of other routes never answer (`inet_addr_type`). `undefined`: depends on routes that are not given. */
function typeSet(type: AddressType, local: AddressSet, host: NetfilterHost): AddressSet | undefined {
  const broadcast = unionOf([ALWAYS_BROADCAST, host.broadcastAddresses ?? NO_ADDRESSES])
  switch (type) {
    case 'local':
      return difference(local, unionOf([broadcast, MULTICAST]))
    case 'broadcast':
      return broadcast
    case 'multicast':
      return MULTICAST
    case 'unicast':
      return difference(ALL_ADDRESSES, unionOf([local, broadcast, MULTICAST, UNSPECIFIED]))
    case 'unspec':
      return UNSPECIFIED
    case 'anycast':
    case 'blackhole':
    case 'unreachable':
    case 'prohibit':
      return undefined
    default:
      return type satisfies never
  }
}
