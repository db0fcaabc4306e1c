import type { BindChange } from '../../../evidence/index.ts'
import type { Draft } from '../../source-edit/draft.ts'
import { indentAt, newlineOf } from '../../source-edit/layout.ts'
import { type Node, nodeAt } from '../../tree.ts'
import type { Form, NamedOptions } from '../frameworks/form.ts'
import { SERVERS } from '../frameworks/index.ts'
import type { Module } from '../source/module.ts'
import { argumentsOf, bare, calleeOf, FUNCTIONS, literalText } from '../source/syntax.ts'
import { looksLikeCallback, looksLikeOptions } from '../servers/listen-values.ts'
import { fromEnvironment, hostConstant } from './constant.ts'
import { correctMessages } from './log-lines.ts'
import { addMember, memberNamed } from './objects.ts'
import { portAsNumber } from './port.ts'
import type { Style } from './style.ts'

interface Place {
  readonly change: BindChange
  readonly module: Module
  readonly call: Node
  readonly style: Style
  readonly draft: Draft
}

const CALLS: ReadonlySet<string> = new Set(['call_expression', 'new_expression'])
/** Ways of calling that take their arguments otherwise. */
const INDIRECT = /(?:\.|\?\.)(?:call|apply)$/

/** The call that binds: the innermost that ends where the bind ends, and begins no later. */
export function callAt(root: Node, start: number, end: number): Node | undefined {
  let node = end > 0 ? nodeAt(root, end - 1) : undefined
  while (node !== undefined && node.end <= end) {
    if (CALLS.has(node.kind) && node.end === end && node.start <= start) return node
    node = node.parent
  }
  return undefined
}

/** A call that gives no host is given one, in the way that its framework takes it. */
export function giveHost(place: Place): void {
  const { change, call, draft } = place
  const callee = calleeOf(call)
  const given = argumentsOf(call)
  if (callee === undefined || INDIRECT.test(callee.content) || bare(callee).kind === 'call_expression')
    return draft.refuse('the call hands its arguments on, and cannot be given a host here')
  if (given.some(({ kind }) => kind === 'spread_element'))
    return draft.refuse('the arguments of the call are a list that is made elsewhere')
  const form = formOf(change.framework, callee)
  switch (form?.form) {
    case 'net':
      return positional(place, given, 'host', form.bare === 'default' ? SERVERS.get(change.framework)?.defaultPort : undefined)
    case 'dgram':
      return positional(place, given, 'address')
    case 'port-host':
      return positional(place, given, 'host')
    case 'options':
      return named(place, given, form)
    case 'port':
      return draft.refuse(
        'this way of starting takes no host: make an http server, let it listen on the host, and hand it over (`new Server(httpServer)`)',
      )
    default:
      return draft.refuse(`where ${change.framework} is given its host is not known here`)
  }
}

