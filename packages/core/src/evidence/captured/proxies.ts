import * as z from 'zod/mini'
import type {
  AddressRule,
  ClientAddress,
  EarlyStep,
  Handling,
  InternalRedirect,
  ListenAddress,
  Proxy,
  ProxyAction,
  ProxyGuard,
  ProxyListener,
  ProxyRoute,
  ProxyServer,
  ProxyTarget,
  RedirectTarget,
  RouteMatch,
  ServerName,
  SetHeader,
} from '../proxy.ts'
import { fileOrigin, value } from './origins.ts'
import {
  address,
  addressRange,
  type Codec,
  flag,
  integer,
  kinds,
  list,
  maybe,
  name,
  port,
  portRange,
  recursive,
  shown,
  told,
  words,
  record,
} from './words.ts'

const origin = fileOrigin

const listenAddress: Codec<ListenAddress> = kinds('kind', [
  z.strictObject({ kind: z.literal('inet'), address, ports: portRange }),
  z.strictObject({ kind: z.literal('name'), name, ports: portRange }),
  z.strictObject({ kind: z.literal('unix'), path: name }),
  z.strictObject({ kind: z.literal('undecided'), address: value, port: value }),
])

const listener: Codec<ProxyListener> = record<ProxyListener>({
  at: listenAddress,
  protocol: words('tcp', 'udp', 'unix'),
  tls: flag,
  http2: flag,
  proxyProtocol: flag,
  defaultServer: flag,
  ipv6only: flag,
  reuseport: flag,
  implicit: flag,
  origin,
})

const serverName: Codec<ServerName> = kinds('kind', [
  z.strictObject({ kind: z.literal('exact'), name, origin }),
  z.strictObject({ kind: z.literal('wildcard-start'), suffix: name, andItself: flag, origin }),
  z.strictObject({ kind: z.literal('wildcard-end'), prefix: name, origin }),
  z.strictObject({ kind: z.literal('regex'), pattern: told, caseSensitive: flag, origin }),
  z.strictObject({ kind: z.literal('catch-all'), origin }),
  z.strictObject({ kind: z.literal('undecided'), value, origin }),
])

const match: Codec<RouteMatch> = kinds('kind', [
  z.strictObject({ kind: words('exact', 'prefix'), path: told, anyCase: maybe(z.literal(true)) }),
  z.strictObject({ kind: z.literal('prefix-no-regex'), path: told }),
  z.strictObject({ kind: z.literal('regex'), pattern: told, caseSensitive: flag }),
  z.strictObject({ kind: z.literal('named'), name }),
  z.strictObject({ kind: z.literal('undecided'), text: shown }),
])

const redirectTarget: Codec<RedirectTarget> = kinds('kind', [
  z.strictObject({ kind: z.literal('named'), name }),
  z.strictObject({ kind: z.literal('path'), path: told }),
  z.strictObject({ kind: z.literal('status'), status: integer }),
  z.strictObject({ kind: z.literal('url'), url: shown }),
  z.strictObject({ kind: z.literal('unknown'), reason: told }),
])

const target: Codec<ProxyTarget> = kinds('kind', [
  z.strictObject({ kind: z.literal('inet'), host: value, port: value, backup: flag, down: flag, origin }),
  z.strictObject({ kind: z.literal('unix'), path: name, backup: flag, down: flag, origin }),
  z.strictObject({
    kind: z.literal('unknown'),
    reason: told,
    clientChosen: flag,
    host: maybe(name),
    port: maybe(port),
    elsewhere: maybe(z.literal(true)),
    origin,
  }),
])

const pass = z.strictObject({
  kind: z.literal('pass'),
  scheme: words('http', 'https', 'grpc', 'grpcs', 'fastcgi', 'uwsgi', 'suwsgi', 'scgi', 'memcached', 'tcp', 'udp', 'tls', 'tunnel'),
  upstream: maybe(name),
  targets: list(target),
  path: maybe(shown),
  origin,
})

const answer = z.strictObject({ kind: z.literal('return'), status: integer, location: maybe(shown), origin })

const action: Codec<ProxyAction> = kinds('kind', [
  pass,
  answer,
  z.strictObject({ kind: z.literal('files'), root: value, listing: flag, origin }),
  z.strictObject({ kind: z.literal('builtin'), name, origin }),
  z.strictObject({ kind: z.literal('none'), origin }),
  z.strictObject({ kind: z.literal('unknown'), reason: told, origin }),
])

const early: Codec<EarlyStep> = record<EarlyStep>({
  condition: maybe(shown),
  then: kinds('kind', [
    answer,
    z.strictObject({ kind: words('reroute', 'rewrite'), to: redirectTarget }),
    z.strictObject({ kind: z.literal('instead'), action }),
    z.strictObject({ kind: z.literal('stop') }),
    z.strictObject({ kind: z.literal('unknown'), reason: told }),
  ]),
  origin,
})

const addressRule: Codec<AddressRule> = record<AddressRule>({
  action: words('allow', 'deny'),
  from: z.union([words('all', 'unix'), addressRange]),
  origin,
})

const guard: Codec<ProxyGuard> = recursive(() =>
  kinds('guard', [
    z.strictObject({ guard: words('tls', 'basic-auth', 'token', 'internal'), origin }),
    z.strictObject({ guard: z.literal('client-certificate'), mode: words('required', 'optional'), origin }),
    z.strictObject({ guard: z.literal('addresses'), rules: list(addressRule), origin }),
    z.strictObject({ guard: z.literal('auth-request'), uri: shown, origin }),
    z.strictObject({ guard: z.literal('rate-limit'), zone: name, rate: maybe(name), burst: integer, origin }),
    z.strictObject({ guard: z.literal('connection-limit'), zone: name, connections: integer, origin }),
    z.strictObject({ guard: z.literal('methods'), except: list(name), guards: list(guard), origin }),
    z.strictObject({ guard: z.literal('unknown'), what: told, origin }),
  ]),
)

const redirect: Codec<InternalRedirect> = record<InternalRedirect>({
  cause: words('try-files', 'error-page', 'auth-request', 'mirror'),
  to: redirectTarget,
  statuses: list(integer),
  origin,
})

const header: Codec<SetHeader> = record<SetHeader>({
  name,
  value: kinds('kind', [z.strictObject({ kind: z.literal('text'), text: shown }), z.strictObject({ kind: words('cleared', 'fixed') })]),
  origin,
})

const HANDLING = {
  early: list(early),
  guards: list(guard),
  satisfy: words('all', 'any'),
  action,
  redirects: list(redirect),
  headers: list(header),
}

const handling: Codec<Handling> = record<Handling>(HANDLING)

const route: Codec<ProxyRoute> = recursive(() => z.strictObject({ ...HANDLING, match, nested: list(route), origin }))

const clientAddress: Codec<ClientAddress> = kinds('from', [
  z.strictObject({ from: z.literal('connection') }),
  z.strictObject({
    from: z.literal('header'),
    header: name,
    trusted: list(z.union([words('unix', 'undecided'), addressRange])),
    origin,
  }),
])

const server: Codec<ProxyServer> = record<ProxyServer>({
  layer: words('http', 'stream', 'other'),
  listeners: list(listener),
  names: list(serverName),
  routes: list(route),
  guards: list(guard),
  first: list(early),
  rest: handling,
  clientAddress,
  incomplete: maybe(told),
  origin,
})

export const proxy: Codec<Proxy> = record<Proxy>({ claim: z.literal('proxy'), system: name, main: maybe(name), servers: list(server) })
