import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { expectProportional } from '../../../test/proportion.ts'
import { unindexed } from '../../../test/netfilter/unindexed.ts'
import type { Chain, Condition, Expression, Rule, RuleOrigin, Ruleset } from '../../evidence/index.ts'
import { show } from '../../evidence/index.ts'
import { addressSet, type AddressSet, intervalSet, numberSet, parseAddress, portSet, sourceSet } from '../../network/index.ts'
import { type NetfilterHost, type Outcome, type PacketClass, walkInbound } from './index.ts'

const HERE = parseAddress('198.51.100.10')
if (HERE === undefined) throw new Error('an address')

const host: NetfilterHost = { localAddresses: addressSet('127.0.0.0/8', '198.51.100.10'), route: () => ({ kind: 'local' }) }

/** Of 203.0.113.0/24. */
const FIRST = addressSet('203.0.113.0')[0]?.first ?? 0n

const addresses = fc
  .tuple(fc.nat(63), fc.constantFrom(0, 0, 1, 7, 31))
  .map(([first, more]): AddressSet => intervalSet([{ first: FIRST + BigInt(first), last: FIRST + BigInt(first + more) }]))

const fixed: fc.Arbitrary<Condition> = fc.oneof(
  { weight: 6, arbitrary: addresses.map((set): Condition => ({ kind: 'source', addresses: set })) },
  addresses.map((set): Condition => ({ kind: 'not', of: { kind: 'source', addresses: set } })),
  fc.constantFrom<Condition>(
    { kind: 'protocol', protocols: numberSet(6) },
    { kind: 'not', of: { kind: 'protocol', protocols: numberSet(6) } },
    { kind: 'family', families: [6] },
  ),
)

const unknown: Condition = { kind: 'unknown', text: show('nobody knows') }

const asked: fc.Arbitrary<readonly Condition[]> = fc.oneof(
  { weight: 5, arbitrary: fixed.map((one) => [one]) },
  fc.tuple(fixed, fixed).map(([a, b]): readonly Condition[] => [{ kind: 'all', of: [a, b] }]),
  fixed.map((one): readonly Condition[] => [one, unknown]),
  fixed.map((one): readonly Condition[] => [unknown, one]),
  fixed.map((one): readonly Condition[] => [{ kind: 'all', of: [one, { kind: 'not', of: unknown }] }]),
)

const ends = fc.constantFrom<readonly Expression[]>(
  [{ kind: 'drop' }],
  [{ kind: 'drop' }],
  [{ kind: 'accept' }],
  [{ kind: 'return' }],
  [{ kind: 'reject', with: show('tcp reset') }],
  [{ kind: 'no-effect', text: show('log') }],
)

const plain = fc.tuple(asked, ends).map(([conditions, end]): readonly Expression[] => [...conditions.map(match), ...end])

/** Such as have to be looked at one by one, and those that make two flows of one. */
const other = fc.constantFrom<readonly Expression[]>(
  [match({ kind: 'destination-port', ports: portSet(80) }), { kind: 'accept' }],
  [
    match({ kind: 'source', addresses: addressSet('203.0.113.16/28') }),
    match({ kind: 'destination-port', ports: portSet(22) }),
    { kind: 'accept' },
  ],
  [match({ kind: 'circumstance', plain: true, text: show('a limit') }), { kind: 'no-effect', text: show('log') }],
  [match({ kind: 'source', addresses: addressSet('203.0.113.8/29') }), { kind: 'set-mark', of: 'packet', clear: 0, toggle: 1 }],
  [match({ kind: 'source', addresses: addressSet('203.0.113.32/27') }), { kind: 'jump', chain: 'called' }],
  [match({ kind: 'source-port', ports: portSet([0, 1023]) }), { kind: 'drop' }],
)

const lists = fc.array(fc.oneof({ weight: 15, arbitrary: plain }, other), { minLength: 8, maxLength: 60 })

