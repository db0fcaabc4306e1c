import { lstatSync, mkdirSync, type Stats, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Failure } from '../failure.ts'
import { type Disk, type Manner, put } from './disk.ts'
import { whyUnwritten } from '../system-words.ts'

/** What one command changes in a folder, with everything that it takes to finish it or to take it back. */
export interface ChangeRecord {
  readonly version: 1
  /** The folder of records that it was made in, by device, inode and birth: of one that came with a repository nothing is followed. */
  readonly home: string
  /** Part of the names of what is written beside. */
  readonly id: string
  /** `fix`, `undo`. */
  readonly command: string
  /** ISO 8601. */
  readonly at: string
  /** `preparing`: no file of the folder was touched. `committing`: some may be. `done`: all are. */
  readonly phase: 'preparing' | 'committing' | 'done'
  readonly files: readonly ChangedFile[]
}

export interface ChangedFile {
  /** Relative to the folder. */
  readonly path: string
  readonly manner: Manner
  /** `null`: there was no such file. */
  readonly before: Buffer | null
  /** `null`: there is to be none. */
  readonly after: Buffer | null
}

/** The folder's own, for its owner alone; git ignores it by what is in it. */
export const STATE_FOLDER = '.sallyport'
const JOURNAL = 'journal.json'
const LAST = 'last.json'

export function journalOf(root: string): string {
  return join(root, STATE_FOLDER, JOURNAL)
}

/** The change that `undo` takes back. */
export function lastOf(root: string): string {
  return join(root, STATE_FOLDER, LAST)
}

/** What is written beside a file until it takes its place. */
export function besideOf(root: string, { id }: ChangeRecord, { path }: ChangedFile): string {
  const target = join(root, path)
  return join(dirname(target), `.sallyport-${id}-${target.slice(dirname(target).length + 1)}`)
}

/** Makes the folder where changes are recorded, if it is not there. Throws `Failure` where it is not this user's alone. */
export function openState(root: string): void {
  const folder = join(root, STATE_FOLDER)
  made(folder, () => mkdirSync(folder, { mode: 0o700 }))
  if (!isPrivate(folder)) throw strange(folder)
  // Also where a process was killed before it came to that: the texts in the folder may have secrets.
  const ignored = join(folder, '.gitignore')
  made(ignored, () => writeFileSync(ignored, '*\n', { flag: 'wx', mode: 0o600 }))
}

/** What is there already stays. */
function made(path: string, make: () => void): void {
  try {
    make()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST')
      throw new Failure(`nothing was changed: ${whyUnwritten(error, path)}`, 'run it as a user who may write there')
  }
}

/**
 * A record says what is to be written where: one that another user, or a repository, put there is none. Git gives no directory the mode
 * that keeps others out.
 */
function isPrivate(folder: string): boolean {
  const stat = lstatSync(folder, { throwIfNoEntry: false })
  return stat?.isDirectory() === true && isOwn(stat) && (process.getuid === undefined || (stat.mode & 0o077) === 0)
}

function isOwn({ uid }: Stats): boolean {
  return process.getuid === undefined || uid === process.getuid()
}

function strange(folder: string): Failure {
  return new Failure(`${folder} is not this user’s alone, so that what it says is not followed`, 'look at what is in it, and remove it')
}

/** Which folder of records it is. No repository and no archive can know that of the folder that is made from it. */
export function homeOf(root: string): string {
  const { dev, ino, birthtimeNs } = lstatSync(join(root, STATE_FOLDER), { bigint: true })
  return `${dev}:${ino}:${birthtimeNs}`
}

/** btrfs, overlays and NFS are another device each time that they are mounted: there the moment tells in which a folder was made. */
function isHome(recorded: string, home: string): boolean {
  const [dev, ino, birth = '0'] = recorded.split(':')
  const [ownDev, ownIno, ownBirth = '0'] = home.split(':')
  return ino === ownIno && (dev === ownDev || (birth === ownBirth && birth !== '0'))
}

/** `undefined`: there is none that this user’s Sallyport wrote here. */
export function readRecord(path: string, disk: Disk): ChangeRecord | undefined {
  const record = recordAt(path, disk)
  return record !== undefined && isHome(record.home, homeOf(dirname(dirname(path)))) ? record : undefined
}

/** A record that is there, and was made in another folder: or in this one, on a file system that cannot tell. */
export function strayRecord(path: string, disk: Disk): ChangeRecord | undefined {
  const record = recordAt(path, disk)
  return record === undefined || isHome(record.home, homeOf(dirname(dirname(path)))) ? undefined : record
}

function recordAt(path: string, disk: Disk): ChangeRecord | undefined {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  if (stat?.isFile() !== true || !isOwn(stat) || !isPrivate(dirname(path))) return undefined
  return parseRecord(disk.read(path)?.toString('utf8') ?? '')
}

/** Whole or not at all. */
export function writeRecord(path: string, record: ChangeRecord, disk: Disk): void {
  const files: readonly WrittenFile[] = record.files.map((file) => ({ ...file, before: encoded(file.before), after: encoded(file.after) }))
  put(disk, `${path}.new`, Buffer.from(JSON.stringify({ ...record, files })))
  disk.rename(`${path}.new`, path)
  disk.syncDirectory(dirname(path))
}

function parseRecord(text: string): ChangeRecord | undefined {
  try {
    const record = JSON.parse(text) as Omit<ChangeRecord, 'files'> & { readonly files: readonly WrittenFile[] }
    const files = record.files.map(({ before, after, ...file }) => ({ ...file, before: decoded(before), after: decoded(after) }))
    const isSound =
      record.version === 1 &&
      /^[0-9a-f]{16}$/.test(record.id) &&
      typeof record.home === 'string' &&
      PHASES.has(record.phase) &&
      files.every(isSoundFile)
    return isSound ? { ...record, files } : undefined
  } catch {
    return undefined
  }
}

const PHASES: ReadonlySet<string> = new Set(['preparing', 'committing', 'done'])

interface WrittenFile extends Omit<ChangedFile, 'before' | 'after'> {
  readonly before: string | null
  readonly after: string | null
}

function encoded(bytes: Buffer | null): string | null {
  return bytes === null ? null : bytes.toString('base64')
}

function decoded(text: string | null): Buffer | null {
  return text === null ? null : Buffer.from(text, 'base64')
}

/** A path that stays in the folder, and a mode without any bit that gives rights of others. */
function isSoundFile({ path, manner }: ChangedFile): boolean {
  const names = path.split('/')
  return path !== '' && !names.some((name) => name === '' || name === '.' || name === '..') && Number.isInteger(manner.mode)
}
