import type { FileOrigin } from '../../../evidence/index.ts'
import { askedAt } from '../../asks-who.ts'
import { declarationAt } from '../source/declarations.ts'
import type { Module } from '../source/module.ts'
import { around, type Node, nodeAt } from '../../tree.ts'

/** The package that protects a server in its own process. */
const PACKAGE = '@sallyport/guard'
/** Names that people give to a guard of their own. */
const NAMES = /\b(?:[Ll]ocalhostOnly(?:Middleware|Guard)?|localhost_only(?:_middleware)?|localOnly(?:Middleware|Guard)?)\b/g

/** What tells who asks: the peer's address (Node's `socket`, Express, Koa, Fastify), or the host that the request names. By the origin, headers for other sites are chosen too. */
const WHO_ASKS = /\bremoteAddress\b|\b(?:req|request|ctx|context)\.(?:ip|hostname|host)\b|\bheaders\.host\b|\bheaders\[['"]host\b/gi

export const mayGuard = (content: string): boolean =>
  content.includes(PACKAGE) || content.search(NAMES) >= 0 || content.search(WHO_ASKS) >= 0

/** Where a file imports the guard, puts one before its handlers, or decides by who asks: the first place of each. */
export function guardsOf(module: Module): readonly { readonly name: string; readonly origin: FileOrigin }[] {
  const found = new Map<string, Node>()
  for (let at = module.file.content.indexOf(PACKAGE); at >= 0; at = module.file.content.indexOf(PACKAGE, at + 1)) {
    const text = nodeAt(module.root, at)
    const load = text?.kind === 'string_fragment' ? around(text, LOADS) : undefined
    if (load !== undefined && guards(load, module) && !found.has(PACKAGE)) found.set(PACKAGE, load)
  }
  for (const match of module.file.content.matchAll(NAMES)) {
    const node = nodeAt(module.root, match.index)
    if (node === undefined || found.has(match[0]) || !isUse(node)) continue
    found.set(match[0], node)
  }
  const asked = askedAt(module.root, WHO_ASKS)
  if (asked !== undefined) found.set('who asks', asked)
  return [...found].map(([name, node]) => ({ name, origin: module.file.origin(node.start, node.end) }))
}

const LOADS: ReadonlySet<string> = new Set(['import_statement', 'call_expression', 'export_statement'])

/** What the package gives beside its guard: these decide where a server listens, and nothing about who asks. */
const BESIDE: ReadonlySet<string> = new Set(['validateServerHost', 'listen', 'fromFile', 'GuardError', 'PROXY_HEADERS', 'REASONS'])

/** Whether what is loaded can guard: the module itself, or a name of it that is neither a type nor one of those beside the guard, and that is used. */
function guards(load: Node, module: Module): boolean {
  if (load.kind !== 'import_statement') return true
  if (load.children.some((child) => child.kind === 'type')) return false
  const named = load.named.find((child) => child.kind === 'import_clause')?.named.find((child) => child.kind === 'named_imports')
  return (
    named === undefined || named.named.some((name) => name.kind === 'import_specifier' && !isBeside(name) && isUsed(name, load, module))
  )
}

const isBeside = (specifier: Node): boolean =>
  specifier.children.some((child) => child.kind === 'type') || BESIDE.has(specifier.field('name')?.content ?? '')

/** Whether its name stands anywhere else than where it is imported; one that stands too often to be looked at does. */
function isUsed(specifier: Node, load: Node, module: Module): boolean {
  const places = module.occurrences((specifier.field('alias') ?? specifier.field('name'))?.content ?? '')
  return places.length === 0 || places.some((place) => !place.within(load) && USES.has(place.kind))
}

const USES: ReadonlySet<string> = new Set(['identifier', 'shorthand_property_identifier'])

/** An import, or a use as a value; where it is declared it is not used yet. */
function isUse(node: Node): boolean {
  if (node.kind !== 'identifier' && node.kind !== 'property_identifier' && node.kind !== 'shorthand_property_identifier') return false
  const declaration = declarationAt(node)
  if (declaration !== undefined) return 'kind' in declaration && declaration.kind === 'import' && !declaration.typeOnly
  const { parent } = node
  // `export { localhostOnly }`, `localhostOnly() {}` in a class and `exports.localhostOnly = …` say what there is, not that it is applied.
  if (parent?.kind === 'export_specifier' || parent?.kind === 'method_definition' || (parent?.kind === 'pair' && node.isField('key')))
    return false
  return !(parent?.kind === 'member_expression' && parent.isField('left'))
}
