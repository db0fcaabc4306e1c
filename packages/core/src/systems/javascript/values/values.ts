import { ABSENT, type Decision, type FileOrigin, mapLeaves, type Value } from '../../../evidence/index.ts'
import { settledOrigin } from '../../tree.ts'

/** More possibilities than this are one `unknown`: nobody reads a longer list, and every further step would multiply it. */
const MAX_OPTIONS = 16

export const known = (value: string | number | boolean, origin: FileOrigin): Value => ({ kind: 'known', value, origin })

export const unknown = (reason: string, origin: FileOrigin): Value => ({ kind: 'unknown', reason, origin })

/** `null`: nothing as well, but a default takes the place of `undefined` alone. Told apart by identity. */
export const NULL: Value = { kind: 'absent' }

/** Equal in what they may come to; where they stand does not matter. */
export function sameValue(a: Value, b: Value): boolean {
  if (a.kind === 'known') return b.kind === 'known' && a.value === b.value
  if (a.kind === 'absent') return b.kind === 'absent' && (a === NULL) === (b === NULL)
  if (a.kind === 'unknown') return b.kind === 'unknown' && a.reason === b.reason
  if (a.kind === 'environment') {
    return (
      b.kind === 'environment' &&
      a.name === b.name &&
      a.emptyIsUnset === b.emptyIsUnset &&
      a.optional === b.optional &&
      sameValue(a.fallback, b.fallback) &&
      sameValue(a.whenSet ?? ABSENT, b.whenSet ?? ABSENT)
    )
  }
  if (a.kind === 'argument') return b.kind === 'argument' && a.name === b.name && sameValue(a.fallback, b.fallback)
  const [these, those] = [partsOf(a), partsOf(b)]
  const together =
    a.kind === b.kind && these.length === those.length && these.every((part, index) => sameValue(part, those[index] ?? ABSENT))
  return together && sameCondition(a.kind === 'choice' ? a.when : undefined, b.kind === 'choice' ? b.when : undefined)
}

function sameCondition(a: Decision | undefined, b: Decision | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  return sameValue(a.of, b.of) && a.is?.join('\n') === b.is?.join('\n')
}

const partsOf = (value: Value): readonly Value[] => (value.kind === 'choice' ? value.options : value.kind === 'joined' ? value.parts : [])

const TOO_MANY = 'there are too many possibilities'

function distinct(values: readonly Value[]): readonly Value[] {
  const found: Value[] = []
  for (const value of values) if (!found.some((other) => sameValue(other, value))) found.push(value)
  return found
}

/** One of the values; a single one is itself. */
export function choiceOf(values: readonly Value[], origin: FileOrigin): Value {
  const options = distinct(values.flatMap((item) => (item.kind === 'choice' && item.when === undefined ? item.options : [item])))
  const [only] = options
  if (only !== undefined && options.length === 1) return only
  const count = options.reduce((sum, option) => sum + weight(option), 0)
  return count === 0 || count > MAX_OPTIONS ? unknown(TOO_MANY, origin) : { kind: 'choice', options, origin }
}

/** The first value where the condition holds, else the second. */
export function chosenBy(when: Decision, yes: Value, no: Value, origin: FileOrigin): Value {
  if (sameValue(yes, no)) return yes
  return weight(yes) + weight(no) + weight(when.of) > MAX_OPTIONS
    ? unknown(TOO_MANY, origin)
    : { kind: 'choice', options: [yes, no], when, origin }
}

/** How many values it may come to. Every step that makes one of several looks here, so that none grows beyond the limit. */
function weight(value: Value): number {
  switch (value.kind) {
    case 'environment':
      return weight(value.fallback) + (value.whenSet === undefined ? 0 : weight(value.whenSet))
    case 'argument':
      return weight(value.fallback)
    case 'choice':
      return value.options.reduce((sum, option) => sum + weight(option), value.when === undefined ? 0 : weight(value.when.of))
    case 'joined':
      return value.parts.reduce((most, part) => Math.max(most, weight(part)), 1)
    default:
      return 1
  }
}

/** Each of the possible values changed. */
function mapOptions(value: Extract<Value, { readonly kind: 'choice' }>, change: (option: Value) => Value): Value {
  const [yes, no] = value.options
  return value.when === undefined || yes === undefined || no === undefined
    ? choiceOf(value.options.map(change), value.origin)
    : chosenBy(value.when, change(yes), change(no), value.origin)
}

/** What decides whether the second is taken: `||` (an empty text and 0 count as not given), `??`, or a default, which stands in for `undefined`. */
export type Otherwise = '||' | '??' | 'default'

