export * from './read.ts'
export * from './reading.ts'