/** How the call says where to listen: as its framework's row has it for a method of that name, or for what is called itself. */
function formOf(framework: string, callee: Node): Form | undefined {
  const row = SERVERS.get(framework === 'node:dgram:udp6' ? 'node:dgram' : framework === 'nest:fastify' ? 'nest' : framework)
  const method = callee.kind === 'member_expression' ? callee.field('property')?.content : callee.content
  const binds = row?.binds ?? []
  const own = binds.find((bind) => 'method' in bind && bind.method === method)
  const called = binds.find(
    (bind) => 'call' in bind && (bind.call.endsWith(`#${callee.content}`) || /[#.](\w+)$/.exec(bind.call)?.[1] === method),
  )
  return (own ?? called ?? (binds.length === 1 || binds.every((bind) => bind.reads === binds[0]?.reads) ? binds[0] : undefined))?.reads
}

/** `listen(port, host, …)`, `listen({ port, host })`. `unsaid`: the port where there are no arguments; any, unless given. */
function positional(place: Place, given: readonly Node[], hostName: string, unsaid = 0): void {
  const { call, draft, module } = place
  const [first, second] = given
  const list = call.field('arguments')
  if (list === undefined) return draft.refuse('the call has no arguments to be added to')
  if (first === undefined || FUNCTIONS.has(first.kind) || looksLikeCallback(first)) {
    const name = constantFor(place, undefined)
    if (name !== undefined) draft.insert(list, first?.start ?? list.start + 1, first === undefined ? `${unsaid}, ${name}` : `0, ${name}, `)
    return
  }
  const object = objectOf(bare(first), module)
  if (object !== undefined) return inObject(place, object, object.within(call), hostName, 'port')
  if ((second === undefined && looksLikeOptions(first)) || !mayBePort(bare(first), module))
    return draft.refuse('what the options hold is not told by this file: give them a host where they are made')
  if (SOCKETS.test(first.content)) return draft.refuse('it may listen on a socket of the file system, which has no host')
  const beside = hostBeside(place, first)
  if (beside !== undefined) return hand(place, first, second, list, beside)
  const port = portNode(first)
  const name = constantFor(place, port)
  if (name === undefined) return
  hand(place, first, second, list, name)
  portAsNumber(first, module, draft)
  correctMessages(call, place.change.framework, name, port, draft)
}

/** What paths of sockets are called. */
const SOCKETS = /sock(?:et)?_?(?:path|file|name)|pipe_?(?:path|name)|unix_?socket/i

/** Whether a first argument is no object that is put together: a choice of two, what is left of one, `Object.assign(…)`. */
function mayBePort(node: Node, module: Module): boolean {
  if (node.kind === 'ternary_expression') return !node.named.slice(1).some((part) => bare(part).kind === 'object')
  if (node.kind === 'call_expression') return !/^Object\.|(?:merge|assign|defaults|extend)$/.test(calleeOf(node)?.content ?? '')
  const declaration = node.kind === 'identifier' ? module.lookup(node.content, node) : undefined
  return declaration === undefined || !('steps' in declaration) || !declaration.steps.some(({ kind }) => kind === 'rest')
}

/** Puts the host behind the port, or in the place of what may be none. */
function hand({ call, module, draft }: Place, first: Node, second: Node | undefined, list: Node, host: string): void {
  if (second !== undefined && !FUNCTIONS.has(bare(second).kind) && !looksLikeCallback(second) && !isOther(second, module)) {
    if (isNothing(second)) return draft.replace(second, host)
    const isCallback = argumentsOf(call).length === 2 && /(?:^|\.)(?:log|info|bind|on\w+)\b/.test(second.content)
    if (!isCallback) return draft.replace(second, orHost(second, host, draft))
  }
  const { content } = first.file
  const lines =
    second !== undefined && /\n/.test(content.slice(first.end, second.start)) && /\n/.test(content.slice(list.start, first.start))
  draft.insert(first, first.end, lines ? `,${newlineOf(content)}${indentAt(content, first.start)}${host}` : `, ${host}`)
}

/** Expressions that `||` can stand behind as they are. */
const TIGHT: ReadonlySet<string> = new Set([
  'identifier',
  'member_expression',
  'subscript_expression',
  'call_expression',
  'non_null_expression',
  'parenthesized_expression',
])

/** What may be none, and the host where it is. */
function orHost(given: Node, host: string, draft: Draft): string {
  if (new RegExp(`\\b${host}$`).test(given.content)) draft.refuse('the call is given a host, and what becomes of it is not followed')
  return TIGHT.has(given.kind) ? `${given.content} || ${host}` : `(${given.content}) || ${host}`
}

/** A backlog or a callback by name, which stand where a host can. */
function isOther(node: Node, module: Module): boolean {
  const inner = bare(node)
  if (inner.kind === 'number') return true
  const declaration = inner.kind === 'identifier' ? module.lookup(inner.content, inner) : undefined
  if (declaration?.kind === 'function') return true
  const value = declaration?.kind === 'variable' && declaration.value !== undefined ? bare(declaration.value).kind : ''
  return value === 'number' || FUNCTIONS.has(value)
}

const isNothing = (node: Node): boolean =>
  node.kind === 'undefined' || node.kind === 'null' || node.content === 'undefined' || literalText(node) === ''

/** The name in `PORT`, `Number(PORT)`, `+PORT`, `PORT as number`. */
function portNode(node: Node): Node {
  const inner = bare(node)
  if (inner.kind === 'call_expression' && /^(?:Number|parseInt|Number\.parseInt)$/.test(calleeOf(inner)?.content ?? ''))
    return argumentsOf(inner)[0] ?? inner
  return inner.kind === 'unary_expression' ? (inner.named[0] ?? inner) : inner
}

/** The object literal that an expression is, or that a name of this file holds. */
function objectOf(node: Node, module: Module): Node | undefined {
  if (node.kind === 'object') return node
  if (node.kind === 'member_expression') {
    const outer = objectOf(node.field('object') ?? node.children[0] ?? node, module)
    const member = outer === undefined ? undefined : memberNamed(outer, node.field('property')?.content ?? '')?.field('value')
    return member === undefined || bare(member).kind !== 'object' ? undefined : bare(member)
  }
  if (node.kind !== 'identifier') return undefined
  const declaration = module.lookup(node.content, node)
  const value = declaration?.kind === 'variable' && declaration.steps.length === 0 ? declaration.value : undefined
  const inner = value === undefined ? undefined : bare(value)
  if (inner?.kind === 'object') return inner
  // `Object.freeze({ … })`.
  const frozen = inner?.kind === 'call_expression' && calleeOf(inner)?.content === 'Object.freeze' ? argumentsOf(inner)[0] : undefined
  return frozen?.kind === 'object' ? frozen : undefined
}

/** `config.port` of an object of this file: its host stands beside it, and is put there where it does not. */
function hostBeside({ change, module, style, draft }: Place, first: Node): string | undefined {
  const port = portNode(first)
  const holder = port.kind === 'member_expression' ? port.field('object') : undefined
  const object = holder === undefined ? undefined : objectOf(holder, module)
  const name = port.field('property')?.content ?? ''
  if (holder === undefined || object === undefined || memberNamed(object, name) === undefined) return undefined
  const key = ['host', 'hostname', 'HOST'].find((wanted) => memberNamed(object, wanted) !== undefined)
  if (key !== undefined) {
    const value = memberNamed(object, key)?.field('value')
    const text = value === undefined ? undefined : literalText(bare(value))
    if (value === undefined || text === undefined) return undefined
    const plain = /^(?:0\.0\.0\.0|::)?$/.test(text) ? style.text(change.host) : value.content
    draft.replace(value, fromEnvironment(change, { ...style, text: () => plain }))
    return `${holder.content}.${key}`
  }
  const added = /^[A-Z_]+$/.test(name) ? 'HOST' : 'host'
  addMember(object, added, fromEnvironment(change, style), name, draft)
  return `${holder.content}.${added}`
}

function constantFor({ change, module, call, style, draft }: Place, port: Node | undefined): string | undefined {
  const name = hostConstant(change, module, call, port, style, draft)
  if (name === undefined) draft.refuse('there is no place before the call where the host could be declared')
  return name
}

/** An object of options gets a host: by the constant's name in the call itself, as an expression in an object that stands apart. */
function inObject(place: Place, object: Node, isInCall: boolean, hostName: string, portName: string): void {
  const { change, module, call, style, draft } = place
  const there = memberNamed(object, hostName)
  const member = memberNamed(object, portName)
  const port = member?.field('value') ?? member
  if (!isInCall) {
    if (there !== undefined) return draft.refuse(`what \`${hostName}\` holds there is decided elsewhere`)
    return addMember(object, hostName, fromEnvironment(change, style), portName, draft)
  }
  const shown = port === undefined ? undefined : portNode(port)
  const name = hostConstant(change, module, call, shown, style, draft)
  if (name === undefined) return draft.refuse('there is no place before the call where the host could be declared')
  const value = there?.field('value')
  if (there === undefined) addMember(object, hostName, name, portName, draft)
  else if (value === undefined) draft.replace(there, `${hostName}: ${hostName} || ${name}`)
  else draft.replace(value, isNothing(value) ? name : orHost(value, name, draft))
  correctMessages(call, change.framework, name, shown, draft)
}

/** One argument with named options, perhaps deeper inside of it. */
function named(place: Place, given: readonly Node[], form: NamedOptions): void {
  const { call, draft, module } = place
  const list = call.field('arguments')
  const argument = given[form.at ?? 0]
  const inside = form.inside ?? []
  const around = (text: string): string => inside.reduceRight((inner, name) => `{ ${name}: ${inner} }`, text)
  if (argument === undefined) {
    const name = constantFor(place, undefined)
    if (name === undefined || list === undefined || given.length < (form.at ?? 0))
      return draft.refuse('the call has no options to be added to')
    const text = around(`{ ${form.host}: ${name} }`)
    const last = given.at(-1)
    return draft.insert(list, last?.end ?? list.start + 1, last === undefined ? text : `, ${text}`)
  }
  let object = objectOf(bare(argument), module)
  if (object === undefined) {
    // `serve(app)`, `Deno.serve(handler)`.
    const name = form.alone === undefined ? undefined : constantFor(place, undefined)
    if (name === undefined) return draft.refuse('what the options hold is not told by this file: give them a host where they are made')
    if (place.change.framework === 'deno') return draft.insert(argument, argument.start, `{ ${form.host}: ${name} }, `)
    const fetch = FUNCTIONS.has(argument.kind) ? argument.content : `${argument.content}.fetch`
    return draft.replace(argument, `{ fetch: ${fetch}, ${form.host}: ${name} }`)
  }
  for (const [index, name] of inside.entries()) {
    const value: Node | undefined = memberNamed(object, name)?.field('value')
    if (value === undefined) {
      const host = constantFor(place, undefined)
      const rest = inside.slice(index + 1).reduceRight((inner, deeper) => `{ ${deeper}: ${inner} }`, `{ ${form.host}: ${host ?? ''} }`)
      return addMember(object, name, rest, '', draft)
    }
    const next = objectOf(bare(value), module)
    if (next === undefined) return draft.refuse(`what \`${name}\` holds is not told by this file: give it a host where it is made`)
    object = next
  }
  inObject(place, object, object.within(call), form.host, form.port)
}
