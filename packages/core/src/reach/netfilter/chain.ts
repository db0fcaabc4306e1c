import {
  type Action,
  type Branch,
  type Condition,
  type Expression,
  type Hook,
  type Rule,
  type RuleOrigin,
  show,
} from '../../evidence/index.ts'
import { intersectSources, NO_SOURCES, type SourceSet, subtractSources, widen } from '../../network/index.ts'
import { regionOf } from './condition.ts'
import { boundFlows, type Flow, mergeFlows, MOST_FLOWS, type Trail, withStep } from './flow.ts'
import type { Outcomes } from './outcomes.ts'
import type { AttachedChain } from './program.ts'
import { setMark } from './mark.ts'
import { FEWEST_TOGETHER, isForeseen, type Part, relevantBranches, relevantRules, type Turn } from './relevant.ts'
import { anywhere, rewrite, translateDestination, translateSource } from './translate.ts'
import type { NetfilterHost, RuleEffect } from './types.ts'

/** As deep as nftables allows jumps (NFT_JUMP_STACK_SIZE). The kernel refuses loops when a ruleset is loaded; a text may have them. */
const DEEPEST = 16

/** What is going on while one base chain runs. */
export interface Run {
  readonly attached: AttachedChain
  readonly hook: Hook
  readonly host: NetfilterHost
  readonly outcomes: Outcomes
  /** Let through by the base chain: they go on to the next one on the hook. */
  readonly accepted: Flow[]
}

/** Sends the flows through a base chain and returns what it lets pass. What it drops is in `outcomes`. */
export function runBaseChain(run: Run, flows: readonly Flow[]): readonly Flow[] {
  const { attached, hook } = run
  const { tool, table, chain, base } = attached
  const fallen = mergeFlows(runChain(run, chain.rules, flows, []))
  for (const flow of fallen) {
    const step = {
      kind: 'policy',
      hook,
      tool,
      table: table.name,
      chain: chain.name,
      policy: base.policy,
      rules: chain.rules.length,
    } as const
    if (base.policy === 'accept') run.accepted.push(withStep(flow, step))
    else run.outcomes.add('dropped', withStep(flow, step))
  }
  return boundFlows(run.accepted)
}

/** What comes out at the end of the rules, or returns before. */
function runChain(run: Run, rules: readonly Rule[], entering: readonly Flow[], jumps: readonly RuleOrigin[]): readonly Flow[] {
  const returned: Flow[] = []
  const relevant = relevantRules(rules, entering)
  let flows = relevant === rules ? entering : boundFlows(mergeFlows(entering))
  for (const turn of relevant) {
    if (flows.length === 0) break
    if (isPart(turn)) {
      flows = runPart(run, turn, flows, jumps, returned)
      continue
    }
    flows = runOne(run, turn, flows, jumps, returned)
    // A packet with another port or destination than it came with may meet rules that were left out for the first.
    if (relevant !== rules && !isForeseen(flows, entering))
      return [...runChain(run, rules.slice(rules.indexOf(turn) + 1), flows, jumps), ...returned]
  }
  return returned.length === 0 ? flows : [...flows, ...returned]
}

function isPart(turn: Turn): turn is Part {
  return 'stretch' in turn
}

function runOne(run: Run, rule: Rule, flows: readonly Flow[], jumps: readonly RuleOrigin[], returned: Flow[]): readonly Flow[] {
  const passing: Flow[] = []
  for (const flow of flows) runRule({ run, rule, jumps, passing, returned }, rule.expressions, flow)
  return boundFlows(mergeFlows(passing))
}

/** Rules that ask for the source alone, together where that is quicker than one by one. */
function runPart(
  run: Run,
  { stretch, from, to }: Part,
  entering: readonly Flow[],
  jumps: readonly RuleOrigin[],
  returned: Flow[],
): readonly Flow[] {
  if (to - from < FEWEST_TOGETHER || entering.length > MOST_FLOWS || entering.some(({ possible }) => possible.length !== 1)) {
    let flows = entering
    for (const rule of stretch.rules(from, to)) flows = runOne(run, rule, flows, jumps, returned)
    return flows
  }
  const { host, outcomes } = run
  const events = entering.flatMap((flow) => stretch.events(from, to, flow, host).map((event) => ({ flow, event })))
  if (entering.length > 1) events.sort((a, b) => a.event.position - b.event.position)
  for (const { flow, event } of events) {
    const { rule, doubts, ending, action } = event
    for (const { condition, sources } of doubts) outcomes.doubt(rule.origin, condition, sources)
    if (action !== undefined) act({ run, rule, jumps, passing: [], returned }, action, { ...flow, possible: ending })
  }
  return entering.flatMap((flow) => part(flow, stretch.left(from, to, flow, host)))
}

