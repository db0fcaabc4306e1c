import { type Condition, type PacketType, show } from '../../../evidence/index.ts'
import { type AddressSet, type NumberSet, numberSet, type PortSet } from '../../../network/index.ts'
import { all, ALWAYS, any, NEVER, not, opaque } from '../conditions.ts'
import { readAddressType } from './addrtype.ts'
import { readConntrack, readState } from './conntrack.ts'
import type { Arities, Extension, Use } from './options.ts'
import { readAddressRange, readMark, readNumber, readNumbers, readPorts, readWords, type ValueContext } from './values.ts'

/** One match module (`-m NAME`): its options, and what they ask. */
interface MatchModule {
  readonly arities: Arities
  /** Every option stands for itself, and all have to hold: one that is not known is one more. */
  readonly together?: true
  /** `undefined`: not understood, so that it may hold or not. */
  read(uses: readonly Use[], context: ValueContext, text: string): Condition | undefined
}

type OptionReader = (values: readonly string[], context: ValueContext) => Condition | undefined

/** A module whose options are asked one by one, each with its own negation, and have to hold together. */
function each(options: Readonly<Record<string, readonly [arity: number, read: OptionReader]>>): MatchModule {
  return {
    arities: Object.fromEntries(Object.entries(options).map(([name, [arity]]) => [name, arity])),
    together: true,
    read(uses, context) {
      const conditions: Condition[] = []
      for (const { name, values, negated } of uses) {
        const condition = options[name]?.[1](values, context)
        // All of them have to hold, so that what is understood of the others stands.
        if (condition === undefined) conditions.push(opaque([name, ...values].join(' ')))
        else conditions.push(negated ? not(condition) : condition)
      }
      return all(...conditions)
    },
  }
}

/** A module that is known by its options, so that their words are not taken for others, but cannot be decided. */
function undecided(arities: Arities): MatchModule {
  return { arities, read: () => undefined }
}

/** Something that a plain packet does not have, and that a sender may put there. */
function uncommon(arities: Arities): MatchModule {
  return {
    arities,
    read(uses, _context, text) {
      const negated = uses.filter((use) => use.negated).length
      return negated > 0 ? undefined : { kind: 'circumstance', plain: false, text: show(text) }
    },
  }
}

const SPORT: OptionReader = ([text = '']) => ports('source-port', readPorts(text))
const DPORT: OptionReader = ([text = '']) => ports('destination-port', readPorts(text))

function ports(kind: 'source-port' | 'destination-port', set: PortSet | undefined): Condition | undefined {
  return set === undefined ? undefined : { kind, ports: set }
}

function addresses(kind: 'source' | 'destination', set: AddressSet | undefined): Condition | undefined {
  return set === undefined ? undefined : { kind, addresses: set }
}

const TCP_FLAGS: Readonly<Record<string, number>> = { FIN: 1, SYN: 2, RST: 4, PSH: 8, ACK: 16, URG: 32, ALL: 63, NONE: 0 }

function flagBits(text: string): number | undefined {
  return readWords(text, TCP_FLAGS)?.reduce((bits, bit) => bits | bit, 0)
}

function tcpFlags([maskText = '', valueText = '']: readonly string[]): Condition | undefined {
  const mask = flagBits(maskText)
  const value = flagBits(valueText)
  return mask === undefined || value === undefined ? undefined : { kind: 'tcp-flags', mask, values: numberSet(value) }
}

function icmp([text = '']: readonly string[]): Condition | undefined {
  const every: NumberSet = readNumbers('0:255', ':', 255) as NumberSet
  if (text === 'any' || text === '255') return { kind: 'icmp', types: every, codes: every }
  const [type, code] = text.split('/')
  const types = readNumber(type, 255)
  const codes = code === undefined ? every : readNumbers(code, ':', 255)
  return types === undefined || codes === undefined ? undefined : { kind: 'icmp', types: numberSet(types), codes }
}

