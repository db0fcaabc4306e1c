import { randomBytes } from 'node:crypto'
import { lstatSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Failure } from '../failure.ts'
import { withLock } from './lock.ts'
import { DISK, type Disk, put } from './disk.ts'
import {
  besideOf,
  type ChangedFile,
  type ChangeRecord,
  homeOf,
  journalOf,
  lastOf,
  openState,
  readRecord,
  strayRecord,
  STATE_FOLDER,
  writeRecord,
} from './record.ts'
import { changedFile, type NewText } from './targets.ts'
import { whyUnwritten } from '../system-words.ts'

/**
 * Writes all of these texts, or none: recorded before anything is touched, written beside, and put in place one by one. A process that is
 * killed on the way leaves what `recover` finishes or takes back. Throws `Failure` where a file is not what was looked at.
 */
export async function applyTexts(root: string, command: string, texts: readonly NewText[], disk: Disk = DISK): Promise<void> {
  openState(root)
  await withLock(journalOf(root), () => {
    refuseStray(root, disk)
    recoverHeld(root, disk)
    commit(
      root,
      command,
      texts.map((text) => changedFile(root, text, disk)),
      disk,
    )
  })
}

/**
 * Takes the last change back; what it was is recorded in its turn, so that this can be taken back as well. Throws `Failure` where the last
 * change is no longer the one that was `shown`.
 */
export async function takeBack(root: string, disk: Disk = DISK, shown?: ChangeRecord): Promise<ChangeRecord> {
  return withLock(journalOf(root), () => {
    refuseStray(root, disk)
    recoverHeld(root, disk)
    const last = reversible(root, disk)
    if (shown !== undefined && shown.id !== last.id)
      throw new Failure('another change was made in this folder in the meantime, so nothing was taken back', 'run the command again')
    const files = last.files.map(({ before, after, ...file }) => ({ ...file, before: after, after: before }))
    commit(root, last.command === 'undo' ? 'redo' : 'undo', files, disk)
    return last
  })
}

/** The last change, if it can be taken back. Throws `Failure` where there is none, or a file of it was edited since. */
export function reversible(root: string, disk: Disk = DISK): ChangeRecord {
  const last = readRecord(lastOf(root), disk)
  if (last === undefined && strayRecord(lastOf(root), disk) !== undefined)
    throw new Failure(
      `the change that ${lastOf(root)} tells of was made in another folder, or before this file system was mounted anew, so it is not taken back`,
      'take it back where it was made, or by hand; then remove that file',
    )
  if (last === undefined) throw new Failure('there is no change of this folder to take back', 'name the folder with --folder')
  const edited = last.files.filter((file) => !isAs(root, file.path, file.after, disk)).map(({ path }) => path)
  if (edited.length > 0)
    throw new Failure(
      `${edited.join(', ')} ${edited.length === 1 ? 'was' : 'were'} edited since, so nothing was taken back`,
      'undo that first, or take the change back by hand',
    )
  return last
}

/** A change that was interrupted, and that nobody here can follow: it is told of, and nothing takes its place. Throws `Failure` where there is one. */
function refuseStray(root: string, disk: Disk): void {
  if (strayRecord(journalOf(root), disk) === undefined) return
  throw new Failure(
    `${journalOf(root)} tells of a change that was interrupted in another folder, or before this file system was mounted anew, so it is not followed and nothing was written`,
    'see whether files of this folder are half changed (.sallyport-… lies beside those that were not yet), and remove it',
  )
}

/** What an interrupted command left behind, put right: `finished` as it was meant, or `taken back`; or `not followed`, where it may be of another folder. */
export interface Recovered {
  readonly outcome: 'finished' | 'taken back' | 'not followed'
  readonly record: ChangeRecord
  /** Files that somebody else edited in between, which are left as they are. */
  readonly foreign: readonly string[]
}

/** Puts right what a killed process left in the folder. Cheap where there is nothing. */
export async function recover(root: string, disk: Disk = DISK): Promise<Recovered | undefined> {
  const stray = strayRecord(journalOf(root), disk)
  if (stray !== undefined) return { outcome: 'not followed', record: stray, foreign: [] }
  if (readRecord(journalOf(root), disk) === undefined) return undefined
  return withLock(journalOf(root), () => recoverHeld(root, disk))
}

