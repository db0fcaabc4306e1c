import { ABSENT, type Value } from '../../../evidence/index.ts'
import type { Node } from '../../tree.ts'
import { between, conditionValue, isGivenValue, saysOneOf } from './conditions.ts'
import type { Evaluator } from './evaluator.ts'
import { joined, ofField } from './expressions.ts'
import { eitherMeaning, type Frame, isNothing, type Meaning, NOTHING, unknownMeaning, valueMeaning, valueOf } from './meaning.ts'
import { argumentsOf, bare, calleeOf, literalText } from '../source/syntax.ts'
import { EQUALITIES, testedExpression } from './tested.ts'
import { choiceOf, chosenBy, combined, either, known, meantAbsent, toNumber, unknown } from './values.ts'

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

export function binaryMeaning(node: Node, frame: Frame | undefined, evaluator: Evaluator): Meaning {
  const operator = node.field('operator')?.content ?? ''
  const left = ofField(node, 'left', frame, evaluator)
  if (operator === '||' || operator === '??') {
    const right = ofField(node, 'right', frame, evaluator)
    const found = eitherMeaning(left, right, operator, node.origin)
    return isNothing(right) && found.kind === 'value' ? valueMeaning(meantAbsent(found.value)) : found
  }
  if (operator === '&&') return bothMeaning(node, left, frame, evaluator)
  const flag = flagIndex(node, operator, frame, evaluator)
  if (flag !== undefined) return valueMeaning(flag)
  const right = ofField(node, 'right', frame, evaluator)
  const [a, b] = [valueOf(left, node.origin), valueOf(right, node.origin)]
  const equal = EQUALITIES[operator]
  if (equal !== undefined) {
    const verdict = equality(a, b, node)
    return verdict === undefined
      ? unknownMeaning('it is computed while the program runs', node.origin)
      : equal
        ? valueMeaning(verdict)
        : not(verdict, node)
  }
  const isText = (value: Value): boolean => value.kind === 'joined' || (value.kind === 'known' && typeof value.value === 'string')
  if (operator === '+' && (isText(a) || isText(b))) return valueMeaning(joined([a, b], node))
  // `x | 0` and `x >> 0` make a whole number of what is one already.
  if ((operator === '|' || operator === '>>' || operator === '>>>') && b.kind === 'known' && b.value === 0) return valueMeaning(toNumber(a))
  const compute = ARITHMETIC[operator]
  if (compute === undefined) return unknownMeaning('it is computed while the program runs', node.origin)
  return valueMeaning(
    combined(
      a,
      b,
      (one, two) =>
        one.kind === 'known' && two.kind === 'known' && typeof one.value === 'number' && typeof two.value === 'number'
          ? known(compute(one.value, two.value), node.origin)
          : unknown('it is computed while the program runs', node.origin),
      node.origin,
    ),
  )
}

function bothMeaning(node: Node, left: Meaning, frame: Frame | undefined, evaluator: Evaluator): Meaning {
  if (left.kind !== 'value') return ofField(node, 'right', frame, evaluator)
  const truth = truthOf(left.value)
  if (truth === false) return left
  const right = ofField(node, 'right', frame, evaluator)
  if (truth === true) return right
  // `process.env.PORT && Number(process.env.PORT)` is the variable, or nothing.
  const isSame =
    right.kind === 'value' &&
    left.value.kind === 'environment' &&
    right.value.kind === 'environment' &&
    left.value.name === right.value.name
  return isSame ? right : between(left.value, right, NOTHING, node)
}

/** `a === b` as a value that is true or false. */
function equality(a: Value, b: Value, node: Node): Value | undefined {
  if (a.kind === 'known' && b.kind === 'known') return known(a.value === b.value, node.origin)
  if (b.kind === 'absent') return isGivenNot(a, node)
  if (a.kind === 'absent') return isGivenNot(b, node)
  if (b.kind === 'known') return saysOneOf(a, [String(b.value)], node)
  return a.kind === 'known' ? saysOneOf(b, [String(a.value)], node) : undefined
}

