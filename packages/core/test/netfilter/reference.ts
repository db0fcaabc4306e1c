import type { Action, AddressType, Condition, Expression, Hook, Rule, RuleOrigin, Ruleset } from '@sallyport/core/evidence'
import {
  type Address,
  type AddressSet,
  addressSet,
  formatAddress,
  hasAddress,
  includes,
  type Family,
  sameAddress,
  sourceSet,
} from '@sallyport/core/network'
import type { NetfilterHost } from '../../src/reach/netfilter/index.ts'

/**
 * One packet through the rules, step by step, as plainly as the manual pages tell it: the reference that the walk over sets is compared
 * with. Whatever is unknown is answered by an oracle, so that every possible answer can be tried.
 */

export interface Packet {
  readonly inbound: string
  readonly family: Family
  readonly protocol: number
  readonly source: Address
  readonly sourcePort: number
  readonly destination: Address
  readonly port: number
}

export interface Oracle {
  /** What a condition that nobody can decide answers in this rule. */
  unknown(origin: RuleOrigin): boolean
  /** Whether a circumstance is as for a plain packet. */
  plain(origin: RuleOrigin): boolean
  /** What a target that nobody knows does. */
  action(origin: RuleOrigin): 'accept' | 'drop' | 'continue'
}

/** `delivered 10.0.0.1 80`, `forwarded eth1 …`, `dropped`, `rejected`. */
export type Truth = string

interface Live {
  readonly packet: Packet
  source: Address
  destination: Address
  port: number
  /** What the tracker has seen, or will. */
  originalDestination: Address
  originalPort: number
  outbound: string
  packetMark: number
  connectionMark: number
  /** The connection's entry, once the tracker has made it. */
  tracked: boolean
  untracked: boolean
  translated: boolean
  sourceTranslated: string
}

type Verdict = 'accept' | 'drop' | 'reject' | 'translate' | 'return'

export function follow(rulesets: readonly Ruleset[], packet: Packet, host: NetfilterHost, oracle: Oracle): Truth {
  const live: Live = {
    packet,
    source: packet.source,
    destination: packet.destination,
    port: packet.port,
    originalDestination: packet.destination,
    originalPort: packet.port,
    outbound: '',
    packetMark: 0,
    connectionMark: 0,
    tracked: false,
    untracked: false,
    translated: false,
    sourceTranslated: '',
  }
  const closed = hook(rulesets, 'prerouting', live, host, oracle)
  if (closed !== undefined) return closed
  const decision = host.route({
    inbound: packet.inbound,
    family: packet.family,
    protocol: packet.protocol,
    destination: live.destination,
    sources: sourceSet(addressSet(formatAddress(packet.source))),
    mark: live.packetMark,
  })
  if (decision.martians !== undefined && hasAddress(decision.martians, packet.source)) return 'dropped'
  switch (decision.kind) {
    case 'discard':
      return 'dropped'
    case 'unknown':
    case 'one-of':
      return 'undecided'
    case 'local':
      return hook(rulesets, 'input', live, host, oracle) ?? `delivered ${formatAddress(live.destination)} ${live.port}`
    default:
      live.outbound = decision.device
      return (
        hook(rulesets, 'forward', live, host, oracle) ??
        hook(rulesets, 'postrouting', live, host, oracle) ??
        `forwarded ${formatAddress(live.destination)} ${live.port} ${decision.device} ${live.sourceTranslated}`
      )
  }
}

interface Hung {
  readonly table: Ruleset['tables'][number]
  readonly chain: string
  readonly priority: number
  readonly nat: boolean
}

const NAT_AT: Partial<Record<Hook, number>> = { prerouting: -100, input: 100, postrouting: 100 }

