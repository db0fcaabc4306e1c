import type { FirewallCommand, PortRange, Protocol, Word } from '../../evidence/index.ts'
import { type Family, parseAddress } from '../../network/index.ts'

type Rule = NonNullable<FirewallCommand['rule']>
type Problem = NonNullable<FirewallCommand['problem']>

/** What one `ufw` line says: rules (one for each of its port ranges), or why ufw refuses it. Both absent: no rule is made by it, or words of it are not known. */
export interface UfwReading {
  readonly rules: readonly Rule[]
  readonly problem?: Problem
}

const ACTIONS: ReadonlySet<string> = new Set(['allow', 'deny', 'reject', 'limit'])
/** Words after which the next is a value, and how often each may stand (ufw's parser.py). */
const CLAUSES: ReadonlyMap<string, number> = new Map([
  ['proto', 1],
  ['from', 1],
  ['to', 1],
  ['port', 2],
  ['app', 2],
  ['in', 1],
  ['out', 1],
])
/** ufw's util.py: supported_protocols, those without ports. */
const PORTLESS: ReadonlySet<string> = new Set(['ah', 'esp', 'gre', 'igmp', 'ipv6', 'vrrp'])

interface Named {
  readonly ports: readonly (number | readonly [number, number])[]
  readonly protocol?: Protocol
}

/** Application profiles that Debian and Ubuntu packages install in /etc/ufw/applications.d. */
const PROFILES: ReadonlyMap<string, Named> = new Map<string, Named>([
  ['OpenSSH', { ports: [22], protocol: 'tcp' }],
  ['SSH', { ports: [22], protocol: 'tcp' }],
  ['Nginx HTTP', { ports: [80], protocol: 'tcp' }],
  ['Nginx HTTPS', { ports: [443], protocol: 'tcp' }],
  ['Nginx Full', { ports: [80, 443], protocol: 'tcp' }],
  ['Nginx QUIC', { ports: [443], protocol: 'udp' }],
  ['Apache', { ports: [80], protocol: 'tcp' }],
  ['Apache Secure', { ports: [443], protocol: 'tcp' }],
  ['Apache Full', { ports: [80, 443], protocol: 'tcp' }],
  ['WWW', { ports: [80], protocol: 'tcp' }],
  ['WWW Secure', { ports: [443], protocol: 'tcp' }],
  ['WWW Full', { ports: [80, 443], protocol: 'tcp' }],
  ['WWW Cache', { ports: [8080], protocol: 'tcp' }],
  ['DNS', { ports: [53] }],
])

/** Services of /etc/services that people open by name (Debian's netbase). */
const SERVICES: ReadonlyMap<string, Named> = new Map<string, Named>([
  ['ftp', { ports: [21], protocol: 'tcp' }],
  ['ssh', { ports: [22], protocol: 'tcp' }],
  ['telnet', { ports: [23], protocol: 'tcp' }],
  ['smtp', { ports: [25], protocol: 'tcp' }],
  ['domain', { ports: [53] }],
  ['http', { ports: [80], protocol: 'tcp' }],
  ['pop3', { ports: [110], protocol: 'tcp' }],
  ['ntp', { ports: [123], protocol: 'udp' }],
  ['imap2', { ports: [143], protocol: 'tcp' }],
  ['https', { ports: [443] }],
  ['submission', { ports: [587], protocol: 'tcp' }],
  ['imaps', { ports: [993], protocol: 'tcp' }],
  ['pop3s', { ports: [995], protocol: 'tcp' }],
  ['openvpn', { ports: [1194] }],
  ['mysql', { ports: [3306], protocol: 'tcp' }],
  ['postgresql', { ports: [5432], protocol: 'tcp' }],
  ['sip', { ports: [5060] }],
  ['http-alt', { ports: [8080], protocol: 'tcp' }],
])

/** Reads the words behind `ufw` (ufw(8), RULE SYNTAX). Host names are found wherever an address belongs: ufw takes none. */
export function readUfw(words: readonly Word[]): UfwReading {
  const texts = words.map((word) => (word.text.kind === 'known' ? String(word.text.value) : undefined))
  while (['--dry-run', '--force', '-f', 'rule', 'route'].includes(texts[0]?.toLowerCase() ?? '')) {
    // A route rule is about forwarded packets, not about what this host answers.
    if (texts[0]?.toLowerCase() === 'route') return { rules: [], ...addressProblem(texts) }
    texts.shift()
  }
  const removes = texts[0]?.toLowerCase() === 'delete'
  if (removes) texts.shift()
  if (texts[0]?.toLowerCase() === 'insert') texts.splice(0, 2)
  if (texts[0]?.toLowerCase() === 'prepend') texts.shift()
  const action = texts.shift()
  if (action === undefined || !ACTIONS.has(action)) return { rules: [] }
  const reading = readRule(action as Rule['action'], texts)
  return removes ? { ...reading, rules: [] } : reading
}

