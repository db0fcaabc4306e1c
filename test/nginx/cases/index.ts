import { ANSWERS } from './answers.ts'
import type { Case } from './case.ts'
import { FILES } from './files.ts'
import { GUARDS } from './guards.ts'
import { LOCATIONS } from './locations.ts'
import { PASSES } from './passes.ts'
import { SERVERS } from './servers.ts'

export type { Case } from './case.ts'
export { REFUSED } from './refused.ts'

export const CASES: readonly Case[] = [...SERVERS, ...LOCATIONS, ...GUARDS, ...ANSWERS, ...PASSES, ...FILES]
