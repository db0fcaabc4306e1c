import type { Evaluator } from './evaluator.ts'
import { argumentsOf } from './call-arguments.ts'
import { conditionAround } from './flow.ts'
import { assignedTo, type Module } from './module.ts'
import type { Node } from '../tree.ts'
import { escaped, scopeOf } from './syntax.ts'
import { type Located, several, type Thing, unknown } from './thing.ts'

type Sequence = Thing & { readonly kind: 'sequence' }

const CHANGED = 'the list is changed when the program runs'

/** A list where it is used by its name, after what changes it: what is put behind its end, and what may stand at any place. */
export function changedList(evaluator: Evaluator, list: Sequence, name: Node): Thing {
  const module = evaluator.moduleOf(name)
  if (module === undefined || !mayChange(module, name.content)) return list
  const scope = module.lookup(name.content, name)[0]?.scope
  let { items } = list
  for (const node of module.occurrences(name.content)) {
    const change = changeAt(evaluator, node, name)
    if (change === undefined || module.lookup(name.content, node)[0]?.scope !== scope) continue
    // What a function does may have been done before.
    if (scopeOf(node) === scopeOf(name) && node.start > name.start) continue
    if (change === 'anywhere') return several([list, unknown(CHANGED, node.origin)], name.origin)
    items = change(items)
  }
  return items === list.items ? list : { ...list, items }
}

function mayChange(module: Module, name: string): boolean {
  return new RegExp(String.raw`\b${escaped(name)}\s*(?:\.\s*(?:insert|pop|remove|reverse|sort|clear|append|extend)\s*\(|\[)`).test(
    module.file.content,
  )
}

const MOVES = /^(?:insert|pop|remove|reverse|sort|clear|extend)$/

type Change = (items: readonly Located[]) => readonly Located[]

const behind =
  (added: readonly Located[]): Change =>
  (items) => [...items, ...added]

/** `list[0] = …`, where it surely happens. */
function replaced(target: Node, name: Node): Change | undefined {
  const index = target.named[1]
  const given = assignedTo(target)
  // In a loop or under a condition it may be otherwise.
  const isSure =
    index?.kind === 'integer' && given !== undefined && scopeOf(given.node) === scopeOf(name) && conditionAround(given.node) === undefined
  const at = Number(index?.content)
  return isSure ? (items) => (at < items.length ? items.with(at, { node: given.value, frame: undefined }) : items) : undefined
}

/** What becomes of the list at this place, or that it is changed in a way that is not followed. */
function changeAt(evaluator: Evaluator, node: Node, name: Node): Change | 'anywhere' | undefined {
  const outer = node.parent
  if (outer?.kind === 'subscript' && outer.field('value') === node) {
    const statement = outer.parent
    const isTarget =
      statement?.kind === 'assignment' || statement?.kind === 'augmented_assignment' ? statement.field('left') === outer : false
    return isTarget || statement?.kind === 'delete_statement' ? (replaced(outer, name) ?? 'anywhere') : undefined
  }
  const call = outer?.kind === 'attribute' && outer.field('object') === node ? outer.parent : undefined
  if (call?.kind !== 'call' || call.field('function') !== outer) return undefined
  const method = outer?.field('attribute')?.content ?? ''
  const [first] = argumentsOf(call, undefined).positional
  if (method === 'append' && first !== undefined) return behind([first])
  const further = method === 'extend' && first !== undefined ? evaluator.evaluate(first) : undefined
  if (further?.kind === 'sequence') return behind(further.items)
  return MOVES.test(method) ? 'anywhere' : undefined
}