function readRule(action: Rule['action'], given: readonly (string | undefined)[]): UfwReading {
  const texts = withoutOption([...given], 'comment', 2)
  const outgoing = texts[0]?.toLowerCase() === 'out'
  const onInterface = (texts[0]?.toLowerCase() === 'in' || outgoing) && texts[1]?.toLowerCase() === 'on'
  if (onInterface) texts.splice(0, 3)
  else if (outgoing || texts[0]?.toLowerCase() === 'in') texts.shift()
  if (texts[0] === 'log' || texts[0] === 'log-all') texts.shift()
  const [only] = texts
  if (texts.length === 1 && !onInterface) return only === undefined ? { rules: [] } : simple(action, only, outgoing)
  return full(action, texts, outgoing, onInterface)
}

function withoutOption(texts: (string | undefined)[], name: string, count: number): (string | undefined)[] {
  const at = texts.indexOf(name)
  if (at >= 0) texts.splice(at, count)
  return texts
}

/** `ufw allow 80/tcp`, `ufw allow ssh`, `ufw allow 'Nginx Full'`. */
function simple(action: Rule['action'], text: string, outgoing: boolean): UfwReading {
  const [port = '', protocol, more] = text.split('/')
  const named = SERVICES.get(port) ?? (protocol === undefined ? PROFILES.get(text) : undefined)
  if (named === undefined && protocol === undefined && text.includes('.') && looksLikeHost(text))
    return { rules: [], problem: hostName(text) }
  const ranges = named === undefined ? portRanges(port) : rangesOf(named)
  const transport = protocol ?? named?.protocol
  if (more !== undefined || (protocol !== undefined && protocol !== 'tcp' && protocol !== 'udp'))
    return { rules: [], problem: syntax(text, 'it is no port with `/tcp` or `/udp`') }
  if (ranges === undefined) {
    // A name that no table here has may be a profile of this machine.
    return /^[a-z]/i.test(text)
      ? { rules: [] }
      : { rules: [], problem: syntax(text, 'it is neither a port nor a list of ports; an address needs `from` or `to` before it') }
  }
  return { rules: outgoing ? [] : ranges.map((ports) => rule(action, ports, transport, undefined)) }
}

/** `ufw allow proto tcp from ADDRESS to any port 80`. */
function full(action: Rule['action'], texts: readonly (string | undefined)[], outgoing: boolean, onInterface: boolean): UfwReading {
  const address = addressProblem(texts)
  if (address !== undefined) return { rules: [], ...address }
  if (texts.length % 2 !== 0) {
    return {
      rules: [],
      problem: syntax(texts[0] ?? '', 'the words do not come in pairs: `from ADDRESS`, `to ADDRESS`, `port PORT`, `proto PROTOCOL`'),
    }
  }
  const draft: Draft = {
    from: undefined,
    ports: undefined,
    protocols: new Set(),
    families: new Set(),
    understood: !outgoing,
    place: undefined,
  }
  const counts = new Map<string, number>()
  for (let index = 0; index < texts.length; index += 2) {
    const clause = texts[index]
    if (clause === undefined) return { rules: [] }
    const allowed = CLAUSES.get(clause)
    if (allowed === undefined)
      return { rules: [], problem: syntax(clause, '`proto`, `from`, `to`, `port`, `app`, `in` or `out` belongs here') }
    counts.set(clause, (counts.get(clause) ?? 0) + 1)
    if ((counts.get(clause) ?? 0) > allowed) return { rules: [], problem: syntax(clause, 'it stands too often') }
    const problem = take(clause, texts[index + 1], draft)
    if (problem !== undefined) return { rules: [], problem }
  }
  if (!onInterface && !counts.has('from') && !counts.has('to'))
    return { rules: [], problem: syntax(texts[0] ?? '', '`from` or `to` is missing') }
  if (counts.has('app') && counts.has('proto')) return { rules: [], problem: syntax('proto', 'a profile says its protocol itself') }
  if (draft.families.size > 1) return { rules: [], problem: syntax('to', '`from` and `to` are addresses of different families') }
  // Of two protocols ufw refuses the line.
  if (!draft.understood || draft.protocols.size > 1) return { rules: [] }
  const { ports, from } = draft
  const [protocol] = draft.protocols
  return {
    rules: ports === undefined ? [rule(action, undefined, protocol, from)] : ports.map((range) => rule(action, range, protocol, from)),
  }
}

