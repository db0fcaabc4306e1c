import { describe, expect, it } from 'vitest'
import {
  ABSENT,
  type Bind,
  type Evidence,
  type FileOrigin,
  type Launch,
  type Process,
  type Protocol,
  show,
  type Socket,
} from '../evidence/index.ts'
import { parsePolicy, writePolicy } from '../policy/index.ts'
import { readNginx } from '../systems/nginx/read.ts'
import { audit, type AuditReport, seenServices } from './index.ts'
import { address } from '../../test/reach.ts'
import { see, SERVER } from '../../test/server.ts'

function socketOf(port: number, protocol: Protocol = 'tcp', processes: readonly number[] = []): Socket {
  return { claim: 'socket', protocol, address: address('0.0.0.0'), port, accepts: 'ipv4', inode: `${port}`, processes }
}

function socket(port: number, protocol?: Protocol, processes?: readonly number[]): Evidence {
  return see(socketOf(port, protocol, processes))
}

function program(pid: number, name: string): Evidence<Process> {
  return see({ claim: 'process', pid, parent: 1, name, command: [show(name)], namespace: '1', environment: new Map() })
}

/** A line of server.js that binds every interface. */
function listensAt(line: number, port: number): Evidence {
  const origin = placeIn('server.js', line)
  const claim: Bind = {
    claim: 'bind',
    framework: 'node:http',
    language: 'javascript',
    protocol: 'tcp',
    host: ABSENT,
    port: { kind: 'known', value: port, origin },
    defaultHost: '*',
    test: false,
    entries: ['server.js'],
  }
  return { ...see(claim), origin, standing: 'configured' }
}

function placeIn(path: string, line: number): FileOrigin {
  const at = { line, column: 1, offset: line * 80 }
  return { kind: 'file', path, span: { start: at, end: { ...at, column: 2, offset: at.offset + 1 } }, line: show('listen') }
}

function look(services: string, ...evidence: readonly Evidence[]): AuditReport {
  const text = `version: 1\nhosts: { localhost: { upstream: none } }\nservices:\n${services}`
  const { policy, diagnostics } = parsePolicy({ files: new Map([['sallyport.yaml', text]]), entry: 'sallyport.yaml' })
  expect(diagnostics).toEqual([])
  return audit({ evidence: [...SERVER, ...evidence], policy, folder: '/srv', now: 0, environment: undefined })
}

const said = ({ findings }: AuditReport): readonly string[] => findings.map(({ rule, service }) => `${rule} ${service ?? '-'}`)

describe('sockets whose processes cannot be seen', () => {
  it('E1 · belong to the service that declares their ports, each by its protocol', () => {
    const report = look(
      `  sip: { host: localhost, port: 5060, protocol: [tcp, udp], from: internet }
  rtp: { host: localhost, port: 16384-16390, protocol: udp, from: internet }
  web: { host: localhost, port: [80, 443], from: internet }
`,
      socket(5060),
      socket(5060, 'udp'),
      socket(16384, 'udp'),
      socket(16386, 'udp'),
      socket(80),
      socket(443),
    )
    expect(said(report)).toEqual([])
    expect(report.ambiguous).toEqual([])
    expect(report.rows.map(({ name, now }) => [name, now.length])).toEqual([
      ['sip', 2],
      ['rtp', 2],
      ['web', 2],
    ])
  })

  it('E1 · are undeclared on another protocol', () => {
    const report = look('  sip: { host: localhost, port: 5060, from: internet }\n', socket(5060), socket(5060, 'udp'))
    expect(said(report)).toEqual(['undeclared-listener udp-5060'])
  })
})

describe('what to do about a service that too many reach', () => {
  it.each([
    ['loopback', 'bind app to 127.0.0.1'],
    ['private', 'let only private through the firewall, or bind app to an address that only they come to'],
    [
      '[office, 198.51.100.7]',
      'let only office (203.0.113.0/24), 198.51.100.7 through the firewall, or bind app to an address that only they come to',
    ],
  ])('V10 · from: %s', (from, fix) => {
    const text = `  app: { host: localhost, port: 9847, from: ${from} }\nsources: { office: 203.0.113.0/24 }\n`
    const report = look(text, socket(9847, 'tcp', [7]), program(7, 'app'))
    expect(report.findings.map((finding) => [finding.rule, finding.severity, finding.fix])).toEqual([
      ['private-reachable', 'critical', fix],
    ])
  })
})

