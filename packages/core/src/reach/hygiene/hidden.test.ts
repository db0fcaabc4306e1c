import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HERE, PORTS, rulesets, SOURCE_PORTS, SOURCES, THERE } from '../../../test/netfilter/random.ts'
import { follow, type Oracle } from '../../../test/netfilter/reference.ts'
import { type Action, type Condition, type Rule, type Ruleset, show } from '../../evidence/index.ts'
import {
  type Address,
  addressSet,
  addressSetOf,
  type AddressSet,
  hasAddress,
  includes,
  intervalSet,
  portSet,
  type PortSet,
  unionOf,
} from '../../network/index.ts'
import type { NetfilterHost } from '../netfilter/index.ts'
import { hiddenRules } from './index.ts'

const host: NetfilterHost = {
  localAddresses: unionOf([addressSet('127.0.0.0/8'), addressSetOf(...HERE)]),
  deviceAddress: () => HERE[0],
  route: ({ destination }) =>
    HERE.some((here) => here.value === destination.value) ? { kind: 'local' } : { kind: 'forward', device: 'docker0' },
}

const packets = fc.record({
  inbound: fc.constantFrom('eth0', 'eth1'),
  family: fc.constant(4 as const),
  protocol: fc.constantFrom(6, 17),
  source: fc.constantFrom(...SOURCES),
  sourcePort: fc.constantFrom(...SOURCE_PORTS),
  destination: fc.constantFrom(...HERE, THERE[0] as Address),
  port: fc.constantFrom(...PORTS, 443),
})

/** The same rules, where each of those that are to be watched asks, before it does anything, what nobody knows. */
function watched(sets: readonly Ruleset[], rules: ReadonlySet<unknown>): readonly Ruleset[] {
  const watch = (rule: Rule): Rule => {
    if (!rules.has(rule.origin)) return rule
    const at = rule.expressions.findIndex(({ kind }) => kind !== 'match' && kind !== 'no-effect')
    const met: Condition = { kind: 'unknown', text: show('met') }
    const first = rule.expressions[at]
    if (first?.kind !== 'branch')
      return { ...rule, expressions: [...rule.expressions.slice(0, at), { kind: 'match', when: met }, ...rule.expressions.slice(at)] }
    const branches = first.branches.map(({ when, then }) => ({ when: { kind: 'all', of: [when, met] } as const, then }))
    return { ...rule, expressions: rule.expressions.with(at, { kind: 'branch', branches }) }
  }
  return sets.map((set) => ({
    ...set,
    tables: set.tables.map((table) => ({
      ...table,
      chains: new Map([...table.chains].map(([name, chain]) => [name, { ...chain, rules: chain.rules.map(watch) }])),
    })),
  }))
}

const RUNS = 1000

it('V5 · no packet meets a rule that is told to be hidden, whatever the rules', () => {
  let found = 0
  fc.assert(
    fc.property(rulesets('decided'), fc.array(packets, { minLength: 30, maxLength: 30 }), (sets, all) => {
      const hidden = new Set(hiddenRules(sets).map(({ rule }) => rule))
      found += hidden.size
      if (hidden.size === 0) return
      const met: string[] = []
      const oracle: Oracle = {
        unknown: ({ text }) => {
          met.push(text)
          return true
        },
        plain: () => true,
        action: () => 'continue',
      }
      for (const packet of all) follow(watched(sets, hidden), packet, host, oracle)
      expect(met).toEqual([])
    }),
    { numRuns: RUNS },
  )
  // So that it means something.
  expect(found).toBeGreaterThan(RUNS / 4)
})

interface Simple {
  readonly sources: AddressSet
  readonly ports: PortSet
  readonly action: 'accept' | 'drop'
}

/** Ends of the sets below: rules tell no packets apart but by these. */
const AT = [0, 1, 2, 3, 4, 5]
const between = fc.tuple(fc.constantFrom(...AT), fc.constantFrom(...AT)).map(([a, b]) => ({ first: Math.min(a, b), last: Math.max(a, b) }))
const simple: fc.Arbitrary<Simple> = fc.record({
  sources: between.map(({ first, last }) => addressSet(`192.0.2.${first}-192.0.2.${last}`)),
  ports: between.map(({ first, last }) => portSet([first, last])),
  action: fc.constantFrom('accept', 'drop'),
})

