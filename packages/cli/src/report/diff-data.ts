import { show } from '@sallyport/core/evidence'
import { formatAddressSet, sourceAddresses } from '@sallyport/core/network'
import type { Difference } from '@sallyport/core/reach'
import type { Look } from '../commands/diff.ts'
import { VERSION } from '../version.ts'
import { wayData } from './data.ts'

/** What `diff` says as plain data, version 1: fields are added within a version, never renamed or taken away (docs/schema/diff.schema.json). */
export function diffData([before, after]: readonly [Look, Look], differences: readonly Difference[]) {
  return {
    version: 1 as const,
    tool: { name: 'sallyport', version: VERSION },
    before: lookData(before),
    after: lookData(after),
    differences: differences.map(({ was, is, sender, family, protocol, sources, way }) => ({
      was,
      is,
      from: sender,
      family,
      protocol,
      sources: formatAddressSet(sourceAddresses(sources)),
      way: wayData(way),
    })),
  }
}

function lookData({ path, capture }: Look) {
  return { file: show(path), host: show(capture.host), capturedAt: new Date(capture.capturedAt).toISOString() }
}
