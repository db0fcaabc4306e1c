import { hostBeforePort } from '../../network/index.ts'
import { ABSENT, type Bind, type FileOrigin, type Value } from '../../evidence/index.ts'
import { readEndpoint } from '../programs/endpoint.ts'
import type { Node } from '../tree.ts'
import { mapKnown, textOf } from '../values.ts'
import { entriesOf } from './entries.ts'
import type { Evaluator } from './evaluator.ts'
import { PPROF } from './frameworks.ts'
import { isTestFile } from './project.ts'
import type { Site } from './sites.ts'
import { namedFunctionAround, parametersOf, receiverOf } from './syntax.ts'
import { type Frame, type Located, type Thing, unknown, valueOf, valueThing } from './thing.ts'

/** Calls of the function that binds which are told apart; of more, the values are taken together. */
const CALLERS = 8

export interface FoundBind {
  readonly claim: Bind
  readonly origin: FileOrigin
}

/** What a place that binds says, once for each different way in which its function is called. */
export function bindsOf(evaluator: Evaluator, site: Site): readonly FoundBind[] {
  const found = new Map<string, FoundBind>()
  for (const frame of framesOf(evaluator, site)) {
    evaluator.begin()
    for (const socket of socketsOf(evaluator, site, frame)) {
      const framework = servesProfiler(evaluator, site) ? (PPROF ?? site.known.framework) : site.known.framework
      const { defaultPort = site.known.framework.defaultPort } = framework
      const claim: Bind = {
        claim: 'bind',
        framework: framework.id,
        language: 'go',
        protocol: socket.protocol ?? framework.protocol,
        host: socket.host,
        port: socket.port,
        defaultHost: socket.defaultHost ?? framework.defaultHost,
        ...(defaultPort === undefined ? {} : { defaultPort }),
        test: isTestFile(site.node.file.path),
        entries: entriesOf(evaluator, frame?.call ?? site.node),
      }
      found.set(`${textOf(claim.host)} ${textOf(claim.port)} ${claim.protocol}`, { claim, origin: site.name.origin })
    }
  }
  return [...found.values()]
}

/** The calls of the function around the site that give it different arguments; none where nothing of the site depends on them. */
function framesOf(evaluator: Evaluator, site: Site): readonly (Frame | undefined)[] {
  const around = namedFunctionAround(site.node)
  if (around === undefined) return [undefined]
  const receiver = receiverOf(around)
  const names = [...(receiver === undefined ? [] : [receiver]), ...parametersOf(around)].map(({ name }) => name)
  if (names.length === 0) return [undefined]
  const { calls, open } = evaluator.calls.of(around)
  if (open || calls.length === 0 || calls.length > CALLERS) return [undefined]
  return calls.flatMap(({ call }) => evaluator.frameOf(call, around, undefined) ?? [])
}

interface Socket {
  readonly host: Value
  readonly port: Value
  readonly protocol?: 'tcp' | 'udp'
  readonly defaultHost?: string
}

function socketsOf(evaluator: Evaluator, site: Site, frame: Frame | undefined): readonly Socket[] {
  const network = networkOf(evaluator, site, frame)
  if (network === 'elsewhere') return []
  const given = addressOf(evaluator, site, frame)
  // Each of several addresses is one of its own, so that no host is told with the port of another.
  const options = given.kind === 'choice' && given.when === undefined ? given.options : [given]
  return options.flatMap((address) => socketAt(site, network, address) ?? [])
}

function socketAt({ known: { call, framework }, name: { origin } }: Site, network: Network, address: Value): Socket | undefined {
  const every = network.family === 4 ? '0.0.0.0' : network.family === 6 ? '::' : framework.defaultHost
  const end = readEndpoint(address, { bare: typeof knownOf(address) === 'number' ? 'port' : 'host', every: '*' }, new Map())
  if (end.kind === 'elsewhere') return undefined
  const isAbsent = end.host.kind === 'absent' && end.port.kind === 'absent'
  const variable: Value =
    framework.portVariable === undefined || call.optional !== true
      ? ABSENT
      : { kind: 'environment', name: framework.portVariable, fallback: ABSENT, emptyIsUnset: true, optional: true, origin }
  // A socket of any free port is there to send from.
  const isFree = isAbsent || knownOf(end.port) === '0' || knownOf(end.port) === 0
  if ((network.protocol ?? framework.protocol) === 'udp' && isFree) return undefined
  return {
    host: mapKnown(end.host, (text, at) => ({ kind: 'known', value: text === '' || text === '*' ? every : plain(text), origin: at })),
    port: mapKnown(isAbsent ? variable : end.port, portNamed),
    ...(network.protocol === undefined ? {} : { protocol: network.protocol }),
    ...(every === framework.defaultHost ? {} : { defaultHost: every }),
  }
}

/** `[::1]` as a fallback of what `net.JoinHostPort` puts together is `::1`. */
const plain = (text: string | number | boolean): string | number | boolean => /^\[(.+)\]$/.exec(String(text))?.[1] ?? text

