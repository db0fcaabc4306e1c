import type { WritableSystem } from '../../write.ts'

export const dotenv: WritableSystem = {
  name: 'dotenv',
  title: '.env.example: the variables that the policy needs',
  load: async () => (await import('./write.ts')).writer,
}
