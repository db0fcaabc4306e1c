import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Background, type Host, Lab, type Nginx, type Outcome, type Output } from '../../../lab/index.ts'
import type { ReportData } from '../../../packages/cli/src/report/data.ts'
import { CLI, PATH, PM2 } from './requirements.ts'

/** What `sallyport check` said, and how it ended. */
export interface Checked {
  readonly exit: number | null
  readonly report: ReportData
}

const draw = () =>
  Lab.create({
    zones: {
      internet: ['192.0.2.0/24', '2001:db8:1::/64'],
      lan: ['192.168.1.0/24'],
    },
    hosts: {
      server: { on: { internet: ['192.0.2.10', '2001:db8:1::10'], lan: ['192.168.1.100'] }, defaultRoute: 'internet' },
      neighbour: { on: { lan: ['192.168.1.20'] } },
    },
  })

/** Where others come to the server, and from where. */
const DOORS = [
  { zone: 'internet', address: '192.0.2.10', source: '203.0.113.7' },
  { zone: 'internet', address: '2001:db8:1::10', source: '2001:db8:ffff::7' },
  { zone: 'lan', address: '192.168.1.100', source: '192.168.1.77' },
] as const

/** A server on the internet and on a local network: a host of the lab, on which an example runs. */
export class Server {
  readonly #lab: Awaited<ReturnType<typeof draw>>
  readonly #home: string
  #nginx: Nginx | undefined

  private constructor(lab: Awaited<ReturnType<typeof draw>>, home: string) {
    this.#lab = lab
    this.#home = home
  }

  /** `home` is a folder for PM2's own files. */
  static async start(home: string): Promise<Server> {
    return new Server(await draw(), home)
  }

  get host(): Host {
    return this.#lab.hosts.server
  }

  /** Ends everything that runs on it. */
  close(): Promise<void> {
    return this.#lab.close()
  }

  /** The variables of a login on the server: nothing of this process shines through. */
  get #environment(): Readonly<Record<string, string | undefined>> {
    return {
      ...Object.fromEntries(Object.keys(process.env).map((name) => [name, undefined])),
      PATH,
      HOME: this.#home,
      PM2_HOME: join(this.#home, 'pm2'),
      PM2_DISCRETE_MODE: 'true',
      LANG: 'C.UTF-8',
      // There is no registry to ask here, and waiting for it takes seconds.
      npm_config_update_notifier: 'false',
    }
  }

  run(argv: readonly string[], cwd: string, exit: readonly number[] | 'any' = [0]): Promise<Output> {
    return this.host.run(argv, { cwd, exit, env: this.#environment })
  }

  spawn(argv: readonly string[], cwd: string): Promise<Background> {
    return this.host.spawn(argv, { cwd, env: this.#environment })
  }

  pm2(cwd: string, ...args: readonly string[]): Promise<Output> {
    return this.run([process.execPath, PM2, ...args], cwd)
  }

  /** The pid of each PM2 app that is online, by name. */
  async pids(): Promise<ReadonlyMap<string, number>> {
    const { stdout } = await this.pm2(this.#home, 'jlist')
    const apps = JSON.parse(stdout.slice(stdout.indexOf('['))) as readonly { readonly name: string; readonly pid: number }[]
    return new Map(apps.filter((app) => app.pid > 0).map((app) => [app.name, app.pid]))
  }

  /** Debian's nginx with one site, whose certificate is made here. */
  async serve(site: string, domain: string): Promise<void> {
    await this.#nginx?.stop()
    const live = `/etc/letsencrypt/live/${domain}`
    const certificate = ['-days', '1', '-subj', `/CN=${domain}`, '-keyout', `${live}/privkey.pem`, '-out', `${live}/fullchain.pem`]
    await this.run(['mkdir', '-p', live], '/')
    await this.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', ...certificate], '/')
    await this.run(['rm', '-f', '/etc/nginx/sites-enabled/default'], '/')
    await this.host.write('/etc/nginx/sites-enabled/example', site)
    this.#nginx = await this.host.nginx(readFileSync('/etc/nginx/nginx.conf', 'utf8'))
  }

  async stopServing(): Promise<void> {
    await this.#nginx?.stop()
    this.#nginx = undefined
  }

  untilListening(...ports: readonly number[]): Promise<void> {
    return this.host.untilListening(ports.map((port) => ({ protocol: 'tcp' as const, port })))
  }

  /** Waits until nothing listens on the port. Rejects after ten seconds. */
  async untilClosed(port: number): Promise<void> {
    for (let tries = 0; tries < 500; tries++) {
      const { stdout } = await this.run(['ss', '-Htln', `sport = :${port}`], '/')
      if (stdout === '') return
      await delay(20)
    }
    throw new Error(`something still listens on port ${port}`)
  }

  /** `sallyport check`, run on the server. */
  async check(folder: string, ...options: readonly string[]): Promise<Checked> {
    const { code, stdout, stderr } = await this.run([process.execPath, CLI, 'check', folder, '--format', 'json', ...options], folder, 'any')
    if (code === 2 || !stdout.startsWith('{')) throw new Error(`sallyport check ended with ${code}: ${stderr}${stdout}`)
    return { exit: code, report: JSON.parse(stdout) as ReportData }
  }

  /** `sallyport`, run on the server in the folder. */
  sallyport(folder: string, ...args: readonly string[]): Promise<Output> {
    return this.run([process.execPath, CLI, ...args], folder, 'any')
  }

  /** The last lines of the report for people. */
  async score(folder: string, ...options: readonly string[]): Promise<string> {
    const { stdout } = await this.run([process.execPath, CLI, 'check', folder, ...options], folder, 'any')
    return /^.*\b\d+\/100.*$/m.exec(stdout)?.[0] ?? stdout
  }

  /** What becomes of a connection to each port by every door: `internet 192.0.2.10 443` → `delivered`. */
  async doors(ports: readonly number[]): Promise<ReadonlyMap<string, Outcome>> {
    const probes = DOORS.flatMap(({ zone, address, source }) =>
      ports.map((port) => ({
        from: { zone, address: source },
        to: { address, port },
        protocol: 'tcp' as const,
        expect: 'connection' as const,
      })),
    )
    const outcomes = await this.#lab.probeAll(probes)
    return new Map(probes.map(({ from, to }, index) => [`${from.zone} ${to.address} ${to.port}`, outcomes[index] ?? 'dropped']))
  }

  /** The status that a neighbour's request gets. */
  async status(url: string, ...options: readonly string[]): Promise<number> {
    const { stdout } = await this.#lab.hosts.neighbour.run(
      ['curl', '--silent', '--insecure', '--max-time', '5', '--output', '/dev/null', '--write-out', '%{http_code}', ...options, url],
      { exit: 'any' },
    )
    return Number(stdout)
  }
}
