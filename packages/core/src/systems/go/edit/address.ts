import type { Node } from '../../tree.ts'
import type { GoFile } from '../file.ts'
import { GO_FRAMEWORKS } from '../frameworks.ts'
import type { GoCall } from '../row.ts'
import { argumentsOf, bare, functionAround, listed, literalText, pointee } from '../syntax.ts'

/** `:8080`, `0.0.0.0:8080`, `[::]:%d`: a text that begins with every address. */
const ENDPOINT = /^(0\.0\.0\.0|\[::\]|\*|)(:[^:]*)$/

export interface Exposing {
  readonly literal: Node
  /** What stands behind the host, with its colon; `undefined`: the host stands alone. */
  readonly rest: string | undefined
}

/** How a string literal names every address, or a host of its own. */
export function exposing(literal: Node, host?: string): Exposing | undefined {
  const text = literalText(literal)
  if (text === undefined) return undefined
  if (text === '0.0.0.0' || text === '::' || text === host) return { literal, rest: undefined }
  const [, , rest] = ENDPOINT.exec(text) ?? []
  if (rest !== undefined) return { literal, rest }
  return host !== undefined && text.startsWith(`${host}:`) ? { literal, rest: text.slice(host.length) } : undefined
}

/** The call of a name that binds: `ListenAndServe` of `http.ListenAndServe(…)`. */
export function callOfName(name: Node): Node | undefined {
  const callee = name.parent?.kind === 'selector_expression' ? name.parent : name
  const call = callee.parent
  return call?.kind === 'call_expression' && call.field('function') === callee ? call : undefined
}

/** How a call is told where to listen: a method and a function may have one name (`http.ListenAndServe`, `server.ListenAndServe`). */
export function rowOf(framework: string, call: Node, file: GoFile): GoCall | undefined {
  const callee = call.field('function')
  const selector = callee?.kind === 'selector_expression' ? callee : undefined
  const name = (selector?.field('field') ?? callee)?.content ?? ''
  const id = framework === 'net/http/pprof' ? 'net/http' : framework
  const calls = (GO_FRAMEWORKS.find((row) => row.id === id)?.calls ?? []).filter((one) => /[.#](\w+)$/.exec(one.name)?.[1] === name)
  const mark = file.imports.has(selector?.field('operand')?.content ?? '') ? '.' : '#'
  return calls.length === 1 ? calls[0] : calls.find((one) => one.name.endsWith(`${mark}${name}`))
}

/** The expressions that may give the address of a call, as far as one file tells: names are followed to what is written. */
export function addressesOf(call: Node, row: GoCall, file: GoFile): readonly Node[] {
  const given = argumentsOf(call)
  if (row.address !== undefined) {
    const node = given[row.address]
    return node === undefined ? [] : [node]
  }
  if (row.field === undefined) return []
  const of = row.field.of === undefined ? call.field('function')?.field('operand') : given[row.field.of]
  if (of === undefined) return []
  const field = row.field.name
  return valuesOf(of, file, 0).flatMap((value) => {
    const literal = pointee(value)
    return literal.kind === 'composite_literal' ? (fieldOf(literal, field) ?? []) : []
  })
}

/** The value of a field in `Type{Field: value}`. */
export function fieldOf(literal: Node, name: string): Node | undefined {
  const pairs = literal.field('body')?.named ?? literal.named.at(-1)?.named ?? []
  const pair = pairs.find(({ kind, named }) => kind === 'keyed_element' && named[0]?.content === name)
  return pair?.named[1]?.named[0] ?? pair?.named[1]
}

const DEPTH = 5

/** What an expression may be, names of the same file followed through what is assigned to them. */
export function valuesOf(expression: Node, file: GoFile, depth: number): readonly Node[] {
  const node = pointee(bare(expression))
  if (node.kind !== 'identifier' || depth > DEPTH) return [node]
  return assignedTo(node, file).flatMap((value) => valuesOf(value, file, depth + 1))
}

/** Everything that is assigned to the variable of a name: where it is declared and later, in the same function or at the top of the file. */
function assignedTo(name: Node, file: GoFile): readonly Node[] {
  const own = functionAround(name)
  const all = file.occurrences(name.content).flatMap((occurrence) => {
    const value = assignedAt(occurrence)
    return value === undefined ? [] : [{ value, around: functionAround(occurrence) }]
  })
  const local = all.filter((one) => one.around !== undefined && (one.around === own || (own !== undefined && own.within(one.around))))
  return (local.length > 0 ? local : all.filter((one) => one.around === undefined)).map(({ value }) => value)
}

/** The value on the right of `name := value`, `name = value`, `var name = value`, `const name = value`. */
function assignedAt(name: Node): Node | undefined {
  const { parent } = name
  if (parent?.kind === 'const_spec' || parent?.kind === 'var_spec') {
    const names = parent.named.filter((node) => node.kind === 'identifier' && node.start < (parent.field('value')?.start ?? 0))
    return listed(parent.field('value'))[names.indexOf(name)]
  }
  const statement = parent?.kind === 'expression_list' ? parent.parent : undefined
  if (parent === undefined || (statement?.kind !== 'short_var_declaration' && statement?.kind !== 'assignment_statement')) return undefined
  return statement.field('left') === parent ? listed(statement.field('right'))[parent.named.indexOf(name)] : undefined
}

/** String literals of an expression that name every address, what it is put together from included. */
export function literalsIn(expression: Node, file: GoFile, host?: string): readonly Exposing[] {
  const found: Exposing[] = []
  const seen = new Set<Node>()
  const open = [...valuesOf(expression, file, 0)]
  for (let left = 200; left > 0; left--) {
    const node = open.pop()
    if (node === undefined) break
    if (seen.has(node)) continue
    seen.add(node)
    const one = exposing(node, host)
    if (one !== undefined) found.push(one)
    else if (node.kind === 'binary_expression') {
      const left_ = node.field('left')
      // What stands first begins with the host.
      if (left_ !== undefined) open.push(...valuesOf(left_, file, 1))
    } else if (node.kind === 'call_expression')
      open.push(...argumentsOf(node).flatMap((argument) => (argument.kind.endsWith('string_literal') ? [argument] : [])))
  }
  return found
}
