import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { writeCapture } from '@sallyport/core/capture'
import type { Evidence, Gap } from '@sallyport/core/evidence'
import { describe, expect, it } from 'vitest'
import { COMPOSE, folder, POLICY, sallyport } from './cli.ts'

/** One that nobody has at this moment. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : expect.fail()
}

describe('explain', () => {
  const deployment = () => folder({ 'docker-compose.yml': COMPOSE, 'sallyport.yaml': POLICY })

  it('C3 · a compose service that does not run: where it is declared, how it is published, what would close it', () => {
    const { stdout } = sallyport('explain', 'web', '--folder', deployment())
    expect(stdout).toContain('declared at sallyport.yaml:5:3: tcp 3000 for internet')
    expect(stdout).toContain('started by compose, as web  docker-compose.yml:2:3')
    expect(stdout).toMatch(/tcp 3000 {2}every interface {2}docker-compose\.yml:2:\d+/)
    expect(stdout).toMatch(/to close it: publish 3000 on 127\.0\.0\.1/)
  })

  it('C4 · what was not found may be where nothing was seen: that is said, with what to do, and not that nothing listens', () => {
    const seen = {
      origin: { kind: 'kernel', path: '/proc' },
      host: 'web',
      namespace: 'net:[1]',
      standing: 'running',
      capturedAt: 0,
    } as const
    const hidden: Gap = {
      claim: 'gap',
      code: 'denied',
      what: 'the network namespaces of 2 processes',
      remedy: 'run as root',
      affects: { kind: 'containers' },
    }
    const own: Evidence = { ...seen, claim: { claim: 'namespace', id: 'net:[1]', kind: 'host', label: 'web' } }
    const path = folder({
      'sallyport.yaml': 'version: 1\nname: shop\nservices:\n  gone: { port: 9111 }\n',
      'all.jsonl': writeCapture({ host: 'web', capturedAt: 0, evidence: [own] }),
      'part.jsonl': writeCapture({ host: 'web', capturedAt: 0, evidence: [own, { ...seen, claim: hidden }] }),
    })
    const explain = (file: string, ...args: readonly string[]) =>
      sallyport('explain', ...args, '--folder', path, '--evidence', join(path, file))
    for (const subject of ['9222', '127.0.0.1:9222', 'other']) {
      expect(explain('all.jsonl', subject).stderr).toMatch(/^sallyport: nothing here is called/)
      const { status, stdout, stderr } = explain('part.jsonl', subject)
      expect([status, stdout]).toEqual([2, ''])
      expect(stderr).toMatch(/^sallyport: nothing that was seen here is called/)
      expect(stderr).toContain('\n  not seen: the network namespaces of 2 processes (run as root)\n')
    }
    expect(explain('all.jsonl', 'gone').stdout).toMatch(/^gone: not running, so no packet is taken\n[^]*nothing listens on its ports/)
    const { stdout } = explain('part.jsonl', 'gone', '--from', 'internet')
    expect(stdout).toMatch(/^gone: not seen to run\n/)
    expect(stdout).toContain(
      'From the internet: nothing was seen that listens.\n\nNot seen\n  the network namespaces of 2 processes (run as root)\n',
    )
    expect(stdout).not.toMatch(/not running|nothing listens|take it out/)
    expect(JSON.parse(explain('part.jsonl', 'gone', '--format', 'json').stdout)).toMatchObject({
      notSeen: [{ what: hidden.what, affects: 'containers', remedy: 'run as root' }],
    })
  })

  it('C3 M1 · what it proposes to write closes each port that a compose file publishes', () => {
    const compose = `services:
  web:
    image: example/web:1
    ports:
      - "3000:3000"
      - "5353:53/udp"
  api: { image: example/api:1, ports: ["8000:80"] }
`
    const proposed = (path: string, service: string): readonly string[] =>
      sallyport('explain', service, '--folder', path, '--scope', 'folder')
        .stdout.split('\n')
        .filter((line) => line.includes('127.0.0.1:'))
        .map((line) => line.trim())
    const path = folder({ 'docker-compose.yml': compose })
    expect(proposed(path, 'web')).toEqual(['- "127.0.0.1:3000:3000"', '- "127.0.0.1:5353:53/udp"'])
    expect(proposed(path, 'api')).toEqual(['ports: ["127.0.0.1:8000:80"]'])
    const [web = '', dns = ''] = proposed(path, 'web')
    const [api = ''] = proposed(path, 'api')
    const changed = folder({
      'docker-compose.yml': compose.replace('- "3000:3000"', web).replace('- "5353:53/udp"', dns).replace('ports: ["8000:80"]', api),
    })
    const { services } = JSON.parse(sallyport('check', changed, '--scope', 'folder', '--format', 'json').stdout) as {
      services: { name: string; afterStart: { port: number; exposure: string }[] }[]
    }
    expect(services.flatMap(({ afterStart }) => afterStart.map(({ port, exposure }) => `${port} ${exposure}`)).toSorted()).toEqual([
      '3000 loopback',
      '5353 loopback',
      '8000 loopback',
    ])
  })

  it('C3 M1 · what compose closes and PM2 opens: both ways to start it, and what closes each', () => {
    const { stdout } = sallyport(
      'explain',
      'web',
      '--scope',
      'folder',
      '--folder',
      folder({
        'docker-compose.yml': 'services:\n  web: { build: ., ports: ["127.0.0.1:8000:8000"] }\n',
        Dockerfile: 'FROM node:20\nCOPY . .\nCMD ["node", "server.js"]\n',
        'server.js': "require('http').createServer().listen(8000, process.env.HOST || '127.0.0.1')\n",
        'ecosystem.config.js': "module.exports = { apps: [{ name: 'site', script: 'server.js', env: { HOST: '0.0.0.0' } }] }\n",
      }),
    )
    expect(stdout).toContain('started by compose, as web')
    expect(stdout).toContain('started by PM2, as site')
    expect(stdout).toMatch(/tcp 8000 {2}this machine only {2}docker-compose\.yml:2:\d+/)
    expect(stdout).toMatch(/tcp 8000 {2}every interface {2}ecosystem\.config\.js:1:\d+/)
    expect(stdout).toMatch(/to close it: give it the host 127\.0\.0\.1 {2}ecosystem\.config\.js:1:\d+/)
  })

  it('C3 · by its port, and by its network only', () => {
    const path = deployment()
    expect(sallyport('explain', '15432', '--folder', path).stdout).toMatch(/^db: not running[^]*this machine only/)
    expect(sallyport('explain', 'worker', '--folder', path).stdout).toMatch(
      /tcp 9100 {2}its container network only[^]*to open it: publish it/,
    )
  })

  it('C3 · what runs nowhere and is started by nothing', () => {
    const { stdout, status } = sallyport('explain', 'ghost', '--folder', deployment())
    expect(status).toBe(0)
    expect(stdout).toContain('declared at sallyport.yaml:6:3: tcp 4444 for office')
    expect(stdout).toContain('Nothing that was read starts it')
  })

  it('C3 · a line is named as the cause of what runs only where it says the same', async () => {
    const port = await freePort()
    const here = folder({
      'package.json': '{ "scripts": { "start": "HOST=127.0.0.1 node web.js" } }',
      'web.js': `require('http').createServer().listen(${port}, process.env.HOST, () => console.log('up'))`,
    })
    for (const [host, said] of [
      ['127.0.0.1', /bound as package\.json:1:\d+ says/],
      ['0.0.0.0', /it runs otherwise than package\.json:1:\d+ says/],
    ] as const) {
      const server = spawn(process.execPath, ['web.js'], {
        cwd: here,
        env: { PATH: process.env['PATH'], HOST: host },
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      try {
        await once(server.stdout, 'data')
        expect(sallyport('explain', String(port), '--folder', here).stdout).toMatch(said)
      } finally {
        server.kill()
        await once(server, 'exit')
      }
    }
  })

  it.each([
    ['loopback', 'From loopback: ARRIVES'],
    ['127.0.0.1', 'From 127.0.0.1: ARRIVES'],
    ['localhost', 'From loopback: ARRIVES'],
    ['10.0.0.1', 'No packet of 10.0.0.1 comes this far'],
    ['198.51.100.0/25', 'No packet of 198.51.100.0/25 comes this far'],
    ['office', 'No packet of office (198.51.100.0/24) comes this far'],
    ['neighbours', 'No packet of neighbours comes this far'],
    ['private', 'No packet of neighbours comes this far'],
    ['internet', 'No packet of the internet comes this far'],
    ['host', 'No packet of containers of this machine comes this far'],
    ['web', 'From web (this machine): ARRIVES'],
  ])('C3 · --from %s says what was asked', async (from, said) => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    try {
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      const { stdout, stderr } = sallyport('explain', String(port), '--folder', deployment(), '--from', from)
      expect(stderr).toBe('')
      expect(stdout).toMatch(said)
    } finally {
      server.close()
    }
  })

  it('--protocol asks of a running service what it listens on, and of files what they start', async () => {
    const path = folder({ 'sallyport.yaml': 'version: 1\nservices:\n  held: { port: 14871 }\n', 'docker-compose.yml': COMPOSE })
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(14871, '127.0.0.1', resolve))
    try {
      const { stdout } = sallyport('explain', 'held', '--folder', path, '--protocol', 'udp')
      expect(stdout).toMatch(/^held: nothing of it listens on udp; it listens on tcp 127\.0\.0\.1:14871\n/)
      expect(stdout).not.toMatch(/not running|Start it/)
      const { services } = JSON.parse(sallyport('explain', 'held', '--folder', path, '--protocol', 'udp', '--format', 'json').stdout) as {
        services: { running: boolean; endpoints: unknown[] }[]
      }
      expect(services).toMatchObject([{ running: true, endpoints: [] }])
    } finally {
      server.close()
    }
    const files = (protocol: string) => sallyport('explain', 'web', '--folder', path, '--scope', 'folder', '--protocol', protocol).stdout
    expect(files('tcp')).toContain('tcp 3000  every interface')
    expect(files('udp')).toContain('nothing that was read says that it listens on udp')
    const { status, stderr } = sallyport('explain', '3000', '--folder', path, '--scope', 'folder', '--protocol', 'udp')
    expect(status).toBe(2)
    expect(stderr).toMatch(
      /nothing here listens on udp 3000, or is said to\n {2}what has that port: web, which does not listen now \(tcp\)/,
    )
  })

  it('a socket on every address goes by each that the machine has, and by no other', async () => {
    const own = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ family, internal }) => family === 'IPv4' && !internal)
      .map(({ address }) => address)
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve))
    try {
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      const asked = (subject: string, ...more: readonly string[]) => sallyport('explain', subject, '--folder', deployment(), ...more)
      for (const host of ['0.0.0.0', '127.0.0.1', ...own]) expect(asked(`${host}:${port}`).stdout, host).toContain(`tcp 0.0.0.0:${port}`)
      for (const [subject, ...more] of [[`[::1]:${port}`], [`198.51.100.99:${port}`], [String(port), '--protocol', 'udp']] as const) {
        const { status, stderr } = asked(subject, ...more)
        expect(status).toBe(2)
        expect(stderr).toMatch(
          new RegExp(`nothing here listens on (udp )?[^ ]+, or is said to\\n {2}what has that port: .* on tcp 0\\.0\\.0\\.0:${port}`),
        )
      }
    } finally {
      server.close()
    }
  })

  it.each([
    ['127.0.0.1', '::1', /From ::1: DOES NOT ARRIVE: the socket on 127\.0\.0\.1:\d+ takes no IPv6/],
    ['::1', '127.0.0.1', /From 127\.0\.0\.1: DOES NOT ARRIVE: the socket on \[::1\]:\d+ takes no IPv4/],
    ['::1', 'loopback', /From loopback: ARRIVES/],
    ['::', '127.0.0.1', /From 127\.0\.0\.1: ARRIVES/],
  ])('a socket on %s and a packet from %s', async (bound, from, said) => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, bound, resolve))
    try {
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      expect(sallyport('explain', String(port), '--folder', deployment(), '--from', from).stdout).toMatch(said)
    } finally {
      server.close()
    }
  })

  it('what does not run goes by its address and port too; what is no port is told so', () => {
    const path = deployment()
    for (const subject of ['127.0.0.1:15432', '[::1]:15432', '*:15432', '15432'])
      expect(sallyport('explain', subject, '--folder', path, '--scope', 'folder').stdout, subject).toMatch(/^db: /)
    for (const subject of ['0', '70000']) {
      const { status, stderr } = sallyport('explain', subject, '--folder', path, '--scope', 'folder')
      expect([status, stderr]).toEqual([2, expect.stringMatching(/is no port.*\n.*from 1 to 65535/)])
    }
  })

  it('--from is answered, or it is said why not', () => {
    const path = deployment()
    expect(sallyport('explain', 'web', '--folder', path, '--scope', 'folder', '--from', 'internet').stdout).toMatch(
      /Whether a packet of the internet arrives is decided by the machine, which was not looked at/,
    )
    expect(sallyport('explain', 'ghost', '--folder', path, '--from', 'internet').stdout).toContain(
      'From the internet: nothing listens, so no packet is taken.',
    )
    const { status, stderr } = sallyport('explain', 'web', '--folder', path, '--scope', 'folder', '--from', '203.0.113.7/24')
    expect(status).toBe(2)
    expect(stderr).toMatch(/203\.0\.113\.7\/24 has bits set beyond the first 24\n.*203\.0\.113\.7 or 203\.0\.113\.0\/24/)
  })

  it('nobody is told how to open a data store, and the proxy that does is named', () => {
    const path = folder({
      'docker-compose.yml': 'services:\n  cache: { image: redis:7, ports: ["127.0.0.1:6379:6379"] }\n',
      'nginx.conf': 'events {}\nhttp { server { listen 8080; location /cache { proxy_pass http://127.0.0.1:6379; } } }\n',
    })
    const { stdout } = sallyport('explain', 'cache', '--folder', path, '--scope', 'folder')
    expect(stdout).not.toContain('to open it')
    expect(stdout).toMatch(
      /to close it: nginx passes requests on to Redis here, so that whoever reaches nginx reaches it[^]*nginx\.conf:2:\d+/,
    )
  })

  it('--from a name that nobody has is refused with those that there are', () => {
    const { stderr, status } = sallyport('explain', 'web', '--folder', deployment(), '--from', 'offfice')
    expect(status).toBe(2)
    expect(stderr).toMatch(/no source is called offfice[^]*office/)
  })
})

describe('ports', () => {
  it('a range has the levels of its ends, and what starts a service goes by the words of check', () => {
    const path = folder({
      'docker-compose.yml': 'services:\n  media: { image: example/media, ports: ["16384-32768:16384-32768/udp"] }\n',
      'sallyport.yaml': 'version: 1\nservices:\n  media: { port: 16384-32768, protocol: udp }\n  low: { port: 10100 }\n',
      'package.json': '{ "scripts": { "start": "node server.js" } }',
      'server.js': "require('http').createServer().listen(14875, '127.0.0.1')",
    })
    const { stdout } = sallyport('ports', path, '--scope', 'folder')
    expect(stdout).toMatch(/16384–32768 +udp {2}level 3–4 +declared: media/)
    expect(stdout).toMatch(/10100 +tcp {2}level 3 \(internal\) +declared: low/)
    expect(stdout).toMatch(/14875 +tcp .* configured: .*, npm script$/m)
  })

  it('V7 · tells who has a port, once, and proposes free ones of level 3 and 4', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(9847, '127.0.0.1', resolve))
    try {
      const path = folder({ 'docker-compose.yml': COMPOSE, 'sallyport.yaml': POLICY })
      const { stdout } = sallyport('ports', path, '--format', 'json')
      const data = JSON.parse(stdout) as {
        inUse: { ports: { first: number }; service: string; state: string; by: string[] }[]
        free: { use: string; port: number; level: number }[]
      }
      const at = (port: number) => data.inUse.filter((item) => item.ports.first === port)
      expect(at(9847)).toHaveLength(1)
      expect(at(9847)[0]?.by).toEqual([expect.stringMatching(new RegExp(`, pid ${process.pid}$`))])
      expect(at(15432)).toMatchObject([{ service: 'db', state: 'declared' }])
      expect(at(4444)).toMatchObject([{ service: 'ghost', state: 'declared' }])
      expect(at(9100)).toEqual([])
      expect(data.free.map(({ use }) => use)).toEqual(['development', 'internal', 'production'].flatMap((use) => [use, use, use]))
      for (const { port, level } of data.free) {
        expect(level).toBeGreaterThanOrEqual(3)
        expect(at(port)).toEqual([])
      }
    } finally {
      server.close()
    }
  })
})
