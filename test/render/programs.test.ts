import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { evidenceOf } from '@sallyport/core/evidence'
import { type DockerEngine } from '../../lab/docker.ts'
import { Lab } from '../../lab/index.ts'
import { describeLab } from '../../lab/testing.ts'
import { readFolder } from '../../packages/core/test/reader.ts'
import { compose } from '../../packages/core/src/systems/compose/index.ts'
import { policyOf, rendered, textFor } from './written.ts'

const PM2 = fileURLToPath(new URL('../../node_modules/pm2/bin/pm2', import.meta.url))
const SERVER = '192.0.2.10'

const draw = () =>
  Lab.create({
    zones: { internet: ['192.0.2.0/24'] },
    hosts: { server: { on: { internet: [SERVER] }, defaultRoute: 'internet' } },
  })
type Drawn = Awaited<ReturnType<typeof draw>>

const made: string[] = []
afterAll(() => {
  for (const path of made) rmSync(path, { recursive: true, force: true })
})

function folder(files: Readonly<Record<string, string>>): string {
  const path = mkdtempSync(join(tmpdir(), 'sp-render-'))
  made.push(path)
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true })
    writeFileSync(join(path, name), text)
  }
  return path
}

const APP = `require('node:http').createServer((_, response) => response.end(process.env.NODE_ENV)).listen(process.env.PORT, process.env.HOST)\n`
const ENGINES = `version: 1
name: engines
services:
  billing: { port: 7001 }
  email: { port: 7008, run: { command: NODE_ENV=mail PORT=1 node email/server.js } }
  shell: { port: 7009, run: { command: "exec node 'email/server.js'" } }
  voice: { port: 9847, from: internet }
environments:
  staging: { services: { voice: { port: 9848 } } }
  production: { services: { voice: { port: 9849, from: loopback } } }
`

await describeLab('a rendered ecosystem file', () => {
  let lab: Drawn
  beforeAll(async () => {
    lab = await draw()
  })
  afterAll(() => lab?.close())

  it.each([
    ['staging', 'production', ['0.0.0.0:9848'], 'delivered'],
    ['production', 'production', ['127.0.0.1:9849'], 'refused'],
  ] as const)('E3, E8, V4 · PM2 starts each app where the policy of %s says', async (environment, nodeEnvironment, voice, outcome) => {
    const start = JSON.stringify({ name: 'x', version: '1.0.0', scripts: { start: 'node server.js' } })
    const files = {
      'billing/server.js': APP,
      'billing/package.json': start,
      'email/server.js': APP,
      'voice/server.js': APP,
      'voice/package.json': start,
    }
    const path = folder({ ...files, 'ecosystem.config.js': await textFor('pm2', policyOf(ENGINES, environment)) })
    const { server } = lab.hosts
    const env = {
      HOME: path,
      PM2_HOME: join(path, '.pm2'),
      PM2_DISCRETE_MODE: 'true',
      HOST: undefined,
      PORT: undefined,
      npm_config_update_notifier: 'false',
    }
    const pm2 = (...words: readonly string[]) => server.run([process.execPath, PM2, ...words], { cwd: path, env, timeoutMs: 60_000 })
    try {
      await pm2('start', 'ecosystem.config.js')
      const expected = ['127.0.0.1:7001', '127.0.0.1:7008', '127.0.0.1:7009', ...voice].toSorted()
      await server.untilListening(
        expected.map((place) => ({ protocol: 'tcp' as const, port: Number(place.split(':')[1]) })),
        60_000,
      )
      const { stdout } = await server.run(['ss', '-Htln'])
      const listening = stdout.split('\n').flatMap((line) => /^LISTEN\s+\d+\s+\d+\s+(\S+)/.exec(line)?.[1] ?? [])
      expect(listening.toSorted()).toEqual(expected)
      const ask = await server.run(['curl', '--silent', 'http://127.0.0.1:7001/'])
      expect(ask.stdout).toBe(nodeEnvironment)
      // What its command sets is set, but for where it listens, which the policy says.
      expect((await server.run(['curl', '--silent', 'http://127.0.0.1:7008/'])).stdout).toBe('mail')
      const probe = (port: number) =>
        lab.probe({ from: { zone: 'internet' }, to: { address: SERVER, port }, protocol: 'tcp', expect: 'connection' })
      expect(await Promise.all([7001, 7008, 7009].map(probe))).toEqual(['refused', 'refused', 'refused'])
      expect(await probe(Number(voice[0].split(':')[1]))).toBe(outcome)
    } finally {
      await pm2('kill')
    }
  })
})

const noAnalyze = spawnSync('systemd-analyze', ['--version']).status === 0 ? undefined : 'systemd-analyze is not installed'
if (noAnalyze !== undefined && process.env['SALLYPORT_NO_SKIP'] === '1') throw new Error(`rendered units have to be tried: ${noAnalyze}`)
if (noAnalyze !== undefined) console.warn(`skipped, rendered units are not verified: ${noAnalyze}`)

