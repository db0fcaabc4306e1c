import type { BindChange } from '../../../evidence/index.ts'
import type { Draft } from '../../source-edit/draft.ts'
import { beginsLine, indentAt, lineEnd, lineStart, newlineOf } from '../../source-edit/layout.ts'
import { isLoopback } from '../../source-edit/wanted.ts'
import { around, type Node } from '../../tree.ts'
import type { Module } from '../source/module.ts'
import { bare, literalText } from '../source/syntax.ts'
import { BLOCKS, hasRun } from './has-run.ts'
import type { Style } from './style.ts'

/** Names under which programs keep the address that they listen on. */
const KNOWN: readonly string[] = ['HOST', 'host', 'HOSTNAME', 'hostname', 'BIND_HOST', 'bindHost', 'SERVER_HOST', 'serverHost', 'API_HOST']

/** The statement around a node that stands in a block of its own. */
export function statementAround(node: Node): Node | undefined {
  let statement = node
  while (statement.parent !== undefined && !BLOCKS.has(statement.parent.kind)) statement = statement.parent
  return statement.parent === undefined ? undefined : statement
}

/** The expression that `HOST` is declared with. */
export const fromEnvironment = (change: BindChange, style: Style): string =>
  `${style.variable(change.variable)} || ${style.text(change.host)}`

/**
 * The name of a constant that holds the host, seen from `at`: one that is there, else a new one, declared behind the port's where that is a
 * name of its own. `undefined`: no place or no name was found for it.
 */
export function hostConstant(
  change: BindChange,
  module: Module,
  at: Node,
  port: Node | undefined,
  style: Style,
  draft: Draft,
): string | undefined {
  for (const name of KNOWN) if (reuse(name, change, module, at, style, draft)) return name
  const lower = port !== undefined && /^port$/.test(port.content)
  const place = portStatement(module, port) ?? statementAround(at)
  const name = (lower ? ['host', 'bindHost', 'listenHost'] : ['HOST', 'BIND_HOST', 'LISTEN_HOST']).find((wanted) =>
    isFree(wanted, module, at, place?.parent),
  )
  if (name === undefined || place === undefined) return undefined
  const isBehind = place !== statementAround(at)
  declare(`${style.declares} ${name} = ${fromEnvironment(change, style)}`, place, isBehind, style, draft)
  return name
}

/** Whether a name can be declared in a block: nothing around means something by it, and nothing inside means what is not declared. */
function isFree(name: string, module: Module, at: Node, block: Node | undefined): boolean {
  if (module.isTooCommon(name) || module.lookup(name, at) !== undefined || block === undefined) return false
  return module
    .occurrences(name)
    .every((node) => node.kind !== 'identifier' || !node.within(block) || module.lookup(name, node) !== undefined)
}

/** Variables that say where a server listens: not those of a database. */
const LISTENS = /\b(?:HOST|BIND|BIND_\w+|LISTEN_\w+|API_HOST|SERVER_HOST)\b/

/** A variable that holds where this program listens; that its value is not taken from the environment yet is made up for. */
function reuse(name: string, change: BindChange, module: Module, at: Node, style: Style, draft: Draft): boolean {
  const declaration = module.lookup(name, at)
  if (declaration?.kind !== 'variable' || declaration.value === undefined || declaration.steps.length > 0) return false
  if (module.writes(declaration).length > 0 || !hasRun(declaration.node, at)) return false
  const value = bare(declaration.value)
  const text = literalText(value)
  if (text !== undefined) {
    if (!isLoopback(text) || !isOnlyShown(name, declaration.node, module)) return false
    draft.replace(declaration.value, `${style.variable(change.variable)} || ${value.content}`)
    return true
  }
  if (READS.has(value.kind) && LISTENS.test(value.content)) {
    draft.replace(declaration.value, `${declaration.value.content} || ${style.text(change.host)}`)
    return true
  }
  if (value.kind !== 'binary_expression' || !/^(?:\|\||\?\?)$/.test(value.field('operator')?.content ?? '')) return false
  const [left, right] = [value.field('left'), value.field('right')]
  const fallback = right === undefined ? undefined : literalText(bare(right))
  if (left === undefined || right === undefined || fallback === undefined || !LISTENS.test(left.content)) return false
  if (isLoopback(fallback)) return true
  if (!/^(?:0\.0\.0\.0|::)?$/.test(fallback)) return false
  draft.replace(right, style.text(change.host))
  return true
}

