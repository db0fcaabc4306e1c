import { ABSENT, joinValues, type Value } from '../../evidence/index.ts'
import { callMeaning, newMeaning } from './calls.ts'
import type { Evaluator } from './evaluator.ts'
import { thisMeaning } from './instances.ts'
import { choiceMeaning, eitherMeaning, type Frame, type Meaning, NOTHING, unknownMeaning, valueMeaning, valueOf } from './meaning.ts'
import { elementMeaning } from './members.ts'
import { nameMeaning } from './names.ts'
import type { Node } from '../tree.ts'
import { argumentsOf, bare, literalText } from './syntax.ts'
import { choiceOf, either, known, toNumber, unknown } from './values.ts'

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
  null: () => NOTHING,
  undefined: () => NOTHING,
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

function ofField(node: Node, name: string, frame: Frame | undefined, evaluator: Evaluator): Meaning {
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
function joined(parts: readonly Value[], node: Node): Value {
  const gap = parts.find((part) => part.kind === 'unknown')
  if (gap !== undefined) return gap
  const value = joinValues(parts, node.origin)
  return value.kind === 'known' ? { ...value, value: String(value.value), origin: node.origin } : value
}

function subscriptMeaning(node: Node, frame: Frame | undefined, evaluator: Evaluator): Meaning {
  const [object, index] = [node.field('object'), node.field('index')]
  if (object === undefined || index === undefined) return unknownMeaning('this expression is not followed', node.origin)
  const of = evaluator.meaning(object, frame)
  const key = evaluator.value(index, frame)
  const keys = key.kind === 'choice' ? key.options : [key]
  return choiceMeaning(
    keys.map((option) => {
      if (option.kind === 'known') return evaluator.property(of, String(option.value), node)
      return elementMeaning(of, option, node, evaluator)
    }),
    node.origin,
  )
}

const ARITHMETIC: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
  '|': (a, b) => a | b,
  '>>': (a, b) => a >> b,
  '>>>': (a, b) => a >>> b,
}

const COMPARISONS: Readonly<Record<string, boolean>> = { '==': true, '===': true, '!=': false, '!==': false }

function binaryMeaning(node: Node, frame: Frame | undefined, evaluator: Evaluator): Meaning {
  const operator = node.field('operator')?.content ?? ''
  const left = ofField(node, 'left', frame, evaluator)
  if (operator === '||' || operator === '??') return eitherMeaning(left, ofField(node, 'right', frame, evaluator), operator, node.origin)
  if (operator === '&&') {
    const truth = left.kind === 'value' ? truthOf(left.value) : true
    if (truth === false) return left
    const right = ofField(node, 'right', frame, evaluator)
    // `process.env.PORT && Number(process.env.PORT)` is the variable, or nothing.
    if (
      left.kind === 'value' &&
      right.kind === 'value' &&
      left.value.kind === 'environment' &&
      right.value.kind === 'environment' &&
      left.value.name === right.value.name
    )
      return right
    return truth === true ? right : choiceMeaning([NOTHING, right], node.origin)
  }
  const [a, b] = [valueOf(left, node.origin), valueOf(ofField(node, 'right', frame, evaluator), node.origin)]
  const equal = COMPARISONS[operator]
  if (equal !== undefined && a.kind === 'known' && b.kind === 'known')
    return valueMeaning(known((a.value === b.value) === equal, node.origin))
  const isText = (value: Value): boolean => value.kind === 'joined' || (value.kind === 'known' && typeof value.value === 'string')
  if (operator === '+' && (isText(a) || isText(b))) return valueMeaning(joined([a, b], node))
  // `x | 0` and `x >> 0` make a whole number of what is one already.
  if ((operator === '|' || operator === '>>' || operator === '>>>') && b.kind === 'known' && b.value === 0) return valueMeaning(toNumber(a))
  const compute = ARITHMETIC[operator]
  if (compute !== undefined && a.kind === 'known' && b.kind === 'known' && typeof a.value === 'number' && typeof b.value === 'number') {
    return valueMeaning(known(compute(a.value, b.value), node.origin))
  }
  return unknownMeaning('it is computed while the program runs', node.origin)
}

