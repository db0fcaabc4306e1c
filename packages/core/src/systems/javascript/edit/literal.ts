import { hostBeforePort } from '../../../network/index.ts'
import type { BindChange } from '../../../evidence/index.ts'
import type { Draft } from '../../source-edit/draft.ts'
import { isDebugger, notRead, type Wanted } from '../../source-edit/wanted.ts'
import { around, type Node } from '../../tree.ts'
import type { Module } from '../source/module.ts'
import { argumentsOf, bare, dressed, literalText, propertyName } from '../source/syntax.ts'
import { fromEnvironment, hostConstant } from './constant.ts'
import { correctMessages } from './log-lines.ts'
import { memberNamed } from './objects.ts'
import { isBroken, nodeFromTo } from '../../source-edit/nodes.ts'
import type { Style } from './style.ts'

/** Where a whole expression may stand in the place of a literal. */
const OPEN: Readonly<Record<string, readonly string[]>> = {
  variable_declarator: ['value'],
  pair: ['value'],
  assignment_expression: ['right'],
  assignment_pattern: ['right'],
  object_assignment_pattern: ['right'],
  required_parameter: ['value'],
  optional_parameter: ['value'],
  public_field_definition: ['value'],
  field_definition: ['value'],
}

/** A host that is written there is to be another one; where nothing else is tried before it, the environment may say which. */
export function changeLiteral(
  wanted: Extract<Wanted, { readonly kind: 'literal' }>,
  change: BindChange,
  module: Module,
  style: Style,
  draft: Draft,
): void {
  const { start, end } = wanted.at.span
  const found = nodeFromTo(module.root, start.offset, end.offset)
  const literal = found === undefined ? undefined : literalIn(found, wanted.value)
  if (literal === undefined) return draft.refuse(`${module.path}:${start.line}: the host ${wanted.value} is not written there as a text`)
  if (isBroken(literal)) return draft.refuse('the code around the host is not understood')
  const own = literal.kind === 'string' || literal.kind === 'template_string' ? literal.content.charAt(0) : style.quote
  const plain = `${own}${change.host}${own}`
  const port = PORT_IN_TEXT.exec(literalText(literal) ?? '')?.[1]
  if (port !== undefined) {
    draft.note(notRead(change))
    return draft.replace(literal, `${own}${hostBeforePort(change.host)}:${port}${own}`)
  }
  const choice = wanted.before === 'condition' ? choiceOf(literal) : undefined
  const isPlain = isSetting(change, module) || isDebugger(change)
  if (isPlain || (wanted.before !== 'nothing' && choice === undefined)) {
    if (wanted.before === 'condition' || isDebugger(change)) draft.note(notRead(change))
    return draft.replace(literal, plain)
  }
  place(choice ?? literal, plain, change, module, style, draft)
}

/** `0.0.0.0:50051`, `[::]:50051`: host and port in one text. */
const PORT_IN_TEXT = /^(?:\[[^\]]*\]|[^:[\]]*):(\d{1,5})$/

/** Puts what reads the environment in the place of a host. */
function place(literal: Node, plain: string, change: BindChange, module: Module, style: Style, draft: Draft): void {
  const call = callAround(literal)
  if (call !== undefined) {
    const port = portBeside(literal, call)
    const name = hostConstant(change, module, call, port, style, draft)
    if (name === undefined) return draft.replace(literal, plain)
    const pair = literal.parent
    const isShort =
      pair?.kind === 'pair' && pair.field('key')?.content === name && pair.parent?.named.some(({ kind }) => kind.startsWith('shorthand'))
    draft.replace(isShort === true ? pair : isConst(literal) ? dressed(literal) : literal, name)
    correctMessages(call, change.framework, name, port, draft)
    return
  }
  const outer = dressed(literal)
  if (isOpenPlace(outer)) {
    return draft.replace(isConst(literal) ? outer : literal, fromEnvironment(change, { ...style, text: () => plain }))
  }
  draft.note(notRead(change))
  draft.replace(literal, plain)
}

/** A choice between hosts that all come to the same now is none any more; `undefined`: the literal is no part of one. */
function choiceOf(literal: Node): Node | undefined {
  const choice = dressed(literal).parent
  if (choice?.kind !== 'ternary_expression') return undefined
  return [choice.field('consequence'), choice.field('alternative')].every(
    (part) => part !== undefined && literalText(bare(part)) !== undefined,
  )
    ? choice
    : undefined
}

/** `'0.0.0.0' as const`, which only a literal can be (TypeScript 3.4). */
const isConst = (literal: Node): boolean => dressed(literal) !== literal && /\bas const$/.test(dressed(literal).content)

const isOpenPlace = (node: Node): boolean => (OPEN[node.parent?.kind ?? ''] ?? []).some((field) => node.isField(field))

/** Configuration of a development server: a person gives another host on its command line. */
const isSetting = ({ framework }: BindChange, { path }: Module): boolean =>
  framework !== 'bun' && /(?:^|\/)[\w-]+\.config\.[cm]?[jt]s$|(?:^|\/)webpack[\w.-]*\.[cm]?[jt]s$/.test(path)

/** The literal itself, or the only one in an expression that has this value. */
function literalIn(node: Node, value: string | number | boolean): Node | undefined {
  const inner = bare(node)
  if (isLiteral(inner, value)) return inner
  const found: Node[] = []
  const open = [inner]
  for (let left = 200; left > 0; left--) {
    const next = open.pop()
    if (next === undefined) break
    if (isLiteral(next, value)) found.push(next)
    else open.push(...next.named)
  }
  return found.length === 1 ? found[0] : undefined
}

function isLiteral(node: Node, value: string | number | boolean): boolean {
  // Vite's `true` is every address.
  if (node.kind === 'true') return value === true || value === '::'
  const text = literalText(node)
  if (text === undefined) return false
  if (text === '') return value === '' || value === '::' || value === '0.0.0.0'
  const port = PORT_IN_TEXT.exec(text)?.[1]
  return text === String(value) || (port !== undefined && [`${value}:${port}`, `[${value}]:${port}`].includes(text))
}

const STOPS: ReadonlySet<string> = new Set([
  'call_expression',
  'new_expression',
  'variable_declarator',
  'function_declaration',
  'statement_block',
])

/** The call that a literal is an argument of, or stands in an options argument of. */
function callAround(literal: Node): Node | undefined {
  const call = around(literal, STOPS)
  if (call?.kind !== 'call_expression' && call?.kind !== 'new_expression') return undefined
  const outer = dressed(literal)
  const isArgument = argumentsOf(call).includes(outer)
  const isOption = outer.parent?.kind === 'pair' && /^(?:host|hostname|address)$/.test(propertyName(outer.parent.field('key')) ?? '')
  const isExport = around(call, new Set(['export_statement']))?.children.some(({ kind }) => kind === 'default') === true
  return (isArgument || isOption) && !isExport ? call : undefined
}

/** The port that stands beside a host: the argument before it, or a member of the same object. */
function portBeside(literal: Node, call: Node): Node | undefined {
  const outer = dressed(literal)
  const given = argumentsOf(call)
  const at = given.indexOf(outer)
  if (at >= 0) return at === 0 ? given[1] : (given.slice(0, at).findLast((node) => /port|^\d+$/i.test(node.content)) ?? given[at - 1])
  const object = outer.parent?.parent
  const member = object?.kind === 'object' ? memberNamed(object, 'port') : undefined
  return member?.field('value') ?? member
}
