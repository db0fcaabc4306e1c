import { expect, it } from 'vitest'
import { show } from '../evidence/index.ts'
import { RULE_NAMES } from '../policy/index.ts'
import { CATALOGUE } from './index.ts'

it('C1 · the rules that an acceptance can name are those of the catalogue, each once', () => {
  expect(CATALOGUE.map(({ id }) => id).toSorted()).toEqual([...RULE_NAMES].toSorted())
  expect(new Set(RULE_NAMES).size).toBe(RULE_NAMES.length)
})

it('C1 · the texts of the catalogue are told whole: no word of them is taken for a secret', () => {
  const texts = CATALOGUE.flatMap(({ title, looksAt, why, fix }) => [title, looksAt, why, fix])
  expect(texts.filter((text) => show(text, 2000) !== text)).toEqual([])
})
