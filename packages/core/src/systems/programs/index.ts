export * from './read.ts'
export * from './reading.ts'
export type { Program } from './row.ts'
export { PROGRAMS } from './rows/index.ts'
