import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suggest } from '@sallyport/core/policy'
import type { Applier } from '../apply/application.ts'
import { APPLIERS, applierOf } from '../apply/appliers.ts'
import { tryHere } from '../apply/files.ts'
import { foresee } from '../apply/filters.ts'
import { withBefore } from '../apply/lasting.ts'
import { complaint, HERE } from '../apply/namespace.ts'
import { presentConnections } from '../apply/operator.ts'
import { type Rehearsed, rehearse } from '../apply/rehearse.ts'
import { MAKE, REVERTER, startReverter } from '../apply/reverter.ts'
import { differing } from '../apply/rules.ts'
import { advance, bootId, CURRENT, install, type LastingFile, newFolder, type Plan, refuseUnfinished, setDeadline } from '../apply/state.ts'
import { takeBack } from '../apply/take-back.ts'
import { type FromPolicy, type WantedOptions, wantedHere } from '../apply/wanted.ts'
import { isConfirmed } from '../change/ask.ts'
import { EXIT } from '../exit.ts'
import { Failure, showLines } from '../failure.ts'
import { appliedText, fateText, planText } from '../report/apply.ts'

export interface ApplyOptions extends WantedOptions {
  readonly yes: boolean
  /** Seconds. */
  readonly within: number
  /** `ADDRESS:PORT` each. */
  readonly keep: readonly string[]
  /** How often it was said. */
  readonly cutMeOff: number
  readonly confirm: boolean
  readonly status: boolean
  readonly revert: boolean
}

const note = (text: string): void => void process.stderr.write(`${showLines(text)}\n`)

/** `sallyport apply SYSTEM`: shows the change, tries it in a copy of this machine's network, applies it, and takes it back unless it is confirmed. */
export async function apply(system: string | undefined, options: ApplyOptions): Promise<number> {
  refuseElsewhere()
  if ([options.status, options.confirm, options.revert].filter(Boolean).length > 1)
    throw new Failure('one of --status, --confirm and --revert can be done at a time', 'name one; nothing was changed')
  if (options.status) return (await import('../apply/follow.ts')).status()
  if (options.confirm) return (await import('../apply/follow.ts')).confirm()
  if (options.revert) return (await import('../apply/follow.ts')).revert()
  const applier = namedApplier(system)
  if (options.within < 1) throw new Failure('nobody can confirm it in less than a second', 'leave --within away, or give it more')
  if (applier.changes !== 'apps' && process.geteuid?.() !== 0)
    throw new Failure('only root may change what this machine lets in', 'run it with sudo')
  refuseUnfinished()
  const wanted = await wantedHere(applier, options)
  const folder = newFolder()
  try {
    return await guarded(applier, wanted, folder, options)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function refuseElsewhere(): void {
  if (process.platform !== 'linux')
    throw new Failure(`apply works on Linux, and this is ${process.platform}`, 'use sallyport render, and carry the files there')
}

function namedApplier(system: string | undefined): Applier {
  const found = applierOf(system)
  if (found !== undefined) return found
  const names = APPLIERS.map(({ name }) => name)
  const near = system === undefined ? undefined : suggest(system, names)
  throw new Failure(
    system === undefined ? 'what is to be applied?' : `${system} is not applied`,
    near === undefined ? `there is ${names.join(', ')}` : `did you mean ${near}?`,
  )
}

async function guarded(applier: Applier, wanted: FromPolicy, folder: string, options: ApplyOptions): Promise<number> {
  const { collectMachine } = await import('../collect/machine/index.ts')
  const isFilter = applier.changes === 'filter'
  const machine = isFilter ? await collectMachine(Date.now(), process.env, undefined) : []
  const tried = isFilter
    ? await rehearse(applier, wanted, folder, await presentConnections(options.keep))
    : await tryHere(applier, wanted, folder)
  const lasting = withBefore(tried.application.lasting)
  const isThere = lasting.every(({ text, before }) => text === before) && tried.application.isKept !== false
  if (differing(tried.before, tried.after).length === 0 && isThere) {
    const doubts = await applier.doubts(lasting.map(({ path }) => path))
    process.stdout.write(`Nothing to change: this is in force${doubts.length === 0 ? ', and stays so after a restart' : ''}.\n`)
    for (const [warning, next] of doubts) note(`warning: ${warning}\n  ${next}`)
    return EXIT.clean
  }
  process.stdout.write(planText(tried, tried.filters === undefined ? undefined : foresee(machine, tried.filters)))
  for (const { path, before } of lasting)
    process.stdout.write(`\nOnce confirmed: ${path} is ${before === null ? 'written' : 'replaced'}.\n`)
  refuseCut(tried, options.cutMeOff)
  if (!(await isConfirmed('Apply this?', options.yes))) {
    note('Nothing was changed.')
    return EXIT.clean
  }
  await bring(applier, tried, lasting, folder, options.within)
  process.stdout.write(`\n${appliedText(options.within, applier.changes)}`)
  return EXIT.clean
}

function refuseCut({ fates }: Rehearsed, told: number): void {
  const lost = fates.filter(({ open, anew }) => open !== 'stays' || !anew)
  if (lost.length === 0) return
  if (told >= 2) {
    for (const fate of lost) note(`warning: ${fateText(fate)}`)
    return
  }
  throw new Failure(
    `this could lock you out: ${lost.map(fateText).join('; ')}`,
    told === 1
      ? '--cut-me-off has to be said twice: the second time means that you have another way in'
      : 'let these in, in the policy or the file; nothing was changed',
  )
}

/** Arms what takes it back, and brings it into force; what is not as it was tried is taken back at once. */
async function bring(applier: Applier, tried: Rehearsed, lasting: readonly LastingFile[], folder: string, seconds: number): Promise<void> {
  const { application, before, after, now } = tried
  const meanwhile = differing(before, await now(), application.own)
  if (meanwhile.length > 0) throw new Failure(`somebody has changed ${meanwhile.join(', ')} meanwhile`, 'run it again; nothing was changed')
  const watch = await application.watch?.()
  for (const [name, text] of application.files) writeFileSync(join(folder, name), text, { mode: 0o600 })
  const plan: Plan = { version: 1, system: applier.name, lasting, seconds, boot: bootId() }
  const scripts = { make: application.apply, wayBack: application.revert, reverter: REVERTER }
  install(folder, plan, scripts, seconds + (application.patience ?? 0))
  await startReverter().catch((error: unknown) => {
    // Nothing was changed yet, and nothing waits to be confirmed.
    advance('armed', 'reverted')
    throw error
  })
  const made = await HERE.run(MAKE, CURRENT, application.patience)
  const look = async (): Promise<readonly string[]> => {
    const wrong = differing(after, await now(), application.own)
    return wrong.length > 0 ? wrong : ((await watch?.()) ?? [])
  }
  const wrong = made.kind === 'ok' ? await look().catch((error: unknown) => [(error as Error).message]) : [complaint(made)]
  if (wrong.length === 0 && existsSync(join(CURRENT, 'armed'))) {
    setDeadline(CURRENT, seconds)
    writeFileSync(join(CURRENT, 'applied'), '', { mode: 0o600 })
    return
  }
  await takeBack()
  throw new Failure(`it could not be applied as it was tried: ${wrong.join('; ') || 'it took too long'}`, 'everything is as it was')
}
