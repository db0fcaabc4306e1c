import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { WrittenFile } from '@sallyport/core/systems'
import type { Applier } from './application.ts'
import { HERE } from './namespace.ts'
import type { Rehearsed } from './rehearse.ts'
import type { Rules } from './rules.ts'

/** As `rehearse`, of a change that only replaces files and has them read: its own program says whether it takes them. */
export async function tryFiles(applier: Applier, files: readonly WrittenFile[], folder: string): Promise<Rehearsed> {
  const now = (): Promise<Rules> => Promise.resolve(new Map(files.flatMap(({ path }) => textAt(path))))
  const put = (name: string, text: string): void => writeFileSync(join(folder, name), text, { mode: 0o600 })
  const before = await now()
  const application = await applier.prepare({ files, rules: before, scratch: HERE, folder, put })
  const after = new Map(files.map(({ path, text }): [string, string] => [path, text]))
  return { application, before, after, now, filters: undefined, fates: [] }
}

function textAt(path: string): readonly [string, string][] {
  try {
    return [[path, readFileSync(path, 'utf8')]]
  } catch {
    return []
  }
}
