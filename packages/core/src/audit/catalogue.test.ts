import { expect, it } from 'vitest'
import { RULE_NAMES } from '../policy/index.ts'
import { CATALOGUE } from './index.ts'

it('C1 · the rules that an acceptance can name are those of the catalogue, each once', () => {
  expect(CATALOGUE.map(({ id }) => id).toSorted()).toEqual([...RULE_NAMES].toSorted())
  expect(new Set(RULE_NAMES).size).toBe(RULE_NAMES.length)
})
