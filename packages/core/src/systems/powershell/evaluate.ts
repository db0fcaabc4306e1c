import { ABSENT, joinValues, type FileOrigin, type Value } from '../../evidence/index.ts'
import { fill } from '../programs/template.ts'
import { conditionOf } from './conditions.ts'
import { type Datum, isValue, type Item, ITEMS, itemsOf, known, listOf, mergeData, plain, type Source, textOf, unknown } from './datum.ts'
import { called, memberOf } from './members.ts'
import { operated } from './operators.ts'
import { originOf, type Surroundings } from './surroundings.ts'
import type { Expression } from './syntax.ts'
import { variable } from './variables.ts'

/** What an expression comes to. Never runs anything: what cannot be told is `unknown` with the reason. */
export function evaluate(expression: Expression, at: Surroundings): Datum {
  const origin = originOf(expression, at)
  switch (expression.kind) {
    case 'text':
      return literal(expression.text, expression.bare, at.source, origin)
    case 'variable':
      return variable(expression.drive, expression.name, at, origin)
    case 'expandable':
      return joinValues(
        expression.parts.map((part) => textOf(evaluate(part, at), originOf(part, at))),
        origin,
      )
    case 'list':
      return listOf(expression.items.flatMap((item): readonly Item[] => spread(item, at)))
    case 'table': {
      const entries = new Map<string, Datum>()
      for (const { key, value } of expression.entries) {
        const name = plain(evaluate(key, at))
        if (name !== undefined && entries.size < ITEMS) entries.set(name.toLowerCase(), at.output([value], at))
      }
      return { kind: 'table', entries }
    }
    case 'output': {
      const datum = at.output(expression.body, at)
      return expression.list ? listOf(itemsOf(datum)) : datum
    }
    case 'block':
      return { kind: 'block', block: expression.block, source: at.source }
    case 'member':
    case 'index':
    case 'binary':
      return spine(expression, at)
    case 'type':
      return unknown(`what \`[${expression.name}]\` is worth is not known`, origin)
    case 'cast': {
      const operand = evaluate(expression.operand, at)
      return expression.type.endsWith('[]') || /list$/.test(expression.type) || expression.type === 'array'
        ? listOf(itemsOf(operand))
        : operand
    }
    case 'unary':
      return unary(expression.operator, evaluate(expression.operand, at), origin)
    case 'ternary':
      return mergeData(conditionOf(expression.condition, at), evaluate(expression.whenTrue, at), evaluate(expression.whenFalse, at), origin)
    case 'splat':
      return variable('variable', expression.name, at, origin)
    case 'opaque':
      return unknown(expression.reason, origin)
    default:
      return expression satisfies never
  }
}

/** `@(…)` inside a list gives its own parts, as commands take them. */
function spread(item: Expression, at: Surroundings): readonly Item[] {
  const datum = evaluate(item, at)
  return datum.kind === 'absent' ? [known('', originOf(item, at))] : [datum]
}

type Spine = Extract<Expression, { readonly kind: 'member' | 'index' | 'binary' }>

/** Operators, members and indexes behind one another are gone through from the innermost on, without recursion: there may be hundreds. */
function spine(expression: Spine, at: Surroundings): Datum {
  const outer: Spine[] = []
  let inner: Expression = expression
  while (inner.kind === 'member' || inner.kind === 'index' || inner.kind === 'binary') {
    outer.push(inner)
    inner = inner.kind === 'binary' ? inner.left : inner.target
  }
  let datum = inner.kind === 'type' ? undefined : evaluate(inner, at)
  for (const node of outer.toReversed()) {
    const origin = originOf(node, at)
    if (node.kind === 'member') {
      const given = node.arguments?.map((argument) => evaluate(argument, at))
      datum =
        datum === undefined
          ? called(inner.kind === 'type' ? inner.name : '', node.name, given, at, origin)
          : memberOf(datum, node, given, at, origin)
    } else if (node.kind === 'index') datum = indexed(datum ?? ABSENT, evaluate(node.index, at), origin)
    else datum = operated(node.operator, datum ?? ABSENT, evaluate(node.right, at), origin)
  }
  return datum ?? ABSENT
}

/** A text with what stands in the place of its holes; a bare number is one. */
function literal(text: string, bare: boolean, source: Source, origin: FileOrigin): Value {
  if (source.holes.length > 0) return fill(text, { text, holes: source.holes, origin })
  return known(bare && /^(?:0|[1-9]\d{0,14})$/.test(text) ? Number(text) : text, origin)
}

function unary(operator: string, operand: Datum, origin: FileOrigin): Datum {
  if (operator === '-join') return operated('-join', operand, known('', origin), origin)
  if (operator === '-split') return operated('-split', operand, known(' ', origin), origin)
  if (operator === '-' && operand.kind === 'known' && Number.isFinite(Number(operand.value))) return known(-Number(operand.value), origin)
  if (operator === '+') return operand
  if (operand.kind === 'known' && typeof operand.value === 'boolean' && operator !== '-') return known(!operand.value, origin)
  return unknown('a condition is not followed', origin)
}

function indexed(target: Datum, index: Datum, origin: FileOrigin): Datum {
  if (target.kind === 'table') {
    const key = plain(index)?.toLowerCase()
    return (key === undefined ? undefined : target.entries.get(key)) ?? unknown('an entry of a table that is not known', origin)
  }
  const items = itemsOf(target)
  if (target.kind !== 'list' || items.some((item) => item.kind === 'fork')) {
    if (target.kind === 'argument' && index.kind === 'known') return { ...target, name: `${target.name}[${index.value}]` }
    return unknown('a part of what is not known', origin)
  }
  const at = (number: Item): Datum | undefined => {
    const position = number.kind === 'known' ? Number(number.value) : Number.NaN
    const item = Number.isInteger(position) ? items.at(position) : undefined
    return item === undefined || item.kind === 'fork' ? undefined : item
  }
  if (index.kind !== 'list') return at(index) ?? unknown('a part of a list that is not known', origin)
  return listOf(
    index.items.flatMap(
      (number) => at(number) ?? (isValue(number) && number.kind === 'known' ? [] : [unknown('a part of a list', origin)]),
    ),
  )
}
