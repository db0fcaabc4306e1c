import { ABSENT, type FileOrigin, type Value } from '../../../evidence/index.ts'
import type { Form, NamedOptions } from '../frameworks/form.ts'
import { argumentList } from '../values/calls.ts'
import type { Evaluator } from '../values/evaluator.ts'
import { type Argument, isNothing, isUnknown, type Meaning, NOTHING, optionsOf, valueOf } from '../values/meaning.ts'
import {
  hostValue,
  isFunctionLike,
  looksLikeCallback,
  looksLikeHandler,
  looksLikeOptions,
  looksLikeSocket,
  orElse,
  portOf,
} from './listen-values.ts'
import type { Node } from '../../tree.ts'
import { bare } from '../source/syntax.ts'
import { known, unknown } from '../values/values.ts'

/** What one call does. `row`: another row of the table than the call's own. */
export type Listening =
  | { readonly kind: 'binds'; readonly host: Value; readonly port: Value; readonly row?: string }
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
      return positional(call, 'host', evaluator, form.bare)
    case 'dgram':
      return datagram(call, evaluator)
    case 'options':
      return orVariables(form, named(form, call.arguments[form.at ?? 0], call.call, evaluator), call.call)
    case 'port':
      return portOnly(call)
    case 'port-host':
      return portAndHost(call)
    case 'address':
      return address(call.arguments[0], call.call)
    case 'transport':
      return transported(form, call, evaluator)
    case 'made':
      return made(form, call, evaluator)
    default:
      return form satisfies never
  }
}

const OBJECTS: ReadonlySet<Meaning['kind']> = new Set([
  'object',
  'instance',
  'module',
  'namespace',
  'class',
  'data',
  'options',
  'merged',
  'wrapped',
  'environment',
])

const originOf = (argument: Argument, call: Node): FileOrigin => (argument.node === undefined ? call : bare(argument.node)).origin

function positional(call: ListenCall, hostName: string, evaluator: Evaluator, bareMeans?: 'default'): Listening {
  const at = call.call.origin
  const [first, second] = call.arguments
  const target = first?.meaning()
  if (first === undefined && bareMeans === 'default') return { kind: 'binds', host: ABSENT, port: ABSENT }
  // Without a port the system chooses one.
  if (first === undefined || target === undefined || isNothing(target) || isFunctionLike(first, target))
    return { kind: 'binds', host: ABSENT, port: known(0, at) }
  const options = optionsOf(target)
  const object = options.find((option) => OBJECTS.has(option.kind))
  if (object !== undefined) {
    const all = options.every((option) => OBJECTS.has(option.kind))
    return fromObject(all ? target : object, hostName, call.call, evaluator)
  }
  // Another server or a handle; whatever else it is stays a port that is not known.
  const values = options.flatMap((option) => (option.kind === 'server' ? [] : [valueOf(option, originOf(first, call.call))]))
  // The package systemd gives `listen` this word.
  if (values.some((value) => value.kind === 'known' && value.value === 'systemd')) return inherited(call.call)
  const port = portOf(values, at)
  if (port === undefined) return ELSEWHERE
  if (port.kind === 'unknown' && looksLikeSocket(first.node)) return ELSEWHERE
  if (port.kind === 'unknown' && second === undefined && looksLikeOptions(first.node))
    return { kind: 'binds', host: unfollowed(port), port }
  return { kind: 'binds', host: hostOf(second, call.arguments.length > 2, call.call), port }
}

/** A descriptor that whoever starts the program has bound: systemd's socket activation (sd_listen_fds(3)), a process manager. */
function inherited(call: Node): Listening {
  const value = unknown('the socket is inherited from whoever starts the program', call.origin)
  return { kind: 'binds', host: value, port: value }
}

const unfollowed = (gap: Extract<Value, { readonly kind: 'unknown' }>): Value =>
  unknown(`the options of the call are not followed: ${gap.reason}`, gap.origin)

function fromObject(object: Meaning, hostName: string, call: Node, evaluator: Evaluator): Listening {
  const get = (name: string): Meaning => evaluator.property(object, name, call)
  if (isGiven(get('fd'))) return inherited(call)
  if (isGiven(get('path'))) return ELSEWHERE
  const given = get('port')
  const port = isNothing(given) ? known(0, call.origin) : portOf([valueOf(given, call.origin)], call.origin)
  return port === undefined ? ELSEWHERE : { kind: 'binds', host: hostValue(valueOf(get(hostName), call.origin)), port }
}

