import { Text } from '../../evidence/index.ts'
import { printable } from '../../evidence/shown.ts'
import type { Editor } from '../edit.ts'

const FILE = '.gitignore'

/** gitignore(5): what these stand for is escaped; a pattern with a slash is of this directory. */
const SPECIAL = /[\\*?[\] ]/g

/** `.gitignore` of the folder: a line of its own at the end, where it is asked last. */
export const gitEditor: Editor = {
  edit(change, files) {
    if (change.change !== 'ignore') return { kind: 'refused', why: 'git ignores files, and nothing else' }
    if (printable(change.path) !== change.path) return { kind: 'refused', why: 'the name of the file is no line of text' }
    const state = files.file(FILE)
    if (state.kind !== 'text' && state.kind !== 'absent') return { kind: 'refused', why: `${FILE} cannot be read` }
    const text = state.kind === 'text' ? state.text : ''
    const ending = text.includes('\r\n') ? '\r\n' : '\n'
    const line = ignoringLine(change.path)
    const isOpen = text !== '' && !/[\r\n]$/.test(text)
    const edit = { path: FILE, start: text.length, end: text.length, text: `${isOpen ? ending : ''}${line}${ending}` }
    return { kind: 'edits', edits: [edit], notes: [] }
  },
}

/** The line that makes git ignore the file of that path, from the directory that `.gitignore` is in. */
function ignoringLine(path: string): string {
  return `/${path.replaceAll(SPECIAL, (character) => `\\${character}`)}`
}

/** Whether a text of `.gitignore` has the line by which `gitEditor` ignores the file, and none behind it that could take it back. */
export function ignores(gitignore: string, path: string): boolean {
  const text = new Text(FILE, gitignore)
  const lines = text.lineStarts.map((_, index) => text.line(index + 1))
  const at = lines.lastIndexOf(ignoringLine(path))
  return at >= 0 && !lines.slice(at + 1).some((line) => line.startsWith('!'))
}
