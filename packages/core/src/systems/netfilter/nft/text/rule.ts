import { entries, type Json } from '../../../json.ts'
import { type Cursor, NotUnderstood } from './cursor.ts'
import type { Loading } from './loading.ts'
import { readStatement } from './statement.ts'
import type { OpenTable } from './tables.ts'
import { onOneLine } from './tokens.ts'

const TERMINAL: ReadonlySet<string> = new Set('accept drop return continue jump goto queue reject dnat snat masquerade redirect'.split(' '))

function ends(statement: Json | undefined): boolean {
  return TERMINAL.has(entries(statement)[0]?.[0] ?? '')
}

/**
 * A rule up to the end of its line. What is not understood of it stands in its place, as words that may mean anything. Throws NotUnderstood
 * where there is none.
 */
export function readRule(cursor: Cursor, loading: Loading, table: OpenTable, chain: string): Json {
  if (cursor.atEnd) cursor.fail()
  const { start } = cursor.token
  const expr: Json[] = []
  let comment: string | undefined
  let last = start
  while (!cursor.atEnd) {
    const from = cursor.token.start
    try {
      if (cursor.take('comment')) comment = cursor.name()
      else expr.push(readStatement(cursor, { family: table.family, chain: (inner) => loading.chainInPlace(inner, table) }))
    } catch (error) {
      if (!(error instanceof NotUnderstood)) throw error
      // Nothing stands behind what ends a rule: that was not understood either.
      const begin = ends(expr.at(-1)) ? (expr.pop(), last) : from
      cursor.reset(begin)
      cursor.skip()
      expr.push({ unread: onOneLine(cursor.text.content.slice(begin, cursor.passed)) })
      loading.missing(cursor)
    }
    last = from
  }
  const { text } = cursor
  const end = cursor.passed
  const rule: Json = { family: table.family, table: table.name, chain, expr, ...(comment === undefined ? {} : { comment }) }
  loading.tables.places.set(rule, { file: () => text.origin(start, end), text: () => onOneLine(text.content.slice(start, end)) })
  return rule
}
