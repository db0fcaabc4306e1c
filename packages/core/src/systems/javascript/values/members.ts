import { ABSENT, type Decision, knownText, type Value } from '../../../evidence/index.ts'
import { addedItems, changedProperty, moved, setPairs } from './changed.ts'
import { between, decided, saysOneOf } from './conditions.ts'
import { dataNames, dataProperty, treeMeaning } from './data-values.ts'
import type { Evaluator } from './evaluator.ts'
import { serverGivenBy } from '../frameworks/index.ts'
import { libraryProperty } from './libraries.ts'
import { type Instance, instanceProperty, staticProperty } from './instances.ts'
import {
  choiceMeaning,
  eitherMeaning,
  type Frame,
  isNothing,
  libraryWords,
  type Meaning,
  NOTHING,
  type ParsedOptions,
  unknownMeaning,
  valueMeaning,
  valueOf,
} from './meaning.ts'
import { nameMeaning } from './names.ts'
import type { Node } from '../../tree.ts'
import { argumentsOf, propertyName } from '../source/syntax.ts'

/** `object.name`, asked at `at`. */
export function propertyMeaning(object: Meaning, name: string, at: Node, evaluator: Evaluator): Meaning {
  return evaluator.deeper(at, () => changedProperty(object, name, property(object, name, at, evaluator), at, evaluator))
}

function property(object: Meaning, name: string, at: Node, evaluator: Evaluator): Meaning {
  // What a CommonJS module exports is its default for those who import it as a module.
  if (name === 'default' && (object.kind === 'server' || object.kind === 'function' || object.kind === 'instance')) return object
  switch (object.kind) {
    case 'environment':
      return environmentVariable(name, object.defaults?.(name), object.readAt ?? at)
    case 'library':
      return evaluator.packages.property(object, name, at, evaluator) ?? libraryProperty(object.name, name)
    case 'module':
      return evaluator.exported(object, name, at)
    case 'object':
      return objectProperty(object.node, name, object.frame, at, evaluator)
    case 'instance':
      return instanceProperty(object, name, at, evaluator) ?? inherited(object, name, at)
    case 'class':
      return staticProperty(object, name, at, evaluator) ?? unknownMeaning(`\`${name}\` of the class was not found`, at.origin)
    case 'function':
      return name === 'bind' || name === 'call' || name === 'apply'
        ? object
        : unknownMeaning(`\`${name}\` of the function is not followed`, at.origin)
    case 'enum':
    case 'namespace':
      return staticProperty(object, name, at, evaluator) ?? unknownMeaning(`\`${name}\` was not found`, at.origin)
    case 'data':
      return dataProperty(object.tree, name)
    case 'array':
    case 'list':
      return name === 'length'
        ? unknownMeaning('the length of a list is not followed', at.origin)
        : evaluator.element(object, Number(name), at)
    case 'arguments':
      return evaluator.element(object, Number(name), at)
    case 'options':
      return valueMeaning(optionValue(object, name, at))
    case 'merged':
      return object.property(name)
    case 'wrapped':
      return object.property === name ? object.meaning : unknownMeaning(`\`${name}\` is not followed`, at.origin)
    case 'choice':
      return ofOptions(object.options, object.when, name, at, evaluator)
    case 'server': {
      const given = evaluator.packages.property(object, name, at, evaluator)
      if (given !== undefined) return given
      const type = serverGivenBy(object.type, name)
      return type === undefined ? unknownMeaning(`\`${name}\` of a server is not followed`, at.origin) : { ...object, type }
    }
    case 'result':
      return (
        evaluator.packages.property(object, name, at, evaluator) ??
        unknownMeaning(`what ${libraryWords(object.of)} gives back is not followed`, at.origin)
      )
    case 'value':
      return ofValue(object.value, name, at, evaluator)
    default:
      return object satisfies never
  }
}

/** A property of nothing is an error when it runs, so that what comes through is another of the options; behind `?.` it is nothing. */
function ofOptions(options: readonly Meaning[], when: Decision | undefined, name: string, at: Node, evaluator: Evaluator): Meaning {
  const [yes, no] = options
  if (when !== undefined && yes !== undefined && no !== undefined && !isNothing(yes) && !isNothing(no))
    return decided(when, evaluator.property(yes, name, at), evaluator.property(no, name, at), at)
  const there = isOptional(at) ? options : options.filter((option) => !isNothing(option))
  return choiceMeaning(
    there.map((option) => evaluator.property(option, name, at)),
    at.origin,
  )
}

function ofValue(value: Value, name: string, at: Node, evaluator: Evaluator): Meaning {
  switch (value.kind) {
    case 'choice':
      return ofOptions(value.options.map(valueMeaning), value.when, name, at, evaluator)
    case 'unknown':
      return valueMeaning(value)
    case 'absent':
      return isOptional(at) ? NOTHING : unknownMeaning(`\`${name}\` is asked of something that is not there`, at.origin)
    default:
      return unknownMeaning(`\`${name}\` of a value is not followed`, at.origin)
  }
}

const isOptional = (at: Node): boolean => at.children.some((child) => child.kind === 'optional_chain')

