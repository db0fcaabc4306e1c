import type { BindChange } from '../../../evidence/index.ts'
import type { Editable } from '../../edit.ts'
import { editorOfBinds } from '../../source-edit/binds.ts'
import { changeData, DATA } from '../../source-edit/data.ts'
import type { Draft } from '../../source-edit/draft.ts'
import { keepingLoopback, type Wanted } from '../../source-edit/wanted.ts'
import type { Tools } from '../../system.ts'
import type { Module } from '../source/module.ts'
import { configureHost } from './configuration.ts'
import { changeLiteral } from './literal.ts'
import { callAt, giveHost } from './site.ts'
import { sourceOf } from './source.ts'
import { isBroken, nodeFromTo } from '../../source-edit/nodes.ts'
import { styleOf } from './style.ts'
import { fallBack } from './variable.ts'

/** Writes JavaScript and TypeScript so that a server binds a host unless the environment says another one. */
export const javascriptEditor = editorOfBinds((all, change, files, tools, draft) => {
  // A socket of version 6 binds no address of version 4 (nodejs.org/api/dgram.html, socket.bind).
  const isSix = change.framework === 'node:dgram:udp6' && !change.host.includes(':')
  const own = isSix ? { ...change, host: '::1' } : keepingLoopback(change)
  for (const wanted of all) make(wanted, own, files, tools, draft)
})

function make(wanted: Wanted, change: BindChange, files: Editable, tools: Tools, draft: Draft): void {
  const at = wanted.kind === 'nothing' ? change.at : wanted.at
  if (wanted.kind === 'literal' && DATA.test(at.path)) return changeData(wanted, change, files, draft)
  const module = sourceOf(at.path, files, tools)
  if (typeof module === 'string') return draft.refuse(module)
  const style = styleOf(module, change.framework)
  if (wanted.kind === 'literal') return changeLiteral(wanted, change, module, style, draft)
  if (wanted.kind === 'unset' && fallBack(wanted, change, module, style, draft)) return
  atBind(change, module, files, tools, draft)
}

/** The place that binds gives no host. */
function atBind(change: BindChange, found: Module, files: Editable, tools: Tools, draft: Draft): void {
  const module = found.path === change.at.path ? found : sourceOf(change.at.path, files, tools)
  if (typeof module === 'string') return draft.refuse(module)
  const style = styleOf(module, change.framework)
  const { start, end } = change.at.span
  const call = callAt(module.root, start.offset, end.offset)
  if (call !== undefined) {
    if (isBroken(call)) return draft.refuse('the code around the call is not understood')
    return giveHost({ change, module, call, style, draft })
  }
  const node = nodeFromTo(module.root, start.offset, end.offset)
  if (node === undefined) return draft.refuse('the call that binds is not found where it was')
  configureHost(change, node, module, style, draft)
}
