import { ABSENT, type Bind, type FileOrigin, type Value } from '../../evidence/index.ts'
import { readEndpoint } from '../programs/endpoint.ts'
import { frameOf, spread } from './calls.ts'
import { argumentsOf, type CallArguments } from './call-arguments.ts'
import { runsOf } from './entries.ts'
import type { Evaluator } from './evaluator.ts'
import { servesApplication } from './frameworks.ts'
import { callersOf, callShape } from './parameters.ts'
import { receiverOf } from './classes.ts'
import { settingsOfObject } from './receiver.ts'
import { asPinned } from './pinned.ts'
import type { BindCall, PythonFramework, Slot } from './row.ts'
import type { Site } from './sites.ts'
import { escaped, functionAround, parametersOf } from './syntax.ts'
import { inTestFunction, isTestCode } from './test-code.ts'
import { type Frame, type Located, mapAbsent, mapKnown, NONE, several, type Thing, textOf, valueOf, valueThing } from './thing.ts'
import { writesTo } from './writes.ts'
import type { Node } from '../tree.ts'

/** Calls of the function that binds which are told apart; of more, the values are taken together. */
const CALLERS = 8

export interface FoundBind {
  readonly claim: Bind
  readonly origin: FileOrigin
}

/** What a place that binds says, once for each different way in which its function is called. */
export function bindsOf(evaluator: Evaluator, site: Site): readonly FoundBind[] {
  const found = new Map<string, { readonly claim: Omit<Bind, 'entries' | 'asProgram'>; readonly ways: Node[] }>()
  const framework = asPinned(evaluator.project, site.known.framework, site.node.file)
  for (const { frame, way } of framesOf(evaluator, site)) {
    for (const socket of socketsOf(evaluator, site, framework, frame)) {
      const { host, port, protocol } = socket
      const { defaultHost = framework.defaultHost } = socket
      const emptyHost = everyOf(site)
      const key = `${textOf(host)} ${textOf(port)} ${protocol ?? framework.protocol}`
      const same = found.get(key)
      if (same !== undefined) {
        same.ways.push(way)
        continue
      }
      const claim = {
        claim: 'bind' as const,
        framework: framework.id,
        language: 'python' as const,
        protocol: protocol ?? framework.protocol,
        host,
        port,
        defaultHost,
        ...(emptyHost === defaultHost ? {} : { emptyHost }),
        ...(framework.defaultPort === undefined ? {} : { defaultPort: framework.defaultPort }),
        test: isTestCode(site.node.file) || inTestFunction(site.node),
      }
      found.set(key, { claim, ways: [way] })
    }
  }
  return [...found.values()].map(({ claim, ways }) => ({
    claim: { ...claim, ...runsOf(evaluator, site.node, servesApplication(site.known), ways) },
    origin: site.name.origin,
  }))
}

/** The calls of the function around the site that give it different arguments, each with its place; the site alone where nothing of it depends on them. */
function framesOf(evaluator: Evaluator, site: Site): readonly { readonly frame: Frame | undefined; readonly way: Node }[] {
  const whole = [{ frame: undefined, way: site.node }]
  const around = functionAround(site.node)
  if (around === undefined) return whole
  const names = parametersOf(around).map((parameter) => parameter.name)
  const mentioned = names.some((name) => new RegExp(`\\b${escaped(name)}\\b`).test(around.content))
  const callers = mentioned ? callersOf(evaluator, around) : []
  if (callers === 'many' || callers.length === 0 || callers.length > CALLERS) return whole
  const self = receiverOf(around, names[0] ?? '')
  return callers.map((caller) => ({ frame: frameOf(evaluator, around, self, caller.given), way: caller.call }))
}

interface Socket {
  readonly host: Value
  readonly port: Value
  readonly protocol?: 'tcp' | 'udp'
  readonly defaultHost?: string
}

