import type { FirewallCommand, PortRange, Protocol } from '../../evidence/index.ts'

/** A rule as its user gave it: the `### tuple ###` line that ufw keeps above the iptables rules which it made of it. */
export interface Tuple {
  readonly action: 'allow' | 'deny' | 'reject' | 'limit'
  /** `route`: forwarded packets. */
  readonly route: boolean
  readonly direction: 'in' | 'out'
  readonly log: '' | 'log' | 'log-all'
  /** `any`, `tcp`, `udp`, `ah` … */
  readonly protocol: string
  /** `any`, or ports as ufw writes them: `80`, `80,443`, `6000:6007`. */
  readonly destinationPorts: string
  readonly sourcePorts: string
  /** `any`, or an address with or without a prefix length. */
  readonly destination: string
  readonly source: string
  readonly destinationProfile: string
  readonly sourceProfile: string
  readonly inbound: string
  readonly outbound: string
}

const PREFIX = /^### tuple ###\s+/

export function isTuple(line: string): boolean {
  return PREFIX.test(line)
}

/**
 * `### tuple ### [route:]ACTION[_log] PROTO DPORT DST SPORT SRC [DAPP SAPP] DIRECTION [comment=HEX]`, where DIRECTION is `in`, `out`,
 * `in_IFACE`, `out_IFACE` or `in_IFACE!out_IFACE` (ufw backend_iptables.py, _read_rules). `undefined`: ufw passes over it.
 */
export function readTuple(line: string): Tuple | undefined {
  const words = line
    .replace(PREFIX, '')
    .replace(/ comment=.*$/, '')
    .trim()
    .split(/\s+/)
  if (words.length < 6 || words.length > 9) return undefined
  const [verb = '', protocol = '', destinationPorts = '', destination = '', sourcePorts = '', source = ''] = words
  const [, route, action, log] = /^(route:)?(allow|deny|reject|limit)(?:_(log|log-all))?$/.exec(verb) ?? []
  // The oldest form has no direction: 6 words, or 8 with profiles.
  const place = words.length % 2 === 1 ? words.at(-1) : 'in'
  const [, both, outward, direction, one] = /^(?:in_([^!]+)!out_(.+)|(in|out)(?:_(.+))?)$/.exec(place ?? '') ?? []
  if (action === undefined || (both === undefined && direction === undefined)) return undefined
  const profile = (word: string | undefined): string =>
    words.length < 8 || word === undefined || word === '-' ? '' : word.replaceAll('%20', ' ')
  return {
    action: action as Tuple['action'],
    route: route !== undefined,
    direction: direction === 'out' ? 'out' : 'in',
    log: (log ?? '') as Tuple['log'],
    protocol,
    destinationPorts,
    sourcePorts,
    destination: anywhere(destination),
    source: anywhere(source),
    destinationProfile: profile(words[6]),
    sourceProfile: profile(words[7]),
    inbound: both ?? (direction === 'in' ? (one ?? '') : ''),
    outbound: outward ?? (direction === 'out' ? (one ?? '') : ''),
  }
}

function anywhere(address: string): string {
  return address === '0.0.0.0/0' || address === '::/0' ? 'any' : address
}

/** The rule in the words of ufw(8), as one would type them: `allow 8080/tcp`, `deny from 192.0.2.0/24 to any port 22 proto tcp`. */
export function tupleText(tuple: Tuple): string {
  const head = [...(tuple.route ? ['route'] : []), tuple.action]
  const log = tuple.log === '' ? [] : [tuple.log]
  const places = tuple.source === 'any' && tuple.destination === 'any' && tuple.inbound === '' && tuple.outbound === ''
  const onlyDestination = tuple.sourcePorts === 'any' && tuple.sourceProfile === '' && !tuple.route
  const target = tuple.destinationProfile !== '' ? quoted(tuple.destinationProfile) : tuple.destinationPorts
  if (places && onlyDestination && target !== 'any') {
    const suffix = tuple.destinationProfile === '' && tuple.protocol !== 'any' ? `/${tuple.protocol}` : ''
    return [...head, ...(tuple.direction === 'out' ? ['out'] : []), ...log, `${target}${suffix}`].join(' ')
  }
  const where = [
    ...(tuple.inbound !== '' ? ['in', 'on', tuple.inbound] : []),
    ...(tuple.outbound !== '' ? ['out', 'on', tuple.outbound] : []),
    ...(tuple.direction === 'out' && tuple.outbound === '' ? ['out'] : []),
  ]
  const protocol =
    tuple.protocol === 'any' || tuple.destinationProfile !== '' || tuple.sourceProfile !== '' ? [] : ['proto', tuple.protocol]
  const from = ['from', tuple.source, ...portWords(tuple.sourcePorts, tuple.sourceProfile)]
  const to = ['to', tuple.destination, ...portWords(tuple.destinationPorts, tuple.destinationProfile)]
  return [...head, ...where, ...log, ...from, ...to, ...protocol].join(' ')
}

