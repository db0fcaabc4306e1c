import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ReportData } from '../../packages/cli/src/report/data.ts'
import { Deployment } from './support/deployment.ts'
import { PORTS, SERVICES } from './support/engines.ts'
import { describeExample } from './support/requirements.ts'
import { Server } from './support/server.ts'

/** Ports that others like to try, beside those of the deployment. */
const OTHERS = [21, 22, 25, 53, 111, 2375, 3000, 5432, 6379, 7000, 7009, 8080, 8443, 9000, 9200, 27017]

type Through = NonNullable<ReportData['services'][number]['through']>

function throughOf(report: ReportData, name: string): Through {
  const through = report.services.find((service) => service.name === name)?.through
  if (through === null || through === undefined) throw new Error(`nothing passes requests on to ${name}`)
  return through
}

/** What a location of each engine asks for, what is to be said of it, and whether somebody without a password gets through. */
const LOCATIONS: readonly (readonly [
  name: string,
  location: string,
  said: string | RegExp,
  asked: Through['asked'],
  anonymous: boolean,
])[] = [
  ['billing-engine', 'PASS', 'without authentication: the internet; TLS, at most 10r/s', 'nothing', true],
  ['pricing-engine', 'AUTH PASS', 'with authentication (password): the internet; TLS, at most 10r/s', 'authentication', false],
  [
    'inventory-engine',
    'allow 192.168.1.20; deny all; PASS',
    'from allowed addresses only: 192.168.1.20 of the internet; TLS, at most 10r/s',
    'addresses',
    true,
  ],
  ['search-engine', 'deny all; PASS', 'this machine only, also through nginx, which refuses everybody; TLS', 'refused', false],
  [
    'recommendation-engine',
    'satisfy any; allow 203.0.113.7; deny all; AUTH PASS',
    'from allowed addresses or with authentication (password): the internet',
    'addresses',
    false,
  ],
  ['analytics-engine', 'auth_request /asked; PASS', 'with authentication (asking /asked): the internet', 'authentication', false],
  ['workflow-engine', 'limit_except GET { deny all; } PASS', 'without authentication: the internet', 'nothing', true],
  ['email-service', 'AUTH try_files /nothing @email;', 'with authentication (password): the internet', 'authentication', false],
  ['video-service', 'AUTH PASS', 'without authentication at location /video/open/: the internet', 'nothing', false],
  // The page for those who are refused is the service itself.
  ['speech-service', 'AUTH error_page 401 = @speech; PASS', 'without authentication at location @speech: the internet', 'nothing', true],
]

const FURTHER = `
  location = /asked { internal; return 401; }
  location @email { proxy_pass http://127.0.0.1:7008; }
  location /video/open/ { proxy_pass http://127.0.0.1:3002/; }
  location @speech { rewrite ^/speech(/.*)$ $1 break; proxy_pass http://127.0.0.1:8000; }
`

/** The site of the example, with other locations. */
function guarded(site: string): string {
  const [head = '', ...rest] = site.split(/^ {2}location .*\n/m)
  const tail = rest.at(-1) ?? ''
  const locations = SERVICES.map(({ name, route, port }) => {
    const text = LOCATIONS.find(([service]) => service === name)?.[1] ?? 'return 404;'
    const lines = text
      .replace('AUTH', 'auth_basic "engines"; auth_basic_user_file /etc/nginx/engines.users;')
      .replace('PASS', `proxy_pass http://127.0.0.1:${port}/;`)
    return `  location ${route} { ${lines} }\n`
  })
  return `${head}${locations.join('')}${FURTHER}${tail}`
}

