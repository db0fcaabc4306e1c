import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, realpathSync } from 'node:fs'
import { sep } from 'node:path'
import type { FileState } from '@sallyport/core/systems'

/** Larger files are not configuration or source that a person wrote. */
export const MAX_FILE_BYTES = 2 * 1024 * 1024

/**
 * Reads a text file, never following a link out of `within`, never blocking on a FIFO or device, never more than
 * `MAX_FILE_BYTES`. Everything that can go wrong is a value.
 */
export function readFileState(path: string, within: string): FileState {
  try {
    const real = realpathSync(path)
    if (real !== within && !real.startsWith(within.endsWith(sep) ? within : within + sep))
      return { kind: 'not-a-file', what: 'a link out of the folder' }
    return readRegular(real)
  } catch (error) {
    return stateOfError(error as NodeJS.ErrnoException, path)
  }
}

function readRegular(path: string): FileState {
  // O_NONBLOCK: opening a FIFO for reading would wait for a writer. What it is, is asked of the descriptor, so that it cannot change in between.
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW)
  try {
    const stat = fstatSync(descriptor)
    if (!stat.isFile())
      return { kind: 'not-a-file', what: stat.isDirectory() ? 'a directory' : stat.isFIFO() ? 'a FIFO' : 'a device or socket' }
    if (stat.size > MAX_FILE_BYTES) return { kind: 'too-large', bytes: stat.size }
    // Files of /proc have size 0 and yet a content, and a file may grow while it is read.
    const buffer = Buffer.alloc(stat.size === 0 ? 64 * 1024 : stat.size + 1)
    let length = 0
    for (;;) {
      const read = readSync(descriptor, buffer, length, buffer.length - length, null)
      length += read
      if (read === 0 || length === buffer.length) break
    }
    return decode(buffer.subarray(0, length))
  } finally {
    closeSync(descriptor)
  }
}

function stateOfError(error: NodeJS.ErrnoException, path: string): FileState {
  switch (error.code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return isLink(path) ? { kind: 'not-a-file', what: 'a link to nothing' } : { kind: 'absent' }
    case 'EACCES':
    case 'EPERM':
      return { kind: 'denied' }
    case 'ELOOP':
      return { kind: 'not-a-file', what: 'a link that leads to itself' }
    default:
      return { kind: 'not-a-file', what: `not readable (${error.code ?? 'unknown error'})` }
  }
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink()
  } catch {
    return false
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

function decode(bytes: Buffer): FileState {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff))
    return { kind: 'not-text', reason: 'it is UTF-16; save it as UTF-8' }
  if (bytes.includes(0)) return { kind: 'not-text', reason: 'it is binary' }
  try {
    // The decoder takes a byte order mark off.
    return { kind: 'text', text: utf8.decode(bytes) }
  } catch {
    return { kind: 'not-text', reason: 'it is not UTF-8' }
  }
}
