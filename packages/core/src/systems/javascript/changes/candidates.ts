import type { Node } from '../../tree.ts'
import { nodeAt } from '../../tree.ts'
import type { Module } from '../source/module.ts'
import { argumentsOf, bare, calleeOf, literalText, propertyName } from '../source/syntax.ts'

/** A place that changes some object. */
export interface Candidate {
  /** The expression that does it. */
  readonly node: Node
  /** What it is done to. */
  readonly object: Node
  readonly kind: Kind
}

type Kind =
  /** `object.name = value`, `object[key] = value`; without a value the property is something that is computed. */
  | { readonly does: 'set'; readonly key: string | Node; readonly operator: string; readonly value: Node | undefined }
  | { readonly does: 'delete'; readonly key: string | Node }
  /** `Object.assign(object, …sources)`. `keeps`: what of objects within objects, where they are put together. */
  | { readonly does: 'assign'; readonly sources: readonly Node[]; readonly keeps: 'all' | 'new' | 'old' }
  /** `Object.defineProperty(object, key, descriptor)`. */
  | { readonly does: 'define'; readonly key: Node; readonly descriptor: Node }
  /** `Object.defineProperties(object, descriptors)`. */
  | { readonly does: 'define-all'; readonly descriptors: Node }
  /** `list.push(item)`, `map.set(key, item)`; others (`splice`) change what stands in it. */
  | { readonly does: 'add'; readonly method: string }

/** Methods that change a list, `Map` or `Set`. */
const MUTATORS = 'push|unshift|splice|reverse|sort|fill|copyWithin|shift|pop|add|set|clear'

/** In the text, so that only files are parsed in which something may be changed. Linear: each piece is bounded or a single class. */
const PLACES = new RegExp(
  [
    String.raw`\.\s{0,20}([\w$]+)\s{0,20}(?:=(?![=>])|(?:\|\||\?\?|&&|\+)=)`,
    String.raw`\]\s{0,20}(?:=(?![=>])|(?:\|\||\?\?|&&|\+)=)`,
    String.raw`\bdelete\s`,
    String.raw`\b(assign|assignIn|extend|merge|mergeWith|defaults|defaultsDeep|defineProperty|defineProperties|deleteProperty|__defineGetter__)\s{0,20}\(`,
    String.raw`\bReflect\s{0,20}\.\s{0,20}set\s{0,20}\(`,
    String.raw`\.\s{0,20}(?:${MUTATORS})\s{0,20}\(`,
  ].join('|'),
  'g',
)

/** One place of a text: a name that is written, or which construct it is. */
export interface Place {
  readonly offset: number
  readonly text: string
  /** Of `object.name =`. */
  readonly name: string | undefined
  /** It adds to a list, `Map` or `Set`, or changes one. */
  readonly adds: boolean
}

const ADDS = new RegExp(`^\\.\\s*(?:${MUTATORS})\\b`)

/** More places than this in one file are those of generated code. */
const MAX_PLACES = 20_000

export function placesIn(content: string): readonly Place[] {
  const found: Place[] = []
  for (const match of content.matchAll(PLACES)) {
    if (found.push({ offset: match.index, text: match[0], name: match[1], adds: ADDS.test(match[0]) }) >= MAX_PLACES) return found
  }
  return found
}