const inherited = (object: Instance, name: string, at: Node): Meaning =>
  unknownMeaning(`\`${name}\` of the object made by ${object.of.field('name')?.content ?? 'its class'} was not found`, at.origin)

/** What an option is: as its command line says, else one of its variables, else what is usual. */
function optionValue({ defaults, spellings, variables }: ParsedOptions, name: string, at: Node): Value {
  const { origin } = at
  const written = spellings?.(name) ?? [`--${dashed(name)}`]
  const usual = valueOf(defaults(name), origin)
  const set = (variables?.(name) ?? []).reduceRight<Value>(
    (fallback, variable) => ({ kind: 'environment', name: variable, fallback, emptyIsUnset: false, origin }),
    usual,
  )
  return written.reduceRight<Value>((fallback, option) => ({ kind: 'argument', name: option, fallback, origin }), set)
}

/** `maxPort` → `max-port`: as parsers of command lines spell it. */
const dashed = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

function environmentVariable(name: string, fallback: Meaning | undefined, at: Node): Meaning {
  const value: Value = {
    kind: 'environment',
    name,
    fallback: fallback === undefined ? ABSENT : valueOf(fallback, at.origin),
    emptyIsUnset: false,
    origin: at.origin,
  }
  return valueMeaning(value)
}

function objectProperty(node: Node, name: string, frame: Frame | undefined, at: Node, evaluator: Evaluator): Meaning {
  return evaluator.once(
    node,
    frame,
    () => {
      const own = literalProperty(node.named, name, frame, at, evaluator)
      const parent = own === NOTHING && name !== '__proto__' ? literalProperty(node.named, '__proto__', frame, at, evaluator) : NOTHING
      return isNothing(parent) ? own : evaluator.property(parent, name, at)
    },
    NOTHING,
  )
}

/** What an object literal says of a property; what stands later wins. */
function literalProperty(members: readonly Node[], name: string, frame: Frame | undefined, at: Node, evaluator: Evaluator): Meaning {
  for (let index = members.length - 1; index >= 0; index--) {
    const member = members[index]
    const inner = member?.named[0]
    if (member === undefined) continue
    const before = (): Meaning => literalProperty(members.slice(0, index), name, frame, at, evaluator)
    if (member.kind === 'spread_element' && inner !== undefined)
      return overlaid(copiedAt(evaluator.meaning(inner, frame), inner), name, before, at, evaluator)
    const found = memberMeaning(member, name, frame, evaluator)
    if (found !== undefined) return found
    if (hasOpenName(member, frame, evaluator))
      return choiceMeaning([unknownMeaning('a name here is decided when it runs', member.origin), before()], at.origin)
  }
  return NOTHING
}

/** Objects of which it is told whether they have a property. */
const TOLD: ReadonlySet<Meaning['kind']> = new Set(['object', 'data', 'instance'])

/** What a copy has is what was there when it was made. */
export const copiedAt = (meaning: Meaning, at: Node): Meaning =>
  meaning.kind === 'environment' && meaning.readAt === undefined ? { ...meaning, readAt: at } : meaning

/** A property of `top` where it has one, also one that is nothing, else what is below it: spread, and `Object.assign`. */
export function overlaid(top: Meaning, name: string, below: () => Meaning, at: Node, evaluator: Evaluator): Meaning {
  if (isNothing(top)) return below()
  if (top.kind === 'choice') {
    const found = top.options.map((option) => overlaid(option, name, below, at, evaluator))
    const [yes, no] = found
    return top.when === undefined || yes === undefined || no === undefined
      ? choiceMeaning(found, at.origin)
      : decided(top.when, yes, no, at)
  }
  const found = evaluator.property(top, name, at)
  if (found === NOTHING) return below()
  // A variable or option that may be missing, or an object that is not known, leaves what stood before.
  return TOLD.has(top.kind) || found.kind !== 'value' ? found : eitherMeaning(found, below(), '??', at.origin)
}

function memberMeaning(member: Node, name: string, frame: Frame | undefined, evaluator: Evaluator): Meaning | undefined {
  switch (member.kind) {
    case 'pair': {
      const key = member.field('key')
      const value = member.field('value')
      const written = propertyName(key) ?? computedName(key, frame, evaluator)
      return written === name && value !== undefined ? evaluator.meaning(value, frame) : undefined
    }
    case 'shorthand_property_identifier':
      return member.content === name ? nameMeaning(member, frame, evaluator) : undefined
    case 'method_definition': {
      if (propertyName(member.field('name')) !== name) return undefined
      const self: Meaning = { kind: 'object', node: member.parent ?? member, frame }
      const method: Meaning = { kind: 'function', node: member, frame, self }
      return member.children.some((child) => child.kind === 'get') ? evaluator.apply(method, [], self) : method
    }
    default:
      return undefined
  }
}

/** `{ [key]: value }` of which the name is not known. */
const hasOpenName = (member: Node, frame: Frame | undefined, evaluator: Evaluator): boolean =>
  member.kind === 'pair' &&
  propertyName(member.field('key')) === undefined &&
  computedName(member.field('key'), frame, evaluator) === undefined