const knownOf = (value: Value): string | number | boolean | undefined => (value.kind === 'known' ? value.value : undefined)

/** Names of ports that Go knows itself (net/port_unix.go reads /etc/services; net/lookup.go has these). */
const SERVICES: Readonly<Record<string, number>> = { http: 80, https: 443, domain: 53, ftp: 21, ssh: 22, telnet: 23, smtp: 25 }

function portNamed(value: string | number | boolean, origin: FileOrigin): Value {
  const named = Object.hasOwn(SERVICES, String(value)) ? SERVICES[String(value)] : undefined
  return { kind: 'known', value: named ?? value, origin }
}

interface Network {
  readonly protocol?: 'tcp' | 'udp'
  readonly family?: 4 | 6
}

function networkOf(evaluator: Evaluator, site: Site, frame: Frame | undefined): Network | 'elsewhere' {
  const { call } = site.known
  const thing =
    call.network !== undefined
      ? argument(evaluator, site, call.network, frame)
      : call.field?.network === undefined
        ? undefined
        : fieldOf(evaluator, site, call.field.network, call.field.of, frame)
  const text = thing === undefined ? undefined : knownOf(valueOf(thing, site.name.origin))
  if (typeof text !== 'string' || text === '') return {}
  const [, protocol, family] = /^(tcp|udp)([46])?(?:-tls)?$/.exec(text) ?? []
  if (protocol === undefined) return 'elsewhere'
  return { protocol: protocol === 'udp' ? 'udp' : 'tcp', ...(family === undefined ? {} : { family: family === '6' ? 6 : 4 }) }
}

function addressOf(evaluator: Evaluator, site: Site, frame: Frame | undefined): Value {
  const { call } = site.known
  const { origin } = site.name
  if (site.given === undefined && call.address !== undefined)
    return { kind: 'unknown', reason: 'given by whoever calls the function', origin }
  if (call.field !== undefined) return valueOf(fieldOf(evaluator, site, call.field.name, call.field.of, frame), origin)
  const node = call.address === undefined ? undefined : site.given?.[call.address]
  if (node === undefined) return ABSENT
  // `r.Run(address...)`.
  if (node.kind === 'variadic_argument') return { kind: 'unknown', reason: 'one of a list that is not known', origin: node.origin }
  const thing = evaluator.evaluate({ node, frame })
  return isSocketAddress(thing) ? socketAddress(evaluator, thing, node) : valueOf(thing, node.origin)
}

/** `&net.TCPAddr{…}`, rather than a text. */
function isSocketAddress(thing: Thing): boolean {
  const inner = thing.kind === 'place' ? thing.thing : thing
  return inner.kind === 'struct' || inner.kind === 'zero' || (inner.kind === 'several' && inner.options.every(isSocketAddress))
}

function socketAddress(evaluator: Evaluator, thing: Thing, node: Node): Value {
  const { origin } = node
  const [host, port] = ['IP', 'Port'].map((name) => valueOf(evaluator.member(thing, name, origin), origin))
  const text = mapKnown(host ?? ABSENT, (value, at) => ({
    kind: 'known',
    value: hostBeforePort(String(value)),
    origin: at,
  }))
  return { kind: 'joined', parts: [text, { kind: 'known', value: ':', origin }, port ?? ABSENT], origin }
}

function argument(evaluator: Evaluator, site: Site, index: number, frame: Frame | undefined): Thing | undefined {
  const node = site.given?.[index]
  return node === undefined ? undefined : evaluator.evaluate({ node, frame })
}

/** A field of what the method is called on, or of an argument. */
function fieldOf(evaluator: Evaluator, site: Site, name: string, of: number | undefined, frame: Frame | undefined): Thing {
  const { origin } = site.name
  const node = of === undefined ? site.receiver : site.given?.[of]
  if (node === undefined) return unknown('given by whoever calls the function', origin)
  const located: Located = { node, frame }
  const thing = evaluator.members(evaluator.evaluate(located), site.through, origin)
  const found = evaluator.member(thing, name, origin)
  // A server that comes from a package outside.
  return found.kind === 'external' ? valueThing(valueOf(found, origin)) : found
}

/** Whether the profiler of Go is served beside, on the multiplexer that a `nil` handler is. */
function servesProfiler(evaluator: Evaluator, { known: { call, framework }, given, receiver, node }: Site): boolean {
  if (framework.id !== 'net/http') return false
  const handler =
    call.name === 'net/http.ListenAndServe'
      ? given?.[1]
      : receiver === undefined
        ? undefined
        : valueOf(evaluator.member(evaluator.evaluate({ node: receiver, frame: undefined }), 'Handler', node.origin), node.origin)
  if (handler === undefined) return false
  const isDefault =
    handler.kind === 'absent' || handler.kind === 'nil' || ('content' in handler && handler.content === 'http.DefaultServeMux')
  if (!isDefault) return false
  const { project } = evaluator
  return project.packageOf(node.file.path).some((path) => project.importsOf(path).includes('net/http/pprof'))
}
