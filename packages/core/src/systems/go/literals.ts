import type { FileOrigin, Value } from '../../evidence/index.ts'
import type { Node } from '../tree.ts'
import type { Evaluator } from './evaluator.ts'
import { type Thing, valueOf } from './thing.ts'
import { fieldsOf, type GoType, lastName } from './types.ts'

type Struct = Extract<Thing, { readonly kind: 'struct' }>

/** A field of `Config{Host: "x"}`, `Config{"x", 80}`, or what a map has under a key. `undefined`: a map without it. */
export function literalField(evaluator: Evaluator, struct: Struct, name: string | Value, origin: FileOrigin): Thing | undefined {
  const type = typeOf(evaluator, struct.node)
  const elements = struct.node.kind === 'literal_value' ? struct.node.named : (struct.node.field('body')?.named ?? [])
  if (typeof name !== 'string') return mapItem(evaluator, struct, elements, name)
  for (const element of elements) {
    const [key, value] = element.kind === 'keyed_element' ? element.named.map(inside) : []
    if (key?.content === name && value !== undefined) return evaluator.evaluate({ node: value, frame: struct.frame })
  }
  const own = type?.kind === 'own' ? type : undefined
  if (own === undefined) return type === undefined ? undefined : evaluator.member({ kind: 'zero', type, origin }, name, origin)
  const fields = fieldsOf(own.node)
  const names = fields.flatMap((field) => (field.names.length > 0 ? field.names.map((one) => one.content) : [lastName(field.type)]))
  const placed = elements.some((element) => element.kind === 'keyed_element') ? undefined : elements[names.indexOf(name)]
  const value = placed === undefined ? undefined : inside(placed)
  if (value !== undefined) return evaluator.evaluate({ node: value, frame: struct.frame })
  // A field of something that is embedded.
  if (!names.includes(name)) {
    for (const field of fields) {
      if (field.names.length > 0) continue
      const inner = evaluator.types.named(field.type)
      if (inner?.kind === 'external' || evaluator.types.field(inner, name) !== undefined)
        return evaluator.member(evaluator.member(struct, lastName(field.type), origin), name, origin)
    }
  }
  return evaluator.member({ kind: 'zero', type, origin }, name, origin)
}

/** The type of a literal; of `{…}` in a list or a map that of its items. */
function typeOf(evaluator: Evaluator, literal: Node): GoType | undefined {
  if (literal.kind !== 'literal_value') return evaluator.types.named(literal.field('type'))
  let outer = literal.parent
  while (outer !== undefined && outer.kind !== 'composite_literal') outer = outer.parent
  const list = outer === undefined ? undefined : evaluator.types.named(outer.field('type'))
  return list?.kind === 'list' ? evaluator.types.named(list.of) : undefined
}

function mapItem(evaluator: Evaluator, struct: Struct, elements: readonly Node[], key: Value): Thing | undefined {
  if (key.kind !== 'known') return undefined
  for (const element of elements) {
    const [at, value] = element.kind === 'keyed_element' ? element.named.map(inside) : []
    if (at === undefined || value === undefined) continue
    const own = valueOf(evaluator.evaluate({ node: at, frame: struct.frame }), at.origin)
    if (own.kind === 'known' && own.value === key.value) return evaluator.evaluate({ node: value, frame: struct.frame })
  }
  return undefined
}

const inside = (element: Node): Node => (element.kind === 'literal_element' ? (element.named[0] ?? element) : element)
