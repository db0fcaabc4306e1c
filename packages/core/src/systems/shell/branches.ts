import type { Value } from '../../evidence/index.ts'
import { kept } from '../secret.ts'
import { isList, type Scope, type Variable } from './scope.ts'

/** Options that one variable can have before it counts as not known. */
const OPTIONS = 8

/** Values that one value can be made of before it counts as not known. */
const SIZE = 64

/** The scope goes on with the state behind its branches. `name`: a variable that was assigned only because it was not set, in the first of them. */
export function rejoin(scope: Scope, ways: readonly Scope[], name?: string): void {
  const before = name === undefined ? undefined : scope.variables.get(name)
  const after = ways[0]?.variables.get(name ?? '')
  scope.become(join(ways))
  if (name === undefined || before !== undefined || after === undefined || isList(after.value)) return
  const { origin } = after.setting
  const value: Value = { kind: 'environment', name, fallback: after.value, emptyIsUnset: true, origin }
  scope.assign(name, { ...after, value, setting: { value: kept(name, value, origin), origin } })
}

/** The state behind a branch: what holds on either way. Ways that end the script are left out, unless all do. */
export function join(ways: readonly Scope[]): Scope {
  const going = ways.filter((way) => !way.ended)
  const [first, ...others] = going.length === 0 ? ways : going
  if (first === undefined) throw new RangeError('no way to join')
  const joined = first.copy()
  for (const other of others) {
    if (other.variables !== joined.variables) {
      for (const name of new Set([...joined.variables.keys(), ...other.variables.keys()])) {
        const variable = joinVariables(name, joined.variables.get(name), other.variables.get(name))
        if (variable !== undefined) joined.assign(name, variable)
      }
    }
    for (const [name, body] of other.functions) joined.define(name, body)
    if (other.directory !== joined.directory || other.atStart !== joined.atStart) {
      joined.directory = undefined
      joined.atStart = false
    }
    joined.environmentFiles = [...new Set([...joined.environmentFiles, ...other.environmentFiles])]
    joined.unseen ??= other.unseen
    joined.exportAll ||= other.exportAll
  }
  return joined
}

function joinVariables(name: string, one: Variable | undefined, other: Variable | undefined): Variable | undefined {
  if (one === other) return one
  const known = one ?? other
  if (known === undefined) return undefined
  const { origin } = known.setting
  const values = [one, other].map((variable) => single(variable, name, known))
  const [a, b] = values
  const value = a === undefined || b === undefined ? known.setting.value : joinBranches(a, b)
  return { value, exported: one?.exported === true || other?.exported === true, setting: { value, origin } }
}

function single(variable: Variable | undefined, name: string, other: Variable): Value {
  const { origin } = other.setting
  if (variable === undefined) return { kind: 'environment', name, fallback: { kind: 'absent' }, emptyIsUnset: false, origin }
  return isList(variable.value) ? { kind: 'unknown', reason: 'an array that differs between branches', origin } : variable.value
}

function joinBranches(a: Value, b: Value): Value {
  const value = oneOf(a, b)
  // A loop that a script repeats joins what it has joined before.
  return sizeOf(value) > SIZE && value.kind !== 'absent'
    ? { kind: 'unknown', reason: 'too many possible values', origin: value.origin }
    : value
}

/** A branch that takes a value from the script's arguments runs when they are given; the other's value is what holds without. */
function oneOf(a: Value, b: Value): Value {
  if (b.kind === 'argument' && b.fallback === a) return b
  if (b.kind === 'argument' && b.fallback.kind === 'absent') return { ...b, fallback: a }
  if (a.kind === 'argument' && a.fallback.kind === 'absent') return { ...a, fallback: b }
  const options = [...new Set([a, b].flatMap((value) => (value.kind === 'choice' ? value.options : [value])))]
  const origin = options.flatMap((option) => (option.kind === 'absent' ? [] : [option.origin]))[0]
  if (origin === undefined) return a
  if (options.length > OPTIONS) return { kind: 'unknown', reason: 'too many possible values', origin }
  return options.length === 1 ? a : { kind: 'choice', options, origin }
}

/** How many values it is made of. */
function sizeOf(value: Value): number {
  switch (value.kind) {
    case 'environment':
      return 1 + sizeOf(value.fallback) + (value.whenSet === undefined ? 0 : sizeOf(value.whenSet))
    case 'argument':
      return 1 + sizeOf(value.fallback)
    case 'choice':
      return value.options.reduce((sum, option) => sum + sizeOf(option), value.when === undefined ? 0 : sizeOf(value.when.of))
    case 'joined':
      return value.parts.reduce((sum, part) => sum + sizeOf(part), 0)
    default:
      return 1
  }
}
