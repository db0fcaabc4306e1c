import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { findings, summary } from './support/findings.ts'
import { type Answer, Poker, PORT } from './support/poker.ts'
import { describeExample } from './support/requirements.ts'

const LOCAL_ONLY = { 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY', 'x-localhost-only': 'true' }
const localOnly = ({ headers }: Answer) => Object.fromEntries(Object.keys(LOCAL_ONLY).map((name) => [name, headers.get(name)]))

const ORIGINS = ['http://localhost:3000', 'http://127.0.0.1:3000', 'http://localhost:5173', 'http://127.0.0.1:5173']
const ADVICE = ['--request', 'POST', '--header', 'Content-Type: application/json', '--data', '{"hole":"As Kd"}']
const UPGRADE = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==']
const header = (...lines: readonly string[]) => lines.flatMap((line) => ['--header', line])

const EXPOSED = ['0.0.0.0', '::', '192.168.1.100', '192.0.2.10', 'api.example.com', '127.0.0.1.example.com']

await describeExample('examples/poker', () => {
  describe('put right', () => {
    let poker: Poker
    beforeAll(async () => {
      poker = await Poker.deploy('right')
      await poker.start(['sh', 'run.sh'], PORT)
      await poker.page()
    })
    afterAll(() => poker?.remove())

    const before = async () => (existsSync(join(poker.app.folder, 'logs/security.log')) ? (await poker.log(0)).length : 0)

    it('P1, P8 · running: no finding, 100/100, loopback alone, and nobody else comes in', async () => {
      const checked = await poker.server.check(poker.app.folder)
      expect(summary(checked.report)).toEqual([])
      expect(checked.report.score.value).toBe(100)
      expect(checked.exit).toBe(0)
      expect(await poker.listening()).toEqual(['127.0.0.1:5173', '127.0.0.1:8000'])
      expect([...new Set((await poker.server.doors([PORT, 5173])).values())]).toEqual(['refused'])
    })

    it.each(EXPOSED)('P1, P8 · run.sh refuses %s, and the program itself', async (host) => {
      const script = await poker.run(['sh', 'run.sh', host, '8001'])
      expect(script).toMatchObject({ code: 1, stdout: '' })
      expect(script.stderr).toMatch(new RegExp(`^SECURITY ERROR: Invalid host '${host.replaceAll('.', '\\.')}'`, 'm'))
      const variable = await poker.run(['sh', 'run.sh'], { API_HOST: host, API_PORT: '8001' })
      expect(variable).toMatchObject({ code: 1, stdout: '', stderr: script.stderr })
      const program = await poker.run([process.execPath, 'src/server.js'], { API_HOST: host, API_PORT: '8001' })
      expect(program).toMatchObject({ code: 1, stdout: '' })
      expect(program.stderr).toContain(`SECURITY ERROR: Invalid host '${host}'`)
      expect(await poker.listening()).toEqual(['127.0.0.1:5173', '127.0.0.1:8000'])
    })

    it.each([
      ['localhost', '127.0.0.1:8002'],
      ['::1', '[::1]:8003'],
      ['127.0.0.1', '127.0.0.1:8004'],
    ])('P1 · run.sh takes %s, API_PORT and DEBUG', async (host, address) => {
      const port = Number(/\d+$/.exec(address)?.[0])
      const api = await poker.start(['sh', 'run.sh', host], port, { API_PORT: String(port), DEBUG: 'true' })
      const { stdout } = await poker.run(['curl', '--silent', '--globoff', `http://${address}/health`])
      const listening = await poker.listening()
      await api.stop()
      expect(listening).toContain(address)
      expect(stdout).toBe('{"status":"ok"}')
      expect(api.stdout).toContain('GET /health')
    })

    it('P1 · its own tests pass', async () => {
      const { code, stdout } = await poker.run([process.execPath, '--test', 'test/'])
      expect(stdout).toContain('# fail 0')
      expect(code).toBe(0)
    })

    it.each(['X-Forwarded-For', 'X-Real-IP', 'X-Forwarded-Host', 'X-Forwarded-Proto', 'X-Forwarded-Port', 'Forwarded', 'X_Forwarded_For'])(
      'P3, P6 · %s: 403 in these words, also when it is empty, and logged',
      async (name) => {
        const count = await before()
        for (const line of [`${name}: 203.0.113.7`, `${name};`]) {
          const answer = await poker.ask('/health', ...header(line))
          expect(answer).toMatchObject({ status: 403, body: 'Forbidden: Proxy headers are not allowed' })
          expect(localOnly(answer)).toEqual(LOCAL_ONLY)
        }
        const logged = (await poker.log(count + 2)).slice(count)
        expect(logged).toEqual(
          [1, 2].map(() => expect.objectContaining({ code: 'proxy-header', address: '127.0.0.1', path: '/health', value: name })),
        )
      },
    )

    it('P4 · the four origins may read the answers, by their name, and no other', async () => {
      for (const origin of ORIGINS) {
        const answer = await poker.ask('/api/advice', ...ADVICE, ...header(`Origin: ${origin}`))
        expect(answer.status).toBe(200)
        expect(answer.headers.get('access-control-allow-origin')).toBe(origin)
      }
      for (const origin of [
        'https://poker.example.com',
        'null',
        'http://localhost:5174',
        'http://localhost:5173.example.com',
        'https://localhost:5173',
      ]) {
        const answer = await poker.ask('/api/advice', ...ADVICE, ...header(`Origin: ${origin}`))
        expect([origin, answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([origin, 403, undefined])
      }
    })

    it('P5 · the three headers on every answer, errors included', async () => {
      const answers: readonly (readonly [status: number, answer: Answer])[] = [
        [200, await poker.ask('/health')],
        [
          204,
          await poker.ask('/api/advice', '--request', 'OPTIONS', ...header(`Origin: ${ORIGINS[2]}`, 'Access-Control-Request-Method: POST')),
        ],
        [400, await poker.ask('/api/advice', '--request', 'POST', '--data', '{', '--header', 'Content-Type: application/json')],
        [403, await poker.ask('/health', ...header('Host: poker.example.com'))],
        [404, await poker.ask('/nothing')],
        [413, await poker.ask('/api/advice', ...ADVICE.slice(0, -1), JSON.stringify({ hole: 'x'.repeat(20_000) }))],
        [400, await poker.ask('/live', ...header(...UPGRADE.filter((line) => !line.startsWith('Sec-WebSocket-Key'))))],
        [431, await poker.ask('/health', ...header(`X-Long: ${'x'.repeat(20_000)}`))],
      ]
      for (const [status, answer] of answers) expect([answer.status, localOnly(answer)]).toEqual([status, LOCAL_ONLY])
    })

    it('P6 · what is sent forges no line', async () => {
      const count = await before()
      await poker.ask('/health', ...header('Origin: http://x.example.com"}\\r\\n{"code":"forged"', 'X-Forwarded-For: 203.0.113.7'))
      await poker.ask('/%0a{"code":"forged"}', '--globoff')
      await poker.ask('/health', ...header('Host: x","code":"forged'))
      const logged = (await poker.log(count + 3)).slice(count)
      expect(logged.map(({ code }) => code)).toEqual(['proxy-header', 'target-character', 'host-not-allowed'])
    })

    it('P7 · the WebSocket: the page’s own origin, and a program of this machine; nothing else', async () => {
      const count = await before()
      const upgrade = async (...lines: readonly string[]) =>
        (await poker.ask('/live', '--max-time', '0.5', ...header(...UPGRADE, ...lines))).status
      expect(await upgrade(`Origin: ${ORIGINS[2]}`)).toBe(101)
      expect(await upgrade()).toBe(101)
      expect(await upgrade('Origin: https://poker.example.com')).toBe(403)
      expect(await upgrade('Origin: null')).toBe(403)
      expect(await upgrade('Cookie: session=1')).toBe(403)
      expect(await upgrade(`Host: poker.example.com:${PORT}`)).toBe(403)
      expect(await upgrade('X-Forwarded-For: 127.0.0.1')).toBe(403)
      const logged = (await poker.log(count + 5)).slice(count)
      expect(logged.map(({ code, path }) => `${code} ${path}`)).toEqual(
        ['origin-not-allowed', 'origin-not-allowed', 'upgrade-without-origin', 'host-not-allowed', 'proxy-header'].map(
          (code) => `${code} /live`,
        ),
      )
    })
  })

  describe('put right, but for the host that it binds', () => {
    let poker: Poker
    beforeAll(async () => {
      poker = await Poker.deploy('right')
      poker.app.replace(
        'src/server.js',
        'await listen(server, { host: config.host, port: config.port })',
        "server.listen(8000, '::').address() ?? {}",
      )
      await poker.start([process.execPath, 'src/server.js'], PORT)
    })
    afterAll(() => poker?.remove())

    it('P2, P6 · a neighbour gets 403, and this machine an answer', async () => {
      expect([...new Set((await poker.server.doors([PORT])).values())]).toEqual(['delivered'])
      expect(await poker.server.status(`http://192.168.1.100:${PORT}/health`)).toBe(403)
      expect(await poker.server.status(`http://192.168.1.100:${PORT}/health`, '--header', `Host: localhost:${PORT}`)).toBe(403)
      expect((await poker.ask('/health')).status).toBe(200)
      const logged = await poker.log(2)
      expect(logged.map(({ code, address }) => `${code} ${address}`)).toEqual([1, 2].map(() => 'peer-not-loopback ::ffff:192.168.1.20'))
    })
  })

  describe('as its owners had it', () => {
    let poker: Poker
    beforeAll(async () => {
      poker = await Poker.deploy('wrong')
    })
    afterEach(() => poker?.stop())
    afterAll(() => poker?.remove())

    it('P8 · its own start script opens it: others come in, and the report says why', async () => {
      await poker.start(['sh', 'run.sh'], PORT)
      expect([...new Set((await poker.server.doors([PORT, 8001])).values())].toSorted()).toEqual(['delivered', 'refused'])
      expect(await poker.server.status(`http://192.168.1.100:${PORT}/health`, '--header', 'X-Forwarded-For: 203.0.113.7')).toBe(200)
      const { report, exit } = await poker.server.check(poker.app.folder)
      expect(findings(report, 'private-reachable').map(({ service }) => service)).toEqual(['api', 'live'])
      expect(exit).toBe(1)
    })
  })
})
