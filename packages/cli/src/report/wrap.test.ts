import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { wrap } from './wrap.ts'

describe('wrapped text', () => {
  it('is broken at blanks, under its indent', () => {
    expect(wrap('one two three four', 2, 10)).toEqual(['  one two', '  three', '  four'])
    expect(wrap('averyverylongword b', 2, 10)).toEqual(['  averyverylongword', '  b'])
    expect(wrap('one two', 2, Number.POSITIVE_INFINITY)).toEqual(['  one two'])
  })

  it('loses no word, and is no wider than it may be but for a word that is', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1 }), fc.integer({ min: 14, max: 60 }), (words, width) => {
        const lines = wrap(words.join(' '), 2, width)
        expect(lines.map((line) => line.slice(2)).join(' ')).toBe(words.join(' '))
        expect(lines.filter((line) => line.length > width)).toEqual([])
      }),
    )
  })
})
