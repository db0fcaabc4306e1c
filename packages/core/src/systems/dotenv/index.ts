import type { System } from '../system.ts'

/** `.env` files: variables that programs and compose load from a file. */
export const dotenv: System = {
  name: 'dotenv',
  title: '.env file',
  reads: [{ path: /(?:^|\/)(?:\.env(?:\.[\w.-]+)?|[\w.-]+\.env)$/ }],
  load: async () => (await import('./read.ts')).dotenvReader,
}
