import { ABSENT, type FileOrigin, joinValues, type Value } from '../../evidence/index.ts'
import { decide, either, verdictThing } from './conditions.ts'
import type { Evaluator } from './evaluator.ts'
import { variableAt } from './environment-writes.ts'
import { afterDataWrites, mappingEntry } from './mappings.ts'
import type { Node } from '../tree.ts'
import { afterWrites, ownWrites } from './writes.ts'
import { escaped, stringParts } from './syntax.ts'
import {
  choice,
  chosenBy,
  type Frame,
  known,
  type Located,
  mapKnown,
  NONE,
  several,
  type Thing,
  truth,
  unknown,
  valueOf,
  valueThing,
} from './thing.ts'

/** Elements of a list and entries of a dictionary that are kept. */
const ITEMS = 2_000
const AT_RUN_TIME = 'computed when the program runs'

/** Literals, operators, lists, dictionaries, subscripts. Names, attributes and calls are the evaluator's own. */
export function evaluateExpression(evaluator: Evaluator, node: Node, frame: Frame | undefined): Thing {
  switch (node.kind) {
    case 'string':
    case 'concatenated_string':
      return text(evaluator, node, frame)
    case 'integer':
    case 'float':
      return number(node)
    case 'true':
    case 'false':
      return known(node.kind === 'true', node.origin)
    case 'none':
      return NONE
    case 'tuple':
    case 'list':
    case 'expression_list':
    case 'set':
      return sequence(evaluator, node, frame)
    case 'dictionary':
      return mapping(evaluator, node, frame)
    case 'subscript':
      return subscript(evaluator, node, frame)
    case 'conditional_expression':
      return conditional(evaluator, node, frame)
    case 'boolean_operator':
      return boolean(evaluator, node, frame)
    case 'not_operator':
    case 'comparison_operator':
      return verdictThing(decide(evaluator, node, frame), node.origin) ?? unknown(AT_RUN_TIME, node.origin)
    case 'binary_operator':
      return binary(evaluator, node, frame)
    case 'unary_operator':
      return unary(evaluator, node, frame)
    case 'named_expression':
      return evaluator.evaluate({ node: node.field('value') ?? node, frame })
    case 'list_comprehension':
    case 'generator_expression':
      return comprehension(evaluator, node, frame)
    case 'lambda':
      return { kind: 'function', node }
    default:
      return unknown(AT_RUN_TIME, node.origin)
  }
}

function text(evaluator: Evaluator, node: Node, frame: Frame | undefined): Thing {
  const { origin } = node
  const parts = (stringParts(node) ?? []).map(
    (part): Value => ('text' in part ? { kind: 'known', value: part.text, origin } : evaluator.value({ node: part.expression, frame })),
  )
  const lost = parts.find((part) => part.kind === 'unknown')
  return valueThing(lost ?? joinValues(parts, origin))
}

function number(node: Node): Thing {
  const value = Number(
    node.content
      .replaceAll('_', '')
      .replace(/^0(?=\d)/, '')
      .toLowerCase(),
  )
  return Number.isFinite(value) ? known(value, node.origin) : unknown('not a number that is understood', node.origin)
}

function sequence(evaluator: Evaluator, node: Node, frame: Frame | undefined): Thing {
  const items: Located[] = []
  for (const item of node.named.slice(0, ITEMS)) {
    if (item.kind !== 'list_splat') items.push({ node: item, frame })
    else {
      const inner = item.named[0]
      const thing = inner === undefined ? undefined : evaluator.evaluate({ node: inner, frame })
      if (thing?.kind !== 'sequence') return unknown('part of the list is not known', item.origin)
      items.push(...thing.items)
    }
  }
  return { kind: 'sequence', items, origin: node.origin }
}

/** `[str(item).rstrip("/") for item in items]`: the items as they are. */
function comprehension(evaluator: Evaluator, node: Node, frame: Frame | undefined): Thing {
  const body = node.field('body')
  const clause = node.named.find((child) => child.kind === 'for_in_clause')
  const [name, items] = [clause?.field('left')?.content, clause?.field('right')]
  const same =
    name !== undefined &&
    items !== undefined &&
    new RegExp(`^(?:str\\()?${name.replace(/\W/g, '')}\\)?(?:\\.[lr]?strip\\([^)]*\\))*$`).test(body?.content ?? '')
  return same && items !== undefined ? evaluator.evaluate({ node: items, frame }) : unknown(AT_RUN_TIME, node.origin)
}