function unaryMeaning(node: Node, frame: Frame | undefined, evaluator: Evaluator): Meaning {
  const operator = node.field('operator')?.content ?? ''
  if (operator === 'void') return NOTHING
  const value = valueOf(ofField(node, 'argument', frame, evaluator), node.origin)
  if (operator === '+') return valueMeaning(toNumber(value))
  if (operator === '!') {
    const truth = truthOf(value)
    if (truth !== undefined) return valueMeaning(known(!truth, node.origin))
  }
  if (operator === '-' && value.kind === 'known' && typeof value.value === 'number') return valueMeaning(known(-value.value, node.origin))
  // `~~x` makes a whole number of what is one already.
  const inner = node.field('argument')
  if (operator === '~' && inner?.kind === 'unary_expression' && inner.field('operator')?.content === '~') {
    return valueMeaning(toNumber(valueOf(ofField(inner, 'argument', frame, evaluator), node.origin)))
  }
  return unknownMeaning('it is computed while the program runs', node.origin)
}

function truthOf(value: Value): boolean | undefined {
  if (value.kind === 'absent') return false
  return value.kind === 'known' ? Boolean(value.value) : undefined
}

function ternaryMeaning(node: Node, frame: Frame | undefined, evaluator: Evaluator): Meaning {
  const condition = node.field('condition')
  const [yes, no] = [ofField(node, 'consequence', frame, evaluator), ofField(node, 'alternative', frame, evaluator)]
  if (condition === undefined) return choiceMeaning([yes, no], node.origin)
  const decided = evaluator.meaning(condition, frame)
  const truth = decided.kind === 'value' ? truthOf(decided.value) : undefined
  if (truth !== undefined) return truth ? yes : no
  return variableOr(condition, yes, no, frame, evaluator, node) ?? choiceMeaning([yes, no], node.origin)
}

/** `process.env.PORT ? Number(process.env.PORT) : 3000` is `process.env.PORT || 3000`. */
function variableOr(
  condition: Node,
  yes: Meaning,
  no: Meaning,
  frame: Frame | undefined,
  evaluator: Evaluator,
  node: Node,
): Meaning | undefined {
  const tested = testedExpression(bare(condition))
  const variable = evaluator.value(tested.node, frame)
  if (variable.kind !== 'environment' && variable.kind !== 'argument') return undefined
  const [given, otherwise] = tested.negated ? [no, yes] : [yes, no]
  if (given.kind !== 'value' || otherwise.kind !== 'value' || given.value.kind !== variable.kind || given.value.name !== variable.name)
    return undefined
  if (variable.fallback.kind !== 'absent')
    return choiceOf([given.value, otherwise.value], node.origin).kind === 'choice' ? undefined : given
  return valueMeaning(either(given.value, otherwise.value, '||', node.origin))
}

/** What a condition asks for being there: `!x`, `x !== undefined`, `x == null`, `isNaN(x)`. */
function testedExpression(condition: Node, depth = 0): { readonly node: Node; readonly negated: boolean } {
  const argument = condition.field('argument')
  if (condition.kind === 'unary_expression' && argument !== undefined && condition.field('operator')?.content === '!' && depth < 8) {
    const inner = testedExpression(bare(argument), depth + 1)
    return { node: inner.node, negated: !inner.negated }
  }
  if (condition.kind === 'binary_expression') {
    const [left, right] = [condition.field('left'), condition.field('right')]
    const equal = COMPARISONS[condition.field('operator')?.content ?? '']
    const nothing = right !== undefined && /^(?:undefined|null|''|"")$/.test(right.content)
    if (left !== undefined && equal !== undefined && nothing) return { node: left, negated: equal }
  }
  const [asked] = condition.kind === 'call_expression' ? argumentsOf(condition) : []
  if (asked !== undefined && /^(?:Number\.)?isNaN$/.test(condition.field('function')?.content ?? '')) return { node: asked, negated: true }
  return { node: condition, negated: false }
}
