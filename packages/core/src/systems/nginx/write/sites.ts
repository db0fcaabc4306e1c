import { type AddressSet, formatAddress, LOOPBACK, prefixesOf, unionOf } from '../../../network/index.ts'
import type { RateLimit } from '../../../policy/index.ts'
import type { Door, DoorRoute, HostDoors, Redirect } from './doors.ts'
import { CLEARED, SET } from './proxy-headers.ts'
import { ANSWER_HEADERS, BOUNDS, sharedItems, TLS } from './shared.ts'
import { block, type Item, printed, word } from './text.ts'

/** The whole file, which belongs into the `http` block. */
export function siteText(head: readonly string[], host: HostDoors): string {
  return printed([
    ...head.map((line) => `# ${line}`),
    '',
    ...sharedItems(),
    ...zones(host),
    ...upstreams(host),
    ...host.redirects.flatMap(redirectItems),
    ...host.doors.flatMap((door) => doorItems(door, host.gateway)),
  ])
}

function limitsOf({ doors }: HostDoors): ReadonlyMap<string, RateLimit> {
  return new Map(
    doors.flatMap((door) => [
      ...(door.limit === undefined ? [] : [[door.name, door.limit] as const]),
      ...door.routes.flatMap(({ service, limit }) => (limit === undefined ? [] : [[service, limit] as const])),
    ]),
  )
}

function zones(host: HostDoors): readonly Item[] {
  const limits = limitsOf(host)
  if (limits.size === 0) return []
  return [
    ...[...limits].map(
      ([name, { requests, per }]) =>
        `limit_req_zone $sallyport_client zone=sallyport_${name}:10m rate=${requests}r/${per === 'second' ? 's' : 'm'}`,
    ),
    '',
  ]
}

/** What may come at once: two seconds' worth, or all of a minute's. What is more gets 429, and is not queued. */
function limitItem(name: string, { requests, per }: RateLimit): Item {
  return `limit_req zone=sallyport_${name} burst=${per === 'second' ? 2 * requests : requests} nodelay`
}

function upstreams({ doors }: HostDoors): readonly Item[] {
  const several = new Map(
    doors.flatMap(({ routes }) => routes.filter(({ targets }) => targets.length > 1).map((route) => [route.service, route] as const)),
  )
  return [...several].flatMap(([name, { targets }]) => [
    block(
      `upstream sallyport_${name}`,
      targets.map((target) => `server ${target}`),
    ),
    '',
  ])
}

function listens(ports: readonly string[], isLocal: boolean, options: string): readonly Item[] {
  const addresses = isLocal ? ['127.0.0.1:', '[::1]:'] : ['', '[::]:']
  return ports.flatMap((port) => addresses.map((address) => `listen ${address}${port}${options}`))
}

/** Who may come, where not everybody may: this machine itself always. */
function access(only: AddressSet | undefined): readonly Item[] {
  if (only === undefined) return []
  const allowed = prefixesOf(unionOf([LOOPBACK, only])).map(({ address, length }) => `allow ${formatAddress(address)}/${length}`)
  return [...allowed, 'deny all', '']
}

/** For whoever asks for a name that is nobody's: no certificate, no answer. */
function refusing(ports: readonly string[], isLocal: boolean, isEncrypted: boolean): readonly Item[] {
  const options = isEncrypted ? ' ssl http2 default_server' : ' default_server'
  return [
    '# Every name that no server below has.',
    block('server', [
      ...listens(ports, isLocal, options),
      'server_name _',
      'server_tokens off',
      ...(isEncrypted ? [...TLS, '# nginx 1.19.4 or newer.', 'ssl_reject_handshake on'] : []),
      'return 444',
    ]),
    '',
  ]
}

function redirectItems({ ports, isLocal, only, names, hasChallenges }: Redirect): readonly Item[] {
  return [
    ...refusing(ports, isLocal, false),
    ...names.flatMap(({ name, port }) => {
      const suffix = port === '443' ? '' : `:${port.replace(/-.*/, '')}`
      // Of a wildcard, the name that was asked for: nothing in it that a browser would read as another.
      const isWild = name.startsWith('*.')
      const answer = `return 301 https://${isWild ? '$host' : '$server_name'}${suffix}$request_uri`
      return [
        block('server', [
          ...listens(ports, isLocal, ''),
          `server_name ${name}`,
          'server_tokens off',
          '',
          ...access(only),
          ...(isWild ? [block('if ($host !~ "^[a-z0-9.-]+$")', ['return 400']), ''] : []),
          ...(hasChallenges
            ? [
                '# Let’s Encrypt asks for these without TLS (RFC 8555 §8.3).',
                block('location ^~ /.well-known/acme-challenge/', [
                  'root /var/www/letsencrypt',
                  'default_type text/plain',
                  'try_files $uri =404',
                ]),
                '',
              ]
            : []),
          block('location /', [answer]),
        ]),
        '',
      ]
    }),
  ]
}

const ASKING = '/.sallyport/authorize'

