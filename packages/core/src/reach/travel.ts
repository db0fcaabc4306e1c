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
  unionSources,
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
  readonly portClass: (port: number) => number
  readonly entry: Entry
  /** The machine sends them itself. */
  readonly own?: true
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
  readonly senders: SourceSet | undefined
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

/** Those who send to one destination, and whom the kernel takes alike. */
export interface Sent {
  /** At least one. */
  readonly parties: readonly Party[]
  /** Of all of them. */
  readonly sources: SourceSet
  /** Why the kernel may refuse them. */
  readonly doubts: readonly Reason[]
}

/** Who sends to which destination: one and the same set wherever the same ones do, so that what is known of one destination is found for others. */
export class SendersTo {
  readonly #senders: Senders
  readonly #containers: AddressSet
  readonly #known = new Map<string, readonly Sent[]>()

  constructor(senders: Senders, containers: AddressSet) {
    this.#senders = senders
    this.#containers = containers
  }

  /** Those whom the kernel surely takes packets from, and those whom it may refuse. Neither without anybody. */
  of({ cast }: Destination, way: FromInternet): readonly Sent[] {
    const { internet, internetBy } = this.#senders
    const beyond = way.kind === 'unroutable' || isGroup(cast) ? NO_ADDRESSES : internet
    const by = isEmpty(beyond) ? undefined : way.kind === 'conditional' ? way.by : internetBy
    const key = `${isGroup(cast)} ${isEmpty(beyond)} ${by ?? ''}`
    const found = this.#known.get(key) ?? this.#sent(isGroup(cast), beyond, by)
    this.#known.set(key, found)
    return found
  }

  #sent(group: boolean, beyond: AddressSet, by: Shown | undefined): readonly Sent[] {
    const { private: neighbours, doubtful } = this.#senders
    const sure: readonly Party[] = [
      party('private', difference(neighbours, doubtful.addresses)),
      party('host', group ? NO_ADDRESSES : this.#containers),
      party('internet', difference(beyond, doubtful.addresses), by),
    ]
    const unsure = [
      party('private', intersection(neighbours, doubtful.addresses)),
      party('internet', intersection(beyond, doubtful.addresses), by),
    ]
    return [...sentBy(sure, []), ...sentBy(unsure, [{ text: doubtful.reason }])]
  }
}

function sentBy(all: readonly Party[], doubts: readonly Reason[]): readonly Sent[] {
  const parties = all.filter(({ sources }) => !isEmpty(sources))
  return parties.length === 0 ? [] : [{ parties, sources: parties.map(({ sources }) => sources).reduce(unionSources), doubts }]
}

function party(sender: Sender, addresses: AddressSet, upstream?: Shown): Party {
  return { sender, upstream, sources: sourceSet(addresses) }
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
  const takesLoopback = port.device.loopback || (family === 4 && routesLoopback(port))
  if (isLoopback(address) && !(namespace === port.namespace && takesLoopback)) return false
  return hasAddress(addresses, address)
}
