import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Condition, Expression, RuleOrigin, Ruleset } from '@sallyport/core/evidence'
import {
  type Address,
  addressSet,
  addressSetOf,
  formatAddress,
  hasAddress,
  includes,
  portSet,
  sourceSet,
  unionOf,
} from '@sallyport/core/network'
import { type NetfilterHost, type Outcome, type PacketClass, walkInbound } from '../../src/reach/netfilter/index.ts'
import { HERE, PORTS, rulesets, SOURCE_PORTS, SOURCES, THERE } from './random.ts'
import { follow, type Oracle, type Truth } from './reference.ts'

/** `SALLYPORT_WALKS=100000` for a long look. */
const RUNS = Number(process.env['SALLYPORT_WALKS'] ?? 250)
const TIMEOUT = 30_000 + RUNS * 200

const host: NetfilterHost = {
  localAddresses: unionOf([addressSet('127.0.0.0/8'), addressSetOf(...HERE)]),
  deviceAddress: () => HERE[0],
  route({ destination, mark }) {
    if (HERE.some((here) => here.value === destination.value)) return { kind: 'local', martians: addressSet('192.0.2.9') }
    // A policy route, so that marks decide more than matches.
    return mark === 3 ? { kind: 'discard', reason: 'blackhole' as never } : { kind: 'forward', device: 'docker0' }
  },
}

const packets = fc.record({
  inbound: fc.constantFrom('eth0', 'eth1'),
  protocol: fc.constantFrom('tcp' as const, 'udp' as const),
  destination: fc.constantFrom(...HERE, THERE[0] as Address),
  port: fc.constantFrom(...PORTS),
})

type Packets = typeof packets extends fc.Arbitrary<infer T> ? T : never

function walk(rules: readonly Ruleset[], packet: Packets): readonly Outcome[] {
  const asked: PacketClass = { ...packet, family: 4, sources: sourceSet(addressSetOf(...SOURCES), portSet(...SOURCE_PORTS)) }
  return walkInbound(rules, asked, host)
}

/** What the outcomes say of one source, in the words of the reference. */
function said(outcomes: readonly Outcome[], source: Address, port: number): readonly (Outcome & { readonly truth: Truth })[] {
  return outcomes
    .filter(({ sources }) => sources.some(({ addresses, ports }) => hasAddress(addresses, source) && includes(ports, port)))
    .map((outcome) => ({ ...outcome, truth: truthOf(outcome) }))
}

function truthOf({ verdict, destination, device, sourceTranslation }: Outcome): Truth {
  const to = `${formatAddress(destination.address)} ${destination.port}`
  if (verdict === 'delivered') return `delivered ${to}`
  return verdict === 'forwarded' ? `forwarded ${to} ${device} ${sourceTranslation?.kind ?? ''}` : verdict
}

function everyRule(rules: readonly Ruleset[]): readonly { readonly origin: RuleOrigin; readonly expressions: readonly Expression[] }[] {
  return rules.flatMap(({ tables }) => tables.flatMap(({ chains }) => [...chains.values()].flatMap((chain) => chain.rules)))
}

function asks(condition: Condition, kind: Condition['kind']): boolean {
  if (condition.kind === kind) return true
  if (condition.kind === 'not') return asks(condition.of, kind)
  return (condition.kind === 'all' || condition.kind === 'any') && condition.of.some((one) => asks(one, kind))
}

function rulesThat(rules: readonly Ruleset[], has: (expression: Expression) => boolean): readonly RuleOrigin[] {
  return everyRule(rules)
    .filter(({ expressions }) =>
      expressions.some((one) => has(one) || (one.kind === 'branch' && one.branches.some(({ then }) => then.some(has)))),
    )
    .map(({ origin }) => origin)
}

function key({ table, chain, index }: RuleOrigin): string {
  return `${table} ${chain} ${index}`
}

/** As many ways to answer what is open as are tried; beyond, some of them. */
const MOST_ANSWERS = 96

/** Every combination of answers while there are few, a spread of them otherwise. */
function* oracles(rules: readonly Ruleset[], withCircumstances: boolean): Generator<Oracle> {
  const unknown = rulesThat(rules, (one) => one.kind === 'match' && asks(one.when, 'unknown')).map(key)
  const circumstances = withCircumstances ? rulesThat(rules, (one) => one.kind === 'match' && asks(one.when, 'circumstance')).map(key) : []
  const actions = rulesThat(rules, (one) => one.kind === 'unknown').map(key)
  const total = 2 ** unknown.length * 2 ** circumstances.length * 3 ** actions.length
  const step = Math.max(1, Math.floor(total / MOST_ANSWERS))
  for (let at = 0; at < total; at += step) {
    let rest = at
    const take = (base: number): number => {
      const digit = rest % base
      rest = Math.floor(rest / base)
      return digit
    }
    const yes = new Set(unknown.filter(() => take(2) === 1))
    const special = new Set(circumstances.filter(() => take(2) === 1))
    const done = new Map(actions.map((one) => [one, (['accept', 'drop', 'continue'] as const)[take(3)] ?? 'continue']))
    yield {
      unknown: (origin) => yes.has(key(origin)),
      plain: (origin) => !special.has(key(origin)),
      action: (origin) => done.get(key(origin)) ?? 'continue',
    }
  }
}