it('E1 · one PM2 app that is two services of the policy: each with its own line and its own socket', () => {
  const launch: Launch = {
    claim: 'launch',
    by: 'pm2',
    name: 'engine',
    command: [],
    entry: 'server.js',
    environment: new Map(),
    environmentFiles: [],
    instances: 1,
  }
  const process = program(7, 'node')
  const report = look(
    `  engine: { host: localhost, port: 7001, from: internet }
  metrics: { host: localhost, port: 7002, from: internet, run: { pm2: engine } }
`,
    listensAt(1, 7001),
    listensAt(2, 7002),
    { ...see(launch), origin: placeIn('ecosystem.config.js', 1), standing: 'configured' },
    { ...process, claim: { ...process.claim, workingDirectory: '/srv', manager: { kind: 'pm2', app: 'engine' } } },
    socket(7001, 'tcp', [7]),
    socket(7002, 'tcp', [7]),
  )
  expect(report.ambiguous).toEqual([])
  expect(said(report)).toEqual([])
  expect(
    report.rows.map(({ name, now, planned }) => [name, now.map(({ endpoint }) => endpoint.port), planned.map(({ port }) => port)]),
  ).toEqual([
    ['engine', [7001], [7001]],
    ['metrics', [7002], [7002]],
  ])
})

describe('many sockets of one program', () => {
  const ports = Array.from({ length: 50 }, (_, index) => 7001 + index)
  const evidence = [...ports.map((port) => socket(port, 'tcp', [7])), program(7, 'engine')]

  it('E1 · are one finding that tells all of them, and cost as one', () => {
    const report = look('  web: { host: localhost, port: 443, from: internet }\n', ...evidence)
    const [finding, ...others] = report.findings.filter(({ rule }) => rule === 'undeclared-listener')
    expect(others).toEqual([])
    expect(finding?.message).toContain('likewise tcp 7002, tcp 7003')
    expect(finding?.message).toMatch(/ and 41 more$/)
    for (const port of ports) expect(finding?.facts.join('\n')).toContain(`:${port}`)
    expect(finding?.fingerprint).toContain('tcp 7050')
    expect(report.score.costs).toContainEqual({ rule: 'undeclared-listener', cost: 20, findings: 1 })
  })

  it('C2 · without a policy are one line of what others reach', () => {
    const { findings, score } = audit({
      evidence: [...SERVER, ...evidence],
      policy: undefined,
      folder: '/',
      now: 0,
      environment: undefined,
    })
    expect(findings.map(({ rule, facts }) => [rule, facts.length])).toEqual([['no-policy', 50]])
    expect(score).toEqual({ value: 89, costs: [], cap: { value: 89, reason: 'undeclared' } })
  })

  it('are told apart where others of them are reached by fewer', () => {
    const closed: Evidence = see({ ...socketOf(7100), address: address('127.0.0.1') })
    const report = look('  web: { host: localhost, port: 443, from: internet }\n', ...evidence, closed)
    expect(report.findings.filter(({ rule }) => rule === 'undeclared-listener').map(({ severity }) => severity)).toEqual(['high', 'info'])
  })
})

/** What a user who is not root sees of the packet filter. */
const UNSEEN_FILTER: Evidence = see({
  claim: 'gap',
  code: 'denied',
  what: 'the packet filter',
  affects: { kind: 'netfilter' },
})

describe('without a policy, and without sight of the packet filter', () => {
  const unseen = (...evidence: readonly Evidence[]): AuditReport =>
    audit({ evidence: [...SERVER, UNSEEN_FILTER, ...evidence], policy: undefined, folder: '/', now: 0, environment: undefined })

  it('C4 · whether a database is reached decides, and cannot be told', () => {
    const report = unseen(socket(6379, 'tcp', [7]), program(7, 'redis-server'))
    expect(said(report)).toEqual(['no-policy -', 'undecided redis-server'])
    expect(report.findings[0]?.message).toBe('Others may reach redis-server, and no policy says whether that is meant')
    expect(report.undecided).toBe(true)
  })

  it('C2 · what does not run is told as its files have it', () => {
    const bind = listensAt(1, 7001)
    const alone = unseen(bind)
    expect(alone.findings.find(({ rule }) => rule === 'no-policy')?.message).toMatch(/^The files open server to others, and no policy/)
    const beside = unseen(bind, socket(9847, 'tcp', [7]), program(7, 'app'))
    expect(beside.findings.find(({ rule }) => rule === 'no-policy')?.message).toMatch(
      /^Others may reach app, the files open server to others, and no policy/,
    )
  })

  it('C2 · of anything else nobody has said what it is for', () => {
    const report = unseen(socket(9847, 'tcp', [7]), program(7, 'app'))
    expect(said(report)).toEqual(['no-policy -'])
    expect(report.undecided).toBe(false)
    expect(report.score.value).toBe(89)
  })
})

