import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createHttp2Server, type ServerHttp2Stream } from 'node:http2'
import { type AddressInfo, connect, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Access } from '../src/access/index.ts'
import { guardLate } from '../src/adapters/attach.ts'
import { boundary, type Gate, guard, type GuardOptions, readJson, type Refused } from '../src/index.ts'
import { ask, send } from './support/client.ts'
import { buildPreload, type Preload } from './support/preload.ts'

/** What an attacker with the source found, each with its smallest request. */

const TOKENS = {
  jwt: { keys: [{ alg: 'HS256', key: 'k'.repeat(40) }], issuer: 'issuer', audience: 'audience' },
} as const satisfies GuardOptions
const OPEN_TO_ALL = { 'access-control-allow-origin': '*', 'x-frame-options': 'ALLOWALL' }

/** A gate that takes a while over each token, and finds it right. */
function slow(onRefuse: (refused: Refused) => void = () => {}): Gate {
  const gate = guard({ ...TOKENS, log: false, onRefuse })
  const access: Access = { check: () => sleep(60).then(() => ({ identity: undefined })) }
  Object.assign(gate.settings, { access })
  return gate
}

function thrown(text: string): never {
  throw new Error(text)
}

const endings: (() => unknown)[] = []
afterEach(async () => {
  for (const end of endings.splice(0)) await end()
})

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  endings.push(() => server.close())
  return (server.address() as AddressInfo).port
}

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'sallyport-attacker-'))
  endings.push(() => rmSync(made, { recursive: true, force: true }))
  return made
}

describe('HTTP/2', () => {
  const frame = (type: number, flags: number, stream: number, payload: Buffer) => {
    const head = Buffer.alloc(9)
    head.writeUIntBE(payload.length, 0, 3)
    head.writeUInt8(type, 3)
    head.writeUInt8(flags, 4)
    head.writeUInt32BE(stream, 5)
    return Buffer.concat([head, payload])
  }
  const code = (value: number) => Buffer.from([0, 0, 0, value])
  const block = (...fields: readonly (readonly [string, string])[]) =>
    Buffer.concat(
      fields.flatMap(([name, value]) => [
        Buffer.from([0, name.length]),
        Buffer.from(name),
        Buffer.from([value.length]),
        Buffer.from(value),
      ]),
    )
  const START = Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame(4, 0, 0, Buffer.alloc(0))])
  const asked = (port: number) => block([':method', 'POST'], [':path', '/'], [':scheme', 'http'], [':authority', `localhost:${port}`])

  async function sent(port: number, ...frames: readonly Buffer[]): Promise<void> {
    const socket = connect(port, '127.0.0.1').on('error', () => {})
    socket.resume().write(Buffer.concat([START, ...frames]))
    await sleep(100)
    socket.destroy()
  }

  // RFC 9113 §6.4, §6.8: every error code but NO_ERROR and CANCEL is an error of the stream.
  test.each([
    ['RST_STREAM', frame(3, 0, 1, code(2))],
    ['RST_STREAM', frame(3, 0, 1, code(11))],
    ['GOAWAY', frame(7, 0, 0, Buffer.concat([code(0), code(2)]))],
  ])('a client that gives up its stream while its token is verified does not end the process: %s', async (_name, ending) => {
    const port = await listening(slow().protect(createHttp2Server((_request, response) => response.end())))
    const failures: unknown[] = []
    const fail = (error: unknown) => void failures.push(error)
    process.prependListener('uncaughtException', fail)
    for (const flags of [4, 5]) await sent(port, frame(1, flags, 1, asked(port)), ending)
    process.off('uncaughtException', fail)
    expect(failures).toEqual([])
  })

  test('P3 · trailers that come while a token is verified are seen', async () => {
    const refused: string[] = []
    const gate = slow(({ code: reason }) => void refused.push(reason))
    const port = await listening(gate.protect(createHttp2Server((_request, response) => response.end())))
    await sent(port, frame(1, 4, 1, asked(port)), frame(1, 5, 1, block(['x-forwarded-for', '192.0.2.1'])))
    expect(refused).toContain('proxy-trailer')
  })

  test('a listener of a session gets no stream that was refused, and its answers have the headers', async () => {
    const server = createHttp2Server()
    const got: unknown[] = []
    server.on('session', (session) => {
      session.on('stream', (stream: ServerHttp2Stream, headers: Record<string, unknown>) => {
        got.push(headers[':authority'])
        stream.respond({ ':status': 200, ...OPEN_TO_ALL })
        stream.end('session')
      })
    })
    server.on('stream', () => {})
    const port = await listening(guard({ log: false }).protect(server))
    expect((await ask('HTTP/2', { port, encrypted: false }, { headers: { Host: 'attacker.example' } })).status).toBe(403)
    expect(got).toEqual([])
    const reply = await ask('HTTP/2', { port, encrypted: false })
    expect(reply.body).toBe('session')
    expect(reply.headers.get('x-frame-options')).toBe('DENY')
    expect(reply.headers.has('access-control-allow-origin')).toBe(false)
  })

  const file = import.meta.filename
  const statCheck = (_stats: unknown, headers: Record<string, unknown>) => {
    Object.assign(headers, OPEN_TO_ALL)
    delete headers['x-localhost-only']
  }
  test.each<[string, (stream: ServerHttp2Stream) => void]>([
    ['a body before respond', (stream) => stream.end('x')],
    ['statCheck', (stream) => stream.respondWithFile(file, { ':status': 200 }, { statCheck })],
  ])('P5 · the headers stand: %s', async (_name, answer) => {
    const port = await listening(guard({ log: false }).protect(createHttp2Server().on('stream', answer)))
    const reply = await ask('HTTP/2', { port, encrypted: false })
    expect(reply.status).toBe(200)
    expect(reply.headers.get('x-frame-options')).toBe('DENY')
    expect(reply.headers.get('x-localhost-only')).toBe('true')
    expect(reply.headers.has('access-control-allow-origin')).toBe(false)
  })
})

