import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { diffTexts, type Hunk } from './diff.ts'

const lines = (hunks: readonly Hunk[]): readonly string[] =>
  hunks.flatMap((hunk) => hunk.lines.map(({ kind, text }) => `${{ same: ' ', gone: '-', new: '+' }[kind]}${text}`))

describe('a diff', () => {
  it('C6 · has what differs, and two lines around it', () => {
    const before = 'a\nb\nc\nd\ne\nf\ng\nh\n'
    expect(diffTexts('x.js', before, before.replace('e', 'E')).map(({ oldLine, newLine }) => [oldLine, newLine])).toEqual([[3, 3]])
    expect(lines(diffTexts('x.js', before, before.replace('e', 'E')))).toEqual([' c', ' d', '-e', '+E', ' f', ' g'])
    expect(diffTexts('x.js', before, before.replace('a', 'A').replace('h', 'H'))).toHaveLength(2)
    expect(diffTexts('x.js', before, before)).toEqual([])
  })

  it('C6 · a line that has another ending, or none, differs', () => {
    expect(lines(diffTexts('x.js', 'a\nb\n', 'a\r\nb'))).toEqual(['-a', '-b', '+a', '+b'])
  })

  it('C6 · of a long line shows what differs, and not its secrets', () => {
    const token = 'kQ7vX2mN9pR4sT8wZ3bF6hJ1'
    const before = `{"description":"${'long '.repeat(60)}","apiToken":"${token}","scripts":{"start":"next start"},"more":"${'x '.repeat(300)}"}\n`
    const shown = lines(diffTexts('package.json', before, before.replace('next start', 'next start --hostname 127.0.0.1')))
    expect(shown).toHaveLength(2)
    expect(shown[0]).toContain('"next start"')
    expect(shown[1]).toContain('"next start --hostname 127.0.0.1"')
    expect(shown.every((line) => line.startsWith('…', 1) && line.length <= 201 && !line.includes(token.slice(4, 12)))).toBe(true)
  })

  it('C5 · a secret on a line beside it is not shown', () => {
    const text = 'HOST=0.0.0.0\nAPI_TOKEN=kQ7vX2mN9pR4sT8wZ3bF6hJ1\n'
    expect(lines(diffTexts('.env', text, text.replace('0.0.0.0', '127.0.0.1')))).toEqual([
      '-HOST=0.0.0.0',
      '+HOST=127.0.0.1',
      ' API_TOKEN=[redacted]',
    ])
  })

  it('C6 · makes of the old text the new one, and takes no line more than is needed', () => {
    const text = fc
      .array(fc.constantFrom('a', 'b', 'c', 'd', ''), { maxLength: 14 })
      .map((each) => each.map((line) => `${line}\n`).join(''))
    fc.assert(
      fc.property(text, text, (before, after) => {
        const hunks = diffTexts('x.txt', before, after)
        const [old, now] = [before.split('\n').slice(0, -1), after.split('\n').slice(0, -1)]
        let made: readonly string[] = []
        let at = 0
        for (const { oldLine, lines: part } of hunks) {
          made = [...made, ...old.slice(at, oldLine - 1), ...part.filter(({ kind }) => kind !== 'gone').map((line) => line.text)]
          const taken = part.filter(({ kind }) => kind !== 'new').map((line) => line.text)
          expect(taken).toEqual(old.slice(oldLine - 1, oldLine - 1 + taken.length))
          at = oldLine - 1 + taken.length
        }
        expect([...made, ...old.slice(at)]).toEqual(now)
        const changed = hunks.flatMap((hunk) => hunk.lines).filter(({ kind }) => kind !== 'same').length
        expect(changed).toBe(old.length + now.length - 2 * longestCommon(old, now))
      }),
      { numRuns: 2000 },
    )
  })
})

/** The length of the longest common subsequence, by the table. */
function longestCommon(a: readonly string[], b: readonly string[]): number {
  let row = Array.from({ length: b.length + 1 }, () => 0)
  for (const one of a) {
    const next = [0]
    b.forEach((other, index) => next.push(one === other ? (row[index] ?? 0) + 1 : Math.max(row[index + 1] ?? 0, next[index] ?? 0)))
    row = next
  }
  return row.at(-1) ?? 0
}
