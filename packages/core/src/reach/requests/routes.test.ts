import { describe, expect, test } from 'vitest'
import { evidenceOf, type ProxyServer, type Setting } from '../../evidence/index.ts'
import { snapshotOf } from '../../systems/nginx/dump.ts'
import { readNginx } from '../../systems/nginx/read.ts'
import { listenAddresses, targetEndpoints } from './endpoints.ts'
import { MOST_ROUTES, proxyRoutes, type RequestRoute } from './routes.ts'

const CONTEXT = { host: 'host', standing: 'configured', capturedAt: 0 } as const

function servers(http: string, path = 'nginx.conf'): readonly ProxyServer[] {
  const text = path === 'nginx.conf' ? `http { ${http} }` : http
  return evidenceOf(readNginx(snapshotOf([path], new Map([[path, text]]), CONTEXT)).evidence, 'proxy').flatMap(({ claim }) => claim.servers)
}

function target({ target: to }: RequestRoute): string {
  if (to.kind !== 'upstream') return to.kind === 'return' ? `return ${to.status}` : to.kind
  return targetEndpoints(to.target)
    .map((endpoint) => (endpoint.kind === 'inet' ? `${to.scheme}://${endpoint.host}:${endpoint.port}` : endpoint.kind))
    .join(' ')
}

function describeRoute(route: RequestRoute): string {
  const names = [
    ...route.serverNames.map((name) => (name.kind === 'exact' ? name.name : name.kind)),
    ...(route.otherNames ? ['*'] : []),
  ].join(',')
  const location = route.location
    .map((match) =>
      'path' in match ? match.path : 'pattern' in match ? `~${match.pattern}` : match.kind === 'named' ? match.name : match.text,
    )
    .join(' > ')
  const guards = route.guards.map(({ guard }) => guard).join('+')
  return [
    names,
    location || '(rest)',
    guards,
    target(route),
    route.condition ?? '',
    route.via.map(({ cause }) => cause).join('+'),
    route.opaque ? 'opaque' : '',
  ]
    .join(' | ')
    .replace(/[ |]+$/, '')
}

const listed = (http: string): readonly string[] => proxyRoutes(servers(http)).map(describeRoute)

describe('classes of requests', () => {
  test('E5 · each engine is proxied to its own loopback port, and to nothing else', () => {
    const engines = Array.from(
      { length: 7 },
      (_, index) => `location /engine${index + 1}/ { proxy_pass http://127.0.0.1:${7001 + index}; }`,
    )
    const routes = proxyRoutes(
      servers(`server { listen 443 ssl; server_name engines.example.com; ${engines.join('\n')} location / { return 404; } }`),
    )
    const upstream = routes.filter((route) => route.target.kind === 'upstream')
    expect(upstream.map(target)).toEqual(Array.from({ length: 7 }, (_, index) => `http://127.0.0.1:${7001 + index}`))
    expect(routes.filter((route) => route.target.kind !== 'upstream').map(target)).toEqual(['return 404', 'files'])
    expect(upstream.map((route) => route.origin.span.start.line)).toEqual([1, 2, 3, 4, 5, 6, 7])
  })

  test('E5 · one that leads elsewhere as well is seen', () => {
    expect(
      listed('upstream u { server 127.0.0.1:7001; server 192.168.1.5:7001 backup; } server { location / { proxy_pass http://u; } }'),
    ).toEqual([',* | / |  | http://127.0.0.1:7001', ',* | / |  | http://192.168.1.5:7001', ',* | (rest) |  | files'])
  })

  test('names that an earlier server has taken lead nowhere', () => {
    expect(
      listed(
        'server { server_name a b; location / { proxy_pass http://127.0.0.1:1; } } server { server_name b; location / { proxy_pass http://127.0.0.1:2; } } server { server_name b c; return 403; }',
      ),
    ).toEqual(['a,b,* | / |  | http://127.0.0.1:1', 'a,b,* | (rest) |  | files', 'c | (rest) |  | return 403'])
  })

  test('guards of the way: TLS, certificate, addresses, password, limit; an early return has the first two only', () => {
    const server =
      'listen 443 ssl; ssl_verify_client on; limit_req zone=z; allow 192.0.2.0/24; deny all; auth_basic x; auth_basic_user_file f;'
    expect(listed(`server { ${server} location /a { proxy_pass http://127.0.0.1:1; } location /b { return 200; } }`)).toEqual([
      ',* | /a | tls+client-certificate+rate-limit+addresses+basic-auth | http://127.0.0.1:1',
      ',* | /b | tls+client-certificate | return 200',
      ',* | (rest) | tls+client-certificate+rate-limit+addresses+basic-auth | files',
    ])
  })

  test('an answer to everything leaves nothing for the locations', () => {
    expect(listed('server { return 301 https://$host$request_uri; location / { proxy_pass http://127.0.0.1:1; } }')).toEqual([
      ',* | (rest) |  | return 301',
    ])
  })

  test('conditions add classes and take none away', () => {
    expect(
      listed(
        'server { if ($host = x) { return 403; } location / { if ($a) { proxy_pass http://127.0.0.1:2; } rewrite ^/old /new last; proxy_pass http://127.0.0.1:1; } }',
      ),
    ).toEqual([
      ',* | (rest) |  | return 403 | ($host = x)',
      ',* | / |  | http://127.0.0.1:2 | ($a)',
      ',* | / |  | elsewhere | the path matches ^/old',
      ',* | / |  | http://127.0.0.1:1',
      ',* | (rest) |  | files',
    ])
  })

  test('named and internal locations tell how they are reached', () => {
    expect(
      listed(
        'server { location / { try_files $uri @app; error_page 502 /down; auth_request /auth; } location @app { proxy_pass http://127.0.0.1:1; } location = /auth { internal; proxy_pass http://127.0.0.1:2; } location /down { internal; return 503; } }',
      ),
    ).toEqual([
      ',* | / | auth-request | files',
      ',* | @app |  | http://127.0.0.1:1 |  | try-files',
      ',* | /auth | internal | http://127.0.0.1:2 |  | auth-request',
      ',* | /down | internal | return 503 |  | error-page',
      ',* | (rest) |  | files',
    ])
  })

  test('a regex stays opaque', () => {
    expect(
      listed(
        'server { server_name ~^a; location / { proxy_pass http://127.0.0.1:1; } } server { location ~ x { location ~ y { proxy_pass http://127.0.0.1:2; } } }',
      ),
    ).toEqual([
      'regex,* | / |  | http://127.0.0.1:1 |  |  | opaque',
      'regex,* | (rest) |  | files |  |  | opaque',
      ' | ~x |  | files |  |  | opaque',
      ' | ~x > ~y |  | http://127.0.0.1:2 |  |  | opaque',
      ' | (rest) |  | files',
    ])
  })

  test('every listener has its own classes, stream servers too', () => {
    const routes = proxyRoutes([
      ...servers('server { listen 80; listen 81; location / { proxy_pass http://127.0.0.1:1; } }'),
      ...servers('} stream { server { listen 5432; proxy_pass 10.0.0.5:5432; }'),
    ])
    expect(routes.map((route) => `${route.listener.at.kind === 'inet' ? route.listener.at.ports.first : ''} ${target(route)}`)).toEqual([
      '80 http://127.0.0.1:1',
      '80 files',
      '81 http://127.0.0.1:1',
      '81 files',
      '5432 tcp://10.0.0.5:5432',
    ])
  })

  test('a limit, and a last class that says so', () => {
    const locations = Array.from({ length: 400 }, (_, index) => `location /${index} { }`).join('')
    const routes = proxyRoutes(
      servers(`server { ${Array.from({ length: 300 }, (_, index) => `listen ${1000 + index};`).join('')} ${locations} }`),
    )
    expect(routes).toHaveLength(MOST_ROUTES)
    expect(routes.at(-1)?.target).toMatchObject({ kind: 'unknown' })
  })
})

