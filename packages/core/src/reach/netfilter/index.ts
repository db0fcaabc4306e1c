export type * from './types.ts'
export { walkInbound } from './walk.ts'
export { Walks } from './walks.ts'
