import { type Family, FAMILIES } from '@sallyport/core/network'
import type { Random } from './random.ts'
import { EMPTY_PORTS, INNER, PORTS, SENDERS, SERVER } from './network.ts'

/** Rulesets as nft reads them, out of everything that the reader claims to understand. */

type Where = 'prerouting' | 'input' | 'forward' | 'postrouting'

interface Place {
  readonly hook: Where | 'any'
  readonly nat: boolean
  /** The tracker has seen the packet. */
  readonly tracked: boolean
  /** Chains that may be jumped to. */
  readonly later: readonly string[]
  readonly families: readonly Family[]
}

/** One rule speaks of one family and of one protocol, or nft refuses it. */
interface Talk extends Place {
  readonly family: Family
  readonly protocol: 'tcp' | 'udp' | 'th'
}

const PREFIXES: Readonly<Record<Family, readonly string[]>> = {
  4: [
    '203.0.113.0/24',
    '203.0.113.0/25',
    '203.0.113.8/31',
    '198.51.100.0/24',
    '192.168.1.0/24',
    '192.168.1.64/26',
    '0.0.0.0/1',
    '128.0.0.0/2',
    '192.0.2.0/24',
  ],
  6: [
    '2001:db8:77::/48',
    '2001:db8:77::/64',
    '2001:db8:77::8/127',
    '2001:db8:51::/64',
    '2001:db8:1::/64',
    '2001:db8:1::64/122',
    '2001:db8::/33',
    '8000::/1',
  ],
}

export class NftRules {
  readonly #random: Random
  /** Some rulesets have what nobody can know the end of. */
  readonly #unknowns: boolean
  #sets = 0
  /** Declarations that the rules made so far refer to. */
  #declared: string[] = []

  constructor(random: Random) {
    this.#random = random
    this.#unknowns = random.chance(20)
  }

  ruleset(): string {
    const random = this.#random
    const tables = random.many(1, 2, () => random.pick(['inet', 'inet', 'ip', 'ip6']))
    return tables.map((family, index) => this.#table(family, `t${index}`)).join('\n')
  }

  #table(family: string, name: string): string {
    const random = this.#random
    const families: readonly Family[] = family === 'inet' ? FAMILIES : family === 'ip' ? [4] : [6]
    this.#declared = []
    const users = ['u1', 'u2', 'u3']
    const chains: string[] = []
    for (const [index, user] of users.entries()) {
      const place: Place = { hook: 'any', nat: false, tracked: true, later: users.slice(0, index), families }
      chains.push(
        this.#chain(
          user,
          '',
          random.many(0, 4, () => this.#rule(place)),
          [],
        ),
      )
    }
    for (const [index, base] of random.some(BASES, 2, 6).entries()) {
      const { hook, type, priorities, tracked } = base
      const place: Place = { hook, nat: type === 'nat', tracked, later: type === 'nat' ? [] : users, families }
      const priority = random.pick(priorities)
      const policy = random.chance(type === 'nat' ? 5 : 35) ? 'drop' : 'accept'
      const head = `type ${type} hook ${hook} priority ${priority}; policy ${policy};`
      chains.push(
        this.#chain(`b${index}`, head, [...this.#marked(place), ...random.many(0, 7, () => this.#rule(place))], answersPass(place)),
      )
    }
    return [`table ${family} ${name} {`, ...this.#declared, ...chains, '}'].join('\n')
  }

  #chain(name: string, head: string, rules: readonly string[], first: readonly string[]): string {
    return [`  chain ${name} {`, ...(head === '' ? [] : [`    ${head}`]), ...[...first, ...rules].map((rule) => `    ${rule}`), '  }'].join(
      '\n',
    )
  }

  /** Marks that later rules then find. */
  #marked({ hook, nat }: Place): readonly string[] {
    if (hook !== 'prerouting' || nat || !this.#random.chance(50)) return []
    return [`meta mark set ${this.#random.pick([2, 3])}`, `ct mark set ${this.#random.pick([2, 3])}`]
  }

