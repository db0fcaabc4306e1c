import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { evidenceOf } from '@sallyport/core/evidence'
import type { WrittenFile } from '@sallyport/core/systems'
import { writeWhole } from '../change/write.ts'
import { collectConfiguration } from '../collect/machine/configuration.ts'
import { Failure } from '../failure.ts'
import type { LastingFile } from './state.ts'

/** The files with what stands at their places now. */
export function withBefore(files: readonly WrittenFile[]): readonly LastingFile[] {
  return files.map(({ path, text, mode }) => ({ path, text, before: textAt(path), ...(mode === undefined ? {} : { mode }) }))
}

function textAt(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new Failure(`${path} cannot be read: ${(error as Error).message}`, 'correct that, and try again')
  }
}

/** Writes each of them whole. */
export function writeLasting(files: readonly LastingFile[]): void {
  for (const { path, text, mode } of files) put(path, text, mode)
}

/** Puts back what stood there before. */
export function unwriteLasting(files: readonly LastingFile[]): void {
  for (const { path, before, mode } of files) {
    if (before === null) rmSync(path, { force: true })
    else put(path, before, mode)
  }
}

function put(path: string, text: string, mode?: number): void {
  if (textAt(path) === text) return
  mkdirSync(dirname(path), { recursive: true })
  writeWhole(path, text, { replace: true, ...(mode === undefined ? {} : { mode }) })
}

/** Those of the files that nothing loads when the machine starts, as far as can be seen. */
export async function notLoadedAtBoot(files: readonly LastingFile[]): Promise<readonly string[]> {
  const evidence = await collectConfiguration([], undefined, Date.now())
  const loaders = evidenceOf(evidence, 'filter-start').flatMap(({ claim }) => claim.loaders)
  const loaded = new Set(
    evidenceOf(evidence, 'netfilter').flatMap(({ claim, origin }) => {
      if (!loaders.some(({ loads }) => loads.some((tool) => tool === claim.ruleset.tool))) return []
      const rules = claim.ruleset.tables.flatMap(({ chains }) => [...chains.values()].flatMap((chain) => chain.rules))
      return [...(origin.kind === 'file' ? [origin.path] : []), ...rules.flatMap((rule) => rule.origin.file?.path ?? [])]
    }),
  )
  return files.map(({ path }) => path).filter((path) => !loaded.has(path))
}
