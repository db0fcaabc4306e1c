import type { AuditReport, Finding } from '@sallyport/core/audit'
import { show } from '@sallyport/core/evidence'
import { shellWord } from '@sallyport/core/systems'
import { applyTexts } from '../change/apply.ts'
import { isConfirmed } from '../change/ask.ts'
import { type Choice, openChooser } from '../change/choice.ts'
import { buildNotes } from '../change/building.ts'
import { keepingLast, type Look, type Plan, planRepairs } from '../change/plan.ts'
import { type Left, type Offer, type Repair, repairsOf } from '../change/repairs.ts'
import { colorsFor, fileDiffs, leftText, offerText } from '../change/show.ts'
import { asLeft, type Looked } from '../change/verify.ts'
import { chosenFindings, isAskedFor, lookerAt } from '../change/wanted.ts'
import { openFolder, type OpenFolder } from '../collect/folder/index.ts'
import { EXIT } from '../exit.ts'
import { Failure, type Mistake, mistakeText } from '../failure.ts'
import { counted, isEmpty } from '../report/words.ts'
import { folderAt, recovered } from './look.ts'
import { environmentOf, loadPolicy, type PolicyOptions } from './policy.ts'

export interface FixOptions extends PolicyOptions {
  readonly folder: string
  readonly scope: 'folder' | 'both'
  readonly only?: readonly string[]
  readonly dryRun: boolean
  readonly yes: boolean
  readonly format: 'text' | 'json'
  readonly color: boolean
}

/** `sallyport fix [SERVICE]`: the diff for each finding, then all of them together, or none. */
export async function fix(service: string | undefined, options: FixOptions): Promise<number> {
  if (options.format === 'json' && !options.yes && !options.dryRun)
    throw new Failure('--format json asks nobody', 'add --dry-run to look at what would be done, or --yes')
  const root = await recovered(folderAt(options.folder, 'folder'))
  const folder = await openFolder(root)
  const look = keepingLast(await lookerFor(folder, options))
  const before = await look(new Map())
  const wanted = chosenFindings(before.report, service, options.only)
  const plan = await planRepairs(repairsOf(wanted), before, folder.files, look)
  const unedited = wanted.filter(({ changes }) => changes.length === 0).map((finding): Left => ({ finding, why: '' }))
  const unaided = unedited.filter(({ finding }) => finding.severity !== 'info')
  const isUndecided = (finding: Finding): boolean =>
    finding.severity === 'info' &&
    finding.rule === 'undecided' &&
    finding.changes.length === 0 &&
    isAskedFor(finding, service, options.only)
  const here: Surroundings = { folder, options, before, look, unaided, isUndecided }
  const notes = buildNotes(before.evidence, changedBy(plan), folder.files)
  if (options.format === 'json')
    return answered(await applied(plan, folder, options, before, look), before, await remainingAfter(plan, here), notes)
  return talked(plan, notes, here)
}

/** What the edits of a plan leave. */
interface Remaining {
  /** To a person: of some findings another one is the cause. */
  readonly left: readonly Left[]
  /** How much stays undecided: nothing is to be done by hand for it until somebody has looked. */
  readonly undecided: number
}

async function remainingAfter(plan: Plan, { before, look, unaided, isUndecided }: Surroundings): Promise<Remaining> {
  const changed = changedBy(plan)
  const after = changed.size === 0 ? before : await look(changed)
  const stillThere = (items: readonly Left[]): readonly Left[] =>
    items.flatMap(({ finding, why }) => {
      const still = asLeft(finding, after)
      return still === undefined ? [] : [{ finding: still, why }]
    })
  return { left: stillThere([...plan.left, ...unaided]), undecided: after.report.findings.filter(isUndecided).length }
}

async function lookerFor(folder: OpenFolder, options: FixOptions): Promise<Look> {
  const now = Date.now()
  const warn = (mistake: Mistake): void => void process.stderr.write(`${mistakeText(mistake, 'warning: ').join('\n')}\n`)
  const policy = await loadPolicy(folder.root, options, warn)
  const machine =
    options.scope === 'folder' ? [] : await (await import('../collect/machine/index.ts')).collectMachine(now, process.env, folder.root)
  return lookerAt(folder, { machine, policy, now, environment: environmentOf(options) })
}

interface Surroundings {
  readonly folder: OpenFolder
  readonly options: FixOptions
  readonly before: Looked
  readonly look: Look
  /** Findings that no edit is known for. */
  readonly unaided: readonly Left[]
  /** What cannot be told, so that no edit is known for it either; some of it is told only once nothing worse is known. */
  readonly isUndecided: (finding: Finding) => boolean
}

/** What came of it. `report`: of the folder as it is then. */
interface Outcome {
  readonly offers: readonly Offer[]
  readonly written: readonly string[]
  readonly report: AuditReport
}

