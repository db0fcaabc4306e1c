import { closeSync, fsyncSync, linkSync, lstatSync, openSync, renameSync, rmSync, type Stats, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { DISK, syncDirectory } from './disk.ts'

export interface WriteOptions {
  readonly replace: boolean
  /** Of a new file; of one that is there only what `tighten` takes away. Absent: as the umask leaves it. */
  readonly mode?: number
  /** A file that is there loses the bits that `mode` does not have. */
  readonly tighten?: boolean
}

/**
 * Writes a file whole: made beside its place, on the disk before it is seen, and put there in one step, so that whoever reads it finds the
 * old one or the new one, also after a kill. One that is there is replaced with `replace` only. Neither way leads through a link. Throws
 * what the system says, EEXIST where a file is there and is not to be replaced.
 */
export function writeWhole(target: string, text: string, options: WriteOptions): void {
  const old = lstatSync(target, { throwIfNoEntry: false })
  if (old !== undefined && !options.replace) throw exists(target)
  const beside = besideName(target, process.pid)
  // `wx` (O_EXCL) follows no link. What is not yet in its place is for its owner alone.
  const descriptor = openSync(beside, 'wx', old === undefined ? (options.mode ?? 0o666) : 0o600)
  try {
    try {
      writeFileSync(descriptor, text)
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
    if (old !== undefined) likeOld(beside, target, old, options)
    // rename(2) changes the name and never what a link by that name leads to; link(2) takes no name that is there.
    if (options.replace) renameSync(beside, target)
    else putNew(beside, target)
  } catch (error) {
    rmSync(beside, { force: true })
    throw error
  }
  syncDirectory(dirname(target))
}

/** What a file that is being written is called until it is whole; one that a killed process left behind is nobody's. */
export function besideName(target: string, pid: number | string): string {
  return join(dirname(target), `.${basename(target)}.${pid}.new`)
}

function likeOld(beside: string, target: string, old: Stats, { mode, tighten }: WriteOptions): void {
  if (old.isFile()) DISK.carry(target, beside)
  // Root leaves the file to whose it was.
  const { uid, gid } = old
  DISK.give(beside, { mode: old.mode & (tighten === true && mode !== undefined ? mode : 0o777), uid, gid })
}

function putNew(beside: string, target: string): void {
  try {
    linkSync(beside, target)
  } catch (error) {
    // A file system without hard links (vfat): what was not there a moment ago is put there by its name.
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    if (lstatSync(target, { throwIfNoEntry: false }) !== undefined) throw exists(target)
    renameSync(beside, target)
    return
  }
  rmSync(beside, { force: true })
}

function exists(target: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`EEXIST: file already exists, '${target}'`), { code: 'EEXIST', path: target })
}
