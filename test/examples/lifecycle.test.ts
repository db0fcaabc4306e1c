import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Output } from '../../lab/index.ts'
import { Deployment } from './support/deployment.ts'
import { PORTS, SERVICES } from './support/engines.ts'
import { CLI, describeExample } from './support/requirements.ts'
import { Server } from './support/server.ts'

interface HealthData {
  readonly services: readonly {
    readonly name: string
    readonly verdict: string
    readonly by: string
    readonly reasons: readonly string[]
    readonly lines: readonly string[]
  }[]
}

const NAMES = SERVICES.map(({ name }) => name)
const CANARY = 'canary-9f31c2d87ab04e65'

await describeExample('a deployment of PM2, through its life', () => {
  let app: Deployment
  let server: Server
  const said: string[] = []
  const sallyport = async (...args: readonly string[]): Promise<Output> => {
    const output = await server.sallyport(app.folder, ...args)
    said.push(output.stdout, output.stderr)
    return output
  }
  const health = async (...names: readonly string[]) => {
    const { code, stdout } = await sallyport('health', ...names, '--format', 'json')
    const { services } = JSON.parse(stdout) as HealthData
    return { code, services, up: services.filter(({ verdict }) => verdict === 'up').map(({ name }) => name) }
  }

  beforeAll(async () => {
    app = Deployment.of('engines/right')
    server = await Server.start(app.beside)
  })
  afterAll(async () => {
    await server?.close()
    app?.remove()
  })

  it('M11, V7 · looking starts nothing, not even PM2’s daemon, and says that each service is down', async () => {
    const { code, services } = await health()
    expect(code).toBe(1)
    expect(
      services
        .filter(({ by }) => by === 'pm2')
        .map(({ name }) => name)
        .toSorted(),
    ).toEqual(NAMES.toSorted())
    expect(services.every(({ verdict }) => verdict === 'down')).toBe(true)
    expect((await sallyport('logs', 'billing-engine')).code).toBe(0)
    expect((await server.run(['pgrep', '-f', 'God Daemon'], '/', 'any')).stdout).toBe('')
  })

  it('M11 · build runs what package.json says, after it was shown', async () => {
    expect(await sallyport('build', '--dry-run')).toMatchObject({ code: 0, stdout: 'npm run build\n' })
    expect(await sallyport('build')).toMatchObject({ code: 2, stdout: '' })
    expect((await sallyport('build', '--yes')).code).toBe(0)
    expect(app.read('billing-engine/dist/index.js')).toContain('listen')
  })

  it('V7 · a port that another program has is found before anything is started', async () => {
    const other = await server.spawn(['/usr/bin/python3', '-m', 'http.server', '7001', '--bind', '127.0.0.1'], app.beside)
    await server.untilListening(7001)
    const { code, stderr } = await sallyport('up', '--yes')
    const down = await health('billing-engine')
    await other.stop()
    expect(code).toBe(1)
    expect(stderr).toMatch(/port 7001 of billing-engine is taken by python3\S*, pid \d+/)
    expect(down.services[0]?.reasons.join('\n')).toMatch(/port 7001 is taken by python3\S*, pid \d+/)
    expect((await server.run(['pgrep', '-f', 'God Daemon'], '/', 'any')).stdout).toBe('')
  })

  describe('started', () => {
    let started: Output
    beforeAll(async () => {
      await server.untilClosed(7001)
      started = await sallyport('up', '--yes', '--timeout', '60')
    }, 240_000)

    it('M11 · up waits until all ten answer; what is nobody’s to start is said, and is down', async () => {
      const notUp = started.stdout.split('\n').flatMap((line) => /^(\S+) +(?!up\b)(?:Service|not known)/.exec(line)?.[1] ?? [])
      expect({ code: started.code, notUp, told: notUp.length === 2 ? '' : `${started.stdout}${started.stderr}` }).toEqual({
        code: 1,
        notUp: ['http', 'https'],
        told: '',
      })
      expect(started.stderr).toContain('https is not started')
      expect([...(await server.pids()).keys()].toSorted()).toEqual(NAMES.toSorted())
      const { code, up } = await health(...NAMES)
      expect({ code, up: up.toSorted() }).toEqual({ code: 0, up: NAMES.toSorted() })
    })

    it('M11 · what is up is not started again', async () => {
      const before = await server.pids()
      expect((await sallyport('up', '--yes', ...NAMES)).code).toBe(0)
      expect(await server.pids()).toEqual(before)
    })

    it('M11, V7 · with nginx before them everything is up, by its own name', async () => {
      await server.serve(app.read('nginx/engines.conf'), 'engines.example.com')
      const { code, up } = await health()
      expect({ code, up: up.toSorted() }).toEqual({ code: 0, up: [...NAMES, 'http', 'https'].toSorted() })
    })

    it('C7 · the checklist of the running server: listening, through nginx only, no strangers', async () => {
      const { stdout } = await sallyport('checklist', 'engines', '--format', 'json')
      const { lists } = JSON.parse(stdout) as {
        readonly lists: readonly {
          readonly items: readonly { readonly id: string; readonly verdict: string; readonly evidence: readonly string[] }[]
        }[]
      }
      const items = lists
        .flatMap((list) => list.items)
        .filter(({ id }) => /^E[168]\.(?:loopback|running|nginx-only|strangers|restart)$/.test(id))
      expect(items.map(({ id, verdict, evidence }) => ({ id, verdict, why: verdict === 'pass' ? '' : evidence }))).toEqual(
        ['E1.loopback', 'E1.running', 'E6.nginx-only', 'E1.strangers', 'E8.restart'].map((id) => ({ id, verdict: 'pass', why: '' })),
      )
    })

    it('M11, M14 · logs --security: nginx, sshd and fail2ban in one stream, in the order of their times', async () => {
      const flood =
        'for i in $(seq 60); do curl --silent --insecure --output /dev/null --resolve engines.example.com:443:127.0.0.1 https://engines.example.com/billing/ & done; wait'
      await server.run(['/bin/sh', '-c', flood], '/', 'any')
      await server.host.write(
        '/var/log/auth.log',
        '2026-01-31T08:00:00.000000+00:00 server sshd[7]: Failed password for root from 203.0.113.7 port 40022 ssh2\n',
      )
      await server.host.write(
        '/var/log/fail2ban.log',
        '2026-01-31 09:00:00,123 fail2ban.actions        [7]: NOTICE  [sshd] Ban 203.0.113.7\n',
      )
      const { code, stdout } = await sallyport('logs', '--security', '--format', 'json', '--lines', '200')
      const events = stdout
        .trim()
        .split('\n')
        .map(
          (line) => JSON.parse(line) as { readonly time: string; readonly from: string; readonly address: string; readonly what: string },
        )
      expect(code).toBe(0)
      expect(events.slice(0, 2).map(({ from, address }) => [from, address])).toEqual([
        ['sshd', '203.0.113.7'],
        ['fail2ban', '203.0.113.7'],
      ])
      expect(events.at(-1)).toMatchObject({ from: 'nginx', address: '127.0.0.1', what: expect.stringMatching(/^limiting requests/) })
      expect(events.map(({ time }) => time)).toEqual(events.map(({ time }) => time).toSorted())
    })

    it('M11 · logs --security --follow tells of each refusal as it comes', async () => {
      const follow = await server.spawn([process.execPath, CLI, 'logs', '--security', '--follow', '--lines', '0'], app.folder)
      // It may take a while until what has been is read: a line a second, until one is told.
      const line = '2026-01-31T10:00:00Z server sshd[8]: Invalid user oracle from 203.0.113.8 port 22'
      for (let tries = 0; tries < 60 && !follow.stdout.includes('203.0.113.8'); tries++)
        await server.run(['/bin/sh', '-c', `echo '${line}' >> /var/log/auth.log; sleep 1`], '/')
      await follow.stop()
      expect(follow.stdout).toContain('203.0.113.8')
    })

    it('M11, M17 · one that ends at once is told with its exit code and its last lines, without the secret in them', async () => {
      expect((await sallyport('down', 'billing-engine', '--yes')).code).toBe(0)
      expect((await health('billing-engine')).services[0]).toMatchObject({ verdict: 'down' })
      app.write(
        'billing-engine/dist/index.js',
        `console.error('cannot read the prices')\nconsole.error('DB_PASSWORD=${CANARY}')\nprocess.exit(3)\n`,
      )
      const { code, stdout } = await sallyport('up', 'billing-engine', '--yes', '--timeout', '20')
      expect(code).toBe(1)
      expect(stdout).toMatch(/^billing-engine +Service down$/m)
      expect(stdout).toMatch(/exit code 3/)
      expect(stdout).toContain('cannot read the prices')
    })

    it('M11 · down stops all ten, and says what it leaves', async () => {
      const { code, stderr } = await sallyport('down', '--yes')
      expect(code).toBe(0)
      expect(stderr).toContain('https is left as it is')
      expect((await server.pids()).size).toBe(0)
      for (const port of PORTS) await server.untilClosed(port)
    })

    it('M11, E8 · what would be open once it is started is not started', async () => {
      app.replace('ecosystem.config.js', "HOST: '127.0.0.1'", "HOST: '0.0.0.0'")
      const refused = await sallyport('up', '--yes')
      expect(refused.code).toBe(1)
      expect(refused.stderr).toMatch(/nothing was started:[^]*(?:opens-on-restart|host-overridden)/)
      expect((await server.pids()).size).toBe(0)
    })

    it('C5 · nothing that was said has the secret in it', () => {
      expect(said.join('')).toContain('[redacted]')
      expect(said.join('')).not.toContain(CANARY)
    })
  })
})
