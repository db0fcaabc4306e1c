import { FAMILIES, type Family } from '@sallyport/core/network'
import { EMPTY_PORTS, INNER, LOOPBACK, ownSources, PORTS, SERVER, type Shot } from './network.ts'
import type { Random } from './random.ts'

/** Rules for what the server sends itself, as iptables-restore reads them: in OUTPUT, and where such packets pass besides. */

const TABLES: Readonly<Record<string, readonly string[]>> = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'OUTPUT'],
}

const USER = 'first'

export class OwnRules {
  readonly #random: Random
  readonly #family: Family

  constructor(random: Random, family: Family) {
    this.#random = random
    this.#family = family
  }

  ruleset(): string {
    return this.#random
      .some(Object.keys(TABLES), 2, 4)
      .map((table) => this.#table(table))
      .join('\n')
  }

  #table(table: string): string {
    const random = this.#random
    const chains = TABLES[table] ?? []
    const policy = (): string => (table !== 'nat' && random.chance(15) ? 'DROP' : 'ACCEPT')
    const rules = chains.flatMap((chain) => [
      // What comes after the first packet is not asked about.
      ...(table === 'nat' ? [] : [`-A ${chain} -p tcp ! --syn -j ACCEPT`]),
      ...random.many(0, 5, () => `-A ${chain} ${this.#rule(table, chain)}`),
    ])
    const called = random.many(0, 3, () => `-A ${USER} ${this.#rule(table, USER)}`)
    return [
      `*${table}`,
      ...chains.map((chain) => `:${chain} ${policy()} [0:0]`),
      `:${USER} - [0:0]`,
      ...called,
      ...rules,
      'COMMIT',
      '',
    ].join('\n')
  }

  #rule(table: string, chain: string): string {
    const random = this.#random
    const family = this.#family
    const not = (): string => (random.chance(25) ? '! ' : '')
    const protocol = random.pick(['tcp', 'tcp', 'udp', undefined] as const)
    const words: string[] = []
    if (random.chance(35)) words.push(`${not()}-s ${random.pick(ownSources(family))}`)
    if (random.chance(35)) words.push(`${not()}-d ${random.pick(destinations(family))}`)
    if (['PREROUTING', 'INPUT'].includes(chain)) words.push(random.pick(['-i lo', '-i lo', '! -i lo', '']))
    if (['OUTPUT', 'POSTROUTING'].includes(chain) && random.chance(35))
      words.push(`${not()}-o ${random.pick(['lo', 'back', 'internet', 'b+'])}`)
    if (protocol !== undefined) words.push(`-p ${protocol}`, ...random.many(0, 1, () => this.#ports(protocol)))
    words.push(...random.many(0, 1, () => this.#match(table, chain)))
    return [...words.filter((word) => word !== ''), this.#target(table, chain, protocol)].join(' ')
  }

  #ports(protocol: 'tcp' | 'udp'): string {
    const random = this.#random
    const not = random.chance(25) ? '! ' : ''
    return `-m ${protocol} ${not}--dport ${random.pick([String(random.pick(PORTS)), '1:1023', '1000:3000', '8000:'])}`
  }

  #match(table: string, chain: string): string {
    const random = this.#random
    const not = random.chance(25) ? '! ' : ''
    const choices = [
      `-m conntrack ${not}--ctstate ${random.pick(['NEW', 'UNTRACKED', 'INVALID', 'DNAT', 'NEW,UNTRACKED'])}`,
      `-m conntrack ${not}--ctorigdstport ${random.pick(PORTS)}`,
      `-m mark ${not}--mark ${random.pick(['0', '0x1', '0x1/0x1'])}`,
      `-m addrtype ${not}--dst-type LOCAL`,
      `-m addrtype ${not}--src-type LOCAL`,
      `-m pkttype ${not}--pkt-type unicast`,
    ]
    if (chain === 'OUTPUT' || chain === 'POSTROUTING')
      choices.push('-m owner --socket-exists', '-m owner ! --socket-exists', ...(random.chance(10) ? ['-m owner --uid-owner 33'] : []))
    if (chain === 'PREROUTING' && (table === 'raw' || table === 'mangle')) choices.push('-m rpfilter', '-m rpfilter --invert')
    return random.pick(choices)
  }

  #target(table: string, chain: string, protocol: string | undefined): string {
    const random = this.#random
    const family = this.#family
    if (table === 'nat') {
      // Those of PREROUTING and INPUT are never asked: the connection has been translated by then.
      if (chain === 'OUTPUT' || chain === 'PREROUTING')
        return random.pick([this.#dnat(protocol), this.#dnat(protocol), '-j ACCEPT', '-j RETURN'])
      const translated = `-j SNAT --to-source ${SERVER.back[family]}`
      if (chain === 'INPUT') return random.pick([translated, '-j ACCEPT'])
      return chain === USER ? '-j ACCEPT' : random.pick(['-j MASQUERADE', translated, '-j ACCEPT', '-j RETURN'])
    }
    const verdicts = ['-j ACCEPT', '-j ACCEPT', '-j DROP', '-j RETURN', ...(chain === USER ? [] : [`-j ${USER}`])]
    // Of a connection of TCP what comes after its first packet would be tracked, and translated.
    if (table === 'raw')
      return random.pick([...verdicts, ...(protocol === 'udp' ? Array.from({ length: 5 }, () => '-j CT --notrack') : [])])
    if (table === 'mangle') return random.pick([...verdicts, '-j MARK --set-mark 1', '-j MARK --set-mark 1', '-j MARK --set-mark 2'])
    return random.pick([...verdicts, '-j REJECT'])
  }

  #dnat(protocol: string | undefined): string {
    const random = this.#random
    const family = this.#family
    const to = random.pick([INNER[family], INNER[family], SERVER.lan[family], LOOPBACK[family]])
    if (protocol === undefined) return `-j DNAT --to-destination ${to}`
    const text = family === 6 ? `[${to}]` : to
    return random.pick([
      `-j DNAT --to-destination ${to}`,
      `-j DNAT --to-destination ${text}:${random.pick(PORTS)}`,
      `-j REDIRECT --to-ports ${random.pick(PORTS)}`,
    ])
  }
}

function destinations(family: Family): readonly string[] {
  return [LOOPBACK[family], SERVER.internet[family], SERVER.lan[family], INNER[family], INNER[family]]
}

/** What the server sends itself, no two packets of one connection. */
export function ownShots(random: Random, count: number): readonly Shot[] {
  const taken = new Set<string>()
  const result: Shot[] = []
  while (result.length < count) {
    const family = random.pick(FAMILIES)
    const destination = random.pick(destinations(family))
    const shot: Shot = {
      zone: 'own',
      family,
      protocol: random.pick(['tcp', 'udp'] as const),
      // From loopback addresses nothing leaves.
      source: random.pick(ownSources(family).filter((source) => source !== LOOPBACK[family] || destination !== INNER[family])),
      sourcePort: 10_000 + random.below(55_000),
      destination,
      port: random.pick([...PORTS, ...PORTS, ...EMPTY_PORTS]),
    }
    const connection = `${shot.protocol} ${shot.source} ${shot.sourcePort}`
    if (taken.has(connection)) continue
    taken.add(connection)
    result.push(shot)
  }
  return result
}