describe.skipIf(noAnalyze !== undefined)('rendered drop-ins of systemd', () => {
  const POLICY = `version: 1
name: shop
sources: { office: [198.51.100.0/24, "2001:db8:12::/48"] }
services:
  app: { port: 3000, from: [office, private], run: { systemd: app.service }, http: { origins: ["https://shop.example.com"] } }
  local: { port: [80, 8000-8002], protocol: [tcp, udp], run: { systemd: local } }
  public: { port: 9849, from: internet, run: { systemd: "public@1.service" } }
`
  const verified = async (change: (text: string) => string) => {
    const files = (await rendered('systemd', policyOf(POLICY))).files
    const below = (path: string) => path.replace('/etc/systemd/system/', '')
    const units = [...new Set(files.map(({ path }) => below(path).replace(/\.d\/.*/, '')))]
    const path = folder({
      ...Object.fromEntries(units.map((unit) => [unit, '[Unit]\nDescription=x\n[Service]\nExecStart=/bin/true\n'])),
      ...Object.fromEntries(files.map((file) => [below(file.path), change(file.text)])),
    })
    const env = { PATH: process.env['PATH'], SYSTEMD_UNIT_PATH: `${path}:/usr/lib/systemd/system`, SYSTEMD_LOG_LEVEL: 'warning' }
    const ran = spawnSync('systemd-analyze', ['verify', '--man=no', ...units.map((unit) => join(path, unit))], { env, encoding: 'utf8' })
    const own = ran.stderr.split('\n').filter((line) => line.includes(path) || /^(?:app|local|public)/.test(line))
    const security = spawnSync('systemd-analyze', ['security', '--offline=yes', '--no-pager', join(path, 'app.service')], {
      env,
      encoding: 'utf8',
    })
    return {
      own,
      exposure: Number(/Overall exposure level for \S+: ([\d.]+)/.exec(security.stdout)?.[1] ?? Number.NaN),
      security: security.stdout,
    }
  }

  it('systemd takes every line, and finds little exposed', async () => {
    const { own, exposure, security } = await verified((text) => text)
    expect(own).toEqual([])
    expect(security).toMatch(/✓ IPAddressDeny=|IPAddressDeny=/)
    // Without the drop-in it is 9.6, UNSAFE.
    expect(exposure).toBeLessThan(3)
  })

  it('and says what it does not take', async () => {
    const { own } = await verified((text) =>
      text.replace('SocketBindAllow=tcp:', 'SocketBindAllow=xyz:').replace('UMask=0077', 'UMusk=0077'),
    )
    expect(own.join('\n')).toMatch(/SocketBind/)
    expect(own.join('\n')).toMatch(/UMusk/)
  })
})

const noCompose = spawnSync('docker-compose', ['--version']).status === 0 ? undefined : 'docker-compose is not installed'
if (noCompose !== undefined && process.env['SALLYPORT_NO_SKIP'] === '1')
  throw new Error(`a rendered override has to be tried: ${noCompose}`)
if (noCompose !== undefined) console.warn(`skipped, a rendered override is not started: ${noCompose}`)

await describeLab('a rendered compose override', () => {
  const BASE = `services:
  web: { image: "lab:1", command: httpd -f -p 3000 -h /www, ports: ["3000:3000"] }
  api: { image: "lab:1", command: httpd -f -p 8000 -h /www, ports: ["0.0.0.0:8000:8000"] }
  browser: { image: "lab:1", command: httpd -f -p 8001 -h /www, ports: ["8001:8001"] }
  store: { image: "lab:1", command: httpd -f -p 5432 -h /www, ports: ["5432:5432"] }
`
  const POLICY = `version: 1
name: monitoring
services:
  https: { port: 443, from: internet, domain: app.example.com, tls: letsencrypt, routes: { /: api } }
  web: { port: 3000, from: internet, run: { compose: web } }
  api: { port: 8000, run: { compose: api } }
  browser: { port: 8001, run: { compose: browser } }
  store: { port: 5432, from: host, run: { compose: store } }
`
  let lab: Drawn
  let docker: DockerEngine | undefined
  beforeAll(async () => {
    lab = await draw()
    docker = await lab.hosts.server.docker()
  })
  afterAll(async () => {
    await docker?.stop()
    await lab?.close()
  })

  it.skipIf(noCompose !== undefined)(
    'M1 · what others reach of the containers is what the policy says, and nothing was before',
    async () => {
      const { server } = lab.hosts
      const override = await textFor('compose', policyOf(POLICY))
      const probe = (port: number) => lab.probe({ from: { zone: 'internet' }, to: { address: SERVER, port }, protocol: 'tcp' })
      const local = (port: number) => lab.probe({ from: { host: 'server' }, to: { address: '127.0.0.1', port }, protocol: 'tcp' })
      const ports = [3000, 8000, 8001, 5432]
      const up = async (text: string) => {
        const path = folder({ 'docker-compose.yml': text })
        await server.run(['docker-compose', '-p', 'lab', 'up', '-d', '--remove-orphans'], { cwd: path, timeoutMs: 120_000 })
      }
      await up(`version: "3"\n${BASE}`)
      expect(await Promise.all(ports.map(probe))).toEqual(ports.map(() => 'delivered'))
      await up(await merged({ 'compose.yaml': BASE, 'compose.override.yaml': override }))
      expect((await Promise.all(ports.map(probe))).map((outcome) => outcome === 'delivered')).toEqual([true, false, false, false])
      expect((await Promise.all(ports.map(local))).map((outcome) => outcome === 'delivered')).toEqual([true, true, false, true])
    },
  )
})

/** What the two come to, as our reader has it, in the words of docker-compose 1.29, which does not know `!override`. */
async function merged(files: Readonly<Record<string, string>>): Promise<string> {
  const { evidence } = await readFolder(compose, new Map(Object.entries(files)))
  const services = evidenceOf(evidence, 'compose-service').map(({ claim }) => {
    const ports = claim.published.map(({ hostAddress, hostPorts, containerPorts }) => {
      const address = hostAddress.kind === 'known' ? `${hostAddress.value}:` : ''
      return `${address}${hostPorts?.first ?? 0}:${containerPorts.first}`
    })
    const command = new RegExp(`^  ${claim.name}: .*command: ([^,]+),`, 'm').exec(files['compose.yaml'] ?? '')?.[1]
    return `  ${claim.name}: ${JSON.stringify({ image: claim.image, command, ports })}\n`
  })
  return `version: "3"\nservices:\n${services.join('')}`
}
