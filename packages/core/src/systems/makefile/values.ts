import type { MakeVariable } from './parse.ts'

/** One text that a variable may have where it is used. */
export interface MakeValue {
  readonly text: string
  readonly from: MakeVariable
}

/** Texts of one variable that are told apart, of the branches of conditions; one more says that there are others. */
export const VALUES = 8

/**
 * What a variable may be in the end: a later assignment takes the place of the earlier ones, `+=` adds to each of them (6.6), `?=` holds
 * where nothing else is sure to be set (6.5). Both branches of a condition are taken.
 */
export function valuesOf(given: readonly MakeVariable[]): readonly MakeValue[] {
  let values: readonly MakeValue[] = []
  let isSure = false
  for (const from of given) {
    const { kind, text, isConditional } = from
    const own = { text, from }
    if (kind === 'set') values = isConditional ? [...values, own] : [own]
    else if (kind === 'default' && !isSure) values = [...values, own]
    else if (kind === 'more' && text !== '') {
      const longer = values.length === 0 ? [own] : values.map((before) => ({ ...before, text: `${before.text} ${text}` }))
      values = isConditional ? [...values, ...longer] : longer
    }
    isSure ||= kind === 'set' && !isConditional
    if (values.length > VALUES) values = values.slice(-VALUES - 1)
  }
  return values
}

/** Whether the environment's value goes before: only `?=` sets it. */
export function isDefault(given: readonly MakeVariable[]): boolean {
  return given.every(({ kind }) => kind !== 'set')
}
