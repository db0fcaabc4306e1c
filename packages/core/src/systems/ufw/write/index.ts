import type { WritableSystem } from '../../write.ts'

export const ufw: WritableSystem = {
  name: 'ufw',
  title: 'ufw: the commands for a host',
  load: async () => (await import('./write.ts')).writer,
}
