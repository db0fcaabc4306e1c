import type { Background } from '../../../lab/index.ts'
import { Deployment } from './deployment.ts'
import { type Checked, Server } from './server.ts'

/** What is in .env where it is not .env.example. */
const ENVIRONMENTS = {
  staging: {
    HOST: '0.0.0.0',
    PORT: '9848',
    CORS_ORIGINS: 'http://localhost:9848,http://127.0.0.1:9848,http://192.168.1.100:9848',
    EMR_REDIRECT_URI: 'http://localhost:9848/auth/callback',
  },
  production: {
    HOST: '127.0.0.1',
    PORT: '9849',
    CORS_ORIGINS: 'https://voice.example.com',
    EMR_REDIRECT_URI: 'https://voice.example.com/auth/callback',
  },
} as const

export type Environment = 'development' | keyof typeof ENVIRONMENTS

export const RIGHT = 'voice/right'
/** What differs from the right form in one of the wrong ones. */
export const wrong = (form: string): string => `voice/wrong/${form}`

/** Writes .env: in development a copy of .env.example, elsewhere the environment's own. */
export function configure(app: Deployment, environment: Environment): void {
  const lines = environment === 'development' ? [] : Object.entries(ENVIRONMENTS[environment]).map(([name, value]) => `${name}=${value}\n`)
  app.write('.env', environment === 'development' ? app.read('.env.example') : lines.join(''))
}

/** examples/voice in one form and one environment, on a server. */
export class Voice {
  readonly app: Deployment
  readonly server: Server
  readonly environment: Environment
  #running: Background | undefined

  private constructor(app: Deployment, server: Server, environment: Environment) {
    this.app = app
    this.server = server
    this.environment = environment
  }

  static async deploy(layers: readonly string[], environment: Environment = 'development'): Promise<Voice> {
    const app = Deployment.of(...layers)
    configure(app, environment)
    return new Voice(app, await Server.start(app.beside), environment)
  }

  /** Lays a folder of examples/ over the deployment. */
  lay(layer: string): void {
    this.app.lay(layer)
    configure(this.app, this.environment)
  }

  async start(port: number): Promise<void> {
    this.#running = await this.server.spawn(['sh', 'scripts/start.sh'], this.app.folder)
    await this.server.untilListening(port)
  }

  /** `scripts/firewall.sh`, with the host's own ufw. */
  async firewall(): Promise<{ readonly code: number | null; readonly stderr: string }> {
    return this.server.run(['sh', 'scripts/firewall.sh'], this.app.folder, 'any')
  }

  check(environment: Environment = this.environment): Promise<Checked> {
    return this.server.check(this.app.folder, '--environment', environment)
  }

  /** The line of the report for people that has the score. */
  score(): Promise<string> {
    return this.server.score(this.app.folder, '--environment', this.environment)
  }

  async stop(): Promise<void> {
    await this.#running?.stop()
    this.#running = undefined
  }

  async remove(): Promise<void> {
    await this.server.close()
    this.app.remove()
  }
}
