import type { Draft } from '../../source-edit/draft.ts'
import { lineEnd, newlineOf } from '../../source-edit/layout.ts'
import type { Node } from '../../tree.ts'
import type { GoFile } from '../file.ts'
import { functionAround } from '../syntax.ts'
import type { Imports } from './imports.ts'
import { ownLines } from './lines.ts'
import { statementAround } from './source.ts'

/** A variable of the environment, and what is taken where it is not set. */
export interface Setting {
  readonly variable: string
  readonly fallback: string
  /** Names for it, the best first. */
  readonly names: readonly string[]
}

/**
 * The name of a local variable that holds a setting, declared before the statement around `at`; one that stands before it in the same
 * function is used again. `undefined`: there is no function around, or no name is free.
 */
export function localFor(setting: Setting, file: GoFile, at: Node, imports: Imports, draft: Draft): string | undefined {
  const around = functionAround(at)
  const statement = statementAround(at)
  if (around === undefined || statement === undefined) return undefined
  const there = setting.names.find((name) => isThere(name, setting, around, statement))
  if (there !== undefined) return there
  const os = imports.use('os')
  const name = setting.names.find((one) => !file.declared.has(one) && file.occurrences(one).every((node) => isElsewhere(node, around)))
  if (os === undefined || name === undefined) return undefined
  const newline = newlineOf(file.file.content)
  const indent = ownLines(statement, draft)
  const lines = [`${name} := ${os}.Getenv("${setting.variable}")`, ...otherwise(name, setting.fallback)]
  draft.insert(statement, statement.start, lines.map((line) => `${line}${newline}${indent}`).join(''))
  return name
}

/** The statement that gives a variable its value where the environment has none. */
const otherwise = (name: string, fallback: string): readonly string[] => [`if ${name} == "" {`, `\t${name} = "${fallback}"`, '}']

/** Puts the fallback behind the statement that reads the environment into a variable. */
export function fallBackAfter(statement: Node, name: string, fallback: string, draft: Draft): void {
  const { content } = statement.file
  const newline = newlineOf(content)
  const indent = ownLines(statement, draft)
  const end = lineEnd(content, statement.end)
  draft.insert(
    statement,
    // Behind its comment; what else stands in the line comes to stand in one of its own.
    /^[ \t]*(?:\/\/.*)?$/.test(content.slice(statement.end, end)) ? end : statement.end,
    otherwise(name, fallback)
      .map((line) => `${newline}${indent}${line}`)
      .join(''),
  )
}

/** Whether a name is of no concern to a function: a field, or of another function or one inside, which has its own. */
function isElsewhere(node: Node, around: Node): boolean {
  const isField =
    node.kind === 'field_identifier' || (node.parent?.parent?.kind === 'keyed_element' && node.parent.parent.named[0] === node.parent)
  return isField || !node.within(around) || functionAround(node) !== around
}

/** Whether a variable with this setting is declared before a statement, in its block or one around it. */
function isThere(name: string, { variable, fallback }: Setting, around: Node, statement: Node): boolean {
  const declared = new RegExp(
    `\\b${name} := os\\.Getenv\\("${variable}"\\)\\s+if ${name} == "" \\{\\s+${name} = "${fallback.replaceAll('.', '\\.')}"\\s+\\}`,
  )
  const found = declared.exec(around.content)
  if (found === null || around.start + found.index > statement.start) return false
  // Of the same block, or of one that holds it.
  const rest = around.content.slice(found.index, statement.start - around.start)
  let depth = 0
  for (const character of rest) {
    if (character === '{') depth++
    else if (character === '}' && --depth < 0) return false
  }
  return true
}