function eachSource(check: (source: Address, port: number) => void): void {
  for (const source of SOURCES) for (const port of SOURCE_PORTS) check(source, port)
}

function truth(rules: readonly Ruleset[], packet: Packets, source: Address, sourcePort: number, oracle: Oracle): Truth {
  return follow(rules, { ...packet, family: 4, protocol: packet.protocol === 'tcp' ? 6 : 17, source, sourcePort }, host, oracle)
}

/** Millions of comparisons: an `expect` for each would be most of the time. */
function demand(holds: boolean, what: () => string): void {
  if (!holds) throw new Error(what())
}

function told(
  answers: readonly { readonly truth: Truth; readonly certainty: string }[],
  source: Address,
  port: number,
  real: Truth,
): string {
  return `${formatAddress(source)}:${port} is ${real}, told ${JSON.stringify(answers.map(({ truth, certainty }) => [truth, certainty]))}`
}

function closed(truth: Truth): boolean {
  return truth === 'dropped' || truth === 'rejected'
}

const PLAIN: Oracle = { unknown: () => false, plain: () => true, action: () => 'continue' }

describe('the walk over sets, against one packet after the other', () => {
  it('decides every source surely, and like the reference, when everything is known', { timeout: TIMEOUT }, () => {
    fc.assert(
      fc.property(rulesets('decided'), packets, (rules, packet) => {
        const outcomes = walk(rules, packet)
        eachSource((source, port) => {
          const answers = said(outcomes, source, port)
          const real = truth(rules, packet, source, port, PLAIN)
          demand(answers.length === 1 && answers[0]?.truth === real && answers[0].certainty === 'sure', () =>
            told(answers, source, port, real),
          )
        })
      }),
      { numRuns: RUNS },
    )
  })

  it('C4 · what is sure holds for every answer to what is unknown, and no answer is left out', { timeout: TIMEOUT }, () => {
    fc.assert(
      fc.property(rulesets('matches'), packets, (rules, packet) => {
        const outcomes = walk(rules, packet)
        eachSource((source, port) => {
          const answers = said(outcomes, source, port)
          const sure = answers.filter(({ certainty }) => certainty === 'sure')
          for (const answer of answers)
            demand((answer.certainty === 'maybe') === answer.reasons.length > 0, () => `no reason for ${answer.truth}`)
          for (const oracle of oracles(rules, false)) {
            const real = truth(rules, packet, source, port, oracle)
            const open = sure.length === 0 && answers.some(({ verdict }) => verdict === 'undecided')
            const right = sure.length > 0 ? sure.length === 1 && sure[0]?.truth === real : answers.some((answer) => answer.truth === real)
            demand(open || right, () => told(answers, source, port, real))
          }
        })
      }),
      { numRuns: RUNS },
    )
  })

  it('C4 · other circumstances lead to no outcome that is not told, and to no other where none is assumed', { timeout: TIMEOUT }, () => {
    fc.assert(
      fc.property(rulesets('matches'), packets, (rules, packet) => {
        const outcomes = walk(rules, packet)
        eachSource((source, port) => {
          const answers = said(outcomes, source, port)
          if (answers.some(({ verdict }) => verdict === 'undecided')) return
          const unconditional = answers.filter(({ certainty, assumes }) => certainty === 'sure' && assumes.length === 0)
          for (const oracle of oracles(rules, true)) {
            const real = truth(rules, packet, source, port, oracle)
            const alike = (told: Truth): boolean => told === real || (closed(told) && closed(real))
            // That packets may be kept out is told by what is assumed.
            const warned = closed(real) && answers.some(({ assumes, certainty }) => certainty === 'maybe' || assumes.length > 0)
            demand(warned || answers.some((answer) => alike(answer.truth)), () => told(answers, source, port, real))
            demand(
              unconditional.every((answer) => alike(answer.truth)),
              () => told(unconditional, source, port, real),
            )
          }
        })
      }),
      { numRuns: RUNS },
    )
  })

  it('is seldom less sure than it could be', { timeout: TIMEOUT }, () => {
    let maybe = 0
    let needless = 0
    fc.assert(
      fc.property(rulesets('matches'), packets, (rules, packet) => {
        const outcomes = walk(rules, packet)
        eachSource((source, port) => {
          const answers = said(outcomes, source, port)
          if (answers.some(({ certainty }) => certainty === 'sure')) return
          maybe++
          const truths = new Set([...oracles(rules, false)].map((oracle) => truth(rules, packet, source, port, oracle)))
          if (truths.size === 1) needless++
        })
      }),
      { numRuns: RUNS, seed: 1 },
    )
    expect(maybe).toBeGreaterThan(100)
    expect(needless / maybe).toBeLessThan(0.1)
  })
})
