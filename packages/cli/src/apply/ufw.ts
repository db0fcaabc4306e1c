import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { WrittenFile } from '@sallyport/core/systems'
import { Failure } from '../failure.ts'
import type { Application, Applier, Wanted } from './application.ts'
import { atBoot } from './boot.ts'
import { complaint } from './namespace.ts'
import { linesOf, withoutOwn, withoutUserChains } from './rules.ts'

/** Where ufw keeps what it is told (ufw(8), ufw-framework(8)), and the copies that are used in their place until it is confirmed. */
const PLACES = [
  { path: '/etc/ufw', copy: 'work/ufw' },
  { path: '/etc/default', copy: 'work/default' },
] as const

/** In a mount namespace of its own ufw writes to the copies alone; what it loads, the kernel has all the same. `first`: what is run there before its commands. */
function withCopies(first: string): string {
  const mounts = PLACES.map(({ path, copy }) => `mount --bind ${copy} ${path}`).join('; ')
  return [
    'rm -rf work; mkdir -m 700 work',
    ...PLACES.map(({ path, copy }) => `cp -a ${path} ${copy}`),
    `exec unshare --mount --propagation private /bin/sh -euc '${mounts}; ${first}; exec /bin/sh commands --without-ssh' >/dev/null`,
  ].join('\n')
}

/** Its chains, and what its script puts into the one of Docker. */
const OWN = /\bufw6?-|\bSALLYPORT-/

const IPTABLES = /^ip6?tables-/

/** By its own commands, which write its files when it is confirmed, and not before. */
export const ufw: Applier = {
  name: 'ufw',
  changes: 'filter',
  async prepare({ files, rules, scratch, folder, put }: Wanted): Promise<Application> {
    const [script] = files
    if (script === undefined || files.length > 1) throw new Failure('ufw takes one script', 'report this')
    if (!existsSync('/etc/ufw/ufw.conf')) throw new Failure('ufw is not installed', 'install it, or apply nftables')
    put('commands', script.text)
    const isEnabled = wasEnabled()
    // ufw that is enabled adds to chains, which are not there yet where nothing is.
    const told = await scratch.run(withCopies(isEnabled ? 'ufw reload' : ':'), folder)
    if (told.kind !== 'ok') throw new Failure(`ufw does not take this: ${complaint(told)}`, 'correct the policy; nothing was changed')
    return {
      files: new Map([['commands', script.text]]),
      apply: withCopies(':'),
      revert: `${isEnabled ? RELOAD : STOP}\n${withoutUserChains(rules)}`,
      own: (key, text) => (IPTABLES.test(key) ? linesOf(text, isOwn) : ''),
      others: (key, text) => (IPTABLES.test(key) ? withoutOwn(text, isOwn) : text),
      lasting: changed(folder),
    }
  },
  doubts,
}

/** ufw that is started loads all that is below /etc/ufw, as long as its own file says so (ufw-init). */
async function doubts(): ReturnType<Applier['doubts']> {
  const { loaders, ufw } = await atBoot()
  if (ufw === undefined || ufw.tables.length + ufw.unread.length === 0)
    return [['ufw is not enabled in /etc/ufw/ufw.conf: nothing of it is loaded when this machine starts', 'enable it: ufw enable']]
  if (loaders.some(({ program }) => program === 'ufw')) return []
  return [['ufw is not started when this machine starts, as far as can be seen', 'have it started: systemctl enable ufw']]
}

function wasEnabled(): boolean {
  return /^ENABLED=yes/m.test(readFileSync('/etc/ufw/ufw.conf', 'utf8'))
}

/** Chains by their names, with whatever leads to them, of both families. */
function takeOut(names: string): string {
  return `for tool in iptables ip6tables; do
  "$tool"-save -t filter | sed -nE 's/^-A (\\S+ -j (${names})-.*)$/-D \\1/p' | while read -r words; do "$tool" -w $words; done
  chains=$("$tool"-save -t filter | sed -nE 's/^:((${names})-\\S+) .*/\\1/p')
  for chain in $chains; do "$tool" -w -F "$chain"; done
  for chain in $chains; do "$tool" -w -X "$chain"; done
done`
}

/** ufw loads what its files say; what they do not say any more, it leaves. */
const RELOAD = `${takeOut('SALLYPORT')}\nufw reload >/dev/null`

/** ufw leaves its chains where they are when it is stopped. */
const STOP = `/lib/ufw/ufw-init force-stop >/dev/null
for tool in iptables ip6tables; do for chain in INPUT FORWARD OUTPUT; do "$tool" -w -P "$chain" ACCEPT; done; done
${takeOut('ufw6?|SALLYPORT')}`

/** A policy of a built-in chain is ufw's to set. */
function isOwn(line: string): boolean {
  return OWN.test(line) || /^:[A-Z]+ (?:ACCEPT|DROP) /.test(line)
}

/** What ufw has written into the copies that is not in its files. */
function changed(folder: string): readonly WrittenFile[] {
  return PLACES.flatMap(({ path, copy }) =>
    readdirSync(join(folder, copy), { withFileTypes: true }).flatMap((entry): readonly WrittenFile[] => {
      if (!entry.isFile()) return []
      const text = readFileSync(join(folder, copy, entry.name), 'utf8')
      const there = join(path, entry.name)
      if (existsSync(there) && readFileSync(there, 'utf8') === text) return []
      return [{ path: there, text, mode: 0o640 }]
    }),
  )
}
