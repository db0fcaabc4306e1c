import type { FileOrigin, Value } from '../../evidence/index.ts'
import { setting } from '../secret.ts'
import { fieldsOf, textOf, type Surroundings } from './expand.ts'
import { joinKnown, placed } from './placed.ts'
import { isList, type Scope, type Variable } from './scope.ts'
import type { Assignment } from './syntax.ts'

/** Words of one array. */
const ITEMS = 256

/** What `NAME=…` sets a variable to. `before`: what it is already. */
export function assignedValue(
  { value, append, element, start, end }: Assignment,
  before: Variable['value'] | undefined,
  at: Surroundings,
): Variable['value'] {
  const origin = at.passage.origin(start, end)
  if (element) return { kind: 'unknown', reason: 'an element of an array is not followed', origin }
  if ('parts' in value) {
    const text = textOf(value, at)
    if (!append) return text
    return before === undefined || isList(before)
      ? { kind: 'unknown', reason: 'added to what is not known', origin }
      : joinKnown(before, text, origin)
  }
  const items = value.flatMap((word) => fieldsOf(word, at))
  return [...(append && before !== undefined && isList(before) ? before : []), ...items].slice(0, ITEMS)
}

/** A variable of a scope that is set to this, as it is kept: without what is secret. */
export function variableOf(name: string, value: Variable['value'], origin: FileOrigin, exported: boolean, scope: Scope): Variable {
  const single: Value = isList(value) ? { kind: 'unknown', reason: 'an array', origin } : placed(value, scope)
  const given = setting(name, single, origin)
  const safe = isList(value) ? value : given.value.kind === 'unknown' ? given.value : value
  const isExported = exported || scope.exportAll || scope.variables.get(name)?.exported === true
  return { value: safe, exported: isExported, setting: given }
}
