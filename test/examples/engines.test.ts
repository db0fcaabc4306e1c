import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Deployment } from './support/deployment.ts'
import { PORTS, SERVICES } from './support/engines.ts'
import { findings, placesOf, rulesOf, summary } from './support/findings.ts'
import { describeExample } from './support/requirements.ts'
import { type Checked, Server } from './support/server.ts'

const NGINX = [80, 443]

/** Where a service listens now and after a restart, and whether others than this machine reach it there. */
function standing({ report }: Checked, name: string) {
  const row = report.services.find((service) => service.name === name)
  const words = (endpoint: { readonly address: string; readonly port: number; readonly reach: readonly unknown[] } | null) =>
    endpoint === null ? 'undecided' : `${endpoint.address} ${endpoint.port} ${endpoint.reach.length > 0 ? 'open' : 'closed'}`
  return { now: row?.endpoints.map(words), next: row?.next.map((next) => words(next.endpoint)) }
}

await describeExample('examples/engines', () => {
  describe('as their owners had them', () => {
    let app: Deployment
    let server: Server
    let checked: Checked
    beforeAll(async () => {
      app = Deployment.of('engines/wrong')
      app.build()
      server = await Server.start(app.beside)
      await server.serve(app.read('nginx/engines.conf'), 'engines.example.com')
      await server.pm2(app.folder, 'start', 'ecosystem.config.js')
      await server.untilListening(...PORTS)
      checked = await server.check(app.folder)
    })
    afterAll(async () => {
      await server?.close()
      app?.remove()
    })

    it('E1, E2 · each of the ten is named with its pid, its address and the line that opens it', async () => {
      const pids = await server.pids()
      const addresses = new Map([
        ['video-service', '0.0.0.0:3002'],
        ['speech-service', '0.0.0.0:8000'],
      ])
      const expected = SERVICES.map(({ name, port, source }) => ({
        name,
        pid: `pid ${pids.get(name)},`,
        address: `tcp ${addresses.get(name) ?? `*:${port}`}`,
        place: app.place(...source),
      }))
      const named = expected.map(({ name, pid, address, place }) => {
        const [finding] = findings(checked.report, 'private-reachable', name)
        const facts = finding?.facts.join('\n') ?? ''
        return {
          name: finding?.service,
          pid: facts.includes(pid) ? pid : facts,
          address: facts.includes(address) ? address : facts,
          place: finding !== undefined && placesOf(finding).includes(place) ? place : finding?.places.map(({ text }) => text),
        }
      })
      expect(named).toEqual(expected)
    })

    it('E1 · others reach every one of them, as the report says', async () => {
      expect([...new Set((await server.doors(PORTS.filter((port) => port !== 3002 && port !== 8000))).values())]).toEqual(['delivered'])
      expect(findings(checked.report, 'private-reachable').map(({ severity }) => severity)).toEqual(SERVICES.map(() => 'critical'))
    })

    it('E3 · HOST is set by PM2 and read by none of them', () => {
      const expected = SERVICES.map(({ name, source }) => ({
        name,
        places: [app.place('ecosystem.config.js', `name: '${name}'`), app.place(...source)],
      }))
      const found = expected.map(({ name, places }) => {
        const [finding] = findings(checked.report, 'host-not-read', name)
        const named = finding === undefined ? [] : placesOf(finding)
        return { name: finding?.service, places: places.every((place) => named.includes(place)) ? places : named }
      })
      expect(found).toEqual(expected)
    })

    it('E5 · nginx goes to one of them by an address that is not loopback', () => {
      const found = findings(checked.report, 'proxy-target')
      expect(found.flatMap(placesOf)).toContain(app.place('nginx/engines.conf', '192.0.2.10:7008'))
      for (const finding of found) expect(finding.message).toContain('192.0.2.10:7008')
    })

    it('says nothing else, and exits 1', () => {
      const rules = rulesOf(checked.report)
      expect([...rules].toSorted()).toEqual(['claim-failed', 'common-port', 'host-not-read', 'private-reachable', 'proxy-target'])
      expect(checked.report.score.value).toBeLessThanOrEqual(39)
      expect(checked.exit).toBe(1)
    })

    it('E2 · the source is corrected and not built: what was built before is still what starts', async () => {
      app.replace('pricing-engine/src/index.ts', 'app.listen(PORT, ', "app.listen(Number(PORT), process.env.HOST || '127.0.0.1', ")
      const checked = await server.check(app.folder)
      expect(standing(checked, 'pricing-engine')).toEqual({ now: [':: 7002 open'], next: [] })
      const [finding] = findings(checked.report, 'private-reachable', 'pricing-engine')
      expect(finding === undefined ? [] : placesOf(finding)).toContain(app.place('pricing-engine/dist/index.js', 'app.listen('))
    })

    it('E2 · the source is corrected and nothing restarted: open now, closed next', async () => {
      app.replace('video-service/server.js', "'0.0.0.0'", "process.env.HOST || '127.0.0.1'")
      app.replace('billing-engine/src/index.ts', 'app.listen(PORT, ', "app.listen(Number(PORT), process.env.HOST || '127.0.0.1', ")
      app.replace('speech-service/main.py', 'import uvicorn', 'import os\n\nimport uvicorn')
      app.replace('speech-service/main.py', 'host="0.0.0.0"', 'host=os.getenv("HOST", "127.0.0.1")')
      app.build()
      const before = await server.check(app.folder)
      const now = { 'video-service': '0.0.0.0 3002 open', 'billing-engine': ':: 7001 open', 'speech-service': '0.0.0.0 8000 open' }
      for (const [name, open] of Object.entries(now)) {
        const [, port] = open.split(' ')
        expect(standing(before, name)).toEqual({ now: [open], next: [`127.0.0.1 ${port} closed`] })
        expect(findings(before.report, 'private-reachable', name).map(({ fix }) => fix)).toEqual([expect.stringContaining('restart')])
      }
      await server.pm2(app.folder, 'restart', ...Object.keys(now))
      await server.untilListening(3002, 7001, 8000)
      const after = await server.check(app.folder)
      for (const [name, open] of Object.entries(now)) {
        expect(standing(after, name)).toEqual({ now: [`127.0.0.1 ${open.split(' ')[1]} closed`], next: [] })
        expect(after.report.findings.filter(({ service }) => service === name)).toEqual([])
      }
    })
  })

  describe('put right', () => {
    let app: Deployment
    let server: Server
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

    it('E1, E2, E3, E5 · no finding, 100/100', async () => {
      const checked = await server.check(app.folder)
      expect(summary(checked.report)).toEqual([])
      expect(checked.report.score).toEqual({ value: 100, costs: [], cap: null })
      expect(checked.exit).toBe(0)
      expect(await server.score(app.folder)).toContain('100/100')
    })

    it('E2 · each says where it listens', async () => {
      const { stdout } = await server.pm2(app.folder, 'logs', '--nostream', '--lines', '100')
      for (const { port } of SERVICES) expect(stdout).toContain(`Server running on http://127.0.0.1:${port}`)
    })

    it('E6 · from other hosts nginx answers, and no engine does', async () => {
      expect([...new Set((await server.doors(PORTS)).values())]).toEqual(['refused'])
      expect([...new Set((await server.doors(NGINX)).values())]).toEqual(['delivered'])
    })

    it('E5 · through nginx a neighbour reaches each of the ten', async () => {
      const host = ['--header', 'Host: engines.example.com']
      for (const { route } of SERVICES) expect(await server.status(`https://192.168.1.100${route}health`, ...host), route).toBe(200)
    })

    it('E1 · one is stopped: it is missing', async () => {
      await server.pm2(app.folder, 'stop', 'search-engine')
      await server.untilClosed(7004)
      const checked = await server.check(app.folder)
      await server.pm2(app.folder, 'start', 'search-engine')
      await server.untilListening(7004)
      expect(summary(checked.report)).toEqual(['medium service-missing search-engine'])
    })

    it('E1 · a stranger on every interface: undeclared, with its pid', async () => {
      const listen = "require('node:net').createServer().listen(9099, '0.0.0.0')"
      const stranger = await server.spawn([process.execPath, '--eval', listen], '/')
      await server.untilListening(9099)
      const checked = await server.check(app.folder)
      await stranger.stop()
      await server.untilClosed(9099)
      expect(summary(checked.report)).toEqual(['high undeclared-listener node'])
      const [finding] = checked.report.findings
      expect(finding?.message).toContain('tcp 0.0.0.0:9099')
      expect(finding?.facts.join('\n')).toContain(`pid ${stranger.pid},`)
    })

    it('E2 · the source is spoiled and nothing restarted: closed now, open next', async () => {
      app.replace('video-service/server.js', 'app.listen(PORT, HOST, ', 'app.listen(PORT, ')
      const checked = await server.check(app.folder)
      expect(standing(checked, 'video-service')).toEqual({ now: ['127.0.0.1 3002 closed'], next: [':: 3002 open'] })
      const place = app.place('video-service/server.js', 'app.listen(')
      app.replace('video-service/server.js', 'app.listen(PORT, ', 'app.listen(PORT, HOST, ')
      expect(findings(checked.report, 'opens-on-restart').map((finding) => [finding.service, ...placesOf(finding).slice(0, 1)])).toEqual([
        ['video-service', place],
      ])
    })

    it('E5 · nginx goes to a port where nothing listens, and leaves an engine out', async () => {
      app.replace('nginx/engines.conf', 'proxy_pass http://127.0.0.1:7004/', 'proxy_pass http://127.0.0.1:7044/')
      await server.serve(app.read('nginx/engines.conf'), 'engines.example.com')
      const checked = await server.check(app.folder)
      expect(rulesOf(checked.report)).toEqual(new Set(['proxy-target', 'route-missing']))
      expect(findings(checked.report, 'route-missing').map(({ service }) => service)).toEqual(['search-engine'])
      for (const { message } of findings(checked.report, 'proxy-target')) expect(message).toContain('7044')
    })
  })
})
