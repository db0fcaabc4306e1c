import { createRequire } from 'node:module'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createSecureServer, createServer as createHttp2Server, type Http2Server } from 'node:http2'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo, Server as NetServer, Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { serve } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import express from 'express'
import fastify, { type FastifyInstance } from 'fastify'
import { Hono } from 'hono'
import { Server as SocketIo } from 'socket.io'
import { WebSocketServer } from 'ws'
import * as adapters from './adapters.ts'
import type { Gate } from '../../src/index.ts'
import { certificate } from '../wire/guarded.ts'
import type { Protocol } from './client.ts'
import { plain, writeRaw } from './routes.ts'

export interface Running {
  readonly server: NetServer
  readonly port: number
  close(): Promise<void>
}

/** One way to have a guarded server: what it is, what it speaks, and how it is started with the idiom of its own. */
export interface Subject {
  readonly name: string
  readonly protocols: readonly Protocol[]
  readonly encrypted: boolean
  /** Where its own server takes WebSockets already. */
  readonly sockets?: string
  start(gate: Gate, host: string): Promise<Running>
}

const require = createRequire(new URL('../servers/package.json', import.meta.url))

export const SUBJECTS: readonly Subject[] = [
  subject('node:http', ['HTTP/1.1'], false, (gate, host) => listening(gate.protect(createServer(plain)), host)),
  subject('node:https', ['HTTP/1.1'], true, (gate, host) => listening(gate.protect(createHttpsServer(certificate(), plain)), host)),
  subject('node:http2', ['HTTP/2'], false, (gate, host) => listening(gate.protect(http2(createHttp2Server(CONNECT))), host)),
  subject('node:http2 with TLS', ['HTTP/1.1', 'HTTP/2'], true, (gate, host) =>
    listening(gate.protect(http2(createSecureServer({ ...CONNECT, ...certificate(), allowHTTP1: true }))), host),
  ),
  subject('Express', ['HTTP/1.1'], false, (gate, host) => {
    const app = express()
    // Not the first of the row, and not needed there.
    app.get('/', (_request, response) => void response.send('ok'))
    app.use(adapters.express(gate))
    app.get('/throw', () => {
      throw new Error('thrown on purpose')
    })
    app.use((request, response, next) => void (writeRaw(request, response) || next()))
    return once(app.listen(0, host))
  }),
  subject('Express, its server made by hand', ['HTTP/1.1'], false, (gate, host) => {
    const app = express()
    const above = express().use(app)
    app.use(adapters.express(gate))
    app.use(plain)
    return listening(createServer(above), host)
  }),
  ...(['HTTP/1.1', 'HTTP/2'] as const).map((protocol) =>
    subject(`Fastify over ${protocol}`, [protocol], false, async (gate, host) => {
      const app = protocol === 'HTTP/2' ? (fastify({ http2: true }) as unknown as FastifyInstance) : fastify()
      await app.register(adapters.fastify, { gate })
      app.get('/', async () => 'ok')
      app.get('/throw', async () => {
        throw new Error('thrown on purpose')
      })
      app.get('/raw/*', (request, reply) => {
        reply.hijack()
        writeRaw(request.raw, reply.raw)
      })
      await app.ready()
      const running = await once(app.server.listen(0, host))
      return { ...running, close: async () => (await running.close(), await app.close()) }
    }),
  ),
  subject('Koa', ['HTTP/1.1'], false, (gate, host) => {
    const app = koa()
    adapters.koa(app, gate)
    return once(app.listen(0, host))
  }),
  subject('Koa over HTTP/2', ['HTTP/2'], false, (gate, host) => {
    const app = koa()
    adapters.koa(app, gate)
    return listening(createHttp2Server(app.callback() as never), host)
  }),
  ...(['HTTP/1.1', 'HTTP/2'] as const).map((protocol) =>
    subject(`Hono over ${protocol}`, [protocol], false, async (gate, host) => {
      const app = new Hono<{ Bindings: { incoming: IncomingMessage; outgoing: ServerResponse } }>()
      app.get('/', (context) => context.text('ok'))
      app.get('/throw', () => {
        throw new Error('thrown on purpose')
      })
      app.get('/raw/*', (context) => {
        writeRaw(context.env.incoming, context.env.outgoing)
        return RESPONSE_ALREADY_SENT
      })
      const options = protocol === 'HTTP/2' ? { createServer: createHttp2Server } : {}
      return once(adapters.hono(serve({ fetch: app.fetch, port: 0, hostname: host, ...options } as never), gate))
    }),
  ),
  subject('Nest', ['HTTP/1.1'], false, async (gate, host) => {
    const app = adapters.nest(await nest(), gate)
    await app.listen(0, host)
    const server = app.getHttpServer()
    return { server, port: portOf(server), close: () => app.close() }
  }),
  subject('Next', ['HTTP/1.1'], false, async (gate, host) => {
    const next = require('next') as (options: object) => NextApp
    const app = next({
      dev: true,
      webpack: true,
      dir: fileURLToPath(new URL('../servers/next-app/', import.meta.url)),
      hostname: 'localhost',
      port: 0,
    })
    await app.prepare()
    const running = await listening(adapters.next(app, gate), host)
    // It compiles a page when it is first asked for.
    for (const path of ['/', '/throw', '/nothing']) await fetch(`http://127.0.0.1:${running.port}${path}`)
    return { ...running, close: async () => (await app.close(), await running.close()) }
  }),
  {
    ...subject('ws', ['HTTP/1.1'], false, (gate, host) => {
      const server = createServer(plain)
      adapters.ws(new WebSocketServer({ server, path: '/socket' }), gate)
      return listening(server, host)
    }),
    sockets: '/socket',
  },
  {
    ...subject('socket.io', ['HTTP/1.1'], false, (gate, host) => {
      const server = createServer(plain)
      adapters.socketIo(new SocketIo(server, { path: '/socket' }), gate)
      return listening(server, host)
    }),
    sockets: '/socket/?EIO=4&transport=websocket',
  },
]