  #rule(place: Place): string {
    const random = this.#random
    const talk: Talk = { ...place, family: random.pick(place.families), protocol: random.pick(['tcp', 'udp', 'th'] as const) }
    if (random.chance(20)) return this.#verdictMap(talk)
    if (random.chance(talk.hook === 'postrouting' ? 15 : 3)) return this.#other(talk)
    const matches = random.many(0, 3, () => this.#match(talk))
    const change = random.chance(20) && !talk.nat ? [this.#change(talk)] : []
    const marked = change[0]?.startsWith('meta mark') === true && random.chance(60)
    const more = marked ? [`meta mark ${random.below(4)}`] : change.length > 0 && random.chance(50) ? [this.#match(talk)] : []
    const ports = talk.protocol === 'th' ? ['meta l4proto { tcp, udp }'] : []
    const comment = random.chance(5) ? [`comment "${random.pick(['plain', 'tcp dport 80 accept', 'x y'])}"`] : []
    return [...ports, ...matches, ...change, ...more, this.#verdict(talk), ...comment].join(' ')
  }

  /** Of packets of another protocol, or of a process of the server: never met from outside. */
  #other(place: Talk): string {
    const random = this.#random
    const verdict = place.nat ? 'accept' : random.pick(['accept', 'drop'])
    const icmp = place.family === 4 ? `icmp type ${random.pick(['echo-request', 'redirect'])}` : 'icmpv6 type echo-request'
    if (place.hook !== 'postrouting') return `${icmp} ${verdict}`
    return `${random.pick([icmp, 'meta skuid 0', 'meta skgid != 7', 'meta cgroup 1'])} ${verdict}`
  }

  #named(kind: 'set' | 'map', body: string): string {
    this.#declared.push(`  ${kind} s${++this.#sets} { ${body} }`)
    return `@s${this.#sets}`
  }

  #port(): number {
    return this.#random.pick([...PORTS, ...PORTS, ...EMPTY_PORTS])
  }

  #ports(): string {
    const random = this.#random
    return random.pick([
      () => String(this.#port()),
      () => '1-1023',
      () => '1000-3000',
      () => `{ ${[...new Set([this.#port(), this.#port(), this.#port()])].join(', ')} }`,
      () => '{ 22, 80-443, 8000-8100 }',
    ])()
  }

