import { fileURLToPath } from 'node:url'
import { Lab, type Nginx } from '../../lab/index.ts'
import { certify } from './certificate.ts'

const ECHO = fileURLToPath(new URL('echo.mjs', import.meta.url))
const REQUESTS = fileURLToPath(new URL('requests.mjs', import.meta.url))
const SITE = '/etc/nginx/conf.d/sallyport.conf'

export const V4 = '192.0.2.10'
export const V6 = '2001:db8:1::10'

export interface Asked {
  readonly address?: string
  readonly port: number
  /** With TLS, asking for this name; `''`: for none. */
  readonly name?: string
  readonly text: string
  /** Sent once something came back, and waited for. */
  readonly then?: string
  readonly source?: string
}

const draw = () =>
  Lab.create({
    zones: { internet: ['192.0.2.0/24', '2001:db8:1::/64'] },
    hosts: {
      server: { on: { internet: [V4, V6] }, defaultRoute: 'internet' },
      client: { on: { internet: ['192.0.2.77', '192.0.2.78', '2001:db8:1::77', '2001:db8:1::78'] } },
    },
  })

/** A server with Debian's nginx.conf, a rendered site in it, and servers behind that answer with what arrived; and a client elsewhere. */
export class NginxHost {
  readonly #lab: Awaited<ReturnType<typeof draw>>
  #nginx: Nginx | undefined

  private constructor(lab: Awaited<ReturnType<typeof draw>>) {
    this.#lab = lab
  }

  static async start(ports: readonly number[], domains: readonly string[]): Promise<NginxHost> {
    const host = new NginxHost(await draw())
    const { server } = host.#lab.hosts
    await server.run(['rm', '-f', '/etc/nginx/sites-enabled/default'])
    await server.run(['mkdir', '-p', '/var/www/letsencrypt/.well-known/acme-challenge'])
    await server.write('/var/www/letsencrypt/.well-known/acme-challenge/token', 'proof')
    for (const domain of domains) await certify(server, domain)
    await server.spawn([process.execPath, ECHO, ...ports.map(String)])
    await server.untilListening(ports.map((port) => ({ protocol: 'tcp', port })))
    return host
  }

  get host() {
    return this.#lab.hosts.server
  }

  get lab() {
    return this.#lab
  }

  /** Puts the site in place of the one before. Rejects with what nginx says where it does not take it. */
  async serve(site: string): Promise<void> {
    const { server } = this.#lab.hosts
    await server.write(SITE, site)
    const { stdout } = await server.run(['cat', '/etc/nginx/nginx.conf'])
    await this.#nginx?.stop()
    this.#nginx = await server.nginx(stdout)
  }

  /** What `nginx -t` prints of the configuration: `''` where it has nothing to say but that all is well. */
  async said(): Promise<string> {
    const { stderr } = await this.#lab.hosts.server.run(['nginx', '-t'])
    return stderr.replace(/^.*(?:syntax is ok|test is successful)\n/gm, '')
  }

  async ask(asked: readonly Asked[]): Promise<readonly string[]> {
    const input = JSON.stringify(asked.map((each) => ({ address: V4, ...each })))
    const { stdout } = await this.#lab.hosts.client.run([process.execPath, REQUESTS], { input, timeoutMs: 60_000 })
    return JSON.parse(stdout) as readonly string[]
  }

  async close(): Promise<void> {
    await this.#lab.close()
  }
}

/** A request of HTTP/1.1 whose connection ends with it. */
export function get(path: string, host: string, headers: readonly string[] = []): string {
  return `${[`GET ${path} HTTP/1.1`, `Host: ${host}`, 'Connection: close', ...headers].join('\r\n')}\r\n\r\n`
}

export interface Arrived {
  readonly port: number
  readonly url: string
  /** By lower-case name: every value. */
  readonly headers: ReadonlyMap<string, readonly string[]>
}

/** What arrived behind nginx; `undefined`: nothing did. */
export function arrived(answer: string): Arrived | undefined {
  const body = /\r\n\r\n([^]*)$/.exec(answer)?.[1] ?? ''
  const json = /\{"port":.*\}/.exec(body)?.[0]
  if (json === undefined) return undefined
  const { port, url, headers } = JSON.parse(json) as { port: number; url: string; headers: readonly string[] }
  const found = new Map<string, string[]>()
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index]?.toLowerCase() ?? ''
    found.set(name, [...(found.get(name) ?? []), headers[index + 1] ?? ''])
  }
  return { port, url, headers: found }
}

export function statusOf(answer: string): number | undefined {
  const status = /^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]
  return status === undefined ? undefined : Number(status)
}

/** Of the answer itself. */
export function headerOf(answer: string, name: string): readonly string[] {
  const head = answer.split('\r\n\r\n', 1)[0] ?? ''
  return head.split('\r\n').flatMap((line) => {
    const at = line.indexOf(': ')
    return line.slice(0, at).toLowerCase() === name.toLowerCase() ? [line.slice(at + 2)] : []
  })
}
