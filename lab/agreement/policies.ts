import { BlockList, isIPv6 } from 'node:net'
import { type Policy, parsePolicy } from '@sallyport/core/policy'
import { EMPTY_PORTS, PORTS, SERVER } from './network.ts'
import type { Random } from './random.ts'

/** A policy for the server of the scene, made by chance, and what it says: known from how it was made, not from reading it. */
export interface RandomPolicy {
  readonly text: string
  readonly policy: Policy
  /** Its host that the server is. */
  readonly host: string
  /** Networks that the server is on, as whoever renders would say. */
  readonly links: readonly string[]
  /** Whether a connection to one of the server's addresses is meant to come in. */
  lets(sender: Sender, protocol: 'tcp' | 'udp', port: number): boolean
}

/** `address`: absent of a container. */
export type Sender = { readonly kind: 'container' } | { readonly kind: 'outside'; readonly address: string }

interface Service {
  readonly name: string
  readonly ports: readonly (readonly [first: number, last: number])[]
  readonly protocols: readonly ('tcp' | 'udp')[]
  readonly from: readonly string[]
}

const SOURCES: Readonly<Record<string, readonly string[]>> = {
  admin: ['203.0.113.7'],
  both: ['203.0.113.8', '2001:db8:77::8'],
  office: ['203.0.113.0/25', '2001:db8:77::/49', '192.168.1.64/30'],
  six: ['2001:db8:51::/64', '2001:db8:33::33'],
  wide: ['192.0.0.0/3', '2001:db8::/33'],
}

/** Named more often than the others, so that many packets are let in. */
const WIDE: readonly string[] = ['internet', 'private', 'wide', 'office']

/** Hosts beside the server, by the addresses that they send from. */
const OTHERS: Readonly<Record<string, readonly string[]>> = { peer: ['203.0.113.130'], pair: ['192.168.1.67', '2001:db8:1::67'] }

const LITERALS: readonly string[] = [
  '192.0.2.33',
  '192.168.1.66',
  '2001:db8:77::7',
  '198.51.100.0/24',
  '2001:db8:1::60/123',
  '192.168.1.128/25',
]

/** RFC 1918, RFC 6598, RFC 3927; RFC 4193, RFC 4291 §2.5.6. */
const NEIGHBOURS: readonly string[] = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '169.254.0.0/16',
  'fc00::/7',
  'fe80::/10',
]

const LINKS: readonly string[] = ['198.51.100.0/24', '2001:db8:51::/64', '2001:db8:1::/64', '192.168.1.0/24']

/** `extra`: ports beside those where somebody always listens. */
export function randomPolicy(random: Random, extra: readonly number[] = []): RandomPolicy {
  const withHosts = random.chance(40)
  const links = random.chance(50) ? LINKS : []
  const services = randomServices(random, withHosts, [...PORTS, ...EMPTY_PORTS, ...extra])
  const text = yaml(services, withHosts)
  const { policy, diagnostics } = parsePolicy({ files: new Map([['sallyport.yaml', text]]), entry: 'sallyport.yaml' })
  if (policy === undefined) throw new Error(`${diagnostics.map(({ message }) => message).join('; ')}\n${text}`)
  const host = withHosts ? 'server' : 'localhost'
  return { text, policy, host, links, lets: (sender, protocol, port) => lets(services, links, sender, protocol, port) }
}

function randomServices(random: Random, withHosts: boolean, ports: readonly number[]): readonly Service[] {
  const free = [...new Set(ports)]
  const take = (): number => free.splice(random.below(free.length), 1)[0] as number
  const services: Service[] = []
  const named = [
    'loopback',
    'host',
    'private',
    'internet',
    ...Object.keys(SOURCES),
    ...LITERALS,
    ...(withHosts ? [...Object.keys(OTHERS), 'elsewhere'] : []),
  ]
  for (let count = 2 + random.below(5); count > 0; count--) {
    const wide = random.chance(15)
    const list = random.many(1, 2, take).map((port): readonly [number, number] => [port, port])
    services.push({
      name: `s${services.length}`,
      // A range beside the ports that others have.
      ports:
        wide && services.every((other) => other.ports.every(([first]) => first < 20000))
          ? [...list, [20000 + random.below(100), 30000]]
          : list,
      protocols: random.pick([['tcp'], ['tcp'], ['udp'], ['tcp', 'udp']] as const),
      from: random.chance(10) ? [] : [...new Set([...random.some(WIDE, 0, 1), ...random.some(named, 1, 3)])],
    })
  }
  return services
}

function yaml(services: readonly Service[], withHosts: boolean): string {
  const list = (values: readonly (string | number)[]): string => `[${values.map((value) => JSON.stringify(value)).join(', ')}]`
  const lines = ['version: 1', 'name: chance', 'sources:']
  for (const [name, addresses] of Object.entries(SOURCES)) lines.push(`  ${name}: ${list(addresses)}`)
  if (withHosts) {
    lines.push('hosts:', `  server: { address: ${list([SERVER.internet[4], SERVER.internet[6]])} }`)
    for (const [name, addresses] of Object.entries(OTHERS)) lines.push(`  ${name}: { address: ${list(addresses)} }`)
  }
  lines.push('services:')
  for (const { name, ports, protocols, from } of services) {
    const port = list(ports.map(([first, last]) => (first === last ? first : `${first}-${last}`)))
    const where = withHosts ? 'host: server, ' : ''
    lines.push(`  ${name}: { ${where}port: ${port}, protocol: ${list(protocols)}${from.length === 0 ? '' : `, from: ${list(from)}`} }`)
  }
  if (withHosts) lines.push('  elsewhere: { host: pair, port: 7000, from: internet }')
  return `${lines.join('\n')}\n`
}

function lets(services: readonly Service[], links: readonly string[], sender: Sender, protocol: 'tcp' | 'udp', port: number): boolean {
  return services.some(
    (service) =>
      service.protocols.includes(protocol) &&
      service.ports.some(([first, last]) => first <= port && port <= last) &&
      service.from.some((source) => isOf(source, links, sender)),
  )
}

/** docs/policy.md, Names and Sources. */
function isOf(source: string, links: readonly string[], sender: Sender): boolean {
  if (source === 'internet') return true
  if (source === 'loopback') return false
  if (sender.kind === 'container') return source === 'host' || source === 'private'
  if (source === 'host') return false
  if (source === 'private') return isWithin([...NEIGHBOURS, ...links], sender.address)
  const pair = OTHERS['pair'] ?? []
  return isWithin(source === 'elsewhere' ? pair : (SOURCES[source] ?? OTHERS[source] ?? [source]), sender.address)
}

const lists = new Map<string, BlockList>()

/** By Node's own sets of addresses. */
function isWithin(prefixes: readonly string[], address: string): boolean {
  const key = prefixes.join(' ')
  const list = lists.get(key) ?? new BlockList()
  if (!lists.has(key)) {
    for (const prefix of prefixes) {
      const [base = '', length] = prefix.split('/')
      const family = isIPv6(base) ? 'ipv6' : 'ipv4'
      if (length === undefined) list.addAddress(base, family)
      else list.addSubnet(base, Number(length), family)
    }
    lists.set(key, list)
  }
  return list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
}
