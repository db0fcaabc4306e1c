export { type GuardFile, writeGuard } from './write.ts'
