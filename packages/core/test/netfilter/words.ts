import type { Action, Condition, Expression } from '../../src/evidence/index.ts'
import { type AddressRange, formatAddress, formatAddressSet, formatPortSet, type NumberSet } from '../../src/network/index.ts'
import type { NetfilterReading } from '../../src/systems/netfilter/index.ts'

function numbers(set: NumberSet): string {
  return `{${formatPortSet(set).slice(0, 8).join(' ')}${set.length > 8 ? ' …' : ''}}`
}

/** A condition in one line; `?text` cannot be decided, `~text` holds in special circumstances, `~~text` but in special circumstances. */
export function condition(one: Condition): string {
  switch (one.kind) {
    case 'all':
      return one.of.length === 0
        ? 'always'
        : one.of.map((part) => (part.kind === 'any' ? `(${condition(part)})` : condition(part))).join(' & ')
    case 'any':
      return one.of.length === 0
        ? 'never'
        : one.of.map((part) => (part.kind === 'all' ? `(${condition(part)})` : condition(part))).join(' | ')
    case 'not':
      return one.of.kind === 'all' || one.of.kind === 'any' ? `!(${condition(one.of)})` : `!${condition(one.of)}`
    case 'family':
      return `v${one.families.join('')}`
    case 'source':
    case 'destination':
    case 'original-source':
    case 'original-destination':
      return `${one.kind} {${formatAddressSet(one.addresses).join(' ')}}`
    case 'source-port':
    case 'destination-port':
    case 'original-source-port':
    case 'original-destination-port':
      return `${one.kind} ${numbers(one.ports)}`
    case 'protocol':
      return `protocol ${numbers(one.protocols)}`
    case 'device':
      return `${one.of} {${one.names.map(({ name, prefix }) => `${name}${prefix ? '*' : ''}`).join(' ')}}`
    case 'mark':
      return `${one.of} mark & 0x${one.mask.toString(16)} ${numbers(one.values)}`
    case 'ct-state':
      return `state {${one.states.join(' ')}}`
    case 'ct-status':
      return `status {${one.statuses.join(' ')}}`
    case 'address-type':
      return `type of ${one.of}${one.device === undefined ? '' : ` on ${one.device}`} {${one.types.join(' ')}}`
    case 'reverse-path':
      return `way back${one.device ? ' by the same device' : ''}`
    case 'tcp-flags':
      return `flags & ${one.mask} ${numbers(one.values)}`
    case 'icmp':
      return `icmp ${numbers(one.types)} ${numbers(one.codes)}`
    case 'packet-type':
      return `packet {${one.types.join(' ')}}`
    case 'circumstance':
      return `${one.plain ? '~~' : '~'}${one.text}`
    case 'unknown':
      return `?${one.text}`
    default:
      return one.kind
  }
}

function range({ first, last }: AddressRange): string {
  return first.value === last.value ? formatAddress(first) : `${formatAddress(first)}-${formatAddress(last)}`
}

export function action(one: Action): string {
  switch (one.kind) {
    case 'jump':
    case 'goto':
      return `${one.kind} ${one.chain}`
    case 'dnat':
    case 'snat': {
      const { addresses, ports, base, prefixLength } = one.to
      return [
        one.kind,
        addresses === undefined ? '' : range(addresses),
        prefixLength === undefined ? '' : `/${prefixLength}`,
        ports === undefined ? '' : `:${ports.first}-${ports.last}`,
        base === undefined ? '' : `from ${base}`,
      ]
        .filter((word) => word !== '')
        .join(' ')
    }
    case 'redirect':
    case 'masquerade':
      return `${one.kind}${one.ports === undefined ? '' : ` :${one.ports.first}-${one.ports.last}`}`
    case 'tproxy':
      return `tproxy ${one.address === undefined ? '' : range(one.address)}:${one.port ?? ''}`
    case 'set-mark':
      return `${one.of} mark &~ 0x${one.clear.toString(16)} ^ ${typeof one.toggle === 'number' ? `0x${one.toggle.toString(16)}` : `${one.toggle.of} mark & 0x${one.toggle.mask.toString(16)}`}`
    case 'reject':
      return `reject with ${one.with}`
    case 'queue':
    case 'rewrite':
    case 'unknown':
      return `?${one.kind} ${one.text}`
    default:
      return one.kind
  }
}

function expression(one: Expression): string {
  if (one.kind === 'match') return condition(one.when)
  if (one.kind !== 'branch') return `→ ${action(one)}`
  return `[${one.branches.map(({ when, then }) => `${condition(when)} → ${then.map(action).join(', ')}`).join(' ; ')}]`
}

export function printed({ ruleset, gaps }: NetfilterReading): string {
  const lines = ruleset.tables.flatMap(({ family, name, chains, dormant }) => [
    `table ${family} ${name}${dormant ? ' dormant' : ''}`,
    ...[...chains.values()].flatMap(({ name: chain, base, rules }) => [
      `  chain ${chain}${base === undefined ? '' : ` ${base.hook} ${base.type} ${base.priority} ${base.policy}`}`,
      ...rules.map(({ origin, expressions }) => `    ${origin.index}: ${origin.text}\n        ${expressions.map(expression).join(' ; ')}`),
    ]),
  ])
  return [...lines, ...ruleset.unread.map(({ reason }) => `unread: ${reason}`), ...gaps.map(({ gap }) => `gap: ${gap.what}`)].join('\n')
}
