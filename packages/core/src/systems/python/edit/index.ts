import type { BindChange } from '../../../evidence/index.ts'
import type { Editable } from '../../edit.ts'
import { editorOfBinds } from '../../source-edit/binds.ts'
import { changeData, DATA } from '../../source-edit/data.ts'
import type { Draft } from '../../source-edit/draft.ts'
import { isBroken } from '../../source-edit/nodes.ts'
import { keepingLoopback, type Wanted } from '../../source-edit/wanted.ts'
import type { Tools } from '../../system.ts'
import { nodeAt } from '../../tree.ts'
import { changeLiteral, literalAt } from './literal.ts'
import { giveHost } from './site.ts'
import { callOfName, sourceOf } from './source.ts'
import { fallBackAt } from './variable.ts'

/** Writes Python so that a server binds a host unless the environment says another one. */
export const pythonEditor = editorOfBinds((all, change, files, tools, draft) => {
  for (const wanted of all) make(wanted, ofFamily(change, wanted), files, tools, draft)
})

/** Servers of one family: a socket of version 6 binds no address of version 4 (docs.python.org/3/library/socket.html, Socket families). */
const ONE_FAMILY: ReadonlySet<string> = new Set(['socket', 'socketserver', 'socketserver-udp', 'http.server', 'multiprocessing-manager'])

function ofFamily(change: BindChange, wanted: Wanted): BindChange {
  const isSix = wanted.kind === 'literal' && wanted.value === '::' && ONE_FAMILY.has(change.framework)
  return isSix && !change.host.includes(':') ? { ...change, host: '::1' } : keepingLoopback(change)
}

function make(wanted: Wanted, change: BindChange, files: Editable, tools: Tools, draft: Draft): void {
  const at = wanted.kind === 'nothing' ? change.at : wanted.at
  if (wanted.kind === 'literal' && DATA.test(at.path)) return changeData(wanted, change, files, draft)
  const module = sourceOf(at.path, files, tools)
  if (typeof module === 'string') return draft.refuse(module)
  // `host=None` is known to be every address, and is written as what it is not.
  if (wanted.kind === 'literal' && (wanted.value !== '*' || literalAt(wanted, module) !== undefined))
    return changeLiteral(wanted, change, module, draft)
  if (wanted.kind === 'unset' && fallBackAt(wanted, change, module, draft)) return
  atBind(change, files, tools, draft)
}

/** The place that binds gives no host. */
function atBind(change: BindChange, files: Editable, tools: Tools, draft: Draft): void {
  const module = sourceOf(change.at.path, files, tools)
  if (typeof module === 'string') return draft.refuse(module)
  const name = nodeAt(module.root, change.at.span.start.offset)
  const call = name === undefined ? undefined : callOfName(name)
  if (call === undefined) return draft.refuse('the call that binds is not found where it was')
  if (isBroken(call)) return draft.refuse('the code around the call is not understood')
  giveHost(change, module, call, draft)
}
