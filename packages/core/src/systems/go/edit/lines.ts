import type { Draft } from '../../source-edit/draft.ts'
import { beginsLine, indentAt, newlineOf } from '../../source-edit/layout.ts'
import { around, type Node } from '../../tree.ts'

const BLOCKS: ReadonlySet<string> = new Set(['block'])

/**
 * Gives the statements around one a line each, as gofmt has a body of more than one line: `func main() { a(); b() }`. What the lines of the
 * statement are indented by.
 */
export function ownLines(statement: Node, draft: Draft): string {
  const { content } = statement.file
  const block = around(statement, BLOCKS)
  const isOneLine = block !== undefined && !content.slice(block.start, block.end).includes('\n')
  if (block === undefined || (!isOneLine && beginsLine(content, statement.start))) return indentAt(content, statement.start)
  const newline = newlineOf(content)
  const outer = indentAt(content, isOneLine ? block.start : statement.start)
  const siblings = (statement.parent?.named ?? []).filter(({ kind }) => kind !== 'comment')
  for (const each of isOneLine ? siblings : [statement]) breakBefore(each.start, `${newline}${outer}\t`)
  if (isOneLine) breakBefore(block.end - 1, `${newline}${outer}`)
  return `${outer}\t`

  /** In the place of the blanks, and of the semicolon that parts two statements of one line. */
  function breakBefore(offset: number, text: string): void {
    const before = /(?:;[ \t]*|[ \t]+)$/.exec(content.slice(Math.max(0, offset - 200), offset))?.[0] ?? ''
    draft.put(statement.file.path, offset - before.length, offset, text)
  }
}
