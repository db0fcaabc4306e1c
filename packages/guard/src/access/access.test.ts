import { createHash, createHmac, generateKeyPairSync } from 'node:crypto'
import { createServer, request, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SignJWT } from 'jose'
import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { boundary, type Gate, guard, type GuardOptions, identityOf, readJson, type Refused } from '../index.ts'

const KEY = 'k'.repeat(31) + '1'
const OLD_KEY = 'o'.repeat(31) + '2'
const SECRET = 's'.repeat(32)

interface Answer {
  readonly status: number
  readonly body: string
  readonly headers: NodeJS.Dict<string | string[]>
}

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

/** A guarded server; answers of requests to it; what was refused. */
async function serve(options: GuardOptions, handler: RequestListener = (_request, response) => void response.end('handled')) {
  const refused: Refused[] = []
  const gate: Gate = guard({ log: false, ...options, onRefuse: (one) => refused.push(one) })
  const server = gate.protect(createServer(handler))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => new Promise((resolve) => server.close(resolve).closeAllConnections()))
  const { port } = server.address() as AddressInfo
  const ask = (headers: Readonly<Record<string, string>> = {}, path = '/', method = 'GET', body = '') =>
    new Promise<Answer>((resolve, reject) => {
      const sent = request({ port, host: '127.0.0.1', path, method, headers }, (answer) => {
        let text = ''
        answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: text, headers: answer.headers }))
      })
      sent.on('error', reject).end(body)
    })
  return { ask, refused, gate }
}

describe('internal keys', () => {
  it('M2 · a missing or wrong key is 401 `Invalid internal API key`, logged without the key; two keys pass during a rotation', async () => {
    const { ask, refused } = await serve({ keys: { callers: [KEY, OLD_KEY] } }, (message, response) => {
      response.end(identityOf(message).caller)
    })
    for (const key of [KEY, OLD_KEY]) expect(await ask({ 'X-Internal-API-Key': key })).toMatchObject({ status: 200, body: 'internal' })
    const wrong = `${KEY.slice(0, -1)}x`
    for (const headers of [{}, { 'X-Internal-API-Key': wrong }, { 'X-Internal-API-Key': '' }])
      expect(await ask(headers)).toMatchObject({ status: 401, body: 'Invalid internal API key' })
    expect(refused.map(({ code }) => code)).toEqual(['key-missing', 'key-wrong', 'key-wrong'])
    expect(refused.every(({ message }) => /unauthorized|invalid|error/i.test(message))).toBe(true)
    expect(JSON.stringify(refused)).not.toContain(wrong)
  })

  it('M2 · each caller has its own key, and a path is open only in exactly its own spelling', async () => {
    const { ask } = await serve({ keys: { callers: { worker: [KEY], cron: [OLD_KEY] }, except: ['/health'] } }, (message, response) => {
      response.end(identityOf(message).caller ?? 'nobody')
    })
    expect((await ask({ 'X-Internal-API-Key': OLD_KEY })).body).toBe('cron')
    expect(await ask({}, '/health?x=1')).toMatchObject({ status: 200, body: 'nobody' })
    for (const path of ['/health/', '/Health', '/%68ealth', '/health;x']) expect((await ask({}, path)).status).toBe(401)
  })

  it('I9 · each caller has a limit of its own, and its key may be told by its hash alone', async () => {
    const hashed = `sha256:${createHash('sha256').update(KEY).digest('hex')}`
    const { ask, refused } = await serve({ keys: { callers: { a: [hashed], b: [OLD_KEY] }, limit: { perSecond: 0.001, burst: 1 } } })
    const status = async (key: string) => (await ask({ 'X-Internal-API-Key': key })).status
    expect([await status(KEY), await status(KEY), await status(OLD_KEY), await status(hashed)]).toEqual([200, 429, 200, 401])
    expect(refused[0]).toMatchObject({ code: 'rate-limited', value: 'a' })
  })

  it('refuses keys that can be guessed when it is made', () => {
    expect(() => guard({ log: false, keys: { callers: ['short'] } })).toThrow(/at least 32 characters/)
    expect(() => guard({ log: false, keys: { callers: [] } })).toThrow(/keys.callers/)
  })
})