/** With the lock held. */
function recoverHeld(root: string, disk: Disk): Recovered | undefined {
  const record = readRecord(journalOf(root), disk)
  if (record === undefined) return undefined
  const isLate = record.phase !== 'preparing'
  const foreign = isLate ? record.files.filter((file) => !isOld(root, file, disk) && !isNew(root, file, disk)) : []
  if (isLate && foreign.length === 0) {
    finish(root, record, disk)
    return { outcome: 'finished', record, foreign: [] }
  }
  if (isLate) takeFilesBack(root, record, disk)
  withdraw(root, record, disk)
  return { outcome: 'taken back', record, foreign: foreign.map(({ path }) => path) }
}

function commit(root: string, command: string, files: readonly ChangedFile[], disk: Disk): void {
  const record: ChangeRecord = {
    version: 1,
    home: homeOf(root),
    id: randomBytes(8).toString('hex'),
    command,
    at: new Date().toISOString(),
    phase: 'preparing',
    files,
  }
  let at = journalOf(root)
  try {
    writeRecord(at, record, disk)
    for (const file of files) {
      at = join(root, file.path)
      writeBeside(root, record, file, disk)
    }
    at = journalOf(root)
    for (const file of files)
      if (!isOld(root, file, disk))
        throw new Failure(`${file.path} was changed in this moment, so nothing was written`, 'run the command again')
    writeRecord(journalOf(root), { ...record, phase: 'committing' }, disk)
    finish(root, record, disk)
  } catch (error) {
    // As far as it can be done now; what cannot is done by the next command.
    recoverBack(root, record, disk)
    throw error instanceof Failure
      ? error
      : new Failure(
          `${at} could not be written, so nothing was changed: ${whyUnwritten(error, at)}`,
          'put that right, or run it as a user who may write there',
        )
  }
}

function recoverBack(root: string, record: ChangeRecord, disk: Disk): void {
  if (readRecord(journalOf(root), disk)?.id !== record.id) return
  takeFilesBack(root, record, disk)
  withdraw(root, record, disk)
}

function writeBeside(root: string, record: ChangeRecord, file: ChangedFile, disk: Disk): void {
  if (file.after !== null) put(disk, besideOf(root, record, file), file.after, file.manner)
}

/** Everything is in its place, and on the disk, before the journal is gone. */
function finish(root: string, record: ChangeRecord, disk: Disk): void {
  for (const file of record.files) {
    if (isNew(root, file, disk)) {
      disk.remove(besideOf(root, record, file))
      continue
    }
    replace(root, record, file, file.after, disk)
  }
  writeRecord(journalOf(root), { ...record, phase: 'done' }, disk)
  disk.rename(journalOf(root), lastOf(root))
  disk.syncDirectory(join(root, STATE_FOLDER))
}

/** Those that are new become old again; what somebody else made of one stays. */
function takeFilesBack(root: string, record: ChangeRecord, disk: Disk): void {
  for (const file of record.files) if (isNew(root, file, disk) && !isOld(root, file, disk)) replace(root, record, file, file.before, disk)
}

function withdraw(root: string, record: ChangeRecord, disk: Disk): void {
  for (const file of record.files) if (isReal(dirname(join(root, file.path)))) disk.remove(besideOf(root, record, file))
  disk.remove(journalOf(root))
  disk.syncDirectory(join(root, STATE_FOLDER))
}

function replace(root: string, record: ChangeRecord, file: ChangedFile, bytes: Buffer | null, disk: Disk): void {
  const target = join(root, file.path)
  const beside = besideOf(root, record, file)
  if (bytes === null) disk.remove(target)
  else {
    if (disk.read(beside)?.equals(bytes) !== true) put(disk, beside, bytes)
    if (lstatSync(target, { throwIfNoEntry: false })?.isFile() === true) disk.carry(target, beside)
    disk.give(beside, file.manner)
    disk.rename(beside, target)
  }
  disk.syncDirectory(dirname(target))
}

function isOld(root: string, { path, before }: ChangedFile, disk: Disk): boolean {
  return isAs(root, path, before, disk)
}

function isNew(root: string, { path, after }: ChangedFile, disk: Disk): boolean {
  return isAs(root, path, after, disk)
}

/** A link in the place of a file, or a directory, is somebody else's. */
function isAs(root: string, path: string, bytes: Buffer | null, disk: Disk): boolean {
  const target = join(root, path)
  if (!isReal(dirname(target))) return false
  const stat = lstatSync(target, { throwIfNoEntry: false })
  if (stat === undefined || bytes === null) return stat === undefined && bytes === null
  return stat.isFile() && disk.read(target)?.equals(bytes) === true
}

/** A directory that is there, and that no link leads to. */
function isReal(directory: string): boolean {
  try {
    return realpathSync(directory) === directory
  } catch {
    return false
  }
}
