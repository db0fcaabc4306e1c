import { existsSync, lstatSync, readFileSync, readlinkSync, realpathSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { readFileState } from '../collect/files.ts'
import { listWithGit } from '../collect/folder/git.ts'
import { Failure } from '../failure.ts'
import { unreadText } from '../system-words.ts'

/**
 * The text of a file that may hold secrets; `undefined`: it is not there. Throws `Failure` where it is there and is not to be read or replaced.
 * `option`: the one that names the file.
 */
export function readKeyFile(path: string, option: '--file' | '--example' = '--file'): string | undefined {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  if (stat?.isSymbolicLink() === true) {
    const target = resolve(dirname(path), readlinkSync(path))
    throw new Failure(`${path} is a link to ${target}`, `name the file itself: ${option} ${target}`)
  }
  const folder = dirname(path)
  if (!existsSync(folder)) throw new Failure(`there is no folder ${folder}`, 'name a file of a folder that is there')
  const state = readFileState(basename(path), { path: realpathSync(folder), chroot: false })
  if (state.kind === 'text') return state.text
  if (state.kind === 'absent') return undefined
  throw new Failure(
    `${path} could not be read: it is ${unreadText(state, 'a file of variables')}`,
    'it has to be a text file of this user’s own',
  )
}

/** Throws `Failure` where the file has another name, which would go on leading to the old text once this one is replaced. */
export function refuseOtherNames(path: string): void {
  if ((lstatSync(path, { throwIfNoEntry: false })?.nlink ?? 1) > 1)
    throw new Failure(
      `${path} has another name (a hard link), which would go on leading to the old keys, so nothing was written`,
      'take the other name away (find it with: find / -xdev -samefile FILE), or copy the file into its own place',
    )
}

/** Why the next commit would have the file, and what keeps it out; `undefined`: git is not used here, or ignores it. */
export async function committedNext(path: string): Promise<string | undefined> {
  const listing = await listWithGit(realpathSync(dirname(path)))
  if (listing === undefined) return undefined
  if ('why' in listing) return `whether git ignores ${path} is not known: ${listing.why}`
  const name = basename(path)
  const found = listing.present.find((each) => each.path === name)
  if (found === undefined) return undefined
  const line = `the line /${name} in ${resolve(dirname(path), '.gitignore')}`
  return found.tracked
    ? `git tracks ${path}: git rm --cached ${name}, and ${line}, keep its keys out of the next commit`
    : `git does not ignore ${path}: ${line} keeps its keys out of the next commit`
}

/** U+FEFF: readers of text take it off, and a file that begins with it keeps it. */
const MARK = '\ufeff'

/** The text as it is to be written in the place of the file: with the byte order mark that it has. */
export function withMark(path: string, text: string): string {
  const isMarked = lstatSync(path, { throwIfNoEntry: false }) !== undefined && readFileSync(path, 'utf8').startsWith(MARK)
  return isMarked ? MARK + text : text
}