describe('what the environment puts in', () => {
  const [server] = servers(
    'server { listen ${PORT}; listen ${ADDRESS}:81; listen ${LISTEN}; location /a { proxy_pass http://${HOST}:${APP_PORT}; } location /b { proxy_pass ${URL}; } location /c { proxy_pass http://${BACKEND}; } }',
    'conf.d/app.conf.template',
  )
  const setting = (value: string): Setting => {
    const origin = server?.origin
    if (origin === undefined) throw new Error('no server')
    return { value: { kind: 'known', value, origin }, origin }
  }
  const surroundings = (environment: Readonly<Record<string, string>>) => ({
    environment: new Map(Object.entries(environment).map(([name, value]) => [name, setting(value)])),
    arguments: new Map<string, Setting>(),
  })
  const targets = (environment: Readonly<Record<string, string>>) =>
    (server?.routes ?? []).map(({ action }) =>
      action.kind === 'pass' ? action.targets.flatMap((one) => targetEndpoints(one, surroundings(environment))) : [],
    )

  test('targets', () => {
    expect(targets({ HOST: 'app', APP_PORT: '3000', URL: 'https://api.example.com/v1', BACKEND: '10.0.0.1:8080' })).toEqual([
      [{ kind: 'inet', host: 'app', port: 3000 }],
      [{ kind: 'inet', host: 'api.example.com', port: 443 }],
      [{ kind: 'inet', host: '10.0.0.1', port: 8080 }],
    ])
    expect(targets({ HOST: '::1', APP_PORT: '3000', URL: 'http://[::1]:9000/', BACKEND: 'app' })).toEqual([
      [{ kind: 'inet', host: '::1', port: 3000 }],
      [{ kind: 'inet', host: '::1', port: 9000 }],
      [{ kind: 'inet', host: 'app', port: 80 }],
    ])
    for (const found of targets({ APP_PORT: '70000', URL: '', BACKEND: '/' })) expect(found).toMatchObject([{ kind: 'unknown' }])
  })

  test('listeners', () => {
    const addresses = (environment: Readonly<Record<string, string>>) =>
      (server?.listeners ?? []).flatMap((listener) => listenAddresses(listener, surroundings(environment)))
    expect(addresses({ PORT: '8080', ADDRESS: '127.0.0.1', LISTEN: '[::]:82' })).toMatchObject([
      { kind: 'inet', address: { family: 4, value: 0n }, ports: { first: 8080 } },
      { kind: 'inet', address: { family: 4, value: 0x7f000001n }, ports: { first: 81 } },
      { kind: 'inet', address: { family: 6, value: 0n }, ports: { first: 82 } },
    ])
    expect(addresses({ PORT: 'x' })).toEqual([undefined, undefined, undefined])
  })
})
