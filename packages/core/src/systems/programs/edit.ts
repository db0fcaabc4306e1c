import type { Editor } from '../edit.ts'
import { hostWords } from './host-option.ts'

/** The option that says the host, put behind a word of a command: as words of a line, or of a list. */
export const argumentEditor: Editor = {
  edit(change, files) {
    if (change.change !== 'argument') return { kind: 'refused', why: 'only an argument can be added there' }
    const { path, span } = change.at
    const state = files.file(path)
    if (state.kind !== 'text') return { kind: 'refused', why: `${path} cannot be read` }
    const words = hostWords(change.program, change.host)
    if (words === undefined) return { kind: 'refused', why: `${change.program} has no option that says the host alone` }
    const end = span.end.offset
    const list = listOf(state.text, span.start.offset, end)
    const text = list === undefined ? ` ${words.join(' ')}` : words.map((word) => `, ${list.quote}${word}${list.quote}`).join('')
    const at = list?.end ?? end
    return { kind: 'edits', edits: [{ path, start: at, end: at, text }], notes: [] }
  },
}

/** Whether the word is an item of a list of quoted words: `["next", "start"]`. Offsets are of the word, with its quotes or without. */
function listOf(text: string, start: number, end: number): { readonly quote: string; readonly end: number } | undefined {
  const isInside = text[start] !== '"' && text[start] !== "'"
  const [from, to] = isInside ? [start - 1, end + 1] : [start, end]
  const quote = text[from] ?? ''
  if (!/["']/.test(quote) || text[to - 1] !== quote) return undefined
  return /[[,]\s{0,200}$/.test(text.slice(Math.max(0, from - 201), from)) ? { quote, end: to } : undefined
}
