import type { FrameworkDefault } from '../framework.ts'
import type { Form } from './forms.ts'

/**
 * One way of starting a server: what makes it, and which call makes it listen. Names are written as `Meaning` writes
 * them: `express`, `node:http#createServer`, `#Bun.serve`. Adding a framework is adding a row.
 */
export interface ServerRow extends FrameworkDefault {
  readonly kind: 'javascript'
  /** What gives the server when called or constructed. */
  readonly makers: readonly string[]
  /** Its types in TypeScript, for values that nothing else tells. */
  readonly types?: readonly string[]
  /** Methods and properties of it that give another kind of server. */
  readonly gives?: Readonly<Record<string, string>>
  /** Another row holds where this is among the arguments of the maker. */
  readonly variant?: { readonly given: string; readonly row: string }
  readonly binds: readonly BindCall[]
}

/** `method`: of the server that was made. `call`: of this name itself, called or constructed. */
type BindCall = { readonly method: string; readonly reads: Form } | { readonly call: string; readonly reads: Form }

/** A file whose default export tells a program where to listen. */
export interface ConfigurationRow extends FrameworkDefault {
  readonly kind: 'javascript'
  readonly file: RegExp
  /** Tried on the text before the file is parsed. */
  readonly contains?: RegExp
  readonly inside: readonly string[]
  /** The options' names; `host` and `port` unless said. */
  readonly host?: string
  readonly port?: string
  /** Without these the export is something else. */
  readonly requires?: readonly string[]
  /** Where a host is taken from when it is not given inside. */
  readonly hostElsewhere?: readonly string[]
}

const NET: Form = { form: 'net' }
const LISTEN: readonly BindCall[] = [{ method: 'listen', reads: NET }]
const SERVE_OPTIONS = {
  form: 'options',
  port: 'port',
  host: 'hostname',
  unless: ['unix', 'path'],
  alone: ['hono#Hono', 'hono/tiny#Hono', 'hono/quick#Hono', '@hono/zod-openapi#OpenAPIHono'],
} as const satisfies Form
const NODE_NET = 'nodejs.org/api/net.html, server.listen([port[, host[, backlog]]][, callback]): without a host, :: or 0.0.0.0 (Node 20)'

const row = (given: Omit<ServerRow, 'kind' | 'protocol'> & { readonly protocol?: ServerRow['protocol'] }): ServerRow => ({
  kind: 'javascript',
  protocol: 'tcp',
  ...given,
})