function mapping(evaluator: Evaluator, node: Node, frame: Frame | undefined): Thing {
  const entries = new Map<string, Located>()
  const doubtful = new Set<string>()
  let complete = true
  const unknownEntry = (): void => {
    complete = false
    for (const name of entries.keys()) doubtful.add(name)
  }
  const set = (name: string, value: Located): void => {
    entries.set(name, value)
    doubtful.delete(name)
  }
  for (const item of node.named.slice(0, ITEMS)) {
    if (item.kind === 'dictionary_splat') {
      const inner = item.named[0]
      const thing = inner === undefined ? undefined : evaluator.evaluate({ node: inner, frame })
      if (thing?.kind !== 'mapping' || !thing.complete) unknownEntry()
      if (thing?.kind === 'mapping') for (const [key, value] of thing.entries) set(key, value)
      continue
    }
    const [key, value] = [item.field('key'), item.field('value')]
    const name = key === undefined ? undefined : evaluator.text(evaluator.evaluate({ node: key, frame }))
    if (name === undefined || value === undefined) unknownEntry()
    else set(name, { node: value, frame })
  }
  return { kind: 'mapping', entries, complete, ...(doubtful.size === 0 ? {} : { doubtful }), origin: node.origin }
}

function subscript(evaluator: Evaluator, node: Node, frame: Frame | undefined): Thing {
  const object = node.field('value')
  const keys = node.named.slice(1)
  const [only] = keys
  if (object === undefined || only === undefined || keys.length > 1 || only.kind === 'slice') return unknown(AT_RUN_TIME, node.origin)
  const key = evaluator.value({ node: only, frame })
  if (key.kind !== 'known') return anyEntry(evaluator, key, { node: object, frame }) ?? unknown(AT_RUN_TIME, node.origin)
  // Of a list the place that is asked for is followed by itself.
  const written = object.kind === 'identifier' ? evaluator.name(object, frame) : undefined
  const thing = written?.kind === 'sequence' ? written : evaluator.evaluate({ node: object, frame })
  if (thing.kind === 'sequence' && object.kind === 'identifier') return listItem(evaluator, thing, object, key.value, node, frame)
  return entryAt(evaluator, thing, object, typeof key.value === 'number' ? key.value : String(key.value), node, frame)
}

/** `object[key]` of what the object may be. */
function entryAt(evaluator: Evaluator, thing: Thing, object: Node, key: number | string, node: Node, frame: Frame | undefined): Thing {
  if (thing.kind === 'several')
    return several(
      thing.options.map((option) => entryAt(evaluator, option, object, key, node, frame)),
      node.origin,
    )
  const item = (): Thing => evaluator.item(thing, key, node.origin)
  if (thing.kind === 'mapping') return mappingEntry(evaluator, thing, object, String(key), node, frame) ?? item()
  if (thing.kind === 'data') return afterDataWrites(evaluator, thing, item(), object, String(key), node, frame)
  if (thing.kind === 'pieces') return piece(thing.text, thing.separator, Number(key), node.origin)
  const found = item()
  const isVariable = thing.kind === 'external' && found.kind === 'value' && found.value.kind === 'environment'
  return isVariable && found.value.kind === 'environment' ? variableAt(evaluator, found.value, node) : found
}

/** Entries of a dictionary that are told apart. */
const ENTRIES = 8

/** `configurations[os.getenv("APP_ENV")]`: any of its entries. */
function anyEntry(evaluator: Evaluator, key: Value, object: Located): Thing | undefined {
  if (key.kind === 'unknown' || key.kind === 'absent' || key.kind === 'joined') return undefined
  const thing = evaluator.evaluate(object)
  if (thing.kind !== 'mapping' || !thing.complete || thing.entries.size === 0 || thing.entries.size > ENTRIES) return undefined
  const { origin } = object.node
  return several(
    [...thing.entries.keys()].flatMap((name) => mappingEntry(evaluator, thing, object.node, name, object.node, object.frame) ?? []),
    origin,
  )
}

