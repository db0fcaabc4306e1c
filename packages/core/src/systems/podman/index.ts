export * from './conmon.ts'
export * from './stored.ts'
