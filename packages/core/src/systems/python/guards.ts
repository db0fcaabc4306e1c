import type { FileOrigin, GuardUse } from '../../evidence/index.ts'
import { entriesOf } from './entries.ts'
import type { Evaluator } from './evaluator.ts'
import type { Module } from './module.ts'
import type { Node } from '../tree.ts'
import { decoratorsOf } from './syntax.ts'
import { isTestCode } from './test-code.ts'

/** Names that people give to a guard which lets only this machine in. */
const NAMES =
  /\b(?:Local(?:host)?Only(?:Middleware|Guard)?|LoopbackOnly(?:Middleware|Guard)?|local(?:host)?_only(?:_middleware|_guard)?|loopback_only(?:_middleware)?)\b/g

export function mayGuard(content: string): boolean {
  return content.search(NAMES) >= 0
}

/** Where a guard is put before the handlers; that it is defined or imported alone does nothing. */
export function guardsOf(evaluator: Evaluator, module: Module): readonly { readonly claim: GuardUse; readonly origin: FileOrigin }[] {
  if (isTestCode(module.file)) return []
  const found = new Map<string, { readonly claim: GuardUse; readonly origin: FileOrigin }>()
  for (const match of module.file.content.matchAll(NAMES)) {
    const name = match[0]
    const node = module.occurrences(name).find((one) => one.start === match.index) ?? module.stringAt(match.index)
    if (node === undefined || found.has(name) || !isUse(node)) continue
    found.set(name, { claim: { claim: 'guard-use', name, entries: entriesOf(evaluator, node) }, origin: node.origin })
  }
  return [...found.values()]
}

/** `add_middleware(Guard)`, `Middleware(Guard)`, `app = Guard(app)`, a decorated function, a name in Django's MIDDLEWARE. */
function isUse(node: Node): boolean {
  if (node.kind === 'string') return listName(node) === 'MIDDLEWARE'
  const name = node.parent?.kind === 'attribute' ? node.parent : node
  const outer = name.parent
  if (outer?.kind === 'function_definition' && outer.field('name') === name) {
    return decoratorsOf(outer).some((decorator) =>
      /\.(?:middleware|before_request|before_serving|on_request|before_app_request)\b/.test(decorator.content),
    )
  }
  if (outer?.kind === 'call' && outer.field('function') === name)
    return (outer.field('arguments')?.named.length ?? 0) > 0 || outer.parent?.kind === 'argument_list'
  if (outer?.kind === 'list' || outer?.kind === 'tuple') return /^(?:MIDDLEWARE|middlewares?)$/i.test(listName(outer) ?? '')
  if (outer?.kind !== 'argument_list') return outer?.kind === 'decorator'
  const callee = outer.parent?.field('function')?.content ?? ''
  return /(?:^|\.)(?:add_middleware|Middleware|before_request|middleware|register_middleware|Depends|use|append|insert)$/.test(callee)
}

/** What a list, or the list around a text, is assigned to or given as. */
function listName(node: Node): string | undefined {
  let inner: Node | undefined = node
  while (
    inner !== undefined &&
    inner.kind !== 'assignment' &&
    inner.kind !== 'augmented_assignment' &&
    inner.kind !== 'keyword_argument' &&
    inner.kind !== 'block'
  )
    inner = inner.parent
  const target = inner?.field(inner.kind === 'keyword_argument' ? 'name' : 'left')
  return target === undefined ? undefined : target.kind === 'attribute' ? target.field('attribute')?.content : target.content
}
