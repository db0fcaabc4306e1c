import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Deployment } from './support/deployment.ts'
import { findings, summary } from './support/findings.ts'
import { describeExample } from './support/requirements.ts'
import { Server } from './support/server.ts'

const POLICY = `version: 1
name: shop
hosts: { server: { upstream: none } }
services:
  storefront: { host: server, port: 7101 }
`

await describeExample('what runs on the port of a service that the policy names otherwise than the files', () => {
  describe('E1 · by its command line', () => {
    let app: Deployment
    let server: Server
    beforeAll(async () => {
      app = Deployment.of()
      app.write('sallyport.yaml', POLICY)
      app.write('web/server.js', "require('node:http').createServer().listen(7101, '127.0.0.1')\n")
      app.write('../copy/server.js', app.read('web/server.js'))
      app.write('web/package.json', '{ "name": "web", "scripts": { "start": "node server.js" } }')
      server = await Server.start(app.beside)
    })
    afterAll(async () => {
      await server?.close()
      app?.remove()
    })

    it('is the service where it runs a file of that name, wherever it stands', async () => {
      const running = await server.spawn([process.execPath, `${app.beside}/copy/server.js`], '/')
      await server.untilListening(7101)
      const { report } = await server.check(`${app.folder}`)
      await running.stop()
      await server.untilClosed(7101)
      expect(summary(report)).toEqual([])
      const row = report.services.find((service) => service.name === 'storefront')
      expect(row?.endpoints.map(({ port }) => port)).toEqual([7101])
    })

    it('is a stranger where it runs nothing that the files start: the service is missing, and its port is held', async () => {
      const stranger = await server.spawn([process.execPath, '--eval', "require('node:net').createServer().listen(7101, '0.0.0.0')"], '/')
      await server.untilListening(7101)
      const { report } = await server.check(app.folder)
      await stranger.stop()
      await server.untilClosed(7101)
      expect(summary(report)).toEqual(['high undeclared-listener node', 'medium service-missing storefront'])
      const [missing] = findings(report, 'service-missing', 'storefront')
      expect(missing?.facts.join('\n')).toContain(`port 7101 is held by node, pid ${stranger.pid}`)
    })
  })
})
