import { chmodSync, chownSync, lstatSync, renameSync, rmSync, type Stats, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/**
 * Writes a file whole: a new one as such, and one that is there (with `replace` only) by one made beside it. Neither way leads through a
 * link. Throws what the system says, EEXIST where a file is there and is not to be replaced.
 */
export function writeWhole(target: string, text: string, options: { readonly replace: boolean; readonly mode?: number }): void {
  const old = lstatSync(target, { throwIfNoEntry: false })
  if (old === undefined || !options.replace)
    writeFileSync(target, text, { flag: 'wx', ...(options.mode === undefined ? {} : { mode: options.mode }) })
  else replaceFile(target, text, old)
}

/** rename(2) changes the name and never what a link by that name leads to; O_EXCL (`wx`) follows none either. */
function replaceFile(target: string, text: string, old: Stats): void {
  const beside = join(dirname(target), `.${basename(target)}.${process.pid}.new`)
  try {
    writeFileSync(beside, text, { flag: 'wx', mode: 0o600 })
    // Root leaves the file to whose it was; for anybody else it is their own already.
    if (process.getuid?.() === 0) chownSync(beside, old.uid, old.gid)
    chmodSync(beside, old.mode & 0o777)
    renameSync(beside, target)
  } catch (error) {
    // Where a file of that name was there before (EEXIST), it is not ours to take away.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') rmSync(beside, { force: true })
    throw error
  }
}
