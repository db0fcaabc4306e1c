import { randomBytes } from 'node:crypto'
import { type Asked, type Exchange, exchange, type Target, valuesOf } from './exchange.ts'
import { exchangeHttp2 } from './http2.ts'
import type { Result } from './verdict.ts'

/** The foreign name and page; of the names that nobody can have (RFC 6761 §6.5). */
const NAME = 'rebinding.example'
const PAGE = 'https://attacker.example'

type Answer = Extract<Exchange, { kind: 'answer' }>

/** P3; and two forms in which checks of names or values miss them. */
const PROXY: readonly (readonly [string, string])[] = [
  ['X-Forwarded-For', '203.0.113.7'],
  ['X-Real-IP', '203.0.113.7'],
  ['X-Forwarded-Host', NAME],
  ['X-Forwarded-Proto', 'https'],
  ['X-Forwarded-Port', '443'],
  ['Forwarded', `for=203.0.113.7;host=${NAME}`],
  ['X-Forwarded-For', ''],
  ['X_Forwarded_For', '203.0.113.7'],
]

/** Too Many Requests (RFC 6585 §4), Service Unavailable (RFC 9110 §15.6.4). */
const LIMITED = new Set([429, 503])

/** Whether the server did what was asked as it does for its own: not refused, and not by a redirect to itself. */
function isServed(answer: Exchange, base: Answer): boolean {
  return answer.kind === 'answer' && answer.status < 400 && !(answer.status >= 300 && base.status < 300)
}

const told = (what: string, answer: Exchange): string =>
  `${what}: ${answer.kind === 'answer' ? `${answer.status}` : answer.why === '' ? 'no answer' : answer.why}`

/** What is asked and of what each answer is judged against that to a plain request. */
export class Checks {
  readonly #target: Target
  readonly #base: Answer
  /** A refusal that was seen, for its headers. */
  #refusal: Answer | undefined
  /** What the server answered to a check because it had been asked too often, or was busy. */
  readonly #limits: number[] = []

  constructor(target: Target, base: Answer) {
    this.#target = target
    this.#base = base
  }

  /** Of a server that stopped answering for a limit of its own, nothing is proved by its not serving. */
  async fairly(check: () => Promise<Result>): Promise<Result> {
    this.#limits.length = 0
    const result = await check()
    const [limited] = this.#limits
    if (limited === undefined || result.verdict !== 'pass') return result
    const why = `answered ${limited}: it limits requests, which is no refusal of these; ask again when it answers, or with a higher limit`
    return { ...result, verdict: 'unknown', seen: [...result.seen, why] }
  }

