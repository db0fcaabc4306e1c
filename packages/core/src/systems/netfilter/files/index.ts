import type { System } from '../../system.ts'

/** Files of rules that nft loads (nft(8), `-f`). */
export const nftables: System = {
  name: 'nftables',
  title: 'nftables',
  reads: [
    {
      path: /(?:^|\/)nftables(?:\.conf|(?:\.d)?\/[^/]+\.(?:conf|rules))$|\.nft$/,
      contains: /\b(?:table|chain|rule|element|include|define|flush)\b/,
    },
  ],
  // Debian and Arch; Red Hat; Alpine.
  machine: {
    paths: ['/etc/nftables.conf', '/etc/sysconfig/nftables.conf', '/etc/nftables.nft'],
    affects: { kind: 'netfilter' },
  },
  writtenByScripts: true,
  load: async () => (await import('./nftables.ts')).nftablesReader,
}

/** Files of rules that iptables-restore loads. */
export const iptables: System = {
  name: 'iptables',
  title: 'iptables',
  // ufw's own are read with ufw.
  reads: [
    {
      path: /^(?!(?:.*\/)?ufw[^/]*\/)(?:.*\/)?(?:[^/]*(?:iptables|ip6tables|firewall)[^/]*|rules[\w.-]*|[^/]+\.rules)$/i,
      contains: /^\*(?:filter|nat|mangle|raw|security)[ \t]*\r?$/m,
    },
  ],
  // netfilter-persistent(8); Red Hat's iptables-services; Arch; Alpine.
  machine: {
    paths: [
      '/etc/iptables/rules.v4',
      '/etc/iptables/rules.v6',
      '/etc/sysconfig/iptables',
      '/etc/sysconfig/ip6tables',
      '/etc/iptables/iptables.rules',
      '/etc/iptables/ip6tables.rules',
      '/etc/iptables/rules-save',
      '/etc/iptables/rules6-save',
    ],
    affects: { kind: 'netfilter' },
  },
  writtenByScripts: true,
  load: async () => (await import('./iptables.ts')).iptablesReader,
}
