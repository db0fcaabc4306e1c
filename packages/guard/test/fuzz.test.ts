import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Gate, guard, REASONS, type Refused } from '../src/index.ts'
import { parseCases, wireBytes } from './wire/cases.ts'

/** A million when asked for: `SALLYPORT_FUZZ=1000000`. */
const COUNT = Number(process.env['SALLYPORT_FUZZ'] ?? 4000)
const AT_ONCE = 64
const HANG_MS = 20_000
const CORPUS = ['attacks', 'legitimate'].map((folder) => new URL(`corpus/${folder}/`, import.meta.url))
const WANTED = ['x-content-type-options: nosniff', 'x-frame-options: deny', 'x-localhost-only: true']

/** mulberry32: the same inputs for the same seed. */
function randomOf(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296) * below)
  }
}

const PIECES = [
  '\r\n',
  '\n',
  '\r',
  '\0',
  '\x0b',
  ' ',
  '\t',
  ':',
  ',',
  ';',
  '%',
  '%0d%0a',
  '%2e%2e',
  '\\',
  '#',
  '?',
  '/',
  '..',
  '//',
  '@',
  '[',
  ']',
  '\x7f',
  '\x80',
  '\xff',
  '{"time":"x"}\n',
  'Host: x\r\n',
  'X-Forwarded-For: 1\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Content-Length: 5\r\n',
  'Upgrade: websocket\r\n',
  'Connection: Upgrade\r\n',
  'Origin: null\r\n',
  '0\r\n\r\n',
  'HTTP/1.0',
  'HTTP/2.0',
  '*',
  'CONNECT',
]

function mutate(bases: readonly Buffer[], random: (below: number) => number): Buffer {
  let bytes = bases[random(bases.length)] ?? Buffer.alloc(0)
  if (random(10) === 0) {
    const other = bases[random(bases.length)] ?? bytes
    bytes = Buffer.concat([bytes.subarray(0, random(bytes.length + 1)), other.subarray(random(other.length + 1))])
  }
  for (let left = random(4); left >= 0; left--) {
    const at = random(bytes.length + 1)
    const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)]
    switch (random(5)) {
      case 0:
        bytes = Buffer.concat([before, Buffer.from(PIECES[random(PIECES.length)] ?? '', 'latin1'), after])
        break
      case 1:
        bytes = Buffer.concat([before, Buffer.from([random(256)]), after.subarray(1)])
        break
      case 2:
        bytes = Buffer.concat([before, after.subarray(random(12))])
        break
      case 3:
        bytes = Buffer.concat([before, after.subarray(0, random(80)), after])
        break
      default:
        bytes = Buffer.concat([before, Buffer.from(Array.from({ length: random(8) }, () => random(256))), after])
    }
  }
  return bytes
}

const folder = mkdtempSync(join(tmpdir(), 'sallyport-guard-'))
const log = join(folder, 'security.log')
const refused: Refused[] = []
const told = new Map<number, number>()
const server = createServer((request, response) => {
  request.on('error', () => undefined)
  request.resume()
  response.setHeader('X-Handled', 'yes')
  response.end('handled')
})
server.on('upgrade', (_request, socket) =>
  socket.end('HTTP/1.1 101 Switching Protocols\r\nX-Handled: yes\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'),
)
let gate: Gate
let port = 0

beforeAll(async () => {
  gate = guard({ log: { file: log, perSecond: 1e9, maxBytes: 1e12 }, onRefuse: (one) => refused.push(one) })
  gate.protect(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})
afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  rmSync(folder, { recursive: true, force: true })
})

/** Everything that came back until the server closed; the client says at once that no more comes. */
function send(bytes: Buffer): Promise<{ readonly text: string; readonly hung: boolean }> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let hung = false
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }, () => socket.end(bytes))
    socket.setTimeout(HANG_MS, () => {
      hung = true
      socket.destroy()
    })
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.on('error', () => socket.destroy())
    socket.on('close', () => resolve({ text: Buffer.concat(chunks).toString('latin1'), hung }))
  })
}

/** The heads of the answers: bodies here never hold such a line. */
const headsOf = (text: string): readonly string[] =>
  text.split(/(?=HTTP\/1\.1 \d{3} )/).flatMap((part) => (part.startsWith('HTTP/1.1 ') ? [part.split('\r\n\r\n')[0] ?? ''] : []))

it(
  `P5 P6 · ${COUNT} mutated requests: no crash, no hang, no answer without the headers, no refusal that is not logged, no forged line`,
  async () => {
    const values = { port, scheme: 'http' } as const
    const bases = CORPUS.flatMap((place) => readdirSync(place).map((name) => readFileSync(new URL(name, place), 'utf8'))).flatMap((text) =>
      parseCases(text).flatMap(({ request }) => {
        const bytes = Buffer.concat(wireBytes(request, values))
        return bytes.length < 4000 ? [bytes] : []
      }),
    )
    expect(bases.length).toBeGreaterThan(500)
    const random = randomOf(Number(process.env['SALLYPORT_FUZZ_SEED'] ?? 1))
    const wrong: string[] = []
    let [left, handled, refusals] = [COUNT, 0, 0]
    const worker = async () => {
      while (left-- > 0 && wrong.length < 5) {
        const bytes = mutate(bases, random)
        const { text, hung } = await send(bytes)
        const say = (what: string) =>
          wrong.push(`${what}: ${JSON.stringify(bytes.toString('latin1'))} → ${JSON.stringify(text.slice(0, 400))}`)
        if (hung) say('hung')
        for (const head of headsOf(text)) {
          const lower = head.toLowerCase()
          const status = Number(head.slice(9, 12))
          if (status !== 100 && WANTED.some((one) => !lower.includes(one))) say('without the headers')
          if (lower.includes('x-handled')) handled++
          else if (status >= 400 && status !== 417) {
            refusals++
            told.set(status, (told.get(status) ?? 0) + 1)
          }
        }
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, worker))
    await gate.close()
    expect(wrong).toEqual([])
    const lines = readFileSync(log, 'utf8').trimEnd().split('\n')
    expect(lines.length).toBe(refused.length)
    for (const [index, line] of lines.entries()) {
      if (!/^[\x20-\x7e]+$/.test(line) || JSON.stringify(JSON.parse(line)) !== JSON.stringify(refused[index]))
        expect(line).toBe(JSON.stringify(refused[index]))
      if (!Object.hasOwn(REASONS, (JSON.parse(line) as Refused).code)) expect.fail(line)
    }
    // Some refused ones are gone before the answer comes; no answer comes of one that was not logged.
    expect(refused.length).toBeGreaterThanOrEqual(refusals)
    console.log(
      `${COUNT} requests: ${handled} handled, ${refused.length} refused (${[...told].map(([status, count]) => `${status}: ${count}`).join(', ')})`,
    )
    expect(handled).toBeGreaterThan(COUNT / 100)
    expect(refusals).toBeGreaterThan(COUNT / 10)
  },
  60_000 + COUNT * 5,
)