function socketsOf(evaluator: Evaluator, site: Site, framework: PythonFramework, frame: Frame | undefined): readonly Socket[] {
  const { call } = site.known
  const given = framed(site.given, frame)
  const origin = site.node.origin
  if (!isMeant(evaluator, call, given)) return []
  if (isElsewhere(evaluator, call, given) || isServedBySockets(evaluator, site)) return []
  const object = settingsOfObject(evaluator, site)
  const family = site.socket
  const every = everyOf(site)
  const endpoints = endpointsOf(evaluator, call, given, origin)
  if (endpoints === 'elsewhere') return []
  const ownPort = mapAbsent(setLater(evaluator, site, call.port, own(evaluator, given, call.port, origin)), object.port)
  const port = mapAbsent(ownPort, variable(framework.portVariable, origin))
  const first = withNone(own(evaluator, given, call.host, origin), given, call, evaluator, origin)
  const ownHost = mapAbsent(setLater(evaluator, site, call.host, first), object.host)
  const host = mapAbsent(ownHost, variable(framework.hostVariable, origin))
  const sockets =
    endpoints.length === 0
      ? [{ host, port }]
      : endpoints.map((end) => ({ host: end.host.kind === 'absent' ? host : end.host, port: end.port.kind === 'absent' ? port : end.port }))
  return sockets
    .map((socket) => ({
      ...socket,
      host: mapKnown(socket.host, (value, at) => plain(value, every, at)),
      ...(family === undefined ? {} : { protocol: family.protocol, ...(family.ipv6 ? { defaultHost: '::' } : {}) }),
    }))
    .filter((socket) => !(family?.protocol === 'udp' && socket.port.kind === 'known' && socket.port.value === 0))
}

/** What the empty text binds. */
const everyOf = ({ socket, known: { call } }: Site): string => (socket?.ipv6 === true ? '::' : (call.every ?? '*'))

function framed(given: CallArguments, frame: Frame | undefined): CallArguments {
  if (frame === undefined) return given
  const put = (one: Located): Located => ({ node: one.node, frame })
  return {
    positional: given.positional.map(put),
    keywords: new Map([...given.keywords].map(([name, one]) => [name, put(one)])),
    lists: given.lists.map(put),
    mappings: given.mappings.map(put),
  }
}

/** What is given in a slot; `undefined`: nothing is. */
function slot(evaluator: Evaluator, given: CallArguments, { keywords = [], position }: Slot): Thing | undefined {
  for (const name of keywords) {
    const keyword = given.keywords.get(name)
    if (keyword !== undefined) return evaluator.ask(keyword)
  }
  const positional = position === undefined ? undefined : given.positional[position]
  if (positional !== undefined) return evaluator.ask(positional)
  if (position !== undefined && given.lists.length > 0) return fromList(evaluator, given, position)
  return keywords.map((name) => spread(evaluator, given, name)).find((thing) => thing !== undefined)
}

function fromList(evaluator: Evaluator, given: CallArguments, position: number): Thing | undefined {
  const [list] = given.lists
  return list === undefined ? undefined : evaluator.item(evaluator.ask(list), position - given.positional.length, list.node.origin)
}

/** Whether the call binds at all, which one of the two may say. */
function isMeant(evaluator: Evaluator, { needs, where }: BindCall, given: CallArguments): boolean {
  if (needs === undefined && where === undefined) return true
  return (needs !== undefined && slot(evaluator, given, needs) !== undefined) || (where !== undefined && mayBe(evaluator, given, where))
}

/** Whether what is given in a slot is one of these, as far as that can be told. */
function mayBe(
  evaluator: Evaluator,
  given: CallArguments,
  { slot: where, is }: { readonly slot: Slot; readonly is: readonly string[] },
): boolean {
  const thing = slot(evaluator, given, where)
  if (thing === undefined || isNone(thing)) return false
  const text = evaluator.text(thing)
  return text === undefined || is.includes(text)
}

