import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type AddressRule, evidenceOf, type ProxyServer, Text } from '../../evidence/index.ts'
import { type Address, parseAddress, parsePrefix } from '../../network/index.ts'
import { snapshotOf } from '../../systems/nginx/dump.ts'
import { readNginx } from '../../systems/nginx/read.ts'
import { addressDecision } from './access.ts'
import { decideRequest } from './decide.ts'
import { selectLocation } from './location.ts'
import { hostName, selectListener, selectServer } from './names.ts'
import { requestPath } from './path.ts'

const ORIGIN = new Text('x', '').origin(0, 0)

function servers(http: string): readonly ProxyServer[] {
  const files = new Map([['nginx.conf', `http { ${http} }`]])
  return evidenceOf(
    readNginx(snapshotOf(['nginx.conf'], files, { host: 'host', standing: 'configured', capturedAt: 0 })).evidence,
    'proxy',
  ).flatMap(({ claim }) => claim.servers)
}

function address(text: string): Address {
  const parsed = parseAddress(text)
  if (parsed === undefined) throw new Error(text)
  return parsed
}

describe('what a regex or the environment decides is left open, both ways', () => {
  const all = servers(
    'server { listen 80; server_name a; return 201; } server { listen 80; server_name ~^b; location ~ x { return 202; } location / { return 203; } } server { listen 80; server_name $hostname; return 204; }',
  )
  const listener = selectListener(all, address('192.0.2.1'), 80)

  test('a name that may match', () => {
    if (listener === undefined) throw new Error('no listener')
    const found = (name: string) => {
      const selected = selectServer(all, listener, name)
      return selected?.kind === 'several'
        ? selected.candidates.map((server) => all.indexOf(server))
        : selected && [all.indexOf(selected.chosen)]
    }
    expect(found('a')).toEqual([2, 0])
    expect(found('b')).toEqual([2, 1, 0])
    expect(found('a..b')).toBeUndefined()
  })

  test('a path that may match, and one with a matcher handed in', () => {
    const routes = all[1]?.routes ?? []
    expect(selectLocation(routes, '/x')).toMatchObject({ kind: 'several', candidates: [{ chain: [routes[0]] }, { chain: [routes[1]] }] })
    expect(selectLocation(routes, '/x', () => true)).toMatchObject({ kind: 'one', chosen: { chain: [routes[0]] } })
    expect(selectLocation(routes, '/x', () => false)).toMatchObject({ kind: 'one', chosen: { chain: [routes[1]] } })
  })

  test('a condition, a file, another service', () => {
    const open = servers(
      'server { listen 80; location /if { if ($a) { return 403; } proxy_pass http://127.0.0.1:1; } location /file { try_files $uri =404; } location /ask { auth_request /x; } location /lua { access_by_lua_file x; } }',
    )
    const at = selectListener(open, address('192.0.2.1'), 80)
    if (at === undefined) throw new Error('no listener')
    for (const target of ['/if', '/file', '/ask', '/lua']) {
      expect(
        decideRequest(open, at, { address: address('192.0.2.9'), method: 'GET', authenticated: false, host: 'x', target }),
      ).toMatchObject({ kind: 'undecided' })
    }
  })
})

test('no listener where nobody listens', () => {
  const all = servers('server { listen 127.0.0.1:80; } server { listen [::]:81; }')
  expect(selectListener(all, address('192.0.2.1'), 80)).toBeUndefined()
  expect(selectListener(all, address('192.0.2.1'), 81)).toBeUndefined()
  expect(selectListener(all, address('127.0.0.1'), 80)).toBeDefined()
})

test('names in a Host header', () => {
  for (const [header, name] of [
    ['a.EXAMPLE', 'a.example'],
    ['a:80', 'a'],
    ['a.:80', 'a'],
    ['[::1]:80', '[::1]'],
    ['', undefined],
    [':80', undefined],
    ['.', undefined],
    ['a b', undefined],
    ['a/b', undefined],
  ] as const) {
    expect([header, hostName(header)]).toEqual([header, name])
  }
})

test('paths never leave the root and hold no dots to be resolved', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', '/', '.', '..', '%2e', '%2F', '//', '?', '#', '%', 'b', '%61')), (parts) => {
      const path = requestPath(`/${parts.join('')}`)
      if (path !== undefined) {
        expect(path.startsWith('/')).toBe(true)
        expect(path).not.toMatch(/(?:^|\/)\.{1,2}(?:\/|$)|\/\//)
      }
    }),
    { numRuns: 1000 },
  )
})

test('the first rule that covers an address decides, whatever the family', () => {
  const ranges = ['0.0.0.0/0', '::/0', '192.0.2.0/24', '192.0.2.7', '2001:db8::/32', '127.0.0.0/8']
  const rule = fc.record({ action: fc.constantFrom('allow' as const, 'deny' as const), text: fc.constantFrom(...ranges, 'all', 'unix') })
  const client = fc.constantFrom('192.0.2.7', '192.0.2.8', '127.0.0.1', '2001:db8::1', '::1', '::ffff:192.0.2.7')
  fc.assert(
    fc.property(fc.array(rule, { maxLength: 6 }), client, (rules, from) => {
      const parsed = rules.flatMap(({ action, text }): readonly AddressRule[] => {
        const range = text === 'all' || text === 'unix' ? text : parsePrefix(text)
        return range === undefined ? [] : [{ action, from: range, origin: ORIGIN }]
      })
      const plain = from.replace('::ffff:', '')
      const four = !plain.includes(':')
      const covers = (text: string): boolean => {
        if (text === 'all') return true
        if (text === 'unix' || text.includes(':') === four) return false
        if (text.endsWith('/0')) return true
        if (text === '192.0.2.0/24') return plain.startsWith('192.0.2.')
        if (text === '127.0.0.0/8') return plain.startsWith('127.')
        return text === '2001:db8::/32' ? plain.startsWith('2001:db8') : text === plain
      }
      expect(addressDecision(parsed, address(from))).toBe(rules.find(({ text }) => covers(text))?.action ?? 'none')
    }),
  )
})
