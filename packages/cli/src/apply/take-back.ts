import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Failure } from '../failure.ts'
import { HERE } from './namespace.ts'
import { reverterPid } from './reverter.ts'
import { CURRENT, type Stage, stageOf } from './state.ts'

/** Longer than all tries of the reverter. */
const PATIENCE_MS = 60_000

/** Takes the current change back now: by the reverter that waits, or without it where it has ended. Throws `Failure` where that does not come about. */
export async function takeBack(): Promise<void> {
  writeFileSync(join(CURRENT, 'now'), '', { mode: 0o600 })
  const until = performance.now() + PATIENCE_MS
  while (isUnderWay(stageOf(CURRENT)) && reverterPid() !== undefined && performance.now() < until) await sleep(50)
  if (stageOf(CURRENT) !== 'reverted') await HERE.run('/bin/sh revert.sh now', CURRENT)
  if (stageOf(CURRENT) === 'reverted') return
  throw new Failure('the change could not be taken back', `look at ${CURRENT}/log, and run /bin/sh ${CURRENT}/way-back there by hand`)
}

function isUnderWay(stage: Stage | undefined): boolean {
  return stage === 'armed' || stage === 'reverting'
}
