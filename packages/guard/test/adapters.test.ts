import dns from 'node:dns'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { connect, createServer as createHttp2Server } from 'node:http2'
import type { AddressInfo, Server as NetServer } from 'node:net'
import fastify from 'fastify'
import { afterEach, expect, test, vi } from 'vitest'
import { WebSocketServer } from 'ws'
import { type Gate, guard, type GuardError, type Refused } from '../src/index.ts'
import * as adapters from './support/adapters.ts'
import { ask, askUpgrade, type Target } from './support/client.ts'

const EVIL = { Origin: 'http://evil.example' }
const P5 = { 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY', 'x-localhost-only': 'true' }
const open: NetServer[] = []

afterEach(() => {
  vi.restoreAllMocks()
  for (const server of open.splice(0)) {
    server.close()
    if ('closeAllConnections' in server) (server as Server).closeAllConnections()
  }
})

async function started(server: NetServer): Promise<Target> {
  open.push(server)
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  return { port: (server.address() as AddressInfo).port, encrypted: false }
}

function gateWith(): { readonly gate: Gate; readonly refusals: Refused[] } {
  const refusals: Refused[] = []
  return { gate: guard({ log: false, onRefuse: (event) => void refusals.push(event) }), refusals }
}

/** A row of middleware that nobody can look into. */
function chain(...row: readonly ((request: IncomingMessage, response: ServerResponse, next: () => void) => void)[]) {
  return (request: IncomingMessage, response: ServerResponse) => {
    const next = (index: number): void =>
      index < row.length ? row[index]?.(request, response, () => next(index + 1)) : void response.end('ok')
    next(0)
  }
}

test('P7 · Fastify listens on every address of localhost with servers of its own: each of them is guarded, from its first upgrade on', async () => {
  const both = [
    { address: '127.0.0.1', family: 4 },
    { address: '::1', family: 6 },
  ]
  const { lookup } = dns
  vi.spyOn(dns, 'lookup').mockImplementation(((name: string, options: dns.LookupOptions, done: (...args: unknown[]) => void) => {
    const answer = typeof options === 'function' ? (options as typeof done) : done
    if (name !== 'localhost') return lookup(name, options as never, answer as never)
    return typeof options === 'object' && options.all === true ? answer(null, both) : answer(null, '127.0.0.1', 4)
  }) as never)
  const { gate, refusals } = gateWith()
  const app = fastify()
  await app.register(adapters.fastify, { gate })
  app.get('/', async () => 'ok')
  await app.listen({ port: 0, host: 'localhost' })
  const sockets = new WebSocketServer({ server: app.server })
  try {
    expect(new Set(app.addresses().map((each) => (each as AddressInfo).address))).toEqual(new Set(['127.0.0.1', '::1']))
    const { port } = app.server.address() as AddressInfo
    for (const address of ['::1', '127.0.0.1']) {
      const target = { port, encrypted: false, address }
      expect((await askUpgrade(target, EVIL)).status).toBe(403)
      expect((await ask('HTTP/1.1', target, { headers: EVIL })).status).toBe(403)
      expect((await ask('HTTP/1.1', target)).status).toBe(200)
      expect((await askUpgrade(target)).status).toBe(101)
    }
    // An upgrade is handed from one server to the other, and decided once.
    expect(refusals).toHaveLength(4)
    expect(gate.metrics()).toContain('sallyport_guard_passed_total 4')
  } finally {
    for (const client of sockets.clients) client.terminate()
    await app.close()
  }
})

test('P3, P5, P7 · a middleware that cannot find its server decides the first request itself, guards it from then on, and says what it missed', async () => {
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  const { gate, refusals } = gateWith()
  const server = createServer(chain(adapters.express(gate)))
  new WebSocketServer({ server })
  const target = await started(server)
  expect((await askUpgrade(target, EVIL)).status).toBe(101)
  const first = await ask('HTTP/1.1', target, { headers: { Via: '1.1 x' } })
  expect([first.status, Object.fromEntries(first.headers)]).toEqual([403, expect.objectContaining(P5)])
  expect(warned).toHaveBeenCalledExactlyOnceWith(expect.stringContaining('gate.protect(server)'), 'SallyportGuard')
  expect((await askUpgrade(target, EVIL)).status).toBe(403)
  const passed = await ask('HTTP/1.1', target)
  expect([passed.status, Object.fromEntries(passed.headers)]).toEqual([200, expect.objectContaining(P5)])
  expect(refusals.map(({ code }) => code)).toEqual(['proxy-header', 'origin-not-allowed'])
  expect(warned).toHaveBeenCalledOnce()
})

test('P7 · requests that were under way when the middleware met its server are decided too, one by one', async () => {
  const { gate, refusals } = gateWith()
  const server = createHttp2Server()
  const slow = (_request: IncomingMessage, _response: ServerResponse, next: () => void) => void setTimeout(next, 50)
  server.on('request', chain(slow, adapters.express(gate)) as never)
  const { port } = await started(server)
  const session = connect(`http://localhost:${port}`, {
    lookup: ((_name: string, _options: object, done: (...args: unknown[]) => void) =>
      done(null, [{ address: '127.0.0.1', family: 4 }])) as never,
  })
  const statuses = await Promise.all(
    ['http://localhost:3000', 'http://evil.example', 'null'].map(
      (origin) =>
        new Promise((resolve) => {
          const stream = session.request({ ':path': '/', origin })
          stream.on('response', (headers) => resolve(headers[':status'])).resume()
        }),
    ),
  )
  session.destroy()
  expect(statuses).toEqual([200, 403, 403])
  expect(refusals).toHaveLength(2)
})

test('P2 · what is guarded by gate.protect(server) too is decided once', async () => {
  const { gate, refusals } = gateWith()
  const target = await started(gate.protect(createServer(chain(adapters.express(gate)))))
  expect((await ask('HTTP/1.1', target, { headers: EVIL })).status).toBe(403)
  expect((await ask('HTTP/1.1', target)).status).toBe(200)
  expect(refusals).toHaveLength(1)
  expect(gate.metrics()).toContain('sallyport_guard_passed_total 1')
})

test.each([
  ['Nest', () => adapters.nest({ getHttpServer: () => undefined }, guard({ log: false }))],
  ['socket.io', () => adapters.socketIo({}, guard({ log: false }))],
  ['ws', () => adapters.ws({ options: {} }, guard({ log: false }))],
  ['Hono', () => adapters.hono({} as never, guard({ log: false }))],
  ['a second guard', () => adapters.hono(adapters.hono(createServer(), guard({ log: false })), guard({ log: false }))],
  [
    'ws at another gate’s server',
    () => adapters.ws({ options: { server: guard({ log: false }).protect(createServer()) } }, guard({ log: false })),
  ],
  [
    'socket.io at another gate’s server',
    () => adapters.socketIo({ httpServer: guard({ log: false }).protect(createServer()) }, guard({ log: false })),
  ],
])('C4 · %s without a server that can be guarded is an error, never a server without a guard', (_name, make) => {
  expect(make).toThrow(
    expect.objectContaining({ name: 'GuardError', code: expect.stringMatching(/^server-/) } satisfies Partial<GuardError>),
  )
})