describe('tokens', () => {
  const options = { keys: [{ alg: 'HS256', key: SECRET }], issuer: 'me', audience: 'api' } as const
  const token = (change: (jwt: SignJWT) => SignJWT = (jwt) => jwt, secret = SECRET, typ: object = { typ: 'JWT' }) =>
    change(
      new SignJWT({ jti: '1' })
        .setProtectedHeader({ alg: 'HS256', ...typ })
        .setIssuer('me')
        .setAudience('api')
        .setExpirationTime('1m'),
    ).sign(Buffer.from(secret))
  const bearer = (text: string) => ({ Authorization: `Bearer ${text}` })

  it('M4 · lets a valid token through, and tells the application whose it is', async () => {
    const { ask } = await serve({ jwt: options }, (message, response) => void response.end(String(identityOf(message).claims?.['jti'])))
    expect(await ask(bearer(await token()))).toMatchObject({ status: 200, body: '1' })
  })

  it('M4 · refuses every other: algorithm, issuer, audience, time, type, spelling', async () => {
    const { ask, refused } = await serve({ jwt: options })
    const good = await token()
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const claims = { iss: 'me', aud: 'api', exp: Math.floor(Date.now() / 1000) + 60 }
    const stronger = `${part({ alg: 'HS512', typ: 'JWT' })}.${part(claims)}`
    const bad = [
      '',
      `${good}=`,
      `${good.slice(0, 10)} ${good.slice(10)}`,
      good.slice(0, -1),
      `${part({ alg: 'none', typ: 'JWT' })}.${part(claims)}.`,
      `${stronger}.${createHmac('sha512', SECRET).update(stronger).digest('base64url')}`,
      await token((jwt) => jwt, 'x'.repeat(32)),
      await token((jwt) => jwt.setIssuer('you')),
      await token((jwt) => jwt.setAudience('web')),
      await token((jwt) => jwt.setExpirationTime('-1s')),
      await token((jwt) => jwt.setNotBefore('1m')),
      await token((jwt) => jwt, SECRET, { typ: 'state+jwt' }),
      await token((jwt) => jwt, SECRET, {}),
    ]
    const passed: string[] = []
    for (const text of bad) if ((await ask(bearer(text))).status !== 401) passed.push(text)
    expect(passed).toEqual([])
    expect(await ask()).toMatchObject({ status: 401, body: 'Unauthorized', headers: { 'www-authenticate': 'Bearer' } })
    expect(refused).toHaveLength(bad.length + 1)
    expect(JSON.stringify(refused)).not.toContain(good.slice(0, 20))
  })

  it('M4 · a last character that decodes to the same bytes is another spelling, and refused', async () => {
    const { ask } = await serve({ jwt: options })
    const good = await token()
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const twin = good.slice(0, -1) + alphabet[alphabet.indexOf(good.at(-1) ?? '') + 1]
    expect(Buffer.from(twin, 'base64url').equals(Buffer.from(good, 'base64url'))).toBe(true)
    expect((await ask(bearer(twin))).status).toBe(401)
    expect((await ask(bearer(good))).status).toBe(200)
  })

  it('M4 · a revoked one is refused by its jti, and one that cannot be told from others too', async () => {
    const { ask } = await serve({ jwt: { ...options, revoked: ({ jti }) => jti === '1' } })
    expect((await ask(bearer(await token()))).status).toBe(401)
    const anonymous = await new SignJWT({})
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setIssuer('me')
      .setAudience('api')
      .setExpirationTime('1m')
      .sign(Buffer.from(SECRET))
    expect((await ask(bearer(anonymous))).status).toBe(401)
  })

  it('M4 · what cannot be verified is refused: a revocation list that fails', async () => {
    const { ask } = await serve({
      jwt: {
        ...options,
        revoked: () => {
          throw new Error('the list is gone')
        },
      },
    })
    expect((await ask(bearer(await token()))).status).toBe(401)
  })

  it('behind a proxy a signed identity is a proof, and one of the two is asked for', async () => {
    const { ask, refused } = await serve({ jwt: { ...options, header: 'X-Identity' }, behind: { headers: ['X-Real-IP'] } })
    expect((await ask({ 'X-Identity': await token(), 'X-Real-IP': '192.0.2.1' })).status).toBe(200)
    expect((await ask({ 'X-Real-IP': '192.0.2.1' })).status).toBe(401)
    expect((await ask(bearer(await token()))).status).toBe(401)
    expect(refused.map(({ code }) => code)).toEqual(['token-missing', 'token-missing'])
    expect(() => guard({ log: false, behind: {} })).toThrow(/needs a proof/)
  })

  it('a cookie may hold it, once', async () => {
    const { ask } = await serve({ jwt: { ...options, cookie: 'session' } })
    const good = await token()
    expect((await ask({ Cookie: `a=b; session=${good}` })).status).toBe(200)
    expect((await ask({ Cookie: `session=x; session=${good}` })).status).toBe(401)
    expect((await ask({ Cookie: `session=${good}`, ...bearer(good) })).status).toBe(401)
  })

  it('refuses keys that do not fit when it is made: a public key as a secret, a short secret, two without kid', () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const pem = publicKey.export({ type: 'spki', format: 'pem' }) as string
    const made = (keys: NonNullable<GuardOptions['jwt']>['keys']) => () => guard({ log: false, jwt: { ...options, keys } })
    expect(made([{ alg: 'HS256', key: pem }])).toThrow(/not a public key/)
    expect(made([{ alg: 'HS256', key: publicKey }])).toThrow(/not a public key/)
    expect(made([{ alg: 'HS256', key: 'short' }])).toThrow(/at least 32 bytes/)
    expect(made([{ alg: 'RS256', key: SECRET }])).toThrow(/cannot be read/)
    expect(made([])).toThrow(/at least one/)
    expect(
      made([
        { alg: 'HS256', key: SECRET },
        { alg: 'RS256', key: pem },
      ]),
    ).toThrow(/kid/)
  })
})

