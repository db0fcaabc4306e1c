import { closeSync, constants, fstatSync, lstatSync, openSync, readlinkSync, readSync, realpathSync, type Stats } from 'node:fs'
import { join } from 'node:path'
import type { FileState } from '@sallyport/core/systems'

/** Larger files are not configuration or source that a person wrote. */
const MAX_FILE_BYTES = 2 * 1024 * 1024

/** Links that one path may lead through (MAXSYMLINKS of the kernel). */
const MAX_LINKS = 40

export interface Root {
  /** Absolute, without links in it. */
  readonly path: string
  /** The root of another mount namespace (`/proc/PID/root`): absolute links mean paths below it, as its own processes see them. */
  readonly chroot: boolean
}

/**
 * Reads a text file, never following a link out of `root`, never blocking on a FIFO or device, never more than
 * `MAX_FILE_BYTES`. Everything that can go wrong is a value. `path` is relative to the root.
 */
export function readFileState(path: string, root: Root): FileState {
  try {
    const real = resolveWithin(path, root)
    if (!('path' in real)) return real
    // A device may do something when it is opened (watchdog, tape): only what is a file is.
    return real.stat.isFile() ? readRegular(real.path) : notAFile(real.stat)
  } catch (error) {
    return stateOfError(error as NodeJS.ErrnoException)
  }
}

/** The absolute path of a directory below the root, its links followed as a process there would; `undefined` where there is none. */
export function directoryWithin(path: string, root: Root): string | undefined {
  try {
    const real = resolveWithin(path, root)
    return 'path' in real && real.stat.isDirectory() ? real.path : undefined
  } catch {
    return undefined
  }
}

const LOOP: FileState = { kind: 'not-a-file', what: 'a link that leads to itself' }
const LINK_OUT: FileState = { kind: 'not-a-file', what: 'a link out of the folder' }
const PATH_OUT: FileState = { kind: 'not-a-file', what: 'a path out of the folder' }

/** Whether a path was not read because it leads out of its root. */
export function leadsOut(state: FileState): boolean {
  return state === LINK_OUT || state === PATH_OUT
}

const DIRECTORY: FileState = { kind: 'not-a-file', what: 'a directory' }

/** Whether a path is, or leads to, a directory within its root. */
export function isDirectory(state: FileState): boolean {
  return state === DIRECTORY
}

interface Real {
  readonly path: string
  readonly stat: Stats
}

function resolveWithin(path: string, root: Root): Real | FileState {
  // Nothing leads out of the machine's own root, where the kernel follows links sooner.
  if (root.path === '/' && !root.chroot) {
    const real = realpathSync.native(join('/', path))
    return { path: real, stat: lstatSync(real) }
  }
  return followLinks(path, root)
}

/** By hand: realpath(3) would leave the root of another mount namespace, or the folder. */
function followLinks(path: string, root: Root): Real | FileState {
  const waiting = path.split('/').toReversed()
  let found: string[] = []
  let stat: Stats | undefined
  let links = 0
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (name === '' || name === '.') continue
    if (name === '..') {
      if (found.pop() === undefined && !root.chroot) return links > 0 ? LINK_OUT : PATH_OUT
      stat = undefined
      continue
    }
    const here = join(root.path, ...found, name)
    stat = lstatSync(here)
    if (!stat.isSymbolicLink()) {
      found.push(name)
      continue
    }
    if (++links > MAX_LINKS) return LOOP
    const target = readlinkSync(here)
    if (target.startsWith('/')) {
      const inside = root.chroot ? target : insideOf(root.path, target)
      if (inside === undefined) return LINK_OUT
      found = []
      waiting.push(...inside.split('/').toReversed())
    } else waiting.push(...target.split('/').toReversed())
    stat = undefined
  }
  const real = join(root.path, ...found)
  return { path: real, stat: stat ?? lstatSync(real) }
}

function insideOf(root: string, target: string): string | undefined {
  if (root === '/') return target
  return target === root || target.startsWith(`${root}/`) ? target.slice(root.length) : undefined
}

function readRegular(path: string): FileState {
  // It may have become something else in between: O_NONBLOCK, since opening a FIFO would wait for a writer, and the descriptor is asked again.
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW)
  try {
    const stat = fstatSync(descriptor)
    if (!stat.isFile()) return notAFile(stat)
    if (stat.size > MAX_FILE_BYTES) return { kind: 'too-large', bytes: stat.size, beginning: beginningOf(descriptor) }
    return readWhole(descriptor, stat.size)
  } finally {
    closeSync(descriptor)
  }
}

/** So much of a file that is too large tells what it is. */
const BEGINNING_BYTES = 4096

function beginningOf(descriptor: number): string {
  const buffer = Buffer.alloc(BEGINNING_BYTES)
  return buffer.toString('utf8', 0, readSync(descriptor, buffer, 0, BEGINNING_BYTES, 0))
}

/** Files of /proc have size 0 and yet a content, and a file may grow while it is read: read until there is no more. */
function readWhole(descriptor: number, size: number): FileState {
  let buffer = Buffer.allocUnsafe(size === 0 ? 64 * 1024 : size + 1)
  let length = 0
  for (;;) {
    const read = readSync(descriptor, buffer, length, buffer.length - length, null)
    length += read
    if (read === 0) return decode(buffer.subarray(0, length))
    if (length > MAX_FILE_BYTES) return { kind: 'too-large', bytes: length }
    if (length === buffer.length) buffer = Buffer.concat([buffer], buffer.length * 2)
  }
}

function notAFile(stat: Stats): FileState {
  if (stat.isDirectory()) return DIRECTORY
  const kinds: readonly (readonly [boolean, string])[] = [
    [stat.isFIFO(), 'a FIFO'],
    [stat.isSocket(), 'a socket'],
  ]
  return { kind: 'not-a-file', what: kinds.find(([is]) => is)?.[1] ?? 'a device' }
}

function stateOfError(error: NodeJS.ErrnoException): FileState {
  switch (error.code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return { kind: 'absent' }
    case 'EACCES':
    case 'EPERM':
      return { kind: 'denied' }
    case 'ELOOP':
      return LOOP
    default:
      return { kind: 'not-a-file', what: `not readable (${error.code ?? 'unknown error'})` }
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

function notText(reason: string, bytes: Buffer): FileState {
  return { kind: 'not-text', reason, ...(bytes[0] === 0x23 && bytes[1] === 0x21 ? { script: true } : {}) }
}

function decode(bytes: Buffer): FileState {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff))
    return { kind: 'not-text', reason: 'it is UTF-16; save it as UTF-8' }
  if (bytes.includes(0)) return notText('it is binary', bytes)
  try {
    // The decoder takes a byte order mark off.
    return { kind: 'text', text: utf8.decode(bytes) }
  } catch {
    return notText('it is not UTF-8', bytes)
  }
}