const isFalse = (meaning: Meaning): boolean => meaning.kind === 'value' && meaning.value.kind === 'known' && meaning.value.value === false

const isGiven = (meaning: Meaning): boolean => !isNothing(meaning) && !isUnknown(meaning) && !isFalse(meaning)

/** The second argument of `listen`: a host, a backlog or the callback. */
function hostOf(argument: Argument | undefined, moreFollow: boolean, call: Node): Value {
  if (argument === undefined) return ABSENT
  const meaning = argument.meaning()
  if (isFunctionLike(argument, meaning)) return ABSENT
  const value = valueOf(meaning, originOf(argument, call))
  if (value.kind === 'known' && typeof value.value === 'number') return ABSENT
  return value.kind === 'unknown' && !moreFollow && looksLikeCallback(argument.node) ? ABSENT : hostValue(value)
}

function datagram(call: ListenCall, evaluator: Evaluator): Listening {
  const found = positional(call, 'address', evaluator)
  return found.kind === 'binds' && socketType(call, evaluator) === 'udp6' ? { ...found, row: 'node:dgram:udp6' } : found
}

/** `dgram.createSocket('udp6')` or `createSocket({ type: 'udp6' })`. */
function socketType({ server, call }: ListenCall, evaluator: Evaluator): string | undefined {
  if (server?.kind !== 'server') return undefined
  const [first] = argumentList(server.made, server.frame, evaluator)
  const meaning = first?.meaning()
  const type = meaning !== undefined && OBJECTS.has(meaning.kind) ? evaluator.property(meaning, 'type', call) : meaning
  return type?.kind === 'value' && type.value.kind === 'known' ? String(type.value.value) : undefined
}

function named(form: NamedOptions, argument: Argument | undefined, call: Node, evaluator: Evaluator): Listening {
  const given = argument?.meaning()
  if (argument === undefined || given === undefined || isNothing(given) || isAlone(form, argument, given))
    return form.only === undefined ? { kind: 'binds', host: ABSENT, port: ABSENT } : ELSEWHERE
  let options = given
  for (const name of form.inside ?? []) if (!isNothing(options)) options = evaluator.property(options, name, call)
  if (isNothing(options)) return form.only === undefined ? { kind: 'binds', host: ABSENT, port: ABSENT } : ELSEWHERE
  const whole = valueOf(options, originOf(argument, call))
  if (whole.kind === 'unknown' && !OBJECTS.has(options.kind)) return { kind: 'binds', host: unfollowed(whole), port: unfollowed(whole) }
  const get = (name: string): Meaning => evaluator.property(options, name, call)
  const isMissing = form.only !== undefined && isNothing(get(form.only))
  if (isMissing || form.unless?.some((name) => isGiven(get(name))) === true) return ELSEWHERE
  const port = isNothing(get(form.port)) ? ABSENT : portOf([valueOf(get(form.port), call.origin)], call.origin)
  return port === undefined ? ELSEWHERE : { kind: 'binds', host: hostValue(valueOf(get(form.host), call.origin)), port }
}

/** What a variable says where the call says nothing. */
function orVariables({ variables }: NamedOptions, found: Listening, { origin }: Node): Listening {
  if (variables === undefined || found.kind !== 'binds') return found
  const { host, port } = variables
  return { ...found, host: orElse(host === undefined ? [] : [host], found.host, origin), port: orElse(port, found.port, origin) }
}

/** `serve(app)`, `Deno.serve(handler)`: no options at all; `sails.lift(rc('sails'))`: none that the folder tells. */
function isAlone(form: NamedOptions, argument: Argument, meaning: Meaning): boolean {
  if (meaning.kind === 'result' && form.gathered?.includes(meaning.of) === true) return true
  if (form.alone === undefined) return false
  if (meaning.kind === 'result') return form.alone.includes(meaning.of)
  return isFunctionLike(argument, meaning) || (isUnknown(meaning) && looksLikeHandler(argument.node))
}

