import { type AddressRange, addressSetOf, type Family, rangeSet, type SourceSet, sourceSet } from '../network/index.ts'
import { addressesOf, type NamespaceModel } from './host.ts'
import type { SourceTranslation } from './netfilter/index.ts'

/** One set for all packets that a translation makes alike, so that what is known of some is found for the others. */
const byRange = new WeakMap<AddressRange, SourceSet>()
const byDevice = new WeakMap<NamespaceModel, Map<string, SourceSet>>()

/** What the receiver sees as source. `undefined`: what was there before. */
export function translatedTo(change: SourceTranslation, namespace: NamespaceModel, family: Family): SourceSet | undefined {
  if (change.kind === 'snat') return change.addresses && ofRange(change.addresses)
  const devices = byDevice.get(namespace) ?? new Map<string, SourceSet>()
  byDevice.set(namespace, devices)
  const key = `${family} ${change.device}`
  const found = devices.get(key) ?? ofDevice(namespace, change.device, family)
  devices.set(key, found)
  return found.length === 0 ? undefined : found
}

function ofRange(range: AddressRange): SourceSet {
  const found = byRange.get(range) ?? sourceSet(rangeSet([range]))
  byRange.set(range, found)
  return found
}

function ofDevice(namespace: NamespaceModel, name: string, family: Family): SourceSet {
  const own = addressesOf(namespace).filter(({ device, address }) => device.name === name && address.family === family)
  return sourceSet(addressSetOf(...own.map(({ address }) => address)))
}
