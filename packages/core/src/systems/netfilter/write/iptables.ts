import { type Protocol, Text } from '../../../evidence/index.ts'
import {
  type AddressSet,
  BITS,
  FAMILIES,
  type Family,
  FAMILY_ADDRESSES,
  formatAddress,
  intersection,
  prefixesOf,
} from '../../../network/index.ts'
import type { Policy } from '../../../policy/index.ts'
import type { Comparing, Difference, WriteOptions, Writer, Written, WrittenFile } from '../../write.ts'
import type { FileState } from '../../system.ts'
import { readIptablesSave } from '../iptables/save.ts'
import { compareFiles, ofHosts } from './compare.ts'
import { CONTAINER_INTERFACES } from './containers.ts'
import { heading, writeHosts } from './hosts.ts'
import { LOADER_PATH, loader, RULES_PATHS } from './iptables-loader.ts'
import type { Opening } from './openings.ts'

const HOW: readonly string[] = [
  `Loaded by ${LOADER_PATH}, with --noflush: chains of its own alone. What passes goes on to the rules of others (RETURN), which`,
  'may still drop it: bans, ufw, Docker. What does not is dropped, without an answer.',
]

function writeIptables(policy: Policy, options: WriteOptions): Written {
  return writeHosts(policy, options, (openings) => [
    ...FAMILIES.map((family) => ({
      path: RULES_PATHS[family],
      text: `${[...heading(policy, openings, HOW), ...rulesFile(openings.openings, family)].join('\n')}\n`,
    })),
    { path: LOADER_PATH, text: loader(), mode: 0o755 },
  ])
}

/** Of the rules, what they let through once they are hooked in; of the loader, which hooks them in, the text. */
function compareIptables(wanted: readonly WrittenFile[], there: (path: string) => FileState, comparing: Comparing): readonly Difference[] {
  const [rules, scripts] = [wanted.filter(({ mode }) => mode === undefined), wanted.filter(({ mode }) => mode !== undefined)]
  const read = ({ path, content }: Text) =>
    readIptablesSave(hookedIn(content), { family: path.endsWith('v6') ? 6 : 4, backend: 'nft', path })
  return [
    ...compareFiles(rules, there, comparing, read),
    ...ofHosts(scripts, ({ path, text }) => {
      const state = there(path)
      if (state.kind === 'text')
        return state.text === text ? [] : [{ what: path, wanted: 'the script that loads the rules', there: 'another' }]
      return [{ what: path, wanted: 'the script that loads the rules' }]
    }),
  ]
}

export const writer: Writer = { write: writeIptables, compare: compareIptables }

/** The rules as the loader hooks them in, in the words of iptables-save. */
function hookedIn(text: string): string {
  return text
    .replace('*raw\n', '*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -j SALLYPORT-LOOPBACK\n')
    .replace(
      '*filter\n',
      '*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n-A INPUT -j SALLYPORT-INPUT\n-A FORWARD -j SALLYPORT-FORWARD\n',
    )
}

function rulesFile(openings: readonly Opening[], family: Family): readonly string[] {
  return [
    '*raw',
    ':SALLYPORT-LOOPBACK - [0:0]',
    // Ports published on loopback could be reached by neighbours before Docker 28 (moby#45610).
    `-A SALLYPORT-LOOPBACK ! -i lo -d ${LOOPBACK[family]} -j DROP`,
    'COMMIT',
    '*filter',
    ':SALLYPORT-INPUT - [0:0]',
    ...FORWARD_CHAINS,
    ...inputRules(openings, family),
    ...forwardRules(openings, family),
    'COMMIT',
  ]
}

const LOOPBACK: Readonly<Record<Family, string>> = { 4: '127.0.0.0/8', 6: '::1/128' }

export const FORWARD_CHAINS: readonly string[] = [':SALLYPORT-FORWARD - [0:0]', ':SALLYPORT-CONTAINERS - [0:0]']

function inputRules(openings: readonly Opening[], family: Family): readonly string[] {
  const rules = [
    '-i lo -j RETURN',
    ...PINGS[family],
    '-m conntrack --ctstate RELATED,ESTABLISHED -j RETURN',
    '-m conntrack --ctstate INVALID -j DROP',
    ...CONTROL[family],
    ...openings.flatMap((opening) => rulesOf(opening, family, directPorts)),
    '-j DROP',
  ]
  return rules.map((rule) => `-A SALLYPORT-INPUT ${rule}`)
}

/**
 * Of what is forwarded, only what leads to containers is looked at: a published port is as open as its service. Its destination is translated
 * by then: the port that was asked for is the one before. Containers among each other are the engine's to separate.
 */