await describeExample('examples/engines behind nginx', () => {
  let app: Deployment
  let server: Server
  const host = ['--header', 'Host: engines.example.com']
  const explain = async (name: string) => (await server.sallyport(app.folder, 'explain', name)).stdout

  beforeAll(async () => {
    app = Deployment.of('engines/right')
    app.build()
    server = await Server.start(app.beside)
    await server.serve(app.read('nginx/engines.conf'), 'engines.example.com')
    await server.pm2(app.folder, 'start', 'ecosystem.config.js')
    await server.untilListening(...PORTS)
  })
  afterAll(async () => {
    await server?.close()
    app?.remove()
  })

  it('E6 · of all ports 80 and 443 alone answer, by both families, from the internet and the local network', async () => {
    const doors = await server.doors([...PORTS, ...OTHERS, 80, 443])
    const answering = [...doors].filter(([, outcome]) => outcome === 'delivered').map(([door]) => door)
    expect(answering.toSorted()).toEqual(
      ['internet 192.0.2.10', 'internet 2001:db8:1::10', 'lan 192.168.1.100'].flatMap((door) => [`${door} 443`, `${door} 80`]).toSorted(),
    )
  })

  it('E6 · check says of each engine that it is reached through nginx only, and of nothing else that it is', async () => {
    const { report } = await server.check(app.folder)
    for (const { name, port } of SERVICES) {
      expect(report.services.find((service) => service.name === name)?.endpoints.map(({ reach }) => reach)).toEqual([[]])
      const through = throughOf(report, name)
      expect(through, name).toMatchObject({ proxies: ['nginx'], only: true, asked: 'nothing', uniform: true, from: 'internet' })
      expect(through.requests.map(({ target }) => target)).toEqual([`127.0.0.1:${port}`])
      expect(through.requests[0]?.comesFrom.toSorted()).toEqual(['internet IPv4', 'internet IPv6', 'private IPv4', 'private IPv6'])
      expect(through.requests[0]?.place.text).toMatch(/^\/etc\/nginx\/sites-enabled\/example:\d+:\d+$/)
    }
    const others = report.services.filter(({ name }) => !SERVICES.some((service) => service.name === name))
    expect(others.map(({ name, through }) => [name, through])).toEqual([
      ['http', null],
      ['https', null],
    ])
    const { stdout } = await server.sallyport(app.folder, 'check')
    for (const { port } of SERVICES)
      expect(stdout).toMatch(
        new RegExp(`tcp 127\\.0\\.0\\.1:${port} {2}only through nginx, without authentication: the internet; TLS, at most 10r/s\n`),
      )
    expect(stdout).not.toContain('this machine only')
    const markdown = await server.sallyport(app.folder, 'check', '--format', 'markdown')
    expect(markdown.stdout.match(/only through nginx, without authentication: the internet; TLS, at most 10r\/s/g)).toHaveLength(10)
  })

  it('C3 E6 · explain tells the way of a request, with the line of each step', async () => {
    const said = await explain('billing-engine')
    const place = String.raw` {2}/etc/nginx/sites-enabled/example:\d+:\d+`
    const steps = [
      /Requests reach it only through nginx, without authentication: the internet/,
      /Requests for location \/billing\/ of nginx: PASSED ON, without authentication\n/,
      new RegExp(String.raw`1\. taken at 0\.0\.0\.0:443 with TLS, \[::\]:443 with TLS: the internet${place}\n`),
      new RegExp(String.raw`2\. server engines\.example\.com, and every name that no server has${place}\n`),
      new RegExp(String.raw`3\. location /billing/${place}\n`),
      new RegExp(String.raw`4\. at most 10r/s${place}\n`),
      /5\. nobody is asked who they are\n/,
      new RegExp(String.raw`6\. passed on to 127\.0\.0\.1:7001${place}\n`),
      /7\. is taken by the socket on 127\.0\.0\.1:7001\n/,
    ]
    const order = steps.map((step) => said.search(step))
    expect(order, said).not.toContain(-1)
    expect(order).toEqual(order.toSorted((a, b) => a - b))
  })

  describe('E7 · with what each location asks for', () => {
    let report: ReportData
    let text: string
    beforeAll(async () => {
      await server.host.write('/etc/nginx/engines.users', 'engines:{PLAIN}of-the-test\n')
      await server.serve(guarded(app.read('nginx/engines.conf')), 'engines.example.com')
      report = (await server.check(app.folder)).report
      text = (await server.sallyport(app.folder, 'check')).stdout
    })

    it.each(LOCATIONS)('E6, E7 · %s: %s', async (name, _, said, asked, anonymous) => {
      const { port, route } = SERVICES.find((service) => service.name === name) ?? { port: 0, route: '' }
      expect(throughOf(report, name)).toMatchObject({ only: true, asked })
      expect(text.split('\n').find((line) => line.includes(`tcp 127.0.0.1:${port} `))).toContain(said)
      // What nginx does with somebody of the local network who has no password.
      const status = await server.status(`https://192.168.1.100${route}health`, ...host)
      expect([401, 403].includes(status) ? 'refused' : status).toBe(anonymous ? 200 : 'refused')
      if (asked === 'authentication' && name !== 'analytics-engine')
        expect(await server.status(`https://192.168.1.100${route}health`, ...host, '--user', 'engines:of-the-test')).not.toBe(401)
    })

    it('E7 · the location that asks for less is the one that lets through, and explain tells both', async () => {
      expect(await server.status('https://192.168.1.100/video/open/health', ...host)).toBe(200)
      const said = await explain('video-service')
      expect(said).toMatch(
        /Requests for location \/video\/open\/ of nginx: PASSED ON, without authentication\n[^]*nobody is asked who they are/,
      )
      expect(said).toMatch(
        /Requests for location \/video\/ of nginx: PASSED ON, with authentication \(password\)\n[^]*password {2}\/etc\/nginx\/sites-enabled\/example:\d+:\d+\n/,
      )
      expect(said.indexOf('/video/open/ of nginx')).toBeLessThan(said.indexOf('/video/ of nginx'))
      expect(said).not.toContain('of-the-test')
    })
  })

  it('E6 · what only a file of the folder says is not what nginx does', async () => {
    await server.serve(app.read('nginx/engines.conf').replace(/^ *location \/billing\/.*\n/m, ''), 'engines.example.com')
    const { report } = await server.check(app.folder)
    expect(throughOf(report, 'billing-engine')).toMatchObject({ only: true, from: null })
    expect(throughOf(report, 'pricing-engine')).toMatchObject({ only: true, from: 'internet' })
    expect(throughOf(report, 'billing-engine').requests[0]?.place.file).toBe('nginx/engines.conf')
    expect(await server.status('https://192.168.1.100/billing/health', ...host)).toBe(404)
  })

  it('E6 · where nginx listens on loopback only, or does not run, nobody comes through it', async () => {
    const site = app
      .read('nginx/engines.conf')
      .replaceAll('listen 443', 'listen 127.0.0.1:443')
      .replaceAll('listen [::]:443', 'listen [::1]:443')
    await server.serve(site, 'engines.example.com')
    const { report } = await server.check(app.folder)
    expect(throughOf(report, 'billing-engine')).toMatchObject({ only: true, from: null })
    const { stdout } = await server.sallyport(app.folder, 'check')
    expect(stdout).toMatch(/tcp 127\.0\.0\.1:7001 {2}this machine only, also through nginx, without authentication: this machine only;/)
    await server.stopServing()
    const stopped = await server.check(app.folder)
    expect(throughOf(stopped.report, 'billing-engine')).toMatchObject({ only: true, from: null })
    expect(await explain('billing-engine')).toMatch(/nothing that was seen takes them there/)
  })
})