/** What `sallyport init` writes. */
function lookWith(evidence: readonly Evidence[], text?: string): AuditReport {
  const parsed = text === undefined ? undefined : parsePolicy({ files: new Map([['sallyport.yaml', text]]), entry: 'sallyport.yaml' })
  expect(parsed?.diagnostics ?? []).toEqual([])
  return audit({ evidence: [...SERVER, ...evidence], policy: parsed?.policy, folder: '/srv', now: 0, environment: undefined })
}

function written(evidence: readonly Evidence[]): string {
  return writePolicy(
    'seen',
    seenServices(lookWith(evidence)).map(({ service }) => ({ ...service, notes: [] })),
  )
}

const declared = (text: string): readonly string[] => text.split('\n').slice(text.split('\n').indexOf('services:') + 1, -1)

it('C1 · what is on TCP alone and what is on UDP alone are two services, what is on both is one', () => {
  const text = written([
    program(7, 'caddy'),
    socket(80, 'tcp', [7]),
    socket(443, 'tcp', [7]),
    socket(443, 'udp', [7]),
    program(8, 'dns'),
    socket(53, 'tcp', [8]),
    socket(53, 'udp', [8]),
    program(9, 'game'),
    socket(9400, 'tcp', [9]),
    socket(9500, 'udp', [9]),
    socket(40000, 'udp', [9]),
  ])
  expect(declared(text)).toEqual([
    '  caddy:',
    '    port: 80',
    '    from: internet',
    '  caddy-tcp-udp:',
    '    port: 443',
    '    protocol: [tcp, udp]',
    '    from: internet',
    '  dns:',
    '    port: 53',
    '    protocol: [tcp, udp]',
    '    from: loopback',
    '  game:',
    '    port: 9400',
    '    from: loopback',
    '  game-udp:',
    '    port: 9500',
    '    protocol: udp',
    '    from: loopback',
  ])
})

it('C1 · names that a policy cannot have are made ones that it can', () => {
  const text = written([
    program(7, '9p'),
    socket(564, 'tcp', [7]),
    program(8, 'internet'),
    socket(7001, 'tcp', [8]),
    program(9, 'Ünïcode name'),
    socket(7002, 'tcp', [9]),
  ])
  expect(declared(text).filter((line) => /^ {2}\S/.test(line))).toEqual(['  service-9p:', '  internet-2:', '  n-code-name:'])
})

it('C1 · with what was written, nothing is undeclared or missing', () => {
  const evidence = [
    program(7, 'caddy'),
    ...[80, 443].map((port) => socket(port, 'tcp', [7])),
    socket(443, 'udp', [7]),
    program(8, 'game'),
    socket(9400, 'tcp', [8]),
    socket(9500, 'udp', [8]),
    socket(22),
  ]
  const rules = new Set(lookWith(evidence, written(evidence)).findings.map(({ rule }) => rule))
  expect([...rules]).toEqual(['private-reachable'])
})

describe('nginx, as its files and its sockets have it', () => {
  const configuration = (path: string, web: string): readonly Evidence[] => {
    const text = `events {}\nhttp {\n  server { listen ${web}; return 200; }\n  server { listen 9443 ssl; }\n}\n`
    const context = { host: 'server', standing: 'configured', capturedAt: 0 } as const
    const snapshot = { matched: [path], paths: new Set([path]), file: () => ({ kind: 'text', text }) as const, glob: () => [], context }
    return readNginx(snapshot).evidence
  }
  const running = [program(80, 'nginx'), socket(80, 'tcp', [80])]

  it('E1 · is one service; what its files add is for its next reload', () => {
    const report = look(
      '  web: { host: localhost, port: 80, from: internet }\n',
      ...configuration('/etc/nginx/nginx.conf', '80'),
      ...running,
    )
    expect(report.rows.map(({ name, now, next }) => [name, now.length, next.map((item) => item.plan.port)])).toEqual([['web', 1, [9443]]])
    expect(said(report)).toEqual(['undeclared-listener web'])
  })

  it('E1 · of a folder says nothing of the ports that the running one has', () => {
    const report = look(
      '  web: { host: localhost, port: [80, 9443], from: internet, domain: example.com }\n',
      ...configuration('nginx.conf', '127.0.0.1:80'),
      ...running,
    )
    expect(report.rows.map(({ name, now, next }) => [name, now.length, next.map((item) => item.plan.port)])).toEqual([['web', 1, [9443]]])
    expect(said(report)).toEqual([])
  })

  it('E1 · that does not run, of the machine, is a package that nobody uses', () => {
    const report = look('  web: { host: localhost, port: 80, from: internet }\n', ...configuration('/etc/nginx/nginx.conf', '80'))
    expect(report.rows.map(({ name, planned }) => [name, planned.length])).toEqual([['web', 0]])
  })
})
