import type { Cursor } from './cursor.ts'
import type { Loading } from './loading.ts'
import { readKind, readObject } from './objects.ts'
import { chainOf, type OpenTable } from './tables.ts'

/** One member of a table's block. */
export function readTableMember(cursor: Cursor, loading: Loading, table: OpenTable): void {
  if (cursor.take('flags')) {
    table.flags = readFlags(cursor)
  } else if (cursor.take('comment')) cursor.name()
  else if (cursor.take('chain')) {
    const name = cursor.name()
    chainOf(table, name)
    if (cursor.take('{')) loading.chainBlock(cursor, table, name)
  } else {
    const kind = readKind(cursor)
    if (kind === undefined) cursor.fail()
    readObject(cursor, table, kind, cursor.name())
  }
}

function readFlags(cursor: Cursor): readonly string[] {
  const flags: string[] = []
  do flags.push(cursor.name())
  while (cursor.take(','))
  return flags
}