/** Whether a Unix socket or the like surely takes the place of the port. */
function isElsewhere(evaluator: Evaluator, call: BindCall, given: CallArguments): boolean {
  const thing = call.elsewhere === undefined ? undefined : slot(evaluator, given, call.elsewhere)
  if (thing === undefined) return false
  if (given.keywords.has('sock') || given.keywords.has('sockets')) return !isNone(thing)
  const value = thing.kind === 'value' ? thing.value : undefined
  const perhaps =
    value?.kind === 'absent' ||
    value?.kind === 'unknown' ||
    value?.kind === 'choice' ||
    (value?.kind === 'environment' && value.fallback.kind === 'absent')
  return !perhaps
}

/** `uvicorn.Server(config).serve(sockets=[sock])`, wherever something is served with this. */
function isServedBySockets(evaluator: Evaluator, { known: { call }, node }: Site): boolean {
  const { served } = call
  const module = served === undefined ? undefined : evaluator.moduleOf(node)
  if (served === undefined || module === undefined) return false
  const starts = served.methods
    .flatMap((method) => module.occurrences(method))
    .flatMap((name) => {
      const shape = name.parent?.kind === 'attribute' && name.parent.field('attribute') === name ? callShape(name) : undefined
      const object = shape === undefined ? undefined : name.parent?.field('object')
      const server = object === undefined ? undefined : evaluator.ask({ node: object, frame: undefined })
      const made = server?.kind === 'external' && server.call !== undefined ? argumentsOf(server.call.node, server.call.frame) : undefined
      const config = made?.positional[0] ?? made?.keywords.get('config')
      const thing = config === undefined ? undefined : evaluator.ask(config)
      return shape !== undefined && thing?.kind === 'external' && thing.call?.node === node
        ? [slot(evaluator, shape.given, served.sockets)]
        : []
    })
  return starts.length > 0 && starts.every((sockets) => sockets !== undefined && !isNone(sockets))
}

function isNone(thing: Thing): boolean {
  return thing.kind === 'value' && thing.value.kind === 'absent'
}

function own(evaluator: Evaluator, given: CallArguments, where: Slot | undefined, origin: FileOrigin): Value {
  const thing = where === undefined ? undefined : slot(evaluator, given, where)
  return thing === undefined ? ABSENT : valueOf(thing, origin)
}

/** What the framework reads itself where nothing gives it. */
const variable = (name: string | undefined, origin: FileOrigin): Value =>
  name === undefined ? ABSENT : { kind: 'environment', name, fallback: ABSENT, emptyIsUnset: true, optional: true, origin }

/** `config = uvicorn.Config(app); config.host = …`. */
function setLater(evaluator: Evaluator, site: Site, where: Slot | undefined, value: Value): Value {
  const statement = site.node.parent
  const name = statement?.kind === 'assignment' && statement.field('right') === site.node ? statement.field('left')?.content : undefined
  const module = evaluator.moduleOf(site.node)
  if (name === undefined || module === undefined) return value
  const writes = (where?.keywords ?? [])
    .flatMap((keyword) => writesTo(module, name, keyword))
    .filter((write) => write.node.start > site.node.end)
  const last = writes.at(-1)
  if (last === undefined) return value
  const things = writes.map((write) => write.thing(evaluator, undefined, valueThing(value)))
  const isSure = last.node.parent?.parent === statement?.parent?.parent
  return valueOf(isSure ? (things.at(-1) ?? NONE) : several([valueThing(value), ...things], site.node.origin), site.node.origin)
}

/** `host=None` is every address for some, and the same as leaving it out for others. */
function withNone(value: Value, given: CallArguments, call: BindCall, evaluator: Evaluator, origin: FileOrigin): Value {
  if (call.none === undefined || call.host === undefined || slot(evaluator, given, call.host) === undefined) return value
  // What the command line gives is not known, though a program may be started without it.
  return isOpenArgument(value) ? value : mapAbsent(value, { kind: 'known', value: call.none, origin })
}

const isOpenArgument = (value: Value): boolean =>
  value.kind === 'argument' && (value.fallback.kind === 'absent' || isOpenArgument(value.fallback))

