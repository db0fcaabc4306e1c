/**
 * How long a server that binds 0.0.0.0 goes on listening under `sallyport run`, by the kernel's own clock: from TCP_LISTEN to TCP_CLOSE of its
 * socket, and to the end of its process; for Python (uvicorn), C and Node, as often as asked (200); beside asking /proc once a second, as others do.
 * In a network and mount namespace of its own, as root. `npm run build`, then `node --conditions=source --import tsx bench/run.ts [ROUNDS [NAME]]`.
 */
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const CLI = process.env['SALLYPORT_CLI'] ?? fileURLToPath(new URL('../packages/cli/dist/main.js', import.meta.url))
const ROUNDS = Number(process.argv[2] ?? 200)
const INSIDE = 'SALLYPORT_BENCH_INSIDE'
const TRACING = '/sys/kernel/tracing'
/** One that nothing else on the machine has: the kernel tells of all its namespaces. */
const PORT = 17329

if (process.env[INSIDE] === undefined) {
  const enter = 'ip link set lo up; mount -t tracefs none /sys/kernel/tracing; exec "$@"'
  const { status } = spawnSync(
    'unshare',
    ['--net', '--mount', 'sh', '-c', enter, 'sh', process.execPath, ...process.execArgv, ...process.argv.slice(1)],
    {
      stdio: 'inherit',
      env: { ...process.env, [INSIDE]: '1' },
    },
  )
  process.exit(status ?? 1)
}

const C = `#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>
int main(void) {
  struct sockaddr_in place = { .sin_family = AF_INET, .sin_port = htons(${PORT}) };
  int one = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
  usleep(100000);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(listener, (struct sockaddr *)&place, sizeof place) || listen(listener, 16)) return 3;
  for (;;) { int peer = accept(listener, 0, 0); if (peer >= 0) close(peer); }
}
`
const PYTHON = `import asyncio, uvicorn
async def app(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"ok"})
async def main():
    await asyncio.sleep(0.1)
    await uvicorn.Server(uvicorn.Config(app, host=chr(48) + ".0.0.0", port=${PORT}, log_level="critical", lifespan="off")).serve()
asyncio.run(main())
`
const NODE = `setTimeout(() => require('node:http').createServer((q, r) => r.end('ok')).listen(${PORT}, '0.0.0.0'), 100)`

/** Of a UDP socket there is no event: it tells itself when it was bound, by the clock of the trace. */
const UDP = `const socket = require('node:dgram').createSocket('udp4')
setTimeout(() => socket.bind(${PORT}, '0.0.0.0', () => require('node:fs').writeFileSync('udp.txt', process.pid + ' ' + process.hrtime.bigint())), 100 + Math.random() * 200)`

const folder = mkdtempSync(join(tmpdir(), 'sallyport-bench-'))
process.chdir(folder)
writeFileSync('server.c', C)
writeFileSync('server.py', PYTHON)
writeFileSync('server.js', NODE)
writeFileSync('udp.js', UDP)
const compiled = spawnSync('cc', ['-O2', '-o', 'server', 'server.c'], { stdio: 'inherit' }).status === 0
const uvicorn = spawnSync('python3', ['-c', 'import uvicorn']).status === 0

interface Server {
  readonly name: string
  readonly words: readonly string[]
}
const ALL: readonly Server[] = [
  ...(uvicorn ? [{ name: 'Python, uvicorn', words: ['python3', 'server.py'] }] : []),
  ...(compiled ? [{ name: 'C', words: ['./server'] }] : []),
  { name: 'Node, node:http', words: [process.execPath, 'server.js'] },
]
const SERVERS = ALL.filter(({ name }) => name.includes(process.argv[3] ?? ''))

/** When the kernel saw the port of the servers begin and end to listen, and the process end: seconds since the machine's start. */
interface Seen {
  readonly listen: number
  readonly close: number
  readonly exit: number
}

/** An instance of the bench's own; what it has seen since the last time it was asked. */
class Trace {
  readonly #path = `${TRACING}/instances/sallyport-bench-${process.pid}`