describe('HTTP/1.1', () => {
  test.each([undefined, null])('P4, P5 · writeHead(200, %s, headers) opens nothing', async (reason) => {
    const answer = (_request: IncomingMessage, response: ServerResponse) => {
      const { writeHead } = response as unknown as { writeHead: (...args: unknown[]) => ServerResponse }
      writeHead.call(response, 200, reason, { ...OPEN_TO_ALL, 'X-Other': 'kept' }).end()
    }
    const port = await listening(guard({ log: false }).protect(createServer(answer)))
    const reply = await ask('HTTP/1.1', { port, encrypted: false })
    expect(reply.headers.has('access-control-allow-origin')).toBe(false)
    expect(reply.headers.get('x-frame-options')).toBe('DENY')
    expect(reply.headers.get('x-other')).toBe('kept')
  })

  test('P3 · a header that behind names is none of a trailer, and has no other spelling', async () => {
    const key = 'p'.repeat(32)
    const gate = guard({ behind: { keys: [key], headers: ['X-Forwarded-For', 'X-User'] }, log: false })
    const port = await listening(gate.protect(createServer((_request, response) => response.end('passed'))))
    const head = `POST / HTTP/1.1\r\nHost: localhost:${port}\r\nX-Internal-API-Key: ${key}\r\nX-User: ada\r\nTransfer-Encoding: chunked\r\n`
    const to = { port, encrypted: false }
    expect((await send(to, `${head}\r\n0\r\n\r\n`)).body).toBe('passed')
    expect((await send(to, `${head}Trailer: X-Forwarded-For\r\n\r\n0\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n`)).status).toBe(403)
    expect((await send(to, `${head}X_User: eve\r\n\r\n0\r\n\r\n`)).status).toBe(403)
  })

  test('P6, P13, I12 · the log tells of the client that the proxy told of, and of no address that nobody has proved', async () => {
    const told: Refused[] = []
    const keys = ['p'.repeat(32)]
    const behind = { headers: ['X-Real-IP'], client: 'X-Real-IP' }
    const asked = {
      keys: { callers: ['c'.repeat(32)], header: 'X-API-Key' },
      log: false,
      onRefuse: (refused: Refused) => void told.push(refused),
    } as const
    const through = guard({ ...asked, behind: { ...behind, keys } })
    const port = await listening(through.protect(createServer((_request, response) => response.end('passed'))))
    const head = `GET / HTTP/1.1\r\nHost: localhost:${port}\r\nX-Real-IP: 192.0.2.66\r\n`
    await send({ port, encrypted: false }, `${head}X-Internal-API-Key: ${keys[0]}\r\n\r\n`)
    await send({ port, encrypted: false }, `${head}X-Internal-API-Key: guess\r\n\r\n`)
    await send({ port, encrypted: false }, `${head}X-Internal-API-Key: ${keys[0]}\r\nGE T\r\n\r\n`)
    expect(told.map(({ code, address }) => `${code} ${address}`)).toEqual([
      'key-missing 192.0.2.66',
      'proof-missing 127.0.0.1',
      'request-unreadable 127.0.0.1',
    ])
  })

  test('P3 · trailers that are there already when a token has been verified are refused', async () => {
    let handled = 0
    const gate = slow()
    const port = await listening(gate.protect(createServer((_request, response) => void response.end(String(++handled)))))
    const head = `POST / HTTP/1.1\r\nHost: localhost:${port}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n`
    expect((await send({ port, encrypted: false }, `${head}X-Forwarded-For: 192.0.2.1\r\n\r\n`)).status).toBe(403)
    expect(handled).toBe(0)
    expect((await send({ port, encrypted: false }, `${head}X-Other: 1\r\n\r\n`)).status).toBe(200)
  })

  test("an upgrade whose client has gone while its token was verified is nobody's", async () => {
    let upgraded = 0
    const server = createServer().on('upgrade', () => void upgraded++)
    const port = await listening(slow().protect(server))
    const head = `GET / HTTP/1.1\r\nHost: localhost:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`
    for (const leave of ['end', 'resetAndDestroy'] as const) {
      const socket = connect(port, '127.0.0.1').on('error', () => {})
      socket.resume().write(head)
      await sleep(20)
      socket[leave]()
    }
    await sleep(150)
    expect(upgraded).toBe(0)
    await expect.poll(() => new Promise((resolve) => void server.getConnections((_error, count) => resolve(count)))).toBe(0)
  })

  test('M8 · an onError that throws or rejects leaves the client its answer and the process its life', async () => {
    const failures: unknown[] = []
    const fail = (error: unknown) => void failures.push(error)
    process.prependListener('unhandledRejection', fail)
    const fails = [() => thrown('at once'), (() => Promise.reject(new Error('later'))) as () => void]
    for (const onError of fails) {
      const handler = boundary(() => thrown('handler'), { onError })
      const port = await listening(guard({ log: false }).protect(createServer(handler)))
      expect((await ask('HTTP/1.1', { port, encrypted: false })).status).toBe(500)
    }
    await sleep(20)
    process.off('unhandledRejection', fail)
    expect(failures).toEqual([])
  })

  test('a second gate decides too: its keys are asked, whatever the first one lets through', async () => {
    const strict: Gate = guard({ keys: { callers: ['s'.repeat(32)] }, log: false })
    const server = guard({ log: false }).protect(
      createServer((request, response) => guardLate(strict, request, response, () => void response.end('passed'))),
    )
    const port = await listening(server)
    expect((await ask('HTTP/1.1', { port, encrypted: false })).status).toBe(401)
    const headers = { 'X-Internal-API-Key': 's'.repeat(32) }
    expect((await ask('HTTP/1.1', { port, encrypted: false }, { headers })).body).toBe('passed')
  })
})

