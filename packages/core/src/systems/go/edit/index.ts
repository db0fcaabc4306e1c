import type { BindChange } from '../../../evidence/index.ts'
import type { Editable } from '../../edit.ts'
import { editorOfBinds } from '../../source-edit/binds.ts'
import { changeData, DATA } from '../../source-edit/data.ts'
import type { Draft } from '../../source-edit/draft.ts'
import { isBroken, nodeFromTo } from '../../source-edit/nodes.ts'
import { keepingLoopback, type Wanted } from '../../source-edit/wanted.ts'
import type { Tools } from '../../system.ts'
import { type Node, nodeAt } from '../../tree.ts'
import type { GoFile } from '../file.ts'
import { argumentsOf, literalText } from '../syntax.ts'
import { callOfName, exposing } from './address.ts'
import { Imports } from './imports.ts'
import { joinHost, replaceText } from './join.ts'
import { giveHost } from './site.ts'
import { sourceOf } from './source.ts'
import { fallBack } from './variable.ts'

/** Writes Go so that a server binds a host unless the environment says another one. */
export const goEditor = editorOfBinds((all, change, files, tools, draft) => {
  const own = ofFamily(change, files, tools)
  // Each file is edited once, so that its imports come together.
  const opened = new Map<string, Opened>()
  for (const wanted of all) make(wanted, own, (path) => open(path, files, tools, opened, draft), files, draft)
  for (const { imports } of opened.values()) imports.add(draft)
})

/** `net.Listen("tcp6", …)` takes no IPv4 address (Go 1.19, net/ipsock.go: internetAddrList). */
function ofFamily(change: BindChange, files: Editable, tools: Tools): BindChange {
  const file = sourceOf(change.at.path, files, tools)
  const name = typeof file === 'string' ? undefined : nodeAt(file.root, change.at.span.start.offset)
  const call = name === undefined ? undefined : callOfName(name)
  const isSix = call !== undefined && argumentsOf(call).some((argument) => /^(?:tcp|udp)6$/.test(literalText(argument) ?? ''))
  return isSix && !change.host.includes(':') ? { ...change, host: '::1' } : keepingLoopback(change)
}

interface Opened {
  readonly file: GoFile
  readonly imports: Imports
}

function open(path: string, files: Editable, tools: Tools, opened: Map<string, Opened>, draft: Draft): Opened | undefined {
  const there = opened.get(path)
  if (there !== undefined) return there
  const file = sourceOf(path, files, tools)
  if (typeof file === 'string') {
    draft.refuse(file)
    return undefined
  }
  const found = { file, imports: new Imports(file) }
  opened.set(path, found)
  return found
}

function make(wanted: Wanted, change: BindChange, source: (path: string) => Opened | undefined, files: Editable, draft: Draft): void {
  if (wanted.kind === 'literal') {
    if (DATA.test(wanted.at.path)) return changeData(wanted, change, files, draft)
    const opened = source(wanted.at.path)
    if (opened === undefined) return
    const { start, end } = wanted.at.span
    const node = nodeFromTo(opened.file.root, start.offset, end.offset)
    const found = node === undefined ? undefined : inside(node, String(wanted.value))
    if (found === undefined) return atBind(change, source, draft)
    if (isBroken(found.literal)) return draft.refuse('the code around the host is not understood')
    return wanted.before === 'nothing' ? joinHost(found, change, opened.file, opened.imports, draft) : replaceText(found, change, draft)
  }
  if (wanted.kind === 'unset') {
    const opened = source(wanted.at.path)
    if (opened === undefined || fallBack(wanted, change, opened.file, opened.imports, draft)) return
  }
  atBind(change, source, draft)
}

/** The literal of a host in an expression: the whole, or the first of what it is put together from. */
function inside(node: Node, host: string): ReturnType<typeof exposing> {
  const open = [node]
  for (let left = 100; left > 0; left--) {
    const next = open.shift()
    if (next === undefined) return undefined
    const found = exposing(next, host)
    if (found !== undefined) return found
    open.push(...next.named)
  }
  return undefined
}

/** The place that binds gives no host. */
function atBind(change: BindChange, source: (path: string) => Opened | undefined, draft: Draft): void {
  const opened = source(change.at.path)
  if (opened === undefined) return
  const name = nodeAt(opened.file.root, change.at.span.start.offset)
  const call = name === undefined ? undefined : callOfName(name)
  if (call === undefined) return draft.refuse('the call that binds is not found where it was')
  if (isBroken(call)) return draft.refuse('the code around the call is not understood')
  if (argumentsOf(call).some(({ kind }) => kind === 'variadic_argument'))
    return draft.refuse('the arguments of the call are a list that is made elsewhere')
  giveHost(change, call, opened.file, opened.imports, draft)
}
