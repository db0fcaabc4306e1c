import type { FileOrigin, GuardUse } from '../../evidence/index.ts'
import { askedAt } from '../asks-who.ts'
import { entriesOf } from './entries.ts'
import type { Evaluator } from './evaluator.ts'
import type { Module } from './module.ts'
import type { Node } from '../tree.ts'
import { decoratorsOf } from './syntax.ts'
import { isTestCode } from './test-code.ts'

/** Names that people give to a guard which lets only this machine in, and Starlette's check of the Host header (starlette.io/middleware). */
const NAMES =
  /\b(?:TrustedHostMiddleware|Local(?:host)?Only(?:Middleware|Guard)?|LoopbackOnly(?:Middleware|Guard)?|local(?:host)?_only(?:_middleware|_guard)?|loopback_only(?:_middleware)?)\b/g

/** What tells who asks: Starlette, Flask, aiohttp, http.server and Django's names of the peer, and the host that the request names. */
const WHO_ASKS = /\bclient\.host\b|\bremote_addr\b|\bclient_address\b|\bREMOTE_ADDR\b|\bheaders(?:\.get\(|\[)['"]host\b/gi

export function mayGuard(content: string): boolean {
  return content.search(NAMES) >= 0 || content.search(WHO_ASKS) >= 0
}

/** Where a guard is put before the handlers, or code decides by who asks; that a guard is defined or imported alone does nothing. */
export function guardsOf(evaluator: Evaluator, module: Module): readonly { readonly claim: GuardUse; readonly origin: FileOrigin }[] {
  if (isTestCode(module.file)) return []
  const found = new Map<string, { readonly claim: GuardUse; readonly origin: FileOrigin }>()
  for (const match of module.file.content.matchAll(NAMES)) {
    const name = match[0]
    const node = module.occurrences(name).find((one) => one.start === match.index) ?? module.stringAt(match.index)
    if (node === undefined || found.has(name) || !isUse(node) || letsAnyHostIn(node)) continue
    found.set(name, { claim: { claim: 'guard-use', name, entries: entriesOf(evaluator, node) }, origin: node.origin })
  }
  const asked = askedAt(module.root, WHO_ASKS)
  if (asked !== undefined)
    found.set('who asks', { claim: { claim: 'guard-use', name: 'who asks', entries: entriesOf(evaluator, asked) }, origin: asked.origin })
  return [...found.values()]
}

/** `allowed_hosts=["*"]`, which is also what Starlette takes where none are given. */
function letsAnyHostIn(node: Node): boolean {
  if (node.content !== 'TrustedHostMiddleware') return false
  const given = node.parent?.kind === 'argument_list' ? node.parent : node.parent?.field('arguments')
  const hosts = given?.named.find((one) => one.kind === 'keyword_argument' && one.field('name')?.content === 'allowed_hosts')
  return hosts === undefined || /^\[\s*['"]\*['"]/.test(hosts.field('value')?.content ?? '')
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
