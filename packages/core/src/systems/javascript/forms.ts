import { ABSENT, type Value } from '../../evidence/index.ts'
import type { Evaluator } from './evaluator.ts'
import { type Argument, isNothing, type Meaning, optionsOf, unknownMeaning, valueOf } from './meaning.ts'
import { propertyMeaning } from './members.ts'
import { argumentList } from './calls.ts'
import { bare, FUNCTIONS, type Node } from './syntax.ts'
import { choiceOf, convert, known, unknown } from './values.ts'

/** How a call says where to listen. */
export type Form =
  /** net.Server.listen: (port | path | handle | options, host, backlog, callback). */
  | { readonly form: 'net' }
  /** dgram.Socket.bind: (port | options, address, callback). */
  | { readonly form: 'dgram' }
  /** One argument with named options; `inside` leads to them. Listens only where `only` is given (if set) and none of `unless` is. */
  | {
      readonly form: 'options'
      readonly at: number
      readonly inside?: readonly string[]
      readonly port: string
      readonly host: string
      readonly only?: string
      readonly unless?: readonly string[]
    }
  /** (port): a number listens on every interface; anything else is a server that someone else starts. */
  | { readonly form: 'port' }
  /** One text `host:port`. */
  | { readonly form: 'address'; readonly at: number }
  /** The options given when the server was made, `port` overridden by the first argument. */
  | { readonly form: 'made'; readonly inside: readonly string[]; readonly port: string; readonly host: string }

/** What one call does. `row`: another row of the table than the call's own. */
export type Listening =
  | { readonly kind: 'binds'; readonly host: Value; readonly port: Value; readonly row?: string; readonly place?: Node }
  /** A Unix socket, a handle that was passed in, a server that someone else starts. */
  | { readonly kind: 'elsewhere' }

export interface ListenCall {
  readonly call: Node
  readonly arguments: readonly Argument[]
  /** The server, where one was made before. */
  readonly server: Meaning | undefined
}

const ELSEWHERE: Listening = { kind: 'elsewhere' }

export function readForm(form: Form, call: ListenCall, evaluator: Evaluator): Listening {
  switch (form.form) {
    case 'net':
      return net(call, 'host', evaluator)
    case 'dgram':
      return datagram(call, evaluator)
    case 'options':
      return named(form, call.arguments[form.at], call.call, evaluator)
    case 'port':
      return portOnly(call, evaluator)
    case 'address':
      return address(call.arguments[form.at], call.call)
    case 'made':
      return made(form, call, evaluator)
    default:
      return form satisfies never
  }
}

function net(call: ListenCall, hostName: string, evaluator: Evaluator): Listening {
  const [first, second] = call.arguments
  const random = known(0, call.call.origin)
  const target = first?.meaning()
  if (first === undefined || target === undefined || isNothing(target) || isCallback(first, target)) return { kind: 'binds', host: ABSENT, port: random }
  const options = optionsOf(target)
  const object = options.find((option) => OBJECTS.has(option.kind))
  if (object !== undefined) return fromOptions(object, hostName, call.call, evaluator)
  const values = options.flatMap((option) => (option.kind === 'server' || option.kind === 'library' || option.kind === 'function' ? [] : [valueOf(option, originOf(first, call.call))]))
  const port = portOf(values, call.call)
  if (port === undefined) return ELSEWHERE
  if (port.kind === 'unknown' && second === undefined && isOptionsName(first.node)) return { kind: 'binds', host: unknown(`the options of the call are not followed: ${port.reason}`, port.origin), port }
  return { kind: 'binds', host: hostOf(second, call.arguments.length > 2, call.call), port }
}

const OBJECTS: ReadonlySet<Meaning['kind']> = new Set(['object', 'instance', 'json', 'options', 'merged', 'wrapped', 'environment'])

const originOf = (argument: Argument, call: Node) => (argument.node === undefined ? call : bare(argument.node)).origin

/** `listen(options)` where the options are not known is told from `listen(port)` by what people call them. */
const isOptionsName = (node: Node | undefined): boolean => node !== undefined && /(?:opts|options|config|conf|settings|address|listen)\)?$/i.test(node.content)

function fromOptions(object: Meaning, hostName: string, call: Node, evaluator: Evaluator): Listening {
  const get = (name: string): Meaning => propertyMeaning(object, name, call, evaluator)
  const [path, handle] = [get('path'), get('fd')]
  const isGiven = (meaning: Meaning): boolean => !isNothing(meaning) && !(meaning.kind === 'value' && meaning.value.kind === 'unknown')
  if (isGiven(path) || isGiven(handle)) return ELSEWHERE
  const given = get('port')
  const port = isNothing(given) ? known(0, call.origin) : portOf([valueOf(given, call.origin)], call)
  return port === undefined ? ELSEWHERE : { kind: 'binds', host: hostValue(valueOf(get(hostName), call.origin)), port }
}

