export type { Start, StartContext } from './start.ts'
export { Starts } from './starts.ts'