export const SERVER_ROWS: readonly ServerRow[] = [
  row({
    id: 'node:http',
    title: 'Node http',
    example: 'http.createServer(handler).listen(3000)',
    defaultHost: '*',
    defaultPort: 0,
    source: NODE_NET,
    makers: ['node:http#createServer', 'node:http#Server', 'http-proxy#createProxyServer', 'http-proxy#createServer', 'http-proxy'],
    types: ['node:http#Server'],
    binds: LISTEN,
  }),
  row({
    id: 'node:https',
    title: 'Node https',
    example: 'https.createServer(options, handler).listen(8443)',
    defaultHost: '*',
    defaultPort: 0,
    source: NODE_NET,
    makers: ['node:https#createServer', 'node:https#Server', 'spdy#createServer'],
    types: ['node:https#Server'],
    binds: LISTEN,
  }),
  row({
    id: 'node:http2',
    title: 'Node http2',
    example: 'http2.createSecureServer(options).listen(8443)',
    defaultHost: '*',
    defaultPort: 0,
    source: NODE_NET,
    makers: ['node:http2#createServer', 'node:http2#createSecureServer'],
    types: ['node:http2#Http2Server', 'node:http2#Http2SecureServer'],
    binds: LISTEN,
  }),
  row({
    id: 'node:net',
    title: 'Node net',
    example: 'net.createServer(onSocket).listen(9000)',
    defaultHost: '*',
    defaultPort: 0,
    source: NODE_NET,
    makers: ['node:net#createServer', 'node:net#Server'],
    types: ['node:net#Server'],
    binds: LISTEN,
  }),
  row({
    id: 'node:tls',
    title: 'Node tls',
    example: 'tls.createServer(options).listen(8443)',
    defaultHost: '*',
    defaultPort: 0,
    source: NODE_NET,
    makers: ['node:tls#createServer', 'node:tls#Server'],
    types: ['node:tls#Server'],
    binds: LISTEN,
  }),
  row({
    id: 'node:dgram',
    title: 'Node dgram, udp4',
    example: "dgram.createSocket('udp4').bind(5353)",
    protocol: 'udp',
    defaultHost: '0.0.0.0',
    defaultPort: 0,
    source: 'nodejs.org/api/dgram.html, socket.bind([port][, address][, callback]): without an address, all addresses (Node 20)',
    makers: ['node:dgram#createSocket'],
    types: ['node:dgram#Socket'],
    binds: [{ method: 'bind', reads: { form: 'dgram' } }],
  }),
  row({
    id: 'node:dgram:udp6',
    title: 'Node dgram, udp6',
    example: "dgram.createSocket('udp6').bind(5353)",
    protocol: 'udp',
    defaultHost: '*',
    defaultPort: 0,
    source: 'nodejs.org/api/dgram.html, dgram.createSocket: without ipv6Only, :: takes both families (Node 20)',
    makers: [],
    binds: [],
  }),
  row({
    id: 'express',
    title: 'Express',
    example: 'express().listen(3000)',
    defaultHost: '*',
    defaultPort: 0,
    source: 'express 5.3.0, lib/application.js, app.listen: http.createServer(this).listen with the same arguments',
    makers: ['express', '@feathersjs/express', 'json-server#create'],
    types: ['express#Express', 'express#Application', 'express-serve-static-core#Express', 'express-serve-static-core#Application'],
    gives: { listen: 'node:http' },
    binds: LISTEN,
  }),
  row({
    id: 'fastify',
    title: 'Fastify',
    example: 'fastify().listen({ port: 3000 })',
    defaultHost: 'localhost',
    defaultPort: 0,
    source: "fastify 5.12.8, lib/server.js, listen: host ?? 'localhost', and both families of localhost",
    makers: ['fastify', 'fastify#fastify'],
    types: ['fastify#FastifyInstance'],
    gives: { server: 'node:http' },
    binds: LISTEN,
  }),
  row({
    id: 'koa',
    title: 'Koa',
    example: 'new Koa().listen(3000)',
    defaultHost: '*',
    defaultPort: 0,
    source: 'koa 3.3.0, lib/application.js, listen: http.createServer(this.callback()).listen with the same arguments',
    makers: ['koa'],
    types: ['koa'],
    gives: { listen: 'node:http' },
    binds: LISTEN,
  }),
  row({
    id: 'hono',
    title: 'Hono on Node',
    example: 'serve({ fetch: app.fetch, port: 3000 })',
    defaultHost: '*',
    defaultPort: 3000,
    source: '@hono/node-server 2.1.8, dist/index.mjs, serve: server.listen(options.port ?? 3000, options.hostname)',
    makers: ['@hono/node-server#createAdaptorServer'],
    binds: [...LISTEN, { call: '@hono/node-server#serve', reads: SERVE_OPTIONS }],
  }),
  row({
    id: 'ws',
    title: 'ws',
    example: 'new WebSocketServer({ port: 8080 })',
    defaultHost: '*',
    source:
      'ws 8.23.0, lib/websocket-server.js, constructor: http.createServer().listen(port, host), with port only; with server or noServer nothing',
    makers: [],
    binds: ['ws#WebSocketServer', 'ws#Server'].map((call) => ({
      call,
      reads: { form: 'options', port: 'port', host: 'host', only: 'port', unless: ['server', 'noServer'] },
    })),
  }),
  row({
    id: 'socket.io',
    title: 'Socket.IO',
    example: 'new Server(3000)',
    defaultHost: '*',
    source:
      'socket.io 4.8.4, dist/index.js, Server.attach: a number (or numeric text) makes an http server that listens on it, no host can be given',
    makers: ['socket.io', 'socket.io#Server'],
    types: ['socket.io#Server'],
    binds: [
      { method: 'listen', reads: { form: 'port' } },
      { method: 'attach', reads: { form: 'port' } },
      { call: 'socket.io', reads: { form: 'port' } },
      { call: 'socket.io#Server', reads: { form: 'port' } },
      { call: 'socket.io#listen', reads: { form: 'port' } },
    ],
  }),
  row({
    id: 'vite',
    title: 'Vite, development server',
    example: 'createServer({ server: { port: 5173 } }) and server.listen()',
    defaultHost: 'localhost',
    defaultPort: 5173,
    source:
      'vite 7.3.8, dist/node/chunks/config.js, resolveHostname: undefined or false is localhost, true is every address; DEFAULT_DEV_PORT',
    makers: ['vite#createServer'],
    binds: [{ method: 'listen', reads: { form: 'made', inside: ['server'], port: 'port', host: 'host' } }],
  }),
  row({
    id: 'vite-preview',
    title: 'Vite, preview server',
    example: 'preview({ preview: { port: 4173 } })',
    defaultHost: 'localhost',
    defaultPort: 4173,
    source: 'vite 7.3.8, dist/node/chunks/config.js, resolvePreviewOptions: host ?? server.host; resolveHostname; DEFAULT_PREVIEW_PORT',
    makers: [],
    binds: [{ call: 'vite#preview', reads: { form: 'options', inside: ['preview'], port: 'port', host: 'host' } }],
  }),
  row({
    id: 'nest',
    title: 'Nest on Express',
    example: 'const app = await NestFactory.create(AppModule); await app.listen(3000)',
    defaultHost: '*',
    source:
      'nestjs/nest, packages/core/nest-application.ts, listen: hands its arguments to the adapter; packages/platform-express: http.Server.listen',
    makers: ['@nestjs/core#NestFactory.create'],
    types: ['@nestjs/common#INestApplication', '@nestjs/platform-express#NestExpressApplication'],
    gives: { getHttpServer: 'node:http' },
    variant: { given: '@nestjs/platform-fastify#FastifyAdapter', row: 'nest:fastify' },
    binds: LISTEN,
  }),
  row({
    id: 'nest:fastify',
    title: 'Nest on Fastify',
    example: 'const app = await NestFactory.create(AppModule, new FastifyAdapter()); await app.listen(3000)',
    defaultHost: 'localhost',
    source:
      'nestjs/nest, packages/platform-fastify/adapters/fastify-adapter.ts, listen: fastify.listen({ port, host }) with host undefined',
    makers: [],
    types: ['@nestjs/platform-fastify#NestFastifyApplication'],
    gives: { getHttpServer: 'node:http' },
    binds: LISTEN,
  }),
  row({
    id: 'connect',
    title: 'Connect',
    example: 'connect().listen(3000)',
    defaultHost: '*',
    defaultPort: 0,
    source: 'senchalabs/connect, index.js, proto.listen: http.createServer(this).listen with the same arguments',
    makers: ['connect'],
    binds: LISTEN,
  }),
  row({
    id: 'polka',
    title: 'Polka',
    example: 'polka().listen(3000)',
    defaultHost: '*',
    defaultPort: 0,
    source: 'lukeed/polka, packages/polka/index.js, listen: http.createServer().listen with the same arguments',
    makers: ['polka'],
    binds: LISTEN,
  }),
  row({
    id: 'restify',
    title: 'Restify',
    example: 'restify.createServer().listen(8080)',
    defaultHost: '*',
    defaultPort: 0,
    source: 'restify/node-restify, lib/server.js, Server.prototype.listen: server.listen with the same arguments',
    makers: ['restify#createServer'],
    binds: LISTEN,
  }),
  row({
    id: 'hapi',
    title: 'hapi',
    example: 'Hapi.server({ port: 3000 })',
    defaultHost: '*',
    defaultPort: 0,
    source: 'hapijs/hapi, lib/core.js, _listen: settings.address || settings.host || null (0.0.0.0 in older versions)',
    makers: [],
    binds: ['@hapi/hapi#server', '@hapi/hapi#Server', 'hapi#server', 'hapi#Server'].map((call) => ({
      call,
      reads: { form: 'options', port: 'port', host: 'host' },
    })),
  }),
  row({
    id: 'apollo',
    title: 'Apollo Server, standalone',
    example: 'startStandaloneServer(server, { listen: { port: 4000 } })',
    defaultHost: '*',
    defaultPort: 4000,
    source: 'apollographql/apollo-server, packages/server/src/standalone/index.ts: httpServer.listen(options?.listen ?? { port: 4000 })',
    makers: [],
    binds: [
      {
        call: '@apollo/server/standalone#startStandaloneServer',
        reads: { form: 'options', at: 1, inside: ['listen'], port: 'port', host: 'host', unless: ['path'] },
      },
    ],
  }),
  row({
    id: 'bun',
    title: 'Bun.serve',
    example: 'Bun.serve({ port: 3000, fetch })',
    defaultHost: '0.0.0.0',
    defaultPort: 3000,
    source: 'bun.sh/docs/api/http, Changing the port and hostname: 0.0.0.0 and 3000',
    makers: [],
    binds: ['#Bun.serve', 'bun#serve'].map((call) => ({ call, reads: SERVE_OPTIONS })),
  }),
  row({
    id: 'deno',
    title: 'Deno.serve',
    example: 'Deno.serve({ port: 8000 }, handler)',
    defaultHost: '0.0.0.0',
    defaultPort: 8000,
    source: 'docs.deno.com/api/deno/~/Deno.serve: port 8000, hostname 0.0.0.0',
    makers: [],
    binds: [{ call: '#Deno.serve', reads: SERVE_OPTIONS }],
  }),
]

