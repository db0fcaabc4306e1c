import { ABSENT, type FileOrigin, joinValues, type Value } from '../../evidence/index.ts'
import { withFallback } from '../shell/expand.ts'
import { type Datum, isValue, ITEMS, itemsOf, joined, known, listOf, plain, textOf, unknown } from './datum.ts'

/** The longest list that a range makes. */
const RANGE = 64

/** What a binary operator makes of its operands (about_Operators). Conditions are not told: both ways count. */
export function operated(operator: string, left: Datum, right: Datum, origin: FileOrigin): Datum {
  switch (operator) {
    case '+':
      return sum(left, right, origin)
    case '-':
    case '*':
    case '/':
    case '%':
      return arithmetic(operator, left, right, origin)
    case '..':
      return range(left, right, origin)
    case '??':
      return isValue(left) && isValue(right) ? withFallback(left, right, true) : left.kind === 'absent' ? right : left
    case '-f':
      return formatted(textOf(left, origin), right, origin)
    case '-join':
      return left.kind === 'list' ? joined(left, plain(right) ?? ' ', origin) : left
    case '-split':
      return split(left, plain(right), origin)
    case '-replace':
      return replaced(left, plain(itemsOf(right)[0]), right, origin)
    case '-as':
      return left
    default:
      return unknown('a condition is not followed', origin)
  }
}

function sum(left: Datum, right: Datum, origin: FileOrigin): Datum {
  if (left.kind === 'list') return listOf([...left.items, ...itemsOf(right)])
  if (left.kind === 'absent') return right
  if (left.kind === 'table' && right.kind === 'table')
    return { kind: 'table', entries: new Map([...left.entries, ...right.entries].slice(0, ITEMS)) }
  if (left.kind === 'known' && typeof left.value === 'number') return arithmetic('+', left, right, origin)
  if (!isValue(left) || left.kind === 'unknown') return unknown('a sum of what is not known', origin)
  return joinValues([left, textOf(right, origin)], origin)
}

function arithmetic(operator: string, left: Datum, right: Datum, origin: FileOrigin): Datum {
  const [a, b] = [left, right].map((datum) => (datum.kind === 'known' && datum.value !== '' ? Number(datum.value) : Number.NaN))
  if (a === undefined || b === undefined || !Number.isFinite(a) || !Number.isFinite(b)) return unknown('a sum of what is not known', origin)
  const results: Readonly<Record<string, number>> = { '+': a + b, '-': a - b, '*': a * b, '/': a / b, '%': a % b }
  const result = results[operator] ?? Number.NaN
  return Number.isFinite(result) ? known(result, origin) : unknown('a number that is none', origin)
}

function range(left: Datum, right: Datum, origin: FileOrigin): Datum {
  const [from, to] = [Number(plain(left)), Number(plain(right))]
  if (!Number.isInteger(from) || !Number.isInteger(to) || Math.abs(to - from) >= RANGE) return unknown('a range that is not known', origin)
  const step = to < from ? -1 : 1
  return listOf(Array.from({ length: Math.abs(to - from) + 1 }, (_, index) => known(from + step * index, origin)))
}

/** `'{0}:{1}' -f $a, $b` */
function formatted(format: Value, values: Datum, origin: FileOrigin): Value {
  if (format.kind !== 'known') return unknown('a format that is not known', origin)
  const items = itemsOf(values)
  const parts = String(format.value)
    .split(/(\{\{|\}\}|\{\d{1,2}(?:,-?\d{1,3})?(?::[^{}]{0,20})?\})/)
    .slice(0, 200)
    .map((piece): Value => {
      const index = /^\{(\d{1,2})/.exec(piece)?.[1]
      if (index === undefined) return known(piece.replace('{{', '{').replace('}}', '}'), format.origin)
      const item = items[Number(index)]
      if (item === undefined || item.kind === 'fork') return unknown('a format without its value', origin)
      return textOf(item, origin)
    })
  return joinValues(parts, origin)
}

function split(left: Datum, separator: string | undefined, origin: FileOrigin): Datum {
  const text = plain(left)
  const plainSeparator = separator === undefined ? undefined : unescaped(separator)
  if (text === undefined || plainSeparator === undefined) return unknown('the parts of a text that is not known', origin)
  const pieces = plainSeparator === ' ' ? text.split(/\s+/) : text.split(plainSeparator)
  return listOf(pieces.map((piece) => known(piece, left.kind === 'known' ? left.origin : origin)))
}

function replaced(left: Datum, pattern: string | undefined, right: Datum, origin: FileOrigin): Datum {
  const text = plain(left)
  const what = pattern === undefined ? undefined : unescaped(pattern)
  const by = right.kind === 'list' ? plain(right.items[1]) : ''
  if (text === undefined || what === undefined || by === undefined || what === '') {
    return left.kind === 'absent' ? ABSENT : unknown('a text that is replaced in parts', origin)
  }
  return known(text.replaceAll(what, by), left.kind === 'known' ? left.origin : origin)
}

/** The text that a pattern without any choice matches. */
function unescaped(pattern: string): string | undefined {
  if (pattern === '\\s+' || pattern === '\\s') return ' '
  return /^(?:[^\\^$.|?*+()[\]{}]|\\[\\^$.|?*+()[\]{}/:-])*$/.test(pattern) ? pattern.replace(/\\(.)/g, '$1') : undefined
}
