import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Text } from '../../evidence/index.ts'
import { assign, type Assignment } from './assign.ts'
import { readEnvironmentFile } from './values.ts'

function after(text: string, ...assignments: readonly Assignment[]): string {
  const result = assign(text, assignments)
  return result.kind === 'text' ? result.text : `refused ${result.line}: ${result.why}`
}

const set = (name: string, value: string): Assignment => ({ kind: 'set', name, value })

describe('M9 · a .env file with variables set', () => {
  it.each([
    ['a value', 'A=1\nKEY=old\nB=2\n', 'A=1\nKEY=new\nB=2\n'],
    ['no value', 'KEY=\nB=2\n', 'KEY=new\nB=2\n'],
    ['line ends of Windows, and a comment', '# x\r\nKEY=old # why\r\nB=2\r\n', '# x\r\nKEY=new # why\r\nB=2\r\n'],
    ['quotes', `KEY="o l d"\nB='2'\n`, `KEY=new\nB='2'\n`],
    ['blanks and export', '  export KEY = old  \n', '  export KEY = new  \n'],
    ['a value over lines', 'KEY="a\nb"\nB=2', 'KEY=new\nB=2'],
    ['the name twice', 'KEY=a\nB=2\nKEY=b\n', 'KEY=new\nB=2\nKEY=new\n'],
    ['not there', 'B=2\n', 'B=2\nKEY=new\n'],
    ['not there, and no line end', 'B=2', 'B=2\nKEY=new\n'],
    ['not there, in an empty file', '', 'KEY=new\n'],
    ['only in a comment', '# KEY=old\n', '# KEY=old\nKEY=new\n'],
    ['within the value of another', 'B="\nKEY=old\n"\n', 'B="\nKEY=old\n"\nKEY=new\n'],
    ['the beginning of another name', 'KEY_ID=1\n', 'KEY_ID=1\nKEY=new\n'],
  ])('%s', (_, before, expected) => {
    expect(after(before, set('KEY', 'new'))).toBe(expected)
  })

  it('what dotenv and compose read differently is refused, with its line', () => {
    expect(after('A=1\nKEY="a\nb\n', set('KEY', 'new'))).toMatch(/^refused 2: /)
    expect(after('', set('KEY', 'a b'))).toMatch(/^refused/)
  })

  it('a copy stands behind its line, as it was written, and a dropped line is gone with its end', () => {
    const rotated = after(
      'A=1\nKEY="old" # why\nB=2\n',
      { kind: 'copy', name: 'KEY_PREVIOUS', from: 'KEY' },
      { kind: 'set', name: 'KEY_PREVIOUS_UNTIL', value: '2026-01-31T00:00:00Z', after: 'KEY' },
      set('KEY', 'new'),
    )
    expect(rotated).toBe('A=1\nKEY=new # why\nKEY_PREVIOUS="old"\nKEY_PREVIOUS_UNTIL=2026-01-31T00:00:00Z\nB=2\n')
    expect(after(rotated, { kind: 'drop', name: 'KEY_PREVIOUS' }, { kind: 'drop', name: 'KEY_PREVIOUS_UNTIL' })).toBe(
      'A=1\nKEY=new # why\nB=2\n',
    )
  })

  const line = fc.oneof(
    fc
      .tuple(fc.constantFrom('A', 'B', 'KEY', 'export C', 'KEY_ID'), fc.stringMatching(/^[ab1 "'#$\\`=]{0,10}$/))
      .map(([name, value]) => `${name}=${value}`),
    fc.stringMatching(/^[#K EY="x]{0,10}$/),
  )

  it('whatever else is in the file is read as before, by dotenv and by compose', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), fc.constantFrom('\n', '\r\n'), (lines, end) => {
        const before = lines.join(end)
        const result = assign(before, [set('KEY', 'q8Jw3vXn5tRk7ZbY-d2Lf_9Hs4')])
        if (result.kind === 'refused') return
        for (const dialect of ['compose', 'node'] as const) {
          const [old, now] = [before, result.text].map((text) => values(text, dialect))
          expect({ before, value: now?.get('KEY') }).toEqual({ before, value: 'q8Jw3vXn5tRk7ZbY-d2Lf_9Hs4' })
          for (const [name, value] of old ?? [])
            if (name !== 'KEY') expect({ before, name, value: now?.get(name) }).toEqual({ before, name, value })
        }
      }),
      { numRuns: 3000, seed: 20260107 },
    )
  })
})

function values(text: string, dialect: 'compose' | 'node'): ReadonlyMap<string, unknown> {
  const { variables } = readEnvironmentFile(new Text('.env', text), dialect)
  return new Map([...variables].map(([name, { value }]) => [name, value.kind === 'known' ? value.value : value.kind]))
}
