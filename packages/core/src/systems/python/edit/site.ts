import type { BindChange } from '../../../evidence/index.ts'
import type { Draft } from '../../source-edit/draft.ts'
import { indentAt, newlineOf } from '../../source-edit/layout.ts'
import type { Node } from '../../tree.ts'
import { PYTHON_FRAMEWORKS } from '../frameworks.ts'
import type { Module } from '../module.ts'
import type { BindCall } from '../row.ts'
import { bare, literalText } from '../syntax.ts'
import { variablesFor } from './names.ts'
import { keywordOf, positionalOf } from './source.ts'
import { fallBack } from './variable.ts'

/** A call that gives no host is given one, in the way that its framework takes it. */
export function giveHost(change: BindChange, module: Module, call: Node, draft: Draft): void {
  const name = call.field('function')?.content.split('.').at(-1) ?? ''
  const row = rowOf(change.framework, name)
  const slot = row?.host
  const positional = positionalOf(call)
  if (positional.some(({ kind }) => kind === 'list_splat'))
    return draft.refuse('the arguments of the call are a list that is made elsewhere')
  if (row?.endpoint !== undefined && slot === undefined) return givePair(change, module, call, row, draft)
  const keyword = slot?.keywords?.[0]
  if (slot === undefined || keyword === undefined) return draft.refuse(`where ${change.framework} is given its host is not known here`)
  const there = slot.keywords?.map((one) => keywordOf(call, one)).find((one) => one !== undefined) ?? positional[slot.position ?? -1]
  if (there !== undefined && fallBack(there, change.variable, change, module, draft)) return
  // A name that is given twice is an error when the program runs.
  if (there === undefined && call.field('arguments')?.named.some(({ kind }) => kind === 'dictionary_splat') === true)
    return draft.refuse('the call is given options that are put together elsewhere')
  const port = keywordOf(call, row?.port?.keywords?.[0] ?? 'port') ?? positional[row?.port?.position ?? -1]
  const given = variablesFor(change, module, call, port, draft)
  if (given === undefined) return draft.refuse('there is no place before the call where the host could be read from the environment')
  if (given.port !== undefined && port !== undefined) draft.replace(port, given.port)
  if (there === undefined) return addKeyword(call, keyword, given.host, keywordOf(call, 'port'), draft)
  const isNothing = there.content === 'None' || literalText(bare(there)) === ''
  draft.replace(there, isNothing ? given.host : `${there.content} or ${given.host}`)
}

/** Of the ways in which a framework binds, the one whose function has this name. */
function rowOf(framework: string, name: string): BindCall | undefined {
  const calls = PYTHON_FRAMEWORKS.find(({ id }) => id === framework)?.calls ?? []
  return (
    calls.find((call) => call.names.some((one) => one.replace(/\(\)/g, '').endsWith(`.${name}`))) ??
    (calls.length === 1 ? calls[0] : undefined)
  )
}

/** `WSGIServer(8000)` becomes `WSGIServer((host, 8000))`. */
function givePair(change: BindChange, module: Module, call: Node, { endpoint }: BindCall, draft: Draft): void {
  const there = (endpoint?.keywords ?? []).map((one) => keywordOf(call, one)).find((one) => one !== undefined)
  const node = there ?? positionalOf(call)[endpoint?.position ?? -1]
  if (node?.kind !== 'integer' && node?.kind !== 'identifier') return draft.refuse('the address is put together elsewhere')
  const given = variablesFor(change, module, call, node.kind === 'identifier' ? node : undefined, draft)
  if (given === undefined) return draft.refuse('there is no place before the call where the host could be read from the environment')
  draft.replace(node, `(${given.host}, ${node.content})`)
}

/** Before the port where that is given by name too, else behind all that is given. */
function addKeyword(call: Node, keyword: string, host: string, port: Node | undefined, draft: Draft): void {
  const list = call.field('arguments')
  if (list === undefined) return draft.refuse('the call has no arguments to be added to')
  const { content } = list.file
  const text = `${keyword}=${host}`
  const named = list.named.filter(({ kind }) => kind !== 'comment')
  const next = port?.parent
  const [first] = named
  const before = (node: Node): string => {
    const isOwnLine = content.slice(content.lastIndexOf('\n', node.start - 1) + 1, node.start).trim() === ''
    return isOwnLine ? `,${newlineOf(content)}${indentAt(content, node.start)}` : ', '
  }
  if (next !== undefined) return draft.insert(list, next.start, text + before(next))
  const last = named.at(-1)
  if (last === undefined) return draft.insert(list, list.start + 1, text)
  draft.insert(list, last.end, first === last || !before(last).includes('\n') ? `, ${text}` : `${before(last)}${text}`)
}
