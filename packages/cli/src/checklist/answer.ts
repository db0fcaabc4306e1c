import { type Shown, show } from '@sallyport/core/evidence'
import type { Finding } from '@sallyport/core/audit'
import type { RuleName } from '@sallyport/core/policy'
import { type Fact, type FactName, FACTS } from './facts.ts'
import type { Item } from './item.ts'
import { type Seen, SIGHTS, type View } from './sights.ts'
import { toldText } from './told.ts'

/** An item with its answer. */
export interface Answer {
  readonly item: Item
  /** `by-hand`: a person has to look, because no program can tell, or because what tells was not there to be seen. Never a pass in disguise. */
  readonly verdict: 'pass' | 'fail' | 'by-hand'
  /** It was to be seen and could not be, or is open: it may be a failure. */
  readonly undecided: boolean
  /** What the verdict rests on; of one by hand what to look at. */
  readonly evidence: readonly Shown[]
}

const MOST_TOLD = 5

/** Answers every item from what was seen. */
export function answersOf(items: readonly Item[], view: View): readonly Answer[] {
  return items.map((item) => answerOf(item, view))
}

function answerOf(item: Item, view: View): Answer {
  const { answer } = item
  if (answer.kind === 'by-hand') return { item, verdict: 'by-hand', undecided: false, evidence: [line(answer.look)] }
  const sights = answer.sees.map((name): Seen => SIGHTS[name](view))
  const failed = answer.kind === 'rules' ? findingsOf(answer.rules, view) : []
  // What was found is wrong, whatever else was not looked at.
  if (failed.length > 0) return { item, verdict: 'fail', undecided: false, evidence: cut(failed) }
  const missing = sights.flatMap((sight) => (sight.seen ? [] : [sight]))
  if (missing.length > 0)
    return {
      item,
      verdict: 'by-hand',
      undecided: missing.some(({ undecided }) => undecided),
      evidence: missing.map(({ missing: what, undecided }) => line(undecided ? `undecided: ${what}` : `nothing to judge it by: ${what}`)),
    }
  const open = answer.kind === 'rules' ? undecidedOf(answer.rules, view) : []
  if (open.length > 0) return { item, verdict: 'by-hand', undecided: true, evidence: cut(open) }
  const accepted = acceptedOf(answer.kind === 'rules' ? answer.rules : (RULES_OF[answer.fact] ?? []), view)
  // Somebody has decided to live with it: that is no pass, and theirs to decide again.
  if (accepted.length > 0) return { item, verdict: 'by-hand', undecided: false, evidence: cut(accepted) }
  const seen = sights.flatMap((sight) => (sight.seen ? [line(sight.what)] : []))
  if (answer.kind === 'rules')
    return { item, verdict: 'pass', undecided: false, evidence: [line(`no finding of ${answer.rules.join(', ')}`), ...seen] }
  const { holds, evidence }: Fact = FACTS[answer.fact](view)
  return {
    item,
    verdict: holds === undefined ? 'by-hand' : holds ? 'pass' : 'fail',
    undecided: false,
    evidence: [...cut(evidence.map((text) => line(text))), ...(holds === true ? seen : [])],
  }
}

/** Of what is open already, or will be, one finding is told and not two: it says what those of these rules would. */
const OPEN: readonly RuleName[] = ['private-reachable', 'opens-on-restart', 'proxy-bypassed', 'datastore-reachable', 'debugger-reachable']
const TOLD_BY: Readonly<Partial<Record<RuleName, readonly RuleName[]>>> = {
  'binds-every-interface': OPEN,
  'host-overridden': OPEN,
  'opens-on-restart': ['private-reachable'],
  'published-private': [...OPEN, 'docker-past-firewall'],
}

/** Without an acceptance, these would say that the fact does not hold. */
const RULES_OF: Readonly<Partial<Record<FactName, readonly RuleName[]>>> = {
  claims: ['claim-failed'],
  onlyMeantReached: ['private-reachable'],
}

function findingsOf(rules: readonly RuleName[], { report }: View): readonly Shown[] {
  return report.findings.filter((finding) => tells(finding, rules)).map(told)
}

/** It is of one of the rules, or told in place of what one of them would say. */
function tells(finding: Finding, rules: readonly RuleName[]): boolean {
  const instead = rules.flatMap((rule) => TOLD_BY[rule] ?? [])
  return rules.includes(finding.rule) || (instead.includes(finding.rule) && isOfFile(finding))
}

/** What of these rules' findings cannot be told. */
function undecidedOf(rules: readonly RuleName[], { report }: View): readonly Shown[] {
  if (!rules.some((rule) => rule in TOLD_BY)) return []
  return report.findings.filter((finding) => finding.rule === 'undecided' && isOfFile(finding)).map(told)
}

function isOfFile({ places }: Finding): boolean {
  return places.some(({ origin }) => origin.kind === 'file')
}

const told = (finding: Finding): Shown => line(toldText(finding))

function acceptedOf(rules: readonly RuleName[], { report }: View): readonly Shown[] {
  return report.accepted
    .filter(({ finding }) => tells(finding, rules))
    .map(({ finding, by }) =>
      line(`accepted: ${finding.message} (${by.reason}${by.until === undefined ? '' : `, until ${by.until.value}`})`),
    )
}

const line = (text: string): Shown => show(text, 400)

function cut(lines: readonly Shown[]): readonly Shown[] {
  return lines.length <= MOST_TOLD ? lines : [...lines.slice(0, MOST_TOLD), line(`and ${lines.length - MOST_TOLD} more`)]
}