/** `undefined`: no port at all but the path of a socket. */
function portOf(values: readonly Value[], call: Node): Value | undefined {
  const ports = values.flatMap((value) => (value.kind === 'choice' ? value.options : [value])).flatMap((value) => portValue(value) ?? [])
  return ports.length === 0 ? undefined : choiceOf(ports, call.origin)
}

/** A port as a number where it is known; `undefined` for what is none: a socket's path, `false`. */
export function portValue(value: Value): Value | undefined {
  if (value.kind === 'known') {
    if (typeof value.value === 'boolean') return undefined
    const text = String(value.value).trim()
    const number = Number(text)
    return text === '' ? known(0, value.origin) : Number.isInteger(number) && number >= 0 && number <= 65_535 ? known(number, value.origin) : undefined
  }
  if (value.kind === 'environment' || value.kind === 'argument') {
    if (value.fallback.kind === 'absent' && /SOCK(?:ET)?(?:_?PATH|_?FILE)?$|_PATH$/.test(value.name)) return undefined
    const fallback = value.fallback.kind === 'absent' ? ABSENT : portValue(value.fallback)
    return { ...value, fallback: fallback ?? ABSENT }
  }
  if (value.kind === 'choice') return portOf(value.options, { origin: value.origin } as Node)
  return value
}

/** A host as the platform takes it: an empty one is none. */
export function hostValue(value: Value): Value {
  const plain = convert(value, (given, origin) => (given === '' || given === false ? ABSENT : given === true ? known('::', origin) : known(given, origin)))
  // Without a fallback of its own an empty variable is what the platform takes for none.
  return plain.kind === 'environment' && plain.fallback.kind === 'absent' ? { ...plain, emptyIsUnset: true } : plain
}

/** The second argument of `listen`: a host, a backlog or the callback. */
function hostOf(argument: Argument | undefined, moreFollow: boolean, call: Node): Value {
  if (argument === undefined) return ABSENT
  const meaning = argument.meaning()
  if (isCallback(argument, meaning)) return ABSENT
  const value = valueOf(meaning, originOf(argument, call))
  if (value.kind === 'known' && typeof value.value === 'number') return ABSENT
  return value.kind === 'unknown' && !moreFollow && looksLikeCallback(argument.node) ? ABSENT : hostValue(value)
}

function isCallback(argument: Argument, meaning: Meaning): boolean {
  const node = argument.node === undefined ? undefined : bare(argument.node)
  return meaning.kind === 'function' || meaning.kind === 'library' || (node !== undefined && FUNCTIONS.has(node.kind))
}

const CALLBACK = /^(?:cb|callback|done|next|resolve|reject|fn|ready|listener|on[A-Z]\w*|\w*(?:Callback|Handler|Listener|Cb|Resolve))$/

/** Something that is not known, called as callbacks are. */
function looksLikeCallback(node: Node | undefined): boolean {
  if (node === undefined) return false
  const inner = bare(node)
  const name = inner.kind === 'member_expression' ? inner.field('property')?.content : inner.content
  if (name !== undefined && CALLBACK.test(name)) return true
  return inner.kind === 'call_expression' && /(?:\.bind|promisify|once|debug|logger?)$/.test(inner.field('function')?.content ?? '')
}

function datagram(call: ListenCall, evaluator: Evaluator): Listening {
  const type = socketType(call.server, call.call, evaluator)
  const row = type === 'udp6' ? { row: 'node:dgram:udp6' } : {}
  const [first, second] = call.arguments
  const target = first?.meaning()
  if (first === undefined || target === undefined || isNothing(target) || isCallback(first, target)) return { kind: 'binds', host: ABSENT, port: known(0, call.call.origin), ...row }
  if (OBJECTS.has(target.kind)) {
    const found = fromOptions(target, 'address', call.call, evaluator)
    return found.kind === 'binds' ? { ...found, ...row } : found
  }
  const port = portOf([valueOf(target, originOf(first, call.call))], call.call)
  return port === undefined ? ELSEWHERE : { kind: 'binds', host: hostOf(second, call.arguments.length > 2, call.call), port, ...row }
}

