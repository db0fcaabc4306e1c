import { expect, it } from 'vitest'
import { ABSENT, type Bind, type Evidence, type FileOrigin, type Origin, show } from '../../evidence/index.ts'
import { parsePolicy } from '../../policy/index.ts'
import { readDump } from '../../systems/nginx/dump.ts'
import { audit } from '../index.ts'
import { server, table } from '../../../test/filtered-server.ts'
import { address } from '../../../test/reach.ts'
import { CONTEXT, see, SERVER } from '../../../test/server.ts'

function socket(at: string, port: number): Evidence {
  return see({ claim: 'socket', protocol: 'tcp', address: address(at), port, accepts: 'ipv4', inode: `${port}`, processes: [] })
}

function nginx(...servers: readonly string[]): readonly Evidence[] {
  const text = `# configuration file /etc/nginx/nginx.conf:\nhttp {\n${servers.map((server) => `server { ${server} }`).join('\n')}\n}\n`
  const reading = readDump(text, CONTEXT)
  if (reading === undefined) throw new RangeError(text)
  return reading.evidence
}

const TO_WEB = 'location / { proxy_pass http://127.0.0.1:14100; }'

function claims(test: string, ...evidence: readonly Evidence[]): readonly string[] {
  const text = `version: 1
hosts: { localhost: { upstream: none }, other: { address: 198.51.100.7 } }
services:
  edge: { host: localhost, port: 18081, from: internet }
  web: { host: localhost, port: 14100, from: ${test.includes('deny') ? 'loopback' : 'internet'} }
  open: { host: localhost, port: 14200, from: internet }
  far: { host: other, port: 9000 }
tests:
  - ${test}
`
  const { policy, diagnostics } = parsePolicy({ files: new Map([['sallyport.yaml', text]]), entry: 'sallyport.yaml' })
  expect(diagnostics).toEqual([])
  const running = [socket('127.0.0.1', 14100), socket('0.0.0.0', 14200), socket('0.0.0.0', 18081), ...evidence]
  const report = audit({ evidence: [...SERVER, ...running], policy, folder: '/srv', now: 0, environment: undefined })
  return report.findings.flatMap(({ rule, message }) => (rule === 'claim-failed' ? [message] : []))
}

it.each(['loopback', 'localhost', 'edge', '127.0.0.1'])('C1 · %s, on the same machine, reaches what is bound to loopback', (from) => {
  expect(claims(`{ from: ${from}, accept: [web, open] }`)).toEqual([])
})

it.each(['localhost', 'edge', '127.0.0.1'])('C1 · %s, on the same machine, cannot be kept from it', (from) => {
  expect(claims(`{ from: ${from}, deny: web }`)).toEqual([`A test denies web to ${from}, and ${from}, on the same machine, can reach it`])
})

it.each(['internet', 'private', 'other', 'far', '198.51.100.0/24'])('C1 · %s does not', (from) => {
  expect(claims(`{ from: ${from}, accept: web }`)).toEqual([
    `A test says that ${from} can reach web, and no packet of theirs surely arrives`,
  ])
  expect(claims(`{ from: ${from}, deny: web }`)).toEqual([])
})

it('C1 · a proxy leads only those to a service who come to the proxy', () => {
  const inner = [...nginx(`listen 127.0.0.1:18080; ${TO_WEB}`), socket('127.0.0.1', 18080)]
  expect(claims('{ from: internet, denyThrough: web }', ...inner)).toEqual([])
  expect(claims('{ from: internet, deny: web }', ...inner)).toEqual([])
  const told = ['A test says that web is not reached through any proxy, and nginx forwards to it']
  const outer = [...nginx(`listen 8080; ${TO_WEB}`), socket('0.0.0.0', 8080)]
  expect(claims('{ from: internet, denyThrough: web }', ...outer)).toEqual(told)
  expect(claims('{ from: other, denyThrough: web }', ...outer)).toEqual(told)
  const narrower = [...nginx(`listen 8080; ${TO_WEB}`), socket('127.0.0.1', 8080)]
  expect(claims('{ from: internet, denyThrough: web }', ...narrower)).toEqual([])
})

it('C1 · through one proxy to another', () => {
  const chain = [
    ...nginx(`listen 127.0.0.1:18080; ${TO_WEB}`, 'listen 8080; location / { proxy_pass http://127.0.0.1:18080; }'),
    socket('127.0.0.1', 18080),
    socket('0.0.0.0', 8080),
  ]
  expect(claims('{ from: internet, denyThrough: web }', ...chain)).toHaveLength(1)
})

it('C1 · two proxies that lead to one another end', () => {
  const circle = nginx(
    `listen 127.0.0.1:18080; location /a { proxy_pass http://127.0.0.1:18090; } ${TO_WEB}`,
    'listen 127.0.0.1:18090; location / { proxy_pass http://127.0.0.1:18080; }',
  )
  expect(claims('{ from: internet, denyThrough: web }', ...circle)).toEqual([])
})

