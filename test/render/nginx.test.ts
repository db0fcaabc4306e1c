import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeLab } from '../../lab/testing.ts'
import { goldenCases } from '../../packages/core/test/reader.ts'
import { PROXY_HEADERS } from '../../packages/guard/src/proxy-headers.ts'
import { arrived, get, headerOf, NginxHost, statusOf, V4, V6 } from './nginx-host.ts'
import { policyOf, textFor } from './written.ts'

const POLICY = `version: 1
name: monitoring
services:
  http: { port: 80, from: internet, domain: app.example.com }
  https:
    port: 443
    from: internet
    domain: app.example.com
    tls: letsencrypt
    limit: 10r/s
    routes: { "/": frontend, /api: api, /billing/: billing, /me: users }
  frontend: { port: 3000 }
  api: { port: 8000 }
  billing: { port: 7001 }
  users: { port: 7002, http: { auth: user } }
  gateway: { port: 9400 }
  unrouted: { port: 7003 }
`
const PORTS = [3000, 8000, 7001, 7002, 7003, 9400]
const NAME = 'app.example.com'
const KEY = 'k'.repeat(43)

await describeLab('a rendered nginx', () => {
  let server: NginxHost
  const https = (path: string, headers: readonly string[] = []) => ({ port: 443, name: NAME, text: get(path, NAME, headers) })
  const one = async (asked: Parameters<NginxHost['ask']>[0][number]) => (await server.ask([asked]))[0] ?? ''
  /** Requests of one client, which is limited: a second between groups of them. */
  const rest = () => new Promise((resolve) => setTimeout(resolve, 2500))

  beforeAll(async () => {
    server = await NginxHost.start(PORTS, [NAME])
    await server.serve(await textFor('nginx', policyOf(POLICY)))
  })
  afterAll(() => server?.close())

  it('M13 · nginx takes it without a word', async () => {
    expect(await server.said()).toBe('')
  })

  it('M13 · port 80 redirects to the name, and answers the challenges of Let’s Encrypt', async () => {
    const [redirect = '', challenge = '', absent = ''] = await server.ask([
      { port: 80, text: get('/a/b?c=d', NAME) },
      { port: 80, address: V6, text: get('/.well-known/acme-challenge/token', NAME) },
      { port: 80, text: get('/.well-known/acme-challenge/other', NAME) },
    ])
    expect(statusOf(redirect)).toBe(301)
    expect(headerOf(redirect, 'Location')).toEqual([`https://${NAME}/a/b?c=d`])
    expect([statusOf(challenge), challenge.endsWith('proof')]).toEqual([200, true])
    expect(statusOf(absent)).toBe(404)
  })

  it('M13, E5 · each path goes to its service with its prefix, by both families, and nothing else goes anywhere', async () => {
    const paths = ['/', '/apiary', '/api', '/api/', '/api/users?x=%2F', '/billing/x', '/billing', '/me', '/.sallyport/authorize', '//api/x']
    const answers = await server.ask(paths.map((path, index) => ({ ...https(path), address: index % 2 === 0 ? V4 : V6 })))
    const found = answers.map((answer) => {
      const request = arrived(answer)
      return request === undefined ? statusOf(answer) : `${request.port} ${request.url}`
    })
    expect(found).toEqual([
      '3000 /',
      '3000 /apiary',
      '8000 /api',
      '8000 /api/',
      '8000 /api/users?x=%2F',
      '7001 /billing/x',
      301,
      401,
      404,
      '8000 //api/x',
    ])
    expect(headerOf(answers[6] ?? '', 'Location')).toEqual(['/billing/'])
  })

  it('E6, V6 · a direct connection to any port of a service is refused from elsewhere', async () => {
    const answers = await server.ask(PORTS.flatMap((port) => [V4, V6].map((address) => ({ address, port, text: get('/', NAME) }))))
    expect(new Set(answers)).toEqual(new Set(['error: ECONNREFUSED']))
  })

  it('M13 · the forwarding headers are nginx’s own, whatever the client sent; every header that the guard refuses goes no further', async () => {
    await rest()
    const names = PROXY_HEADERS.flatMap(({ name }) => (name.endsWith('*') ? [`${name.slice(0, -1)}user`] : [name])).filter(
      (name) => name !== 'x-forwarded-user',
    )
    const more = [
      'x-forwarded-prefix',
      'x-forwarded-ssl',
      'x-user',
      'x-internal-api-key',
      'x-auth-request-user',
      'remote-user',
      'x-forwarded-user',
    ]
    const sent = [...names, ...more].filter((name) => !/^(?:tailscale|ngrok)-user$/.test(name))
    const answer = await one(
      https(
        '/',
        sent.map((name) => `${name}: 203.0.113.5`),
      ),
    )
    const request = arrived(answer)
    expect(request?.port).toBe(3000)
    expect([...(request?.headers ?? [])].filter(([, values]) => values.some((value) => value.includes('203.0.113.5')))).toEqual([])
    const said = (name: string) => request?.headers.get(name)
    expect([said('host'), said('x-real-ip'), said('x-forwarded-for')]).toEqual([[NAME], ['192.0.2.77'], ['192.0.2.77']])
    expect([said('x-forwarded-proto'), said('x-forwarded-host'), said('x-forwarded-port')]).toEqual([['https'], [NAME], ['443']])
    expect([said('x-internal-api-key'), said('x-user'), said('upgrade'), said('forwarded')]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ])
  })

  it('names that nobody has get no certificate and no answer', async () => {
    const [none, other, behind, plain, forged] = await server.ask([
      { port: 443, name: '', text: get('/', NAME) },
      { port: 443, name: 'other.example.com', text: get('/', 'other.example.com') },
      { port: 443, name: NAME, text: get('/', 'other.example.com') },
      { port: 80, text: get('/', 'other.example.com') },
      { port: 80, text: get('/', `x@${NAME}`) },
    ])
    expect([none, other]).toEqual(['error: ERR_SSL_TLSV1_UNRECOGNIZED_NAME', 'error: ERR_SSL_TLSV1_UNRECOGNIZED_NAME'])
    expect([behind, plain]).toEqual(['', ''])
    expect(statusOf(forged ?? '')).not.toBe(301)
  })

  it('paths that programs in a row read differently are refused', async () => {
    await rest()
    const paths = [
      '/api/..\\me',
      '/api/..;/me',
      '/api/..%5cme',
      '/api/%252e%252e/me',
      '/api/x#/../../me',
      '/api/%2e%2e/me',
      '/api/../me',
      '/a/./b',
      '/x%00',
    ]
    const fine = ['/api/a..b', '/api/...', '/.well-known/x', '/api/x?a=../b', '/api/a.b', '/x;y=1', '/100%25']
    const answers = await server.ask(paths.map((path) => https(path)))
    expect(answers.map((answer) => statusOf(answer))).toEqual(paths.map(() => 400))
    await rest()
    expect((await server.ask(fine.map((path) => https(path)))).map((answer) => arrived(answer)?.url)).toEqual(fine)
  })

  it('P7 · WebSocket is passed on, any other upgrade is not', async () => {
    await rest()
    const upgrade = (protocol: string, path = '/') =>
      [
        `GET ${path} HTTP/1.1`,
        `Host: ${NAME}`,
        `Upgrade: ${protocol}`,
        'Connection: Upgrade',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
        'Sec-WebSocket-Version: 13',
        '',
        '',
      ].join('\r\n')
    const [socket = ''] = await server.ask([{ port: 443, name: NAME, text: upgrade('websocket'), then: 'round trip' }])
    expect(statusOf(socket)).toBe(101)
    expect(socket).toContain('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=')
    expect(socket.endsWith('round trip')).toBe(true)
    const h2c = await one({
      port: 443,
      name: NAME,
      text: upgrade('h2c').replace('Connection: Upgrade', 'Connection: Upgrade, close'),
      then: 'HTTP',
    })
    expect(statusOf(h2c)).toBe(200)
    expect(arrived(h2c)?.headers.get('upgrade')).toBeUndefined()
  })

  it('E7 · the gateway is asked where a service asks who it is, and its answer alone says so', async () => {
    await rest()
    const [nobody = '', forged = '', alice = ''] = await server.ask([
      https('/me/x'),
      https('/me/x', ['X-User: admin', 'Cookie: session=bad']),
      https('/me/x?y=1', ['X-User: admin', 'X-Forwarded-User: admin', 'Cookie: session=good', 'Content-Length: 0']),
    ])
    expect([statusOf(nobody), statusOf(forged), statusOf(alice)]).toEqual([401, 401, 200])
    const [user = ''] = arrived(alice)?.headers.get('x-user') ?? []
    expect(user).toMatch(/^alice /)
    // What the gateway was told: the request, and no word of the client's own on it.
    expect(user).toContain('"X-Original-URI","/me/x?y=1"')
    expect(user).not.toContain('admin')
  })

  it('I8, E7 · 10 requests a second for each client, and for a network of /64 together', async () => {
    await rest()
    const many = (count: number, address: string, source: string) =>
      Array.from({ length: count }, () => ({ ...https('/'), address, source }))
    const statuses = (await server.ask(many(60, V4, '192.0.2.77'))).map((answer) => statusOf(answer))
    const passed = statuses.filter((status) => status === 200).length
    expect(new Set(statuses)).toEqual(new Set([200, 429]))
    expect(passed).toBeGreaterThanOrEqual(20)
    expect(passed).toBeLessThan(45)
    // Another client is not limited for that.
    expect(statusOf(await one({ ...https('/'), source: '192.0.2.78' }))).toBe(200)
    await server.ask(many(60, V6, '2001:db8:1::77'))
    const others = (await server.ask(many(12, V6, '2001:db8:1::78'))).map((answer) => statusOf(answer))
    expect(others).toContain(429)
  })

  it('answers have the headers of good practice, once, and the service’s own where it has them', async () => {
    await rest()
    const [plain = '', own = '', refused = ''] = await server.ask([https('/'), https('/own-headers'), https('/a/../b')])
    expect(headerOf(plain, 'Strict-Transport-Security')).toEqual(['max-age=63072000'])
    expect([headerOf(plain, 'X-Content-Type-Options'), headerOf(plain, 'X-Frame-Options'), headerOf(plain, 'Referrer-Policy')]).toEqual([
      ['nosniff'],
      ['DENY'],
      ['strict-origin-when-cross-origin'],
    ])
    expect(headerOf(own, 'X-Frame-Options')).toEqual(['SAMEORIGIN'])
    expect(headerOf(refused, 'X-Content-Type-Options')).toEqual(['nosniff'])
    expect([headerOf(plain, 'X-Powered-By'), headerOf(plain, 'Server')]).toEqual([[], ['nginx']])
  })

  it('M13 · TLS 1.2 and 1.3, and nothing older, also of who asks for no name', async () => {
    const handshake = async (...options: readonly string[]) => {
      const { stdout, stderr } = await server.lab.hosts.client.run(
        ['openssl', 's_client', '-connect', `${V4}:443`, '-cipher', 'DEFAULT@SECLEVEL=0', ...options],
        { exit: 'any', cwd: '/' },
      )
      return /^New, (TLSv[\d.]+), Cipher is (?!\(NONE\))/m.exec(stdout)?.[1] ?? /alert ([a-z ]+)/.exec(stderr)?.[1]
    }
    expect(await handshake('-servername', NAME, '-tls1_3')).toBe('TLSv1.3')
    expect(await handshake('-servername', NAME, '-tls1_2')).toBe('TLSv1.2')
    expect(await handshake('-servername', NAME, '-tls1_1')).toBe('protocol version')
    expect(await handshake('-noservername', '-tls1_1')).toBe('protocol version')
  })

  it('HTTP/2 is spoken, and nothing else is different by it', async () => {
    await rest()
    const { stdout } = await server.lab.hosts.client.run([
      'curl',
      '--silent',
      '--insecure',
      '--http2',
      '--resolve',
      `${NAME}:443:${V4}`,
      '--header',
      'X-Real-IP: 203.0.113.5',
      '--write-out',
      ' %{http_version}',
      `https://${NAME}/api/x`,
    ])
    expect(stdout).toMatch(/ 2$/)
    expect(arrived(`\r\n\r\n${stdout}`)).toMatchObject({ port: 8000, url: '/api/x' })
    expect(stdout).not.toContain('203.0.113.5')
  })

  it('every golden file is one that nginx takes without a word', async () => {
    const cases = goldenCases(readFileSync(new URL('golden/nginx.golden', import.meta.url), 'utf8'))
    const texts = cases.flatMap(({ expected }) => expected.split(/^>>> .*\n/m).slice(1))
    expect(texts.length).toBeGreaterThan(4)
    for (const text of texts) {
      const live = `/etc/letsencrypt/live/${NAME}`
      for (const [, key, quoted, plain] of text.matchAll(/^ *ssl_certificate(_key)? (?:"([^"]*)"|(\S+));/gm)) {
        const path = quoted ?? plain ?? ''
        await server.host.run([
          '/bin/sh',
          '-ec',
          'mkdir -p "$(dirname "$2")"; cp -n "$1" "$2"',
          'sh',
          `${live}/${key === undefined ? 'fullchain' : 'privkey'}.pem`,
          path,
        ])
      }
      await server.host.write('/etc/nginx/conf.d/sallyport.conf', text)
      expect(await server.said()).toBe('')
    }
  })

  it('M2 · a key that is given to nginx alone goes to the services, in the place of what a client sent', async () => {
    await server.host.write('/etc/nginx/sallyport/internal-api-key.conf', `set $sallyport_key "${KEY}";\n`)
    await server.serve(await textFor('nginx', policyOf(POLICY)))
    const request = arrived(await one(https('/', ['X-Internal-API-Key: guessed'])))
    expect(request?.headers.get('x-internal-api-key')).toEqual([KEY])
  })
})
