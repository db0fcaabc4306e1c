import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import type { Readable, Writable } from 'node:stream'

/** Variables by which the processes of a run are known, also those that have left its process group or lost their parent. */
export const MARK = 'SALLYPORT_RUN'

/**
 * What outlives us, in whatever way we end: a shell in a session of its own that waits for its input to end. Where that comes without a word
 * (SIGKILL), what was started is stopped, since nobody watches it any more. Then the kernel's tracing instance is taken away. Until then it passes
 * on what the instance tells.
 */
const SCRIPT = `
reader=
if [ -n "$1" ]; then cat "$1/trace_pipe" & reader=$!; chrt --rr --pid 1 "$reader" >/dev/null 2>&1; fi
if ! read -r word; then
  for signal in TERM KILL; do
    for place in /proc/[0-9]*; do
      if tr '\\0' '\\n' <"$place/environ" 2>/dev/null | grep -q "^${MARK}=.*$2"; then kill -s "$signal" "\${place#/proc/}" 2>/dev/null; fi
    done
    [ "$signal" = KILL ] || sleep 1
  done
fi
if [ -n "$1" ]; then
  kill -s KILL "$reader" 2>/dev/null
  wait "$reader" 2>/dev/null
  echo 0 >"$1/events/enable"
  for attempt in 1 2 3 4 5 6 7 8 9 10; do rmdir "$1" 2>/dev/null && break; sleep 0.1; done
fi
`

export interface Keeper {
  /** What the tracing instance tells, line by line as it happens. */
  readonly lines: Readable
  /** All is done: takes the instance away, and resolves when it is. */
  close(): Promise<void>
}

/** Starts the keeper of a run. `undefined`: there is no shell or no /proc here. */
export function startKeeper(id: string, instance: string | undefined): Keeper | undefined {
  if (!existsSync('/bin/sh') || !existsSync('/proc/self/environ')) return undefined
  const child: ChildProcessByStdio<Writable, Readable, null> = spawn('/bin/sh', ['-c', SCRIPT, 'sallyport-keeper', instance ?? '', id], {
    cwd: '/',
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' },
    stdio: ['pipe', 'pipe', 'ignore'],
    // What the terminal sends to the group in front of it is not meant for the keeper.
    detached: true,
  })
  child.on('error', () => {})
  child.stdin.on('error', () => {})
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  return {
    lines: child.stdout,
    close: async () => {
      child.stdin.end('done\n')
      await ended
    },
  }
}
