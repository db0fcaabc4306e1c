import type { Chain, Expression, Hook, Rule, Ruleset, Table } from '@sallyport/core/evidence'
import type { Outcome } from '../../packages/core/src/reach/netfilter/index.ts'
import { type Features, featuresOf } from './features.ts'
import { type Capture, type Judgement, outcomesOf } from './judge.ts'
import type { Shot } from './network.ts'

/** A packet, and what is computed of it. */
export interface Judged {
  readonly shot: Shot
  readonly judgement: Judgement
}

/** A ruleset with one rule or policy changed. */
interface Variant {
  readonly place: Place
  readonly names: readonly string[]
  readonly rulesets: () => readonly Ruleset[]
}

/**
 * Counts which features decided what becomes of packets. A rule decides a packet when the packet would end otherwise (another verdict,
 * another destination, or its source translated or not) without the rule, or if everything that the rule asks held; a policy does when the
 * other policy would make it end otherwise. All features of the rule are counted then, once for the packet, by the way that the packet
 * really took, until there are enough of both ways. As many packets as `walks` allows are computed again, with what is rare first.
 */
export function countDecisions(capture: Capture, packets: readonly Judged[], features: Features, walks: number): void {
  const deciding = packets.map(() => new Set<string>())
  const endings = packets.map(({ judgement }) => ending(judgement.outcomes))
  const passed = packets.map(({ judgement }) => hooksPassed(judgement.outcomes))
  let left = walks
  for (const { place, names, rulesets } of variants(capture.rulesets, features)) {
    const { table, hooks } = place
    const variant = rulesets()
    for (const [index, { shot }] of packets.entries()) {
      if (table.family === (shot.family === 4 ? 'ip6' : 'ip') || names.every((name) => deciding[index]?.has(name))) continue
      if (!hooks.some((hook) => passed[index]?.has(hook))) continue
      if (--left < 0) break
      if (ending(outcomesOf(variant, capture.facts, shot)) !== endings[index]) for (const name of names) deciding[index]?.add(name)
    }
    if (left < 0) break
  }
  for (const [index, { judgement }] of packets.entries()) for (const name of deciding[index] ?? []) features.count(name, wayOf(judgement))
}

function variants(rulesets: readonly Ruleset[], features: Features): readonly Variant[] {
  const found = placesOf(rulesets).flatMap((place): readonly Variant[] => {
    const { ruleset, table, chain } = place
    const { base } = chain
    const put = (changed: Chain): readonly Ruleset[] => withChain(rulesets, ruleset, table, changed)
    const ofRules = chain.rules.flatMap((rule, position): readonly Variant[] => {
      const names = featuresOf(rule, chain).filter((name) => features.wants(name))
      const instead = (rules: readonly Rule[]) => (): readonly Ruleset[] =>
        put({ ...chain, rules: chain.rules.toSpliced(position, 1, ...rules) })
      const held = rule.expressions.filter(({ kind }) => kind !== 'match')
      const asks = held.length < rule.expressions.length
      return [
        { place, names, rulesets: instead([]) },
        ...(asks ? [{ place, names, rulesets: instead([{ ...rule, expressions: held }]) }] : []),
      ]
    })
    if (base === undefined) return ofRules
    const policy = base.policy === 'drop' ? 'accept' : 'drop'
    const names = ['policy'].filter((name) => features.wants(name))
    return [...ofRules, { place, names, rulesets: () => put({ ...chain, base: { ...base, policy } }) }]
  })
  const rarity = ({ names }: Variant): number => Math.min(...names.map((name) => features.fewest(name)))
  return found
    .filter(({ names }) => names.length > 0)
    .map((variant) => ({ variant, rarity: rarity(variant) }))
    .sort((a, b) => a.rarity - b.rarity)
    .map(({ variant }) => variant)
}

function wayOf({ certainty, outcomes }: Judgement): 'in' | 'out' | 'unsure' {
  if (certainty === 'maybe') return 'unsure'
  const [first] = outcomes.filter((outcome) => outcome.certainty === 'sure')
  return first?.verdict === 'dropped' || first?.verdict === 'rejected' ? 'out' : 'in'
}

function ending(outcomes: readonly Outcome[]): string {
  return outcomes
    .map(({ verdict, certainty, destination, sourceTranslation }) => {
      const kept = verdict === 'dropped' || verdict === 'rejected'
      return `${certainty} ${verdict}${kept ? '' : ` ${destination.address.value} ${destination.port} ${sourceTranslation?.kind}`}`
    })
    .sort()
    .join()
}

interface Place {
  readonly ruleset: Ruleset
  readonly table: Table
  readonly chain: Chain
  /** Where packets may meet it. */
  readonly hooks: readonly Hook[]
}

function placesOf(rulesets: readonly Ruleset[]): readonly Place[] {
  return rulesets.flatMap((ruleset) =>
    ruleset.tables.flatMap((table) => {
      const hooks = hooksOf(table)
      return [...table.chains.values()].map((chain) => ({ ruleset, table, chain, hooks: [...(hooks.get(chain.name) ?? [])] }))
    }),
  )
}

/** The hooks from which each chain is reached. */
function hooksOf(table: Table): ReadonlyMap<string, ReadonlySet<Hook>> {
  const hooks = new Map<string, Set<Hook>>()
  const reach = (name: string, hook: Hook): void => {
    const known = hooks.get(name) ?? new Set()
    if (known.has(hook)) return
    hooks.set(name, known.add(hook))
    for (const { expressions } of table.chains.get(name)?.rules ?? []) for (const target of targetsOf(expressions)) reach(target, hook)
  }
  for (const { name, base } of table.chains.values()) if (base !== undefined) reach(name, base.hook)
  return hooks
}

function targetsOf(expressions: readonly Expression[]): readonly string[] {
  return expressions.flatMap((one) => {
    if (one.kind === 'branch') return one.branches.flatMap(({ then }) => targetsOf(then))
    return one.kind === 'jump' || one.kind === 'goto' ? [one.chain] : []
  })
}

/** Whatever was kept out before it was routed has passed the first hooks only. */
function hooksPassed(outcomes: readonly Outcome[]): ReadonlySet<Hook> {
  const hooks = new Set<Hook>(['ingress', 'prerouting'])
  for (const step of outcomes.flatMap(({ trail }) => trail)) {
    if (step.kind !== 'route') continue
    if (step.to === 'out') hooks.add('output').add('postrouting').add('input')
    else if (step.to === 'local') hooks.add('input')
    else hooks.add('forward').add('postrouting')
  }
  return hooks
}

function withChain(rulesets: readonly Ruleset[], ruleset: Ruleset, table: Table, chain: Chain): readonly Ruleset[] {
  const changed: Table = { ...table, chains: new Map([...table.chains, [chain.name, chain]]) }
  return rulesets.map((one) => (one === ruleset ? { ...one, tables: one.tables.map((each) => (each === table ? changed : each)) } : one))
}
