export * from './condition.ts'
export * from './routes.ts'
export * from './rules.ts'
