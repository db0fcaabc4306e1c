import type { WritableSystem } from '../write.ts'

export const ufwRules: WritableSystem = {
  name: 'ufw',
  title: 'ufw: the commands for a host',
  load: async () => (await import('./write.ts')).writer,
}