function isGivenNot(value: Value, node: Node): Value | undefined {
  const given = isGivenValue(value, node)
  return given === undefined ? undefined : valueOf(not(given, node), node.origin)
}

const not = (value: Value, node: Node): Meaning =>
  between(value, valueMeaning(known(false, node.origin)), valueMeaning(known(true, node.origin)), node)

/** What is asked of an index: whether there is one. */
const FLAG_INDEX: ReadonlyMap<string, boolean> = new Map([
  ['!== -1', true],
  ['!= -1', true],
  ['> -1', true],
  ['>= 0', true],
  ['=== -1', false],
  ['== -1', false],
  ['< 0', false],
])

/** `process.argv.indexOf('--lan') !== -1`. */
function flagIndex(node: Node, operator: string, frame: Frame | undefined, evaluator: Evaluator): Value | undefined {
  const [left, right] = [node.field('left'), node.field('right')?.content]
  const isThere = FLAG_INDEX.get(`${operator} ${right}`)
  const callee = left?.kind === 'call_expression' ? calleeOf(left) : undefined
  const object = callee?.field('object')
  if (isThere === undefined || left === undefined || callee?.field('property')?.content !== 'indexOf' || object === undefined)
    return undefined
  const flag = literalText(argumentsOf(left)[0])
  if (flag === undefined || evaluator.meaning(object, frame).kind !== 'arguments') return undefined
  return flagGiven(flag, node, isThere)
}

/** Whether a word stands on the command line. */
export function flagGiven(flag: string, node: Node, isThere = true): Value {
  const of: Value = { kind: 'argument', name: flag, fallback: ABSENT, origin: node.origin }
  return chosenBy({ of }, known(isThere, node.origin), known(!isThere, node.origin), node.origin)
}

export function unaryMeaning(node: Node, frame: Frame | undefined, evaluator: Evaluator): Meaning {
  const operator = node.field('operator')?.content ?? ''
  if (operator === 'void') return NOTHING
  const argument = node.field('argument')
  if (operator === '!' && argument !== undefined) return not(conditionValue(argument, frame, evaluator), node)
  const value = valueOf(ofField(node, 'argument', frame, evaluator), node.origin)
  if (operator === '+') return valueMeaning(toNumber(value))
  if (operator === '-' && value.kind === 'known' && typeof value.value === 'number') return valueMeaning(known(-value.value, node.origin))
  // `~~x` makes a whole number of what is one already.
  if (operator === '~' && argument?.kind === 'unary_expression' && argument.field('operator')?.content === '~') {
    return valueMeaning(toNumber(valueOf(ofField(argument, 'argument', frame, evaluator), node.origin)))
  }
  return unknownMeaning('it is computed while the program runs', node.origin)
}

function truthOf(value: Value): boolean | undefined {
  if (value.kind === 'absent') return false
  return value.kind === 'known' ? Boolean(value.value) : undefined
}

export function ternaryMeaning(node: Node, frame: Frame | undefined, evaluator: Evaluator): Meaning {
  const condition = node.field('condition')
  if (condition === undefined) return unknownMeaning('this expression is not followed', node.origin)
  const tested = conditionValue(condition, frame, evaluator)
  const truth = truthOf(tested)
  if (truth !== undefined) return ofField(node, truth ? 'consequence' : 'alternative', frame, evaluator)
  const [yes, no] = [ofField(node, 'consequence', frame, evaluator), ofField(node, 'alternative', frame, evaluator)]
  return variableOr(condition, yes, no, frame, evaluator, node) ?? between(tested, yes, no, node)
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
  const value = either(given.value, otherwise.value, '||', node.origin)
  return valueMeaning(otherwise.value.kind === 'absent' ? meantAbsent(value) : value)
}
