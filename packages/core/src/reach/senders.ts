import {
  difference,
  FAMILY_ADDRESSES,
  formatAddressSet,
  INTERNET,
  intersection,
  isEmpty,
  PRIVATE,
  sourceAddresses,
} from '../network/index.ts'
import type { Blocked, Way } from './reach.ts'

/** A sender's addresses that are only some of its kind, as ranges; `undefined` when it is the whole kind, or this machine's containers. */
export function limitedSources(way: Pick<Way | Blocked, 'sender' | 'family' | 'sources'>): readonly string[] | undefined {
  if (way.sender === 'host') return undefined
  const kind = intersection(FAMILY_ADDRESSES[way.family], way.sender === 'internet' ? INTERNET : PRIVATE)
  const addresses = sourceAddresses(way.sources)
  return isEmpty(difference(kind, addresses)) ? undefined : formatAddressSet(addresses)
}
