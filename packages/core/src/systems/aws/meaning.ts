import {
  ALL_ADDRESSES,
  type AddressSet,
  parsePrefix,
  type PortSet,
  portSet,
  rangeSet,
  sourceSet,
  subtractSources,
} from '../../network/index.ts'
import type { SeenRule } from './describe.ts'
import type { InboundRule } from './model.ts'

/** The packets that a rule lets in, whatever it is written in. */
export interface LetIn {
  readonly protocol: number | 'every'
  readonly ports: PortSet
  readonly from: { readonly kind: 'addresses'; readonly addresses: AddressSet } | { readonly kind: 'group'; readonly id: string }
}

const NUMBERS: Readonly<Record<InboundRule['protocol'], number>> = { tcp: 6, udp: 17 }

/** `idOf`: by what a group of the model is known. */
export function wantedMeaning(rule: InboundRule, idOf: (name: string) => string): LetIn {
  const range = rule.from.kind === 'prefix' ? parsePrefix(rule.from.text) : undefined
  return {
    protocol: NUMBERS[rule.protocol],
    ports: portSet([rule.ports.first, rule.ports.last]),
    from:
      rule.from.kind === 'group'
        ? { kind: 'group', id: idOf(rule.from.name) }
        : { kind: 'addresses', addresses: rangeSet(range === undefined ? [] : [range]) },
  }
}

/** `undefined`: what it lets in cannot be told. */
export function seenMeaning({ protocol, ports, from }: SeenRule): LetIn | undefined {
  switch (from.kind) {
    case 'prefix':
      return { protocol, ports, from: { kind: 'addresses', addresses: from.addresses } }
    case 'group':
      return { protocol, ports, from: { kind: 'group', id: from.id } }
    case 'prefix-list':
      return undefined
    default:
      return from satisfies never
  }
}

/**
 * Whether everything that `rule` lets in is let in by the others together, as sets of addresses × ports: 0.0.0.0/1 and 128.0.0.0/1 are
 * 0.0.0.0/0. A group's members are let in by addresses only where all addresses are.
 */
export function isWithin(rule: LetIn, others: readonly LetIn[]): boolean {
  let left = sourceSet(rule.from.kind === 'addresses' ? rule.from.addresses : ALL_ADDRESSES, rule.ports)
  for (const other of others) {
    if (other.protocol !== 'every' && other.protocol !== rule.protocol) continue
    if (other.from.kind === 'addresses') left = subtractSources(left, sourceSet(other.from.addresses, other.ports))
    else if (rule.from.kind === 'group' && rule.from.id === other.from.id)
      left = subtractSources(left, sourceSet(ALL_ADDRESSES, other.ports))
  }
  return left.length === 0
}
