import type { Condition, Expression, PortRange, Ruleset, TableFamily, Translation } from '../../evidence/index.ts'
import { type Family, type PortSet, portSet, sameSet } from '../../network/index.ts'
import type { Outcome, Step } from './types.ts'

/**
 * Which destination ports a list of rulesets cannot tell from each other: what becomes of a packet for one of them becomes of
 * the same packet for any other, at its own port.
 */
export interface PortClasses {
  /** Equal exactly for ports that every rule treats alike. */
  of(port: number): number
  /** One port for each way in which rules tell these apart, what they map one to one taken as alike. */
  someOf(ports: PortSet): readonly number[]
}

const OTHER: Readonly<Record<Family, TableFamily>> = { 4: 'ip6', 6: 'ip' }

/** Of packets of one family, or of either. */
export function portClasses(all: readonly Ruleset[], family?: Family): PortClasses {
  const rulesets = all.map((one) => ({
    ...one,
    tables: one.tables.filter((table) => family === undefined || table.family !== OTHER[family]),
  }))
  const asked = rulesets.flatMap(({ tables }) =>
    tables.flatMap(({ chains }) => [...chains.values()].flatMap(({ rules }) => rules.flatMap((rule) => rule.expressions.flatMap(portsOf)))),
  )
  const events: { readonly at: number; readonly set: number; readonly enters: boolean }[] = []
  for (const [set, ranges] of asked.entries()) {
    for (const { first, last } of ranges) events.push({ at: first, set, enters: true }, { at: last + 1, set, enters: false })
  }
  events.sort((a, b) => a.at - b.at)
  const inside = new Set<number>()
  const names = new Map<string, number>()
  const starts: number[] = [0]
  const named: number[] = []
  const close = (): void => {
    const key = [...inside].sort((a, b) => a - b).join(' ')
    const name = names.get(key) ?? names.size
    names.set(key, name)
    named.push(name)
  }
  for (const { at, set, enters } of events) {
    if (at !== starts.at(-1)) {
      close()
      starts.push(at)
    }
    if (enters) inside.add(set)
    else inside.delete(set)
  }
  close()
  const of = (port: number): number => named[lastUpTo(starts, port)] ?? 0
  const someOf = (ports: PortSet): readonly number[] => {
    const found = new Map<number, number>()
    for (const { first, last } of ports) {
      for (let at = lastUpTo(starts, first); at < starts.length && (starts[at] as number) <= last; at++) {
        const port = Math.max(first, starts[at] as number)
        if (!found.has(of(port))) found.set(of(port), port)
      }
    }
    return [...found.values()]
  }
  // One range mapped onto another gives every port a place of its own.
  return { of: rulesets.some(mapsPorts) ? (port) => port : of, someOf }
}

function mapsPorts({ tables }: Ruleset): boolean {
  const maps = (expression: Expression): boolean =>
    expression.kind === 'branch'
      ? expression.branches.some(({ then }) => then.some(maps))
      : expression.kind === 'dnat' && expression.to.base !== undefined
  return tables.some(({ chains }) => [...chains.values()].some(({ rules }) => rules.some(({ expressions }) => expressions.some(maps))))
}

/** Where in an ascending list the last number up to `value` stands. The first is 0. */
function lastUpTo(list: readonly number[], value: number): number {
  let low = 0
  let high = list.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((list[middle] as number) <= value) low = middle
    else high = middle - 1
  }
  return low
}

type Asked = readonly PortRange[]

/** Every set of destination ports that an expression asks for, and those that a translation keeps. */
function portsOf(expression: Expression): readonly Asked[] {
  switch (expression.kind) {
    case 'match':
      return conditionPorts(expression.when)
    case 'branch':
      return expression.branches.flatMap(({ when, then }) => [...conditionPorts(when), ...then.flatMap(portsOf)])
    case 'dnat':
      return translationPorts(expression.to)
    case 'tproxy':
      return expression.port === undefined ? [] : [[{ first: expression.port, last: expression.port }]]
    case 'rewrite':
      return expression.to.part !== 'destination' || expression.to.port === undefined
        ? []
        : [[{ first: expression.to.port, last: expression.to.port }]]
    case 'redirect':
      return expression.ports === undefined ? [] : [[expression.ports]]
    default:
      return []
  }
}

function translationPorts({ ports, base }: Translation): readonly Asked[] {
  if (ports === undefined) return []
  return base === undefined ? [[ports]] : [[ports], [{ first: base, last: base + ports.last - ports.first }]]
}

function conditionPorts(condition: Condition): readonly Asked[] {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return condition.of.flatMap(conditionPorts)
    case 'not':
      return conditionPorts(condition.of)
    case 'destination-port':
    case 'original-destination-port':
      return [condition.ports]
    default:
      return []
  }
}

/** An outcome of packets for port `from`, as it is for those for `to` of the same class. */
export function atPort(outcome: Outcome, from: number, to: number): Outcome {
  if (from === to) return outcome
  const { destination, elsewhere, trail } = outcome
  const kept = elsewhere !== undefined && sameSet(elsewhere.ports, portSet(from))
  const own = destination.port === from
  const moved = trail.some((step) => isMoved(step, from))
  if (!kept && !own && !moved) return outcome
  return {
    ...outcome,
    ...(kept ? { elsewhere: { ...elsewhere, ports: portSet(to) } } : {}),
    destination: own ? { ...destination, port: to } : destination,
    trail: moved ? trail.map((step) => (isMoved(step, from) ? { ...step, port: to } : step)) : trail,
  }
}

function isMoved(step: Step, port: number): boolean {
  return step.kind === 'translate' && step.port === port
}
