import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CURRENT } from '../state.ts'
import { findDaemon } from './daemon.ts'
import { dumped, listed } from './listed.ts'
import { type Former, fieldsWith } from './plan.ts'
import { FILES, wayBackScript } from './scripts.ts'

/** What is kept of the way back after the change was confirmed. */
export const FORMER = 'former.json'

/**
 * Makes the way back of a confirmed change anew, from what PM2 has now: apps get back what the change set otherwise and keep all else, also what was
 * changed since; those that came are taken out.
 */
export async function wayBackAgain(): Promise<void> {
  // Written by `prepare` alone, in a folder that only its owner can write to.
  const former = JSON.parse(readFileSync(join(CURRENT, FORMER), 'utf8')) as readonly Former[]
  const daemon = findDaemon(process.cwd())
  const all = await listed(daemon)
  const parts = former.map(({ name, fields }) => ({ name, fields, processes: all.filter((process) => process.name === name) }))
  const there = parts.filter(({ processes }) => processes.length > 0)
  const definitions = there.flatMap(({ fields, processes }) =>
    fields === undefined ? [] : processes.map((process) => dumped(process, fieldsWith(fields, process))),
  )
  const script = wayBackScript(daemon, {
    changed: new Map(there.flatMap(({ name, fields, processes }) => (fields === undefined ? [] : [[name, processes.length] as const]))),
    added: there.flatMap(({ name, fields }) => (fields === undefined ? [name] : [])),
  })
  writeFileSync(join(CURRENT, FILES.before), JSON.stringify(definitions), { mode: 0o600 })
  writeFileSync(join(CURRENT, 'way-back'), `${script}\n`, { mode: 0o600 })
}