const CONNECT = { settings: { enableConnectProtocol: true } }

function subject(name: string, protocols: readonly Protocol[], encrypted: boolean, start: Subject['start']): Subject {
  return { name, protocols, encrypted, start }
}

function http2<S extends Http2Server | ReturnType<typeof createSecureServer>>(server: S): S {
  ;(server as Http2Server).on('request', plain as never)
  return server
}

interface KoaApp {
  silent: boolean
  readonly middleware: unknown[]
  use(middleware: (context: { path: string; body: unknown; req: IncomingMessage; res: ServerResponse; respond: boolean }) => void): void
  listen(port: number, host: string): Server
  callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>
}

function koa(): KoaApp {
  const app = new (require('koa') as new () => KoaApp)()
  app.silent = true
  app.use((context) => {
    if (context.path === '/') context.body = 'ok'
    else if (context.path === '/throw') throw new Error('thrown on purpose')
    else if (context.path.startsWith('/raw/')) {
      context.respond = false
      context.res.statusCode = 200
      writeRaw(context.req, context.res)
    }
  })
  return app
}

interface NextApp {
  prepare(): Promise<void>
  close(): Promise<void>
  getRequestHandler(): (request: IncomingMessage, response: ServerResponse) => Promise<void>
}

interface NestApp {
  listen(port: number, host: string): Promise<void>
  getHttpServer(): Server
  close(): Promise<void>
}

/** A controller without the syntax of decorators, which are functions. */
function nest(): Promise<NestApp> {
  require('reflect-metadata')
  const { Controller, Get, Module, Req, Res } = require('@nestjs/common') as Record<
    string,
    (...args: unknown[]) => (...args: unknown[]) => void
  >
  const { NestFactory } = require('@nestjs/core') as { NestFactory: { create(module: unknown, options: object): Promise<NestApp> } }
  class Routes {
    root(): string {
      return 'ok'
    }
    thrown(): never {
      throw new Error('thrown on purpose')
    }
    raw(request: IncomingMessage, response: ServerResponse): void {
      writeRaw(request, response)
    }
  }
  class App {}
  for (const [path, name] of [
    ['/', 'root'],
    ['/throw', 'thrown'],
    ['/raw/:name', 'raw'],
  ] as const)
    Get?.(path)(Routes.prototype, name, Object.getOwnPropertyDescriptor(Routes.prototype, name))
  Req?.()(Routes.prototype, 'raw', 0)
  Res?.()(Routes.prototype, 'raw', 1)
  Controller?.()(Routes)
  Module?.({ controllers: [Routes] })(App)
  return NestFactory.create(App, { logger: false })
}

async function listening(server: NetServer, host: string): Promise<Running> {
  return once(server.listen(0, host))
}

async function once(server: unknown): Promise<Running> {
  const listening = server as NetServer
  const sockets = new Set<Socket>()
  listening.on('connection', (socket: Socket) => void sockets.add(socket))
  if (!listening.listening) await new Promise((resolve, reject) => void listening.once('listening', resolve).once('error', reject))
  return { server: listening, port: portOf(listening), close: () => closed(listening, sockets) }
}

function portOf(server: NetServer): number {
  return (server.address() as AddressInfo).port
}

async function closed(server: NetServer, sockets: ReadonlySet<Socket>): Promise<void> {
  const gone = new Promise((resolve) => server.close(resolve))
  for (const socket of sockets) socket.destroy()
  await gone
}