/** `dgram.createSocket('udp6')` or `createSocket({ type: 'udp6' })`. */
function socketType(server: Meaning | undefined, call: Node, evaluator: Evaluator): string | undefined {
  if (server?.kind !== 'server') return undefined
  const [first] = argumentList(server.made, server.frame, evaluator)
  const meaning = first?.meaning()
  const type = meaning !== undefined && OBJECTS.has(meaning.kind) ? propertyMeaning(meaning, 'type', call, evaluator) : meaning
  return type?.kind === 'value' && type.value.kind === 'known' ? String(type.value.value) : undefined
}

type NamedForm = Extract<Form, { readonly form: 'options' }>

function named(form: NamedForm, argument: Argument | undefined, call: Node, evaluator: Evaluator): Listening {
  let options = argument?.meaning()
  if (options === undefined || isNothing(options) || options.kind === 'function') return form.only === undefined ? { kind: 'binds', host: ABSENT, port: ABSENT } : ELSEWHERE
  for (const name of form.inside ?? []) options = propertyMeaning(options, name, call, evaluator)
  if (options.kind === 'value' && options.value.kind === 'unknown') {
    return { kind: 'binds', host: unknown(`the options of the call are not followed: ${options.value.reason}`, options.value.origin), port: options.value }
  }
  const source: Meaning = options.kind === 'result' || options.kind === 'library' ? unknownMeaning(reasonOf(options), call.origin) : options
  const get = (name: string): Meaning => propertyMeaning(source, name, call, evaluator)
  const given = (name: string): boolean => !isNothing(get(name))
  if (form.unless?.some((name) => given(name) && !isFalse(get(name))) === true && (form.only === undefined || !isKnown(get(form.only)))) return ELSEWHERE
  if (form.only !== undefined && !given(form.only)) return ELSEWHERE
  const port = isNothing(get(form.port)) ? ABSENT : portValue(valueOf(get(form.port), call.origin))
  return port === undefined ? ELSEWHERE : { kind: 'binds', host: hostValue(valueOf(get(form.host), call.origin)), port }
}

const isFalse = (meaning: Meaning): boolean => meaning.kind === 'value' && meaning.value.kind === 'known' && meaning.value.value === false

const isKnown = (meaning: Meaning): boolean => meaning.kind === 'value' && meaning.value.kind !== 'unknown' && meaning.value.kind !== 'absent'

function reasonOf(meaning: Meaning): string {
  const value = valueOf(meaning, { kind: 'file' } as never)
  return value.kind === 'unknown' ? value.reason : 'the options of the call are not followed'
}

function portOnly(call: ListenCall, evaluator: Evaluator): Listening {
  const [first] = call.arguments
  const target = first?.meaning()
  if (first === undefined || target === undefined) return ELSEWHERE
  const values = optionsOf(target).flatMap((option) => (option.kind === 'value' ? [option.value] : []))
  const isPort = values.some((value) => value.kind !== 'unknown' && value.kind !== 'absent') || /port$/i.test(first.node?.content ?? '')
  const port = isPort ? portOf(values, call.call) : undefined
  return port === undefined || (port.kind === 'unknown' && evaluator === undefined) ? ELSEWHERE : { kind: 'binds', host: ABSENT, port }
}

function address(argument: Argument | undefined, call: Node): Listening {
  if (argument === undefined) return ELSEWHERE
  const value = valueOf(argument.meaning(), originOf(argument, call))
  if (value.kind !== 'known') {
    const gap = value.kind === 'unknown' ? value : unknown('host and port are one text that is put together when it starts', originOf(argument, call))
    return { kind: 'binds', host: gap, port: gap }
  }
  const parts = /^\[?([^\]]*?)\]?:(\d+)$/.exec(String(value.value))
  if (parts === null) return ELSEWHERE
  return { kind: 'binds', host: hostValue(known(parts[1] ?? '', value.origin)), port: known(Number(parts[2]), value.origin) }
}

function made(form: Extract<Form, { readonly form: 'made' }>, call: ListenCall, evaluator: Evaluator): Listening {
  const { server } = call
  if (server?.kind !== 'server') return ELSEWHERE
  const [options] = argumentList(server.made, server.frame, evaluator)
  const found = named({ form: 'options', at: 0, inside: form.inside, port: form.port, host: form.host }, options, call.call, evaluator)
  const [first] = call.arguments
  const meaning = first?.meaning()
  if (found.kind !== 'binds' || first === undefined || meaning === undefined || isNothing(meaning) || isCallback(first, meaning)) return found
  return { ...found, port: portValue(valueOf(meaning, originOf(first, call.call))) ?? found.port }
}