it('C1 · of a proxy that does not run, its configuration tells who comes to it', () => {
  expect(claims('{ from: internet, denyThrough: web }', ...nginx(`listen 127.0.0.1:18080; ${TO_WEB}`))).toEqual([])
  expect(claims('{ from: internet, denyThrough: web }', ...nginx(`listen 8080; ${TO_WEB}`))).toHaveLength(1)
})

it('C1 · a test of a service that does not run is named where that is told', () => {
  const text = `version: 1
hosts: { localhost: { upstream: none } }
services:
  web: { host: localhost, port: 14100 }
  app: { host: localhost, port: 14200 }
tests:
  - { from: internet, deny: [web] }
`
  const { policy } = parsePolicy({ files: new Map([['sallyport.yaml', text]]), entry: 'sallyport.yaml' })
  const report = audit({ evidence: SERVER, policy, folder: '/srv', now: 0, environment: undefined })
  expect(report.findings.map(({ service, places }) => [service, ...places.map(({ role }) => role)])).toEqual([
    ['app', 'declared here'],
    ['web', 'declared here', 'a test that tells nothing meanwhile'],
  ])
})

/** A line of server.js that binds the port, on this host where one is given. */
function bound(line: number, port: number, host?: string): Evidence {
  const at = { line, column: 1, offset: line * 80 }
  const origin: FileOrigin = {
    kind: 'file',
    path: 'server.js',
    span: { start: at, end: { ...at, column: 2, offset: at.offset + 1 } },
    line: show('listen'),
  }
  const claim: Bind = {
    claim: 'bind',
    framework: 'node:http',
    language: 'javascript',
    protocol: 'tcp',
    host: host === undefined ? ABSENT : { kind: 'known', value: host, origin },
    port: { kind: 'known', value: port, origin },
    defaultHost: '*',
    test: false,
    entries: ['server.js'],
  }
  return { ...see(claim), origin, standing: 'configured' }
}

/** The failed claims with all their places, what is to be done, and who listens. */
function shown(test: string, from: string, ...evidence: readonly Evidence[]): readonly string[] {
  const text = `version: 1
hosts: { localhost: { upstream: none } }
services:
  web: { host: localhost, port: 14100, from: ${from} }
tests:
  - ${test}
`
  const { policy } = parsePolicy({ files: new Map([['sallyport.yaml', text]]), entry: 'sallyport.yaml' })
  const report = audit({ evidence, policy, folder: '/srv', now: 0, environment: undefined })
  return report.findings
    .filter(({ rule }) => rule === 'claim-failed')
    .flatMap(({ places, facts, fix }) => [...places.map(({ role, origin }) => `${placeOf(origin)} ${role}`), ...facts, fix])
}

function placeOf(origin: Origin): string {
  if (origin.kind === 'file') return `${origin.path}:${origin.span.start.line}`
  return origin.kind === 'rule' ? `${origin.chain} #${origin.index}` : origin.kind
}

const WEB = see({
  claim: 'process',
  pid: 7,
  parent: 1,
  name: 'node',
  command: [show('node'), show('server.js')],
  workingDirectory: '/srv',
  namespace: '1',
  environment: new Map(),
})
const taken = (at: string): Evidence =>
  see({ claim: 'socket', protocol: 'tcp', address: address(at), port: 14100, accepts: 'ipv4', inode: '7', processes: [7] })

it('C1 · what contradicts a claim is shown beside it: the line that binds and who listens, the rule that stops them, the policy of a chain', () => {
  const denied = '{ from: internet, deny: web }'
  expect(shown(denied, 'loopback', ...SERVER, WEB, taken('0.0.0.0'), bound(3, 14100))).toEqual([
    'server.js:3 gives no host, so that every interface is bound',
    'sallyport.yaml:6 claimed here',
    'node, pid 7, listens on tcp 0.0.0.0:14100: node server.js',
    'close what the path names, or correct the claim',
  ])
  const accepted = '{ from: internet, accept: web }'
  expect(shown(accepted, 'internet', ...SERVER, WEB, taken('127.0.0.1'), bound(3, 14100, '127.0.0.1'))).toEqual([
    'sallyport.yaml:6 claimed here',
    'server.js:3 gives this host',
    'node, pid 7, listens on tcp 127.0.0.1:14100: node server.js',
    'bind it where its users come to, or correct the claim',
  ])
  const stopped = (...rules: readonly string[]) => shown(accepted, 'internet', ...server(table(...rules)), WEB, taken('0.0.0.0'))
  expect(stopped('-p tcp -m tcp --dport 22 -j ACCEPT', '-p tcp -m tcp --dport 14100 -j REJECT')).toEqual([
    'sallyport.yaml:6 claimed here',
    'INPUT #2 rejected',
    'node, pid 7, listens on tcp 0.0.0.0:14100: node server.js',
    'stopped on the way in at eth0',
    'open what stops them, or correct the claim',
  ])
  expect(stopped().slice(-2)).toEqual([
    'stopped on the way in at eth0, by the policy of the chain INPUT (iptables filter)',
    'open what stops them, or correct the claim',
  ])
})
