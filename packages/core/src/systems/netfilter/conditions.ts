import { type Action, type Condition, type Match, show } from '../../evidence/index.ts'

/** Shorthand of the readers. Conditions that are decided by their form are not built at all. */

export const ALWAYS: Condition = { kind: 'all', of: [] }
export const NEVER: Condition = { kind: 'any', of: [] }

export function isAlways(condition: Condition): boolean {
  return condition.kind === 'all' && condition.of.length === 0
}

function isNever(condition: Condition): boolean {
  return condition.kind === 'any' && condition.of.length === 0
}

export function all(...conditions: readonly Condition[]): Condition {
  const of = conditions.flatMap((condition) => (condition.kind === 'all' ? condition.of : [condition]))
  if (of.some(isNever)) return NEVER
  return of.length === 1 ? (of[0] as Condition) : { kind: 'all', of }
}

export function any(...conditions: readonly Condition[]): Condition {
  return anyOf(conditions)
}

/** As `any`, of lists that may be too long for a call. */
export function anyOf(conditions: readonly Condition[]): Condition {
  const of = conditions.flatMap((condition) => (condition.kind === 'any' ? condition.of : [condition]))
  if (of.some(isAlways)) return ALWAYS
  return of.length === 1 ? (of[0] as Condition) : { kind: 'any', of }
}

export function not(condition: Condition): Condition {
  if (isAlways(condition)) return NEVER
  if (isNever(condition)) return ALWAYS
  return condition.kind === 'not' ? condition.of : { kind: 'not', of: condition }
}

export function opaque(text: string): Condition {
  return { kind: 'unknown', text: show(text) }
}

export function opaqueAction(text: string): Action {
  return { kind: 'unknown', text: show(text) }
}

export function match(when: Condition): Match {
  return { kind: 'match', when }
}
