/**
 * Starts a project in network and process namespaces of its own and reads its sockets from the kernel with `ss`.
 *
 * Nothing leaves the namespace: it has lo only. Killing the process which holds the namespaces ends everything in them.
 */
import { spawn } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, delimiter, dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Protocol, REPOSITORY, type Run } from './label.ts'

/** One socket that `ss -Hltnup` showed. */
export interface Socket {
  readonly protocol: Protocol
  readonly address: string
  readonly port: number
  readonly loopback: boolean
}

export interface Observation {
  readonly sockets: readonly Socket[]
  /** The exit status when the command ended by itself while it was watched. */
  readonly exited: number | undefined
  /** The last lines that the project printed, to tell why nothing listens. */
  readonly output: string
}

const POLL_SECONDS = 0.3
const DEADLINE_MS = 60_000
/** How long to go on looking after what was expected is there, or at least when nothing is expected. */
const SETTLE_MS = 1_000
const NOTHING_EXPECTED_MS = 5_000

/** lo up, the project in the background, then the socket table again and again, each ended by a line `--`. */
const SUPERVISOR = `
ip link set lo up
for address in $LABELLED_ADDRESSES; do ip address add "$address" dev lo; done
unset LABELLED_ADDRESSES
{ "$@" >"$LABELLED_OUTPUT" 2>&1 </dev/null; echo "exited $?"; } &
while sleep ${POLL_SECONDS}; do ss -Hltnup; echo --; done
`

/** Programs that a Debian machine has as Python modules only. */
const LAUNCHERS = {
  python: 'exec /usr/bin/python3 "$@"',
  python3: 'exec /usr/bin/python3 "$@"',
  uvicorn: 'exec /usr/bin/python3 -m uvicorn "$@"',
  flask: 'exec /usr/bin/python3 -m flask "$@"',
}

/**
 * Starts a copy of the project and reads its sockets.
 *
 * @param folder the project; it is copied, so that caches and socket files do not land in it
 * @param enough tells from a socket table whether everything that is waited for is there
 */
export async function observe(folder: string, run: Run, enough: (sockets: readonly Socket[]) => boolean): Promise<Observation> {
  const cache = join(REPOSITORY, '.cache')
  await mkdir(cache, { recursive: true })
  // Inside the repository, so that imports find its node_modules.
  const scratch = await mkdtemp(join(cache, 'labelled-'))
  // Its own for each start: process ids repeat across namespaces, and tsx names its socket by them. Short, as socket paths must be.
  const home = await mkdtemp(join(tmpdir(), 'labelled-'))
  try {
    const project = join(scratch, basename(folder))
    const launchers = join(scratch, 'bin')
    await Promise.all([cp(folder, project, { recursive: true }), mkdir(launchers)])
    await Promise.all(
      Object.entries(LAUNCHERS).map(([name, line]) => writeFile(join(launchers, name), `#!/bin/sh\n${line}\n`, { mode: 0o755 })),
    )
    const outputFile = join(scratch, 'output')
    const env = {
      PATH: [launchers, dirname(process.execPath), '/usr/bin', '/bin', '/usr/sbin', '/sbin'].join(delimiter),
      HOME: home,
      TMPDIR: home,
      PM2_HOME: join(home, 'pm2'),
      LANG: 'C.UTF-8',
      PYTHONDONTWRITEBYTECODE: '1',
      PYTHONUNBUFFERED: '1',
      npm_config_update_notifier: 'false',
      LABELLED_ADDRESSES: (run.addresses ?? []).join(' '),
      LABELLED_OUTPUT: outputFile,
      ...run.env,
    }
    const seen = await watch(project, run.command, env, enough)
    const output = await readFile(outputFile, 'utf8').catch(() => '')
    return { ...seen, output: output.trimEnd().split('\n').slice(-8).join('\n') }
  } finally {
    await Promise.all([scratch, home].map((path) => rm(path, { recursive: true, force: true, maxRetries: 5 })))
  }
}

async function watch(
  cwd: string,
  command: readonly string[],
  env: Record<string, string>,
  enough: (sockets: readonly Socket[]) => boolean,
): Promise<Omit<Observation, 'output'>> {
  const holder = spawn(
    'unshare',
    ['--net', '--pid', '--fork', '--kill-child', '--mount-proc', 'bash', '-c', SUPERVISOR, 'supervisor', ...command],
    { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const ended = new Promise<void>((resolve) => {
    holder.once('close', () => resolve())
    holder.once('error', () => resolve())
  })
  let table = ''
  let latest: Socket[] = []
  let exited: number | undefined
  let problem = ''
  let enoughSince: number | undefined
  const started = Date.now()
  holder.stderr.setEncoding('utf8').on('data', (text: string) => {
    problem += text
  })
  holder.once('error', (error) => {
    problem += error.message
  })
  holder.stdout.setEncoding('utf8').on('data', (text: string) => {
    table += text
    const rounds = table.split('--\n')
    table = rounds.pop() ?? ''
    const last = rounds.at(-1)
    if (last === undefined) return
    latest = last.split('\n').flatMap(parseSocket)
    const exit = rounds.map((round) => /^exited (\d+)$/m.exec(round)).find((match) => match)
    if (exit) exited = Number(exit[1])
    enoughSince = enough(latest) ? (enoughSince ?? Date.now()) : undefined
  })
  try {
    for (;;) {
      await delay(100)
      const now = Date.now()
      if (holder.exitCode !== null || problem) throw new Error(`the namespace could not be made: ${problem.trim()}`)
      if (now - started > DEADLINE_MS) return { sockets: latest, exited }
      const wait = latest.length === 0 && exited === undefined ? NOTHING_EXPECTED_MS : SETTLE_MS
      if (enoughSince !== undefined && now - enoughSince > wait) return { sockets: latest, exited }
    }
  } finally {
    holder.kill('SIGKILL')
    await ended
  }
}

/** One line of `ss -Hltnup`: netid, state, two queues, local address, peer, users. Anything else is no socket. */
function parseSocket(line: string): Socket[] {
  const [protocol, , , , local] = line.trim().split(/\s+/)
  const match = /^(.*):(\d+)$/.exec(local ?? '')
  if (!match || (protocol !== 'tcp' && protocol !== 'udp')) return []
  const address = (match[1] ?? '').replace(/^\[|\]$/g, '').replace(/%.*$/, '')
  return [{ protocol, address, port: Number(match[2]), loopback: /^(::ffff:)?127\.|^::1$/.test(address) }]
}