/** What is going on while one rule runs. */
export interface RuleRun {
  readonly run: Run
  readonly rule: Rule
  readonly jumps: readonly RuleOrigin[]
  /** Goes on with the next rule. */
  readonly passing: Flow[]
  /** Goes back to where the chain was called from. */
  readonly returned: Flow[]
}

function runRule(at: RuleRun, expressions: readonly Expression[], entering: Flow): void {
  at.passing.push(...runExpressions(at, expressions, entering))
}

/** What comes out at the end of the expressions. What they do not hold for is in `passing`. */
function runExpressions(at: RuleRun, expressions: readonly Expression[], entering: Flow): readonly Flow[] {
  let flows: readonly Flow[] = [entering]
  for (const expression of expressions) {
    const remaining: Flow[] = []
    for (const flow of flows) {
      if (expression.kind === 'branch') remaining.push(...runBranches(at, expression, flow))
      else if (expression.kind === 'match') {
        const { holds, fails } = divide(at, expression.when, flow)
        at.passing.push(...fails)
        remaining.push(...holds)
      } else remaining.push(...act(at, expression, flow))
    }
    flows = remaining
    if (flows.length === 0) break
  }
  return flows
}

/** What a branch takes and lets go on within the rule, as a map of marks does. For what none takes, the rule ends. */
function runBranches(at: RuleRun, { branches }: Branch, entering: Flow): readonly Flow[] {
  const remaining: Flow[] = []
  let flows: readonly Flow[] = [entering]
  for (const { when, then } of relevantBranches(branches, entering)) {
    flows = flows.flatMap((flow) => {
      const { holds, fails } = divide(at, when, flow)
      for (const one of holds) remaining.push(...runExpressions(at, then, one))
      return fails
    })
    if (flows.length === 0) break
  }
  at.passing.push(...flows)
  return remaining
}

interface Division {
  readonly holds: readonly Flow[]
  readonly fails: readonly Flow[]
}

/** Splits a flow by a condition. Where the answer is not known, both ways are followed. */
function divide(at: RuleRun, condition: Condition, flow: Flow): Division {
  const { host, outcomes } = at.run
  const region = regionOf(condition, flow.state, host)
  const holds = part(flow, intersectSources(flow.possible, region.may))
  const fails = part(flow, subtractSources(flow.possible, region.must))
  if (region.may !== region.must)
    outcomes.doubt(at.rule.origin, condition, intersectSources(holds[0]?.possible ?? NO_SOURCES, fails[0]?.possible ?? NO_SOURCES))
  if (!flow.state.plain || !asksCircumstance(condition)) return { holds, fails }
  // In other circumstances the packets may go the other way as well; from there on those are followed apart.
  const special: Flow = { ...flow, state: { ...flow.state, plain: false } }
  const other = regionOf(condition, special.state, host)
  const alsoHolds = part(special, subtractSources(intersectSources(flow.possible, other.may), region.may))
  const alsoFails = part(special, subtractSources(intersectSources(flow.possible, region.must), other.must))
  for (const one of [...alsoHolds, ...alsoFails]) outcomes.doubt(at.rule.origin, condition, one.possible)
  return { holds: [...holds, ...alsoHolds], fails: [...fails, ...alsoFails] }
}

function part(flow: Flow, possible: SourceSet): readonly Flow[] {
  if (possible.length === 0) return []
  return [possible === flow.possible ? flow : { ...flow, possible: widen(possible) }]
}

function asksCircumstance(condition: Condition): boolean {
  if (condition.kind === 'circumstance') return true
  if (condition.kind === 'not') return asksCircumstance(condition.of)
  return (condition.kind === 'all' || condition.kind === 'any') && condition.of.some(asksCircumstance)
}

