import type { WritableSystem } from '../../write.ts'

export const compose: WritableSystem = {
  name: 'compose',
  title: 'compose: an override file that publishes what the policy says, and nothing else',
  load: async () => (await import('./write.ts')).writer,
}
