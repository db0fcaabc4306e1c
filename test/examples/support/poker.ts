import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Background, Output } from '../../../lab/index.ts'
import { Deployment } from './deployment.ts'
import { ROOT } from './requirements.ts'
import { Server } from './server.ts'

/** Lets a program of the example find the guard as it stands in the checkout, whether or not it was built. */
export const FROM_SOURCE = `--conditions=source --import=${pathToFileURL(join(ROOT, 'node_modules/tsx/dist/loader.mjs')).href}`

export const PORT = 8000

export interface Answer {
  readonly status: number
  /** By name in lower case. */
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
}

/** What the guard's log says of one refusal. */
export interface Line {
  readonly time: string
  readonly code: string
  readonly address: string
  readonly path: string
  readonly host: string
  readonly origin: string
  readonly value: string
}

/** examples/poker in one form, on a server. */
export class Poker {
  readonly app: Deployment
  readonly server: Server
  readonly #running: Background[] = []

  private constructor(app: Deployment, server: Server) {
    this.app = app
    this.server = server
  }

  static async deploy(form: 'right' | 'wrong'): Promise<Poker> {
    const app = Deployment.of(`poker/${form}`)
    return new Poker(app, await Server.start(app.beside))
  }

  /** A command of the deployment, until it ends. */
  run(argv: readonly string[], variables: Readonly<Record<string, string>> = {}): Promise<Output> {
    return this.server.run(withVariables(argv, variables), this.app.folder, 'any')
  }

  async start(argv: readonly string[], port: number, variables: Readonly<Record<string, string>> = {}): Promise<Background> {
    const started = await this.server.spawn(withVariables(argv, variables), this.app.folder)
    this.#running.push(started)
    await this.server.untilListening(port)
    return started
  }

  /** Vite with the page, as `npm run page` has it. */
  page(): Promise<Background> {
    return this.start([process.execPath, join(ROOT, 'node_modules/vite/bin/vite.js')], 5173)
  }

  /** The local addresses, with ports, on which something listens. */
  async listening(): Promise<readonly string[]> {
    const { stdout } = await this.server.run(['ss', '-Htln'], '/')
    return stdout
      .split('\n')
      .flatMap((line) => line.split(/\s+/)[3] ?? [])
      .toSorted()
  }

  /** A request from the machine itself, with curl's arguments. */
  async ask(path: string, ...options: readonly string[]): Promise<Answer> {
    const { stdout } = await this.run(['curl', '--silent', '--include', '--max-time', '5', ...options, `http://127.0.0.1:${PORT}${path}`])
    return answerOf(stdout)
  }

  /** Every line of the security log, once it has so many. Rejects after five seconds. */
  async log(least: number): Promise<readonly Line[]> {
    for (let tries = 0; tries < 250; tries++) {
      const { stdout } = await this.run(['cat', 'logs/security.log'])
      const lines = stdout.split('\n').slice(0, -1)
      if (lines.length >= least) return lines.map((line) => JSON.parse(line) as Line)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    throw new Error(`logs/security.log never had ${least} lines`)
  }

  async stop(): Promise<void> {
    for (const running of this.#running.splice(0)) await running.stop()
  }

  async remove(): Promise<void> {
    await this.server.close()
    this.app.remove()
  }
}

const withVariables = (argv: readonly string[], variables: Readonly<Record<string, string>>): readonly string[] => [
  'env',
  ...Object.entries({ NODE_OPTIONS: FROM_SOURCE, ...variables }).map(([name, value]) => `${name}=${value}`),
  ...argv,
]

function answerOf(text: string): Answer {
  const end = text.indexOf('\r\n\r\n')
  const [first = '', ...lines] = text.slice(0, Math.max(end, 0)).split('\r\n')
  return {
    status: Number(first.split(' ')[1] ?? 0),
    headers: new Map(lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()])),
    body: text.slice(end + 4),
  }
}
