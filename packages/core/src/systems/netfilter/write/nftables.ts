import {
  type AddressSet,
  FAMILIES,
  type Family,
  FAMILY_ADDRESSES,
  formatAddressSet,
  intersection,
  isEmpty,
} from '../../../network/index.ts'
import { formatPorts, type Policy } from '../../../policy/index.ts'
import type { WriteOptions, Writer, Written } from '../../write.ts'
import { readNftText } from '../nft/text/index.ts'
import { compareFiles } from './compare.ts'
import { CONTAINER_INTERFACES } from './containers.ts'
import { heading, writeHosts } from './hosts.ts'
import type { Opening, Openings } from './openings.ts'

/** Where it belongs; /etc/nftables.conf, which is loaded at boot, has to include it. */
const NFTABLES_PATH = '/etc/nftables.d/sallyport.nft'

/** The table, which nobody else writes to: loading the file replaces it whole, and deleting it undoes the file. */
const TABLE = 'inet sallyport'

const HOW: readonly string[] = [
  `Load: nft -f ${NFTABLES_PATH} (all of it or nothing; a second time changes nothing).`,
  `Undo: nft delete table ${TABLE}`,
  'At boot: /etc/nftables.conf needs the line  include "/etc/nftables.d/*.nft"  and nftables.service has to be enabled.',
  'What another table drops stays dropped. Nothing is said of packets that the machine sends.',
]

function writeNftables(policy: Policy, options: WriteOptions): Written {
  return writeHosts(policy, options, (openings) => [
    { path: NFTABLES_PATH, text: `${[...heading(policy, openings, HOW), '', ...table(openings)].join('\n')}\n` },
  ])
}

export const writer: Writer = {
  write: writeNftables,
  compare: (wanted, there, comparing) => compareFiles(wanted, there, comparing, (text) => readNftText(text)),
}

function table({ openings }: Openings): readonly string[] {
  const blocks = [
    ...sets(openings),
    PREROUTING,
    [...INPUT, ...fromContainers(openings, 'from_containers'), '    jump services', '  }'],
    CONTROL,
    chain('services', openings, DIRECT),
    ...containerChain('from_containers', openings, DIRECT),
    FORWARD,
    TO_CONTAINERS,
    [
      '  # Translated by then: the port that was asked for is the one before.',
      '  chain published {',
      ...fromContainers(openings, 'published_to_containers'),
      ...rules(openings, TRANSLATED),
      '    drop',
      '  }',
    ],
    ...containerChain('published_to_containers', openings, TRANSLATED),
  ]
  return [
    `add table ${TABLE}`,
    `delete table ${TABLE}`,
    `table ${TABLE} {`,
    ...blocks.flatMap((lines, index) => (index === 0 ? lines : ['', ...lines])),
    '}',
  ]
}

/** RFC 1122 §3.2.1.3, RFC 4291 §2.5.3. Ports published on loopback could be reached by neighbours before Docker 28 (moby#45610). */
const PREROUTING: readonly string[] = [
  '  # Loopback is for this machine alone, also where a rule would translate it or route_localnet is set.',
  '  chain prerouting {',
  '    type filter hook prerouting priority raw; policy accept;',
  '    iifname != "lo" ip daddr 127.0.0.0/8 drop',
  '    iifname != "lo" ip6 daddr ::1 drop',
  '  }',
]

/**
 * Silence rather than a refusal: made-up senders get no answers to forward, and a scan takes as long as it can. DHCP for IPv4 needs no rule: its
 * client reads packets before they are filtered, and renews by a connection of its own (packet(7)).
 */
const INPUT: readonly string[] = [
  '  # What is not let in is dropped, without an answer.',
  '  chain input {',
  '    type filter hook input priority filter; policy drop;',
  '    iifname "lo" accept',
  "    # Before the tracker is asked, which takes one sender's pings for one connection.",
  '    icmp type echo-request limit rate over 50/second burst 100 packets drop',
  '    icmpv6 type echo-request limit rate over 50/second burst 100 packets drop',
  '    ct state vmap { established : accept, related : accept, invalid : drop }',
  '    meta l4proto { icmp, ipv6-icmp } jump control',
  '    # DHCPv6 answers to its client (RFC 8415 §7.2)',
  '    ip6 saddr fe80::/10 ip6 daddr fe80::/10 udp sport 547 udp dport 546 accept',
]

