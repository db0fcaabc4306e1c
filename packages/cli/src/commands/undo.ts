import { printable } from '@sallyport/core/evidence'
import { reversible, takeBack } from '../change/apply.ts'
import { isConfirmed } from '../change/ask.ts'
import { diffTexts } from '../change/diff.ts'
import { DISK } from '../change/disk.ts'
import type { ChangedFile } from '../change/record.ts'
import { colorsFor, diffText } from '../change/show.ts'
import { EXIT } from '../exit.ts'
import { counted } from '../report/words.ts'
import { folderAt, recovered } from './look.ts'

export interface UndoOptions {
  readonly folder: string
  readonly yes: boolean
  readonly color: boolean
}

/** `sallyport undo`: the last change of the folder is taken back, as a whole or not at all; doing it again makes it anew. */
export async function undo(options: UndoOptions): Promise<number> {
  const root = await recovered(folderAt(options.folder, 'folder'))
  const last = reversible(root)
  const colors = colorsFor(options.color)
  process.stdout.write(last.files.map((file) => `${reverseDiff(file, colors)}\n`).join(''))
  const what =
    last.command === 'undo' ? 'make the change again' : `take back what ${last.command} did on ${last.at.slice(0, 16).replace('T', ' ')}`
  if (!(await isConfirmed(`${what}?`, options.yes))) {
    process.stderr.write('nothing was changed\n')
    return EXIT.clean
  }
  await takeBack(root, DISK, last)
  process.stderr.write(`${counted(last.files.length, 'file')} written: ${last.files.map(({ path }) => printable(path)).join(', ')}\n`)
  return EXIT.clean
}

function reverseDiff({ path, before, after }: ChangedFile, colors: ReturnType<typeof colorsFor>): string {
  const [old, now] = [after?.toString('utf8') ?? '', before?.toString('utf8') ?? '']
  return diffText({ path, isNew: after === null, isGone: before === null, hunks: diffTexts(path, old, now) }, colors)
}