  #source(family: Family): string {
    const random = this.#random
    if (random.chance(4)) return SERVER.back[family]
    return random.pick([random.pick([...SENDERS.internet[family], ...SENDERS.lan[family]]), random.pick(PREFIXES[family])])
  }

  #sourceSet(family: Family): string {
    const chosen = new Set([this.#source(family), this.#source(family), this.#source(family)])
    // Intervals of a set may not overlap unless nft merges them.
    return this.#named('set', `type ipv${family}_addr; flags interval; auto-merge; elements = { ${[...chosen].join(', ')} };`)
  }

  #destination(family: Family): string {
    const random = this.#random
    return random.pick([SERVER.internet[family], SERVER.lan[family], INNER[family], family === 4 ? '10.9.0.0/24' : '2001:db8:9::/64'])
  }

  #match(place: Talk): string {
    const random = this.#random
    const { family, protocol } = place
    const ip = family === 4 ? 'ip' : 'ip6'
    const not = random.chance(25) ? '!= ' : ''
    const choices: (() => string)[] = [
      () => `${ip} saddr ${not}${this.#source(family)}`,
      () => `${ip} saddr ${not}${this.#source(family)}`,
      () => `${ip} saddr ${not}${this.#sourceSet(family)}`,
      ...(place.hook === 'postrouting' ? [1, 2, 3, 4].map(() => () => `${ip} saddr ${not}${SERVER.back[family]}`) : []),
      () => `${ip} daddr ${not}${this.#destination(family)}`,
      () => `${protocol} dport ${not}${this.#ports()}`,
      () => `${protocol} dport ${not}${this.#ports()}`,
      () => `${protocol} dport ${not}${this.#ports()}`,
      // One direction for a rule: nft 1.0.6 prints `< 80` followed by `> 5000`, which nothing can match, as `!= 80-5000`, which much does.
      () => `${protocol} dport ${protocol === 'tcp' ? '<=' : '>'} ${this.#port()}`,
      () => `${protocol} sport ${not}${random.pick(['1024-65535', '1-9999', '{ 53, 20000-40000 }', '30000'])}`,
      () => (protocol === 'th' ? `meta l4proto ${not}{ tcp, 17 }` : `meta l4proto ${protocol}`),
      () => (place.families.length > 1 ? `meta nfproto ${not}ipv${family}` : 'meta mark 0'),
      () => `iifname ${not}${random.pick(['"internet"', '"lan"', '"in*"', '{ "lan", "back" }'])}`,
      () => `iif ${not}${random.pick(['internet', 'lan'])}`,
      () => `oifname ${not}${random.pick(['"back"', '"lan"', '"ba*"'])}`,
      () => `fib daddr type ${not}${random.pick(['local', 'unicast', '{ local, multicast }'])}`,
      () => `fib saddr type ${not}${random.pick(['local', 'unicast'])}`,
      () => `meta mark ${not}${random.pick(['0', '1', '0x3', '2', '{ 1, 2 }', '1-2'])}`,
      () => `meta mark & ${random.pick(['0x1', '0x3', '0xf0'])} ${random.pick(['==', '!='])} ${random.pick(['0', '1', '2'])}`,
      () =>
        protocol === 'tcp'
          ? `tcp flags ${random.pick(['syn', '& (syn|ack|rst|fin) == syn', '& (syn|ack) != syn', '! syn', 'ack'])}`
          : 'meta mark 0',
      () => `meta pkttype ${not}host`,
      () =>
        `${ip} saddr . ${protocol} dport ${not}{ ${[...new Set([this.#port(), this.#port()])].map((port, index) => `${SENDERS.internet[family][index]} . ${port}`).join(', ')} }`,
      () => (protocol === 'th' ? `meta l4proto . th dport ${not}{ tcp . ${this.#port()}, udp . ${this.#port()} }` : 'meta mark 0'),
      () => `meta mark . ${protocol} dport ${not}{ 0 . ${this.#port()}, 1 . ${this.#port()} }`,
      () =>
        `${ip} saddr . ${protocol} dport ${not}${this.#named('set', `type ipv${family}_addr . inet_service; elements = { ${SENDERS.internet[family][0]} . ${this.#port()}, ${SENDERS.lan[family][0]} . ${this.#port()} };`)}`,
      () =>
        `${ip} saddr . ${protocol} dport ${this.#named('set', `type ipv${family}_addr . inet_service; flags interval; elements = { ${PREFIXES[family][0]} . 1000-3000, ${SENDERS.lan[family][1]} . ${this.#port()} };`)}`,
      ...(place.hook === 'prerouting' ? ['exists', 'missing'].map((there) => () => `fib saddr . iif oif ${there}`) : []),
      () => `iifname . ${ip} saddr { "internet" . ${SENDERS.internet[family][0]}, "lan" . ${SENDERS.lan[family][0]} }`,
    ]
    if (place.tracked) {
      choices.push(
        () => `ct state ${random.pick(['new', 'established', 'invalid', 'new,established', '!= new', '{ new, untracked }', 'untracked'])}`,
        () => `ct status ${random.pick(['dnat', '& dnat == 0', 'snat'])}`,
        () => `ct mark ${not}${random.pick(['0', '1', '{ 1, 2 }'])}`,
        () => `ct mark ${not}1`,
        () => `ct state ${not}untracked`,
        () => `ct mark & ${random.pick(['0x1', '0x3'])} ${random.pick(['==', '!='])} ${random.pick(['0', '1'])}`,
        () => `ct reply ${ip} saddr ${not}${this.#destination(family)}`,
        () => `ct direction ${random.pick(['original', 'reply'])}`,
        () => `ct original ${ip} daddr ${not}${this.#destination(family)}`,
        () => `meta l4proto ${protocol === 'th' ? '{ tcp, udp }' : protocol} ct original proto-dst ${not}${this.#port()}`,
      )
    }
    return random.pick(choices)()
  }

  #change(place: Talk): string {
    const random = this.#random
    const marks = [
      `meta mark set ${random.pick(['1', '2', '0x10'])}`,
      `meta mark set meta mark ${random.pick(['|', '&', '^'])} ${random.pick(['0x1', '0x2', '0xf'])}`,
      `meta mark set meta mark ${random.pick(['|', '&', '^'])} ${random.pick(['0x1', '0x2'])}`,
      `meta mark set ${place.protocol} dport map { ${this.#port()} : 1, 4000-4999 : 2 }`,
      `meta mark set ${place.protocol} dport map { 22 : 2, 53-443 : 1, 1000-9000 : 3 }`,
      ...(place.tracked ? ['ct mark set ct mark | 0x2', 'ct mark set 1', 'ct mark set 1'] : []),
      ...(place.tracked ? [`ct mark set ${random.pick(['1', '2', 'meta mark'])}`, 'meta mark set ct mark'] : []),
    ]
    // Only where the listener itself tells what it got: answers to what was rewritten are lost.
    const rewritten =
      place.protocol === 'udp' && place.hook === 'prerouting' ? Array.from({ length: 12 }, () => `udp dport set ${this.#port()}`) : []
    return random.pick([
      ...marks,
      ...rewritten,
      'counter',
      'counter',
      'limit rate 1000000/second burst 100000 packets',
      'limit rate over 1000000/second burst 100000 packets',
      'log prefix "x" level debug',
      'log prefix "y"',
    ])
  }

  #verdict(place: Talk): string {
    const random = this.#random
    if (place.nat && place.hook === 'prerouting')
      return random.pick([() => this.#translation(place), () => this.#translation(place), () => 'accept', () => 'return'])()
    if (place.nat)
      return random.pick([
        () => 'masquerade',
        () => 'masquerade',
        () => this.#sourceTranslation(place),
        () => this.#sourceTranslation(place),
        () => 'accept',
        () => 'return',
      ])()
    if (this.#unknowns && random.chance(mayProxy(place) ? 15 : 5)) return this.#unknown(place)
    return random.pick([
      'accept',
      'accept',
      'drop',
      'drop',
      'return',
      'continue',
      ...(place.hook === 'input' || place.hook === 'forward' ? ['reject', ...(place.protocol === 'tcp' ? [this.#reset(place)] : [])] : []),
      ...(place.hook === 'prerouting' ? ['notrack', ...(place.tracked ? [] : ['notrack', 'notrack'])] : []),
      ...(place.later.length > 0
        ? [`jump ${random.pick(place.later)}`, `goto ${random.pick(place.later)}`, `jump ${random.pick(place.later)}`]
        : []),
    ])
  }

  /** nft 1.0.6 does not print which family of two a reset was written for, unless something else tells. */
  #reset({ families, family }: Talk): string {
    const told = families.length > 1 && !this.#random.chance(10) ? `${family === 4 ? 'ip' : 'ip6'} saddr ${this.#source(family)} ` : ''
    return `${told}meta l4proto tcp reject with tcp reset`
  }

  /** Handed to somebody who is not there. */
  #unknown(place: Talk): string {
    const random = this.#random
    const queue = `queue num 7${random.pick(['', ' bypass'])}`
    if (!mayProxy(place) || random.chance(25)) return queue
    return `meta l4proto { tcp, udp } tproxy to ${place.family === 4 ? '' : '[::]'}:${this.#port()}`
  }

  #sourceTranslation({ families, family }: Talk): string {
    const ip = families.length > 1 ? ` ip${family === 4 ? '' : '6'}` : ''
    return `oifname "back" snat${ip} to ${SERVER.back[family]}`
  }

  #translation(place: Talk): string {
    const random = this.#random
    const { family, protocol } = place
    const ip = place.families.length > 1 ? ` ip${family === 4 ? '' : '6'}` : ''
    const to = random.pick([INNER[family], SERVER.lan[family], SERVER.internet[family]])
    const text = family === 6 ? `[${to}]` : to
    return random.pick([
      () => `dnat${ip} to ${to}`,
      () => `meta l4proto ${protocol === 'th' ? '{ tcp, udp }' : protocol} dnat${ip} to ${text}:${this.#port()}`,
      () => `meta l4proto ${protocol === 'th' ? '{ tcp, udp }' : protocol} redirect to :${this.#port()}`,
      () => 'redirect',
      () => `dnat${ip} to ${protocol} dport map { ${this.#port()} : ${INNER[family]} }`,
      () => `dnat${ip} to ${protocol} dport map { 22 : ${SERVER.lan[family]}, 53-443 : ${to}, 1000-9000 : ${INNER[family]} }`,
      () =>
        `dnat${ip} to ${protocol} dport map ${this.#named('map', `type inet_service : ipv${family}_addr; elements = { ${this.#port()} : ${INNER[family]} };`)}`,
      ...(family === 4 ? [() => `dnat ip prefix to ip daddr map { 198.51.100.0/28 : 10.9.0.16/28, 192.168.1.0/24 : 10.9.0.0/24 }`] : []),
      () =>
        `dnat${ip} to ${protocol} dport map { 80 : ${INNER[family]} . ${this.#port()}, 8080 : ${SERVER.lan[family]} . ${this.#port()} }`,
    ])()
  }

  #verdictMap(place: Talk): string {
    const random = this.#random
    const { family, protocol } = place
    const verdict = (): string =>
      place.nat
        ? random.pick(['accept', 'return'])
        : random.pick(['accept', 'drop', 'return', ...place.later.map((chain) => `jump ${chain}`)])
    const rest = random.chance(30) ? `, * : ${verdict()}` : ''
    const ofPorts = (): string =>
      `${protocol} dport vmap ${this.#named('map', `type inet_service : verdict; flags interval; elements = { 22 : ${verdict()}, 53-443 : ${verdict()}, 1000-9000 : ${verdict()} };`)}`
    const ofSenders = (): string =>
      `${family === 4 ? 'ip' : 'ip6'} saddr vmap ${this.#named('map', `type ipv${family}_addr : verdict; elements = { ${SENDERS.internet[family][0]} : ${verdict()}, ${SENDERS.lan[family][1]} : ${verdict()} };`)}`
    return random.pick([
      // Maps with names twice as often: many of them let everything fall through.
      ofPorts,
      ofPorts,
      ofSenders,
      ofSenders,
      () => `${protocol} dport vmap { ${this.#port()} : ${verdict()}, 4000-4999 : ${verdict()}${rest} }`,
      () =>
        `${family === 4 ? 'ip' : 'ip6'} saddr vmap { ${SENDERS.internet[family][0]} : ${verdict()}, ${SENDERS.lan[family][0]} : ${verdict()}${rest} }`,
      () => `iifname vmap { "lan" : ${verdict()}, "internet" : ${verdict()} }`,
      () => `meta l4proto vmap { tcp : ${verdict()}, udp : ${verdict()} }`,
      () => `meta mark vmap { 0 : ${verdict()}, 1 : ${verdict()} }`,
      () =>
        `${family === 4 ? 'ip' : 'ip6'} saddr . ${protocol} dport vmap { ${SENDERS.internet[family][1]} . ${this.#port()} : ${verdict()} }`,
    ])()
  }
}

/** Where nft takes a transparent proxy for packets of either protocol. */
function mayProxy({ hook, tracked, families }: Place): boolean {
  return hook === 'prerouting' && tracked && families.length === 1
}

/** What comes after the first packet is not asked about: it passes, and so does everything from the host behind. */
function answersPass({ hook, tracked, nat, families }: Place): readonly string[] {
  // Answers of the server itself to packets that no tracker knows leave by POSTROUTING like any other.
  if (hook === 'postrouting')
    return [...(nat ? [] : ['ct state established,related accept']), 'fib saddr type local accept', 'iifname "back" accept']
  const back = families.map((family) => (family === 4 ? 'ip saddr 10.9.0.0/24 accept' : 'ip6 saddr 2001:db8:9::/64 accept'))
  return tracked && !nat ? ['ct state established,related accept', ...back] : back
}

const BASES: readonly {
  readonly hook: Where
  readonly type: 'filter' | 'nat'
  readonly priorities: readonly string[]
  readonly tracked: boolean
}[] = [
  { hook: 'prerouting', type: 'filter', priorities: ['raw', '-250'], tracked: false },
  { hook: 'prerouting', type: 'filter', priorities: ['mangle', '-110', '-90', 'filter'], tracked: true },
  { hook: 'prerouting', type: 'nat', priorities: ['dstnat', '-90', '10'], tracked: true },
  { hook: 'prerouting', type: 'nat', priorities: ['dstnat - 5', '-50'], tracked: true },
  { hook: 'input', type: 'filter', priorities: ['mangle', 'filter', 'filter + 10', 'security'], tracked: true },
  { hook: 'input', type: 'filter', priorities: ['filter - 10', 'filter', '200'], tracked: true },
  { hook: 'forward', type: 'filter', priorities: ['mangle', 'filter', 'filter + 5'], tracked: true },
  { hook: 'postrouting', type: 'filter', priorities: ['mangle', '150'], tracked: true },
  { hook: 'postrouting', type: 'filter', priorities: ['101', '150'], tracked: true },
  { hook: 'postrouting', type: 'nat', priorities: ['srcnat'], tracked: true },
]