function doorItems(door: Door, gateway: string | undefined): readonly Item[] {
  const { ports, isLocal, domains, certificate, limit, routes } = door
  const isEncrypted = certificate !== undefined
  const options = `${isEncrypted ? ' ssl http2' : ''}${domains.length === 0 ? ' default_server' : ''}`
  const isAsked = routes.some((route) => route.isAsked)
  const hasOther = routes.some(({ path }) => path === '/')
  return [
    ...(domains.length === 0 ? [] : refusing(ports, isLocal, isEncrypted)),
    block('server', [
      ...listens(ports, isLocal, options),
      `server_name ${domains.length === 0 ? '_' : domains.join(' ')}`,
      '',
      ...(isEncrypted
        ? [
            `ssl_certificate ${word(certificate.chain)}`,
            `ssl_certificate_key ${word(certificate.key)}`,
            ...TLS,
            'add_header Strict-Transport-Security "max-age=63072000" always',
            '',
          ]
        : []),
      ...ANSWER_HEADERS.map(({ name, variable }) => `add_header ${name} $sallyport_${variable} always`),
      'proxy_hide_header X-Powered-By',
      '',
      ...BOUNDS,
      '',
      ...access(door.only),
      ...(limit === undefined ? [] : [limitItem(door.name, limit)]),
      'limit_req_status 429',
      '',
      block('if ($sallyport_refused)', ['return 400']),
      '',
      '# `set $sallyport_key "…";` in such a file, for its owner only, proves to the guard of a service that a request came by here.',
      'set $sallyport_key ""',
      'set $sallyport_user ""',
      'include sallyport/internal-api-key*.conf',
      '',
      'proxy_http_version 1.1',
      'proxy_connect_timeout 5s',
      'proxy_send_timeout 60s',
      '# A WebSocket may be silent for as long.',
      'proxy_read_timeout 300s',
      'proxy_redirect off',
      ...SET.map(([name, value]) => `proxy_set_header ${name} ${value}`),
      '# What a client sent under these names goes no further.',
      ...CLEARED.map((name) => `proxy_set_header ${name} ""`),
      '',
      ...routes.flatMap((route) => locations(route, door)),
      ...(isAsked && gateway !== undefined ? [asking(gateway)] : []),
      ...(hasOther ? [] : ['# Nothing else is passed on.', block('location /', ['return 404'])]),
    ]),
    '',
  ]
}

/** A path and all below it, unless a route of its own is for that; `/api` is not `/apiary`. The path goes on as it was sent. */
function locations(route: DoorRoute, door: Door): readonly Item[] {
  const { path } = route
  const body = locationBody(route, door)
  if (path.endsWith('/')) return [block(`location ${word(path)}`, body)]
  if (door.routes.some((other) => other.path === `${path}/`)) return [block(`location = ${word(path)}`, body)]
  return [block(`location = ${word(path)}`, body), block(`location ${word(`${path}/`)}`, body)]
}

function locationBody({ service, targets, tlsName, isAsked, limit }: DoorRoute, door: Door): readonly Item[] {
  const [only = '', ...more] = targets
  return [
    ...(isAsked ? [`auth_request ${ASKING}`, 'auth_request_set $sallyport_user $upstream_http_x_user'] : []),
    // What a location says of limits takes the place of what its server says.
    ...(limit === undefined ? [] : [...(door.limit === undefined ? [] : [limitItem(door.name, door.limit)]), limitItem(service, limit)]),
    ...(tlsName === undefined
      ? []
      : [
          'proxy_ssl_server_name on',
          `proxy_ssl_name ${tlsName}`,
          'proxy_ssl_verify on',
          'proxy_ssl_verify_depth 3',
          'proxy_ssl_trusted_certificate /etc/ssl/certs/ca-certificates.crt',
        ]),
    `proxy_pass ${tlsName === undefined ? 'http' : 'https'}://${more.length === 0 ? only : `sallyport_${service}`}`,
  ]
}

/** Of the request, what tells who it is: the gateway sees nothing else of it. */
const ASKED_BY: readonly (readonly [name: string, value: string])[] = [
  ['Cookie', '$http_cookie'],
  ['Authorization', '$http_authorization'],
  ['X-API-Key', '$http_x_api_key'],
  ['Origin', '$http_origin'],
  ['User-Agent', '$http_user_agent'],
  ['X-Original-URI', '$request_uri'],
  ['X-Original-Method', '$request_method'],
]
const ASKED_WITHOUT: readonly string[] = ['Upgrade', 'Connection', 'X-User']

/** 2xx passes; 401 and 403 are the answer; anything else of the gateway becomes 500 (ngx_http_auth_request_module). */
function asking(gateway: string): Item {
  return block(`location = ${ASKING}`, [
    'internal',
    'proxy_pass_request_body off',
    'proxy_pass_request_headers off',
    ...[...SET.filter(([name]) => !ASKED_WITHOUT.includes(name)), ...ASKED_BY].map(([name, value]) => `proxy_set_header ${name} ${value}`),
    'proxy_set_header Connection ""',
    'proxy_set_header Content-Length ""',
    `proxy_pass http://${gateway}/authorize`,
  ])
}
