import { ABSENT, type FileOrigin } from '../../evidence/index.ts'
import { type Datum, ITEMS, itemsOf, plain, textOf, unknown } from './datum.ts'
import { evaluate } from './evaluate.ts'
import { originOf, type Surroundings } from './surroundings.ts'
import { operated } from './operators.ts'
import type { Expression, Statement } from './syntax.ts'

/** Variables that PowerShell lets nobody set (about_Automatic_Variables). */
const READ_ONLY: ReadonlySet<string> = new Set([
  'error',
  'executioncontext',
  'false',
  'home',
  'host',
  'pid',
  'pshome',
  'psversiontable',
  'shellid',
  'true',
])

type Assignment = Extract<Statement, { readonly kind: 'assignment' }>

/** `target = value` and its like. */
export function assign({ target, operator, ...place }: Assignment, value: Datum, at: Surroundings): void {
  const origin = originOf(place, at)
  if (target.kind !== 'list') return put(target, operator === '=' ? value : combined(operator, target, value, at, origin), at, origin)
  const items = itemsOf(value)
  const apart = value.kind === 'list' && !items.some((item) => item.kind === 'fork')
  for (const [index, each] of target.items.entries()) {
    const item = apart ? items[index] : undefined
    put(each, item === undefined || item.kind === 'fork' ? unknown('one of several values', origin) : item, at, origin)
  }
}

function combined(operator: string, target: Expression, value: Datum, at: Surroundings, origin: FileOrigin): Datum {
  const isUnset = target.kind === 'variable' && target.drive !== 'env' && !at.scope.variables.has(target.name)
  const before = isUnset ? ABSENT : evaluate(target, at)
  return operated(operator.slice(0, -1), before, value, origin)
}

function put(target: Expression, value: Datum, at: Surroundings, origin: FileOrigin): void {
  switch (target.kind) {
    case 'cast':
      return put(target.operand, value, at, origin)
    case 'variable':
      if (target.drive === 'env') return at.setEnvironment(target.name, textOf(value, origin), at, origin)
      if (target.name === 'host') at.problem('`$Host` is PowerShell’s own and cannot be set', origin)
      if (READ_ONLY.has(target.name) || target.name === 'null') return
      if (!at.scope.assign(target.name, value, origin, target.drive === 'script')) at.problem('too many variables', origin)
      return
    case 'member':
      return element(target.target, target.name, value, at, origin)
    case 'index':
      return element(target.target, plain(evaluate(target.index, at))?.toLowerCase(), value, at, origin)
    default:
      return
  }
}

/** One entry of a table, or part of a list. */
function element(target: Expression, key: string | undefined, value: Datum, at: Surroundings, origin: FileOrigin): void {
  if (target.kind !== 'variable' || target.drive === 'env') return
  const before = at.scope.variables.get(target.name)?.datum
  if (before?.kind === 'table' && key !== undefined && before.entries.size < ITEMS) {
    at.scope.assign(target.name, { kind: 'table', entries: new Map([...before.entries, [key, value]]) }, origin)
  } else if (before?.kind === 'list') {
    const index = Number(key)
    const items = before.items.map((item, position) => (position === index ? value : item))
    const changed: Datum = Number.isInteger(index) ? { kind: 'list', items } : unknown('a list of which a part is set', origin)
    at.scope.assign(target.name, changed, origin)
  }
}
