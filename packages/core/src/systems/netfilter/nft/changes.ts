import { field, items, type Json, textField } from '../../json.ts'
import type { NftSet } from './match.ts'

/** What rules do to a set as packets pass; `shrinking`: they take elements out. */
export type Changes = NftSet['changing'] | 'shrinking'

/** How rules change sets and maps as packets pass, by family, table and `@name`. What is not in it never changes. */
export function changesOf(rules: readonly Json[]): ReadonlyMap<string, Changes> {
  const changes = new Map<string, Changes>()
  for (const rule of rules) {
    let guarded = false
    for (const statement of items(field(rule, 'expr'))) {
      const update = field(statement, 'set') ?? field(statement, 'map')
      const name = textField(update, 'set') ?? textField(update, 'map')
      if (name !== undefined) {
        const key = `${textField(rule, 'family') ?? ''} ${textField(rule, 'table') ?? ''} ${name}`
        const before = changes.get(key)
        if (textField(update, 'op') === 'delete' || before === 'shrinking') changes.set(key, 'shrinking')
        else changes.set(key, guarded && before !== 'always' ? 'rarely' : 'always')
      }
      // What asks whether a rate is exceeded holds back everything after it.
      const rate = field(statement, 'limit') ?? field(statement, 'ct count') ?? field(statement, 'quota')
      if (field(rate, 'inv') === true) guarded = true
    }
  }
  return changes
}

/** Whether rules give connections a helper, or say which others are expected. */
export function expects(rules: readonly Json[]): boolean {
  return rules.some((rule) =>
    items(field(rule, 'expr')).some(
      (statement) =>
        field(statement, 'ct helper') !== undefined ||
        field(statement, 'ct expectation') !== undefined ||
        textField(field(field(field(statement, 'mangle'), 'key'), 'ct'), 'key') === 'helper',
    ),
  )
}
