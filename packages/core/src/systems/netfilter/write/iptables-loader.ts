import type { Family } from '../../../network/index.ts'

export const RULES_PATHS: Readonly<Record<Family, string>> = { 4: '/etc/iptables/sallyport.v4', 6: '/etc/iptables/sallyport.v6' }

/** Loads the rules and hooks them in; and takes them out again. */
export const LOADER_PATH = '/etc/iptables/sallyport'

/** Where the chains are hooked in: always first. */
const HOOKS: readonly { readonly table: string; readonly chain: string; readonly to: string }[] = [
  { table: 'raw', chain: 'PREROUTING', to: 'SALLYPORT-LOOPBACK' },
  { table: 'filter', chain: 'INPUT', to: 'SALLYPORT-INPUT' },
  { table: 'filter', chain: 'FORWARD', to: 'SALLYPORT-FORWARD' },
  { table: 'filter', chain: 'DOCKER-USER', to: 'SALLYPORT-FORWARD' },
]

const CHAINS: readonly { readonly table: string; readonly chain: string }[] = [
  { table: 'raw', chain: 'SALLYPORT-LOOPBACK' },
  { table: 'filter', chain: 'SALLYPORT-INPUT' },
  { table: 'filter', chain: 'SALLYPORT-FORWARD' },
  { table: 'filter', chain: 'SALLYPORT-CONTAINERS' },
]

/**
 * A shell script, since iptables-restore(8) has no words for "unless it is there": a jump that is loaded a second time would stand there twice.
 * The rules of each family are replaced at once, and hooked in when both are complete; a file that is not loaded ends the script before.
 */
export function loader(): string {
  const each = (line: (hook: (typeof HOOKS)[number]) => string): readonly string[] => HOOKS.map(line)
  return [
    '#!/bin/sh',
    '# Loads the rules beside it, or takes them out: start | stop. A second start changes nothing.',
    '# At boot: ln -s /etc/iptables/sallyport /usr/share/netfilter-persistent/plugins.d/60-sallyport (netfilter-persistent(8)).',
    'set -eu',
    '',
    'hook() { # PROGRAM TABLE CHAIN TO',
    '  "$1" -w -t "$2" -C "$3" -j "$4" 2>/dev/null || "$1" -w -t "$2" -I "$3" 1 -j "$4"',
    '}',
    '',
    'unhook() {',
    '  while "$1" -w -t "$2" -D "$3" -j "$4" 2>/dev/null; do :; done',
    '}',
    '',
    'case "${1:-start}" in',
    '  start | restart | reload)',
    `    iptables-restore -w --noflush < ${RULES_PATHS[4]}`,
    `    ip6tables-restore -w --noflush < ${RULES_PATHS[6]}`,
    '    for program in iptables ip6tables; do',
    '      # Docker goes by DOCKER-USER before its own rules, and keeps what is in it.',
    '      "$program" -w -n -L DOCKER-USER >/dev/null 2>&1 || "$program" -w -N DOCKER-USER',
    ...each(({ table, chain, to }) => `      hook "$program" ${table} ${chain} ${to}`),
    '    done',
    '    ;;',
    '  stop | flush)',
    '    for program in iptables ip6tables; do',
    ...each(({ table, chain, to }) => `      unhook "$program" ${table} ${chain} ${to}`),
    ...[...CHAINS.map(({ table, chain }) => `-t ${table} -F ${chain}`), ...CHAINS.map(({ table, chain }) => `-t ${table} -X ${chain}`)].map(
      (words) => `      "$program" -w ${words} 2>/dev/null || :`,
    ),
    '    done',
    '    ;;',
    '  save) ;;',
    '  *)',
    '    echo "usage: $0 start|stop" >&2',
    '    exit 2',
    '    ;;',
    'esac',
    '',
  ].join('\n')
}
