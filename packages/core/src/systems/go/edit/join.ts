import { hostBeforePort } from '../../../network/index.ts'
import type { BindChange } from '../../../evidence/index.ts'
import type { Draft } from '../../source-edit/draft.ts'
import { isDebugger, notRead } from '../../source-edit/wanted.ts'
import type { Node } from '../../tree.ts'
import type { GoFile } from '../file.ts'
import { argumentsOf, functionAround } from '../syntax.ts'
import type { Exposing } from './address.ts'
import type { Imports } from './imports.ts'
import { declaredAs, outermost, statementAround } from './source.ts'
import { fallBackAfter, localFor, type Setting } from './variables.ts'

export const hostSetting = ({ variable, host }: BindChange): Setting => ({
  variable,
  fallback: host,
  names: ['host', 'bindHost', 'listenHost'],
})

/** Writes another host into a literal, and nothing else. */
export function replaceText({ literal, rest }: Exposing, change: BindChange, draft: Draft): void {
  const quote = literal.content.charAt(0)
  const host = rest === undefined ? change.host : hostBeforePort(change.host)
  draft.replace(literal, `${quote}${host}${rest ?? ''}${quote}`)
}

/**
 * An address of which the host is written, or left out, becomes one whose host the environment may say: `net.JoinHostPort(host, "8080")`.
 * Where no statement can stand before it, the text alone is changed.
 */
export function joinHost(found: Exposing, change: BindChange, file: GoFile, imports: Imports, draft: Draft): void {
  const { literal, rest } = found
  const place = placeOf(literal, rest)
  const isInside = functionAround(literal) !== undefined && statementAround(literal) !== undefined && isVariable(literal)
  if (place === undefined || !isInside || isDebugger(change)) {
    draft.note(notRead(change))
    return replaceText(found, change, draft)
  }
  if (rest === undefined) return aloneHost(literal, change, file, imports, draft)
  const net = imports.use('net')
  const host = net === undefined ? undefined : localFor(hostSetting(change), file, literal, imports, draft)
  if (net === undefined || host === undefined) {
    draft.note(notRead(change))
    return replaceText(found, change, draft)
  }
  draft.replace(place.node, `${net}.JoinHostPort(${host}, ${place.port})`)
}

/** A constant takes no call (The Go Programming Language Specification, Constant expressions). */
function isVariable(literal: Node): boolean {
  for (let outer = literal.parent; outer !== undefined && outer.kind !== 'statement_list'; outer = outer.parent)
    if (outer.kind === 'const_spec' || outer.kind === 'parameter_declaration') return false
  return true
}

/** What is put in the place of an address, and its port as an expression. */
function placeOf(literal: Node, rest: string | undefined): { readonly node: Node; readonly port: string } | undefined {
  const outer = outermost(literal)
  const { parent } = outer
  if (rest === undefined) return { node: literal, port: '' }
  const port = rest.slice(1)
  // `":" + port`, of two parts.
  if (parent?.kind === 'binary_expression') {
    const right = parent.field('right')
    const isWhole = outermost(parent).parent?.kind !== 'binary_expression'
    return parent.field('left') === outer &&
      right !== undefined &&
      port === '' &&
      isWhole &&
      parent.children.some(({ kind }) => kind === '+')
      ? { node: parent, port: right.content }
      : undefined
  }
  const call = parent?.kind === 'argument_list' ? parent.parent : undefined
  const callee = call?.field('function')?.content ?? ''
  if (call !== undefined && /\.Sprintf$/.test(callee)) {
    const [, value, another] = argumentsOf(call)
    if (value === undefined || another !== undefined || !/^%[sdv]$/.test(port)) return undefined
    return { node: call, port: port === '%s' ? value.content : `${callee.replace(/f$/, '')}(${value.content})` }
  }
  // Any other function is given the text for something of its own: a flag's default.
  if (call !== undefined && !/(?:Listen\w*|Start\w*|Run\w*|Serve\w*)$/.test(callee)) return undefined
  return { node: literal, port: `"${port}"` }
}

/** `host := "0.0.0.0"`, `net.JoinHostPort("0.0.0.0", port)`. */
function aloneHost(literal: Node, change: BindChange, file: GoFile, imports: Imports, draft: Draft): void {
  const declared = declaredAs(literal)
  if (declared !== undefined) {
    const os = imports.use('os')
    if (os === undefined) return draft.refuse('`os` means something else in this file')
    draft.replace(literal, `${os}.Getenv("${change.variable}")`)
    return fallBackAfter(declared.statement, declared.name.content, change.host, draft)
  }
  const host = localFor(hostSetting(change), file, literal, imports, draft)
  if (host !== undefined) return draft.replace(literal, host)
  draft.note(notRead(change))
  replaceText({ literal, rest: undefined }, change, draft)
}
