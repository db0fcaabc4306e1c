import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HERE, PORTS, rulesets, SOURCE_PORTS, SOURCES, THERE } from '../../../test/netfilter/random.ts'
import { unindexed } from '../../../test/netfilter/unindexed.ts'
import type { Action, Chain, Condition, Expression, Rule, RuleOrigin, Ruleset } from '../../evidence/index.ts'
import {
  type Address,
  addressSet,
  addressSetOf,
  formatAddress,
  numberSet,
  type PortSet,
  portSet,
  sourceSet,
  unionOf,
} from '../../network/index.ts'
import { type NetfilterHost, type Outcome, type PacketClass, walkInbound } from './index.ts'
import type { Flow } from './flow.ts'
import { relevantRules } from './relevant.ts'

const host: NetfilterHost = {
  localAddresses: unionOf([addressSet('127.0.0.0/8'), addressSetOf(...HERE)]),
  deviceAddress: () => HERE[0],
  route: ({ destination }) =>
    HERE.some((here) => here.value === destination.value) ? { kind: 'local' } : { kind: 'forward', device: 'docker0' },
}

const packets = fc.record({
  inbound: fc.constantFrom('eth0', 'eth1'),
  family: fc.constant(4 as const),
  protocol: fc.constantFrom('tcp' as const, 'udp' as const),
  destination: fc.constantFrom(...HERE, THERE[0] as Address),
  port: fc.constantFrom(...PORTS, 443),
  sources: fc.constant(sourceSet(addressSetOf(...SOURCES), portSet(...SOURCE_PORTS))),
}) satisfies fc.Arbitrary<PacketClass>

/** Which outcome comes first says nothing. */
function inOrder(outcomes: readonly Outcome[]): readonly Outcome[] {
  const key = (outcome: Outcome): string => JSON.stringify(outcome, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value))
  return outcomes.toSorted((a, b) => (key(a) < key(b) ? -1 : 1))
}