async function talked(plan: Plan, notes: readonly string[], here: Surroundings): Promise<number> {
  const { options, before } = here
  const colors = colorsFor(options.color)
  const say = (text: string): void => void process.stdout.write(text)
  if (plan.offers.length === 0) {
    const { left, undecided } = await remainingAfter(plan, here)
    say(
      left.length === 0
        ? `nothing to fix${isEmpty(before.report) ? ': the folder has no file that Sallyport reads' : ''}\n`
        : leftText(left, colors),
    )
    say(undecidedText(undecided, options))
    return exitCode(before.report)
  }
  const chosen = await chosenOffers(plan, options, (offer, number) =>
    say(
      `${colors.dim(`${number} of ${plan.offers.length} · ${offer.repair.findings[0].service ?? 'the folder'}`)}\n${offerText(offer, colors)}\n`,
    ),
  )
  const wanted = await onlyThose(chosen, plan, here)
  const { left, undecided } = await remainingAfter({ ...wanted, left: plan.left }, here)
  say(leftText(left, colors))
  say(undecidedText(undecided, options))
  for (const note of notes) process.stderr.write(`note: ${note}\n`)
  const unseen = wanted.offers.filter((offer) => !plan.offers.some((shown) => editsOf(shown) === editsOf(offer)))
  for (const offer of unseen) say(`${colors.dim('without the others')}\n${offerText(offer, colors)}\n`)
  const isWanted = unseen.length === 0 || (await isConfirmed('this is otherwise without the others: make it?', false))
  const outcome = await applied(isWanted ? wanted : NOTHING, here.folder, options, before, here.look)
  const inPart = outcome.offers.flatMap(({ repair, partly }) => (partly === undefined ? [] : repair.findings)).length
  const cured = outcome.offers.flatMap(({ repair, partly }) => (partly === undefined ? repair.findings : [])).length
  if (outcome.written.length > 0)
    process.stderr.write(
      `${counted(cured, 'finding')} cured${inPart === 0 ? '' : `, ${inPart} in part`}, ${counted(outcome.written.length, 'file')} written; sallyport undo takes it back\n`,
    )
  else process.stderr.write(options.dryRun ? 'nothing was written: --dry-run\n' : 'nothing was written\n')
  return exitCode(outcome.report)
}

function undecidedText(count: number, { folder, scope }: FixOptions): string {
  if (count === 0) return ''
  const command = `sallyport check ${shellWord(folder)}${scope === 'folder' ? ' --scope folder' : ''}`
  return `${count} ${count === 1 ? 'thing is' : 'things are'} undecided and left as ${count === 1 ? 'it is' : 'they are'}: ${command} tells which, and why\n`
}

const NOTHING: Plan = { offers: [], left: [] }

/** What is taken out and put in, wherever it stands by then. */
function editsOf(offer: Offer): string {
  return JSON.stringify(
    fileDiffs(offer).map(({ path, hunks }) => [path, hunks.flatMap(({ lines }) => lines.filter(({ kind }) => kind !== 'same'))]),
  )
}

/** Each was made upon those before it: without some of these it is made, and verified, anew. */
async function onlyThose(chosen: readonly Offer[], plan: Plan, { before, folder, look }: Surroundings): Promise<Plan> {
  if (chosen.length === plan.offers.length) return plan
  const repairs: readonly Repair[] = chosen.map(({ repair }) => repair)
  const found = await planRepairs(repairs, before, folder.files, look)
  const offered = new Set(found.offers.flatMap((offer) => offer.repair.findings))
  const missing = found.left.find(({ finding }) => !offered.has(finding))
  if (missing === undefined) return found
  throw new Failure(`what was chosen does not hold without the rest: ${missing.why}`, 'choose more of it, or all')
}

/** On a terminal each is asked for. */
async function chosenOffers(
  plan: Plan,
  { yes, dryRun }: FixOptions,
  tell: (offer: Offer, number: number) => void,
): Promise<readonly Offer[]> {
  if (yes || dryRun) {
    plan.offers.forEach((offer, index) => tell(offer, index + 1))
    return plan.offers
  }
  const chooser = openChooser()
  try {
    const chosen: Offer[] = []
    let isAll = false
    for (const [index, offer] of plan.offers.entries()) {
      tell(offer, index + 1)
      const answer: Choice = isAll ? 'yes' : await chooser.choose('make this change?')
      if (answer === 'quit') return []
      isAll ||= answer === 'all'
      if (answer !== 'no') chosen.push(offer)
    }
    return chosen
  } finally {
    chooser.close()
  }
}

function changedBy({ offers }: Pick<Plan, 'offers'>): ReadonlyMap<string, string> {
  return offers.at(-1)?.after.changed ?? new Map()
}

async function applied(plan: Plan, folder: OpenFolder, options: FixOptions, before: Looked, look: Look): Promise<Outcome> {
  const changed = changedBy(plan)
  if (options.dryRun || changed.size === 0) return { offers: plan.offers, written: [], report: before.report }
  const texts = [...changed].map(([path, to]) => {
    const state = folder.files.load(path)
    return { path: folder.files.nameOf(path), from: state.kind === 'text' ? state.text : undefined, to }
  })
  await applyTexts(folder.root, 'fix', texts)
  return { offers: plan.offers, written: [...changed.keys()], report: (await look(changed)).report }
}

/** As `check` would have it of the folder afterwards. */
function exitCode({ findings }: AuditReport): number {
  return findings.some(({ severity }) => severity === 'critical' || severity === 'high') ? EXIT.findings : EXIT.clean
}

function answered(outcome: Outcome, before: Looked, { left, undecided }: Remaining, notes: readonly string[]): number {
  const findingData = ({ rule, severity, service, message, fingerprint }: Finding) => ({
    rule,
    severity,
    ...(service === undefined ? {} : { service }),
    message: show(message, MESSAGE_LENGTH),
    fingerprint,
  })
  const data = {
    version: 1,
    repairs: outcome.offers.map((offer) => ({
      findings: offer.repair.findings.map(findingData),
      files: fileDiffs(offer),
      notes: offer.notes.map((note) => show(note, MESSAGE_LENGTH)),
    })),
    left: left.map(({ finding, why }) => ({
      ...findingData(finding),
      why: show(why, MESSAGE_LENGTH),
      fix: show(finding.fix, MESSAGE_LENGTH),
    })),
    undecided,
    notes,
    written: outcome.written,
    score: { before: before.report.score.value, after: outcome.report.score.value },
  }
  process.stdout.write(`${JSON.stringify(data, null, 2)}\n`)
  return exitCode(outcome.report)
}

const MESSAGE_LENGTH = 1000