export function forwardRules(openings: readonly Opening[], family: Family): readonly string[] {
  return [
    '-A SALLYPORT-FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j RETURN',
    ...CONTAINER_INTERFACES.map(({ prefix }) => `-A SALLYPORT-FORWARD -o ${prefix}+ -g SALLYPORT-CONTAINERS`),
    ...[
      ...openings.flatMap((opening) => rulesOf(opening, family, translatedPorts)),
      ...CONTAINER_INTERFACES.map(({ prefix }) => `-i ${prefix}+ -m conntrack ! --ctstate DNAT -j RETURN`),
      '-j DROP',
    ].map((rule) => `-A SALLYPORT-CONTAINERS ${rule}`),
  ]
}

/** Before the tracker is asked, which takes one sender's pings for one connection. */
const PINGS: Readonly<Record<Family, readonly string[]>> = {
  4: limited('-p icmp -m icmp --icmp-type echo-request'),
  6: limited('-p ipv6-icmp -m icmp6 --icmpv6-type echo-request'),
}

function limited(pings: string): readonly string[] {
  return [`${pings} -m limit --limit 50/sec --limit-burst 100 -j RETURN`, `${pings} -j DROP`]
}

/** As in the table of nftables: RFC 4890 §4.4.1, RFC 1191, RFC 8201, RFC 4861 §11.2, RFC 8415 §7.2. */
const CONTROL: Readonly<Record<Family, readonly string[]>> = {
  4: [...['destination-unreachable', 'time-exceeded', 'parameter-problem'].map((type) => `-p icmp -m icmp --icmp-type ${type} -j RETURN`)],
  6: [
    ...['destination-unreachable', 'packet-too-big', 'time-exceeded', 'parameter-problem'].map(
      (type) => `-p ipv6-icmp -m icmp6 --icmpv6-type ${type} -j RETURN`,
    ),
    // Router and neighbour discovery, its inverse (RFC 3122).
    ...[133, 134, 135, 136, 141, 142].map((type) => `-p ipv6-icmp -m icmp6 --icmpv6-type ${type} -m hl --hl-eq 255 -j RETURN`),
    // Multicast listeners; without an address yet (RFC 3590).
    ...[130, 131, 132, 143].flatMap((type) =>
      ['::/128', 'fe80::/10'].map((from) => `-s ${from} -p ipv6-icmp -m icmp6 --icmpv6-type ${type} -j RETURN`),
    ),
    '-s fe80::/10 -d fe80::/10 -p udp -m udp --sport 547 --dport 546 -j RETURN',
  ],
}

/** How rules ask for the ports of a service. */
type PortMatches = (opening: Opening) => readonly string[]

const directPorts: PortMatches = ({ protocol, ports }) =>
  chunks(ports).map((some) => {
    const [only, ...others] = some.map(rangeText)
    return others.length === 0
      ? `${of(protocol)} -m ${protocol} --dport ${only}`
      : `${of(protocol)} -m multiport --dports ${[only, ...others].join(',')}`
  })

const translatedPorts: PortMatches = ({ protocol, ports }) =>
  ports.map((range) => `${of(protocol)} -m conntrack --ctstate DNAT --ctorigdstport ${rangeText(range)} --ctdir ORIGINAL`)

const of = (protocol: Protocol): string => `-p ${protocol}`

export function rangeText({ first, last }: Opening['ports'][number]): string {
  return first === last ? String(first) : `${first}:${last}`
}

/** xt_multiport takes 15 ports (XT_MULTI_PORTS), of which a range is two. */
const MOST_PORTS = 15

export function chunks(ports: Opening['ports']): readonly Opening['ports'][] {
  const result: Opening['ports'][number][][] = []
  let left = 0
  for (const range of ports) {
    const size = range.first === range.last ? 1 : 2
    if (left < size) {
      result.push([])
      left = MOST_PORTS
    }
    result.at(-1)?.push(range)
    left -= size
  }
  return result
}

function rulesOf(opening: Opening, family: Family, matches: PortMatches): readonly string[] {
  const end = `-m comment --comment ${opening.service} -j RETURN`
  return sendersOf(opening, family).flatMap((sender) => matches(opening).map((match) => `${sender}${match} ${end}`))
}

/** Each with a blank behind it, where it is not everyone. */
function sendersOf({ from }: Opening, family: Family): readonly string[] {
  switch (from.kind) {
    case 'everyone':
      return ['']
    case 'addresses':
      return prefixTexts(from.addresses, family).map((prefix) => `-s ${prefix} `)
    case 'containers':
      return CONTAINER_INTERFACES.flatMap(({ prefix, from: addresses }) => {
        if (addresses === undefined) return [`-i ${prefix}+ `]
        return family === 4 ? [`-s ${addresses} -i ${prefix}+ `] : []
      })
    default:
      return from satisfies never
  }
}

export function prefixTexts(addresses: AddressSet, family: Family): readonly string[] {
  return prefixesOf(intersection(addresses, FAMILY_ADDRESSES[family])).map(({ address, length }) =>
    length === BITS[family] ? formatAddress(address) : `${formatAddress(address)}/${length}`,
  )
}
