import { ALL_SOURCES, intersectSources, NO_SOURCES, otherSources, type SourceSet, unionSources, widen } from '../../network/index.ts'

/** Where a condition holds: surely on `must`, perhaps on `may`, nowhere else. `must` ⊆ `may`. */
export interface Region {
  readonly must: SourceSet
  readonly may: SourceSet
}

export const EVERYWHERE: Region = { must: ALL_SOURCES, may: ALL_SOURCES }
export const NOWHERE: Region = { must: NO_SOURCES, may: NO_SOURCES }
/** Nobody knows: both answers have to be followed. */
export const ANYWHERE: Region = { must: NO_SOURCES, may: ALL_SOURCES }

export function exactly(sources: SourceSet): Region {
  return { must: sources, may: sources }
}

export function always(holds: boolean): Region {
  return holds ? EVERYWHERE : NOWHERE
}

export function both(a: Region, b: Region): Region {
  if (a === EVERYWHERE || b === NOWHERE) return b
  if (b === EVERYWHERE || a === NOWHERE) return a
  return bounded(intersectSources(a.must, b.must), intersectSources(a.may, b.may), a, b)
}

export function either(a: Region, b: Region): Region {
  if (a === NOWHERE || b === EVERYWHERE) return b
  if (b === NOWHERE || a === EVERYWHERE) return a
  return bounded(unionSources(a.must, b.must), unionSources(a.may, b.may), a, b)
}

export function opposite(region: Region): Region {
  if (region === EVERYWHERE) return NOWHERE
  if (region === NOWHERE) return EVERYWHERE
  if (region === ANYWHERE) return ANYWHERE
  const must = otherSources(region.may)
  return { must, may: region.must === region.may ? must : otherSources(region.must) }
}

/** A set that has grown past its bound: `may` becomes larger, `must` empty, so that the answer is less sure and never wrong. */
function bounded(must: SourceSet, may: SourceSet, a: Region, b: Region): Region {
  const exact = a.must === a.may && b.must === b.may
  if (widen(may) !== may || widen(must) !== must) return { must: NO_SOURCES, may: widen(may) }
  return exact ? { must: may, may } : { must, may }
}