function mark(of: 'packet' | 'connection'): OptionReader {
  return ([text]) => {
    const read = readMark(text)
    if (read === undefined) return undefined
    return { kind: 'mark', of, mask: read.mask, values: numberSet(read.value) }
  }
}

/** With no entry of the connection table the mark is never asked, negated or not (xt_connmark.c). */
const connmark: MatchModule = {
  arities: { '--mark': 1 },
  read(uses, context, text) {
    const asked = each({ '--mark': [1, mark('connection')] }).read(uses, context, text)
    return asked === undefined ? undefined : all({ kind: 'tracked' }, asked)
  },
}

const PACKET_TYPES: Readonly<Record<string, PacketType>> = {
  UNICAST: 'host',
  HOST: 'host',
  BROADCAST: 'broadcast',
  MULTICAST: 'multicast',
  OTHERHOST: 'otherhost',
}

function limit(arities: Arities, plain: (uses: readonly Use[]) => boolean | undefined): MatchModule {
  return {
    arities,
    read(uses, _context, text) {
      const holds = plain(uses)
      return holds === undefined ? undefined : { kind: 'circumstance', plain: holds, text: show(text) }
    },
  }
}

/** Whether the option that asks for a rate is of the kind that holds below it. */
function below(uses: readonly Use[], under: readonly string[], over: readonly string[]): boolean | undefined {
  const asked = uses.filter(({ name }) => under.includes(name) || over.includes(name))
  const only = asked[0]
  return only === undefined || asked.length > 1 ? undefined : under.includes(only.name) !== only.negated
}

/** From this count on a packet alone cannot fill the list, not even one that two rules add to it. */
const LEAST_HITS = 3

/** A packet that no process of this host sent has no owner, so that it is somebody else's as well (owner_mt in xt_owner.c). */
const owner: MatchModule = {
  arities: { '--uid-owner': 1, '--gid-owner': 1, '--suppl-groups': 0, '--socket-exists': 0 },
  read(uses, _context, text) {
    const conditions = uses
      .filter(({ name }) => name !== '--suppl-groups')
      .map(({ name, negated }): Condition => {
        const owned = name === '--socket-exists' ? ({ kind: 'own-process' } as const) : all({ kind: 'own-process' }, opaque(text))
        return negated ? not(owned) : owned
      })
    return all(...conditions)
  },
}

/** `--set` always holds; asking for several hits does not hold for who has sent nothing before (ufw's `limit` is made of the two). */
const recent: MatchModule = {
  arities: {
    '--set': 0,
    '--rcheck': 0,
    '--update': 0,
    '--remove': 0,
    '--seconds': 1,
    '--reap': 0,
    '--hitcount': 1,
    '--rttl': 0,
    '--name': 1,
    '--mask': 1,
    '--rsource': 0,
    '--rdest': 0,
  },
  read(uses, _context, text) {
    const command = uses.find(({ name }) => ['--set', '--rcheck', '--update', '--remove'].includes(name))
    if (command === undefined) return undefined
    if (command.name === '--set') return command.negated ? NEVER : ALWAYS
    const hits = readNumber(uses.find(({ name }) => name === '--hitcount')?.values[0], 0xffff) ?? 0
    if (command.name === '--remove' || hits < LEAST_HITS) return undefined
    return { kind: 'circumstance', plain: command.negated, text: show(text) }
  },
}

const set: MatchModule = {
  arities: {
    '--match-set': 2,
    '--return-nomatch': 0,
    '--update-counters': 0,
    '--update-subcounters': 0,
    '--packets-eq': 1,
    '--packets-lt': 1,
    '--packets-gt': 1,
    '--bytes-eq': 1,
    '--bytes-lt': 1,
    '--bytes-gt': 1,
  },
  read(uses, context) {
    const conditions: Condition[] = []
    for (const { name, values, negated } of uses) {
      if (name.endsWith('counters')) continue
      if (name !== '--match-set') return undefined
      const member = context.ipset(values[0] ?? '', (values[1] ?? '').split(','))
      if (member === undefined) return undefined
      conditions.push(negated ? not(member) : member)
    }
    return all(...conditions)
  },
}

