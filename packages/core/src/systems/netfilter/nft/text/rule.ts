import { type Json } from '../../../json.ts'
import { type Cursor, NotUnderstood } from './cursor.ts'
import type { Loading } from './loading.ts'
import { readStatement } from './statement.ts'
import type { OpenTable } from './tables.ts'
import { onOneLine } from './tokens.ts'

/** A rule up to the end of its line. What is not understood of it stands in its place, as words that may mean anything. */
export function readRule(cursor: Cursor, loading: Loading, table: OpenTable, chain: string): Json {
  const { start } = cursor.token
  const expr: Json[] = []
  let comment: string | undefined
  while (!cursor.atEnd) {
    const from = cursor.token.start
    try {
      if (cursor.take('comment')) comment = cursor.name()
      else expr.push(readStatement(cursor, { family: table.family, chain: (inner) => loading.chainInPlace(inner, table) }))
    } catch (error) {
      if (!(error instanceof NotUnderstood)) throw error
      cursor.reset(from)
      cursor.skip()
      expr.push({ unread: onOneLine(cursor.text.content.slice(from, cursor.passed)) })
      loading.missing(cursor)
    }
  }
  const { text } = cursor
  const end = cursor.passed
  const rule: Json = { family: table.family, table: table.name, chain, expr, ...(comment === undefined ? {} : { comment }) }
  loading.tables.places.set(rule, { file: () => text.origin(start, end), text: () => onOneLine(text.content.slice(start, end)) })
  return rule
}
