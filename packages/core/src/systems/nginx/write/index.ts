import type { WritableSystem } from '../../write.ts'

export const nginx: WritableSystem = {
  name: 'nginx',
  title: 'nginx: TLS, redirects, limits, and what is passed on',
  load: async () => (await import('./write.ts')).writer,
}