function computedName(key: Node | undefined, frame: Frame | undefined, evaluator: Evaluator): string | undefined {
  const inner = key?.kind === 'computed_property_name' ? key.named[0] : undefined
  return inner === undefined ? undefined : knownText(evaluator.value(inner, frame))
}

/** The item of a list at an index that is known. */
export function elementAt(list: Meaning, index: number, at: Node, evaluator: Evaluator): Meaning {
  if (!Number.isInteger(index) || index < 0) return unknownMeaning('this part of a list is not followed', at.origin)
  switch (list.kind) {
    case 'array': {
      const before = list.node.named.slice(0, index + 1)
      const item = before[index]
      const change = moved(list, evaluator)
      if (change !== undefined) return unknownMeaning('the items of this list are moved while the program runs', change.node.origin)
      if (before.some((member) => member.kind === 'spread_element')) return unknownMeaning('this part of a list is not followed', at.origin)
      if (item !== undefined) return evaluator.meaning(item, list.frame)
      const isAdded = (addedItems(list, evaluator) ?? [NOTHING]).length > 0
      return isAdded ? unknownMeaning('this part of a list is not followed', at.origin) : NOTHING
    }
    case 'list':
      return list.items[index]?.meaning() ?? NOTHING
    case 'arguments':
      return valueMeaning({ kind: 'argument', name: `argv[${list.first + index}]`, fallback: ABSENT, origin: at.origin })
    case 'data':
    case 'choice':
      return evaluator.property(list, String(index), at)
    case 'value':
      return list
    default:
      return unknownMeaning('this part of a list is not followed', at.origin)
  }
}

/** `object[key]` with a key that only a start decides: a variable's name is lost, one of an object's values is taken. */
export function elementMeaning(object: Meaning, key: Value, at: Node, evaluator: Evaluator): Meaning {
  const names = object.kind === 'object' ? memberNames(object.node) : object.kind === 'data' ? dataNames(object.tree) : undefined
  if (names === undefined || names.length === 0) {
    return unknownMeaning(key.kind === 'unknown' ? key.reason : 'which part is meant is decided when it starts', at.origin)
  }
  const choices = names.map((name) => ({ name, meaning: evaluator.property(object, name, at) }))
  const otherwise = unknownMeaning('which part is meant is decided when it starts', at.origin)
  const open = choiceMeaning(
    choices.map(({ meaning }) => meaning),
    at.origin,
  )
  if (choices.length > MAX_DECIDED || (key.kind !== 'environment' && key.kind !== 'argument')) return open
  return choices.reduceRight<Meaning>((no, { name, meaning }) => {
    const said = saysOneOf(key, [name], at)
    return said === undefined ? choiceMeaning([meaning, no], at.origin) : between(said, meaning, no, at)
  }, otherwise)
}

/** Of more parts it is not told which one a variable names. */
const MAX_DECIDED = 5

/** More members than this are data, not a choice that a person wrote. */
const MAX_MEMBERS = 100

/** The names of an object literal's members; `undefined` where one is computed or spread. */
export function memberNames(object: Node): readonly string[] | undefined {
  if (object.named.length > MAX_MEMBERS) return undefined
  const names = object.named.map((member) =>
    member.kind === 'shorthand_property_identifier' ? member.content : propertyName(member.field('key') ?? member.field('name')),
  )
  const told = names.filter((name) => name !== undefined)
  return told.length === names.length ? told : undefined
}

const asPair = (pair: readonly Meaning[]): Meaning => ({
  kind: 'list',
  items: pair.map((part) => ({ node: undefined, meaning: () => part })),
})

/** Lists of more items are data. */
const MAX_ITEMS = 1_000

/** Every item of a list whose items can be told. */
export function elementsOf(list: Meaning, evaluator: Evaluator, depth = 0): readonly Meaning[] | undefined {
  if (list.kind === 'list') return list.items.map((item) => item.meaning())
  if (list.kind === 'data' && list.tree.kind === 'list') return list.tree.items.slice(0, MAX_ITEMS).map(treeMeaning)
  if (list.kind === 'result' && (list.of === '#Map' || list.of === '#Set')) {
    const [given] = argumentsOf(list.call)
    const first = given === undefined ? [] : depth > 4 ? undefined : elementsOf(evaluator.meaning(given, list.frame), evaluator, depth + 1)
    const added = list.of === '#Map' ? setPairs(list, evaluator).map(asPair) : addedItems(list, evaluator)
    return first === undefined || added === undefined ? undefined : [...first, ...added]
  }
  if (list.kind !== 'array') return undefined
  const found: Meaning[] = []
  for (const item of list.node.named) {
    const inner = item.kind === 'spread_element' ? item.named[0] : undefined
    if (inner === undefined) found.push(evaluator.meaning(item, list.frame))
    else {
      const spread = depth > 4 ? undefined : elementsOf(evaluator.meaning(inner, list.frame), evaluator, depth + 1)
      if (spread === undefined) return undefined
      found.push(...spread)
    }
    if (found.length > MAX_ITEMS) return undefined
  }
  const added = addedItems(list, evaluator)
  return added === undefined ? undefined : [...found, ...added]
}