/** `--loose` asks for any way back; `--invert` for its absence. */
const rpfilter: MatchModule = {
  arities: { '--loose': 0, '--validmark': 0, '--accept-local': 0, '--invert': 0 },
  read(uses) {
    const names = uses.map(({ name }) => name)
    if (names.includes('--accept-local')) return undefined
    const back: Condition = { kind: 'reverse-path', device: !names.includes('--loose') }
    return names.includes('--invert') ? not(back) : back
  },
}

const HASHLIMIT: Arities = {
  '--hashlimit': 1,
  '--hashlimit-upto': 1,
  '--hashlimit-above': 1,
  '--hashlimit-burst': 1,
  '--hashlimit-mode': 1,
  '--hashlimit-srcmask': 1,
  '--hashlimit-dstmask': 1,
  '--hashlimit-name': 1,
  '--hashlimit-htable-size': 1,
  '--hashlimit-htable-max': 1,
  '--hashlimit-htable-expire': 1,
  '--hashlimit-htable-gcinterval': 1,
}

const PORTS: MatchModule = each({ '--sport': [1, SPORT], '--dport': [1, DPORT] })

/** A table of facts: what iptables-extensions(8) says of each module, as far as a new connection's first packet is concerned. */
const MODULES: Readonly<Record<string, MatchModule>> = {
  tcp: each({
    '--sport': [1, SPORT],
    '--dport': [1, DPORT],
    '--tcp-flags': [2, tcpFlags],
    '--syn': [0, () => tcpFlags(['FIN,SYN,RST,ACK', 'SYN'])],
    '--tcp-option': [1, () => undefined],
  }),
  udp: PORTS,
  udplite: PORTS,
  sctp: each({ '--sport': [1, SPORT], '--dport': [1, DPORT], '--chunk-types': [2, () => undefined] }),
  dccp: each({ '--sport': [1, SPORT], '--dport': [1, DPORT], '--dccp-types': [1, () => undefined], '--dccp-option': [1, () => undefined] }),
  multiport: each({
    '--sports': [1, SPORT],
    '--dports': [1, DPORT],
    '--ports': [
      1,
      (values, context) => {
        const [source, destination] = [SPORT(values, context), DPORT(values, context)]
        return source === undefined || destination === undefined ? undefined : any(source, destination)
      },
    ],
  }),
  icmp: each({ '--icmp-type': [1, icmp] }),
  icmp6: each({ '--icmpv6-type': [1, icmp] }),
  conntrack: readConntrack,
  state: readState,
  addrtype: readAddressType,
  iprange: each({
    '--src-range': [1, ([text = ''], { family }) => addresses('source', readAddressRange(text, family))],
    '--dst-range': [1, ([text = ''], { family }) => addresses('destination', readAddressRange(text, family))],
  }),
  mark: each({ '--mark': [1, mark('packet')] }),
  connmark,
  pkttype: each({
    '--pkt-type': [
      1,
      ([text = '']) => {
        const types = readWords(text, PACKET_TYPES)
        return types === undefined ? undefined : { kind: 'packet-type', types }
      },
    ],
  }),
  comment: each({ '--comment': [1, () => ALWAYS] }),
  nfacct: each({ '--nfacct-name': [1, () => ALWAYS] }),
  limit: limit({ '--limit': 1, '--limit-burst': 1 }, () => true),
  hashlimit: limit(HASHLIMIT, (uses) => below(uses, ['--hashlimit', '--hashlimit-upto'], ['--hashlimit-above'])),
  connlimit: limit(
    { '--connlimit-upto': 1, '--connlimit-above': 1, '--connlimit-mask': 1, '--connlimit-saddr': 0, '--connlimit-daddr': 0 },
    (uses) => (uses.some(({ values }) => values[0] === '0') ? undefined : below(uses, ['--connlimit-upto'], ['--connlimit-above'])),
  ),
  recent,
  set,
  rpfilter,
  rt: uncommon({ '--rt-type': 1, '--rt-segsleft': 1, '--rt-len': 1, '--rt-0-res': 0, '--rt-0-addrs': 1, '--rt-0-not-strict': 0 }),
  frag: uncommon({ '--fragid': 1, '--fraglen': 1, '--fragres': 0, '--fragfirst': 0, '--fragmore': 0, '--fraglast': 0 }),
  hbh: uncommon({ '--hbh-len': 1, '--hbh-opts': 1 }),
  dst: uncommon({ '--dst-len': 1, '--dst-opts': 1 }),
  ah: uncommon({ '--ahspi': 1, '--ahlen': 1, '--ahres': 0 }),
  esp: undecided({ '--espspi': 1 }),
  mac: undecided({ '--mac-source': 1 }),
  physdev: undecided({ '--physdev-in': 1, '--physdev-out': 1, '--physdev-is-in': 0, '--physdev-is-out': 0, '--physdev-is-bridged': 0 }),
  owner,
  cgroup: { arities: { '--path': 1, '--cgroup': 1 }, read: (_uses, _context, text) => all({ kind: 'own-process' }, opaque(text)) },
  helper: undecided({ '--helper': 1 }),
  length: undecided({ '--length': 1 }),
  ttl: undecided({ '--ttl-eq': 1, '--ttl-lt': 1, '--ttl-gt': 1 }),
  hl: undecided({ '--hl-eq': 1, '--hl-lt': 1, '--hl-gt': 1 }),
  dscp: undecided({ '--dscp': 1, '--dscp-class': 1 }),
  tos: undecided({ '--tos': 1 }),
  ecn: undecided({ '--ecn-tcp-cwr': 0, '--ecn-tcp-ece': 0, '--ecn-ip-ect': 1 }),
  statistic: undecided({ '--mode': 1, '--probability': 1, '--every': 1, '--packet': 1 }),
  string: undecided({ '--algo': 1, '--from': 1, '--to': 1, '--string': 1, '--hex-string': 1, '--icase': 0 }),
  time: undecided({
    '--timestart': 1,
    '--timestop': 1,
    '--weekdays': 1,
    '--monthdays': 1,
    '--datestart': 1,
    '--datestop': 1,
    '--utc': 0,
    '--kerneltz': 0,
    '--contiguous': 0,
  }),
  u32: undecided({ '--u32': 1 }),
  bpf: undecided({ '--bytecode': 1, '--object-pinned': 1 }),
  socket: undecided({ '--transparent': 0, '--nowildcard': 0, '--restore-skmark': 0 }),
  policy: undecided({
    '--dir': 1,
    '--pol': 1,
    '--strict': 0,
    '--reqid': 1,
    '--spi': 1,
    '--proto': 1,
    '--mode': 1,
    '--tunnel-src': 1,
    '--tunnel-dst': 1,
    '--next': 0,
  }),
}

export function matchArities(name: string): Arities | undefined {
  return findModule(name)?.arities
}

/** The other names of a module: `-p icmpv6` loads `icmp6`. */
const ALIASES: Readonly<Record<string, string>> = { icmpv6: 'icmp6', 'ipv6-icmp': 'icmp6' }

function findModule(name: string): MatchModule | undefined {
  const key = Object.hasOwn(ALIASES, name) ? (ALIASES[name] as string) : name
  return Object.hasOwn(MODULES, key) ? MODULES[key] : undefined
}

export function readMatch({ name, uses, text }: Extension, context: ValueContext): Condition {
  const found = findModule(name)
  const isRead = uses.every(({ known }) => known) || found?.together === true
  return (isRead ? found?.read(uses, context, text) : undefined) ?? opaque(text)
}
