import { accessSync, constants, lstatSync, realpathSync, type Stats } from 'node:fs'
import { dirname, join } from 'node:path'
import { Failure } from '../failure.ts'
import type { Disk, Manner } from './disk.ts'
import type { ChangedFile } from './record.ts'

/** What is to become of one file. */
export interface NewText {
  /** Relative to the folder. */
  readonly path: string
  /** The text that it was decided on, without a byte order mark; `undefined`: there was no such file. */
  readonly from: string | undefined
  readonly to: string
}

/** U+FEFF as UTF-8. Readers of text take it off, and a file that has one keeps it. */
const MARK = Buffer.from([0xef, 0xbb, 0xbf])

/** The file as it is and as it is to be. Throws `Failure` where it is not the one that was looked at, or none that may be replaced. */
export function changedFile(root: string, { path, from, to }: NewText, disk: Disk): ChangedFile {
  const target = join(root, path)
  const stat = lstatSync(target, { throwIfNoEntry: false })
  refuseDirectory(root, path)
  if (stat === undefined) {
    if (from !== undefined) throw changed(path)
    return { path, manner: newManner(dirname(target)), before: null, after: Buffer.from(to) }
  }
  refuseFile(path, stat)
  const before = disk.read(target) ?? Buffer.alloc(0)
  const marked = before.subarray(0, MARK.length).equals(MARK)
  if (from === undefined || !before.subarray(marked ? MARK.length : 0).equals(Buffer.from(from))) throw changed(path)
  const after = marked ? Buffer.concat([MARK, Buffer.from(to)]) : Buffer.from(to)
  return { path, manner: { mode: stat.mode & 0o777, uid: stat.uid, gid: stat.gid }, before, after }
}

/** What is written in a directory where nothing of the kind was. */
function newManner(directory: string): Manner {
  const { uid, gid } = lstatSync(directory)
  return process.getuid?.() === 0
    ? { mode: 0o644, uid, gid }
    : { mode: 0o644, uid: process.getuid?.() ?? uid, gid: process.getgid?.() ?? gid }
}

function refuseDirectory(root: string, path: string): void {
  const directory = dirname(join(root, path))
  if (realpathSync(directory) !== directory)
    throw new Failure(`${path} is in a directory that a link leads to`, 'run it in the folder where the file itself is')
  try {
    accessSync(directory, constants.W_OK)
  } catch {
    throw new Failure(`nothing can be written beside ${path}`, 'run it as a user who may write there')
  }
}

function refuseFile(path: string, stat: Stats): void {
  const own = process.getuid?.()
  const why = stat.isSymbolicLink()
    ? 'is a link'
    : !stat.isFile()
      ? 'is no file'
      : stat.nlink > 1
        ? 'has another name (a hard link), which would go on leading to the old text'
        : (stat.mode & 0o200) === 0
          ? 'is read-only'
          : own !== undefined && own !== 0 && stat.uid !== own
            ? 'belongs to another user'
            : undefined
  if (why !== undefined) throw new Failure(`${path} ${why}, so nothing was written`, 'change that, or edit the file by hand')
}

function changed(path: string): Failure {
  return new Failure(`${path} was changed since it was read, so nothing was written`, 'run the command again')
}