/** A rule while its clauses are read. `understood`: it can be said in a `Rule`. */
interface Draft {
  from: string | undefined
  ports: readonly PortRange[] | undefined
  /** Those that are named, directly or by a service. */
  readonly protocols: Set<Protocol>
  readonly families: Set<Family>
  understood: boolean
  place: 'from' | 'to' | undefined
}

function take(clause: string, value: string | undefined, draft: Draft): Problem | undefined {
  switch (clause) {
    case 'from':
    case 'to': {
      draft.place = clause
      const family = parseAddress((value ?? '').toLowerCase().split('/')[0] ?? '')?.family
      if (family !== undefined) draft.families.add(family)
      if (value === undefined) draft.understood = false
      else if (clause === 'from' && value.toLowerCase() !== 'any') draft.from = value.toLowerCase()
      return undefined
    }
    case 'proto':
      if (value === 'tcp' || value === 'udp') draft.protocols.add(value)
      else if (value === undefined || PORTLESS.has(value)) draft.understood = false
      else if (value !== 'any') return syntax(value, 'it is no protocol that ufw knows')
      return undefined
    case 'port':
    case 'app': {
      if (draft.place === undefined) return syntax(clause, '`from` or `to` has to stand before it')
      const named = clause === 'app' ? PROFILES.get(value ?? '') : SERVICES.get(value ?? '')
      const ranges = named === undefined ? (clause === 'port' ? portRanges(value ?? '') : undefined) : rangesOf(named)
      if (value === undefined || ranges === undefined) {
        if (clause === 'port' && value !== undefined && !/^[a-z]/i.test(value)) return syntax(value, 'it is no port')
        draft.understood = false
      }
      if (named?.protocol !== undefined) draft.protocols.add(named.protocol)
      // A rule on source ports lets in whoever chooses that port: nothing narrower is said here.
      if (draft.place === 'to') draft.ports = ranges
      else draft.understood = false
      return undefined
    }
    default:
      return undefined
  }
}

function rule(action: Rule['action'], ports: PortRange | undefined, protocol: string | undefined, from: string | undefined): Rule {
  return {
    action,
    ...(ports === undefined ? {} : { ports }),
    ...(protocol === 'tcp' || protocol === 'udp' ? { protocol } : {}),
    ...(from === undefined ? {} : { from }),
  }
}

/** `80`, `80,443`, `8000:8010`; at most 15 ports, a range counting as two (ufw(8)). */
function portRanges(text: string): readonly PortRange[] | undefined {
  const ranges = text.split(',', 16).map((part): PortRange | undefined => {
    const match = /^(\d{1,5})(?::(\d{1,5}))?$/.exec(part)
    const first = Number(match?.[1])
    const last = match?.[2] === undefined ? first : Number(match[2])
    const ordered = match?.[2] === undefined || first < last
    return match !== null && first >= 1 && last <= 65_535 && ordered ? { first, last } : undefined
  })
  const sound = ranges.filter((range) => range !== undefined)
  return sound.length === ranges.length && (text.match(/[,:]/g) ?? []).length <= 14 ? sound : undefined
}

function rangesOf({ ports }: Named): readonly PortRange[] {
  return ports.map((port) => (typeof port === 'number' ? { first: port, last: port } : { first: port[0], last: port[1] }))
}

function addressProblem(texts: readonly (string | undefined)[]): { readonly problem: Problem } | undefined {
  for (const [index, text] of texts.entries()) {
    const before = texts[index - 1]
    const problem = text !== undefined && (before === 'from' || before === 'to') ? addressProblemOf(text) : undefined
    if (problem !== undefined) return { problem }
  }
  return undefined
}

/** `any`, an address, or a network (`192.0.2.0/24`, `192.0.2.0/255.255.255.0`, `2001:db8::/32`). */
function addressProblemOf(text: string): Problem | undefined {
  const lower = text.toLowerCase()
  const [address = '', mask, more] = lower.split('/')
  const parsed = parseAddress(address)
  const masked =
    mask === undefined ||
    (more === undefined && /^\d{1,3}$/.test(mask) && Number(mask) <= (parsed?.family === 6 ? 128 : 32)) ||
    (more === undefined && parsed?.family === 4 && parseAddress(mask)?.family === 4)
  if (lower === 'any' || (parsed !== undefined && masked)) return undefined
  return looksLikeHost(address) ? hostName(text) : syntax(text, 'it is no address')
}

function looksLikeHost(text: string): boolean {
  return /^(?=.*[a-z])[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?)*\.?$/i.test(text.slice(0, 260))
}

function hostName(word: string): Problem {
  return {
    code: 'host-name',
    word,
    explanation: 'ufw takes addresses and networks, no host names: it refuses the line, and no rule is made',
  }
}

function syntax(word: string, why: string): Problem {
  return { code: 'syntax', word, explanation: `ufw refuses the line: ${why}` }
}
