import { difference, FAMILIES, isEmpty, isUnspecified, type SourceSet, sourceAddresses, sourceSet, unmap } from '../network/index.ts'
import { type Evidence, type Protocol, show, type Socket } from '../evidence/index.ts'
import { type Arrival, Arrivals } from './arrivals.ts'
import { behind, type Destination, Questions } from './asked.ts'
import type { HostModel, NamespaceModel } from './host.ts'
import { Journeys } from './journeys.ts'
import { LOOP, portClasses, type RouteDecision } from './netfilter/index.ts'
import { routeOwn, rulesetsOf } from './netfilter-host.ts'
import { chosenSource, loopbackOf, ownAddresses, ownSources } from './own-packets.ts'
import type { Endpoint, FromMachine, PathStep } from './reach.ts'
import { endpointKey, endpointsOf, takesFamily } from './sockets.ts'
import type { Packet, Travel } from './travel.ts'
import { proxiedTo } from './userland-proxy.ts'

const PROTOCOLS: readonly Protocol[] = ['tcp', 'udp']
const NUMBERS = { tcp: 6, udp: 17 } as const

const NOTHING: FromMachine = { ways: [], blocked: [] }

/**
 * What the machine's own processes send to endpoints in other namespaces than the machine's: to the containers' addresses, to its own, and to
 * those that its rules name. Computed for all of them when the first is asked about.
 */
export function machineToEndpoints(host: HostModel): (endpoint: Endpoint) => FromMachine {
  let known: ReadonlyMap<string, FromMachine> | undefined
  return (endpoint) => {
    known ??= compute(host)
    return known.get(endpointKey(endpoint)) ?? NOTHING
  }
}

function compute(host: HostModel): ReadonlyMap<string, FromMachine> {
  const own = host.namespaces.get(host.own)
  if (own === undefined) return new Map()
  const arrivals = new Arrivals()
  for (const namespace of host.namespaces.values())
    if (namespace !== own) for (const endpoint of endpointsOf(namespace)) arrivals.expect(endpoint)
  sendAll(host, own, arrivals)
  for (const [socket, arrival] of unreadWays(host, own)) arrivals.arrive(socket, arrival)
  return new Map(
    arrivals.results().map(({ endpoint, ways, blocked }) => {
      const whole = ({ at, sources }: (typeof blocked)[number]): boolean =>
        isEmpty(difference(ownAddresses(own, at.address), sourceAddresses(sources)))
      return [endpointKey(endpoint), { ways, blocked: blocked.map((item) => ({ ...item, entire: whole(item) })) }]
    }),
  )
}

function sendAll(host: HostModel, own: NamespaceModel, arrivals: Arrivals): void {
  const journeys = new Journeys(host, arrivals)
  const port = { namespace: own, device: loopbackOf(own) }
  const others = behind(host, port)
  journeys.begin(others)
  const all = portClasses([...host.namespaces.values()].flatMap(rulesetsOf))
  const questions = new Questions(port, others, rulesetsOf, () => all, portsBehind(host, own))
  for (const destination of FAMILIES.flatMap((family) => [...questions.destinations(family), ...questions.named(family)])) {
    const { address, cast, rest } = destination
    if (cast !== 'unicast') continue
    const sent = sourceSet(ownAddresses(own, address))
    for (const sources of ownSources(own, address)) {
      for (const protocol of PROTOCOLS) {
        const device = deviceOf(
          routeOwn(own, { family: address.family, protocol: NUMBERS[protocol], destination: address, sources, mark: 0 }),
        )
        for (const number of questions.ports(protocol, destination)) {
          const travel = travelOf(own, protocol, destination, number, device, sent, (one) => questions.classOf(one))
          const packet = packetOf(own, travel, sources)
          if (rest === true) journeys.ofMany(port, travel, packet)
          else journeys.send(own, travel, packet)
        }
      }
    }
  }
}

/** The ports of sockets elsewhere, and those of the machine's own by which docker-proxy leads there. */
function portsBehind(host: HostModel, own: NamespaceModel): ReadonlySet<number> {
  const sockets = [...host.namespaces.values()].flatMap((namespace) =>
    namespace === own ? own.sockets.filter((socket) => proxiedTo(host, own, socket) !== undefined) : namespace.sockets,
  )
  return new Set(sockets.map(({ claim }) => claim.port))
}

function travelOf(
  own: NamespaceModel,
  protocol: Protocol,
  { address, cast }: Destination,
  port: number,
  device: string,
  sources: SourceSet,
  portClass: (port: number) => number,
): Travel {
  return {
    parties: [{ sender: 'host', upstream: undefined, sources }],
    family: address.family,
    protocol,
    at: { address, port },
    cast,
    portClass,
    entry: { namespace: own.id, device },
    own: true,
  }
}

function packetOf(own: NamespaceModel, { at }: Travel, sources: SourceSet): Packet {
  return { ...at, sources, senders: undefined, path: [sending(own, at)], reasons: [], certain: true }
}

function sending(own: NamespaceModel, at: Travel['at']): PathStep {
  const source = chosenSource(own, at.address)
  return { kind: 'send', ...at, ...(source === undefined ? {} : { source }) }
}

/** By which it leaves at first, or the first of those that it may leave by. */
function deviceOf(decision: RouteDecision): string {
  if (decision.kind === 'forward') return decision.device
  const first = decision.kind === 'one-of' ? decision.of[0] : undefined
  return first === undefined ? LOOP : deviceOf(first)
}

/** Where the machine's addresses or routes could not be read, it may reach whatever listens. */
function unreadWays(host: HostModel, own: NamespaceModel): readonly (readonly [Evidence<Socket>, Arrival])[] {
  const reasons = own.gaps.filter(({ claim }) => claim.affects.kind === 'network').map(({ claim }) => ({ text: show(claim.what) }))
  if (reasons.length === 0) return []
  return [...host.namespaces.values()]
    .filter((namespace) => namespace !== own)
    .flatMap((namespace) => namespace.sockets)
    .flatMap((socket) =>
      FAMILIES.filter((family) => takesFamily(socket.claim, family)).map((family) => {
        const bound = unmap(socket.claim.address)
        const address = isUnspecified(bound) ? { family, value: 0n } : bound
        const at = { address, port: socket.claim.port }
        const sources = sourceSet(ownAddresses(own, address))
        const path: readonly PathStep[] = [
          { kind: 'send', ...at },
          { kind: 'socket', socket },
        ]
        const entry = { namespace: own.id, device: LOOP }
        return [socket, { sender: 'host', family, certainty: 'maybe', sent: sources, sources, at, entry, path, reasons }] as const
      }),
    )
}