/** Every base chain on the hook; `undefined`: all let it pass. */
function hook(rulesets: readonly Ruleset[], name: Hook, live: Live, host: NetfilterHost, oracle: Oracle): Truth | undefined {
  const hung: Hung[] = []
  for (const { tables } of rulesets) {
    for (const table of tables) {
      if (table.dormant || !['inet', live.packet.family === 4 ? 'ip' : 'ip6'].includes(table.family)) continue
      for (const chain of table.chains.values()) {
        if (chain.base?.hook !== name) continue
        const nat = chain.base.type === 'nat'
        hung.unshift({ table, chain: chain.name, priority: nat ? (NAT_AT[name] ?? 0) : chain.base.priority, nat })
      }
    }
  }
  // The kernel's own translation hook stands before filter chains of the same number, and asks the nat chains in the order of their own.
  const own = (one: Hung): number => one.table.chains.get(one.chain)?.base?.priority ?? 0
  hung.sort((a, b) => a.priority - b.priority || Number(b.nat) - Number(a.nat) || own(a) - own(b))
  let translatedHere = false
  for (const one of hung) {
    if (name === 'prerouting' && one.priority > -200 && !live.untracked) live.tracked = true
    if (one.nat && (translatedHere || !live.tracked)) continue
    const verdict = base(one, name, live, host, oracle)
    if (verdict === 'drop') return 'dropped'
    if (verdict === 'reject') return 'rejected'
    if (verdict === 'translate') translatedHere = true
  }
  if (name === 'prerouting' && !live.untracked) live.tracked = true
  return undefined
}

function base(one: Hung, name: Hook, live: Live, host: NetfilterHost, oracle: Oracle): Verdict {
  const verdict = chain(one, one.chain, name, live, host, oracle)
  return verdict === 'return' ? (one.table.chains.get(one.chain)?.base?.policy ?? 'accept') : verdict
}

/** `return`: it came to the end, or was sent back. */
function chain(one: Hung, name: string, at: Hook, live: Live, host: NetfilterHost, oracle: Oracle): Verdict {
  for (const rule of one.table.chains.get(name)?.rules ?? []) {
    const result = run(one, rule, rule.expressions, at, live, host, oracle)
    if (result !== 'next') return result
  }
  return 'return'
}

function run(
  one: Hung,
  rule: Rule,
  expressions: readonly Expression[],
  at: Hook,
  live: Live,
  host: NetfilterHost,
  oracle: Oracle,
): Verdict | 'next' {
  for (const expression of expressions) {
    if (expression.kind === 'match') {
      if (!holds(expression.when, rule.origin, live, host, oracle)) return 'next'
    } else if (expression.kind === 'branch') {
      const branch = expression.branches.find(({ when }) => holds(when, rule.origin, live, host, oracle))
      return branch === undefined ? 'next' : run(one, rule, branch.then, at, live, host, oracle)
    } else {
      const result = act(one, rule, expression, at, live, host, oracle)
      if (result !== 'continue') return result
    }
  }
  return 'next'
}

function act(
  one: Hung,
  rule: Rule,
  action: Action,
  at: Hook,
  live: Live,
  host: NetfilterHost,
  oracle: Oracle,
): Verdict | 'next' | 'continue' {
  switch (action.kind) {
    case 'accept':
    case 'drop':
    case 'reject':
    case 'return':
      return action.kind
    case 'jump': {
      const verdict = chain(one, action.chain, at, live, host, oracle)
      return verdict === 'return' ? 'next' : verdict
    }
    case 'goto':
      return chain(one, action.chain, at, live, host, oracle)
    case 'notrack':
      if (!live.tracked) live.untracked = true
      return 'continue'
    case 'set-mark': {
      const connection = action.of === 'connection' || (typeof action.toggle !== 'number' && action.toggle.of === 'connection')
      if (connection && !live.tracked) return 'continue'
      const toggle =
        typeof action.toggle === 'number'
          ? action.toggle
          : (action.toggle.of === 'packet' ? live.packetMark : live.connectionMark) & action.toggle.mask
      if (action.of === 'packet') live.packetMark = ((live.packetMark & ~action.clear) ^ toggle) >>> 0
      else live.connectionMark = ((live.connectionMark & ~action.clear) ^ toggle) >>> 0
      return 'continue'
    }
    case 'dnat': {
      const destination = action.to.addresses?.first ?? live.destination
      const port = action.to.ports?.first ?? live.port
      live.translated ||= port !== live.port || !sameAddress(destination, live.destination)
      live.destination = destination
      live.port = port
      return 'translate'
    }
    case 'rewrite': {
      if (action.to.part !== 'destination') throw new Error(`the reference does not know what is written over the ${action.to.part}`)
      const { address = live.destination, port = live.port } = action.to
      live.destination = address
      live.port = port
      if (!live.tracked) {
        live.originalDestination = address
        live.originalPort = port
      }
      return 'continue'
    }
    case 'redirect': {
      const destination = host.deviceAddress?.(live.packet.inbound, live.packet.family) ?? live.destination
      const port = action.ports?.first ?? live.port
      live.translated ||= port !== live.port || !sameAddress(destination, live.destination)
      live.destination = destination
      live.port = port
      return 'translate'
    }
    case 'masquerade':
    case 'snat':
      live.sourceTranslated = action.kind
      live.source = host.deviceAddress?.(live.outbound, live.packet.family) ?? live.source
      return 'translate'
    case 'no-effect':
      return 'continue'
    case 'unknown': {
      const result = oracle.action(rule.origin)
      return result
    }
    default:
      throw new Error(`the reference does not know ${action.kind}`)
  }
}

