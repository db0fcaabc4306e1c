import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addressSet, parseAddress, portSet } from '../../network/index.ts'
import type { Evidence } from '../index.ts'
import { show } from '../shown.ts'
import { type Capture, readCapture, writeCapture } from './index.ts'

const HOST = { standing: 'running', host: 'web', capturedAt: 1_700_000_000_000 } as const
const SOCKET: Evidence = {
  ...HOST,
  namespace: '4026531840',
  origin: { kind: 'kernel', path: '/proc/net/tcp6' },
  claim: {
    claim: 'socket',
    protocol: 'tcp',
    address: parseAddress('2001:db8::1') ?? expect.fail(),
    port: 443,
    accepts: 'dual',
    inode: '77',
    processes: [1, 2],
  },
}
const RULES: Evidence = {
  ...HOST,
  namespace: '4026531840',
  origin: { kind: 'command', command: show('nft -j list ruleset') },
  claim: {
    claim: 'netfilter',
    ruleset: {
      tool: 'nft',
      unread: [],
      tables: [
        {
          family: 'inet',
          name: 'filter',
          dormant: false,
          chains: new Map([
            [
              'input',
              {
                name: 'input',
                base: { hook: 'input', type: 'filter', priority: 0, policy: 'drop' },
                rules: [
                  {
                    origin: { kind: 'rule', tool: 'nft', table: 'filter', chain: 'input', index: 1, text: show('tcp dport 443 accept') },
                    expressions: [
                      {
                        kind: 'match',
                        when: { kind: 'not', of: { kind: 'source', addresses: addressSet('192.0.2.0/24', '2001:db8::/33') } },
                      },
                      { kind: 'match', when: { kind: 'any', of: [{ kind: 'destination-port', ports: portSet(443, [8000, 8100]) }] } },
                      { kind: 'set-mark', of: 'packet', clear: 0xff, toggle: { of: 'connection', mask: 0xf } },
                      { kind: 'accept' },
                    ],
                  },
                ],
              },
            ],
          ]),
        },
      ],
    },
  },
}
const UNIT = {
  kind: 'file',
  path: '/etc/systemd/system/web.service',
  line: show('ExecStart=/srv/web/start.sh'),
  span: { start: { line: 7, column: 1, offset: 120 }, end: { line: 7, column: 30, offset: 149 } },
} as const
const LAUNCH: Evidence = {
  ...HOST,
  standing: 'configured',
  origin: UNIT,
  claim: {
    claim: 'launch',
    by: 'systemd',
    name: 'web',
    command: [{ text: { kind: 'known', value: '/srv/web/start.sh', origin: UNIT }, written: UNIT, shown: show('/srv/web/start.sh') }],
    scripts: ['/srv/web/start.sh'],
    environment: new Map(),
    environmentFiles: [],
    instances: 1,
  },
}
const CAPTURE: Capture = { host: 'web', capturedAt: HOST.capturedAt, evidence: [SOCKET, RULES, LAUNCH] }

function mistakeOf(text: string) {
  const reading = readCapture(text)
  return reading.kind === 'mistake' ? reading.mistake : expect.fail('it was read')
}

describe('a capture', () => {
  const text = writeCapture(CAPTURE)

  it('is read as it was written', () => {
    expect(readCapture(text)).toEqual({ kind: 'capture', capture: CAPTURE })
  })

  it('C5 · is written without secrets, and what a forged one shows is made fit to be shown', () => {
    const process = (environment: string): Evidence => ({
      ...HOST,
      origin: { kind: 'kernel', path: '/proc/7' },
      claim: {
        claim: 'process',
        pid: 7,
        parent: 1,
        name: 'node',
        command: [show('node')],
        namespace: '1',
        environment: new Map([['HOST', environment]]),
      },
    })
    expect(writeCapture({ ...CAPTURE, evidence: [process('postgres://app:hunter2hunter2@db/app')] })).not.toContain('hunter2hunter2')
    const forged = text.replace('tcp dport 443 accept', 'password=hunter2hunter2 \\u001b[2K')
    const reading = readCapture(forged)
    if (reading.kind === 'mistake') expect.fail(reading.mistake.message)
    const shown = JSON.stringify(reading.capture.evidence[1]?.claim, (_, value: unknown) =>
      value instanceof Map ? [...value] : typeof value === 'bigint' ? String(value) : value,
    )
    expect(shown).toContain('[redacted]')
    expect(shown).not.toMatch(/hunter2|\\u001b\[/)
  })

  it.each([
    ['nothing', '', 1, 'not JSON'],
    ['no capture', '{"a":1}\n', 1, 'the first line is not that of a capture'],
    ['a later format', text.replace('"version":1', '"version":2'), 1, 'version'],
    ['a part', text.slice(0, text.indexOf('\n') + 40), 2, 'not whole'],
    ['a line that is missing', text.slice(0, text.lastIndexOf('\n', text.length - 2) + 1), 3, 'promises 3 more'],
    ['an address that is none', text.replace('2001:db8::1', '2001:db8::zz'), 2, 'no address'],
    ['a word that is not known', text.replace('"kind":"accept"', '"kind":"admit"'), 3, 'expressions'],
    ['a claim that is not known', text.replace('"claim":"socket"', '"claim":"pocket"'), 2, 'pocket'],
    ['a key that is not known', text.replace('"inode":', '"onlyFrom":"loopback","inode":'), 2, 'claim'],
    ['one that is nested too deeply', text.replace('{"kind":"accept"}', `${'['.repeat(50_000)}${']'.repeat(50_000)}`), 3, 'deep'],
    ['another host', text.replace('"standing":"running","host":"web"', '"standing":"running","host":"db"'), 2, 'it is of db'],
  ])('C4 · of %s the place is told', (_, broken, line, message) => {
    expect(broken).not.toBe(text)
    const mistake = mistakeOf(broken)
    expect([mistake.line, mistake.message]).toEqual([line, expect.stringContaining(message)])
    expect(mistake.hint).not.toBe('')
  })

  it('C4 · whatever a file holds, it is read or its place is told', () => {
    const lines = text.split('\n').length
    const cut = fc.nat(text.length)
    fc.assert(
      fc.property(cut, cut, fc.oneof(fc.string(), fc.constantFrom('{', '[[[', '1e999', '"__proto__":{},', 'null', '\n')), (a, b, put) => {
        const changed = text.slice(0, Math.min(a, b)) + put + text.slice(Math.max(a, b))
        const reading = readCapture(changed)
        if (reading.kind === 'mistake') {
          const { line, column } = reading.mistake
          expect(line).toBeGreaterThan(0)
          expect(line).toBeLessThanOrEqual(lines + put.split('\n').length)
          expect(column).toBeGreaterThan(0)
        }
      }),
      { numRuns: 2_000 },
    )
  })
})
