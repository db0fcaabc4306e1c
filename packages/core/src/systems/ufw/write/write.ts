import { FAMILIES, type Family } from '../../../network/index.ts'
import type { Policy } from '../../../policy/index.ts'
import { CONTAINER_INTERFACES } from '../../netfilter/write/containers.ts'
import { heading, writeHosts } from '../../netfilter/write/hosts.ts'
import { chunks, FORWARD_CHAINS, forwardRules, prefixTexts, rangeText } from '../../netfilter/write/iptables.ts'
import { isForSsh, type Opening, type Openings } from '../../netfilter/write/openings.ts'
import type { WriteOptions, Writer, Written } from '../../write.ts'
import { compareUfw } from './compare.ts'
import { DEFAULTS, rulesPath } from '../places.ts'

/** Run once; ufw keeps what it is told in files of its own. */
const SCRIPT_PATH = 'ufw.sh'

/** Around what the script writes into files of ufw. */
const BEGIN = '# BEGIN SALLYPORT'
const END = '# END SALLYPORT'

const HOW: readonly string[] = [
  'Run it as root: what comes in by SSH is allowed first, the rest is denied last. A second time changes nothing.',
  'Rules that ufw has besides stay; `sallyport render ufw --check` tells what they let in.',
  'The common ports need no `deny`: what is not allowed is denied.',
]

function writeUfw(policy: Policy, options: WriteOptions): Written {
  return writeHosts(policy, options, (openings) => [{ path: SCRIPT_PATH, text: script(policy, openings), mode: 0o755 }])
}

export const writer: Writer = { write: writeUfw, compare: compareUfw }

function script(policy: Policy, openings: Openings): string {
  const all = openings.openings
  const ordered = [...all.filter(isForSsh), ...all.filter((opening) => !isForSsh(opening))]
  return [
    '#!/bin/sh',
    ...heading(policy, openings, HOW),
    'set -eu',
    '',
    ...(all.some(isForSsh) ? [] : [...UNLESS_BY_SSH, '']),
    `sed -i 's/^IPV6=.*/IPV6=yes/' ${DEFAULTS}`,
    ...ordered.flatMap(commands),
    'ufw default deny incoming',
    '',
    ...PUBLISHED,
    ...FAMILIES.flatMap((family) => published(all, family)),
    '',
    'ufw --force enable',
    'ufw reload',
    '',
  ].join('\n')
}

const UNLESS_BY_SSH: readonly string[] = [
  'if [ -n "${SSH_CONNECTION:-}" ] && [ "${1:-}" != --without-ssh ]; then',
  '  echo "nobody may connect by SSH after this: declare it in the policy, or say --without-ssh" >&2',
  '  exit 1',
  'fi',
]

/** ufw takes addresses and prefixes, one a rule, and up to 15 ports. */
function commands(opening: Opening): readonly string[] {
  const { protocol, from, ports, service } = opening
  return chunks(ports).flatMap((some) => {
    const list = some.map(rangeText).join(',')
    const to = `to any port ${list} proto ${protocol} comment '${service}'`
    switch (from.kind) {
      case 'everyone':
        return [`ufw allow ${list}/${protocol} comment '${service}'`]
      case 'addresses':
        return FAMILIES.flatMap((family) => prefixTexts(from.addresses, family).map((prefix) => `ufw allow from ${prefix} ${to}`))
      case 'containers':
        return CONTAINER_INTERFACES.map(
          ({ prefix, from: addresses }) => `ufw allow in on ${prefix}+${addresses === undefined ? '' : ` from ${addresses}`} ${to}`,
        )
      default:
        return from satisfies never
    }
  })
}

const PUBLISHED: readonly string[] = [
  '# Published ports of containers pass by the rules of ufw; Docker asks DOCKER-USER first. ufw empties that chain when it is reloaded.',
  'replace() {',
  '  cp -p "$1" "$1.sallyport"',
  `  { sed '/^${BEGIN}$/,/^${END}$/d' "$1"; cat; } > "$1.sallyport"`,
  '  mv "$1.sallyport" "$1"',
  '}',
]

function published(openings: readonly Opening[], family: Family): readonly string[] {
  return [
    `replace ${rulesPath('after', family)} <<'EOF'`,
    BEGIN,
    '*filter',
    ':DOCKER-USER - [0:0]',
    ...FORWARD_CHAINS,
    ...forwardRules(openings, family),
    '-A DOCKER-USER -j SALLYPORT-FORWARD',
    'COMMIT',
    END,
    'EOF',
  ]
}