export const CONFIGURATION_ROWS: readonly ConfigurationRow[] = [
  {
    id: 'vite',
    title: 'Vite, vite.config `server`',
    kind: 'javascript',
    protocol: 'tcp',
    example: 'export default defineConfig({ server: { host: true } })',
    defaultHost: 'localhost',
    defaultPort: 5173,
    source: 'vite 7.3.8, dist/node/chunks/config.js, resolveHostname',
    file: /(?:^|\/)vite\.config\.[cm]?[jt]s$/,
    inside: ['server'],
  },
  {
    id: 'vite-preview',
    title: 'Vite, vite.config `preview`',
    kind: 'javascript',
    protocol: 'tcp',
    example: 'export default defineConfig({ preview: { host: true } })',
    defaultHost: 'localhost',
    defaultPort: 4173,
    source: 'vite 7.3.8, dist/node/chunks/config.js, resolvePreviewOptions',
    file: /(?:^|\/)vite\.config\.[cm]?[jt]s$/,
    inside: ['preview'],
    hostElsewhere: ['server'],
  },
  {
    id: 'bun',
    title: 'Bun, a default export',
    kind: 'javascript',
    protocol: 'tcp',
    example: 'export default { port: 3000, fetch: app.fetch }',
    defaultHost: '0.0.0.0',
    defaultPort: 3000,
    source: 'bun.sh/docs/api/http, export default syntax',
    file: /\.[cm]?[jt]sx?$/,
    contains: /\bexport\s+default\b[^]*\bfetch\b/,
    inside: [],
    host: 'hostname',
    requires: ['fetch', 'port'],
  },
]

