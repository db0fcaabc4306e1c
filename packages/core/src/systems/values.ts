import { type Decision, type FileOrigin, mapLeaves, type Value } from '../evidence/index.ts'

/** How many possibilities are kept; beyond, the answer is not known. */
export const OPTIONS = 16

/** One of several, each possible; equal ones once. */
export function choice(options: readonly Value[], origin: FileOrigin): Value {
  const flat = options.flatMap((option) => (option.kind === 'choice' && option.when === undefined ? option.options : [option]))
  const keys = flat.map(textOf)
  const distinct = flat.filter((_, index) => keys.indexOf(keys[index] ?? '') === index)
  const [only] = distinct
  if (only === undefined) return { kind: 'unknown', reason: 'nothing gives it a value', origin }
  if (distinct.reduce((sum, option) => sum + weight(option), 0) > OPTIONS)
    return { kind: 'unknown', reason: 'too many possible values', origin }
  return distinct.length === 1 ? only : { kind: 'choice', options: distinct, origin }
}

/** The first value where the decision is yes, else the second. */
export function chosenBy(when: Decision, yes: Value, no: Value, origin: FileOrigin): Value {
  if (textOf(yes) === textOf(no)) return yes
  return weight(yes) + weight(no) + weight(when.of) > OPTIONS
    ? { kind: 'unknown', reason: 'too many possible values', origin }
    : { kind: 'choice', options: [yes, no], when, origin }
}

/** How many values it may come to. */
function weight(value: Value): number {
  switch (value.kind) {
    case 'environment':
      return weight(value.fallback) + (value.whenSet === undefined ? 0 : weight(value.whenSet))
    case 'argument':
      return weight(value.fallback)
    case 'choice':
      return value.options.reduce((sum, option) => sum + weight(option), value.when === undefined ? 0 : weight(value.when.of))
    default:
      return 1
  }
}

/** Equal for values that mean the same. */
export function textOf(value: Value): string {
  switch (value.kind) {
    case 'known':
      return `=${typeof value.value}:${value.value}`
    case 'absent':
      return '-'
    case 'environment':
      return `$${value.name}(${textOf(value.fallback)},${value.emptyIsUnset},${value.whenSet === undefined ? '' : textOf(value.whenSet)})`
    case 'argument':
      return `@${value.name}(${textOf(value.fallback)})`
    case 'joined':
      return `+(${value.parts.map(textOf).join()})`
    case 'choice':
      return `|(${value.options.map(textOf).join()}${value.when === undefined ? '' : ` by ${textOf(value.when.of)}=${value.when.is?.join()}`})`
    case 'unknown':
      return `?${value.reason}:${value.origin.path}:${value.origin.span.start.offset}`
    default:
      return value satisfies never
  }
}

/** Applies `change` to every known value inside, fallbacks included. */
export function mapKnown(value: Value, change: (value: string | number | boolean, origin: FileOrigin) => Value): Value {
  return mapLeaves(value, (leaf) => (leaf.kind === 'known' ? change(leaf.value, leaf.origin) : leaf))
}

/** Puts `instead` wherever nothing is given. */
export function mapAbsent(value: Value, instead: Value): Value {
  return mapLeaves(value, (leaf) => (leaf.kind === 'absent' ? instead : leaf))
}