/** What must not be dropped: RFC 4890 §4.4.1 (errors, neighbours, multicast listeners), RFC 1191 and RFC 8201 (path MTU). Neighbour discovery has a hop limit of 255 (RFC 4861 §11.2). */
const CONTROL: readonly string[] = [
  '  # Errors, path MTU, pings, neighbours.',
  '  chain control {',
  '    icmp type { destination-unreachable, time-exceeded, parameter-problem, echo-request } accept',
  '    icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, parameter-problem, echo-request } accept',
  '    icmpv6 type { nd-router-solicit, nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert, ind-neighbor-solicit, ind-neighbor-advert } ip6 hoplimit 255 accept',
  '    icmpv6 type { mld-listener-query, mld-listener-report, mld-listener-done, mld2-listener-report } ip6 saddr { ::, fe80::/10 } accept',
  '    drop',
  '  }',
]

const FORWARD: readonly string[] = [
  '  # Of what is forwarded, only what leads to containers is looked at.',
  '  chain forward {',
  '    type filter hook forward priority filter; policy accept;',
  '    ct state established,related accept',
  ...CONTAINER_INTERFACES.map(({ prefix }) => `    oifname "${prefix}*" jump to_containers`),
  '  }',
]

const TO_CONTAINERS: readonly string[] = [
  "  # A published port is as open as its service; containers among each other are the engine's to separate.",
  '  chain to_containers {',
  '    ct status dnat goto published',
  ...CONTAINER_INTERFACES.map(({ prefix }) => `    iifname "${prefix}*" return`),
  '    drop',
  '  }',
]

/** How a rule asks for the port of a service. */
type PortWords = (opening: Opening) => string

const DIRECT: PortWords = ({ protocol, ports }) => `${protocol} dport ${listText(ports.map(formatPorts))}`
const TRANSLATED: PortWords = ({ protocol, ports }) => `meta l4proto ${protocol} ct original proto-dst ${listText(ports.map(formatPorts))}`

/** A value, or an anonymous set of several. */
function listText(values: readonly string[]): string {
  return values.length === 1 ? values.join() : `{ ${values.join(', ')} }`
}

function chain(name: string, openings: readonly Opening[], words: PortWords): readonly string[] {
  return [`  chain ${name} {`, ...rules(openings, words), '  }']
}

function rules(openings: readonly Opening[], words: PortWords): readonly string[] {
  return openings.flatMap((opening) => {
    const end = `${words(opening)} accept comment "${opening.service}"`
    const { from } = opening
    if (from.kind === 'containers') return []
    if (from.kind === 'everyone') return [`    ${end}`]
    return FAMILIES.flatMap((family) => {
      const addresses = ofFamily(from.addresses, family)
      if (isEmpty(addresses)) return []
      const which = from.name === undefined ? listText(formatAddressSet(addresses)) : `@${setName(from.name, family)}`
      return [`    ${FAMILY_WORD[family]} saddr ${which} ${end}`]
    })
  })
}

function forContainers(openings: readonly Opening[]): readonly Opening[] {
  return openings.filter(({ from }) => from.kind === 'containers')
}

function fromContainers(openings: readonly Opening[], to: string): readonly string[] {
  if (forContainers(openings).length === 0) return []
  return CONTAINER_INTERFACES.map(
    ({ prefix, from }) => `    iifname "${prefix}*" ${from === undefined ? '' : `ip saddr ${from} `}jump ${to}`,
  )
}

function containerChain(name: string, openings: readonly Opening[], words: PortWords): readonly (readonly string[])[] {
  const meant = forContainers(openings)
  if (meant.length === 0) return []
  const lines = meant.map((opening) => `    ${words(opening)} accept comment "${opening.service}"`)
  return [[`  chain ${name} {`, ...lines, '  }']]
}

const FAMILY_WORD: Readonly<Record<Family, 'ip' | 'ip6'>> = { 4: 'ip', 6: 'ip6' }
const FAMILY_TYPE: Readonly<Record<Family, string>> = { 4: 'ipv4_addr', 6: 'ipv6_addr' }

const setName = (name: string, family: Family): string => `${name}_v${family}`

const ofFamily = (addresses: AddressSet, family: Family): AddressSet => intersection(addresses, FAMILY_ADDRESSES[family])

/** Of every source that has a name, once for each family that it has. */
function sets(openings: readonly Opening[]): readonly (readonly string[])[] {
  const named = new Map(
    openings.flatMap(({ from }) => (from.kind === 'addresses' && from.name !== undefined ? [[from.name, from.addresses] as const] : [])),
  )
  return [...named].flatMap(([name, addresses]) =>
    FAMILIES.flatMap((family) => {
      const elements = formatAddressSet(ofFamily(addresses, family))
      if (elements.length === 0) return []
      return [
        [
          `  set ${setName(name, family)} {`,
          `    type ${FAMILY_TYPE[family]}`,
          '    flags interval',
          `    elements = { ${elements.join(', ')} }`,
          '  }',
        ],
      ]
    }),
  )
}
