import type { WritableSystem } from '../../write.ts'

export const pm2: WritableSystem = {
  name: 'pm2',
  title: 'PM2: the ecosystem file, with HOST and PORT of each app',
  load: async () => (await import('./write.ts')).writer,
}
