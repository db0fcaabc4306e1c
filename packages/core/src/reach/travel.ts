import {
  type Address,
  type AddressSet,
  difference,
  type Family,
  FAMILY_ADDRESSES,
  hasAddress,
  includes,
  intersection,
  isEmpty,
  isLoopback,
  isUnspecified,
  NO_ADDRESSES,
  overlaps,
  type SourceSet,
  sourceSet,
  unmap,
} from '../network/index.ts'
import { type Protocol, type Shown, show, type Socket } from '../evidence/index.ts'
import type { Destination } from './asked.ts'
import type { NamespaceModel } from './host.ts'
import type { Senders } from './neighbours.ts'
import type { Elsewhere, Reason } from './netfilter/index.ts'
import { routesLoopback } from './netfilter-host.ts'
import type { Entry, PathStep, Sender } from './reach.ts'
import { type Cast, isGroup, routingOf } from './routing.ts'
import { takesFamily } from './sockets.ts'
import type { Port } from './topology.ts'
import type { FromInternet } from './upstream.ts'

/** Some first packets on their way: alike in all but their source. */
export interface Travel {
  /** Who sends them; walked together, and told apart where they end. A public address on the link is a neighbour and of the internet. */
  readonly parties: readonly Party[]
  readonly family: Family
  readonly protocol: Protocol
  readonly at: { readonly address: Address; readonly port: number }
  /** Of the address that they are sent to. */
  readonly cast: Cast
  /** Alike for ports that no rule on the way tells apart. */
  readonly portClass: () => number
  readonly entry: Entry
}

export interface Party {
  readonly sender: Sender
  readonly upstream: Shown | undefined
  readonly sources: SourceSet
}

/** They as they are at one step. */
export interface Packet {
  /** As the rules of the present namespace see them. */
  readonly sources: SourceSet
  /** Who sent them, where a translation of the source has hidden it. */
  readonly senders?: SourceSet
  readonly address: Address
  readonly port: number
  readonly path: readonly PathStep[]
  readonly reasons: readonly Reason[]
  readonly certain: boolean
}

export const NOBODY: Senders = {
  private: NO_ADDRESSES,
  internet: NO_ADDRESSES,
  doubtful: { addresses: NO_ADDRESSES, reason: show('') },
}

interface Sent {
  readonly parties: readonly Party[]
  /** Why the kernel may refuse them. */
  readonly doubts: readonly Reason[]
}

/** Who sends to the destination: those whom the kernel surely takes packets from, and those whom it may refuse. Neither without anybody. */
export function partiesTo({ cast }: Destination, way: FromInternet, senders: Senders, containers: AddressSet): readonly Sent[] {
  const beyond = way.kind === 'unroutable' || isGroup(cast) ? NO_ADDRESSES : senders.internet
  const by = way.kind === 'conditional' ? way.by : senders.internetBy
  const { addresses: doubtful, reason } = senders.doubtful
  const sure: readonly Party[] = [
    party('private', difference(senders.private, doubtful)),
    party('host', isGroup(cast) ? NO_ADDRESSES : containers),
    party('internet', difference(beyond, doubtful), by),
  ]
  const unsure = [party('private', intersection(senders.private, doubtful)), party('internet', intersection(beyond, doubtful), by)]
  return [
    { parties: sure.filter(isSomebody), doubts: [] },
    { parties: unsure.filter(isSomebody), doubts: [{ text: reason }] },
  ].filter(({ parties }) => parties.length > 0)
}

function party(sender: Sender, addresses: AddressSet, upstream?: Shown): Party {
  return { sender, upstream, sources: sourceSet(addresses) }
}

function isSomebody({ sources }: Party): boolean {
  return !isEmpty(sources)
}

/** Equal for the same reasons of the same rules. */
export function reasonsKey(reasons: readonly Reason[]): string {
  return reasons.map(({ text, origin }) => `${origin?.table ?? ''} ${origin?.chain ?? ''} ${origin?.index ?? ''} ${text}`).join()
}

/** Whether a packet that came in at `port` and got any of these destinations could be handed to the socket. */
export function mayReceive(
  port: Port,
  namespace: NamespaceModel,
  socket: Socket,
  { protocol, family }: Pick<Travel, 'protocol' | 'family'>,
  { addresses, ports }: Elsewhere,
): boolean {
  if (socket.protocol !== protocol || !takesFamily(socket, family) || !includes(ports, socket.port)) return false
  const address = unmap(socket.address)
  if (isUnspecified(address)) return overlaps(addresses, intersection(routingOf(namespace).locals('local'), FAMILY_ADDRESSES[family]))
  if (isLoopback(address) && !(namespace === port.namespace && family === 4 && routesLoopback(port))) return false
  return hasAddress(addresses, address)
}
