import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { carryAttributes } from './attributes.ts'

/** Who may do what with a file, and whose it is. */
export interface Manner {
  readonly mode: number
  readonly uid: number
  readonly gid: number
}

/** Every step by which a change comes to the disk. One at a time, so that a test can end the process at each. */
export interface Disk {
  /** `undefined`: there is none. A link is not followed. */
  read(path: string): Buffer | undefined
  /** A file that is new, for its owner alone: a name that is there is taken away first. */
  create(path: string): number
  fill(descriptor: number, bytes: Buffer): void
  /** Of that file alone: a link, or a file that has another name, is somebody else's. */
  give(path: string, manner: Manner): void
  /** The access control list and the extended attributes of the file that another one takes the place of. */
  carry(from: string, to: string): void
  /** On the disk, not only in memory. */
  sync(descriptor: number): void
  close(descriptor: number): void
  rename(from: string, to: string): void
  /** No error where there is none. */
  remove(path: string): void
  /** The names in a directory are on the disk. */
  syncDirectory(path: string): void
}

export const DISK: Disk = {
  read(path) {
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return undefined
    const descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      return readFileSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
  },
  create(path) {
    rmSync(path, { force: true })
    return openSync(path, 'wx', 0o600)
  },
  fill(descriptor, bytes) {
    for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at)
  },
  give(path, { mode, uid, gid }) {
    // By its descriptor: whoever owns the directory may put a link by that name, and root would give away what it leads to.
    const descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      const stat = fstatSync(descriptor)
      if (!stat.isFile() || stat.nlink > 1) throw new Error(`${path} was replaced by another file`)
      // Only root can give a file away; for anybody else it is their own already.
      if (process.getuid?.() === 0) fchownSync(descriptor, uid, gid)
      fchmodSync(descriptor, mode & 0o777)
    } finally {
      closeSync(descriptor)
    }
  },
  carry: carryAttributes,
  sync: fsyncSync,
  close: closeSync,
  rename: renameSync,
  remove: (path) => rmSync(path, { force: true }),
  syncDirectory,
}

/** That the names in a directory are on the disk too. Not every system lets one be opened; its own order of writing decides then. */
export function syncDirectory(path: string): void {
  try {
    const descriptor = openSync(path, constants.O_RDONLY)
    try {
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
  } catch {
    // Nothing is to be done.
  }
}

/** A whole file under that name, on the disk before it is named so by anybody else. */
export function put(disk: Disk, path: string, bytes: Buffer, manner?: Manner): void {
  const descriptor = disk.create(path)
  try {
    disk.fill(descriptor, bytes)
    disk.sync(descriptor)
  } finally {
    disk.close(descriptor)
  }
  if (manner !== undefined) disk.give(path, manner)
}
