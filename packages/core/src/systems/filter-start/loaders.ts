import type { FilterTool } from '../../evidence/index.ts'

export const ALL: readonly FilterTool[] = ['nft', 'iptables', 'ip6tables']

/** A program that loads rules at boot, with the units and links that enable it, and the files that it loads. A table of facts. */
export interface LoaderRow {
  readonly program: string
  /** Names of units under `/etc/systemd/system/*.wants`, of scripts under `/etc/runlevels/*`, or of links `/etc/rc?.d/S??*`. */
  readonly services: readonly string[]
  /** Empty: what it loads is in files of its own, which are not read, or is decided elsewhere. */
  readonly files: readonly { readonly path: string; readonly tools: readonly FilterTool[] }[]
  /** Without files: what it may load. */
  readonly loads: readonly FilterTool[]
  /** Scripts that it runs, except those that load its own files. */
  readonly scripts?: { readonly pattern: string; readonly own: RegExp }
}

export const LOADERS: readonly LoaderRow[] = [
  // What nft prints and loads may be the tables of iptables-nft too (nft(8), `list ruleset`).
  {
    program: 'nftables',
    services: ['nftables'],
    files: ['/etc/nftables.conf', '/etc/sysconfig/nftables.conf', '/etc/nftables.nft'].map((path) => ({ path, tools: ALL })),
    loads: [],
  },
  // netfilter-persistent(8), plugins 15-ip4tables and 25-ip6tables; Debian's package iptables-persistent.
  {
    program: 'netfilter-persistent',
    services: ['netfilter-persistent', 'iptables-persistent'],
    files: [
      { path: '/etc/iptables/rules.v4', tools: ['iptables'] },
      { path: '/etc/iptables/rules.v6', tools: ['ip6tables'] },
    ],
    loads: [],
    scripts: { pattern: '/usr/share/netfilter-persistent/plugins.d/*', own: /\/\d\d-ip(?:4tables|6tables|set)$/ },
  },
  // The packages iptables-services of Red Hat, iptables of Arch and Alpine.
  {
    program: 'iptables.service',
    services: ['iptables'],
    files: ['/etc/sysconfig/iptables', '/etc/iptables/iptables.rules', '/etc/iptables/rules-save', '/var/lib/iptables/rules-save'].map(
      (path) => ({
        path,
        tools: ['iptables'],
      }),
    ),
    loads: [],
  },
  {
    program: 'ip6tables.service',
    services: ['ip6tables'],
    files: ['/etc/sysconfig/ip6tables', '/etc/iptables/ip6tables.rules', '/etc/iptables/rules6-save', '/var/lib/ip6tables/rules-save'].map(
      (path) => ({
        path,
        tools: ['ip6tables'],
      }),
    ),
    loads: [],
  },
  // Their rules are made from files of their own; ufw's are read apart.
  { program: 'ufw', services: ['ufw'], files: [], loads: [] },
  { program: 'firewalld', services: ['firewalld', 'dbus-org.fedoraproject.FirewallD1'], files: [], loads: ALL },
  ...['shorewall', 'shorewall6', 'ferm', 'csf', 'lfd', 'apf', 'firehol', 'arno-iptables-firewall', 'vuurmuur', 'awall', 'fwknop'].map(
    (program): LoaderRow => ({ program, services: [program], files: [], loads: ALL }),
  ),
]

/** Where a person puts commands that run at boot, or when an interface comes up. */
export const SCRIPTS: readonly string[] = [
  '/etc/systemd/system/*.service',
  '/etc/systemd/system/*.d/*.conf',
  '/usr/local/lib/systemd/system/*.service',
  '/etc/rc.local',
  '/etc/rc.d/rc.local',
  '/etc/local.d/*.start',
  '/etc/network/interfaces',
  '/etc/network/interfaces.d/*',
  '/etc/network/if-pre-up.d/*',
  '/etc/network/if-up.d/*',
  '/etc/NetworkManager/dispatcher.d/*',
  '/etc/NetworkManager/dispatcher.d/pre-up.d/*',
  '/etc/networkd-dispatcher/*/*',
  '/etc/wireguard/*.conf',
  '/etc/ppp/ip-up.d/*',
  '/etc/crontab',
  '/etc/cron.d/*',
  '/var/spool/cron/*',
  '/var/spool/cron/crontabs/*',
]

/** A command that loads rules, or a script that is named after doing so. */
export const LOADS_RULES =
  /(?:^|[^\w-])(?:x?(?:ip6?tables|nft|ebtables|ipset)(?:-[\w-]+)?|ufw|firewall[\w-]*|[\w-]+[_-]firewall|netfilter[\w-]*)(?![\w])/m
