import { describe, expect, it } from 'vitest'
import { device, route, socket } from '../../../test/reach.ts'
import { see } from '../../../test/server.ts'
import type { Evidence } from '../../evidence/index.ts'
import type { EndpointReach, HostModel } from '../../reach/index.ts'
import { readIptablesSave, readNftJson } from '../../systems/netfilter/index.ts'
import { audit } from '../index.ts'
import { closingCommands } from './closing.ts'
import { obstaclesOf, type Stop } from './obstacles.ts'
import { openingCommands } from './opening.ts'
import { shellWord } from '../../systems/index.ts'
import { ifUnbound } from './unbound.ts'

/** A server with one interface, a service on port 80 of an address, and these rules. */
function look(
  address: string,
  interfaceName: string,
  ...filters: readonly Evidence[]
): { readonly host: HostModel; readonly reach: EndpointReach } {
  const evidence = [
    see({ claim: 'namespace', id: '1', kind: 'host', label: 'server' }),
    see({ claim: 'boundary', kind: 'none', label: 'nothing' }),
    see(device('lo', ['127.0.0.1/8'], { loopback: true })),
    see(device(interfaceName, ['192.0.2.10/24'])),
    ...['local 127.0.0.0/8 lo', `local 192.0.2.10 ${interfaceName}`, `unicast 0.0.0.0/0 ${interfaceName} 192.0.2.1`].map((text) =>
      see(route(text)),
    ),
    see(socket('tcp', address, 80)),
    ...filters,
  ]
  const report = audit({ evidence, policy: undefined, folder: '/', now: 0, environment: undefined })
  const [reach] = report.rows.flatMap(({ now }) => now)
  return report.model === undefined || reach === undefined ? expect.fail('nothing listens') : { host: report.model.host, reach }
}

const iptables = (text: string): Evidence =>
  see({ claim: 'netfilter', ruleset: readIptablesSave(text, { family: 4, backend: 'legacy' }).ruleset })

function nft(...rules: readonly unknown[]): Evidence {
  const objects = [
    { table: { family: 'inet', name: 'filter' } },
    { chain: { family: 'inet', table: 'filter', name: 'in', type: 'filter', hook: 'input', prio: 0, policy: 'drop' } },
    ...rules.map((expr) => ({ rule: { family: 'inet', table: 'filter', chain: 'in', expr } })),
  ]
  return see({ claim: 'netfilter', ruleset: readNftJson(JSON.stringify({ nftables: objects })).ruleset })
}

const FILTER = (...rules: readonly string[]): Evidence =>
  iptables(`*filter\n:INPUT DROP [0:0]\n${rules.map((rule) => `-A INPUT ${rule}\n`).join('')}COMMIT\n`)

describe('what closes a port', () => {
  it.each([
    ['iptables', FILTER('-j ACCEPT'), ['iptables -I INPUT -i eth0 -p tcp --dport 80 -j DROP']],
    [
      'nftables',
      nft([{ accept: null }]),
      [
        "nft 'add table inet kept-in'",
        "nft 'add chain inet kept-in input { type filter hook input priority -5; }'",
        'nft \'add rule inet kept-in input meta nfproto ipv4 iifname "eth0" tcp dport 80 drop\'',
      ],
    ],
  ] as const)('V5 · in the words of %s', (_, rules, commands) => {
    const { host, reach } = look('0.0.0.0', 'eth0', rules)
    expect(closingCommands(reach, host)).toEqual(commands)
  })

  it('V5 · nothing, where nobody comes', () => {
    const { host, reach } = look('0.0.0.0', 'eth0', FILTER())
    expect(closingCommands(reach, host)).toEqual([])
  })

  it('C5 · the name of an interface is one word of the shell, whatever is in it', () => {
    const { host, reach } = look('0.0.0.0', "e;'$(x)", FILTER('-j ACCEPT'))
    expect(closingCommands(reach, host)).toEqual([String.raw`iptables -I INPUT -i 'e;'\''$(x)' -p tcp --dport 80 -j DROP`])
    expect(shellWord('eth0.7')).toBe('eth0.7')
  })
})

describe('what opens a port', () => {
  const stopsOf = (...filters: readonly Evidence[]) => {
    const { host, reach } = look('0.0.0.0', 'eth0', ...filters)
    const [blocked] = reach.blocked
    if (blocked === undefined) expect.fail('nothing stops it')
    const found = obstaclesOf(blocked, reach, host, 'none')
    const textOf = (step: Stop['step']): string =>
      step.kind !== 'netfilter' ? step.kind : step.step.kind === 'rule' ? step.step.origin.text : step.step.kind
    const steps = found.stops.map(({ step, certain }) => `${certain ? '' : '?'}${textOf(step)}`)
    return { steps, then: found.then, commands: openingCommands(blocked, found, 'tcp', host) }
  }

  it('C3 V5 · every rule and policy in the way, in the order in which a packet meets them', () => {
    expect(stopsOf(FILTER('-p tcp -m tcp --dport 80 -j DROP', '-j REJECT'))).toEqual({
      steps: ['-A INPUT -p tcp -m tcp --dport 80 -j DROP', '-A INPUT -j REJECT', 'policy'],
      then: 'open',
      commands: ['iptables -I INPUT -p tcp --dport 80 -j ACCEPT'],
    })
    expect(stopsOf(FILTER(), nft())).toEqual({
      steps: ['policy', 'policy'],
      then: 'open',
      commands: ["nft 'insert rule inet filter in tcp dport 80 accept'", 'iptables -I INPUT -p tcp --dport 80 -j ACCEPT'],
    })
  })

  it('C4 · of a rule that is not understood it is said that it may, and the way past it is proposed too', () => {
    expect(stopsOf(FILTER('-p tcp -m tcp --dport 80 -j DROP', '-m mood --good -j DROP', '-j ACCEPT'))).toEqual({
      steps: ['-A INPUT -p tcp -m tcp --dport 80 -j DROP', '?-A INPUT -m mood --good -j DROP'],
      then: 'open',
      commands: ['iptables -I INPUT -p tcp --dport 80 -j ACCEPT'],
    })
  })

  it('C4 · nothing is proposed where nobody knows what becomes of the packets in the end', () => {
    const { then, commands } = stopsOf(iptables('*filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp -m tcp --dport 80 -j DROP\n'))
    expect([then, commands]).toEqual(['maybe', []])
  })

  it('C3 · a service on loopback is looked at as if it listened everywhere', () => {
    const { host, reach } = look('127.0.0.1', 'eth0', FILTER('-p tcp -m tcp --dport 80 -j DROP'))
    expect([reach.ways, reach.blocked]).toEqual([[], []])
    const supposed = ifUnbound(reach, host, 'none')
    expect(supposed?.reach.ways).toEqual([])
    expect(supposed?.reach.blocked.map(({ sender }) => sender)).toContain('internet')
    const open = look('0.0.0.0', 'eth0', FILTER())
    expect(ifUnbound(open.reach, open.host, 'none')).toBeUndefined()
  })
})
