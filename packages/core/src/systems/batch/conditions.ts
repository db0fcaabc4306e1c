import { ABSENT, type Value } from '../../evidence/index.ts'
import { type Condition as Tested, plain } from '../powershell/datum.ts'
import type { Condition } from './syntax.ts'
import { expanded, filled, type Names } from './values.ts'

/** Whether a condition holds, where that is known. */
export function holds(condition: Condition, ignoresCase: boolean, names: Names): boolean | undefined {
  if (condition.kind === 'other') return undefined
  if (condition.kind === 'defined') {
    const value = names.scope.environment(condition.name.content.trim())?.value
    return value?.kind === 'known' ? true : value?.kind === 'absent' ? false : undefined
  }
  const [left, right] = sidesOf(condition, names).map((side) => side?.text)
  if (left === undefined || right === undefined) return undefined
  const isEqual = ignoresCase ? left.toLowerCase() === right.toLowerCase() : left === right
  return isEqual !== condition.differs
}

/** The variable, or the word that the file is called with, that a condition asks to be set, or not to be: `not defined HOST`, `"%1"==""`, `x%HOST%==x`. */
export function conditionOf(condition: Condition, negated: boolean, names: Names): Tested | undefined {
  if (condition.kind === 'other') return undefined
  if (condition.kind === 'defined') {
    const name = condition.name.content.trim()
    const value = names.scope.environment(name)?.value
    const origin = condition.name.origin(0, condition.name.content.length)
    return tested(value ?? { kind: 'environment', name, fallback: ABSENT, emptyIsUnset: true, origin }, !negated)
  }
  const [left, right] = sidesOf(condition, names)
  if (left === undefined || right === undefined) return undefined
  const [asked, other] = left.text === undefined ? [left, right] : [right, left]
  // What stands beside it has to be all of the other side.
  const [only] = asked.holes
  if (only === undefined || asked.holes.length > 1 || other.text === undefined || asked.around !== other.text) return undefined
  return tested(only, condition.differs !== negated)
}

function tested(value: Value, set: boolean): Tested | undefined {
  return (value.kind === 'environment' || value.kind === 'argument') && value.fallback.kind === 'absent'
    ? { reference: value, set }
    : undefined
}

interface Side {
  /** `undefined`: a part of it is not known. */
  readonly text: string | undefined
  readonly holes: readonly Value[]
  /** Its text without what is not known. */
  readonly around: string
}

/** Both sides of a comparison. Quotes are part of each, and are on both or neither. */
function sidesOf(condition: Extract<Condition, { readonly kind: 'equal' }>, names: Names): readonly (Side | undefined)[] {
  return [condition.left, condition.right].map((passage): Side | undefined => {
    const line = expanded(passage, names)
    if (line === undefined) return undefined
    const value = filled(line, 0, line.passage.content.length)
    const parts = value.kind === 'joined' ? value.parts : [value]
    return {
      text: value.kind === 'absent' ? '' : plain(value),
      holes: parts.filter((part) => part.kind !== 'known'),
      around: parts.map((part) => plain(part) ?? '').join(''),
    }
  })
}
