import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Text } from '../evidence/index.ts'
import { Draft } from './draft.ts'

const PATH = 'a.txt'

function draftOf(text: string): Draft {
  return new Draft((path) => (path === PATH ? { kind: 'text', text } : { kind: 'absent' }))
}

const edit = (start: number, end: number, text: string, path = PATH) => ({ path, start, end, text })

function textOf(draft: Draft, path = PATH): string | undefined {
  const state = draft.file(path)
  return state.kind === 'text' ? state.text : undefined
}

/** Where a place of the text as it was read is now. */
function followed(draft: Draft, before: string, start: number, end: number): string | undefined {
  const change = draft.follow({ change: 'value', at: new Text(PATH, before).origin(start, end), from: '', to: '' })
  if (change === undefined || !('at' in change)) return undefined
  return textOf(draft)?.slice(change.at.span.start.offset, change.at.span.end.offset)
}

describe('a draft', () => {
  it('C6 · has the edits, and leaves what it was made of as it is', () => {
    const before = draftOf('one two three')
    const after = before.fork()
    expect(after.apply([edit(4, 7, 'TWO'), edit(0, 0, '> '), edit(0, 4, 'new', 'b.txt')])).toBe(false)
    expect(after.apply([edit(4, 7, 'TWO'), edit(0, 0, '> '), edit(0, 0, 'new', 'b.txt')])).toBe(true)
    expect([textOf(after), textOf(after, 'b.txt')]).toEqual(['> one TWO three', 'new'])
    expect([textOf(before), before.changed.size]).toEqual(['one two three', 0])
  })

  it('C6 · keeps the order of what is put in at one place', () => {
    const draft = draftOf('one two')
    expect(draft.apply([edit(3, 3, ','), edit(3, 3, ' and'), edit(3, 4, '_')])).toBe(true)
    expect(textOf(draft)).toBe('one, and_two')
  })

  it('C6 · takes no edits over one another, nor outside of the text, and then none of them', () => {
    const draft = draftOf('one two')
    for (const edits of [[edit(0, 3, 'x'), edit(2, 4, 'y')], [edit(0, 8, '')], [edit(-1, 0, '')], [edit(3, 2, '')]])
      expect(draft.apply([edit(5, 6, 'ok'), ...edits])).toBe(false)
    expect(draft.changed.size).toBe(0)
  })

  it('C6 · knows where a place is after any edits beside it, and that one within others is gone', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, maxLength: 40, unit: fc.constantFrom('a', 'b', '\n', '\r\n', 'ü', '😀') }),
        fc.array(fc.tuple(fc.nat(40), fc.nat(5), fc.string({ maxLength: 5 })), { maxLength: 6 }),
        fc.nat(40),
        fc.nat(10),
        (text, wanted, from, length) => {
          const draft = draftOf(text)
          const start = Math.min(from, text.length)
          const end = Math.min(start + length, text.length)
          let isTouched = false
          for (const [at, size, put] of wanted) {
            const now = textOf(draft) ?? ''
            const first = Math.min(at, now.length)
            const last = Math.min(first + size, now.length)
            const here = draft.follow({ change: 'value', at: new Text(PATH, text).origin(start, end), from: '', to: '' })
            if (here !== undefined && 'at' in here) {
              const { span } = here.at
              isTouched ||= first < span.end.offset && last > span.start.offset
              isTouched ||= first === last && first > span.start.offset && first < span.end.offset
              // An empty place, replaced around it.
              isTouched ||= start === end && first <= span.start.offset && last >= span.end.offset
            }
            draft.apply([edit(first, last, put)])
          }
          const found = followed(draft, text, start, end)
          if (!isTouched) expect(found).toBe(text.slice(start, end))
        },
      ),
      { numRuns: 2000 },
    )
  })
})
