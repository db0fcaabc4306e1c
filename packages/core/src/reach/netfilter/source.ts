import {
  type AddressRange,
  type AddressSet,
  ALL_ADDRESSES,
  ALL_SOURCES,
  difference,
  intervalSet,
  isSubset,
  overlaps,
  type PortSet,
  rangeSet,
  sourceSet,
} from '../../network/index.ts'
import { ANYWHERE, EVERYWHERE, exactly, NOWHERE, type Region } from './region.ts'
import { LOOP, type State } from './state.ts'
import type { NetfilterHost } from './types.ts'

/** The source as the packet carries it now: one address for all senders once it has been translated. `undefined`: not known. */
export function translatedSource({ sourceTranslation, family }: State, host: NetfilterHost): AddressRange | undefined {
  if (sourceTranslation === undefined) return undefined
  if (sourceTranslation.kind === 'snat') return sourceTranslation.addresses
  // An address of wider scope than those of lo is looked for on other devices (inet_select_addr of net/ipv4/devinet.c).
  if (sourceTranslation.device === LOOP) return undefined
  const address = host.deviceAddress?.(sourceTranslation.device, family)
  return address === undefined ? undefined : { first: address, last: address }
}

export function sourceAmong(addresses: AddressSet, state: State, host: NetfilterHost): Region {
  if (addresses === ALL_ADDRESSES) return EVERYWHERE
  // Translation that changes ports alone leaves the address.
  if (state.sourceTranslation === undefined || onlyPorts(state)) return fromAmong(addresses)
  const now = translatedSource(state, host)
  return now === undefined ? ANYWHERE : among(rangeSet([now]), addresses)
}

const regions = new WeakMap<AddressSet, Region>()

/** Every walk asks the rules for the same sets. */
function fromAmong(addresses: AddressSet): Region {
  const region = regions.get(addresses) ?? exactly(sourceSet(addresses))
  regions.set(addresses, region)
  return region
}

export function sourcePortAmong(ports: PortSet, { sourceTranslation }: State): Region {
  const chosen = sourceTranslation?.ports
  return chosen === undefined ? exactly(sourceSet(ALL_ADDRESSES, ports)) : among(intervalSet([chosen]), ports)
}

/** Whether the translation changed anything: a source that has the address already stays what it is. */
export function sourceTranslated(state: State, host: NetfilterHost): Region {
  if (state.sourceTranslation === undefined) return NOWHERE
  const now = translatedSource(state, host)
  if (now === undefined) return ANYWHERE
  return { must: sourceSet(difference(ALL_ADDRESSES, rangeSet([now]))), may: ALL_SOURCES }
}

function onlyPorts({ sourceTranslation }: State): boolean {
  return sourceTranslation?.kind === 'snat' && sourceTranslation.addresses === undefined && sourceTranslation.ports !== undefined
}

/** One of `now`, nobody knows which, asked whether it is one of `asked`. */
function among<T extends number | bigint>(now: Parameters<typeof overlaps<T>>[0], asked: Parameters<typeof overlaps<T>>[1]): Region {
  if (isSubset(now, asked)) return EVERYWHERE
  return overlaps(now, asked) ? ANYWHERE : NOWHERE
}
