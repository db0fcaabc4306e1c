import type { Family } from '@sallyport/core/network'
import type { Random } from './random.ts'
import { EMPTY_PORTS, INNER, PORTS, SENDERS, SERVER } from './network.ts'

/** Rulesets as iptables-restore reads them, out of everything that the reader claims to understand. */

const TABLES: Readonly<Record<string, readonly string[]>> = {
  raw: ['PREROUTING'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'POSTROUTING'],
  nat: ['PREROUTING', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD'],
}

const USERS = ['first', 'second', 'third'] as const

const PREFIXES: Readonly<Record<Family, readonly string[]>> = {
  4: [
    '203.0.113.0/24',
    '203.0.113.0/25',
    '203.0.113.8/31',
    '198.51.100.0/24',
    '192.168.1.64/26',
    '0.0.0.0/1',
    '128.0.0.0/2',
    '192.0.2.0/255.255.255.0',
  ],
  6: ['2001:db8:77::/48', '2001:db8:77::8/127', '2001:db8:51::/64', '2001:db8:1::64/122', '2001:db8::/33', '8000::/1'],
}

interface Place {
  readonly table: string
  readonly chain: string
  readonly later: readonly string[]
}

export class IptablesRules {
  readonly #random: Random
  readonly #family: Family
  readonly #sets: boolean
  /** Some rulesets have what nobody can know the end of. */
  readonly #unknowns: boolean

  constructor(random: Random, family: Family, sets: boolean) {
    this.#unknowns = random.chance(20)
    this.#random = random
    this.#family = family
    this.#sets = sets
  }

  /** What the rules of `-m set` ask for, as `ipset restore` reads it. */
  static sets(): string {
    return [
      'create hosts4 hash:ip family inet',
      'create hosts6 hash:ip family inet6',
      'create nets4 hash:net family inet',
      'create nets6 hash:net family inet6',
      'create pairs4 hash:ip,port family inet',
      'create pairs6 hash:ip,port family inet6',
      'create ports4 bitmap:port range 0-65535',
      'create both4 list:set',
      ...[SENDERS.internet[4][0], SENDERS.lan[4][1]].map((one) => `add hosts4 ${one}`),
      ...[SENDERS.internet[6][0], SENDERS.lan[6][1]].map((one) => `add hosts6 ${one}`),
      'add nets4 203.0.113.0/24',
      'add nets4 203.0.113.8/31 nomatch',
      'add nets4 192.168.1.64/26',
      'add nets6 2001:db8:77::/48',
      'add nets6 2001:db8:77:8000::/49 nomatch',
      `add pairs4 ${SENDERS.internet[4][1]},tcp:80`,
      `add pairs4 ${SENDERS.lan[4][0]},udp:53`,
      `add pairs6 ${SENDERS.internet[6][1]},tcp:80`,
      'add ports4 22',
      'add ports4 8000-8100',
      'add both4 hosts4',
      'add both4 nets4',
      '',
    ].join('\n')
  }

  ruleset(): string {
    const random = this.#random
    const tables = random.some(Object.keys(TABLES), 1, 4)
    return tables.map((table) => this.#table(table)).join('\n')
  }

  #table(table: string): string {
    const random = this.#random
    const chains = TABLES[table] ?? []
    const lines = [`*${table}`]
    for (const chain of chains) lines.push(`:${chain} ${table !== 'nat' && random.chance(30) ? 'DROP' : 'ACCEPT'} [0:0]`)
    for (const user of USERS) lines.push(`:${user} - [0:0]`)
    for (const [index, user] of USERS.entries()) {
      const place: Place = { table, chain: '', later: table === 'nat' ? [] : USERS.slice(0, index) }
      lines.push(...random.many(0, 4, () => `-A ${user} ${this.#rule(place)}`))
    }
    for (const chain of chains) {
      lines.push(...answersPass(table, chain, this.#family).map((rule) => `-A ${chain} ${rule}`))
      const place: Place = { table, chain, later: table === 'nat' ? [] : USERS }
      if (table === 'mangle' && chain === 'PREROUTING' && random.chance(50))
        lines.push(...random.some(['MARK', 'CONNMARK'], 1, 2).map((target) => `-A ${chain} -j ${target} --set-mark ${random.pick([2, 3])}`))
      lines.push(...random.many(0, 7, () => `-A ${chain} ${this.#rule(place)}`))
    }
    return [...lines, 'COMMIT', ''].join('\n')
  }

  #rule(place: Place): string {
    const random = this.#random
    if (random.chance(place.chain === 'POSTROUTING' ? 12 : 3)) return this.#other(place)
    const protocol = random.pick(['tcp', 'tcp', 'udp', undefined] as const)
    const not = (): string => (random.chance(25) ? '! ' : '')
    const words: string[] = []
    if (random.chance(45)) words.push(`${not()}-s ${this.#source()}`)
    if (random.chance(20)) words.push(`${not()}-d ${this.#destination()}`)
    // Not `! -i +`, which nothing can match: iptables-legacy prints the rule without it.
    if (random.chance(20) && place.chain !== 'POSTROUTING') words.push(`${not()}-i ${random.pick(['internet', 'lan', 'in+'])}`)
    if (random.chance(20) && ['FORWARD', 'POSTROUTING'].includes(place.chain))
      words.push(`${not()}-o ${random.pick(['back', 'lan', 'ba+'])}`)
    if (protocol !== undefined) words.push(`-p ${protocol}`, ...once(random.many(0, 2, () => this.#transport(protocol, place.table))))
    words.push(...random.many(0, 2, () => this.#extension(place)))
    return [...new Set(words), this.#target(place, protocol)].join(' ')
  }

  /** Of packets of another protocol, or of a process of the server: never met from outside. */
  #other(place: Place): string {
    const random = this.#random
    const target = this.#target(place, undefined)
    const icmp = `-p ${this.#family === 4 ? 'icmp -m icmp --icmp-type' : 'ipv6-icmp -m icmp6 --icmpv6-type'} echo-request`
    if (place.chain !== 'POSTROUTING') return `${icmp} ${target}`
    return `${random.pick([icmp, '-m owner --uid-owner 0', '-m owner ! --gid-owner 7', '-m cgroup --cgroup 1'])} ${target}`
  }

  #port(): number {
    return this.#random.pick([...PORTS, ...PORTS, ...EMPTY_PORTS])
  }

  #source(): string {
    const random = this.#random
    if (random.chance(4)) return SERVER.back[this.#family]
    return random.pick([
      random.pick([...SENDERS.internet[this.#family], ...SENDERS.lan[this.#family]]),
      random.pick(PREFIXES[this.#family]),
    ])
  }

  #destination(): string {
    const family = this.#family
    return this.#random.pick([SERVER.internet[family], SERVER.lan[family], INNER[family], family === 4 ? '10.9.0.0/24' : '2001:db8:9::/64'])
  }

  #transport(protocol: 'tcp' | 'udp', table: string): string {
    const random = this.#random
    const not = random.chance(25) ? '! ' : ''
    return random.pick([
      () => `-m ${protocol} ${not}--dport ${random.pick([String(this.#port()), '1:1023', '1000:3000', ':79', '8000:'])}`,
      () => `-m ${protocol} ${not}--dport ${this.#port()}`,
      () => `-m ${protocol} ${not}--sport ${random.pick(['1024:65535', '30000', '53'])}`,
      () => `-m multiport ${not}--dports ${[this.#port(), this.#port(), '4000:4999'].join(',')}`,
      () => `-m multiport ${not}--ports ${[this.#port(), 30000].join(',')}`,
      () =>
        // Where SYN alone is exempt from tracking, what comes after it may be refused.
        protocol === 'tcp' && table !== 'raw'
          ? `-m tcp ${not}${random.pick(['--syn', '--tcp-flags SYN,ACK SYN', '--tcp-flags ALL ACK'])}`
          : '-m comment --comment "x \\"y\\" ! -j DROP"',
    ])()
  }

  #extension(place: Place): string {
    const random = this.#random
    const family = this.#family
    const not = random.chance(25) ? '! ' : ''
    const tracked = place.table !== 'raw'
    return random.pick([
      () =>
        `-m conntrack ${not}--ctstate ${random.pick(['NEW', 'ESTABLISHED,RELATED', 'INVALID', 'NEW,UNTRACKED', 'UNTRACKED', 'DNAT', 'INVALID,DNAT'])}`,
      () => `-m conntrack ${not}--ctorigdst ${this.#destination()} --ctdir ORIGINAL`,
      () => `-m conntrack --ctstate ${random.pick(['NEW', 'UNTRACKED', 'INVALID', 'NEW,UNTRACKED'])} ${not}--ctorigdstport ${this.#port()}`,
      () => `-m conntrack ${not}--ctorigsrc ${this.#source()}`,
      () => `-m conntrack ${not}--ctreplsrc ${this.#destination()}`,
      () => `-m state --state ${random.pick(['NEW', 'ESTABLISHED', 'INVALID', 'NEW,ESTABLISHED'])}`,
      () => (tracked ? `-m connmark ${not}--mark ${random.pick(['0', '0x1', '0x0/0x1', '0x2/0x2', '0x3'])}` : '-m mark --mark 0'),
      () => `-m mark ${not}--mark ${random.pick(['0', '0x1', '0x1/0x1', '0x0/0x2', '0x2/0x2', '0x3'])}`,
      () => `-m addrtype ${not}--dst-type ${random.pick(['LOCAL', 'UNICAST', 'LOCAL,MULTICAST'])}`,
      () => `-m addrtype ${not}--src-type ${random.pick(['LOCAL', 'UNICAST'])}`,
      () =>
        family === 4
          ? `-m iprange ${not}--src-range ${random.pick(['203.0.113.0-203.0.113.8', '192.168.1.66-192.168.1.70'])}`
          : `-m iprange ${not}--src-range ${random.pick(['2001:db8:77::-2001:db8:77::7', '2001:db8:1::66-2001:db8:1::ff'])}`,
      () => `-m pkttype ${not}--pkt-type unicast`,
      ...(place.chain === 'PREROUTING' && (place.table === 'raw' || place.table === 'mangle')
        ? ['', ' --loose', ' --invert'].map((option) => () => `-m rpfilter${option}`)
        : []),
      ...(tracked ? [() => `-m conntrack ${not}--ctstatus ${random.pick(['NONE', 'CONFIRMED', 'SEEN_REPLY'])}`] : []),
      () => `-m comment --comment ${random.pick(['plain', '"two words"', '"-j ACCEPT"', '--dport'])}`,
      () => '-m limit --limit 10000/sec --limit-burst 10000',
      () => '-m recent --name seen --set',
      () => '-m recent --name other --update --seconds 10 --hitcount 20',
      () =>
        `-m hashlimit --hashlimit-${random.pick(['upto', 'above'])} 10000/sec --hashlimit-burst 10000 --hashlimit-mode srcip --hashlimit-name h${place.table}`,
      ...(this.#sets
        ? [
            () => `-m set ${not}--match-set ${random.pick(['hosts', 'nets'])}${family} src`,
            () => `-m set ${not}--match-set pairs${family} src,dst`,
            () => `-m set ${not}--match-set ports4 dst`,
            () => (family === 4 ? `-m set ${not}--match-set both4 src` : `-m set ${not}--match-set nets6 src`),
          ]
        : []),
      ...(family === 6 ? [() => `-m rt --rt-type 0`] : [() => `-f`]),
    ])()
  }

  #target({ table, chain, later }: Place, protocol: string | undefined): string {
    const random = this.#random
    const calls = later.flatMap((name) => [`-j ${name}`, `-j ${name}`, `-g ${name}`])
    if (table === 'nat' && chain === 'PREROUTING')
      return random.pick([this.#dnat(protocol), this.#dnat(protocol), '-j ACCEPT', '-j RETURN'])
    if (table === 'nat' && chain === 'POSTROUTING') {
      const translated = `-j SNAT --to-source ${SERVER.back[this.#family]}`
      return random.pick(['-j MASQUERADE', translated, translated, '-j ACCEPT', '-j RETURN'])
    }
    if (table === 'nat') return random.pick(['-j ACCEPT', '-j RETURN'])
    const verdicts = ['-j ACCEPT', '-j ACCEPT', '-j DROP', '-j DROP', '-j RETURN', '-j LOG --log-prefix "[x] "', '', ...calls]
    if (this.#unknowns && random.chance(table === 'mangle' && chain === 'PREROUTING' ? 12 : 5)) return this.#unknown(table, chain, protocol)
    if (table === 'raw') return random.pick([...verdicts, '-j CT --notrack', '-j CT --notrack', '-j NOTRACK'])
    if (table === 'mangle') {
      return random.pick([
        ...verdicts,
        '-j MARK --set-mark 1',
        '-j MARK --set-mark 1',
        `-j MARK --set-mark ${random.pick(['1', '0x1/0x3'])}`,
        `-j MARK --${random.pick(['or', 'and', 'xor'])}-mark 0x1`,
        '-j CONNMARK --set-mark 1',
        '-j CONNMARK --set-mark 1',
        '-j CONNMARK --save-mark',
        '-j CONNMARK --restore-mark',
        '-j CONNMARK --restore-mark --mask 0x1',
      ])
    }
    return random.pick([
      ...verdicts,
      '-j REJECT',
      protocol === 'tcp'
        ? '-j REJECT --reject-with tcp-reset'
        : `-j REJECT --reject-with icmp${this.#family === 4 ? '' : '6'}-port-unreachable`,
    ])
  }

  /** Handed to somebody who is not there. */
  #unknown(table: string, chain: string, protocol: string | undefined): string {
    const random = this.#random
    const queue = `-j NFQUEUE --queue-num 7${random.pick(['', ' --queue-bypass'])}`
    if (table !== 'mangle' || chain !== 'PREROUTING' || protocol === undefined) return queue
    return random.chance(25) ? queue : `-j TPROXY --on-port ${this.#port()}`
  }

  #dnat(protocol: string | undefined): string {
    const random = this.#random
    const family = this.#family
    const to = random.pick([INNER[family], SERVER.lan[family], SERVER.internet[family]])
    if (protocol === undefined) return `-j DNAT --to-destination ${to}`
    const text = family === 6 ? `[${to}]` : to
    return random.pick([
      `-j DNAT --to-destination ${to}`,
      `-j DNAT --to-destination ${text}:${this.#port()}`,
      `-j REDIRECT --to-ports ${this.#port()}`,
      `-j NETMAP --to ${family === 4 ? '10.9.0.0/24' : '2001:db8:9::/64'}`,
      `-j NETMAP --to ${family === 4 ? '10.9.0.16/28' : '2001:db8:9::/120'}`,
    ])
  }
}

/**
 * The module's second use of an option is left out: iptables-nft 1.8.9 loads both into the kernel and prints only the second. `--syn` is
 * short for `--tcp-flags`.
 */
function once(matches: readonly string[]): readonly string[] {
  const option = (match: string): string =>
    match
      .split(' ')
      .find((word) => word.startsWith('--'))
      ?.replace('--syn', '--tcp-flags') ?? ''
  return matches.filter((match, index) => matches.findIndex((other) => option(other) === option(match)) === index)
}

/** What comes after the first packet is not asked about: it passes, and so does everything from the host behind, and the server's own answers. */
function answersPass(table: string, chain: string, family: Family): readonly string[] {
  if (chain === 'POSTROUTING')
    return ['-m addrtype --src-type LOCAL -j ACCEPT', `-s ${family === 4 ? '10.9.0.0/24' : '2001:db8:9::/64'} -j ACCEPT`]
  const back = chain === 'INPUT' ? [] : ['-i back -j ACCEPT']
  return table === 'raw' || table === 'nat' ? back : ['-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT', ...back]
}
