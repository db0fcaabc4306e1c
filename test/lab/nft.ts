import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What nft prints of a ruleset that it loaded, or why it did not load it. */
export type Loaded =
  | { readonly kind: 'loaded'; readonly json: string; readonly text: string }
  | { readonly kind: 'refused'; readonly why: string }

export function whyNot(): string | undefined {
  if (!existsSync('/usr/sbin/nft')) return '/usr/sbin/nft is not installed'
  const made = spawnSync('unshare', ['-n', 'true'], { encoding: 'utf8' })
  return made.status === 0 ? undefined : `no namespaces can be made: ${made.stderr || made.error?.message}`
}

/** Network cards that rules may name by their index: nft refuses those that are not there. */
const DEVICES = ['internet', 'lan', 'back', 'eth0', 'eth1', 'eth2', 'eth3', 'docker0', 'wg0', 'br0']

const SCRIPT = `set -e
ip link set lo up
for name in ${DEVICES.join(' ')}; do ip link add "$name" type bridge; done
nft -f "$1"
nft -j list ruleset
printf '\\0'
nft list ruleset
`

/** Loads a ruleset with the real nft, in a network namespace that ends with it. */
export function loadNft(ruleset: string): Loaded {
  const folder = mkdtempSync(join(tmpdir(), 'sp-nft-'))
  try {
    const file = join(folder, 'ruleset.nft')
    writeFileSync(file, ruleset)
    const ran = spawnSync('unshare', ['-n', 'sh', '-c', SCRIPT, 'sh', file], {
      encoding: 'utf8',
      timeout: 60_000,
      maxBuffer: 64 << 20,
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    })
    if (ran.status !== 0) return { kind: 'refused', why: ran.stderr.replaceAll(file, 'ruleset') }
    const [json = '', text = ''] = ran.stdout.split('\0')
    return { kind: 'loaded', json, text }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
