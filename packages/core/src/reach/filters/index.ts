export { compareFilters } from './compare.ts'
