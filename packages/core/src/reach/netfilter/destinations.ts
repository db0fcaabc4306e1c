import type { Condition, Expression, Protocol, Ruleset } from '../../evidence/index.ts'
import {
  type Address,
  type AddressSet,
  addressSetOf,
  hasAddress,
  NO_ADDRESSES,
  positionOf,
  rangeSet,
  sameAddress,
  sameSet,
} from '../../network/index.ts'
import { ALWAYS_BROADCAST, MULTICAST, UNSPECIFIED } from './condition.ts'
import type { NetfilterHost, Outcome, Step } from './types.ts'

/**
 * Which destination addresses a list of rulesets and the routes of their namespace cannot tell from each other: what becomes of a packet
 * for one of them becomes of the same packet for any other, at its own address.
 */
export interface DestinationClasses {
  /** Equal exactly for addresses that are treated alike, as far as is told: an address that is not this namespace's own is alone. */
  of(destination: Address, inbound: string, protocol: Protocol): string
}

export function destinationClasses(rulesets: readonly Ruleset[], host: NetfilterHost): DestinationClasses {
  const expressions = rulesets.flatMap(expressionsOf)
  const types = [host.localAddresses, host.broadcastAddresses ?? NO_ADDRESSES, ALWAYS_BROADCAST, MULTICAST, UNSPECIFIED]
  const asked = [...destinationSets(rulesets), ...types]
  const written = rangeSet(expressions.flatMap(writtenBy))
  const apart = expressions.some(tellsAllApart)
  const nameOf = (address: Address, taken: boolean): string => {
    if (!taken || apart || hasAddress(written, address)) return `${positionOf(address)}`
    return `in ${asked.flatMap((set, index) => (hasAddress(set, address) ? [index] : [])).join(' ')}`
  }
  const known = new Map<string, Map<bigint, string>>()
  return {
    of(destination, inbound, protocol) {
      const key = `${inbound} ${protocol}`
      const names = known.get(key) ?? new Map<bigint, string>()
      known.set(key, names)
      const position = positionOf(destination)
      const name = names.get(position) ?? nameOf(destination, host.takes?.({ inbound, protocol, destination }) === true)
      names.set(position, name)
      return name
    },
  }
}

/** Every expression of a ruleset, those in branches among them. */
function expressionsOf({ tables }: Ruleset): readonly Expression[] {
  const inside = (expression: Expression): readonly Expression[] =>
    expression.kind === 'branch' ? [expression, ...expression.branches.flatMap(({ then }) => then.flatMap(inside))] : [expression]
  return tables.flatMap(({ chains }) =>
    [...chains.values()].flatMap(({ rules }) => rules.flatMap((rule) => rule.expressions.flatMap(inside))),
  )
}

const setsOf = new WeakMap<Ruleset, ReadonlyMap<string, AddressSet>>()

/** The sets of destinations that the rules ask for, each once. */
export function destinationSets(rulesets: readonly Ruleset[]): readonly AddressSet[] {
  return [...new Map(rulesets.flatMap((ruleset) => [...(setsOf.get(ruleset) ?? askedBy(ruleset))])).values()]
}

/** By a text that is equal for equal sets. */
function askedBy(ruleset: Ruleset): ReadonlyMap<string, AddressSet> {
  const sets = expressionsOf(ruleset)
    .flatMap(conditionsOf)
    .flatMap((one) => (one.kind === 'destination' || one.kind === 'original-destination' ? [one.addresses] : []))
  const found = new Map(sets.map((set) => [set.map(({ first, last }) => `${first}-${last}`).join(), set]))
  setsOf.set(ruleset, found)
  return found
}

/** The conditions that an expression asks itself, taken apart. */
function conditionsOf(expression: Expression): readonly Condition[] {
  if (expression.kind === 'match') return parts(expression.when)
  return expression.kind === 'branch' ? expression.branches.flatMap(({ when }) => parts(when)) : []
}

function parts(condition: Condition): readonly Condition[] {
  if (condition.kind === 'all' || condition.kind === 'any') return condition.of.flatMap(parts)
  return condition.kind === 'not' ? parts(condition.of) : [condition]
}

type Ranges = Parameters<typeof rangeSet>[0]

/** The destinations that packets get by it: to be sent to one of these already is like nothing else. */
function writtenBy(expression: Expression): readonly (Ranges extends Iterable<infer T> ? T : never)[] {
  switch (expression.kind) {
    case 'dnat':
      return expression.to.addresses === undefined ? [] : [expression.to.addresses]
    case 'tproxy':
      return expression.address === undefined ? [] : [expression.address]
    case 'rewrite': {
      const address = expression.to.part === 'destination' ? expression.to.address : undefined
      return address === undefined ? [] : [{ first: address, last: address }]
    }
    default:
      return []
  }
}

/** Whether it makes something of its own of every address: of its last bits, or by comparing it with those of a device. */
function tellsAllApart(expression: Expression): boolean {
  switch (expression.kind) {
    case 'dnat':
      return expression.to.prefixLength !== undefined
    case 'redirect':
      return true
    case 'tproxy':
      return expression.address === undefined
    default:
      return conditionsOf(expression).some((one) => one.kind === 'address-type' && one.device !== undefined)
  }
}

/** An outcome of packets for address `from`, as it is for those for `to` of the same class. */
export function atAddress(outcome: Outcome, from: Address, to: Address): Outcome {
  if (sameAddress(from, to)) return outcome
  const { destination, elsewhere, trail } = outcome
  const kept = elsewhere !== undefined && sameSet(elsewhere.addresses, addressSetOf(from))
  const own = sameAddress(destination.address, from)
  const moved = trail.some((step) => isMoved(step, from))
  if (!kept && !own && !moved) return outcome
  return {
    ...outcome,
    ...(kept ? { elsewhere: { ...elsewhere, addresses: addressSetOf(to) } } : {}),
    destination: own ? { ...destination, address: to } : destination,
    trail: moved ? trail.map((step) => (isMoved(step, from) ? { ...step, address: to } : step)) : trail,
  }
}

function isMoved(step: Step, address: Address): boolean {
  return step.kind === 'translate' && sameAddress(step.address, address)
}