function ruleset(rules: readonly Simple[]): Ruleset {
  const chain = {
    name: 'INPUT',
    base: { hook: 'input', type: 'filter', priority: 0, policy: 'drop' },
    rules: rules.map(({ sources, ports, action }, index): Rule => {
      const when: Condition = {
        kind: 'all',
        of: [
          { kind: 'source', addresses: sources },
          { kind: 'destination-port', ports },
        ],
      }
      const then: Action = { kind: action }
      return {
        expressions: [{ kind: 'match', when }, then],
        origin: { kind: 'rule', tool: 'iptables', table: 'filter', chain: 'INPUT', index: index + 1, text: show(`${index}`) },
      }
    }),
  } as const
  return { tool: 'iptables', tables: [{ family: 'ip', name: 'filter', dormant: false, chains: new Map([['INPUT', chain]]) }], unread: [] }
}

/** Cell by cell: which of the packets of `rule` none of the others takes. */
function left({ sources, ports }: Simple, others: readonly Simple[]): readonly string[] {
  const address = (at: number) => ({ family: 4, value: 0xc000_0200n + BigInt(at) }) as const
  return AT.flatMap((at) => AT.map((port) => ({ at, port })))
    .filter(({ at, port }) => hasAddress(sources, address(at)) && includes(ports, port))
    .filter(({ at, port }) => !others.some((other) => hasAddress(other.sources, address(at)) && includes(other.ports, port)))
    .map(({ at, port }) => `${at} ${port}`)
}

function* subsets<T>(of: readonly T[], size: number): Generator<readonly T[]> {
  if (size === 0) yield []
  else for (const [index, one] of of.entries()) for (const rest of subsets(of.slice(index + 1), size - 1)) yield [one, ...rest]
}

it('V5 · what is hidden and what is not is what looking at every packet says, and so is the least number of rules that hide it', () => {
  const sizes = new Map<number, number>()
  fc.assert(
    fc.property(fc.array(simple, { minLength: 3, maxLength: 9 }), (rules) => {
      const hidden = new Map(hiddenRules([ruleset(rules)]).map((one) => [one.rule.index - 1, one]))
      const deciding: Simple[] = []
      for (const [index, rule] of rules.entries()) {
        const found = hidden.get(index)
        const remains = left(rule, deciding)
        expect(found !== undefined, `rule ${index + 1}`).toBe(remains.length === 0)
        if (found === undefined) {
          deciding.push(rule)
          continue
        }
        const by = found.by.map((one) => rules[one.rule.index - 1] as Simple)
        expect(left(rule, by)).toEqual([])
        sizes.set(by.length, (sizes.get(by.length) ?? 0) + 1)
        for (const size of [1, 2].filter((one) => one < by.length))
          expect([...subsets(deciding, size)].find((some) => left(rule, some).length === 0)).toBeUndefined()
        // Beyond three: none can be left out.
        for (const one of by)
          expect(
            by.length === 1 ||
              left(
                rule,
                by.filter((other) => other !== one),
              ).length > 0,
          ).toBe(true)
        const opposite = found.opposite === undefined ? undefined : rules[found.opposite.rule.index - 1]
        expect(opposite?.action).toBe(
          by.some((one) => one.action !== rule.action) ? (rule.action === 'accept' ? 'drop' : 'accept') : undefined,
        )
      }
    }),
    { numRuns: RUNS },
  )
  for (const size of [1, 2, 3]) expect(sizes.get(size) ?? 0, `hidden by ${size}`).toBeGreaterThan(20)
})

describe('many rules', () => {
  const host32 = (index: number): AddressSet => {
    const first = BigInt(index) * 97n + 0x0a00_0000n
    return intervalSet([{ first, last: first }])
  }
  const everywhere = addressSet('0.0.0.0/0')
  const all = portSet([0, 65535])

  it('V5 · one that 256 others hide together is told with all of them, and 10,000 others are asked no more of than they have to be', () => {
    const rules: Simple[] = Array.from({ length: 4000 }, (_, index) => ({ sources: host32(index), ports: all, action: 'drop' }))
    for (let port = 1; port <= 4000; port++) rules.push({ sources: everywhere, ports: portSet(port), action: 'accept' })
    rules.push({ sources: addressSet('10.0.0.0/8'), ports: portSet([1, 60]), action: 'drop' })
    rules.push({ sources: addressSet('10.0.0.0/8'), ports: portSet([1, 6000]), action: 'drop' })
    const [found, ...more] = hiddenRules([ruleset(rules)])
    expect(more).toEqual([])
    expect(found?.rule.index).toBe(8001)
    expect(found?.by.length).toBe(60)
  })
})
