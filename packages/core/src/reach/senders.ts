import { formatAddressSet, sourceAddresses } from '../network/index.ts'
import type { Way } from './reach.ts'

/** A sender's addresses where only some of them arrive, as ranges; `undefined` when all do, or it is this machine's containers. */
export function limitedSources(way: Way): readonly string[] | undefined {
  return way.sender === 'host' || way.entire ? undefined : formatAddressSet(sourceAddresses(way.sources))
}
