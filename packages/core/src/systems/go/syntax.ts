import type { Node } from '../tree.ts'

/** The kinds of functions, with or without a name. */
const FUNCTIONS: ReadonlySet<string> = new Set(['function_declaration', 'method_declaration', 'func_literal'])

export const isFunction = (node: Node): boolean => FUNCTIONS.has(node.kind)

/** The nearest function around a node, itself left out. `undefined`: it stands at the top of the file. */
export function functionAround(node: Node): Node | undefined {
  let outer = node.parent
  while (outer !== undefined && !isFunction(outer)) outer = outer.parent
  return outer
}

/** The function with a name around a node. */
export function namedFunctionAround(node: Node): Node | undefined {
  let outer = functionAround(node)
  while (outer !== undefined && outer.kind === 'func_literal') outer = functionAround(outer)
  return outer
}

/** An expression without parentheses. */
export function bare(node: Node): Node {
  let inner = node
  for (let only = inner.named[0]; inner.kind === 'parenthesized_expression' && only !== undefined; only = inner.named[0]) inner = only
  return inner
}

/** An expression without parentheses, `&` and `*`: a pointer is taken for what it points to. */
export function pointee(node: Node): Node {
  let inner = bare(node)
  while (inner.kind === 'unary_expression' && /^[&*]/.test(inner.content)) {
    const operand = inner.field('operand')
    if (operand === undefined) return inner
    inner = bare(operand)
  }
  return inner
}

/** The items of an `expression_list`, or the one expression that stands in its place. */
export function listed(node: Node | undefined): readonly Node[] {
  if (node === undefined) return []
  return node.kind === 'expression_list' ? node.named : [node]
}

/** The arguments of a call. */
export function argumentsOf(call: Node): readonly Node[] {
  return call.field('arguments')?.named ?? []
}

/** The statements of a block, or of a case of a `switch`. */
export function statementsOf(block: Node): readonly Node[] {
  return (block.kind === 'statement_list' ? block : block.named.find((node) => node.kind === 'statement_list'))?.named ?? []
}

export interface Parameter {
  readonly name: string
  /** The name where it is declared. */
  readonly node: Node
  readonly type: Node | undefined
  readonly variadic: boolean
}

/** The names of a parameter list, in their order; one without a name is `_`. */
export function parametersIn(list: Node | undefined): readonly Parameter[] {
  return (list?.named ?? []).flatMap((declaration): readonly Parameter[] => {
    const type = declaration.field('type')
    const variadic = declaration.kind === 'variadic_parameter_declaration'
    const names = declaration.named.filter((node) => node.kind === 'identifier' && node !== type)
    if (names.length === 0) return [{ name: '_', node: declaration, type, variadic }]
    return names.map((node) => ({ name: node.content, node, type, variadic }))
  })
}

export const parametersOf = (definition: Node): readonly Parameter[] => parametersIn(definition.field('parameters'))

export const receiverOf = (definition: Node): Parameter | undefined => parametersIn(definition.field('receiver'))[0]

/** The types of what a function gives, in their order. */
export function resultTypes(definition: Node): readonly (Node | undefined)[] {
  const result = definition.field('result')
  if (result === undefined) return []
  return result.kind === 'parameter_list' ? parametersIn(result).map(({ type, node }) => type ?? node) : [result]
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', f: '\f', v: '\v' }

/** The text of a string literal (The Go Programming Language Specification, String literals); `undefined`: it is none. */
export function literalText(node: Node | undefined): string | undefined {
  if (node?.kind === 'raw_string_literal') return node.content.slice(1, -1).replaceAll('\r', '')
  if (node?.kind !== 'interpreted_string_literal') return undefined
  return node.content
    .slice(1, -1)
    .replace(/\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))/gs, (_, ...found: (string | undefined)[]) => {
      const [two, four, eight, octal, single = ''] = found
      const code = two ?? four ?? eight
      if (code !== undefined) return character(Number.parseInt(code, 16))
      return octal === undefined ? (ESCAPES[single] ?? single) : character(Number.parseInt(octal, 8))
    })
}

const character = (code: number): string => (code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd')

/** The value of an integer literal. */
export function literalNumber(node: Node): number | undefined {
  if (node.kind !== 'int_literal') return undefined
  const text = node.content.replaceAll('_', '')
  const value = Number(/^0[0-7]+$/.test(text) ? `0o${text.slice(1)}` : text)
  return Number.isSafeInteger(value) ? value : undefined
}

/** Calls that nothing comes after: of the language, `os`, `log` and the common loggers. */
const ENDS = /^(?:panic|os\.Exit|syscall\.Exit|runtime\.Goexit)$|\.(?:Fatal(?:f|ln|w|Context)?|Panic(?:f|ln|w)?|Exit)$/

/** Whether a block never runs to its end. */
export function isLeft(block: Node): boolean {
  const last = statementsOf(block).at(-1)
  if (last === undefined) return false
  if (last.kind === 'if_statement') {
    const [yes, no] = [last.field('consequence'), last.field('alternative')]
    return yes !== undefined && no !== undefined && isLeft(yes) && (no.kind === 'if_statement' ? isLeftIf(no) : isLeft(no))
  }
  if (last.kind === 'block') return isLeft(last)
  return isEnd(last)
}

const isLeftIf = (statement: Node): boolean => {
  const [yes, no] = [statement.field('consequence'), statement.field('alternative')]
  return yes !== undefined && no !== undefined && isLeft(yes) && (no.kind === 'if_statement' ? isLeftIf(no) : isLeft(no))
}

/** Whether nothing comes after the statement. */
export function isEnd(statement: Node): boolean {
  if (/^(?:return|break|continue|goto)_statement$/.test(statement.kind)) return true
  const call = statement.kind === 'expression_statement' ? statement.named[0] : undefined
  return call?.kind === 'call_expression' && ENDS.test(call.field('function')?.content ?? '')
}

/** A path of a package without what only tells its version: `…/v4`, `gopkg.in/x.v1`. */
export function unversioned(path: string): string {
  return path.replace(/\/v\d{1,3}(?=\/|$)/, '').replace(/^(gopkg\.in\/.{1,200}?)\.v\d{1,3}(?=\/|$)/, '$1')
}
