import { createServer, type Server } from 'node:http'
import { createServer as createHttp2Server, type ServerHttp2Stream } from 'node:http2'
import { connect, type AddressInfo, type Server as NetServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { type GuardError, guard, listen, validateServerHost } from '../src/index.ts'
import { ask, askUpgrade, openHttp2 } from './support/client.ts'
import { guarded as guardedSockets } from '../src/adapters/ws.ts'
import { parseAnswers } from './wire/http1.ts'

const P5 = { 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY', 'x-localhost-only': 'true' }
const open: NetServer[] = []

afterEach(() => {
  for (const server of open.splice(0)) {
    server.close()
    if ('closeAllConnections' in server) (server as Server).closeAllConnections()
  }
})

async function started<S extends NetServer>(server: S): Promise<{ readonly port: number; readonly encrypted: false }> {
  open.push(server)
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  return { port: (server.address() as AddressInfo).port, encrypted: false }
}

test('P1, P10 · test_validate_server_host', async () => {
  for (const host of ['127.0.0.1', 'localhost', '::1', '127.8.8.8', '[::1]']) expect(() => validateServerHost(host)).not.toThrow()
  for (const host of [
    '0.0.0.0',
    '::',
    '192.168.1.100',
    '203.0.113.7',
    '2001:db8::1',
    '',
    'example.com',
    '127.0.0.1.example.com',
    '0',
    '*',
  ]) {
    expect(() => validateServerHost(host)).toThrow(/Invalid host/)
    const server = createServer()
    await expect(listen(server, { host, port: 0 })).rejects.toMatchObject({
      code: expect.stringMatching(/^host-/),
    } satisfies Partial<GuardError>)
    expect(server.listening).toBe(false)
  }
})

test('P5 · answers of HTTP/2 from a file, from a descriptor and pushed have the headers', async () => {
  const server = createHttp2Server()
  server.on('stream', (stream: ServerHttp2Stream, headers) => {
    const path = headers[':path']
    if (path === '/file') stream.respondWithFile(fileURLToPath(import.meta.url), { 'x-frame-options': 'SAMEORIGIN' })
    else if (path === '/respond') stream.respond({ ':status': 200 }, { endStream: true })
    else
      stream.pushStream({ ':path': '/pushed' }, (_error, pushed) => {
        pushed.respond({ ':status': 200, 'X-Localhost-Only': 'false' })
        pushed.end('pushed')
        stream.respond({ ':status': 200 })
        stream.end('answer')
      })
  })
  const target = await started(guard({ log: false }).protect(server))
  for (const path of ['/file', '/respond']) {
    const reply = await ask('HTTP/2', target, { path })
    expect([path, reply.status, Object.fromEntries(reply.headers)]).toEqual([path, 200, expect.objectContaining(P5)])
  }
  const session = openHttp2(target)
  const pushed = new Promise<object>((resolve) => session.on('stream', (stream) => stream.on('push', resolve).resume()))
  session.request({ ':path': '/push', ':authority': `localhost:${target.port}` }).resume()
  expect(await pushed).toMatchObject({ ':status': 200, ...P5 })
  session.destroy()
})

test('P5, P7 · a WebSocket that the application itself refuses is refused with the headers', async () => {
  const server = createServer()
  const sockets = new WebSocketServer({ server, verifyClient: (_info, done) => done(false, 401, 'Unauthorized') })
  guardedSockets(sockets, guard({ log: false }))
  const reply = await askUpgrade(await started(server))
  expect([reply.status, Object.fromEntries(reply.headers)]).toEqual([401, expect.objectContaining(P5)])
})

test('P7 · ws with a port of its own is guarded too, and without a server it says what to do', async () => {
  const sockets = guardedSockets(new WebSocketServer({ port: 0, host: '127.0.0.1' }), guard({ log: false }))
  await new Promise((resolve) => sockets.once('listening', resolve))
  const target = { port: (sockets.address() as AddressInfo).port, encrypted: false }
  expect((await askUpgrade(target, { Origin: 'http://evil.example' }, '/')).status).toBe(403)
  expect((await askUpgrade(target, { Origin: 'http://localhost:3000' }, '/')).status).toBe(101)
  const plain = await ask('HTTP/1.1', target)
  expect([plain.status, Object.fromEntries(plain.headers)]).toEqual([426, expect.objectContaining(P5)])
  sockets.close()
  for (const client of sockets.clients) client.terminate()
  expect(() => guardedSockets(new WebSocketServer({ noServer: true }), guard({ log: false }))).toThrow(/gate\.protect\(server\)/)
})

test('P5 · a head that does not come in time is answered 408 with the headers', async () => {
  const server = createServer({ headersTimeout: 100, connectionsCheckingInterval: 50, requestTimeout: 200 })
  const { port } = await started(guard({ log: false }).protect(server))
  const socket = connect(port, '127.0.0.1').setEncoding('latin1')
  socket.write(`GET / HTTP/1.1\r\nHost: localhost:${port}\r\n`)
  let text = ''
  for await (const part of socket) text += String(part)
  const [answer] = parseAnswers(text, false).answers
  expect([answer?.status, Object.fromEntries(answer?.headers ?? [])]).toEqual([408, expect.objectContaining(P5)])
})
