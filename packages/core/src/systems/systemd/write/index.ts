import type { WritableSystem } from '../../write.ts'

export const systemd: WritableSystem = {
  name: 'systemd',
  title: 'systemd: drop-ins that hold each service to its port and its callers',
  load: async () => (await import('./write.ts')).writer,
}
