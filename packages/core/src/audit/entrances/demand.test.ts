import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { evidenceOf, type ProxyServer } from '../../evidence/index.ts'
import { type Address, formatAddressSet, parseAddress } from '../../network/index.ts'
import { decideRequest } from '../../reach/requests/decide.ts'
import { proxyRoutes } from '../../reach/requests/routes.ts'
import { snapshotOf } from '../../systems/nginx/dump.ts'
import { readNginx } from '../../systems/nginx/read.ts'
import { admittedBy, type Asked, demandOf } from './demand.ts'

function serverOf(text: string): ProxyServer {
  const files = new Map([['nginx.conf', `http { server { listen 80; ${text} } }`]])
  const read = readNginx(snapshotOf(['nginx.conf'], files, { host: 'host', standing: 'configured', capturedAt: 0 }))
  const [server] = evidenceOf(read.evidence, 'proxy').flatMap(({ claim }) => claim.servers)
  if (server === undefined) throw new Error(text)
  return server
}

function addressOf(text: string): Address {
  return parseAddress(text) ?? expect.fail(text)
}

/** What is asked of a request for `/`. */
function askedBy(location: string, server = ''): Asked {
  const [route] = proxyRoutes([serverOf(`${server} location / { ${location} proxy_pass http://127.0.0.1:7001; }`)])
  return route === undefined ? expect.fail(location) : demandOf(route, route.server).asked
}

const AUTH = 'auth_basic x; auth_basic_user_file users;'

describe('what is asked of whoever sends a request', () => {
  it.each([
    ['', 'nothing'],
    ['limit_req zone=a; limit_conn b 4;', 'nothing'],
    [AUTH, 'authentication'],
    ['auth_request /asked;', 'authentication'],
    ['deny 192.0.2.1;', 'nothing'],
    ['allow 192.0.2.0/24; deny all;', 'addresses'],
    ['allow 0.0.0.0/1; allow 128.0.0.0/1; deny all;', 'nothing'],
    ['allow all; deny all;', 'nothing'],
    ['deny all; allow 192.0.2.0/24;', 'refused'],
    [`allow 192.0.2.0/24; deny all; ${AUTH}`, 'authentication'],
    [`satisfy any; allow 192.0.2.0/24; deny all; ${AUTH}`, 'addresses'],
    [`satisfy any; deny all; ${AUTH}`, 'authentication'],
    [`satisfy any; allow all; ${AUTH}`, 'nothing'],
    ['limit_except GET { deny all; }', 'nothing'],
    [`${AUTH} limit_except GET { auth_basic off; }`, 'nothing'],
    ['access_by_lua_file check.lua;', 'unknown'],
    ['access_by_lua_file check.lua; deny all;', 'refused'],
  ] as const)('E7 · %s asks for %s', (location, asked) => {
    expect(askedBy(location)).toBe(asked)
  })

  it.each([
    ['ssl_verify_client on;', '', 'authentication'],
    ['ssl_verify_client optional;', '', 'nothing'],
    ['ssl_verify_client on;', `satisfy any; allow all; ${AUTH}`, 'authentication'],
    // Whoever may say what his address is, is asked nothing by a list of addresses.
    ['set_real_ip_from 0.0.0.0/0; real_ip_header X-Real-IP;', 'allow 192.0.2.0/24; deny all;', 'unknown'],
    ['set_real_ip_from 10.0.0.0/8; real_ip_header X-Real-IP;', 'allow 192.0.2.0/24; deny all;', 'addresses'],
  ] as const)('E7 · with %s on the server, %s asks for %s', (server, location, asked) => {
    expect(askedBy(location, server)).toBe(asked)
  })

  it('V10 · the addresses that a list lets in, whatever its order', () => {
    const rules = (text: string) => {
      const [guard] = serverOf(`location / { ${text} }`).routes[0]?.guards ?? []
      return guard?.guard === 'addresses' ? formatAddressSet(admittedBy(guard.rules)) : expect.fail(text)
    }
    expect(rules('deny 192.0.2.7; allow 192.0.2.0/29; deny all;')).toEqual(['192.0.2.0/30', '192.0.2.4/31', '192.0.2.6'])
    expect(rules('allow 192.0.2.7; allow 2001:db8::/32; deny all;')).toEqual(['192.0.2.7', '2001:db8::/32'])
    expect(rules('deny all; allow 192.0.2.7;')).toEqual([])
  })
})

/** Half of each in a list, so that every address that a list may tell from others is asked from. */
const CLIENTS = ['192.0.2.7', '198.51.100.9', '203.0.113.200', '2001:db8::1'].map(addressOf)
const rule = fc.tuple(fc.constantFrom('allow', 'deny'), fc.constantFrom('192.0.2.0/24', '198.51.100.9', '2001:db8::/32', 'all'))

it('E7 · what is asked is what decides whether requests get through, for lists, passwords, methods and either of them', () => {
  const config = fc.record({
    rules: fc.array(rule, { maxLength: 4 }),
    password: fc.boolean(),
    any: fc.boolean(),
    methods: fc.constantFrom(
      '',
      'limit_except GET { deny all; }',
      'limit_except POST { allow 192.0.2.0/24; deny all; }',
      'limit_except GET { auth_basic off; }',
    ),
  })
  fc.assert(
    fc.property(config, ({ rules, password, any, methods }) => {
      const lists = rules.map(([action, from]) => `${action} ${from};`).join(' ')
      const server = serverOf(
        `location / { ${any ? 'satisfy any;' : ''} ${lists} ${password ? AUTH : ''} ${methods} proxy_pass http://127.0.0.1:7001; }`,
      )
      const [route] = proxyRoutes([server])
      const [listener] = server.listeners
      if (route === undefined || listener === undefined) expect.fail('no route')
      const passes = (address: Address, authenticated: boolean): boolean =>
        ['GET', 'POST'].some((method) => {
          const outcome = decideRequest([server], listener, { address, method, authenticated, host: 'x', target: '/' })
          return outcome.kind === 'action' && outcome.action.kind === 'pass'
        })
      const anonymous = CLIENTS.filter((client) => passes(client, false)).length
      const known = CLIENTS.filter((client) => passes(client, true)).length
      const { asked } = demandOf(route, server)
      // The least that lets somebody through; who is everybody is what no list of these names.
      const stranger = passes(addressOf('203.0.113.200'), false) || passes(addressOf('2001:db9::1'), false)
      const least = known === 0 ? 'refused' : anonymous === 0 ? 'authentication' : stranger ? 'nothing' : 'addresses'
      expect(asked).toBe(least)
    }),
    { numRuns: 3000 },
  )
})