const MULTICAST = addressSet('224.0.0.0/4', 'ff00::/8')

function holds(condition: Condition, origin: RuleOrigin, live: Live, host: NetfilterHost, oracle: Oracle): boolean {
  const { packet } = live
  switch (condition.kind) {
    case 'all':
      return condition.of.every((one) => holds(one, origin, live, host, oracle))
    case 'any':
      return condition.of.some((one) => holds(one, origin, live, host, oracle))
    case 'not':
      return !holds(condition.of, origin, live, host, oracle)
    case 'family':
      return condition.families.includes(packet.family)
    case 'source':
      return hasAddress(condition.addresses, live.source)
    case 'original-source':
      return live.tracked && hasAddress(condition.addresses, packet.source)
    case 'original-source-port':
      return live.tracked && includes(condition.ports, packet.sourcePort)
    case 'destination':
      return hasAddress(condition.addresses, live.destination)
    case 'original-destination':
      return live.tracked && hasAddress(condition.addresses, live.originalDestination)
    case 'original-destination-port':
      return live.tracked && includes(condition.ports, live.originalPort)
    case 'protocol':
      return includes(condition.protocols, packet.protocol)
    case 'source-port':
      return includes(condition.ports, packet.sourcePort)
    case 'destination-port':
      return includes(condition.ports, live.port)
    case 'device': {
      const device = condition.of === 'inbound' ? packet.inbound : live.outbound
      return condition.names.some(({ name, prefix }) => (prefix ? device.startsWith(name) : device === name))
    }
    case 'mark':
      return includes(condition.values, ((condition.of === 'packet' ? live.packetMark : live.connectionMark) & condition.mask) >>> 0)
    case 'ct-state':
      return condition.states.includes(live.untracked ? 'untracked' : live.tracked ? 'new' : 'invalid')
    case 'ct-status':
      if (!live.tracked) return false
      return (
        (condition.statuses.includes('dnat') && live.translated) ||
        (condition.statuses.includes('snat') && !sameAddress(live.source, live.packet.source))
      )
    case 'tracked':
      return live.tracked
    case 'address-type':
      return addressType(condition.types, condition.of === 'source' ? live.source : live.destination, host.localAddresses)
    case 'tcp-flags':
      return packet.protocol === 6 && includes(condition.values, 2 & condition.mask)
    case 'circumstance':
      return condition.plain === oracle.plain(origin)
    case 'unknown':
      return oracle.unknown(origin)
    default:
      throw new Error(`the reference does not know ${condition.kind}`)
  }
}

function addressType(types: readonly AddressType[], address: Address, local: AddressSet): boolean {
  if (hasAddress(MULTICAST, address)) return types.includes('multicast')
  if (hasAddress(local, address)) return types.includes('local')
  return types.includes('unicast')
}