/** What a place does, once its file is parsed; `undefined` where it is no code or changes nothing. */
export function candidateAt({ offset, text, name }: Place, module: Module): Candidate | undefined {
  if (name !== undefined) return writtenMember(nodeAt(module.root, offset + text.indexOf(name)), 'property')
  if (text.startsWith(']')) return writtenMember(nodeAt(module.root, offset), 'index')
  if (text.startsWith('delete')) return deleted(nodeAt(module.root, offset))
  const word = /[\w$]+(?=\s*\($)/.exec(text)
  const at = word === null ? undefined : nodeAt(module.root, offset + word.index)
  const member = at?.parent
  const call = member?.kind === 'member_expression' ? member.parent : member
  if (at === undefined || call?.kind !== 'call_expression' || calleeOf(call) !== (member === call ? at : member)) return undefined
  return called(at.content, call, member === call ? undefined : member?.field('object'))
}

function writtenMember(at: Node | undefined, field: 'property' | 'index'): Candidate | undefined {
  const member = at?.parent
  if (member === undefined || !(field === 'index' ? member.kind === 'subscript_expression' : at?.isField('property') === true))
    return undefined
  const assignment = member.parent
  const object = member.field('object')
  const plain = assignment?.kind === 'assignment_expression'
  if (object === undefined || assignment === undefined || !member.isField('left')) return undefined
  if (!plain && assignment.kind !== 'augmented_assignment_expression') return undefined
  const key = keyOf(member)
  const operator = plain ? '=' : (assignment.field('operator')?.content ?? '')
  return key === undefined
    ? undefined
    : { node: assignment, object, kind: { does: 'set', key, operator, value: assignment.field('right') } }
}

/** The name of `object.name` and `object['name']`, else the expression in the brackets. */
function keyOf(member: Node): string | Node | undefined {
  if (member.kind === 'member_expression') return propertyName(member.field('property'))
  const index = member.field('index')
  if (index === undefined) return undefined
  return literalText(index) ?? (index.kind === 'number' ? propertyName(index) : undefined) ?? index
}

function deleted(at: Node | undefined): Candidate | undefined {
  const unary = at?.kind === 'delete' ? at.parent : undefined
  const member = unary?.field('argument')
  const target = member === undefined ? undefined : bare(member)
  const object = target?.field('object')
  const key = target === undefined || object === undefined ? undefined : keyOf(target)
  return unary === undefined || object === undefined || key === undefined
    ? undefined
    : { node: unary, object, kind: { does: 'delete', key } }
}

const DEEP: ReadonlyMap<string, 'new' | 'old'> = new Map([
  ['merge', 'new'],
  ['mergeWith', 'new'],
  ['defaults', 'old'],
  ['defaultsDeep', 'old'],
])

function called(word: string, call: Node, receiver: Node | undefined): Candidate | undefined {
  const [first, second, third] = argumentsOf(call)
  switch (word) {
    case 'assign':
    case 'assignIn':
    case 'extend':
    case 'merge':
    case 'mergeWith':
    case 'defaults':
    case 'defaultsDeep': {
      // jQuery's and `extend`'s first argument may say that it goes deep.
      const [target, ...sources] = first?.kind === 'true' || first?.kind === 'false' ? argumentsOf(call).slice(1) : argumentsOf(call)
      if (target === undefined || sources.length === 0 || FRESH.has(target.kind)) return undefined
      return { node: call, object: target, kind: { does: 'assign', sources, keeps: DEEP.get(word) ?? 'all' } }
    }
    case 'defineProperty':
      return first === undefined || second === undefined || third === undefined
        ? undefined
        : { node: call, object: first, kind: { does: 'define', key: second, descriptor: third } }
    case 'defineProperties':
      return first === undefined || second === undefined
        ? undefined
        : { node: call, object: first, kind: { does: 'define-all', descriptors: second } }
    case 'deleteProperty':
      return first === undefined || second === undefined
        ? undefined
        : { node: call, object: first, kind: { does: 'delete', key: literalText(second) ?? second } }
    case '__defineGetter__':
      return receiver === undefined || first === undefined
        ? undefined
        : { node: call, object: receiver, kind: { does: 'set', key: literalText(first) ?? first, operator: '=', value: undefined } }
    default:
      if (word === 'set' && receiver?.content === 'Reflect')
        return first === undefined || second === undefined
          ? undefined
          : { node: call, object: first, kind: { does: 'set', key: literalText(second) ?? second, operator: '=', value: third } }
      return receiver === undefined ? undefined : { node: call, object: receiver, kind: { does: 'add', method: word } }
  }
}

/** Objects that nothing else has. */
const FRESH: ReadonlySet<string> = new Set(['object', 'array', 'function_expression', 'arrow_function'])
