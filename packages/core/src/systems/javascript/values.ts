import { ABSENT, type FileOrigin, type Value } from '../../evidence/index.ts'
import { settledOrigin } from '../tree.ts'

/** More possibilities than this are one `unknown`: nobody reads a longer list, and every further step would multiply it. */
const MAX_OPTIONS = 12

export const known = (value: string | number | boolean, origin: FileOrigin): Value => ({ kind: 'known', value, origin })

export const unknown = (reason: string, origin: FileOrigin): Value => ({ kind: 'unknown', reason, origin })

/** Equal in what they may come to; where they stand does not matter. */
export function sameValue(a: Value, b: Value): boolean {
  if (a.kind === 'known') return b.kind === 'known' && a.value === b.value
  if (a.kind === 'absent') return b.kind === 'absent'
  if (a.kind === 'unknown') return b.kind === 'unknown' && a.reason === b.reason
  if (a.kind === 'environment') {
    return b.kind === 'environment' && a.name === b.name && a.emptyIsUnset === b.emptyIsUnset && sameValue(a.fallback, b.fallback)
  }
  if (a.kind === 'argument') return b.kind === 'argument' && a.name === b.name && sameValue(a.fallback, b.fallback)
  const [these, those] = [partsOf(a), partsOf(b)]
  return a.kind === b.kind && these.length === those.length && these.every((part, index) => sameValue(part, those[index] ?? ABSENT))
}

const partsOf = (value: Value): readonly Value[] => (value.kind === 'choice' ? value.options : value.kind === 'joined' ? value.parts : [])

/** One of the values; a single one is itself. */
export function choiceOf(values: readonly Value[], origin: FileOrigin): Value {
  const options: Value[] = []
  for (const value of values.flatMap((item) => (item.kind === 'choice' ? item.options : [item]))) {
    if (!options.some((option) => sameValue(option, value))) options.push(value)
  }
  const [only] = options
  if (only !== undefined && options.length === 1) return only
  return options.length === 0 || options.length > MAX_OPTIONS
    ? unknown('there are too many possibilities', origin)
    : { kind: 'choice', options, origin }
}

/** `left || right` (an empty text and 0 count as not given) or `left ?? right`. */
export function either(left: Value, right: Value, operator: '||' | '??', origin: FileOrigin): Value {
  switch (left.kind) {
    case 'absent':
      return right
    case 'known':
      return operator === '||' && (left.value === '' || left.value === 0 || left.value === false) ? right : left
    case 'environment':
      return {
        ...left,
        emptyIsUnset: left.emptyIsUnset || operator === '||',
        fallback: left.fallback.kind === 'absent' ? right : either(left.fallback, right, operator, origin),
      }
    case 'argument':
      return { ...left, fallback: either(left.fallback, right, operator, origin) }
    case 'choice':
      return choiceOf(
        left.options.map((option) => either(option, right, operator, origin)),
        origin,
      )
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
      return value
    case 'known':
    case 'unknown':
      return { ...value, origin: settledOrigin(value.origin) }
    case 'environment':
    case 'argument':
      return { ...value, fallback: settled(value.fallback), origin: settledOrigin(value.origin) }
    case 'choice':
      return { ...value, options: value.options.map(settled), origin: settledOrigin(value.origin) }
    case 'joined':
      return { ...value, parts: value.parts.map(settled), origin: settledOrigin(value.origin) }
    default:
      return value satisfies never
  }
}

/** Applies a conversion (`Number`, `trim`) wherever a value is known. What a variable brings is converted by whoever resolves it. */
export function convert(value: Value, conversion: (value: string | number | boolean, origin: FileOrigin) => Value): Value {
  switch (value.kind) {
    case 'known':
      return conversion(value.value, value.origin)
    case 'environment':
    case 'argument':
      return { ...value, fallback: convert(value.fallback, conversion) }
    case 'choice':
      return choiceOf(
        value.options.map((option) => convert(option, conversion)),
        value.origin,
      )
    default:
      return value
  }
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
