import { accessSync, constants, existsSync } from 'node:fs'
import { dirname } from 'node:path'
import type { FileState } from '@sallyport/core/systems'

/** What the system refuses, in words: its own name a call and a code. */

/** Why a file or folder that was named cannot be read. */
export function whyUnread(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return 'this user may not read it'
    case 'ENOENT':
      return 'it is not there'
    case 'EISDIR':
      return 'it is a folder'
    case 'ENOTDIR':
      return 'what stands before its name is no folder'
    case 'ELOOP':
      return 'its links lead round in a circle'
    default:
      return code ?? message
  }
}

/** What a file is that is not read. `purpose`: what it was to be. */
export function unreadText(state: Exclude<FileState, { readonly kind: 'text' }>, purpose: string): string {
  switch (state.kind) {
    case 'absent':
      return 'not there'
    case 'denied':
      return 'not for this user to read'
    case 'too-large':
      return `too large for ${purpose}`
    case 'not-text':
      return 'no text'
    case 'not-a-file':
      return state.what
    default:
      return state satisfies never
  }
}

/** Why a server that was asked does not answer. */
export function whyUnanswered(error: NodeJS.ErrnoException): string {
  if (error.code === 'EPROTO' || error.code?.startsWith('ERR_SSL') === true) return 'it speaks no TLS, or none that is spoken here'
  switch (error.code) {
    case 'ECONNREFUSED':
      return 'the connection is refused'
    case 'ECONNRESET':
    case 'EPIPE':
      return 'it ends the connection'
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'its name has no address'
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return 'no way leads there'
    case 'ETIMEDOUT':
      return 'nobody answers in time'
    default:
      return error.code ?? error.message
  }
}

/**
 * Why the system does not let a file be written, in words. Of the file that was asked for: its own messages name the one beside it that is written
 * first, which nobody has heard of.
 */
export function whyUnwritten(error: unknown, target: string): string {
  const { code, message } = error as NodeJS.ErrnoException
  const folder = dirname(target)
  // Those that were to be made on the way are not there.
  let there = folder
  while (!existsSync(there) && dirname(there) !== there) there = dirname(there)
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return isOpen(there) ? `this user may not write to ${target}` : `this user may not write in ${there}`
    case 'EROFS':
      return `${there} is on a file system that is mounted read-only`
    case 'ENOSPC':
    case 'EDQUOT':
      return `there is no room left in ${there}`
    case 'ENOENT':
      return `there is no folder ${folder}`
    case 'ENOTDIR':
      return `${folder} is no folder`
    case 'EISDIR':
      return `${target} is a folder`
    default:
      return code ?? message
  }
}

/** Whether this user may put files there. */
function isOpen(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK)
    return true
  } catch {
    return false
  }
}