/** `'0.0.0.0:50051'`: taken apart once what stands in it is known. */
function address(argument: Argument | undefined, call: Node): Listening {
  const meaning = argument?.meaning()
  if (argument === undefined || meaning === undefined || isNothing(meaning)) return ELSEWHERE
  const value = valueOf(meaning, originOf(argument, call))
  // A socket of the file system (grpc/doc/naming.md).
  if (value.kind === 'known' && /^unix(?:-abstract)?:/.test(String(value.value))) return ELSEWHERE
  return { kind: 'binds', host: value, port: value }
}

/** Nest's transports by what its enumeration has for them; the others connect to a broker and listen nowhere. */
const TRANSPORTS: ReadonlyMap<string | number, 'tcp' | 'grpc'> = new Map<string | number, 'tcp' | 'grpc'>([
  ['@nestjs/microservices#Transport.TCP', 'tcp'],
  [0, 'tcp'],
  ['@nestjs/microservices#Transport.GRPC', 'grpc'],
  [4, 'grpc'],
])

function transported(
  form: Extract<Form, { readonly form: 'transport' }>,
  { call, arguments: given, server }: ListenCall,
  evaluator: Evaluator,
): Listening {
  if (form.made === true && server?.kind !== 'server') return ELSEWHERE
  const list = form.made === true && server?.kind === 'server' ? argumentList(server.made, server.frame, evaluator) : given
  const argument = list[form.at]
  const whole = argument?.meaning() ?? NOTHING
  if (isUnknown(whole)) return { kind: 'binds', host: valueOf(whole, call.origin), port: valueOf(whole, call.origin) }
  const get = (name: string): Meaning => (isNothing(whole) ? NOTHING : evaluator.property(whole, name, call))
  if (isGiven(get('strategy'))) return ELSEWHERE
  const transport = transportOf(get('transport'))
  if (transport === undefined) return ELSEWHERE
  const options = get('options')
  const asked: Argument = { node: undefined, meaning: () => options }
  if (transport === 'tcp') {
    const found = named({ form: 'options', port: 'port', host: 'host' }, asked, call, evaluator)
    return found.kind === 'binds' ? { ...found, row: 'nest:microservice' } : found
  }
  const url = isNothing(options) ? ABSENT : valueOf(evaluator.property(options, 'url', call), call.origin)
  return { kind: 'binds', host: url, port: url, row: 'nest:grpc' }
}

function transportOf(meaning: Meaning): 'tcp' | 'grpc' | undefined {
  if (isNothing(meaning)) return 'tcp'
  const name =
    meaning.kind === 'library' ? meaning.name : meaning.kind === 'value' && meaning.value.kind === 'known' ? meaning.value.value : ''
  return typeof name === 'boolean' ? undefined : TRANSPORTS.get(name)
}

function portOnly({ call, arguments: given }: ListenCall): Listening {
  const [first] = given
  const target = first?.meaning()
  if (first === undefined || target === undefined) return ELSEWHERE
  const values = optionsOf(target).flatMap((option) => (option.kind === 'value' ? [option.value] : []))
  const isPort = values.some((value) => value.kind !== 'unknown' && value.kind !== 'absent') || /port$/i.test(first.node?.content ?? '')
  const port = isPort ? portOf(values, call.origin) : undefined
  return port === undefined ? ELSEWHERE : { kind: 'binds', host: ABSENT, port }
}

function portAndHost({ call, arguments: given }: ListenCall): Listening {
  const [port = ABSENT, host = ABSENT] = given.slice(0, 2).map((argument) => valueOf(argument.meaning(), originOf(argument, call)))
  const number = port.kind === 'absent' ? ABSENT : portOf([port], call.origin)
  return number === undefined ? ELSEWHERE : { kind: 'binds', host: hostValue(host), port: number }
}

function made(
  form: Extract<Form, { readonly form: 'made' }>,
  { call, arguments: given, server }: ListenCall,
  evaluator: Evaluator,
): Listening {
  if (server?.kind !== 'server') return ELSEWHERE
  const [options] = argumentList(server.made, server.frame, evaluator)
  const found = named({ ...form, form: 'options' }, options, call, evaluator)
  const [first] = given
  const meaning = first?.meaning()
  if (found.kind !== 'binds' || first === undefined || meaning === undefined || isNothing(meaning) || isFunctionLike(first, meaning))
    return found
  return { ...found, port: portOf([valueOf(meaning, originOf(first, call))], call.origin) ?? found.port }
}