  async #ask(asked: Asked): Promise<Exchange> {
    return this.#noted(await exchange(this.#target, asked))
  }

  #noted<T extends Exchange | undefined>(answer: T): T {
    if (answer?.kind === 'answer' && LIMITED.has(answer.status)) this.#limits.push(answer.status)
    return answer
  }

  /** Checks whose answers do not differ from those to everybody tell nothing where even a plain request is refused. */
  async #refused(id: Result['id'], asks: readonly { readonly what: string; readonly asked: Asked }[]): Promise<Result> {
    if (this.#base.status >= 400)
      return { id, verdict: 'unknown', seen: [`a plain request is answered ${this.#base.status} already: name a path that answers 200`] }
    const answers = await inTurn(asks, async ({ what, asked }) => ({ what, answer: await this.#ask(asked) }))
    const served = answers.filter(({ answer }) => isServed(answer, this.#base))
    for (const { answer } of answers) if (answer.kind === 'answer' && answer.status >= 400) this.#refusal ??= answer
    const shown = served.length > 0 ? served : answers
    return { id, verdict: served.length > 0 ? 'fail' : 'pass', seen: shown.map(({ what, answer }) => told(what, answer)) }
  }

  host(isLocal: boolean): Promise<Result> {
    const { port, authority, path, encrypted } = this.#target
    return this.#refused('host', [
      { what: `Host: ${NAME}:${port}`, asked: { host: `${NAME}:${port}` } },
      ...(isLocal ? [{ what: `Host: 0.0.0.0:${port}`, asked: { host: `0.0.0.0:${port}` } }] : []),
      { what: `Host: ${authority}.${NAME}`, asked: { host: `${authority.replace(/:\d+$/, '')}.${NAME}:${port}` } },
      {
        what: `the target ${encrypted ? 'https' : 'http'}://${NAME}/`,
        asked: { target: `${encrypted ? 'https' : 'http'}://${NAME}:${port}${path}` },
      },
    ])
  }

  proxyHeaders(): Promise<Result> {
    return this.#refused(
      'proxy-headers',
      PROXY.map(([name, value]) => ({
        what: `${name}:${value === '' ? ' (empty)' : ''}`.replace(/:$/, ''),
        asked: { headers: [[name, value]] },
      })),
    )
  }

  async origin(): Promise<Result> {
    const seen: string[] = []
    const answers = await inTurn([PAGE, 'null'], async (origin) => {
      const answer = await this.#ask({
        headers: [
          ['Origin', origin],
          ['Sec-Fetch-Site', 'cross-site'],
          ['Sec-Fetch-Mode', 'cors'],
        ],
      })
      const why = answer.kind === 'answer' ? allows(answer, origin) : undefined
      if (why !== undefined) seen.push(`Origin: ${origin}: ${why}`)
      return { origin, answer }
    })
    if (seen.length > 0) return { id: 'origin', verdict: 'fail', seen }
    return { id: 'origin', verdict: 'pass', seen: answers.map(({ origin, answer }) => told(`Origin: ${origin}`, answer)) }
  }

  async preflight(): Promise<Result> {
    const answer = await this.#ask({
      method: 'OPTIONS',
      headers: [
        ['Origin', PAGE],
        ['Access-Control-Request-Method', 'DELETE'],
        ['Access-Control-Request-Headers', 'content-type'],
        ['Access-Control-Request-Private-Network', 'true'],
      ],
    })
    const why = answer.kind === 'answer' ? allows(answer, PAGE) : undefined
    const isPrivate = answer.kind === 'answer' && valuesOf(answer, 'access-control-allow-private-network').includes('true')
    const seen = [...(why === undefined ? [] : [why]), ...(isPrivate ? ['Access-Control-Allow-Private-Network: true'] : [])]
    return seen.length > 0
      ? { id: 'preflight', verdict: 'fail', seen }
      : { id: 'preflight', verdict: 'pass', seen: [told(`OPTIONS of ${PAGE}`, answer)] }
  }

  /** Only a server that upgrades for its own page is asked by a foreign one. */
  async webSocket(paths: readonly string[]): Promise<Result> {
    const { encrypted, authority } = this.#target
    const own = `${encrypted ? 'https' : 'http'}://${authority}`
    for (const path of paths) {
      const before = await this.#ask(upgrade(path, own))
      if (before.kind !== 'answer' || before.status !== 101) continue
      const answer = await this.#ask(upgrade(path, PAGE))
      const isOpen = answer.kind === 'answer' && answer.status === 101
      return { id: 'websocket', verdict: isOpen ? 'fail' : 'pass', seen: [told(`${path} for ${PAGE}`, answer)] }
    }
    return { id: 'websocket', verdict: 'skipped', seen: [`no WebSocket at ${paths.join(', ')}: name its path with --websocket`] }
  }

  async headers(isLocal: boolean): Promise<Result> {
    const missing = await this.#ask({ target: `/sallyport-${randomBytes(8).toString('hex')}` })
    const answers = [this.#base, ...(this.#refusal === undefined ? [] : [this.#refusal]), ...(missing.kind === 'answer' ? [missing] : [])]
    const lacks = answers.flatMap((answer) => {
      const names = lacking(answer, isLocal)
      return names.length === 0 ? [] : [`${answer.status} without ${names.join(', ')}`]
    })
    const seen = lacks.length > 0 ? [...new Set(lacks)] : [`on ${answers.map(({ status }) => status).join(', ')}`]
    return { id: 'headers', verdict: lacks.length > 0 ? 'fail' : 'pass', seen }
  }

  async http2(isLocal: boolean): Promise<Result> {
    const plain = await exchangeHttp2(this.#target, {})
    if (plain?.kind !== 'answer') return { id: 'http2', verdict: 'skipped', seen: ['it does not speak HTTP/2'] }
    if (plain.status >= 400) return { id: 'http2', verdict: 'unknown', seen: [told('a plain request', plain)] }
    const asks: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
      [`:authority ${NAME}`, { ':authority': `${NAME}:${this.#target.port}` }],
      ...(isLocal ? [['x-forwarded-for', { 'x-forwarded-for': '203.0.113.7' }] as const] : []),
    ]
    const answers = await inTurn(asks, async ([what, headers]) => ({
      what,
      answer: this.#noted(await exchangeHttp2(this.#target, headers)) ?? plain,
    }))
    const served = answers.filter(({ answer }) => isServed(answer, plain))
    const shown = served.length > 0 ? served : answers
    return { id: 'http2', verdict: served.length > 0 ? 'fail' : 'pass', seen: shown.map(({ what, answer }) => told(what, answer)) }
  }

  /** A page for every path is no leak: what tells is a file that is not of the server. */
  async paths(): Promise<Result> {
    const answers = await inTurn(CLIMBS, async (target) => ({ target, answer: await this.#ask({ target }) }))
    const leaks = answers.filter(({ answer }) => answer.kind === 'answer' && /^root:[^:\n]*:0:0:/m.test(answer.body))
    const shown = leaks.length > 0 ? leaks : answers
    return { id: 'paths', verdict: leaks.length > 0 ? 'fail' : 'pass', seen: shown.map(({ target, answer }) => told(target, answer)) }
  }
}

const CLIMBS: readonly string[] = ['../', '%2e%2e/', '..%2f', '..%5c'].map((step) => `/${step.repeat(8)}etc/passwd`)

function upgrade(target: string, origin: string): Asked {
  return {
    target,
    headers: [
      ['Connection', 'Upgrade'],
      ['Upgrade', 'websocket'],
      ['Sec-WebSocket-Version', '13'],
      ['Sec-WebSocket-Key', randomBytes(16).toString('base64')],
      ['Origin', origin],
    ],
  }
}

/** Why a page of the origin may read the answer (Fetch §4.10, CORS check). */
function allows(answer: Answer, origin: string): string | undefined {
  const allowed = valuesOf(answer, 'access-control-allow-origin')
  const given = allowed.find((value) => value === '*' || value.toLowerCase() === origin.toLowerCase())
  if (given === undefined) return undefined
  const withCookies = given !== '*' && valuesOf(answer, 'access-control-allow-credentials').includes('true')
  return `Access-Control-Allow-Origin: ${given}${withCookies ? ', with cookies' : ''}`
}

function lacking(answer: Answer, isLocal: boolean): readonly string[] {
  const has = (name: string, value: RegExp) => valuesOf(answer, name).some((one) => value.test(one))
  const framed = has('x-frame-options', /^deny$/i) || (!isLocal && has('content-security-policy', /frame-ancestors 'none'/i))
  return [
    ...(has('x-content-type-options', /^nosniff$/i) ? [] : ['X-Content-Type-Options: nosniff']),
    ...(framed ? [] : ['X-Frame-Options: DENY']),
    ...(!isLocal || has('x-localhost-only', /^true$/) ? [] : ['X-Localhost-Only: true']),
  ]
}

/** One after the other: a server that is looked at is not to be pressed. */
async function inTurn<T, R>(items: readonly T[], ask: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = []
  for (const item of items) results.push(await ask(item))
  return results
}