/** `hosts[0]`, after `hosts[0] = …`; what other changes leave at a place is not known. */
function listItem(
  evaluator: Evaluator,
  list: Thing,
  object: Node,
  index: string | number | boolean,
  use: Node,
  frame: Frame | undefined,
): Thing {
  const item = evaluator.item(list, Number(index), use.origin)
  const module = evaluator.moduleOf(use)
  if (module === undefined) return item
  const changes = new RegExp(String.raw`\b${escaped(object.content)}\s*\.\s*(?:insert|pop|remove|reverse|sort|clear)\s*\(`)
  const before = changes.test(module.file.content)
    ? several([item, unknown('the list is changed when the program runs', use.origin)], use.origin)
    : item
  return afterWrites(evaluator, before, ownWrites(module, object, String(index)), use, frame) ?? before
}

/** One piece of a text that is cut at a separator. A variable's own text may be cut otherwise, and then is no address or port. */
export function piece(whole: Value, separator: string, index: number, origin: FileOrigin): Thing {
  const cut = mapKnown(whole, (value, at) => {
    const found = String(value).split(separator).at(index)
    return found === undefined
      ? { kind: 'unknown', reason: 'the text has fewer parts', origin: at }
      : { kind: 'known', value: found, origin: at }
  })
  return cut.kind === 'joined' ? unknown(AT_RUN_TIME, origin) : valueThing(cut)
}

function conditional(evaluator: Evaluator, node: Node, frame: Frame | undefined): Thing {
  const [chosen, test, otherwise] = node.named
  if (chosen === undefined || test === undefined || otherwise === undefined) return unknown('not understood', node.origin)
  const other = evaluator.evaluate({ node: otherwise, frame })
  return either(decide(evaluator, test, frame), true, () => evaluator.evaluate({ node: chosen, frame }), other, node.origin)
}

function boolean(evaluator: Evaluator, node: Node, frame: Frame | undefined): Thing {
  const [left, right] = [node.field('left'), node.field('right')]
  if (left === undefined || right === undefined) return unknown('not understood', node.origin)
  const first = evaluator.evaluate({ node: left, frame })
  const second = (): Thing => evaluator.evaluate({ node: right, frame })
  const isOr = node.field('operator')?.kind === 'or'
  if (first.kind !== 'value') return isOr ? first : second()
  const certain = truth(first.value)
  if (certain !== undefined) return certain === isOr ? first : second()
  if (!isOr) return unknown(AT_RUN_TIME, node.origin)
  const other = valueOf(second(), right.origin)
  return valueThing(orElse(first.value, other, node.origin))
}

/** `first or other`: an empty text counts as nothing. */
function orElse(first: Value, other: Value, origin: FileOrigin): Value {
  const certain = truth(first)
  if (certain !== undefined) return certain ? first : other
  switch (first.kind) {
    case 'environment':
      return first.whenSet === undefined
        ? { ...first, fallback: orElse(first.fallback, other, origin), emptyIsUnset: true }
        : choice([first, other], origin)
    case 'argument':
      return { ...first, fallback: orElse(first.fallback, other, origin) }
    case 'choice': {
      const [yes, no] = first.options
      if (first.when !== undefined && yes !== undefined && no !== undefined)
        return chosenBy(first.when, orElse(yes, other, origin), orElse(no, other, origin), origin)
      return choice(
        first.options.map((option) => orElse(option, other, origin)),
        origin,
      )
    }
    case 'joined':
      return first
    case 'unknown':
      return choice([first, other], origin)
    case 'known':
    case 'absent':
      return other
    default:
      return first satisfies never
  }
}