describe('limits', () => {
  it('I9 · beyond the burst is 429, and says when to come again', async () => {
    const { ask, refused } = await serve({ limit: { perSecond: 0.001, burst: 3 } })
    const answers = [await ask(), await ask(), await ask(), await ask()]
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429])
    expect(answers[3]?.headers['retry-after']).toBe('1')
    expect(refused[0]?.code).toBe('rate-limited')
  })

  it('I8 · behind a proxy each client has its own, IPv6 by /64, and IPv4 once in both spellings', async () => {
    const { ask } = await serve({
      limit: { perSecond: 0.001, burst: 1 },
      behind: { keys: [KEY], headers: ['X-Forwarded-For'], client: 'X-Forwarded-For' },
    })
    const from = async (list: string) => (await ask({ 'X-Internal-API-Key': KEY, 'X-Forwarded-For': list })).status
    expect(await from('192.0.2.1')).toBe(200)
    expect(await from('::ffff:192.0.2.1')).toBe(429)
    expect(await from('203.0.113.9, 192.0.2.1')).toBe(429)
    expect(await from('192.0.2.2')).toBe(200)
    expect(await from('2001:db8::1')).toBe(200)
    expect(await from('2001:db8::ffff:1')).toBe(429)
    expect(await from('2001:db8:0:1::1')).toBe(200)
  })
})

describe('the application', () => {
  const schema = z.object({ name: z.string(), items: z.array(z.object({ price: z.number() })) })
  const echo = boundary(async (message, response) => void response.end(JSON.stringify(await readJson(message, schema, { maxBytes: 200 }))))
  const json = { 'Content-Type': 'application/json' }

  it('M7 · an invalid body is 400 with the field named', async () => {
    const { ask } = await serve({}, echo)
    const answer = await ask(json, '/', 'POST', '{"name":"a","items":[{"price":"1"}]}')
    expect(answer.status).toBe(400)
    expect(JSON.parse(answer.body)).toMatchObject({ field: 'items.0.price' })
    expect((await ask(json, '/', 'POST', '{"name":"a","items":[]}')).status).toBe(200)
    expect((await ask(json, '/', 'POST', '{"name":"a","items":[],"__proto__":{"x":1}}')).status).toBe(400)
    expect((await ask(json, '/', 'POST', '{')).status).toBe(400)
    expect((await ask({ 'Content-Type': 'text/plain' }, '/', 'POST', '{}')).status).toBe(415)
    expect((await ask(json, '/', 'POST', JSON.stringify({ name: 'a'.repeat(300), items: [] }))).status).toBe(413)
  })

  it('M8 · an error tells the client nothing but an id, which the log has too', async () => {
    const failures: { id: string; error: unknown }[] = []
    const { ask } = await serve(
      {},
      boundary(
        (_message, response) => {
          response.setHeader('X-Debug', 'secret')
          throw new Error('SELECT * FROM users at /srv/app.ts')
        },
        { onError: (failure) => failures.push(failure) },
      ),
    )
    const answer = await ask()
    expect(answer).toMatchObject({ status: 500, headers: { 'x-localhost-only': 'true', 'x-frame-options': 'DENY' } })
    expect(JSON.parse(answer.body)).toEqual({ error: 'Internal Server Error', requestId: failures[0]?.id })
    expect(answer.headers['x-request-id']).toBe(failures[0]?.id)
    expect(answer.headers['x-debug']).toBeUndefined()
  })
})
