import type { WritableSystem } from '../../write.ts'

export const nftables: WritableSystem = {
  name: 'nftables',
  title: 'nftables: a table of its own for a host',
  load: async () => (await import('./nftables.ts')).writer,
}

export const iptables: WritableSystem = {
  name: 'iptables',
  title: 'iptables and ip6tables: chains of their own for a host',
  load: async () => (await import('./iptables.ts')).writer,
}