function binary(evaluator: Evaluator, node: Node, frame: Frame | undefined): Thing {
  const [left, right] = [node.field('left'), node.field('right')]
  const operator = node.field('operator')?.kind
  if (left === undefined || right === undefined) return unknown('not understood', node.origin)
  if (operator === '%') return formatted(evaluator, left, right, frame, node.origin)
  if (operator !== '+' && operator !== '-' && operator !== '|') return unknown(AT_RUN_TIME, node.origin)
  const [before, behind] = [evaluator.evaluate({ node: left, frame }), evaluator.evaluate({ node: right, frame })]
  if (operator === '|')
    return before.kind === 'mapping' && behind.kind === 'mapping' ? laidOver(before, behind) : unknown(AT_RUN_TIME, node.origin)
  if (operator === '+' && before.kind === 'sequence' && behind.kind === 'sequence') {
    return { ...before, items: [...before.items, ...behind.items].slice(0, ITEMS) }
  }
  const isList = [before, behind].some((thing) => thing.kind === 'sequence' || thing.kind === 'several' || thing.kind === 'pieces')
  if (operator === '+' && isList) return several([before, behind], node.origin)
  const [one, two] = [valueOf(before, left.origin), valueOf(behind, right.origin)]
  if (one.kind === 'known' && two.kind === 'known' && typeof one.value === 'number' && typeof two.value === 'number') {
    return known(operator === '+' ? one.value + two.value : one.value - two.value, node.origin)
  }
  const sum = numberSum(one, two, operator, node.origin) ?? numberSum(two, one, operator, node.origin)
  if (sum !== undefined) return valueThing(sum)
  const lost = [one, two].find((value) => value.kind === 'unknown')
  const textual = [one, two].some((value) => value.kind === 'joined' || (value.kind === 'known' && typeof value.value === 'string'))
  if (operator === '-' || lost !== undefined || !textual)
    return valueThing(lost ?? { kind: 'unknown', reason: AT_RUN_TIME, origin: node.origin })
  return valueThing(joinValues([one, two], node.origin))
}

type Mapping = Thing & { readonly kind: 'mapping' }

/** `before | behind`: what is not known of the second may replace what is in the first. */
function laidOver(before: Mapping, behind: Mapping): Mapping {
  const kept = behind.complete ? (before.doubtful ?? []) : before.entries.keys()
  const doubtful = new Set([...[...kept].filter((name) => !behind.entries.has(name)), ...(behind.doubtful ?? [])])
  const entries = new Map([...before.entries, ...behind.entries])
  return { ...before, entries, complete: before.complete && behind.complete, ...(doubtful.size === 0 ? {} : { doubtful }) }
}

/** `int(os.getenv("PORT", 8000)) + 1`: known where the variable is not set. */
function numberSum(variable: Value, other: Value, operator: '+' | '-', origin: FileOrigin): Value | undefined {
  if (variable.kind !== 'environment' || variable.whenSet !== undefined || variable.fallback.kind !== 'known') return undefined
  const [a, b] = [variable.fallback.value, other.kind === 'known' ? other.value : undefined]
  if (typeof a !== 'number' || typeof b !== 'number') return undefined
  const whenSet: Value = { kind: 'unknown', reason: AT_RUN_TIME, origin }
  return { ...variable, whenSet, fallback: { kind: 'known', value: operator === '+' ? a + b : a - b, origin } }
}

/** `"%s:%d" % (host, port)`. */
function formatted(evaluator: Evaluator, left: Node, right: Node, frame: Frame | undefined, origin: FileOrigin): Thing {
  const format = evaluator.text(evaluator.evaluate({ node: left, frame }))
  const thing = evaluator.evaluate({ node: right, frame })
  const values = thing.kind === 'sequence' ? thing.items.map((item) => evaluator.value(item)) : [valueOf(thing, origin)]
  return format === undefined ? unknown(AT_RUN_TIME, origin) : fillIn(format.split(/%[sdir]/), values, origin)
}

/** Pieces of a format with a value between each two. */
export function fillIn(pieces: readonly string[], values: readonly Value[], origin: FileOrigin): Thing {
  if (pieces.length !== values.length + 1 || pieces.some((one) => /%[^%]|[{}]/.test(one))) return unknown(AT_RUN_TIME, origin)
  const lost = values.find((value) => value.kind === 'unknown')
  const parts = pieces.flatMap((one, index): readonly Value[] => [{ kind: 'known', value: one, origin }, values[index] ?? ABSENT])
  return valueThing(lost ?? joinValues(parts, origin))
}

function unary(evaluator: Evaluator, node: Node, frame: Frame | undefined): Thing {
  const inner = node.field('argument')
  const value = inner === undefined ? ABSENT : evaluator.value({ node: inner, frame })
  const negative = node.field('operator')?.kind === '-'
  return value.kind === 'known' && typeof value.value === 'number'
    ? known(negative ? -value.value : value.value, node.origin)
    : unknown(AT_RUN_TIME, node.origin)
}
