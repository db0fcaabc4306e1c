import { isSubset, sameSources, type SourceSet, subtractSources, isEmpty } from '../network/index.ts'
import type { Elsewhere } from './netfilter/index.ts'
import type { Port } from './topology.ts'
import { type Packet, reasonsKey, type Travel } from './travel.ts'

/** So many are told apart by what they were sent to and why, of those that come in at one place; more only where they may reach further. */
const MOST_TOLD_APART = 64

interface Spread {
  readonly senders: SourceSet
  readonly elsewhere: Elsewhere
}

/**
 * Packets that may have gone to any of several places, of which it was told already: what becomes of one port becomes of all that rules do not
 * tell from it, and of thousands of doubtful packets nothing new is learnt.
 */
export class Spreads {
  readonly #told = new Map<string, Spread[]>()
  readonly #cameIn = new Map<string, Spread[]>()

  /** Whether it is news, which it is once. `kept`: elsewhere is another address only, with the port that was sent to. */
  isNews(port: Port, travel: Travel, packet: Packet, elsewhere: Elsewhere, kept: boolean): boolean {
    const { entry, family, protocol, at, portClass } = travel
    const spread = { senders: packet.senders ?? packet.sources, elsewhere }
    const place = `${entry.namespace} ${entry.device} ${port.namespace.id} ${port.device.name} ${family} ${protocol}`
    const all = listAt(this.#cameIn, place)
    if (all.length >= MOST_TOLD_APART && isCovered(spread, all)) return false
    const alike = `${place} ${at.address.value} ${portClass(at.port)} ${kept ? at.port : ''} ${reasonsKey(packet.reasons)}`
    const told = listAt(this.#told, alike)
    if (isCovered(spread, told)) return false
    told.push(spread)
    all.push(spread)
    return true
  }
}

function listAt(lists: Map<string, Spread[]>, key: string): Spread[] {
  const found = lists.get(key) ?? []
  lists.set(key, found)
  return found
}

/** Whether one of them is of all these senders, and goes wherever this may go. */
function isCovered({ senders, elsewhere: { addresses, ports } }: Spread, all: readonly Spread[]): boolean {
  return all.some(
    (other) =>
      (other.elsewhere.addresses === addresses || isSubset(addresses, other.elsewhere.addresses)) &&
      (other.elsewhere.ports === ports || isSubset(ports, other.elsewhere.ports)) &&
      (other.senders === senders || sameSources(senders, other.senders) || isEmpty(subtractSources(senders, other.senders))),
  )
}