/** `process.env.HOST`, `process.env['HOST']`. */
const READS: ReadonlySet<string> = new Set(['member_expression', 'subscript_expression'])

/** Whether a name stands in messages alone, so that nothing else depends on what it holds. */
function isOnlyShown(name: string, declaration: Node, module: Module): boolean {
  return module
    .occurrences(name)
    .filter((node) => !node.within(declaration) && node.kind === 'identifier')
    .every((node) => around(node, MESSAGES) !== undefined)
}

const MESSAGES: ReadonlySet<string> = new Set(['template_substitution', 'binary_expression'])

/** The statement that declares the port, where its name is one of this file. */
function portStatement(module: Module, port: Node | undefined): Node | undefined {
  if (port?.kind !== 'identifier' && port?.kind !== 'shorthand_property_identifier') return undefined
  const declaration = module.lookup(port.content, port)
  if (declaration?.kind !== 'variable') return undefined
  const outer = declaration.node.parent
  const statement = outer?.parent?.kind === 'export_statement' ? outer.parent : outer
  return statement?.parent !== undefined && BLOCKS.has(statement.parent.kind) ? statement : undefined
}

function declare(text: string, place: Node, isBehind: boolean, style: Style, draft: Draft): void {
  const { content } = place.file
  const newline = newlineOf(content)
  const indent = indentAt(content, place.start)
  if (isBehind) {
    const last = endOf(place)
    const end = lineEnd(content, last)
    const rest = content.slice(last, end)
    if (/^\s*(?:\/\/.*)?$/.test(rest)) {
      const semicolon =
        style.semicolon === '' && /^\s*[([`+/-]/.test(content.slice(end, end + 400)) && !/^\s*\/[/*]/.test(content.slice(end, end + 400))
          ? ';'
          : style.semicolon
      draft.insert(place, end, `${newline}${indent}${text}${semicolon}`)
    } else {
      const blank = /\s/.test(content.charAt(last)) ? ' ' : ''
      draft.insert(place, last, `${content.charAt(last - 1) === ';' ? '' : ';'}${blank}${text};`)
    }
    return
  }
  const start = withComments(place)
  // In the middle of a line a statement begins behind another one's end.
  if (!beginsLine(content, start) && !/[;{}:]\s*$/.test(content.slice(Math.max(0, start - 40), start)))
    return draft.refuse('the code around the call is not understood')
  const blank = /\s/.test(content.charAt(start - 1)) ? ' ' : ''
  draft.insert(place, start, beginsLine(content, start) ? `${text}${style.semicolon}${newline}${indent}` : `${text};${blank}`)
}

/** Where a statement ends: a semicolon that begins another line belongs to what stands there. */
function endOf(statement: Node): number {
  const last = statement.children.at(-1)
  const before = last?.kind === ';' ? statement.children.at(-2) : undefined
  return before !== undefined && last !== undefined && /\n/.test(statement.file.content.slice(before.end, last.start))
    ? before.end
    : statement.end
}

/** Where the comments begin that stand right above a statement and are about it. */
function withComments(statement: Node): number {
  const { content } = statement.file
  const siblings = statement.parent?.children ?? []
  let start = statement.start
  for (let index = siblings.indexOf(statement) - 1; index >= 0; index--) {
    const comment = siblings[index]
    if (comment?.kind !== 'comment' || !beginsLine(content, comment.start)) break
    if (lineStart(content, start) !== lineEnd(content, comment.end) + newlineOf(content).length) break
    start = comment.start
  }
  // A comment at the top of the file is about the file.
  return statement.parent?.kind === 'program' && start === siblings[0]?.start ? statement.start : start
}
