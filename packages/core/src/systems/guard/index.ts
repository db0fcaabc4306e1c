import type { WritableSystem } from '../write.ts'

export const guard: WritableSystem = {
  name: 'guard',
  title: 'the guard of a Node server',
  load: async () => (await import('./write.ts')).writer,
}