/** Does what the action says and returns what goes on within the rule. */
function act(at: RuleRun, action: Action, flow: Flow): readonly Flow[] {
  const { run, rule } = at
  switch (action.kind) {
    case 'no-effect':
      return [flow]
    case 'accept':
      run.accepted.push(decided(at, flow, 'accept'))
      return []
    case 'drop':
      run.outcomes.add('dropped', decided(at, flow, 'drop'))
      return []
    case 'reject':
      run.outcomes.add('rejected', decided(at, flow, 'reject'))
      return []
    case 'return':
      at.returned.push(flow)
      return []
    case 'jump':
      // What returns goes on with the next rule.
      at.passing.push(...call(at, action.chain, flow))
      return []
    case 'goto':
      at.returned.push(...call(at, action.chain, flow))
      return []
    case 'set-mark':
      return [
        withStep({ ...flow, state: setMark(flow.state, action) }, { kind: 'rule', effect: 'mark', hook: run.hook, origin: rule.origin }),
      ]
    case 'notrack': {
      // A packet that the tracker has seen stays tracked (xt_CT.c, nft_ct.c).
      if (flow.state.tracking !== 'before' && flow.state.tracking !== 'unclear') return [flow]
      return [
        withStep(
          { ...flow, state: { ...flow.state, tracking: 'untracked' } },
          { kind: 'rule', effect: 'notrack', hook: run.hook, origin: rule.origin },
        ),
      ]
    }
    case 'dnat':
    case 'redirect':
      translateDestination(at, action, flow)
      return []
    case 'snat':
    case 'masquerade':
      translateSource(at, action, flow)
      return []
    case 'rewrite':
      return rewrite(at, action, flow)
    case 'queue':
    case 'tproxy':
    case 'unknown':
      return unforeseeable(at, action, flow)
    default:
      return action satisfies never
  }
}

/** Runs another chain; what comes back from it. */
function call(at: RuleRun, name: string, flow: Flow): readonly Flow[] {
  const { run, rule, jumps } = at
  const chain = run.attached.table.chains.get(name)
  const circle = rule.origin.chain === name || jumps.some((origin) => origin.chain === name)
  if (chain === undefined || circle || jumps.length >= DEEPEST || !run.outcomes.mayJump()) {
    const text =
      chain === undefined
        ? `chain ${name} was not read`
        : circle
          ? `chain ${name} leads back to itself`
          : jumps.length >= DEEPEST
            ? `jumps go deeper than ${DEEPEST}`
            : 'jumps to more chains than are followed'
    run.outcomes.undecided(decided(at, flow, 'unknown'), { text: show(text), origin: rule.origin })
    return []
  }
  return mergeFlows(runChain(run, chain.rules, [flow], [...jumps, rule.origin]))
}

/** The packet may be let through, be dropped, or go on, perhaps with other marks. In a nat chain it may get another destination. */
function unforeseeable(at: RuleRun, action: Extract<Action, { kind: 'queue' | 'tproxy' | 'unknown' }>, flow: Flow): readonly Flow[] {
  const { run, rule } = at
  const { outcomes } = run
  const text = action.kind === 'tproxy' ? show('handed to a transparent proxy of this host') : action.text
  const changed = decided(
    at,
    { ...flow, state: { ...flow.state, packetMark: undefined, connectionMark: undefined } },
    action.kind === 'queue' ? 'queue' : 'unknown',
  )
  outcomes.uncertain({ text, origin: rule.origin }, flow.possible)
  outcomes.add('dropped', changed)
  if (action.kind === 'tproxy') outcomes.undecided(proxied(run, action, changed), { text, origin: rule.origin })
  else if (run.attached.base.type === 'nat') outcomes.undecided(anywhere(changed), { text, origin: rule.origin })
  run.accepted.push(changed)
  return action.kind === 'queue' ? [] : [changed]
}

/** Handed to the socket that the rule names, or else to one at the device's address and the packet's port (nf_tproxy_laddr4, nft_tproxy.c). */
function proxied({ host }: Run, { address, port }: Extract<Action, { kind: 'tproxy' }>, flow: Flow): Flow {
  const { state } = flow
  const destination = address?.first ?? host.deviceAddress?.(state.inbound, state.family) ?? state.destination
  return { ...flow, state: { ...state, destination, port: port ?? state.port } }
}

/** The flow with the jumps that led to the rule and the rule itself on its trail. */
export function decided(at: RuleRun, flow: Flow, effect: RuleEffect): Flow {
  const { hook } = at.run
  let trail: Trail | undefined = flow.trail
  for (const origin of at.jumps) trail = { step: { kind: 'rule', effect: 'jump', hook, origin }, before: trail }
  return { ...flow, trail: { step: { kind: 'rule', effect, hook, origin: at.rule.origin }, before: trail } }
}
