import type { WritableSystem } from '../../write.ts'

export const nftables: WritableSystem = {
  name: 'nftables',
  title: 'nftables: a table of its own for a host',
  load: async () => (await import('./nftables.ts')).writer,
}