describe('the log', () => {
  const refuse = (gate: Gate, target = '/') =>
    void gate.decide({
      peer: '192.0.2.1',
      port: 8000,
      encrypted: false,
      major: 1,
      minor: 1,
      method: 'GET',
      target,
      headers: [],
      upgrade: false,
    })
  const linesOf = (file: string) => readFileSync(file, 'utf8').trim().split('\n')

  test('what a flood left out is told of when it ends, without another refusal', async () => {
    const file = join(folder(), 'security.log')
    const gate = guard({ log: { file, perSecond: 1 } })
    endings.push(() => gate.close())
    for (let count = 0; count < 10; count++) refuse(gate)
    await expect.poll(() => linesOf(file).filter((line) => line.includes('"left-out"')).length, { timeout: 3000 }).toBeGreaterThan(0)
  })

  test('it stays in its folder when the program changes its own', async () => {
    const before = process.cwd()
    const made = folder()
    endings.push(() => process.chdir(before))
    process.chdir(made)
    const gate = guard({ log: 'security.log' })
    process.chdir(tmpdir())
    refuse(gate)
    await gate.close()
    expect(readFileSync(join(made, 'security.log'), 'utf8')).toContain('peer-not-loopback')
  })

  test('two with one file do not put aside what the other has begun', async () => {
    const file = join(folder(), 'security.log')
    const first = guard({ log: { file, maxBytes: 1200 } })
    const second = guard({ log: { file, maxBytes: 1200 } })
    for (let count = 0; count < 8; count++) {
      refuse(first)
      refuse(second)
      await sleep(20)
    }
    await Promise.all([first.close(), second.close()])
    expect([existsSync(`${file}.1`), existsSync(`${file}.2`)]).toEqual([true, false])
    expect(linesOf(file).length + linesOf(`${file}.1`).length).toBe(16)
  })

  test('no value costs more than its length: a flood of refusals is cheap', () => {
    const gate = guard({ log: false, onRefuse: () => {} })
    const targets = ['a'.repeat(16_000), '@'.repeat(16_000), 'a!'.repeat(8_000), '/'.repeat(16_000)].map((text) => `/${text}`)
    for (const target of targets) refuse(gate, target)
    const start = process.cpuUsage()
    for (let count = 0; count < 50; count++) for (const target of targets) refuse(gate, target)
    const { user, system } = process.cpuUsage(start)
    // 200 of them: 580 ms where each character of a run was a beginning, 40 ms where only the first is.
    expect(user + system).toBeLessThan(250_000)
  })

  test('P13 · tokens and names before an @ are left out as before', () => {
    const told: Refused[] = []
    const gate = guard({ log: false, onRefuse: (event) => void told.push(event) })
    refuse(gate, '/a/user:secret@b/x1y2x1y2x1y2x1y2x1y2x1y2/words-that-are-long-and-no-token?q=1')
    expect(told[0]?.path).toBe('/a/…@b/…/words-that-are-long-and-no-token?…')
  })

  test('an onRefuse that rejects ends nothing', async () => {
    const failures: unknown[] = []
    const fail = (error: unknown) => void failures.push(error)
    process.prependListener('unhandledRejection', fail)
    refuse(guard({ log: false, onRefuse: (() => Promise.reject(new Error('later'))) as () => void }))
    await sleep(20)
    process.off('unhandledRejection', fail)
    expect(failures).toEqual([])
  })
})

