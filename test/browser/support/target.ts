import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Gate, guard } from '@sallyport/guard'
import { WebSocketServer } from 'ws'
import { until } from './until.ts'

/** What the application says to whoever reaches it. */
export const SECRET = 'the river is the ace of spades'

/** One line of the security log. */
export interface Line {
  readonly code: string
  readonly path: string
  readonly host: string
  readonly origin: string
}

/** An application of this machine: it answers everything, on every path, and any page may read it. It counts who came to it. */
export class Target {
  readonly port: number
  /** `METHOD PATH`, or `WEBSOCKET PATH`, of everything that its handlers got; without queries. */
  readonly reached: string[] = []
  readonly #server: Server
  readonly #sockets: WebSocketServer
  readonly #folder: string
  readonly #gate: Gate | undefined

  private constructor(server: Server, guarded: boolean) {
    this.#server = server
    this.port = (server.address() as AddressInfo).port
    this.#folder = mkdtempSync(join(tmpdir(), 'sp-target-'))
    this.#sockets = new WebSocketServer({ server })
    this.#sockets.on('connection', (socket, request) => {
      this.reached.push(`WEBSOCKET ${pathOf(request.url ?? '')}`)
      socket.send(SECRET)
    })
    server.on('request', (request, response) => this.#answer(request, response))
    if (guarded) {
      this.#gate = guard({ log: { file: this.#log, perSecond: 10_000 } })
      this.#gate.protect(server)
    }
  }

  /** On 127.0.0.1, at a port that the kernel chooses unless one is given. */
  static async start({ guarded, port = 0 }: { readonly guarded: boolean; readonly port?: number }): Promise<Target> {
    const server = createServer()
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve))
    return new Target(server, guarded)
  }

  /** Where a path was reached, once it was. Rejects after some seconds. */
  untilReached(path: string): Promise<readonly string[]> {
    return until(`${path} was never reached`, () => this.reachedAt(path))
  }

  reachedAt(path: string): readonly string[] {
    return this.reached.filter((line) => line.endsWith(` ${path}`))
  }

  /** What was refused of a path, once something was. Rejects after some seconds. */
  untilRefused(path: string): Promise<readonly Line[]> {
    return until(`nothing of ${path} was refused`, () => this.refusedAt(path))
  }

  refusedAt(path: string): readonly Line[] {
    return this.refused.filter((line) => pathOf(line.path) === path)
  }

  get refused(): readonly Line[] {
    if (this.#gate === undefined) return []
    try {
      const lines = readFileSync(this.#log, 'utf8').split('\n')
      return lines.slice(0, -1).map((line) => JSON.parse(line) as Line)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw error
    }
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate()
    this.#sockets.close()
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
    await this.#gate?.close()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  get #log(): string {
    return join(this.#folder, 'security.log')
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    this.reached.push(`${request.method} ${pathOf(request.url ?? '')}`)
    request.resume()
    const [type, body] = KINDS.find(([kind]) => kind === request.headers.accept || request.url?.endsWith(kind))?.[1] ?? [
      'text/plain',
      SECRET,
    ]
    response.writeHead(200, {
      'Content-Type': type,
      'Access-Control-Allow-Origin': '*',
      'Access-Control-Allow-Methods': '*',
      'Access-Control-Allow-Headers': '*',
      'Cache-Control': type === 'image/svg+xml' ? 'max-age=600' : 'no-store',
    })
    response.end(body)
  }
}

const KINDS: readonly (readonly [asked: string, answer: readonly [type: string, body: string]])[] = [
  ['text/event-stream', ['text/event-stream', `data: ${SECRET}\n\n`]],
  ['.svg', ['image/svg+xml', '<svg xmlns="http://www.w3.org/2000/svg" width="7" height="7"/>']],
  ['.js', ['text/javascript', "document.title = 'loaded'"]],
]

/** The log has `?…` for a query. */
const pathOf = (target: string): string => target.replace(/[?…].*$/, '')
