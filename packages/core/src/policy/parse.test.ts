import { expect, test } from 'vitest'
import { type ParsedPolicy, parsePolicy } from './parse.ts'
import { THIS_HOST } from './policy.ts'

function parseText(text: string, environment?: string): ParsedPolicy {
  return parsePolicy({ files: new Map([['sallyport.yaml', text]]), entry: 'sallyport.yaml', environment })
}

test('V4 · each environment has the port of its overlay', () => {
  const text = `version: 1
services: { app: { port: 9849, from: internet } }
environments:
  development: { services: { app: { port: 9847 } } }
  staging: { services: { app: { port: 9848 } } }
  production:
`
  const ports = ['development', 'staging', 'production'].map((name) => parseText(text, name).policy?.services.get('app')?.ports)
  expect(ports).toEqual([[{ first: 9847, last: 9847 }], [{ first: 9848, last: 9848 }], [{ first: 9849, last: 9849 }]])
  expect(parseText(text)).toMatchObject({
    diagnostics: [{ code: 'environment-required' }],
    environments: ['development', 'staging', 'production'],
  })
})

test('V7 · services that would take each other’s port are found before either is started', () => {
  const { diagnostics } = parseText('version: 1\nservices:\n  api: { port: 8000-8010 }\n  web: { port: 8010 }\n')
  expect(diagnostics).toMatchObject([{ code: 'port-conflict', span: { start: { line: 4, column: 16 } } }])
})

test('V10 · a local network is told apart from the internet', () => {
  const { policy } = parseText(
    'version: 1\nservices:\n  lan: { port: 9847, from: 192.168.1.100 }\n  near: { port: 9848, from: private }\n  all: { port: 9849, from: [private, internet] }\n',
  )
  expect(
    [...(policy?.services.values() ?? [])].map((service) => [service.name, service.edge, service.from.map((ref) => ref.kind)]),
  ).toEqual([
    ['lan', false, ['literal']],
    ['near', false, ['built-in']],
    ['all', false, ['built-in', 'built-in']],
  ])
})

test('V2 · an edge is for the internet, and a door: TLS, routes, a domain, or the web’s own ports', () => {
  const { policy } = parseText(`version: 1
services:
  plain: { port: 8000, from: internet }
  named: { port: 3000, from: internet, domain: app.example.com }
  tls: { port: 8443, from: internet, tls: { certificate: /etc/tls/a.pem, key: /etc/tls/a.key } }
  router: { port: 8080, from: internet, routes: { /: app } }
  web: { port: 80, from: internet }
  mixed: { port: [443, 8081], from: internet }
  inside: { port: 81, from: private, domain: app.example.com }
  app: { port: 3001 }
`)
  const edges = [...(policy?.services.values() ?? [])].flatMap((service) => (service.edge ? [service.name] : []))
  expect(edges).toEqual(['named', 'tls', 'router', 'web'])
})

test('I1 · a service is for the hosts of another, by all their addresses', () => {
  const { policy } = parseText(`version: 1
hosts:
  api: { address: [192.0.2.10, "2001:db8::10"], aws: { securityGroup: prod-sg-api } }
  freeswitch: { address: 192.0.2.20, aws: { securityGroup: prod-sg-freeswitch } }
services:
  app: { host: [api, freeswitch], port: 3000 }
  esl: { host: freeswitch, port: 8021, from: [api, app] }
`)
  expect(policy?.services.get('esl')?.from).toMatchObject([
    { kind: 'host', name: 'api', hosts: ['api'], addresses: [{ first: { family: 4 } }, { first: { family: 6 } }] },
    { kind: 'service', name: 'app', hosts: ['api', 'freeswitch'], addresses: [{}, {}, {}] },
  ])
})

test('without hosts everything runs on this machine, for loopback', () => {
  const { policy } = parseText('version: 1\nservices:\n  app: { port: 3000 }\n')
  const app = policy?.services.get('app')
  expect(app).toMatchObject({ hosts: [THIS_HOST], protocols: ['tcp'], from: [{ kind: 'built-in', name: 'loopback' }], edge: false })
  expect(app?.origins.from).toBe(app?.origin)
  expect([...(policy?.hosts.keys() ?? [])]).toEqual([THIS_HOST])
})

test('positions count from one, with a byte order mark and Windows line ends too', () => {
  const [unmarked] = parseText('version: 1\nservices:\n  app: { prot: 1, port: 1 }\n').diagnostics
  const [marked] = parseText('\ufeffversion: 1\r\nservices:\r\n  app: { prot: 1, port: 1 }\r\n').diagnostics
  expect(unmarked?.span).toEqual({ start: { line: 3, column: 10, offset: 30 }, end: { line: 3, column: 14, offset: 34 } })
  expect(marked?.span).toEqual({ start: { line: 3, column: 10, offset: 33 }, end: { line: 3, column: 14, offset: 37 } })
})

test('C5 · a secret in the wrong place is not repeated', () => {
  const canary = 'c4nary-hunter2-C4NARY-0000-abcdefgh'
  const { diagnostics } = parseText(`version: 1
name: ["JWT_SECRET=${canary}"]
services:
  app: { port: "password: ${canary}", from: ["postgres://user:${canary}@192.0.2.1/x", "JWT_SECRET=${canary}"], domain: "token=${canary}" }
  "API_KEY=${canary}": { port: 1 }
`)
  expect(diagnostics.length).toBeGreaterThanOrEqual(5)
  expect(JSON.stringify(diagnostics)).not.toContain(canary)
})

test('the same input gives the same answer', () => {
  const text = 'version: 1\nservices:\n  app: { port: 1, from: nowhere }\n  web: { prot: 2 }\n'
  expect(parseText(text)).toEqual(parseText(text))
})
