import type { Chain, Rule } from '@sallyport/core/evidence'

/** What a rule, its chain or a policy may be made of, and by which words it is known. */
interface Feature {
  readonly name: string
  /** In a rule as iptables-save prints it. */
  readonly iptables?: RegExp
  /** In a rule as nft prints it. */
  readonly nft?: RegExp
  readonly chain?: (chain: Chain) => boolean
  /** Why the table may have few or none of one way. */
  readonly note?: string
}

const SOURCE = 'decides whom the receiver sees; keeps out only by what is asked afterwards'
const KEEPS_OUT = 'lets in only where it is not met'

function base(hook: string, type: string, from: number, to: number): (chain: Chain) => boolean {
  return ({ base }) => base !== undefined && base.hook === hook && base.type === type && base.priority >= from && base.priority <= to
}

const FIRST = -1_000_000
const LAST = 1_000_000

/** In the order in which the model names them. */
const FEATURES: readonly Feature[] = [
  { name: 'chain: prerouting, before the tracker (raw)', chain: base('prerouting', 'filter', FIRST, -200) },
  { name: 'chain: prerouting, before translation (mangle)', chain: base('prerouting', 'filter', -199, -101) },
  { name: 'chain: prerouting, after translation', chain: base('prerouting', 'filter', -100, LAST) },
  { name: 'chain: prerouting, nat', chain: base('prerouting', 'nat', FIRST, LAST) },
  { name: 'chain: input, mangle', chain: base('input', 'filter', FIRST, -100) },
  { name: 'chain: input, filter', chain: base('input', 'filter', -99, 49) },
  { name: 'chain: input, after filter', chain: base('input', 'filter', 50, LAST) },
  { name: 'chain: forward, mangle', chain: base('forward', 'filter', FIRST, -100) },
  { name: 'chain: forward, filter', chain: base('forward', 'filter', -99, LAST) },
  { name: 'chain: postrouting, before translation', chain: base('postrouting', 'filter', FIRST, 99) },
  { name: 'chain: postrouting, after translation', chain: base('postrouting', 'filter', 100, LAST) },
  { name: 'chain: postrouting, nat', chain: base('postrouting', 'nat', FIRST, LAST), note: SOURCE },
  { name: 'chain: of the user', chain: ({ base: attached }) => attached === undefined },
  { name: 'policy' },
  { name: 'jump', iptables: /-j (?:first|second|third|ufw\S*|DOCKER\S*)\b/, nft: /\bjump / },
  { name: 'goto', iptables: /-g /, nft: /\bgoto / },
  { name: 'return', iptables: /-j RETURN/, nft: /\breturn\b/ },
  { name: 'verdict map', nft: /\bvmap / },
  { name: 'verdict map, named', nft: /\bvmap @/ },
  { name: 'named set', nft: /(?<!vmap |map )@\w/ },
  { name: 'anonymous set', nft: /(?<!map )\{ [^:]*\}/ },
  { name: 'interval', iptables: /--[ds]?ports? (?:\S*,)?\d*:\d*|range |\/(?!32\b|128\b)\d+/, nft: /\d-\d|\/\d/ },
  { name: 'concatenation', iptables: /--match-set pairs/, nft: / \. / },
  { name: 'map (of addresses, ports, marks)', nft: / map / },
  { name: 'negation', iptables: /! -|! --/, nft: /!=| ! / },
  { name: 'interface', iptables: / -[io] [a-z]+(?: |$)/, nft: /\b[io]if(?:name)?\b(?!.*\*)/ },
  { name: 'interface wildcard', iptables: / -[io] \S*\+/, nft: /[io]ifname [^"]*"\w+\*"/ },
  { name: 'source address', iptables: /(?:^| )-s /, nft: /\bip6? saddr/ },
  { name: 'destination address', iptables: /(?:^| )-d /, nft: /(?<!original )\bip6? daddr/ },
  { name: 'source port', iptables: /--sports? /, nft: /\bsport\b/ },
  { name: 'destination port', iptables: /--dports? /, nft: /\bdport\b/ },
  { name: 'protocol', iptables: /-p \w+/, nft: /l4proto|\btcp |\budp / },
  { name: 'family', nft: /nfproto|\bip6? [sd]addr/ },
  { name: 'multiport', iptables: /-m multiport/ },
  { name: 'iprange', iptables: /-m iprange/ },
  { name: 'ICMP type', iptables: /-m icmp6? /, nft: /icmp(?:v6)? type/, note: 'of no TCP or UDP packet: never met' },
  { name: 'ct state', iptables: /--ctstate|--state/, nft: /\bct state/ },
  { name: 'ct status', iptables: /--ctstate \S*DNAT|--ctstatus/, nft: /\bct status/ },
  { name: 'ct mark', iptables: /-m connmark/, nft: /\bct mark(?! set)/ },
  { name: 'ct original and reply', iptables: /--ctorig|--ctrepl/, nft: /\bct (?:original|reply|direction)/ },
  { name: 'mark, matched', iptables: /-m mark/, nft: /\bmeta mark (?!set)/ },
  { name: 'mark, matched with a mask', iptables: /-m (?:conn)?mark (?:! )?--mark 0x\w+\/0x/, nft: /\bmark & / },
  { name: 'mark, set', iptables: /-j MARK/, nft: /\bmeta mark set/ },
  { name: 'ct mark, set', iptables: /-j CONNMARK/, nft: /\bct mark set/ },
  { name: 'fib, addrtype', iptables: /-m addrtype/, nft: /\bfib \w+ type/ },
  { name: 'reverse path', iptables: /-m rpfilter/, nft: /\bfib saddr .*oif/ },
  { name: 'tcp flags', iptables: /--tcp-flags|--syn/, nft: /\btcp flags/ },
  { name: 'pkttype', iptables: /-m pkttype/, nft: /pkttype/ },
  {
    name: 'owner, cgroup',
    iptables: /-m owner|-m cgroup/,
    nft: /skuid|skgid|meta cgroup/,
    note: 'no process of the server sent it: holds negated only',
  },
  { name: 'limit', iptables: /-m limit/, nft: /\blimit rate/ },
  { name: 'hashlimit', iptables: /-m hashlimit/ },
  { name: 'ipset', iptables: /-m set/ },
  { name: 'recent', iptables: /-m recent/ },
  { name: 'comment', iptables: /-m comment/, nft: /comment "/ },
  { name: 'log', iptables: /-j (?:NF)?LOG/, nft: /\blog\b/, note: 'decides nothing: that it does not is in every verdict' },
  { name: 'counter', nft: /\bcounter\b/ },
  { name: 'ACCEPT', iptables: /-j ACCEPT/, nft: /\baccept\b/ },
  { name: 'DROP', iptables: /-j DROP/, nft: /\bdrop\b/, note: KEEPS_OUT },
  { name: 'REJECT', iptables: /-j REJECT/, nft: /\breject\b/, note: KEEPS_OUT },
  { name: 'DNAT', iptables: /-j DNAT/, nft: /\bdnat\b/ },
  { name: 'NETMAP', iptables: /-j NETMAP/, nft: /\bdnat\b.* prefix / },
  { name: 'REDIRECT', iptables: /-j REDIRECT/, nft: /\bredirect\b/ },
  { name: 'MASQUERADE', iptables: /-j MASQUERADE/, nft: /\bmasquerade\b/, note: SOURCE },
  { name: 'SNAT', iptables: /-j SNAT/, nft: /\bsnat (?:ip6? )?to/, note: SOURCE },
  { name: 'NOTRACK', iptables: /-j (?:CT|NOTRACK)/, nft: /\bnotrack\b/ },
  { name: 'rewritten without the tracker', nft: /[ds](?:addr|port) set/ },
  { name: 'TPROXY', iptables: /-j TPROXY/, nft: /\btproxy\b/, note: 'undecided on purpose' },
  { name: 'NFQUEUE', iptables: /-j NFQUEUE/, nft: /\bqueue\b/, note: 'undecided on purpose' },
]

const found = new WeakMap<Rule, readonly string[]>()

/** The features of one rule, and of the chain that it stands in. */
export function featuresOf(rule: Rule, chain: Chain): readonly string[] {
  const known = found.get(rule)
  if (known !== undefined) return known
  const { tool, text } = rule.origin
  const words = tool === 'nft' ? 'nft' : 'iptables'
  const names = FEATURES.filter((feature) => feature.chain?.(chain) === true || feature[words]?.test(String(text)) === true).map(
    ({ name }) => name,
  )
  found.set(rule, names)
  return names
}

/** Enough to know of a feature: it is not looked for any further. */
const ENOUGH = 1500

/** How many packets the features decided, each way. */
export class Features {
  readonly #counts = new Map<string, { in: number; out: number; unsure: number }>()

  wants(name: string): boolean {
    return this.fewest(name) < ENOUGH
  }

  /** Of the way that has fewer. */
  fewest(name: string): number {
    const counts = this.#counts.get(name)
    return counts === undefined ? 0 : Math.min(counts.in, counts.out)
  }

  count(name: string, way: 'in' | 'out' | 'unsure'): void {
    const counts = this.#counts.get(name) ?? { in: 0, out: 0, unsure: 0 }
    this.#counts.set(name, counts)
    counts[way]++
  }

  toString(): string {
    const rows = FEATURES.map(({ name, note = '' }) => {
      const counts = this.#counts.get(name) ?? { in: 0, out: 0, unsure: 0 }
      const numbers = [counts.in, counts.out, counts.unsure].map((count) => String(count).padStart(9)).join('')
      return `${name.padEnd(48)}${numbers}  ${note}`.trimEnd()
    })
    return [`${'packets decided by a rule with'.padEnd(48)}   let in kept out   unsure`, ...rows].join('\n')
  }
}
