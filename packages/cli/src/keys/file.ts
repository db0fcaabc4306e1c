import { existsSync, lstatSync, readFileSync, readlinkSync, realpathSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import type { FileState } from '@sallyport/core/systems'
import { readFileState } from '../collect/files.ts'
import { Failure } from '../failure.ts'

/** The text of a file that may hold secrets; `undefined`: it is not there. Throws `Failure` where it is there and is not to be read or replaced. */
export function readKeyFile(path: string): string | undefined {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  if (stat?.isSymbolicLink() === true) {
    const target = resolve(dirname(path), readlinkSync(path))
    throw new Failure(`${path} is a link to ${target}`, `name the file itself: --file ${target}`)
  }
  const folder = dirname(path)
  if (!existsSync(folder)) throw new Failure(`there is no folder ${folder}`, 'name a file of a folder that is there')
  const state = readFileState(basename(path), { path: realpathSync(folder), chroot: false })
  if (state.kind === 'text') return state.text
  if (state.kind === 'absent') return undefined
  throw new Failure(`${path} could not be read: it is ${whyNot(state)}`, 'it has to be a text file of this user’s own')
}

/** U+FEFF: readers of text take it off, and a file that begins with it keeps it. */
const MARK = '\ufeff'

/** The text as it is to be written in the place of the file: with the byte order mark that it has. */
export function withMark(path: string, text: string): string {
  const isMarked = lstatSync(path, { throwIfNoEntry: false }) !== undefined && readFileSync(path, 'utf8').startsWith(MARK)
  return isMarked ? MARK + text : text
}

function whyNot(state: Exclude<FileState, { readonly kind: 'text' | 'absent' }>): string {
  switch (state.kind) {
    case 'denied':
      return 'not for this user to read'
    case 'too-large':
      return 'too large for a file of variables'
    case 'not-text':
      return 'no text'
    case 'not-a-file':
      return state.what
    default:
      return state satisfies never
  }
}
