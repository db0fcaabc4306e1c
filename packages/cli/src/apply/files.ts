import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { WrittenFile } from '@sallyport/core/systems'
import type { Applier, Compared } from './application.ts'
import { HERE } from './namespace.ts'
import type { Rehearsed } from './rehearse.ts'
import type { Rules } from './rules.ts'
import type { FromPolicy } from './wanted.ts'

/** As `rehearse`, of a change that leaves the packet filter alone: the program that it is for says whether it takes it. */
export async function tryHere(applier: Applier, wanted: FromPolicy, folder: string): Promise<Rehearsed> {
  const put = (name: string, text: string): void => writeFileSync(join(folder, name), text, { mode: 0o600 })
  const application = await applier.prepare({ ...wanted, rules: new Map(), scratch: HERE, folder, put })
  return { application, ...(application.compared ?? comparedFiles(wanted.files)), filters: undefined, fates: [] }
}

function comparedFiles(files: readonly WrittenFile[]): Compared {
  const there = (): Rules => new Map(files.flatMap(({ path }) => textAt(path)))
  const after = new Map(files.map(({ path, text }): [string, string] => [path, text]))
  return { before: there(), after, now: () => Promise.resolve(there()) }
}

function textAt(path: string): readonly [string, string][] {
  try {
    return [[path, readFileSync(path, 'utf8')]]
  } catch {
    return []
  }
}
