import { randomBytes } from 'node:crypto'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DockerEngine, Output } from '../../lab/index.ts'
import { Deployment } from './support/deployment.ts'
import { makeImages } from './support/images.ts'
import { CLI, describeExample } from './support/requirements.ts'
import { Server } from './support/server.ts'

const INTERNAL = ['browser_service', 'llm_service', 'notification_service', 'postgres', 'redis']
const ALL = ['frontend', 'api_service', ...INTERNAL]

interface HealthData {
  readonly services: readonly {
    readonly name: string
    readonly verdict: string
    readonly by: string
    readonly who: string | null
    readonly reasons: readonly string[]
    readonly lines: readonly string[]
  }[]
}

await describeExample('examples/monitoring', () => {
  let app: Deployment
  let server: Server
  let docker: DockerEngine
  /** Searched for in everything that is said. */
  let canary = ''
  let generated: Output
  const said: string[] = []

  const sallyport = async (...args: readonly string[]): Promise<Output> => {
    const output = await server.sallyport(app.folder, ...args)
    said.push(output.stdout, output.stderr)
    return output
  }
  const make = async (target: string): Promise<Output> => {
    const output = await server.run(['make', target, `SALLYPORT=${process.execPath} ${CLI}`], app.folder, 'any')
    said.push(output.stdout, output.stderr)
    return output
  }
  const health = async (): Promise<{ readonly code: number | null; readonly services: HealthData['services'] }> => {
    const { code, stdout } = await sallyport('health', '--format', 'json')
    return { code, services: (JSON.parse(stdout) as HealthData).services }
  }
  const down = (services: HealthData['services']) => services.filter(({ verdict }) => verdict !== 'up').map(({ name }) => name)

  beforeAll(async () => {
    app = Deployment.of('monitoring')
    app.write('.env', app.read('.env.example').replace('your_postgres_password', randomBytes(32).toString('base64url')))
    server = await Server.start(app.beside)
    generated = await make('generate-keys')
    canary = /^INTERNAL_API_KEY=(.*)$/m.exec(app.read('.env'))?.[1] ?? ''
    docker = await server.host.docker()
    await makeImages(server.host, docker)
  })
  afterAll(async () => {
    await server?.close()
    app?.remove()
  })

  it('M9 · make generate-keys puts keys in place of the placeholders, and prints none', () => {
    expect(generated.code).toBe(0)
    expect(canary).toMatch(/^[\w-]{43,}$/)
    expect(app.read('.env')).not.toContain('your_')
    expect(statSync(join(app.folder, '.env')).mode & 0o777).toBe(0o600)
  })

  it('M11, V7 · before the start every service is down, since it was never started; nothing is started by looking', async () => {
    const { code, services } = await health()
    expect(code).toBe(1)
    expect(down(services).toSorted()).toEqual(ALL.toSorted())
    for (const { reasons } of services) expect(reasons.join()).toContain('it was never started')
    expect((await docker.cli(['ps', '--all', '--quiet'])).stdout).toBe('')
  })

  it('M11 · without a terminal nothing is started unless that is said, and --dry-run prints what would be run', async () => {
    expect(await sallyport('up')).toMatchObject({ code: 2, stdout: '' })
    const { stdout, code } = await sallyport('up', '--dry-run')
    expect(code).toBe(0)
    expect(stdout.split('\n')[0]).toMatch(/^docker-compose --file \S+\/docker-compose\.prod\.yml up --detach postgres redis$/)
    expect((await docker.cli(['ps', '--all', '--quiet'])).stdout).toBe('')
  })

  it('V7 · a port that another program has is named with it before anything is started', async () => {
    const other = await server.spawn(['/usr/bin/python3', '-m', 'http.server', '8000', '--bind', '127.0.0.1'], app.beside)
    await server.untilListening(8000)
    const { code, stderr } = await sallyport('up', '--yes')
    await other.stop()
    expect(code).toBe(1)
    expect(stderr).toMatch(/port 8000 of api_service is taken by python3\S*, pid \d+/)
    expect((await docker.cli(['ps', '--all', '--quiet'])).stdout).toBe('')
  })

  describe('started', () => {
    let built: Output
    let started: Output
    beforeAll(async () => {
      await server.untilClosed(8000)
      built = await make('prod-build')
      started = await make('prod-up')
    }, 240_000)

    it('M11 · make prod-build and prod-up: databases first, and every service answers', async () => {
      expect({ built: built.code, started: started.code, told: started.code === 0 ? '' : `${started.stdout}${started.stderr}` }).toEqual({
        built: 0,
        started: 0,
        told: '',
      })
      const starts = started.stderr.split('\n').filter((line) => line.startsWith('$ docker-compose'))
      expect(starts.map((line) => line.replace(/.* --detach /, ''))[0]).toBe('postgres redis')
      const { code, services } = await health()
      expect({ code, down: down(services) }).toEqual({ code: 0, down: [] })
      expect(services.every(({ by, who }) => by === 'compose' && who?.startsWith('container ') === true)).toBe(true)
      expect((await make('prod-health')).stdout).toMatch(/api_service +up .*127\.0\.0\.1:8000\/health answers 200/)
    })

    it('M11 · what is up is not started again', async () => {
      const ids = (await docker.cli(['ps', '--quiet', '--no-trunc'])).stdout
      expect((await sallyport('up', '--yes')).code).toBe(0)
      expect((await docker.cli(['ps', '--quiet', '--no-trunc'])).stdout).toBe(ids)
    })

    it('M1 · others reach the frontend and the API, and nothing else', async () => {
      const doors = await server.doors([3000, 8000, 8001, 8002, 8003, 5432, 6379])
      const open = [...doors]
        .filter(([door, outcome]) => outcome === 'delivered' && door.startsWith('internet 192.'))
        .map(([door]) => Number(door.split(' ')[2]))
      expect(open).toEqual([3000, 8000])
    })

    it('M6 · the API adds the internal key itself', async () => {
      expect(await server.status('http://192.168.1.100:8000/api/browser')).toBe(200)
    })

    it('M2, M11 · a request without the internal key is refused, and logs --security tells who it was', async () => {
      const { stdout } = await docker.cli([
        'inspect',
        '--format',
        '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}',
        'app_browser_service_1',
      ])
      const answer = await server.run(
        [
          'curl',
          '--silent',
          '--header',
          'Host: browser_service:8001',
          '--header',
          'X-Internal-API-Key: wrong',
          `http://${stdout.trim()}:8001/`,
        ],
        '/',
      )
      expect(answer.stdout).toContain('Invalid internal API key')
      const events = (await sallyport('logs', '--security', '--format', 'json')).stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>)
      expect(events).toContainEqual(
        expect.objectContaining({ from: 'browser_service', what: expect.stringContaining('invalid internal API key') }),
      )
    })

    it('M11, V7 · one that was killed is told with its exit code, and the others are up', async () => {
      await docker.cli(['update', '--restart', 'no', 'app_llm_service_1'])
      await docker.cli(['kill', 'app_llm_service_1'])
      const { code, services } = await health()
      expect({ code, down: down(services) }).toEqual({ code: 1, down: ['llm_service'] })
      expect(services.find(({ name }) => name === 'llm_service')?.reasons.join()).toMatch(
        /container app_llm_service_1 is exited, exit code 137/,
      )
      expect((await sallyport('health')).stdout).toMatch(/^llm_service +Service down$/m)
    })

    it('M11, M17 · one that does not come up is told with its last lines, without the secrets in them', async () => {
      app.replace(
        'services/internal.py',
        'import hmac',
        `import hmac\nimport os\nprint("INTERNAL_API_KEY=" + os.environ["INTERNAL_API_KEY"], flush=True)\nraise SystemExit("cannot reach the model")`,
      )
      expect((await sallyport('build', 'llm_service', '--yes')).code).toBe(0)
      const { code, stdout } = await sallyport('up', 'llm_service', '--yes', '--timeout', '10')
      expect(code).toBe(1)
      expect(stdout).toMatch(/^llm_service +Service down$/m)
      expect(stdout).toContain('cannot reach the model')
      // Docker starts it again and again: it is seen down, or up for a moment.
      expect(stdout).toMatch(/exit code 1|started again \d+ times/)
    })

    it('M11, M17 · one that runs and answers wrongly is told with its answer', async () => {
      app.replace('services/frontend.py', 'return self.answer(200', 'return self.answer(503')
      await sallyport('build', 'frontend', '--yes')
      expect((await sallyport('up', 'frontend', '--yes', '--timeout', '5')).code).toBe(0)
      await sallyport('down', 'frontend', '--yes')
      const { code, stdout } = await sallyport('up', 'frontend', '--yes', '--timeout', '5')
      expect(code).toBe(1)
      expect(stdout).toMatch(/:3000\/health answers 503/)
    })

    it('M11 · make prod-down stops everything, and the data stays', async () => {
      expect((await make('prod-down')).code).toBe(0)
      expect((await docker.cli(['ps', '--all', '--quiet'])).stdout).toBe('')
      expect((await docker.cli(['volume', 'ls', '--quiet'])).stdout).toContain('app_postgres')
      expect((await sallyport('down', '--yes')).stderr).toContain('nothing of it runs')
    })

    it('C5 · nothing that was said has the key in it', () => {
      const text = said.join('\n')
      expect(text.length).toBeGreaterThan(1000)
      expect(text).not.toContain(canary)
      expect(text).not.toContain(Buffer.from(canary).toString('base64'))
    })
  })
})
