import { afterAll, beforeAll, expect, it } from 'vitest'
import { policyOf, textFor } from '../render/written.ts'
import { Deployment } from './support/deployment.ts'
import { PORTS, SERVICES } from './support/engines.ts'
import { describeExample } from './support/requirements.ts'
import { Server } from './support/server.ts'

await describeExample('examples/engines behind a rendered nginx', () => {
  let app: Deployment
  let server: Server

  beforeAll(async () => {
    app = Deployment.of('engines/right')
    app.build()
    const site = await textFor('nginx', policyOf(app.read('sallyport.yaml')))
    app.write('nginx/engines.conf', site)
    server = await Server.start(app.beside)
    await server.serve(site, 'engines.example.com')
    await server.pm2(app.folder, 'start', 'ecosystem.config.js')
    await server.untilListening(...PORTS)
  })
  afterAll(async () => {
    await server?.close()
    app?.remove()
  })

  it('E5, E7 · check finds in it what the policy says, and nothing else: 100/100', async () => {
    const { exit, report } = await server.check(app.folder)
    expect(report.findings.map(({ rule, message }) => `${rule}: ${message}`)).toEqual([])
    expect(exit).toBe(0)
    expect(await server.score(app.folder)).toContain('100/100')
    for (const { name, port } of SERVICES) {
      const through = report.services.find((service) => service.name === name)?.through
      expect(through, name).toMatchObject({ proxies: ['nginx'], only: true, from: 'internet' })
      expect(new Set(through?.requests.map(({ target }) => target))).toEqual(new Set([`127.0.0.1:${port}`]))
    }
  })

  it('E6 · and from elsewhere nothing but 80 and 443 answers', async () => {
    const doors = await server.doors([...PORTS, 80, 443])
    const answering = new Set([...doors].flatMap(([door, outcome]) => (outcome === 'delivered' ? [door.split(' ').at(-1)] : [])))
    expect(answering).toEqual(new Set(['80', '443']))
  })
})
