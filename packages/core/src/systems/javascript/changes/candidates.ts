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

/** Functions that change an object which they are given. */
const CALLS =
  'assign|assignIn|extend|merge|mergeWith|defaults|defaultsDeep|defineProperty|defineProperties|deleteProperty|__defineGetter__|setPrototypeOf'

/** Methods that change a list, `Map` or `Set`. */
const MUTATORS = 'push|unshift|splice|reverse|sort|fill|copyWithin|shift|pop|add|set|clear'

/** In the text, so that only files are parsed in which something may be changed. Linear: each piece is bounded or a single class. */
const PLACES = new RegExp(
  [
    String.raw`\.\s{0,20}([\w$]+)\s{0,20}(?:=(?![=>])|(?:\|\||\?\?|&&|\+)=)`,
    String.raw`\bfor\s{0,20}\(\s{0,20}[\w$]{1,60}\.([\w$]+)\s{1,20}(?:of|in)\b`,
    String.raw`[\]}]\s{0,20}(?:=(?![=>])|(?:\|\||\?\?|&&|\+)=)`,
    String.raw`\bdelete\s`,
    String.raw`\bwith\s{0,20}\(`,
    String.raw`\bprocessEnv\b`,
    String.raw`\b(?:${CALLS})\s{0,20}\(`,
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
/** Packages whose `set` changes the object that it is given. */
const SETTERS = /\b(?:_|lodash|objectPath|dotProp|dot)$/

/** More places than this in one file are those of generated code. */
const MAX_PLACES = 20_000

export function placesIn(content: string): readonly Place[] {
  const found: Place[] = []
  for (const match of content.matchAll(PLACES)) {
    if (match[0].startsWith('}') && !mayTakeMember(content, match.index)) continue
    const name = match[1] ?? match[2]
    const adds = ADDS.test(match[0]) && !SETTERS.test(content.slice(Math.max(0, match.index - 12), match.index))
    if (found.push({ offset: match.index, text: match[0], name, adds }) >= MAX_PLACES) return found
  }
  return found
}

/** `({ host: config.host } = …)`: most patterns are declarations, and hold no member of an object. */
function mayTakeMember(content: string, brace: number): boolean {
  const near = content.slice(Math.max(0, brace - 300), brace)
  const pattern = near.slice(near.lastIndexOf('{') + 1)
  return /[\w$\])]\.[\w$]+\s*(?:$|[,=])/.test(pattern)
}

/** What a place does, once its file is parsed; `undefined` where it is no code or changes nothing. */
export function candidateAt({ offset, text, name }: Place, module: Module): Candidate | undefined {
  if (name !== undefined) return writtenMember(nodeAt(module.root, offset + text.lastIndexOf(name)), 'property')
  if (text.startsWith(']') || text.startsWith('}')) {
    const at = nodeAt(module.root, offset)
    return at?.parent?.kind.endsWith('_pattern') === true ? memberOfPattern(at.parent) : writtenMember(at, 'index')
  }
  if (text.startsWith('with')) return inside(nodeAt(module.root, offset)?.parent)
  if (text === 'processEnv') return filled(nodeAt(module.root, offset))
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
  if (assignment?.kind === 'for_in_statement' && object !== undefined && member.isField('left')) {
    const key = keyOf(member)
    return key === undefined ? undefined : { node: assignment, object, kind: { does: 'set', key, operator: '=', value: undefined } }
  }
  const plain = assignment?.kind === 'assignment_expression'
  if (object === undefined || assignment === undefined || !member.isField('left')) return undefined
  if (!plain && assignment.kind !== 'augmented_assignment_expression') return undefined
  const key = keyOf(member)
  const operator = plain ? '=' : (assignment.field('operator')?.content ?? '')
  return key === undefined
    ? undefined
    : { node: assignment, object, kind: { does: 'set', key, operator, value: assignment.field('right') } }
}

/** What is taken apart into a member is something that is not followed. */
function memberOfPattern(pattern: Node): Candidate | undefined {
  const member = pattern.named.map((part) => part.field('value') ?? part).find((part) => part.kind.endsWith('_expression'))
  const [object, key] = [member?.field('object'), member === undefined ? undefined : keyOf(member)]
  if (object === undefined || key === undefined || pattern.parent?.kind !== 'assignment_expression') return undefined
  return { node: pattern.parent, object, kind: { does: 'set', key, operator: '=', value: undefined } }
}

/** `with (object) …`: any name inside may be one of its properties. */
function inside(statement: Node | undefined): Candidate | undefined {
  const object = statement?.kind === 'with_statement' ? statement.field('object') : undefined
  if (statement === undefined || object === undefined) return undefined
  return { node: statement, object: bare(object), kind: { does: 'set', key: statement, operator: '=', value: undefined } }
}

/** `dotenv.config({ processEnv: object })`: what a file sets is put there, and not into the environment. */
function filled(at: Node | undefined): Candidate | undefined {
  const object = at?.kind === 'shorthand_property_identifier' ? at : at?.parent?.field('value')
  const options = at?.parent?.kind === 'pair' ? at.parent.parent : at?.parent
  const call = options?.parent?.kind === 'arguments' ? options.parent.parent : undefined
  const isLoad = call !== undefined && /(?:^|\.)config(?:Dotenv)?$/.test(calleeOf(call)?.content ?? '')
  if (!isLoad || object === undefined || call === undefined || ENVIRONMENT.test(object.content)) return undefined
  return { node: call, object, kind: { does: 'set', key: call, operator: '=', value: undefined } }
}

const ENVIRONMENT = /^(?:process|Bun)\s*\.\s*env$/

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
    case 'setPrototypeOf':
      return first === undefined || second === undefined
        ? undefined
        : { node: call, object: first, kind: { does: 'assign', sources: [second], keeps: 'old' } }
    case '__defineGetter__':
      return receiver === undefined || first === undefined
        ? undefined
        : { node: call, object: receiver, kind: { does: 'set', key: literalText(first) ?? first, operator: '=', value: undefined } }
    default:
      if (word === 'set' && receiver?.content === 'Reflect')
        return first === undefined || second === undefined
          ? undefined
          : { node: call, object: first, kind: { does: 'set', key: literalText(second) ?? second, operator: '=', value: third } }
      // lodash: `_.set(object, 'path.to.it', value)`.
      if (word === 'set' && first !== undefined && third !== undefined && first.kind !== 'string')
        return { node: call, object: first, kind: { does: 'set', key: firstPart(second) ?? call, operator: '=', value: undefined } }
      return receiver === undefined ? undefined : { node: call, object: receiver, kind: { does: 'add', method: word } }
  }
}

/** Of a path, the property of the object itself. */
const firstPart = (path: Node | undefined): string | undefined => literalText(path)?.split(/[.[]/)[0]

/** Objects that nothing else has. */
const FRESH: ReadonlySet<string> = new Set(['object', 'array', 'function_expression', 'arrow_function'])
