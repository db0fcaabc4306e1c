import { hostBeforePort } from '../../../network/index.ts'
import type { BindChange } from '../../../evidence/index.ts'
import type { Draft } from '../../source-edit/draft.ts'
import { isBroken, nodeFromTo } from '../../source-edit/nodes.ts'
import { isDebugger, notRead, type Wanted } from '../../source-edit/wanted.ts'
import type { Node } from '../../tree.ts'
import type { Module } from '../module.ts'
import { bare, literalText } from '../syntax.ts'
import { getenv } from './environment.ts'
import { variablesFor } from './names.ts'
import { callAround, keywordOf } from './source.ts'

/** Where a whole expression may stand in the place of a literal. */
const OPEN: Readonly<Record<string, string>> = {
  assignment: 'right',
  default_parameter: 'value',
  typed_default_parameter: 'value',
  pair: 'value',
  keyword_argument: 'value',
}

/** How a literal names every address: alone, or before a port. */
const ENDPOINT = /^([a-z]+:\/\/)?(0\.0\.0\.0|\[::\]|\*|)(:\d*)$/

/** A host that is written there is to be another one; where nothing else is tried before it, the environment may say which. */
export function changeLiteral(
  wanted: Extract<Wanted, { readonly kind: 'literal' }>,
  change: BindChange,
  module: Module,
  draft: Draft,
): void {
  const literal = literalAt(wanted, module)
  if (literal === undefined)
    return draft.refuse(`${module.path}:${wanted.at.span.start.line}: the host ${wanted.value} is not written there as a text`)
  if (isBroken(literal)) return draft.refuse('the code around the host is not understood')
  const text = literalText(literal) ?? ''
  const [open = '"', close = '"'] = quotesOf(literal)
  const [, scheme = '', , port] = ENDPOINT.exec(text) ?? []
  // Beside an address of version 4 in one list the other would be bound twice.
  const isSecond = literal.parent?.kind === 'list' && literal.parent.named.length > 1 && text.includes('[::]')
  if (isSecond && !change.host.includes(':')) {
    draft.note(notRead(change))
    return draft.replace(literal, `${open}${scheme}[::1]${port ?? ''}${close}`)
  }
  const host = port === undefined ? change.host : hostBeforePort(change.host)
  const plain = `${open}${scheme}${host}${port ?? ''}${close}`
  if (wanted.before !== 'nothing' || isDebugger(change)) {
    if (wanted.before !== 'setting') draft.note(notRead(change))
    return draft.replace(literal, plain)
  }
  const call = callAround(literal)
  if (call !== undefined && !isDefault(call)) {
    const number = portBeside(literal, call)
    const given = variablesFor(change, module, call, port === undefined ? number : undefined, draft)
    if (given === undefined) return draft.refuse('there is no place before the call where the host could be read from the environment')
    draft.replace(literal, port === undefined ? given.host : `f${open}${scheme}{${given.host}}${port}${close}`)
    if (given.port !== undefined && number !== undefined) draft.replace(number, given.port)
    return
  }
  const outer = literal.parent?.kind === 'list' ? literal.parent : literal
  const field = OPEN[outer.parent?.kind ?? '']
  const isOpen = field !== undefined && outer.parent?.field(field) === outer
  const read = isOpen ? getenv(module, literal, change.variable, `${open}${change.host}${close}`, draft) : undefined
  if (read === undefined) {
    draft.note(notRead(change))
    return draft.replace(literal, plain)
  }
  const before = scheme === '' ? '' : `${open}${scheme}${close} + `
  draft.replace(literal, port === undefined ? read : `${before}${read} + ${open}${port}${close}`)
}

/** Where the host is written. */
export function literalAt({ at, value }: Extract<Wanted, { readonly kind: 'literal' }>, module: Module): Node | undefined {
  const found = nodeFromTo(module.root, at.span.start.offset, at.span.end.offset)
  return found === undefined ? undefined : literalIn(found, String(value))
}

/** What begins and ends a string: `"`, `r'`, `"""`. */
function quotesOf(literal: Node): readonly string[] {
  const [first, last] = [literal.children[0]?.content, literal.children.at(-1)?.content]
  return first === undefined || last === undefined ? [] : [/["']+$/.exec(first)?.[0] ?? '"', last]
}

/** The literal itself, or the only one in an expression that says this host. */
function literalIn(node: Node, value: string): Node | undefined {
  const inner = bare(node)
  if (says(inner, value)) return inner
  const found: Node[] = []
  const open = [inner]
  for (let left = 200; left > 0; left--) {
    const next = open.pop()
    if (next === undefined) break
    if (says(next, value)) found.push(next)
    else open.push(...next.named)
  }
  return found.length === 1 ? found[0] : undefined
}

const EVERYWHERE: ReadonlySet<string> = new Set(['*', '0.0.0.0', '::'])

function says(node: Node, value: string): boolean {
  const text = node.kind === 'string' ? literalText(node) : undefined
  if (text === undefined) return false
  const end = ENDPOINT.exec(text)
  return text === value || (EVERYWHERE.has(value) && (text === '' || text === '0' || end !== null))
}

/** Options of command lines and fields of settings: what is given there is a default that others change. */
const isDefault = (call: Node): boolean =>
  /(?:^|\.)(?:add_argument|option|Option|Field|field|config|Typer|argument)$/.test(call.field('function')?.content ?? '')

/** The port that stands beside a host: by keyword, in the same pair, or behind it. */
function portBeside(literal: Node, call: Node): Node | undefined {
  const pair = literal.parent?.kind === 'tuple' ? literal.parent.named : undefined
  return keywordOf(call, 'port') ?? (pair !== undefined && pair[0] === literal ? pair[1] : undefined)
}