/** `left || right`, `left ?? right`, or `left` with `right` as its default. */
export function either(left: Value, right: Value, operator: Otherwise, origin: FileOrigin): Value {
  switch (left.kind) {
    case 'absent':
      return operator === 'default' && left === NULL ? left : right
    case 'known':
      return operator === '||' && (left.value === '' || left.value === 0 || left.value === false) ? right : left
    case 'environment':
      return {
        ...left,
        ...(left.whenSet === undefined ? {} : { whenSet: either(left.whenSet, right, operator, origin) }),
        emptyIsUnset: left.emptyIsUnset || (operator === '||' && left.whenSet === undefined),
        fallback: either(left.fallback, right, operator, origin),
      }
    case 'argument':
      return { ...left, fallback: either(left.fallback, right, operator, origin) }
    case 'choice':
      return mapOptions(left, (option) => either(option, right, operator, origin))
    case 'joined':
      return left
    case 'unknown':
      return choiceOf([left, right], origin)
    default:
      return left satisfies never
  }
}

/** The same value with every origin as plain data. */
export function settled(value: Value): Value {
  switch (value.kind) {
    case 'absent':
      return ABSENT
    case 'known':
    case 'unknown':
      return { ...value, origin: settledOrigin(value.origin) }
    case 'environment':
      return {
        ...value,
        fallback: settled(value.fallback),
        ...(value.whenSet === undefined ? {} : { whenSet: settled(value.whenSet) }),
        origin: settledOrigin(value.origin),
      }
    case 'argument':
      return { ...value, fallback: settled(value.fallback), origin: settledOrigin(value.origin) }
    case 'choice':
      return {
        ...value,
        options: value.when === undefined ? distinct(value.options.map(settled)) : value.options.map(settled),
        ...(value.when === undefined ? {} : { when: { ...value.when, of: settled(value.when.of) } }),
        origin: settledOrigin(value.origin),
      }
    case 'joined':
      return { ...value, parts: value.parts.map(settled), origin: settledOrigin(value.origin) }
    default:
      return value satisfies never
  }
}

/** Applies a conversion (`Number`, `trim`) wherever a value is known. What a variable brings is converted by whoever resolves it. */
export function convert(value: Value, conversion: (value: string | number | boolean, origin: FileOrigin) => Value): Value {
  return mapLeaves(value, (leaf) => (leaf.kind === 'known' ? conversion(leaf.value, leaf.origin) : leaf), mapOptions)
}

/** Two values put together wherever both are known. What a variable brings is computed when the program runs. */
export function combined(a: Value, b: Value, compute: (a: Value, b: Value) => Value, origin: FileOrigin): Value {
  if (a.kind !== 'known') return over(a, (part) => combined(part, b, compute, origin), origin)
  return b.kind === 'known' ? compute(a, b) : over(b, (part) => combined(a, part, compute, origin), origin)
}

function over(value: Value, change: (part: Value) => Value, origin: FileOrigin): Value {
  const computed = (name: string): Value => unknown(`it is computed from ${name} while the program runs`, origin)
  switch (value.kind) {
    case 'environment':
      if (value.fallback.kind === 'absent') return computed(value.name)
      return {
        ...value,
        fallback: change(value.fallback),
        whenSet: value.whenSet === undefined ? computed(value.name) : change(value.whenSet),
      }
    case 'argument':
      if (value.fallback.kind === 'absent') return computed(value.name)
      return chosenBy({ of: { ...value, fallback: ABSENT } }, computed(value.name), change(value.fallback), origin)
    case 'choice':
      return mapOptions(value, change)
    case 'unknown':
      return value
    default:
      return unknown('it is computed while the program runs', origin)
  }
}

/** Where no variable is set there is nothing, and that is meant: `process.env.HOST || null`. */
export function meantAbsent(value: Value): Value {
  if (value.kind === 'choice') return mapOptions(value, meantAbsent)
  if (value.kind !== 'environment') return value
  return value.fallback.kind === 'absent' ? { ...value, optional: true } : { ...value, fallback: meantAbsent(value.fallback) }
}

/** As JavaScript's `Number`, and no number is nothing: `NaN || 3000` is 3000. */
export function toNumber(value: Value): Value {
  return convert(value, (given, origin) => {
    const number = typeof given === 'string' ? (given.trim() === '' ? 0 : Number(given)) : Number(given)
    return Number.isNaN(number) ? ABSENT : known(number, origin)
  })
}

/** As JavaScript's `parseInt` and `parseFloat` for the decimal numbers that people write. */
export function parseNumber(value: Value, whole: boolean): Value {
  return convert(value, (given, origin) => {
    const number = whole ? Number.parseInt(String(given), 10) : Number.parseFloat(String(given))
    return Number.isNaN(number) ? ABSENT : known(number, origin)
  })
}
