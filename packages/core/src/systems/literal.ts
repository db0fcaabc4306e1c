import { hostBeforePort } from '../network/index.ts'
import type { ValueChange } from '../evidence/index.ts'
import type { Edited, Editor } from './edit.ts'

/** What means itself between quotes of any kind and without them, in every language that is read: hosts, addresses, ports, origins. */
const PLAIN = /^[\w.:/@%+[\]-]+$/

/** How every address is written; a port alone means it as well. */
const EVERYWHERE: readonly string[] = ['*', '0.0.0.0', '::']

const refused = (why: string): Edited => ({ kind: 'refused', why })

/** Any file: the value is replaced where it stands as it is given, and whatever it is written with stays. */
export const literalEditor: Editor = {
  edit(change, files) {
    if (change.change !== 'value') return refused('only a value can be replaced there')
    const state = files.file(change.at.path)
    if (state.kind !== 'text') return refused(`${change.at.path} cannot be read`)
    if (!PLAIN.test(change.to) && change.to !== '') return refused('the new value would need quotes')
    return replaced(change, state.text)
  },
}

function replaced(change: ValueChange, text: string): Edited {
  const { at, from, to } = change
  const start = at.span.start.offset
  const end = Math.min(at.span.end.offset, text.length)
  const written = text.slice(start, end)
  const host = hostBeforePort(to)
  const isEverywhere = EVERYWHERE.includes(from)
  // What is read as `0.0.0.0` may be written `*`.
  const spellings = isEverywhere ? [from, ...EVERYWHERE.filter((each) => each !== from)] : [from]
  const spelling = spellings.find((each) => each !== '' && placesOf(each, written).length > 0)
  const places = spelling === undefined ? [] : placesOf(spelling, written)
  const [place] = places
  if (places.length > 1) return refused(`${spelling} stands there ${places.length} times`)
  if (place !== undefined && spelling !== undefined) {
    const found = { start: start + place, end: start + place + spelling.length }
    if (to === '') return takenOut(at.path, text, found)
    return edits(at.path, found.start, found.end, written[place + spelling.length] === ':' ? host : to)
  }
  const colon = isEverywhere ? /(?:^|[\s"'`=])(?=:[\d$%{])/.exec(written) : null
  if (colon !== null) return edits(at.path, start + colon.index + colon[0].length, start + colon.index + colon[0].length, host)
  // `--host` alone is every interface to those that take it so.
  if ((from === 'true' || from === '*') && /^-{1,2}[A-Za-z][\w-]*$/.test(written)) return edits(at.path, end, end, ` ${to}`)
  return refused(`${from === '' ? 'the value' : from} does not stand there as it is`)
}

function edits(path: string, start: number, end: number, text: string): Edited {
  return { kind: 'edits', edits: [{ path, start, end, text }], notes: [] }
}

/** Offsets of a value that is no part of a longer one. */
function placesOf(value: string, written: string): readonly number[] {
  const found: number[] = []
  for (let at = written.indexOf(value); at >= 0; at = written.indexOf(value, at + value.length)) {
    const before = written[at - 1] ?? ' '
    const after = written[at + value.length] ?? ' '
    const joins = value.includes('::') ? /[\w.:]/ : /[\w.]/
    if (!joins.test(before) && !joins.test(after)) found.push(at)
  }
  return found
}

/** One item of a list: with its quotes, and with the comma or the line that is its own. */
function takenOut(path: string, text: string, { start, end }: { readonly start: number; readonly end: number }): Edited {
  const quote = text[start - 1] ?? ''
  const isQuoted = /["'`]/.test(quote) && text[end] === quote
  const [from, to] = isQuoted ? [start - 1, end + 1] : [start, end]
  const lineStart = Math.max(text.lastIndexOf('\n', from - 1), text.lastIndexOf('\r', from - 1)) + 1
  const ending = /^[ \t]*(?:\r\n|\n|\r|$)/.exec(text.slice(to, to + 200))
  if (/^[ \t]*-[ \t]+$/.test(text.slice(lineStart, from)) && ending !== null) return edits(path, lineStart, to + ending[0].length, '')
  // A text that is no item of a list stays, with nothing in it.
  if (isQuoted && !isItem(text, from)) return edits(path, start, end, '')
  const after = /^[ \t]*,[ \t]*/.exec(text.slice(to, to + 200))
  if (after !== null) return edits(path, from, to + after[0].length, '')
  const before = /,[ \t]*$/.exec(text.slice(Math.max(0, from - 200), from))
  return edits(path, from - (before?.[0].length ?? 0), to, '')
}

/** Whether the innermost bracket that is open before a place is that of a list. So far back texts are looked at. */
function isItem(text: string, at: number): boolean {
  let open = 0
  for (let index = at - 1; index >= Math.max(0, at - FARTHEST); index--) {
    const character = text[index] ?? ''
    if (/[)\]}]/.test(character)) open++
    else if (/[([{]/.test(character) && open-- === 0) return character === '['
  }
  return false
}

/** In UTF-16 code units. */
const FARTHEST = 20_000
