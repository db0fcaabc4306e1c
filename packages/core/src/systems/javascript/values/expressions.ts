import { ABSENT, joinValues, type Value } from '../../../evidence/index.ts'
import { callMeaning, newMeaning } from './calls.ts'
import { overOptions } from './conditions.ts'
import type { Evaluator } from './evaluator.ts'
import { thisMeaning } from './instances.ts'
import { eitherMeaning, type Frame, type Meaning, NULL_MEANING, UNDEFINED, unknownMeaning, valueMeaning } from './meaning.ts'
import { elementMeaning } from './members.ts'
import { nameMeaning } from './names.ts'
import { binaryMeaning, ternaryMeaning, unaryMeaning } from './operators.ts'
import type { Node } from '../../tree.ts'
import { literalText } from '../source/syntax.ts'
import { known, unknown } from './values.ts'

type Expression = (node: Node, frame: Frame | undefined, evaluator: Evaluator) => Meaning

const itself =
  (kind: 'object' | 'array'): Expression =>
  (node, frame) => ({ kind, node, frame })
const ownFunction: Expression = (node, frame) => ({ kind: 'function', node, frame })

/** What each kind of expression means; a kind that is not here is unknown. */
export const EXPRESSIONS: Readonly<Record<string, Expression>> = {
  string: (node) => valueMeaning(known(literalText(node) ?? '', node.origin)),
  number: (node) => valueMeaning(numberValue(node)),
  // As text: a list of origins may hold patterns.
  regex: (node) => valueMeaning(known(node.content, node.origin)),
  true: (node) => valueMeaning(known(true, node.origin)),
  false: (node) => valueMeaning(known(false, node.origin)),
  null: () => NULL_MEANING,
  undefined: () => UNDEFINED,
  template_string: templateMeaning,
  identifier: nameMeaning,
  shorthand_property_identifier: nameMeaning,
  this: thisMeaning,
  meta_property: (node) => ({ kind: 'library', name: `#${node.content}` }),
  member_expression: (node, frame, evaluator) => {
    const [object, property] = [node.field('object'), node.field('property')]
    if (object === undefined || property === undefined) return unknownMeaning('this expression is not followed', node.origin)
    return evaluator.property(evaluator.meaning(object, frame), property.content, node)
  },
  subscript_expression: subscriptMeaning,
  call_expression: callMeaning,
  new_expression: newMeaning,
  object: itself('object'),
  array: itself('array'),
  arrow_function: ownFunction,
  function_expression: ownFunction,
  function: ownFunction,
  class: (node, frame) => ({ kind: 'class', node, frame }),
  binary_expression: binaryMeaning,
  ternary_expression: ternaryMeaning,
  unary_expression: unaryMeaning,
  assignment_expression: (node, frame, evaluator) => ofField(node, 'right', frame, evaluator),
  augmented_assignment_expression: (node, frame, evaluator) => {
    const operator = node.field('operator')?.content
    const [left, right] = [ofField(node, 'left', frame, evaluator), ofField(node, 'right', frame, evaluator)]
    if (operator === '||=' || operator === '??=') return eitherMeaning(left, right, operator === '||=' ? '||' : '??', node.origin)
    return unknownMeaning('it is computed while the program runs', node.origin)
  },
}

export function ofField(node: Node, name: string, frame: Frame | undefined, evaluator: Evaluator): Meaning {
  const part = node.field(name)
  return part === undefined ? unknownMeaning('this expression is not followed', node.origin) : evaluator.meaning(part, frame)
}

function numberValue(node: Node): Value {
  const number = Number(node.content.replaceAll('_', ''))
  return Number.isNaN(number) ? unknown('this number is not followed', node.origin) : known(number, node.origin)
}

function templateMeaning(node: Node, frame: Frame | undefined, evaluator: Evaluator): Meaning {
  const text = literalText(node)
  if (text !== undefined) return valueMeaning(known(text, node.origin))
  const parts = node.named.map((part): Value => {
    if (part.kind === 'template_substitution') return part.named[0] === undefined ? ABSENT : evaluator.value(part.named[0], frame)
    return known(part.kind === 'string_fragment' ? part.content : (literalText(part) ?? part.content), part.origin)
  })
  return valueMeaning(joined(parts, node))
}

/** As `joinValues`; with a part that is not known the whole is not, for its reason. */
export function joined(parts: readonly Value[], node: Node): Value {
  const gap = parts.find((part) => part.kind === 'unknown')
  if (gap !== undefined) return gap
  const value = joinValues(parts, node.origin)
  return value.kind === 'known' ? { ...value, value: String(value.value), origin: node.origin } : value
}

function subscriptMeaning(node: Node, frame: Frame | undefined, evaluator: Evaluator): Meaning {
  const [object, index] = [node.field('object'), node.field('index')]
  if (object === undefined || index === undefined) return unknownMeaning('this expression is not followed', node.origin)
  const of = evaluator.meaning(object, frame)
  const lead = (key: Value): Meaning =>
    key.kind === 'known' ? evaluator.property(of, String(key.value), node) : elementMeaning(of, key, node, evaluator)
  return overOptions(evaluator.value(index, frame), lead, node)
}