/** The rows by their id. */
export const SERVERS: ReadonlyMap<string, ServerRow> = new Map(SERVER_ROWS.map((item) => [item.id, item]))

/** The kind of server that a method or property of a server gives. */
export function serverGivenBy(type: string, name: string): string | undefined {
  const gives = SERVERS.get(type)?.gives
  return gives !== undefined && Object.hasOwn(gives, name) ? gives[name] : undefined
}

const byName = (names: (item: ServerRow) => readonly string[]): ReadonlyMap<string, string> =>
  new Map(SERVER_ROWS.flatMap((item) => names(item).map((name) => [name, item.id] as const)))

/** What is called or constructed → the row that it makes. */
export const MAKERS = byName((item) => item.makers)

/** Type in TypeScript → the row of its values. */
export const TYPES = byName((item) => item.types ?? [])

export interface CallRow {
  readonly row: ServerRow
  readonly reads: Form
}

/** What listens when it is called or constructed itself. */
export const CALLS: ReadonlyMap<string, CallRow> = new Map(
  SERVER_ROWS.flatMap((item) =>
    item.binds.flatMap((bind) => ('call' in bind ? [[bind.call, { row: item, reads: bind.reads }] as const] : [])),
  ),
)

/** The methods by which any server is made to listen. */
export const METHODS: ReadonlySet<string> = new Set(
  SERVER_ROWS.flatMap((item) => item.binds.flatMap((bind) => ('method' in bind ? [bind.method] : []))),
)
