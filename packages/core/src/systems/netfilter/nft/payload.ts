import { type Condition, show } from '../../../evidence/index.ts'
import { includes, intervalSet, type NumberSet, numberSet } from '../../../network/index.ts'
import { field, type Json, numberField, textField } from '../../json.ts'
import { all, ALWAYS, anyOf, NEVER, not } from '../conditions.ts'
import {
  addressField,
  familyFacts,
  familyIs,
  type Field,
  type NumberFacts,
  portFacts,
  protocolFacts,
  protocolIs,
  unmasked,
  valueField,
} from './field.ts'
import { ICMP_CODES, ICMP_TYPES, ICMPV6_CODES, ICMPV6_TYPES } from './icmp.ts'
import { type Names, numbersOf } from './values.ts'

export const ETHER_TYPE: NumberFacts = familyFacts({ ip: 0x0800, ip6: 0x86dd, arp: 0x0806, vlan: 0x8100, '8021q': 0x8100 }, 0x0800, 0x86dd)

export const TCP_FLAG_BITS: Readonly<Record<string, number>> = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16, urg: 32, ecn: 64, cwr: 128 }

const TCP_FLAGS: NumberFacts = {
  requires: protocolIs(6),
  largest: 255,
  names: TCP_FLAG_BITS,
  make: (mask, values) => ({ kind: 'tcp-flags', mask, values }),
}

const EVERY_BYTE: NumberSet = intervalSet([{ first: 0, last: 255 }])

function icmpFacts(protocol: number, part: 'types' | 'codes', names: Names): NumberFacts {
  return {
    requires: protocolIs(protocol),
    largest: 255,
    names,
    make: (mask, values) => ({ kind: 'icmp', types: EVERY_BYTE, codes: EVERY_BYTE, [part]: unmasked(mask, values, 255) }),
  }
}

/** A field that a plain packet has at these values, and a sender may set at will. */
function usualFacts(largest: number, usual: readonly number[], names: Names, text: string): NumberFacts {
  return {
    largest,
    names,
    make(mask, values) {
      const answers = usual.map((value) => includes(values, (value & mask) >>> 0))
      return answers.every((answer) => answer === answers[0])
        ? { kind: 'circumstance', plain: answers[0] === true, text: show(text) }
        : undefined
    },
  }
}

const TRANSPORTS: Readonly<Record<string, Condition>> = {
  th: ALWAYS,
  tcp: protocolIs(6),
  udp: protocolIs(17),
  dccp: protocolIs(33),
  sctp: protocolIs(132),
  udplite: protocolIs(136),
}

/** Headers of which some fields are not read: at least that they have to be there is known. ARP packets are not IP packets. */
const HEADERS: Readonly<Record<string, Condition>> = {
  ip: familyIs(4),
  ip6: familyIs(6),
  icmp: protocolIs(1),
  igmp: protocolIs(2),
  gre: protocolIs(47),
  esp: protocolIs(50),
  ah: protocolIs(51),
  icmpv6: protocolIs(58),
  comp: protocolIs(108),
  arp: NEVER,
}

function unread(requires: Condition): Field {
  return valueField(requires, () => undefined)
}

/** Ports by their place, in which nft gives back what it compares at once (`th sport 68 th dport 67`): in bits, of the transport header. */
function rawPorts(body: Json): Field | NumberFacts | undefined {
  if (textField(body, 'base') !== 'th') return undefined
  switch (`${numberField(body, 'offset') ?? ''} ${numberField(body, 'len') ?? ''}`) {
    case '0 16':
      return portFacts('source-port', ALWAYS)
    case '16 16':
      return portFacts('destination-port', ALWAYS)
    case '0 32':
      return valueField(ALWAYS, (values) => {
        const numbers = numbersOf(values, {}, 0xffff_ffff)
        return numbers?.every(({ first, last }) => first === last) !== true
          ? undefined
          : anyOf(
              numbers.map(({ first }) =>
                all(
                  { kind: 'source-port', ports: numberSet(first >>> 16) },
                  { kind: 'destination-port', ports: numberSet(first & 0xffff) },
                ),
              ),
            )
      })
    default:
      return undefined
  }
}

export function payloadField(body: Json): Field | NumberFacts | undefined {
  if (field(body, 'base') !== undefined) return rawPorts(body)
  const protocol = textField(body, 'protocol') ?? ''
  const name = textField(body, 'field') ?? ''
  const transport = Object.hasOwn(TRANSPORTS, protocol) ? TRANSPORTS[protocol] : undefined
  if (transport !== undefined) {
    if (name === 'sport') return portFacts('source-port', transport)
    if (name === 'dport') return portFacts('destination-port', transport)
    return protocol === 'tcp' && name === 'flags' ? TCP_FLAGS : unread(transport)
  }
  switch (`${protocol} ${name}`) {
    case 'ip saddr':
      return addressField('source', 4, familyIs(4))
    case 'ip daddr':
      return addressField('destination', 4, familyIs(4))
    case 'ip6 saddr':
      return addressField('source', 6, familyIs(6))
    case 'ip6 daddr':
      return addressField('destination', 6, familyIs(6))
    case 'ip protocol':
      return protocolFacts(familyIs(4))
    // Without extension headers, which a plain packet does not have, the next header is the protocol.
    case 'ip6 nexthdr':
      return protocolFacts(familyIs(6))
    case 'ip version':
      return { largest: 15, requires: familyIs(4), make: (mask, values) => (includes(values, 4 & mask) ? ALWAYS : NEVER) }
    case 'ip6 version':
      return { largest: 15, requires: familyIs(6), make: (mask, values) => (includes(values, 6 & mask) ? ALWAYS : NEVER) }
    case 'ip frag-off':
      // With or without "don't fragment" (RFC 791 §3.1).
      return { ...usualFacts(0xffff, [0, 0x4000], {}, 'ip frag-off'), requires: familyIs(4) }
    case 'ip ecn':
      return { ...usualFacts(3, [0], { 'not-ect': 0, ect1: 1, ect0: 2, ce: 3 }, 'ip ecn'), requires: familyIs(4) }
    case 'ip6 ecn':
      return { ...usualFacts(3, [0], { 'not-ect': 0, ect1: 1, ect0: 2, ce: 3 }, 'ip6 ecn'), requires: familyIs(6) }
    case 'ether type':
      return ETHER_TYPE
    case 'icmp type':
      return icmpFacts(1, 'types', ICMP_TYPES)
    case 'icmp code':
      return icmpFacts(1, 'codes', ICMP_CODES)
    case 'icmpv6 type':
      return icmpFacts(58, 'types', ICMPV6_TYPES)
    case 'icmpv6 code':
      return icmpFacts(58, 'codes', ICMPV6_CODES)
    default:
      return Object.hasOwn(HEADERS, protocol) ? unread(HEADERS[protocol] as Condition) : undefined
  }
}

/** Extension headers and IP options: a plain packet has none, and where there is none the rule ends. */
export function optionalHeader(body: Json, text: string): Field {
  const there: Condition = { kind: 'circumstance', plain: false, text: show(text) }
  if (textField(body, 'field') === undefined) {
    return valueField(ALWAYS, ([value, ...more]) =>
      more.length > 0 ? undefined : value === true || value === 1 ? there : value === false || value === 0 ? not(there) : undefined,
    )
  }
  return valueField(there, () => there)
}
