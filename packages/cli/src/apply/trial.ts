import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { formatAddress } from '@sallyport/core/network'
import { ENVIRONMENT } from '../collect/run.ts'
import { Failure } from '../failure.ts'
import type { Namespace } from './namespace.ts'
import { devicesOf, isLinkLocal, type Routed } from './network.ts'
import type { Connection } from './operator.ts'

/** What would become of a connection. `untried`: in the copy of this machine it cannot be made as things are. */
export interface Fate {
  readonly connection: Connection
  readonly open: 'stays' | 'cut' | 'untried'
  /** Whether it can be made anew. */
  readonly anew: boolean
}

/** Answers every byte with itself, on every port that is named; of IPv4 alone where there is no IPv6. */
const SERVER = `
const net = require('node:net')
let left = process.argv.length - 1
if (left === 0) console.log('ready')
for (const port of process.argv.slice(1)) {
  const server = net.createServer((socket) => { socket.on('error', () => {}); socket.pipe(socket) })
  server.once('error', () => server.listen(Number(port), '0.0.0.0'))
  server.once('listening', () => { if (--left === 0) console.log('ready') })
  server.listen(Number(port), '::')
}
process.stdin.resume().on('end', () => process.exit(0))
`

/**
 * Connects everything once, and says for each whether it could; with the next line from its input it sends a byte by each of these connections,
 * makes each once more, and says what became of them.
 */
const CLIENT = `
const net = require('node:net')
const all = JSON.parse(process.argv[1])
const within = (promise) => Promise.race([promise, new Promise((done) => setTimeout(done, 3000, false))])
const connect = ({ from, fromPort, to, port }) => new Promise((done) => {
  const socket = net.connect({ host: to, port, localAddress: from, localPort: fromPort })
  socket.on('error', () => done(false))
  socket.once('connect', () => done(socket))
})
const echo = (socket) => socket !== false && new Promise((done) => {
  socket.once('data', () => done(true))
  socket.once('close', () => done(false))
  socket.write('.')
})
const open = (each) => within(connect(each).then(async (socket) => (await echo(socket)) && socket))
const main = async () => {
  const sockets = await Promise.all(all.map(open))
  console.log(JSON.stringify(sockets.map((socket) => socket !== false)))
  await new Promise((next) => process.stdin.once('data', next))
  const [stays, anew] = await Promise.all([
    Promise.all(sockets.map((socket) => within(echo(socket)))),
    Promise.all(all.map(async (each) => (await open({ ...each, fromPort: 0 })) !== false)),
  ])
  console.log(JSON.stringify(stays.map((open, index) => ({ open, anew: anew[index] }))))
  process.exit(0)
}
main()
`

/**
 * Real connections in the copy of this machine, made before a change and looked at after it: the kernel says what it does with a session that is
 * open, with its answers, and with the next one.
 */
export class Trial {
  readonly #server: Helper
  readonly #groups: readonly Group[]

  private constructor(server: Helper, groups: readonly Group[]) {
    this.#server = server
    this.#groups = groups
  }

  /** Makes the connections, from `outside` to `inside`, or within it those over loopback. */
  static async begin(inside: Namespace, outside: Namespace, routed: readonly Routed[]): Promise<Trial> {
    const server = new Helper(inside, SERVER, [...new Set(routed.map(({ connection }) => String(connection.port)))])
    await server.line()
    const devices = devicesOf(routed)
    const groups = [
      { from: inside, routes: routed.filter(({ device }) => device === 'lo') },
      { from: outside, routes: routed.filter(({ device }) => device !== 'lo') },
    ].map(async ({ from, routes }): Promise<Group> => {
      const ends = routes.map(({ connection: { client, clientPort = 0, server: to, port }, device }) => {
        const zone = isLinkLocal(client) ? `%out${devices.indexOf(device)}` : ''
        return { from: `${formatAddress(client)}${zone}`, fromPort: clientPort, to: `${formatAddress(to)}${zone}`, port }
      })
      const helper = new Helper(from, CLIENT, [JSON.stringify(ends)])
      return { helper, connections: routes.map(({ connection }) => connection), made: await helper.line() }
    })
    return new Trial(server, await Promise.all(groups))
  }

  /** After the change. */
  async end(): Promise<readonly Fate[]> {
    const fates = this.#groups.map(async ({ helper, connections, made }) => {
      helper.tell('\n')
      const told = await helper.line()
      return connections.map((connection, index): Fate => {
        const { open, anew } = (told[index] ?? {}) as { readonly open?: unknown; readonly anew?: unknown }
        return { connection, open: made[index] !== true ? 'untried' : open === true ? 'stays' : 'cut', anew: anew === true }
      })
    })
    return (await Promise.all(fates)).flat()
  }

  close(): void {
    for (const { helper } of this.#groups) helper.close()
    this.#server.close()
  }
}

interface Group {
  readonly helper: Helper
  readonly connections: readonly Connection[]
  /** By connection, whether it was made before the change. */
  readonly made: readonly unknown[]
}

/** Longer than all that its programs wait for. */
const LONGEST_MS = 30_000

/** A program of Node's in a namespace, which says one line of JSON at a time; it ends with its input. */
class Helper {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>
  #text = ''

  constructor(namespace: Namespace, program: string, words: readonly string[]) {
    const [command, ...rest] = namespace.program([process.execPath, '-e', program, ...words])
    this.#child = spawn(command, rest, { cwd: '/', env: ENVIRONMENT, stdio: ['pipe', 'pipe', 'ignore'], detached: true })
    this.#child.on('error', () => {})
    this.#child.stdin.on('error', () => {})
    this.#child.stdout.on('data', (chunk: Buffer) => (this.#text += chunk.toString('utf8')))
  }

  /** The next line. Empty where the program has ended without. Throws `Failure` where none comes in time. */
  async line(): Promise<readonly unknown[]> {
    const late = sleep(LONGEST_MS, 'late' as const, { ref: false })
    while (!this.#text.includes('\n')) {
      if (this.#child.exitCode !== null || this.#child.stdout.readableEnded) return []
      const came = await Promise.race([once(this.#child.stdout, 'data'), once(this.#child, 'close'), late])
      if (came === 'late')
        throw new Failure('the connections that are to be kept could not be tried in time', 'try again; nothing was changed')
    }
    const end = this.#text.indexOf('\n')
    const line = this.#text.slice(0, end)
    this.#text = this.#text.slice(end + 1)
    return line.startsWith('[') ? (JSON.parse(line) as readonly unknown[]) : []
  }

  tell(text: string): void {
    this.#child.stdin.write(text)
  }

  close(): void {
    this.#child.stdin.end()
    this.#child.kill('SIGKILL')
    this.#child.unref()
  }
}
