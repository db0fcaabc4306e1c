import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Refused } from '../src/index.ts'
import { ask, askUpgrade, type Protocol, type Reply, send, type Target } from './support/client.ts'
import { WRITTEN_NAMES } from './support/routes.ts'
import { host, type Hosted } from './support/hosted.ts'
import { type Subject, SUBJECTS } from './support/subjects.ts'

const P3 = ['X-Forwarded-For', 'X-Real-IP', 'X-Forwarded-Host', 'X-Forwarded-Proto', 'X-Forwarded-Port', 'Forwarded']
const P4 = ['http://localhost:3000', 'http://127.0.0.1:3000', 'http://localhost:5173', 'http://127.0.0.1:5173']
const P5 = { 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY', 'x-localhost-only': 'true' }
const FORBIDDEN_PROXY = 'Forbidden: Proxy headers are not allowed'

function headersOfP5({ headers }: Reply): object {
  return Object.fromEntries(Object.keys(P5).map((name) => [name, headers.get(name)]))
}

let hosted: Hosted
beforeAll(async () => void (hosted = await host('127.0.0.1')))
afterAll(() => hosted?.stop())

for (const [index, subject] of SUBJECTS.entries()) describe(subject.name, () => suite(subject, index))

function suite(subject: Subject, index: number): void {
  let target: Target
  beforeAll(() => void (target = { port: hosted.ports[index] ?? 0, encrypted: subject.encrypted }))

  const refusals = () => hosted.refusals[index] ?? []
  const file = () => join(hosted.folder, `${index}.log`)
  /** Status, reason and headers of P5 of what has to be refused: the reason is told by another process, a moment later. */
  const refused = async (sent: () => Promise<Reply>) => {
    const before = refusals().length
    const reply = await sent()
    await expect.poll(() => refusals().length, { interval: 2 }).toBe(before + 1)
    return [reply.status, refusals().at(-1)?.code, headersOfP5(reply)]
  }
  const own = () => `http${subject.encrypted ? 's' : ''}://localhost:${target.port}`

  // Before any request: what an adapter does at the first request comes too late for it.
  if (subject.protocols.includes('HTTP/1.1')) upgrades()
  else if (subject.name === 'node:http2') extendedConnect()
  for (const protocol of subject.protocols) describe(protocol, () => requests(protocol))

  function upgrades(): void {
    test.each([
      ['of a foreign page', { Origin: 'http://evil.example' }, 403, 'origin-not-allowed'],
      ['of a foreign name', { Host: 'evil.example' }, 403, 'host-not-allowed'],
      ['of a page without an origin', { Origin: 'null' }, 403, 'origin-not-allowed'],
      ['through a proxy', { 'X-Forwarded-For': '203.0.113.7' }, 403, 'proxy-header'],
      ['of another site', { 'Sec-Fetch-Site': 'cross-site' }, 403, 'cross-site'],
      ['with a cookie and without an origin', { Cookie: 'a=b' }, 403, 'upgrade-without-origin'],
      ['to h2c', { Upgrade: 'h2c' }, 403, 'upgrade-unknown'],
    ] as const)('P7, P5, P6 · an upgrade %s is refused before any listener', async (_what, headers, status, code) => {
      expect(await refused(() => askUpgrade(target, headers))).toEqual([status, code, P5])
    })

    if (subject.name === 'Next') {
      console.warn('left out: a WebSocket that opens, at Next: it takes every upgrade of its server itself, and opens its own alone')
      return
    }
    test('P7 · a WebSocket of an allowed page opens, and so does one of no browser', async () => {
      for (const headers of [{ Origin: P4[0] ?? '' }, { Origin: own() }, {}])
        expect((await askUpgrade(target, headers, subject.sockets)).status).toBe(101)
    })
  }

  function extendedConnect(): void {
    const connect = { method: 'CONNECT', path: '/socket', headers: { ':protocol': 'websocket', ':scheme': 'http' } }
    test('P7, P5 · a WebSocket over HTTP/2 of a foreign page is refused', async () => {
      const sent = { ...connect, headers: { ...connect.headers, origin: 'http://evil.example' } }
      expect(await refused(() => ask('HTTP/2', target, sent))).toEqual([403, 'origin-not-allowed', P5])
    })
  }

  function requests(protocol: Protocol): void {
    const send403 = (headers: Readonly<Record<string, string>>, method = 'GET') => refused(() => ask(protocol, target, { method, headers }))

    test('P1, P10 · test_localhost_connection_allowed', async () => {
      for (const host of ['localhost', '127.0.0.1'])
        expect(await ask(protocol, target, { headers: { Host: `${host}:${target.port}` } })).toMatchObject({ status: 200 })
      expect((await ask(protocol, target)).body).toContain('ok')
    })

    test('P3, P5, P10 · test_proxy_headers_blocked', async () => {
      for (const name of [...P3, ...P3.map((each) => each.toLowerCase()), 'X_Forwarded_For', 'Via'])
        for (const value of ['203.0.113.7', '']) {
          const reply = await ask(protocol, target, { headers: { [name]: value } })
          expect([name, reply.status, reply.body, headersOfP5(reply)]).toEqual([name, 403, FORBIDDEN_PROXY, P5])
        }
    })

    test('P5, P10 · test_security_headers_added', async () => {
      const written =
        subject.name === 'Next'
          ? []
          : WRITTEN_NAMES.filter((name) => protocol === 'HTTP/1.1' || name !== 'proxied').map((name) => `/raw/${name}`)
      const status = new Map([
        ['/throw', 500],
        ['/nothing/here', 404],
        ['/raw/not-modified', 304],
        ['/raw/empty', 204],
        ['/raw/error', 500],
      ])
      for (const path of ['/', '/throw', '/nothing/here', ...written]) {
        const reply = await ask(protocol, target, { path })
        expect([path, reply.status, headersOfP5(reply)]).toEqual([path, status.get(path) ?? 200, P5])
      }
      const head = await ask(protocol, target, { method: 'HEAD' })
      expect([head.status, headersOfP5(head)]).toEqual([200, P5])
    })

    test('P4 · exactly the four origins are allowed, never *, and the others are refused, not only left without headers', async () => {
      for (const origin of P4) {
        const reply = await ask(protocol, target, { headers: { Origin: origin } })
        expect([reply.status, reply.headers.get('access-control-allow-origin')]).toEqual([200, origin])
        expect(reply.headers.get('vary')).toMatch(/Origin/)
        const preflight = await ask(protocol, target, {
          method: 'OPTIONS',
          headers: { Origin: origin, 'Access-Control-Request-Method': 'DELETE', 'Access-Control-Request-Headers': 'x-a' },
        })
        expect([preflight.status, preflight.headers.get('access-control-allow-origin'), headersOfP5(preflight)]).toEqual([204, origin, P5])
      }
      for (const origin of ['http://localhost:3001', 'http://evil.example', 'null', 'http://localhost:3000.evil.example', '*'])
        for (const method of ['GET', 'POST', 'OPTIONS'])
          expect(await send403({ Origin: origin }, method)).toEqual([403, 'origin-not-allowed', P5])
    })

    test('P7 · a rebound name, and a request of another site, are refused', async () => {
      for (const host of [
        'evil.example',
        `evil.example:${target.port}`,
        `0.0.0.0:${target.port}`,
        'localhost',
        `localhost.evil:${target.port}`,
      ])
        expect(await send403({ Host: host })).toEqual([403, 'host-not-allowed', P5])
      expect(await send403({ 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'no-cors', 'Sec-Fetch-Dest': 'image' })).toEqual([
        403,
        'cross-site',
        P5,
      ])
    })

    test('P6 · what was refused is in the log with address, path and reason, a line each, and nothing of it forges another', async () => {
      const lines = () => readFileSync(file(), 'utf8').trim().split('\n')
      const sent = { path: '/private/%22%7D%7Bforged?secret=1', headers: { Via: '1.1 "}\t{"code":"x"' } }
      expect(await refused(() => ask(protocol, target, sent))).toEqual([403, 'proxy-header', P5])
      await expect.poll(() => lines().length).toBe(refusals().length)
      const line = JSON.parse(lines().at(-1) ?? '') as Refused
      expect(line).toMatchObject({
        address: '127.0.0.1',
        path: '/private/%22%7D%7Bforged?…',
        code: 'proxy-header',
        value: expect.stringMatching(/^via$/i),
      })
    })

    if (protocol === 'HTTP/1.1') answersOfNode()
  }

  /** What Node's own server answers, without the application. */
  function answersOfNode(): void {
    const named = (): string => `Host: localhost:${target.port}\r\n`
    test.each([
      ['a head that is no request', (): string => 'NONSENSE\r\n\r\n', 400],
      ['two lengths', (): string => `POST / HTTP/1.1\r\n${named()}Content-Length: 1\r\nContent-Length: 2\r\n\r\nx`, 400],
      ['no Host', (): string => 'GET / HTTP/1.1\r\n\r\n', 400],
      ['too large a head', (): string => `GET / HTTP/1.1\r\n${named()}X-A: ${'a'.repeat(20_000)}\r\n\r\n`, 431],
      ['an expectation that nobody meets', (): string => `GET / HTTP/1.1\r\n${named()}Expect: more\r\nConnection: close\r\n\r\n`, 417],
    ] as const)('P5 · %s is answered with the headers', async (_what, text, status) => {
      const reply = await send(target, text())
      expect([reply.status, headersOfP5(reply)]).toEqual([status, P5])
    })

    test('P5, P7 · Expect: 100-continue is decided before it is answered', async () => {
      const ask100 = (more: string): string =>
        `POST / HTTP/1.1\r\n${named()}${more}Expect: 100-continue\r\nContent-Length: 1\r\nConnection: close\r\n\r\n`
      expect((await send(target, ask100('Via: x\r\n'))).status).toBe(403)
      const passed = await send(target, `${ask100('')}x`)
      expect([passed.status > 0, headersOfP5(passed)]).toEqual([true, P5])
    })
  }
}