/** The empty text and other spellings of every address, made plain. */
function plain(value: string | number | boolean, every: string, origin: FileOrigin): Value {
  const text = String(value).trim()
  if (text === '') return { kind: 'known', value: every, origin }
  if (text === '0') return { kind: 'known', value: '0.0.0.0', origin }
  const bracketed = /^\[(.*)\]$/.exec(text)?.[1]
  return { kind: 'known', value: bracketed ?? text, origin }
}

interface End {
  readonly host: Value
  readonly port: Value
}

function endpointsOf(evaluator: Evaluator, call: BindCall, given: CallArguments, origin: FileOrigin): readonly End[] | 'elsewhere' {
  const thing =
    call.attribute === undefined
      ? call.endpoint === undefined
        ? undefined
        : slot(evaluator, given, call.endpoint)
      : attributeOf(evaluator, call, given)
  if (thing === undefined || isNone(thing)) return []
  return endsOf(evaluator, thing, call.endpoint?.bare ?? 'host', origin)
}

/** `config.bind`, as it was set on the argument before. */
function attributeOf(evaluator: Evaluator, call: BindCall, given: CallArguments): Thing | undefined {
  const of = call.attribute?.of
  const located = of === undefined ? undefined : (given.keywords.get(of.keywords?.[0] ?? '') ?? given.positional[of.position ?? -1])
  if (located === undefined || call.attribute === undefined) return undefined
  const last = evaluator.moduleOf(located.node)?.writes(located.node.content, call.attribute.name).at(-1)
  if (last !== undefined) return evaluator.ask({ node: last.value, frame: located.frame })
  const thing = evaluator.ask(located)
  return thing.kind === 'external' && thing.call !== undefined && thing.name.endsWith('Config()')
    ? undefined
    : evaluator.member(thing, call.attribute.name, located.node.origin)
}

/** A pair, a list of texts, a text `host:port`, or a port alone. */
export function endsOf(evaluator: Evaluator, thing: Thing, bare: 'host' | 'port', origin: FileOrigin): readonly End[] | 'elsewhere' {
  if (thing.kind === 'several') {
    const ends = thing.options.map((option) => endsOf(evaluator, option, bare, origin))
    const network = ends.flatMap((end) => (end === 'elsewhere' ? [] : end))
    return network.length === 0 ? 'elsewhere' : network
  }
  if (thing.kind === 'sequence') {
    const [first, second] = thing.items
    if (first === undefined) return []
    const texts = thing.items.map((item) => (item.node.kind === 'tuple' ? undefined : evaluator.value(item)))
    const isPair = thing.items.length >= 2 && !isEndpointText(texts[1]) && !isEndpointText(texts[0])
    if (isPair && second !== undefined) return [{ host: evaluator.value(first), port: evaluator.value(second) }]
    const ends = thing.items.map((item) => endsOf(evaluator, evaluator.ask(item), bare, origin))
    const network = ends.flatMap((end) => (end === 'elsewhere' ? [] : end))
    return network.length === 0 ? 'elsewhere' : network
  }
  const value = valueOf(thing, origin)
  const texts =
    value.kind === 'known'
      ? String(value.value)
          .split(/[,\s]+/)
          .filter((text) => text !== '' || value.value === '')
      : []
  const values: readonly Value[] = value.kind === 'known' ? texts.map((text) => ({ ...value, value: text })) : [value]
  const ends = values.map((one) => readEndpoint(one, { bare: bare === 'port' ? 'either' : 'host', every: '*' }, new Map()))
  const network = ends.flatMap((end) => (end.kind === 'network' ? [end] : []))
  return network.length === 0 ? 'elsewhere' : network
}

/** `"0.0.0.0:80"`, `"unix:/run/x"` in a list of endpoints, as against a host or a port of a pair. */
function isEndpointText(value: Value | undefined): boolean {
  return (
    value?.kind === 'known' &&
    typeof value.value === 'string' &&
    (/^(?:[^:]*|\[[^\]]*\]):\d*$/.test(value.value) || value.value.includes('/'))
  )
}
