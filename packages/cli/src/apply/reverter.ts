import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ENVIRONMENT, run } from '../collect/run.ts'
import { Failure } from '../failure.ts'
import { complaint } from './namespace.ts'
import { CURRENT } from './state.ts'

/**
 * What takes a change back, by the script `way-back` beside it, unless it is confirmed: a script of sh(1) that needs nothing of Sallyport, and no room
 * on the disk. It counts by /proc/uptime, holds on to no terminal, ignores what a terminal or a session that ends sends, and claims the change by
 * rename(2). A way back that fails (somebody holds the lock of xtables) is tried again; while the change itself is still being made it waits, but
 * not for ever.
 */
export const REVERTER = `#!/bin/sh
# Takes back what sallyport applied, unless sallyport apply --confirm comes first. "now": at once.
export PATH=${ENVIRONMENT['PATH']} LC_ALL=C
trap '' HUP INT QUIT PIPE USR1 USR2 TSTP
case $0 in */*) cd "\${0%/*}" || exit 1 ;; esac
back() {
  mv armed reverting 2>/dev/null || [ -e reverting ] || [ -e armed ] || exit 0
  for lock in 'flock -o -w 30 lock' 'flock -o -w 10 lock' 'flock -o -w 1 lock' '' ''; do
    if $lock /bin/sh -eu way-back >>log 2>&1; then mv reverting reverted; exit 0; fi
    sleep 1
  done
  mv reverting stuck
  exit 1
}
[ "\${1-}" != now ] || back
echo -1000 2>/dev/null >/proc/self/oom_score_adj
echo $$ >reverter
while [ -e armed ] && [ ! -e now ]; do
  read -r up rest </proc/uptime
  read -r deadline <deadline
  [ "\${up%.*}" -lt "$deadline" ] || break
  sleep 0.2
done
[ -e armed ] || exit 0
back
`

/** The script that makes the change, in the folder: not once it is to be taken back, and never while it is. */
export const MAKE = `flock -o lock /bin/sh -euc '[ -e armed ]; . ./make'`

/** How long the reverter may take to begin. */
const PATIENCE_MS = 10_000

/**
 * Starts the reverter of the current change, and resolves when it waits: out of reach of whatever ends this process, its terminal and its session. Where
 * systemd runs, as a unit of its own, since it may end all of a session's processes with it (logind.conf(5), KillUserProcesses); that of an ordinary
 * user, only where units of his outlive his sessions (loginctl(1), enable-linger). Throws `Failure` where it does not begin.
 */
export async function startReverter(): Promise<void> {
  const script = join(CURRENT, 'revert.sh')
  if (existsSync('/run/systemd/system') && (isRoot() || existsSync(`/var/lib/systemd/linger/${userInfo().username}`)))
    await startUnit(script)
  else spawn('/bin/sh', [script], { cwd: '/', env: ENVIRONMENT, stdio: 'ignore', detached: true }).unref()
  const until = performance.now() + PATIENCE_MS
  while (reverterPid() === undefined) {
    if (performance.now() > until)
      throw new Failure('what would take the change back did not begin', `nothing was changed; look at ${CURRENT}/log`)
    await sleep(10)
  }
}

function isRoot(): boolean {
  return process.geteuid?.() === 0
}

/** In the namespaces that Sallyport is in, which need not be those of systemd; an ordinary user may not enter any. */
async function startUnit(script: string): Promise<void> {
  const enter = isRoot() ? ['nsenter', '--target', String(process.pid), '--net', '--mount', '--'] : []
  const unit = `sallyport-revert-${process.pid}`
  const words = [
    ...(isRoot() ? [] : ['--user']),
    '--quiet',
    '--collect',
    `--unit=${unit}`,
    '--description=takes back what sallyport applied',
    '--',
    ...enter,
    '/bin/sh',
    script,
  ]
  const ran = await run('systemd-run', words, { environment: isRoot() ? {} : { XDG_RUNTIME_DIR: `/run/user/${process.geteuid?.()}` } })
  if (ran.kind !== 'ok')
    throw new Failure(
      `systemd does not start what would take the change back: ${complaint(ran)}`,
      'nothing was changed; run it where systemd-run works',
    )
}

/** The process that waits; `undefined` where none does. */
export function reverterPid(): number | undefined {
  try {
    const pid = Number(readFileSync(join(CURRENT, 'reverter'), 'latin1'))
    const command = readFileSync(`/proc/${pid}/cmdline`, 'latin1')
    return command.includes(join(CURRENT, 'revert.sh')) ? pid : undefined
  } catch {
    return undefined
  }
}
