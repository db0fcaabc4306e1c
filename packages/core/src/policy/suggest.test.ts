import { expect, test } from 'vitest'
import { suggest } from './suggest.ts'

test.each([
  ['prot', ['port', 'protocol', 'from'], 'port'],
  ['proto', ['port', 'protocol', 'from'], 'protocol'],
  ['pro', ['protocol', 'process'], 'protocol'],
  ['form', ['port', 'from'], 'from'],
  ['services', ['service', 'services'], 'services'],
  ['Internet', ['loopback', 'internet'], 'internet'],
  ['intrenet', ['private', 'internet'], 'internet'],
  ['listners', ['listeners'], 'listeners'],
  ['upsteam', ['upstream'], 'upstream'],
  ['a', ['b', 'c'], undefined],
  ['ab', ['cd'], undefined],
  ['constructor', ['port', 'from'], undefined],
  ['', ['port'], undefined],
  ['x'.repeat(100), ['x'.repeat(99)], undefined],
  ['same', ['sane', 'same'], 'same'],
  ['abcd', ['abdc'], 'abdc'],
  // Two errors in a word of six, but three are too many.
  ['abcdef', ['abcdxy'], 'abcdxy'],
  ['abcdef', ['abcxyz'], undefined],
])('%s among %s', (word, candidates, expected) => {
  expect(suggest(word, candidates)).toBe(expected)
})

test('the nearest wins, then the first', () => {
  expect(suggest('webs', ['wbes', 'web', 'webz'])).toBe('wbes')
  expect(suggest('servise', ['servize', 'service'])).toBe('servize')
  expect(suggest('serviceee', ['servic', 'services', 'serviceee1'])).toBe('serviceee1')
})

test('no guess among more names than anyone could have meant', () => {
  expect(suggest('name', Array.from({ length: 3000 }, (_, index) => `other${index}`).concat('nama'))).toBeUndefined()
})
