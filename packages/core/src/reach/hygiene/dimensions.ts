import type { Condition, DeviceName } from '../../evidence/index.ts'
import {
  type Family,
  FAMILY_ADDRESSES,
  type Interval,
  intersection,
  type IntervalSet,
  type NumberSet,
  numberSet,
} from '../../network/index.ts'

/** What a condition asks of one property of a packet that does not change on its way. */
export type Part =
  | {
      readonly dimension: string
      readonly among: IntervalSet<number> | IntervalSet<bigint>
      readonly all: Interval<number> | Interval<bigint>
    }
  | { readonly dimension: string; readonly named: readonly DeviceName[] }

/** A condition that is not made of others. */
export type Asked =
  | { readonly kind: 'constant'; readonly holds: boolean }
  /** All of them have to hold. */
  | { readonly kind: 'parts'; readonly parts: readonly Part[] }
  /** May hold or not. `opaque`: what it asks is not known; otherwise it is a matter of circumstances. */
  | { readonly kind: 'open'; readonly opaque: boolean }

/** What happens to packets between the first rule that is looked at and the last. */
export interface Changes {
  readonly marks: boolean
  readonly tracking: boolean
}

const PORT: Interval<number> = { first: 0, last: 65_535 }
const BYTE: Interval<number> = { first: 0, last: 255 }
const MARK: Interval<number> = { first: 0, last: 0xffff_ffff }
const FLAG: Interval<number> = { first: 0, last: 1 }
/** One number of the kernel's registry is beyond a byte: 262, Multipath TCP. */
const PROTOCOL: Interval<number> = { first: 0, last: 511 }

const TCP = numberSet(6)
const ICMP: Readonly<Record<Family, NumberSet>> = { 4: numberSet(1), 6: numberSet(58) }
/** TCP, UDP, DCCP, SCTP, UDP-Lite. */
const WITH_PORTS = numberSet(6, 17, 33, 132, 136)

const STATES = ['new', 'established', 'related', 'invalid', 'untracked'] as const
const ADDRESS_TYPES = ['unspec', 'unicast', 'local', 'broadcast', 'anycast', 'multicast', 'blackhole', 'unreachable', 'prohibit'] as const
const PACKET_TYPES = ['host', 'broadcast', 'multicast', 'otherhost'] as const

const OPEN: Asked = { kind: 'open', opaque: true }

function range<T extends number | bigint>(dimension: string, among: IntervalSet<T>, all: Interval<T>): Part {
  return { dimension, among, all } as Part
}

function oneOf<T>(dimension: string, names: readonly T[], chosen: readonly T[]): Part {
  return range(dimension, numberSet(...chosen.map((name) => names.indexOf(name))), { first: 0, last: names.length - 1 })
}

function parts(...of: readonly Part[]): Asked {
  return { kind: 'parts', parts: of }
}

const withPorts = range('protocol', WITH_PORTS, PROTOCOL)
const tracked = range('tracked', numberSet(1), FLAG)

/** What a condition that is not made of others asks of packets of one family. */
export function askedBy(condition: Exclude<Condition, { kind: 'all' | 'any' | 'not' }>, family: Family, changes: Changes): Asked {
  const addresses = (dimension: string, set: IntervalSet<bigint>): Part => {
    const [all] = FAMILY_ADDRESSES[family]
    return range(dimension, intersection(set, FAMILY_ADDRESSES[family]), all as Interval<bigint>)
  }
  switch (condition.kind) {
    case 'family':
      return { kind: 'constant', holds: condition.families.includes(family) }
    case 'source':
    case 'destination':
      return parts(addresses(condition.kind, condition.addresses))
    case 'original-source':
    case 'original-destination':
      return changes.tracking ? OPEN : parts(tracked, addresses(condition.kind, condition.addresses))
    case 'original-source-port':
    case 'original-destination-port':
      return changes.tracking ? OPEN : parts(tracked, range(condition.kind, condition.ports, PORT))
    case 'protocol':
      return parts(range('protocol', condition.protocols, PROTOCOL))
    case 'source-port':
    case 'destination-port':
      return parts(withPorts, range(condition.kind, condition.ports, PORT))
    case 'device':
      return parts({ dimension: condition.of, named: condition.names })
    case 'mark':
      return changes.marks ? OPEN : parts(range(`${condition.of} mark & ${condition.mask}`, condition.values, MARK))
    case 'ct-state':
      return changes.tracking ? OPEN : parts(oneOf('state', STATES, condition.states))
    case 'ct-status':
      return changes.tracking ? OPEN : parts(tracked, yes(`status ${[...condition.statuses].sort().join()}`))
    case 'tracked':
      return changes.tracking ? OPEN : parts(tracked)
    case 'address-type':
      return parts(oneOf(`type of ${condition.of} at ${condition.device ?? 'any'}`, ADDRESS_TYPES, condition.types))
    case 'reverse-path':
      return parts(yes(`way back by ${condition.device ? 'the same' : 'any'}`))
    case 'tcp-flags':
      return parts(range('protocol', TCP, PROTOCOL), range('flags', flagBytes(condition.mask, condition.values), BYTE))
    case 'icmp':
      return parts(
        range('protocol', ICMP[family], PROTOCOL),
        range('icmp type', condition.types, BYTE),
        range('icmp code', condition.codes, BYTE),
      )
    case 'packet-type':
      return parts(oneOf('packet type', PACKET_TYPES, condition.types))
    case 'circumstance':
      return { kind: 'open', opaque: false }
    case 'own-process':
    case 'unknown':
      return OPEN
    default:
      return condition satisfies never
  }
}

/** A question of its own, whose answer is the same whenever it is asked. */
function yes(question: string): Part {
  return range(question, numberSet(1), FLAG)
}

const flagSets = new Map<string, NumberSet>()

/** The bytes whose bits under the mask are one of the values. */
function flagBytes(mask: number, values: NumberSet): NumberSet {
  const key = `${mask} ${values.map(({ first, last }) => `${first}-${last}`).join()}`
  const found =
    flagSets.get(key) ??
    numberSet(
      ...Array.from({ length: 256 }, (_, byte) => byte).filter((byte) =>
        values.some(({ first, last }) => first <= (byte & mask) && (byte & mask) <= last),
      ),
    )
  flagSets.set(key, found)
  return found
}
