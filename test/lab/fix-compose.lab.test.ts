import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type DockerEngine, Lab } from '../../lab/index.ts'
import { describeLab } from '../../lab/testing.ts'
import { CLI } from '../cli.ts'

const SERVER = '198.51.100.10'
const PUBLIC = [3000, 8000]
const PRIVATE = [8001, 8002, 6379]

/** The image of the lab: each service answers on its port. */
const service = (port: number, ports: string): string =>
  `    image: lab:1\n    command: ["httpd", "-f", "-h", "/www", "-p", "${port}"]\n${ports}`

const COMPOSE = `services:
  frontend:
${service(3000, '    ports: ["3000:3000"]')}
  api:
${service(8000, '    ports: ["8000:8000"]')}
  browser:
${service(8001, '    ports:\n      - "8001:8001"   # tried by hand once')}
  llm:
${service(8002, '    ports:\n      - target: 8002\n        published: 8002')}
  cache:
${service(6379, '    ports:\n      - 6379:6379')}
`

const POLICY = `version: 1
name: monitoring
services:
  frontend: { port: 3000, from: internet }
  api: { port: 8000, from: internet }
  browser: { port: 8001, from: api }
  llm: { port: 8002, from: api }
  cache: { port: 6379 }
`

const build = () =>
  Lab.create({ zones: { internet: ['198.51.100.0/24'] }, hosts: { server: { on: { internet: [SERVER] }, defaultRoute: 'internet' } } })

await describeLab('fix on a compose deployment that runs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sp-compose-'))
  let lab: Awaited<ReturnType<typeof build>>
  let docker: DockerEngine

  const compose = (...args: readonly string[]) =>
    lab.hosts.server.run(['docker-compose', '--project-name', 'monitoring', ...args], {
      cwd: folder,
      env: { DOCKER_HOST: 'unix:///run/docker.sock', DOCKER_CONTEXT: undefined, DOCKER_TLS_VERIFY: undefined },
    })
  const sallyport = (...args: readonly string[]) => lab.hosts.server.run([process.execPath, CLI, ...args], { cwd: folder, exit: 'any' })
  const reached = async (): Promise<readonly number[]> => {
    const found: number[] = []
    for (const port of [...PUBLIC, ...PRIVATE])
      if ((await lab.probe({ from: { zone: 'internet' }, to: { address: SERVER, port }, protocol: 'tcp' })) === 'delivered')
        found.push(port)
    return found
  }

  beforeAll(async () => {
    writeFileSync(join(folder, 'docker-compose.yml'), COMPOSE)
    writeFileSync(join(folder, 'sallyport.yaml'), POLICY)
    lab = await build()
    docker = await lab.hosts.server.docker()
    await compose('up', '--detach')
  })
  afterAll(async () => {
    await docker?.stop()
    await lab?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('M1 · before, everything that is published is reached from the internet', async () => {
    expect(await reached()).toEqual([...PUBLIC, ...PRIVATE])
  })

  it('M1 · with the machine looked at, what can be reached is traced to what publishes it', async () => {
    const { stdout } = await sallyport('fix', '--scope', 'both', '--dry-run', '--format', 'json')
    const { repairs } = JSON.parse(stdout) as {
      readonly repairs: readonly { readonly findings: readonly { readonly rule: string; readonly service?: string }[] }[]
    }
    const cured = repairs.flatMap(({ findings }) => findings).filter(({ rule }) => rule === 'private-reachable')
    expect(cured.map(({ service: name }) => name)).toContain('cache')
  })

  it('M1 · fix leaves the two that are public, publishes for this machine, or not at all, and compose takes the file', async () => {
    const { code, stderr } = await sallyport('fix', '--yes')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '3 findings cured, 1 file written; sallyport undo takes it back\n' })
    const text = readFileSync(join(folder, 'docker-compose.yml'), 'utf8')
    expect(text).toBe(
      COMPOSE.replace('\n    ports:\n      - "8001:8001"   # tried by hand once', '')
        .replace('\n    ports:\n      - target: 8002\n        published: 8002', '')
        .replace('6379:6379', '127.0.0.1:6379:6379'),
    )
    await compose('config', '--quiet')
  })

  it('M1 · after, others reach the two alone; the services reach one another by name, and this machine the cache', async () => {
    await compose('up', '--detach')
    expect(await reached()).toEqual(PUBLIC)
    for (const [name, port] of [
      ['browser', 8001],
      ['llm', 8002],
      ['cache', 6379],
    ] as const) {
      const { stdout } = await compose('exec', '-T', 'api', 'wget', '-q', '-O', '-', `http://${name}:${port}/`)
      expect(stdout).toBe('delivered\n')
    }
    const { stdout } = await lab.hosts.server.run(['curl', '--silent', '--max-time', '5', 'http://127.0.0.1:6379/'])
    expect(stdout).toBe('delivered\n')
    const checked = await sallyport('check', '--scope', 'folder', '--format', 'json')
    const findings = (JSON.parse(checked.stdout) as { readonly findings: readonly { readonly rule: string }[] }).findings
    expect(findings.map(({ rule }) => rule).filter((rule) => rule !== 'common-port')).toEqual([])
  })
})
