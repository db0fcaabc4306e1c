export * from './address.ts'
export * from './address-set.ts'
export * from './classes.ts'
export { firstMatch, NO_SET, type Numbered, type Shares, sharesIn, valuesIn, valuesOf } from './first-match.ts'
export {
  difference,
  emptySet,
  includes,
  intersection,
  type Interval,
  type IntervalSet,
  intervalSet,
  isEmpty,
  isSubset,
  type NumberSet,
  numberSet,
  overlaps,
  sameSet,
  union,
  unionOf,
} from './intervals.ts'
export * from './port-set.ts'
export * from './source-set.ts'
export * from './spellings.ts'