  constructor() {
    spawnSync('mkdir', [this.#path])
    this.#write('trace_clock', 'mono')
    this.#write('buffer_size_kb', '512')
    this.#write('events/sock/inet_sock_set_state/filter', `sport==${PORT} && (newstate==10 || oldstate==10)`)
    this.#write('events/sock/inet_sock_set_state/enable', '1')
    this.#write('events/sched/sched_process_exit/enable', '1')
  }

  #write(file: string, text: string): void {
    writeFileSync(`${this.#path}/${file}`, text)
  }

  clear(): void {
    this.#write('trace', '')
  }

  seen(): Seen | undefined {
    let listen: number | undefined
    let close: number | undefined
    let exit: number | undefined
    let pid = ''
    for (const line of readFileSync(`${this.#path}/trace`, 'utf8').split('\n')) {
      const [, thread = '', stamp = ''] = /-(\d+) .*? (\d+\.\d+): /.exec(line) ?? []
      if (line.includes('newstate=TCP_LISTEN')) {
        listen ??= Number(stamp)
        pid ||= thread
      } else if (line.includes('oldstate=TCP_LISTEN')) close ??= Number(stamp)
      else if (line.includes('sched_process_exit') && line.includes(` pid=${pid} `)) exit = Number(stamp)
    }
    return listen === undefined || close === undefined || exit === undefined ? undefined : { listen, close, exit }
  }

  /** When a process ended. */
  exitOf(pid: string): number | undefined {
    const line = readFileSync(`${this.#path}/trace`, 'utf8')
      .split('\n')
      .findLast((one) => one.includes('sched_process_exit') && one.includes(` pid=${pid} `))
    return line === undefined ? undefined : Number(/ (\d+\.\d+): /.exec(line)?.[1])
  }

  remove(): void {
    this.#write('events/enable', '0')
    spawnSync('rmdir', [this.#path])
  }
}

const trace = new Trace()
const environment = { PATH: process.env['PATH'], HOME: '/' }

/** One run under sallyport. */
async function underSallyport(words: readonly string[]): Promise<Seen> {
  trace.clear()
  const child = spawn(process.execPath, [CLI, 'run', '--no-preload', '--', ...words], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: environment,
  })
  let stderr = ''
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  const code = await new Promise((resolve) => child.once('close', resolve))
  const seen = trace.seen()
  if (seen === undefined || code !== 1) throw new Error(`not stopped (exit ${String(code)}):\n${stderr}`)
  return seen
}

/** The same under a loop that asks `ss` once a second, from a moment of its own, and kills. */
async function underPolling(words: readonly string[]): Promise<Seen> {
  trace.clear()
  const [program = '', ...rest] = words
  const child = spawn(program, rest, { stdio: 'ignore', env: environment })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  const look = (): void => {
    const { stdout } = spawnSync('ss', ['-Htln', `sport = :${PORT}`], { encoding: 'utf8' })
    if (stdout.includes('0.0.0.0')) child.kill('SIGTERM')
  }
  await new Promise((next) => setTimeout(next, Math.random() * 1000))
  look()
  const timer = setInterval(look, 1000)
  await ended
  clearInterval(timer)
  const seen = trace.seen()
  if (seen === undefined) throw new Error('nothing was seen')
  return seen
}

async function udp(): Promise<Seen> {
  trace.clear()
  const child = spawn(process.execPath, [CLI, 'run', '--no-preload', '--', process.execPath, 'udp.js'], {
    stdio: 'ignore',
    env: environment,
  })
  await new Promise((resolve) => child.once('close', resolve))
  const [pid = '', time = ''] = readFileSync('udp.txt', 'utf8').split(' ')
  const listen = Number(time) / 1e9
  const exit = trace.exitOf(pid) ?? Number.NaN
  return { listen, close: exit, exit }
}

const at = (sorted: readonly number[], part: number): number =>
  sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * part) - 1)] ?? 0
const ms = (value: number): string => `${(value * 1000).toFixed(1)} ms`.padStart(10)

async function measure(name: string, rounds: number, round: () => Promise<Seen>): Promise<void> {
  const all: Seen[] = []
  for (let index = 0; index < rounds; index++) all.push(await round())
  const open = all.map(({ listen, close }) => close - listen).toSorted((a, b) => a - b)
  const ended = all.map(({ listen, exit }) => exit - listen).toSorted((a, b) => a - b)
  print(`${name.padEnd(34)}${[at(open, 0.5), at(open, 0.99), at(open, 1), at(ended, 0.5), at(ended, 0.99)].map(ms).join(' ')}`)
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

try {
  print(`${ROUNDS} runs each; from listen(2)      open: p50        p99        max   ended: p50     p99`)
  for (const { name, words } of SERVERS) await measure(name, ROUNDS, () => underSallyport(words))
  if ('UDP'.includes(process.argv[3] ?? '')) await measure('UDP, Node', Math.ceil(ROUNDS / 2), udp)
  const polls = Math.floor(ROUNDS / 5)
  for (const { name, words } of polls === 0 ? [] : SERVERS)
    await measure(`${name}, asked each second (${polls})`, polls, () => underPolling(words))
  print(spawnSync('uptime', { encoding: 'utf8' }).stdout.trim())
} finally {
  trace.remove()
  rmSync(folder, { recursive: true, force: true })
}
