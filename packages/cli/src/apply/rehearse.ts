import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Evidence } from '@sallyport/core/evidence'
import { Failure } from '../failure.ts'
import type { Application, Applier } from './application.ts'
import { filtersOf } from './filters.ts'
import { complaint, HERE, Namespace } from './namespace.ts'
import { copyNetwork, ownInterfaces, routed } from './network.ts'
import type { Connection } from './operator.ts'
import { differing, loading, readRules, type Rules } from './rules.ts'
import { type Fate, Trial } from './trial.ts'
import type { FromPolicy } from './wanted.ts'

/** What came of a change in a copy of this machine's network. */
export interface Rehearsed {
  readonly application: Application
  readonly before: Rules
  readonly after: Rules
  /** How it is on this machine now. */
  readonly now: () => Promise<Rules>
  /** The packet filter as it would be; absent: it stays as it is. */
  readonly filters: readonly Evidence[] | undefined
  /** Of the connections that are to be kept. */
  readonly fates: readonly Fate[]
}

/**
 * Tries everything in namespaces that nobody else is in, before anything is touched: that the rules that are there can be loaded again as they are, that
 * the change is taken whole and leaves the rules of others alone, what becomes of real connections, and that the way back leads back. Throws `Failure` at
 * the first of these that does not hold. `folder`: for root alone; the application's files are in it afterwards.
 */
export async function rehearse(
  applier: Applier,
  wanted: FromPolicy,
  folder: string,
  connections: readonly Connection[],
): Promise<Rehearsed> {
  const before = await readRules(HERE)
  const interfaces = await ownInterfaces()
  const routes = await Promise.all(connections.map(routed))
  const open: { close(): void }[] = []
  const put = (name: string, text: string): void => writeFileSync(join(folder, name), text, { mode: 0o600 })
  const namespace = async (): Promise<Namespace> => {
    const created = await Namespace.create()
    open.push(created)
    return created
  }
  try {
    const [scratch, copy, outside] = [await namespace(), await namespace(), await namespace()]
    await copyNetwork(scratch, interfaces)
    await copyNetwork(copy, interfaces, { namespace: outside, connections: routes })
    await load(before, copy, folder, put)
    const application = await applier.prepare({ ...wanted, rules: before, scratch, folder, put })
    for (const [name, text] of application.files) put(name, text)
    const trial = await Trial.begin(copy, outside, routes)
    open.unshift(trial)
    const applied = await copy.run(application.apply, folder)
    if (applied.kind !== 'ok')
      throw new Failure(`${applier.name} does not take this: ${complaint(applied)}`, 'correct it, and apply it again; nothing was changed')
    const after = await readRules(copy)
    refuseForeign(differing(before, after, application.others))
    const fates = await trial.end()
    const filters = await filtersOf(copy)
    await goBack(application, copy, folder, before)
    return { application, before, after, now: () => readRules(HERE), filters, fates }
  } finally {
    for (const each of open) each.close()
  }
}

async function load(rules: Rules, copy: Namespace, folder: string, put: (name: string, text: string) => void): Promise<void> {
  const { files, script } = loading(rules)
  for (const [name, text] of files) put(name, text)
  const loaded = await copy.run(script, folder)
  const wrong = loaded.kind === 'ok' ? differing(rules, await readRules(copy)) : []
  if (loaded.kind === 'ok' && wrong.length === 0) return
  throw new Failure(
    `the rules that are there cannot be loaded a second time (${loaded.kind === 'ok' ? wrong.join(', ') : complaint(loaded)}), so the change cannot be tried first`,
    'nothing was changed; report this, with what `nft list ruleset` prints',
  )
}

function refuseForeign(keys: readonly string[]): void {
  if (keys.length > 0)
    throw new Failure(
      `this would change rules of others: ${keys.join(', ')}`,
      'leave out what empties or names their tables (`flush ruleset`); nothing was changed',
    )
}

async function goBack({ revert }: Application, copy: Namespace, folder: string, before: Rules): Promise<void> {
  const reverted = await copy.run(revert, folder)
  const wrong = reverted.kind === 'ok' ? differing(before, await readRules(copy)) : []
  if (reverted.kind === 'ok' && wrong.length === 0) return
  throw new Failure(
    `the way back does not lead back (${reverted.kind === 'ok' ? wrong.join(', ') : complaint(reverted)})`,
    'nothing was changed; report this, with what `nft list ruleset` prints',
  )
}
