import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { WrittenFile } from '@sallyport/core/systems'
import { whyUnread, whyUnwritten } from '../system-words.ts'
import { writeWhole } from '../change/write.ts'
import { Failure } from '../failure.ts'
import { CURRENT, type LastingFile } from './state.ts'

/** The files with what stands at their places now. */
export function withBefore(files: readonly WrittenFile[]): readonly LastingFile[] {
  return files.map(({ path, text, mode }) => ({ path, text, before: textAt(path), ...(mode === undefined ? {} : { mode }) }))
}

function textAt(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new Failure(`${path} could not be read: ${whyUnread(error)}`, 'correct that, and try again')
  }
}

/** Writes each of them whole. */
export function writeLasting(files: readonly LastingFile[]): void {
  for (const { path, text, mode } of files) put(path, text, mode)
}

/**
 * Throws `Failure` where a file is neither as it was before the change nor as the change writes it: somebody has changed it since, and that would be
 * lost. One that is not there has nothing to lose.
 */
export function refuseChanged(files: readonly LastingFile[]): void {
  const changed = files.find(({ path, text, before }) => ![null, before, text].includes(textAt(path)))
  if (changed !== undefined)
    throw new Failure(
      `${changed.path} was changed since, which would be lost`,
      `move it elsewhere to go on without it; what Sallyport writes there, and what stood there before, is in ${join(CURRENT, 'plan.json')}`,
    )
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
  try {
    mkdirSync(dirname(path), { recursive: true })
    writeWhole(path, text, { replace: true, ...(mode === undefined ? {} : { mode }) })
  } catch (error) {
    throw new Failure(`${path} could not be written: ${whyUnwritten(error, path)}`, 'put that right, and try again')
  }
}