function portWords(ports: string, profile: string): readonly string[] {
  if (profile !== '') return ['app', quoted(profile)]
  return ports === 'any' ? [] : ['port', ports]
}

function quoted(profile: string): string {
  return /\s/.test(profile) ? `'${profile}'` : profile
}

const TARGETS: Readonly<Record<Tuple['action'], RegExp>> = {
  allow: / -j (?:ACCEPT|RETURN|ufw6?-user-logging-\w+|LOG)\b/,
  deny: / -j (?:DROP|RETURN|ufw6?-user-logging-\w+|LOG)\b/,
  reject: / -j (?:REJECT|RETURN|ufw6?-user-logging-\w+|LOG)\b/,
  limit: / -j (?:ufw6?-user-limit(?:-accept)?|RETURN|ufw6?-user-logging-\w+|LOG)\b| -m recent --set(?: |$)/,
}

/** Whether an iptables rule is one that ufw makes of this tuple: somebody may have changed the one and not the other. */
export function agrees(tuple: Tuple, rule: string): boolean {
  const wanted = [
    ...(tuple.inbound === '' ? [] : [` -i ${tuple.inbound}`]),
    ...(tuple.outbound === '' ? [] : [` -o ${tuple.outbound}`]),
    ...(tuple.source === 'any' ? [] : [` -s ${tuple.source}`]),
    ...(tuple.destination === 'any' ? [] : [` -d ${tuple.destination}`]),
    ...(tuple.protocol === 'any' ? [] : [` -p ${tuple.protocol}`]),
  ]
  const ports = (name: string, value: string): boolean =>
    value === 'any' ? !rule.includes(` --${name}`) : rule.includes(` --${name} ${value} `) || rule.includes(` --${name}s ${value} `)
  const padded = `${rule.trimEnd()} `
  const addresses = (tuple.source !== 'any' || !padded.includes(' -s ')) && (tuple.destination !== 'any' || !padded.includes(' -d '))
  return (
    addresses &&
    wanted.every((words) => padded.includes(`${words} `)) &&
    ports('dport', tuple.destinationPorts) &&
    ports('sport', tuple.sourcePorts) &&
    TARGETS[tuple.action].test(rule.trimEnd())
  )
}

/** What the rule lets in or keeps out, one for each range of its ports; none for what a host does not answer itself (`route`, `out`). */
export function tupleRules(tuple: Tuple): readonly NonNullable<FirewallCommand['rule']>[] {
  if (tuple.route || tuple.direction === 'out' || tuple.sourcePorts !== 'any' || tuple.destination !== 'any' || tuple.inbound !== '')
    return []
  const protocol: { protocol?: Protocol } = tuple.protocol === 'tcp' || tuple.protocol === 'udp' ? { protocol: tuple.protocol } : {}
  if (tuple.protocol !== 'any' && protocol.protocol === undefined) return []
  const from = tuple.source === 'any' ? {} : { from: tuple.source }
  if (tuple.destinationPorts === 'any') return [{ action: tuple.action, ...protocol, ...from }]
  return tuple.destinationPorts.split(',').flatMap((text) => {
    const ports = portRange(text)
    return ports === undefined ? [] : [{ action: tuple.action, ports, ...protocol, ...from }]
  })
}

/** `80` or `6000:6007`, ends included. */
function portRange(text: string): PortRange | undefined {
  const [, from, to] = /^([0-9]{1,5})(?::([0-9]{1,5}))?$/.exec(text) ?? []
  if (from === undefined) return undefined
  const range = { first: Number(from), last: Number(to ?? from) }
  return range.first <= range.last && range.last <= 65535 ? range : undefined
}
