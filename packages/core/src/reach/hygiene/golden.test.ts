import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { rulesets } from '../../../test/netfilter/printed.ts'
import { goldenFile } from '../../../test/reader.ts'
import type { RuleOrigin } from '../../evidence/index.ts'
import { hiddenRules } from './index.ts'

const folder = fileURLToPath(new URL('golden/', import.meta.url))

const place = ({ table, chain, index }: RuleOrigin): string => `${table} ${chain} ${index}`

/** `filter INPUT 3: accept, hidden by filter INPUT 1 (refuse), 2 (accept)!`: the one that does the opposite has the mark. */
function hidden(files: ReadonlyMap<string, string>): string {
  const found = hiddenRules(rulesets(files)).map(
    ({ rule, effect, by, opposite, repeated }) =>
      `${place(rule)}: ${effect}, ${repeated ? 'said before by' : 'hidden by'} ${by.map((one) => `${place(one.rule)} (${one.effect})${one === opposite ? '!' : ''}`).join(', ')}`,
  )
  return found.length === 0 ? 'nothing' : found.join('\n')
}

describe('rules that can never match', async () => {
  for (const name of readdirSync(folder)) {
    for (const { title, expected, actual } of await goldenFile(folder + name, async (files) => hidden(files))) {
      it(`${name}: ${title}`, () => expect(actual).toBe(expected))
    }
  }
})
