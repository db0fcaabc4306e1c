// One server of the comparison, in a process of its own: listens, tells its port, then the CPU that it has used whenever it is asked.
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo, Server } from 'node:net'
import { guard } from '@sallyport/guard'

const handler: RequestListener = (_request, response) => {
  response.setHeader('Content-Type', 'application/json')
  response.end('{"ok":true}')
}

/** Each makes a server that is not listening yet. */
const VARIANTS: Readonly<Record<string, () => Promise<Server>>> = {
  'node:http': async () => createServer(handler),
  'node:http, guard': async () => guard({ log: false }).protect(createServer(handler)),
  'node:http, guard with limit': async () => guard({ log: false, limit: { perSecond: 1e9 } }).protect(createServer(handler)),
  fastify: () => fastify(false, false),
  'fastify, guard': () => fastify(true, false),
  'fastify, helmet + cors + rate-limit': () => fastify(false, true),
  express: () => express(false, false),
  'express, guard': () => express(true, false),
  'express, helmet + cors + rate-limit': () => express(false, true),
}

async function fastify(guarded: boolean, peers: boolean): Promise<Server> {
  const { default: create } = await import('fastify')
  const app = create()
  if (guarded) guard({ log: false }).protect(app.server)
  if (peers) {
    await app.register((await import('@fastify/helmet')).default)
    await app.register((await import('@fastify/cors')).default, { origin: ['http://localhost:3000'] })
    await app.register((await import('@fastify/rate-limit')).default, { max: 1e9, timeWindow: 1000 })
  }
  app.get('/', () => ({ ok: true }))
  await app.ready()
  return app.server
}

async function express(guarded: boolean, peers: boolean): Promise<Server> {
  const { default: create } = await import('express')
  const app = create()
  if (peers) {
    app.use((await import('helmet')).default())
    app.use((await import('cors')).default({ origin: ['http://localhost:3000'] }))
    app.use((await import('express-rate-limit')).default({ limit: 1e9, windowMs: 1000 }))
  }
  app.get('/', (_request: unknown, response: { json: (body: unknown) => void }) => response.json({ ok: true }))
  const server = createServer(app)
  return guarded ? guard({ log: false }).protect(server) : server
}

const make = VARIANTS[process.argv[2] ?? '']
if (make === undefined) throw new Error(`one of ${Object.keys(VARIANTS).join('; ')}`)
const server = await make()
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }))
process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send?.({ microseconds: user + system })
})
process.on('disconnect', () => process.exit())
