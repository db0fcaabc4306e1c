export type * from './types.ts'
export { type PortClasses, portClasses } from './ports.ts'
export { walkInbound } from './walk.ts'
export { Walks } from './walks.ts'