describe('options of callers without types', () => {
  const secret = 'k'.repeat(40)
  test.each([
    ['keys.except', { keys: { callers: [secret], except: '/health' } }],
    ['jwt.except', { jwt: { ...TOKENS.jwt, except: '/' } }],
    ['jwt.issuer', { jwt: { ...TOKENS.jwt, issuer: '' } }],
    ['jwt.issuer', { jwt: { keys: TOKENS.jwt.keys, audience: 'audience' } }],
    ['jwt.audience', { jwt: { keys: TOKENS.jwt.keys, issuer: 'issuer' } }],
    ['jwt.typ', { jwt: { ...TOKENS.jwt, typ: '' } }],
    ['jwt.clockTolerance', { jwt: { ...TOKENS.jwt, clockTolerance: Number.NaN } }],
    ['credentials', { credentials: 'false' }],
    ['log.files', { log: { file: '/tmp/sallyport-never/never.log', files: 0 } }],
    ['origins', { origins: 'http://localhost:5173' }],
  ])('%s is refused where it would open more than was meant', (option, options) => {
    const start = () => guard({ log: false, ...options } as unknown as GuardOptions)
    expect(start).toThrow(expect.objectContaining({ code: 'option-invalid', message: expect.stringContaining(option) }))
  })
})

test('M8 · a body that reaches prototypes by their constructor is refused', async () => {
  const any = { '~standard': { validate: (value: unknown) => ({ value }) } }
  const body = (text: string) => Object.assign(Readable.from([Buffer.from(text)]), { headers: { 'content-type': 'application/json' } })
  await expect(readJson(body('{"constructor":{"prototype":{"admin":true}}}'), any)).rejects.toMatchObject({ status: 400 })
  await expect(readJson(body('{"constructor":"Ada Ltd"}'), any)).resolves.toEqual({ constructor: 'Ada Ltd' })
})

describe('the preload', () => {
  const LISTENS = `
    const server = require('node:net').createServer()
    server.listen(0, '0.0.0.0', () => { console.log(server.address().address); server.close() })`
  let preload: Preload
  beforeAll(() => {
    preload = buildPreload()
  })
  afterAll(() => rmSync(preload.folder, { recursive: true, force: true }))

  test.each([
    ['--import', 'eval: true'],
    ['--import', 'eval: true, execArgv: [], env: {}'],
    ['--require', 'eval: true'],
  ])('P1 · a thread of a text is held too: %s, %s', (option, settings) => {
    const program = `new (require('node:worker_threads').Worker)(${JSON.stringify(LISTENS)}, { ${settings} })`
    const file = option === '--import' ? preload.module : preload.script
    const { stdout } = spawnSync(process.execPath, [option, file, '-e', program], { encoding: 'utf8', timeout: 20_000 })
    expect(stdout).toBe('127.0.0.1\n')
  })
})