const packets: fc.Arbitrary<PacketClass> = fc
  .tuple(fc.constantFrom(22, 80, 443), fc.constantFrom(portSet([0, 65535]), portSet([1024, 65535])))
  .map(([port, ports]) => packet(port, sourceSet(addressSet('203.0.113.0/26'), ports)))

function packet(port: number, sources: PacketClass['sources']): PacketClass {
  return { inbound: 'eth0', family: 4, protocol: 'tcp', destination: HERE as NonNullable<typeof HERE>, port, sources }
}

function match(when: Condition): Expression {
  return { kind: 'match', when }
}

function ruleset(
  lists: Readonly<Record<string, readonly (readonly Expression[])[]>>,
  policy: 'accept' | 'drop' = 'accept',
): readonly Ruleset[] {
  const chains = Object.entries(lists).map(([name, rules]): [string, Chain] => {
    const base = { hook: 'input', type: 'filter', priority: 0, policy } as const
    return [name, { name, rules: rules.map((one, index) => rule(name, one, index)), ...(name === 'first' ? { base } : {}) }]
  })
  return [{ tool: 'nft', unread: [], tables: [{ family: 'ip', name: 't', dormant: false, chains: new Map(chains) }] }]
}

function rule(chain: string, expressions: readonly Expression[], index: number): Rule {
  const origin: RuleOrigin = { kind: 'rule', tool: 'nft', table: 't', chain, index: index + 1, text: show(`rule ${index + 1}`) }
  return { expressions, origin }
}

/** Of every second address. */
function drops(count: number, from: number): readonly (readonly Expression[])[] {
  return Array.from({ length: count }, (_, index) => {
    const address = FIRST + BigInt((from + index) * 2)
    return [match({ kind: 'source', addresses: intervalSet([{ first: address, last: address }]) }), { kind: 'drop' }]
  })
}

function told(rules: readonly Ruleset[], of: PacketClass): readonly Outcome[] {
  return walkInbound(rules, of, host)
}

describe('rules that ask for the source alone, looked at together', () => {
  it('do what they do one by one, to the last step told and in the same order', () => {
    fc.assert(
      fc.property(lists, lists, packets, (first, called, one) => {
        const rules = ruleset({ first, called })
        expect(told(rules, one)).toEqual(told(unindexed(rules), one))
        // Once more, with what is known of these sources by now.
        expect(told(rules, { ...one, port: 443 })).toEqual(told(unindexed(rules), { ...one, port: 443 }))
      }),
      { numRuns: 500 },
    )
  })

  it.each(['drop', 'accept', 'return'] as const)('do so where more of them %s than are told one by one', (kind) => {
    const all = Array.from({ length: 200 }, (_, index): readonly Expression[] => [
      match({
        kind: 'source',
        addresses: intervalSet([{ first: FIRST + BigInt((index * 37) % 256), last: FIRST + BigInt((index * 37) % 256) }]),
      }),
      index % 10 === 0 ? { kind: 'drop' } : { kind },
    ])
    const rules = ruleset({ first: all }, 'drop')
    const one = packet(443, sourceSet(addressSet('203.0.113.0/24', '192.0.2.0/24')))
    expect(told(rules, one)).toEqual(told(unindexed(rules), one))
  })

  it.each([
    [22, 80],
    [80, 22],
  ])('do so for port %d and then for port %d, whose rules stand among theirs', (...ports) => {
    const accept = (port: number): readonly Expression[] => [match({ kind: 'destination-port', ports: portSet(port) }), { kind: 'accept' }]
    const rules = ruleset({ first: [...drops(30, 0), accept(22), ...drops(30, 30), accept(80), ...drops(200, 60)] })
    const sources = sourceSet(addressSet('0.0.0.0/0'))
    for (const port of ports) expect(told(rules, packet(port, sources))).toEqual(told(unindexed(rules), packet(port, sources)))
  })

  it('take time that grows as they do', () => {
    const walk = (count: number): unknown => told(ruleset({ first: drops(count, 0) }), packet(443, sourceSet(addressSet('0.0.0.0/0'))))
    expectProportional(walk, 2_000)
  })
})
