import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Answer {
  readonly status: number
  /** By lower-case name; of two with one name the first. */
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
}

export interface Exchange {
  /** In the order in which they came, those of 1xx (but 101) left out. */
  readonly answers: readonly Answer[]
  /** The server closed the connection. */
  readonly closed: boolean
}

export interface Destination {
  readonly host: string
  readonly port: number
  readonly from: string | undefined
  readonly encrypted: boolean
}

const PAUSE = 30
/** How long a connection has to be silent after an answer to count as done. */
const QUIET = 40
const PATIENCE = 4_000

/**
 * Sends the parts on one new connection. `patient`: wait for what comes after the first answer too, until the server closes or says nothing more; a
 * request hidden behind the first would be answered then.
 */
export async function exchange(parts: readonly Buffer[], to: Destination, patient: boolean): Promise<Exchange> {
  const head = (parts[0]?.toString('latin1') ?? '').startsWith('HEAD ')
  const socket = await open(to)
  let received = Buffer.alloc(0)
  let last = Date.now()
  let closed = false
  socket.on('data', (bytes) => {
    received = Buffer.concat([received, bytes])
    last = Date.now()
  })
  socket.on('close', () => (closed = true))
  socket.on('end', () => (closed = true))
  const start = Date.now()
  for (const [index, part] of parts.entries()) {
    if (index > 0) await sleep(PAUSE)
    if (!closed) socket.write(part)
  }
  while (!closed && Date.now() - start < PATIENCE) {
    await sleep(2)
    if (received.length === 0 || (patient && Date.now() - last <= QUIET)) continue
    const { answers, whole } = parseAnswers(received.toString('latin1'), head)
    // What is said to close is waited for, however busy the machine.
    if (whole && !(patient && answers.at(-1)?.headers.get('connection') === 'close')) break
  }
  socket.destroy()
  return { answers: parseAnswers(received.toString('latin1'), head).answers, closed }
}

async function open({ host, port, from, encrypted }: Destination): Promise<Socket> {
  const options = { host, port, ...(from === undefined ? {} : { localAddress: from }) }
  const socket = encrypted ? connectTls({ ...options, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] }) : connect(options)
  await new Promise((resolve, reject) => socket.once(encrypted ? 'secureConnect' : 'connect', resolve).once('error', reject))
  socket.on('error', () => {})
  return socket
}

/** `whole`: the text ends where an answer ends, and there is one. `head`: the first answer has no body, whatever it says. */
export function parseAnswers(text: string, head: boolean): { readonly answers: readonly Answer[]; readonly whole: boolean } {
  const answers: Answer[] = []
  let rest = text
  while (rest.length > 0) {
    const end = rest.indexOf('\r\n\r\n')
    if (end < 0) return { answers, whole: false }
    const [first = '', ...lines] = rest.slice(0, end).split('\r\n')
    const status = Number(/^HTTP\/1\.1 (\d{3})(?: |$)/.exec(first)?.[1] ?? 0)
    const headers = new Map<string, string>()
    for (const line of lines) {
      const colon = line.indexOf(':')
      const name = line.slice(0, colon).toLowerCase()
      if (!headers.has(name)) headers.set(name, line.slice(colon + 1).trim())
    }
    rest = rest.slice(end + 4)
    if (status >= 100 && status < 200 && status !== 101) continue
    const bodiless = status === 101 || status === 204 || status === 304 || (head && answers.length === 0)
    const found = status === 101 ? { body: '', rest: '' } : bodiless ? { body: '', rest } : bodyOf(rest, headers)
    if (found === undefined) {
      answers.push({ status, headers, body: rest })
      return { answers, whole: false }
    }
    answers.push({ status, headers, body: found.body })
    rest = found.rest
  }
  return { answers, whole: answers.length > 0 }
}

/** `undefined`: not at its end yet. */
function bodyOf(text: string, headers: ReadonlyMap<string, string>): { readonly body: string; readonly rest: string } | undefined {
  if (headers.get('transfer-encoding') === 'chunked') {
    let body = ''
    for (let at = 0; ; ) {
      const end = text.indexOf('\r\n', at)
      const size = Number.parseInt(text.slice(at, end), 16)
      if (end < 0 || Number.isNaN(size)) return undefined
      if (size === 0) return text.startsWith('\r\n', end + 2) ? { body, rest: text.slice(end + 4) } : undefined
      body += text.slice(end + 2, end + 2 + size)
      at = end + 4 + size
    }
  }
  const length = Number(headers.get('content-length') ?? Number.NaN)
  return text.length >= length ? { body: text.slice(0, length), rest: text.slice(length) } : undefined
}
