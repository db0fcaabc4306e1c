import { REASONS } from '../../src/index.ts'
import { type Case, fill, wireBytes } from './cases.ts'
import { type Guarded, type Kind, startGuarded } from './guarded.ts'
import { type Answer, exchange } from './http1.ts'
import { exchangeHttp2, parseFields } from './http2.ts'

/** Connections at one time: each has servers of its own, so that what a guard says belongs to the case that is being sent. */
const LANES = 6
/** After a connection is done, for what a handler or a log still says. */
const SETTLE = 5

const P5: readonly (readonly [string, string])[] = [
  ['x-content-type-options', 'nosniff'],
  ['x-frame-options', 'DENY'],
  ['x-localhost-only', 'true'],
]

/** What is wrong, in a line for each case that is. */
export async function wrongOf(cases: readonly Case[], kind: Kind, http2: boolean): Promise<readonly string[]> {
  const lanes = Array.from({ length: LANES }, (_, lane) => cases.filter((_, index) => index % LANES === lane))
  const wrong = await Promise.all(lanes.map((lane) => runLane(lane, kind, http2)))
  return wrong.flat()
}

async function runLane(cases: readonly Case[], kind: Kind, http2: boolean): Promise<readonly string[]> {
  const servers = new Map<string, Guarded>()
  const wrong: string[] = []
  const refusals = new Map<Guarded, number>()
  for (const one of cases) {
    const key = JSON.stringify([one.listen, one.options])
    const server = servers.get(key) ?? (await startGuarded(kind, one.listen, one.options))
    servers.set(key, server)
    server.refusals.length = 0
    server.handled.length = 0
    const seen = http2 ? await sendHttp2(one, server) : await sendHttp1(one, server)
    await new Promise((resolve) => setTimeout(resolve, SETTLE))
    refusals.set(server, (refusals.get(server) ?? 0) + server.refusals.length)
    const found = [...outcome(one, seen, server), ...seen.answers.flatMap(missingHeaders)]
    if (found.length > 0) wrong.push(`${one.name}: expected ${one.expected}; ${found.join('; ')}`)
  }
  for (const server of servers.values()) wrong.push(...wrongLines(await server.close(), refusals.get(server) ?? 0))
  return wrong
}

interface Seen {
  readonly answers: readonly Answer[]
  readonly closed: boolean
}

async function sendHttp1(one: Case, server: Guarded): Promise<Seen> {
  const to = { host: connectable(one.to), port: server.port, from: one.from, encrypted: server.scheme === 'https' }
  return exchange(wireBytes(one.request, server), to, !/passed|preflight/.test(one.expected))
}

async function sendHttp2(one: Case, server: Guarded): Promise<Seen> {
  const fields = parseFields(one.request.map((line) => fill(line, server)))
  const to = { host: connectable(one.to), port: server.port, from: one.from, encrypted: server.scheme === 'https' }
  const answer = await exchangeHttp2(fields, to)
  return { answers: answer === undefined ? [] : [answer], closed: answer === undefined }
}

/** A socket that is bound to an IPv4-mapped address is reached by the IPv4 address within. */
function connectable(address: string): string {
  return address.replace(/^::ffff:/, '')
}

/** What is not as expected. */
function outcome({ expected, request }: Case, { answers, closed }: Seen, { handled, refusals }: Guarded): readonly string[] {
  const [status = '', what = ''] = expected.split(' ')
  const http2 = request[0]?.startsWith(':') === true
  const head = request[0]?.startsWith('HEAD ') === true
  const first = answers[0]
  const codes = refusals.map(({ code }) => code).join(', ')
  const said = `${answers.map((answer) => answer.status).join(', ') || 'no answer'} ${codes || 'no refusal'}${closed ? ', closed' : ''}`
  const ran = handled.map(({ what, ended }) => `${what}${ended ? '' : ' (no end)'}`).join(', ')
  const wrong = (right: boolean) => (right ? [] : [`${said}${ran === '' ? '' : `, handled ${ran}`}`])
  if (status === 'reset') return wrong(answers.length === 0 && handled.length === 0)
  if (status === 'silent') return wrong(closed && answers.length === 0 && handled.length === 0 && codes === what)
  if (status === 'aborted') return wrong(closed && handled.length <= 1 && !handled.some(({ ended }) => ended && !http2))
  if (status === 'cut')
    return wrong(codes === what && handled.length === 1 && (handled[0]?.trailers ?? []).every((name) => name === 'expires'))
  const statusRight = first?.status === Number(status)
  if (what === 'passed') return wrong(statusRight && handled.length === 1 && codes === '')
  if (what === 'dropped') return wrong(statusRight && (handled[0]?.headers ?? ['']).every((name) => name.startsWith(':')))
  if (what === 'preflight') return wrong(statusRight && handled.length === 0 && codes === '')
  return wrong(statusRight && answers.length === 1 && handled.length === 0 && codes === what && (head || bodyOf(what) === first.body))
}

/** `undefined`: no such code. */
function bodyOf(code: string): string | undefined {
  return new Map(Object.entries(REASONS)).get(code)?.body
}

/** P5: on every answer; the handshake of a WebSocket is written by whatever library speaks it. */
function missingHeaders({ status, headers }: Answer): readonly string[] {
  return status === 101 ? [] : P5.filter(([name, value]) => headers.get(name) !== value).map(([name]) => `${status} without ${name}`)
}

/** P6: a line of JSON for each refusal, in printable ASCII, and no secret. */
function wrongLines(lines: readonly string[], refusals: number): readonly string[] {
  const wrong = lines.length === refusals ? [] : [`the log has ${lines.length} lines for ${refusals} refusals`]
  for (const line of lines) {
    if (!/^\{[ -~]*\}$/.test(line)) wrong.push(`a line of the log is not in printable ASCII: ${JSON.stringify(line)}`)
    if (line.includes('S3CR3T-CANARY')) wrong.push(`a secret is in the log: ${line}`)
    const known = bodyOf(String((JSON.parse(line) as { code?: unknown }).code))
    if (known === undefined) wrong.push(`a line of the log has no reason: ${line}`)
  }
  return wrong
}