describe('rules that cannot matter to a packet', () => {
  it.each(['decided', 'destinations'] as const)('left out, every outcome is as it was, to the last step told (rules: %s)', (open) => {
    fc.assert(
      fc.property(rulesets(open), packets, (rules, packet) => {
        expect(inOrder(walkInbound(rules, packet, host))).toEqual(inOrder(walkInbound(unindexed(rules), packet, host)))
      }),
      { numRuns: 1_000 },
    )
  })

  const accept: Action = { kind: 'accept' }
  const match = (when: Condition): Expression => ({ kind: 'match', when })
  const rule = (...expressions: readonly Expression[]): Rule => ({ expressions, origin: {} as RuleOrigin })
  const state = {
    protocol: 6,
    port: 22,
    destination: HERE[0],
    inbound: 'eth0',
    outbound: '',
    tracking: 'tracked',
    sourceTranslation: undefined,
  }
  const flow = { state } as unknown as Flow
  const tcp = match({ kind: 'protocol', protocols: numberSet(6) })
  const port = (ports: PortSet): Expression => match({ kind: 'destination-port', ports })

  it('are those of another protocol or port, whatever is asked with it', () => {
    const kept = [
      rule(tcp, port(portSet(22)), accept),
      rule(accept),
      rule(match({ kind: 'source', addresses: addressSet('192.0.2.0/24') }), port(portSet([20, 30]))),
      rule(port(portSet([1, 65535])), accept),
    ]
    const left = [
      rule(tcp, port(portSet(80)), accept),
      rule(match({ kind: 'protocol', protocols: numberSet(17) }), accept),
      rule(match({ kind: 'all', of: [{ kind: 'protocol', protocols: numberSet(17) }] }), port(portSet(22)), accept),
    ]
    expect(relevantRules([...left, ...kept], [flow])).toEqual(kept)
    expect(relevantRules([...kept, ...left], [flow])).toEqual(kept)
  })

  it('are those for another device or destination, by whichever of what they ask tells most of them apart', () => {
    const device = (of: 'inbound' | 'outbound', name: string, prefix = false): Expression =>
      match({ kind: 'device', of, names: [{ name, prefix }] })
    const to = (text: string): Expression => match({ kind: 'destination', addresses: addressSet(text) })
    const here = `${formatAddress(HERE[0] as Address)}/32`
    const kept = [
      rule(device('inbound', 'eth0'), accept),
      rule(device('inbound', 'eth', true), accept),
      rule(to(here), port(portSet(22)), accept),
      rule(match({ kind: 'not', of: { kind: 'device', of: 'inbound', names: [{ name: 'eth1', prefix: false }] } }), accept),
      rule(to('198.51.100.0/24'), accept),
    ]
    const left = [
      rule(device('inbound', 'eth1'), accept),
      rule(device('outbound', 'eth0'), accept),
      rule(to('203.0.113.9'), port(portSet(22)), accept),
      rule(to('203.0.113.10'), port(portSet(22)), accept),
      rule(port(portSet(22)), device('inbound', 'eth2'), accept),
    ]
    expect(relevantRules([...left, ...kept], [flow])).toEqual(kept)
    expect(relevantRules([...kept, ...left], [flow])).toEqual(kept)
  })

  it('are not those that may already have left a trace', () => {
    const rules = [
      rule(match({ kind: 'unknown', text: '' as never }), port(portSet(80))),
      rule({ kind: 'set-mark', of: 'packet', clear: 0, toggle: 1 }, port(portSet(80))),
      rule(match({ kind: 'not', of: { kind: 'destination-port', ports: portSet(80) } }), accept),
    ]
    expect(relevantRules(rules, [flow])).toBe(rules)
  })

  it('are looked at again where a packet gets another port', () => {
    const rewrite: Action = { kind: 'rewrite', text: '' as never, to: { part: 'destination', port: 80 } }
    const rules = [rule(tcp, port(portSet(22)), rewrite), rule(port(portSet(443)), accept), rule(port(portSet(80)), { kind: 'drop' })]
    const base = { hook: 'prerouting', type: 'filter', priority: -300, policy: 'accept' } as const
    const called = { name: 'called', rules: [rule(tcp, port(portSet(22)), rewrite), rule(port(portSet(1)), accept)] }
    const calling = [rule(port(portSet(22)), { kind: 'jump', chain: 'called' }), ...rules.slice(1)]
    for (const first of [rules, calling]) {
      const chains = new Map<string, Chain>([
        ['first', { name: 'first', base, rules: first }],
        ['called', called],
      ])
      const ruleset: Ruleset = { tool: 'nft', unread: [], tables: [{ family: 'ip', name: 't', dormant: false, chains }] }
      const packet = { inbound: 'eth0', family: 4, protocol: 'tcp', destination: HERE[0] as Address, port: 22 } as const
      const outcomes = walkInbound([ruleset], { ...packet, sources: sourceSet(addressSetOf(...SOURCES)) }, host)
      expect(outcomes.map(({ verdict, certainty }) => [verdict, certainty])).toEqual([['dropped', 'sure']])
    }
  })

  it('are looked at again where a packet gets another address', () => {
    const [here, there] = [HERE[0], THERE[0]] as readonly [Address, Address]
    const to = (one: Address): Expression => match({ kind: 'destination', addresses: addressSetOf(one) })
    const rewrite: Action = { kind: 'rewrite', text: '' as never, to: { part: 'destination', address: there } }
    const rules = [rule(to(here), rewrite), rule(to(HERE[1] as Address), accept), rule(to(there), { kind: 'drop' })]
    const base = { hook: 'prerouting', type: 'filter', priority: -300, policy: 'accept' } as const
    const chains = new Map<string, Chain>([['first', { name: 'first', base, rules }]])
    const ruleset: Ruleset = { tool: 'nft', unread: [], tables: [{ family: 'ip', name: 't', dormant: false, chains }] }
    const packet = { inbound: 'eth0', family: 4, protocol: 'tcp', destination: here, port: 22 } as const
    const outcomes = walkInbound([ruleset], { ...packet, sources: sourceSet(addressSetOf(...SOURCES)) }, host)
    expect(outcomes.map(({ verdict, certainty }) => [verdict, certainty])).toEqual([['dropped', 'sure']])
  })

  it('are those of each of several flows', () => {
    const rules = [rule(port(portSet(80)), accept), rule(port(portSet([22, 80])), accept), rule(port(portSet(443)), accept)]
    expect(relevantRules(rules, [flow, { ...flow, state: { ...flow.state, port: 80 } }])).toEqual(rules.slice(0, 2))
  })

  it('are not left out where the tracker or a translation of the source leaves answers open', () => {
    const rules = [rule(port(portSet(80)), accept), rule(port(portSet(22)), accept)]
    expect(relevantRules(rules, [{ ...flow, state: { ...flow.state, tracking: 'unclear' } }])).toBe(rules)
    const sourceTranslation = { kind: 'masquerade', device: 'eth0' } as const
    expect(relevantRules(rules, [{ ...flow, state: { ...flow.state, sourceTranslation } }])).toBe(rules)
  })
})
