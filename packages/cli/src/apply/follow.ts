import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { EXIT } from '../exit.ts'
import { Failure, showLines } from '../failure.ts'
import { waitingText } from '../report/apply.ts'
import { applierOf } from './appliers.ts'
import { refuseChanged, unwriteLasting, writeLasting } from './lasting.ts'
import { reverterPid } from './reverter.ts'
import { advance, bootId, CURRENT, type Plan, readPlan, secondsLeft, type Stage, stageOf } from './state.ts'
import { takeBack } from './take-back.ts'

/** `sallyport apply --confirm`: it stays, and what makes it last is written. Said again after that was cut short, it is written then. */
export async function confirm(): Promise<number> {
  const stage = stageOf(CURRENT)
  if (stage === 'kept') {
    process.stdout.write('It is confirmed already.\n')
    return EXIT.clean
  }
  if (stage === 'armed') {
    const { boot, lasting, system } = readPlan()
    if (boot !== bootId() || !existsSync(join(CURRENT, 'applied')))
      throw new Failure(
        boot === bootId() ? 'the change was not applied to its end' : 'this machine was restarted before the change was confirmed',
        'put an end to it with sallyport apply --revert, and apply it again',
      )
    await applierOf(system)?.refuseLost?.()
    refuseChanged(lasting)
    advance('armed', 'confirmed')
  }
  if (stage === undefined)
    throw new Failure('nothing waits to be confirmed: nothing was applied', 'sallyport apply SYSTEM applies something')
  const now = stageOf(CURRENT) ?? stage
  if (now !== 'confirmed') throw new Failure(NOTHING_WAITS[now], 'apply it again')
  const { system, lasting } = readPlan()
  const applier = applierOf(system)
  refuseChanged(lasting)
  writeLasting(lasting)
  await applier?.keep?.()
  advance('confirmed', 'kept')
  process.stdout.write(`Confirmed: ${system} stays as it is.\n${lasting.map(({ path }) => `wrote ${path}\n`).join('')}`)
  for (const [warning, next] of (await applier?.doubts(lasting.map(({ path }) => path))) ?? [])
    process.stderr.write(`${showLines(`warning: ${warning}\n  ${next}`)}\n`)
  return EXIT.clean
}

const NOTHING_WAITS: Readonly<Record<Stage, string>> = {
  armed: 'the change could not be confirmed',
  confirmed: 'the change is confirmed',
  kept: 'the change is confirmed already',
  reverting: 'it is too late: the change is being taken back',
  reverted: 'it is too late: the change was taken back',
  stuck: 'it is too late: taking the change back has failed',
}

/** `sallyport apply --revert`: takes back what waits to be confirmed, or what was confirmed last. */
export async function revert(): Promise<number> {
  const stage = stageOf(CURRENT)
  if (stage === undefined || stage === 'reverted')
    throw new Failure('there is nothing to take back', 'sallyport apply --status tells what was applied')
  const applier = applierOf(readPlan().system)
  const wasConfirmed = stage === 'confirmed' || stage === 'kept'
  if (wasConfirmed) {
    const { lasting } = readPlan()
    refuseChanged(lasting)
    await applier?.wayBackAgain?.()
    unwriteLasting(lasting)
    advance(stage, 'armed')
  } else if (stage === 'stuck') advance('stuck', 'armed')
  await takeBack()
  if (wasConfirmed) await applier?.keep?.()
  process.stdout.write('Taken back: everything is as it was before.\n')
  return EXIT.clean
}

/** `sallyport apply --status`: what was applied last, and what becomes of it. Exit 3 while it is undecided. */
export function status(): number {
  const stage = stageOf(CURRENT)
  if (stage === undefined) {
    process.stdout.write('Nothing was applied yet.\n')
    return EXIT.clean
  }
  const plan = readPlan()
  process.stdout.write(`${stage === 'armed' ? armedText(plan) : `${plan.system}: ${STAGE_TEXTS[stage]}`}\n`)
  return stage === 'kept' || stage === 'reverted' ? EXIT.clean : EXIT.undecided
}

function armedText(plan: Plan): string {
  if (plan.boot !== bootId())
    return `${plan.system}: this machine was restarted before it was confirmed; sallyport apply --revert puts an end to it`
  if (reverterPid() === undefined)
    return `${plan.system}: not confirmed, and what would take it back has ended; use sallyport apply --confirm or --revert`
  return waitingText(plan.system, secondsLeft())
}

const STAGE_TEXTS: Readonly<Record<Exclude<Stage, 'armed'>, string>> = {
  confirmed: 'confirmed, but what makes it last is not written; sallyport apply --confirm writes it',
  kept: 'confirmed, and in force',
  reverting: 'is being taken back',
  reverted: 'taken back',
  stuck: `could not be taken back; look at ${CURRENT}/log, then try sallyport apply --revert`,
}
