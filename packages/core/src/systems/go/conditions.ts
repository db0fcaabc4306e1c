import type { FileOrigin, Value } from '../../evidence/index.ts'
import type { Node } from '../tree.ts'
import { choice, chosenBy, textOf } from '../values.ts'
import type { Evaluator } from './evaluator.ts'
import { argumentsOf, bare, listed, literalText } from './syntax.ts'
import { type Frame, content, several, type Thing, valueOf, valueThing } from './thing.ts'

/** What a condition asks. */
export type Condition =
  /** Whether a text is given and not empty; `isSet`: the condition holds where it is. */
  | { readonly kind: 'given'; readonly value: Value; readonly isSet: boolean; readonly emptyIsUnset: boolean }
  /** Whether a value is one of these texts; `isOne`: the condition holds where it is. */
  | { readonly kind: 'one-of'; readonly value: Value; readonly texts: readonly string[]; readonly isOne: boolean }
  | { readonly kind: 'known'; readonly holds: boolean }
  | { readonly kind: 'open' }

const OPEN: Condition = { kind: 'open' }

/** Conditions within conditions that are looked into. */
const DEPTH = 8

export function conditionOf(evaluator: Evaluator, condition: Node, frame: Frame | undefined, depth = DEPTH): Condition {
  const node = bare(condition)
  if (depth === 0) return OPEN
  if (node.kind === 'unary_expression' && node.content.startsWith('!')) {
    const operand = node.field('operand')
    return operand === undefined ? OPEN : negated(conditionOf(evaluator, operand, frame, depth - 1))
  }
  const [left, right] = [node.field('left'), node.field('right')]
  if (node.kind === 'binary_expression' && left !== undefined && right !== undefined) {
    const operator = node.field('operator')?.content ?? ''
    if (operator === '&&' || operator === '||')
      return both(conditionOf(evaluator, left, frame, depth - 1), conditionOf(evaluator, right, frame, depth - 1), operator)
    return compared(evaluator, bare(left), operator, bare(right), frame)
  }
  if (node.kind === 'call_expression') return contained(evaluator, node, frame)
  if (node.kind === 'identifier') {
    const found = foundBy(evaluator, node, frame)
    if (found !== undefined) return { kind: 'given', value: found, isSet: true, emptyIsUnset: false }
  }
  return ofValue(valueOf(evaluator.evaluate({ node, frame }), node.origin))
}

/** `strings.HasPrefix(port, ":")`: of a variable by what it has when nobody sets it, since whoever does writes it alike. */
function contained(evaluator: Evaluator, call: Node, frame: Frame | undefined): Condition {
  const asks = /^strings\.(HasPrefix|HasSuffix|Contains)$/.exec(evaluator.types.externalName(call.field('function')) ?? '')?.[1]
  const [text, part] = asks === undefined ? [] : argumentsOf(call).map((node) => valueOf(evaluator.evaluate({ node, frame }), node.origin))
  if (text === undefined || part?.kind !== 'known')
    return asks === undefined ? ofValue(valueOf(evaluator.evaluate({ node: call, frame }), call.origin)) : OPEN
  const usual = text.kind === 'environment' || text.kind === 'argument' ? text.fallback : text
  if (usual.kind !== 'known') return OPEN
  const [whole, inner] = [String(usual.value), String(part.value)]
  const holds = asks === 'HasPrefix' ? whole.startsWith(inner) : asks === 'HasSuffix' ? whole.endsWith(inner) : whole.includes(inner)
  return { kind: 'known', holds }
}

/** A switch of the program: `*debug`. */
function ofValue(value: Value): Condition {
  if (value.kind === 'known') return { kind: 'known', holds: value.value === true }
  return value.kind === 'argument' || value.kind === 'environment' ? { kind: 'one-of', value, texts: ['true', '1'], isOne: true } : OPEN
}

/** Of `v, ok := os.LookupEnv("X")` the value that `ok` tells of; of `n, err := strconv.Atoi(text)` the text. */
function foundBy(evaluator: Evaluator, name: Node, frame: Frame | undefined): Value | undefined {
  const declaration = evaluator.scopes.of(name)
  const statement = declaration?.node
  if (statement === undefined || !/^(?:short_var_declaration|var_spec)$/.test(statement.kind) || declaration?.index === 0) return undefined
  const values = listed(statement.field(statement.kind === 'var_spec' ? 'value' : 'right'))
  const [call] = values
  if (values.length !== 1 || call?.kind !== 'call_expression') return undefined
  const called = evaluator.types.externalName(call.field('function')) ?? ''
  if (!/^(?:os\.LookupEnv|syscall\.Getenv|strconv\.(?:Atoi|Parse\w+))$/.test(called)) return undefined
  return valueOf(evaluator.result(evaluator.evaluate({ node: call, frame }), 0, call.origin), call.origin)
}

function compared(evaluator: Evaluator, left: Node, operator: string, right: Node, frame: Frame | undefined): Condition {
  const isEqual = operator === '=='
  const length = lengthOf(left)
  if (length !== undefined) {
    const asks = `${operator} ${right.content}`
    const value = valueOf(evaluator.evaluate({ node: length, frame }), left.origin)
    // `len(os.Args) > 1`.
    const words = evaluator.evaluate({ node: length, frame })
    if (words.kind === 'external' && words.name === 'os.Args') return argumentsAsked(words.origin, operator, Number(right.content))
    if (content(words).kind !== 'value') return OPEN
    if (/^(?:> 0|!= 0|>= 1)$/.test(asks)) return { kind: 'given', value, isSet: true, emptyIsUnset: true }
    return /^(?:== 0|< 1|<= 0)$/.test(asks) ? { kind: 'given', value, isSet: false, emptyIsUnset: true } : OPEN
  }
  if (operator !== '==' && operator !== '!=') return OPEN
  if (right.kind === 'nil') {
    const parsed = left.kind === 'identifier' ? foundBy(evaluator, left, frame) : undefined
    return parsed === undefined ? OPEN : { kind: 'given', value: parsed, isSet: isEqual, emptyIsUnset: true }
  }
  if (literalText(left) !== undefined && literalText(right) === undefined) return compared(evaluator, right, operator, left, frame)
  const thing = evaluator.evaluate({ node: left, frame })
  const asked = valueOf(evaluator.evaluate({ node: right, frame }), right.origin)
  const value = valueOf(thing, left.origin)
  if (asked.kind !== 'known') return OPEN
  if (asked.value === '' || asked.value === 0) return { kind: 'given', value, isSet: !isEqual, emptyIsUnset: true }
  return { kind: 'one-of', value, texts: [String(asked.value)], isOne: isEqual }
}

function argumentsAsked(origin: FileOrigin, operator: string, count: number): Condition {
  const least = operator === '>' ? count : operator === '>=' ? count - 1 : operator === '<' ? count - 1 : operator === '<=' ? count : 0
  if (!(least >= 1 && least < 20)) return OPEN
  const value: Value = { kind: 'argument', name: `argv[${least}]`, fallback: { kind: 'absent' }, origin }
  return { kind: 'given', value, isSet: operator.startsWith('>'), emptyIsUnset: true }
}

function lengthOf(node: Node): Node | undefined {
  return node.kind === 'call_expression' && node.field('function')?.content === 'len' ? argumentsOf(node)[0] : undefined
}

function negated(condition: Condition): Condition {
  if (condition.kind === 'given') return { ...condition, isSet: !condition.isSet }
  if (condition.kind === 'one-of') return { ...condition, isOne: !condition.isOne }
  return condition.kind === 'known' ? { ...condition, holds: !condition.holds } : condition
}

/** `ok && value != ""` asks the same twice. */
function both(a: Condition, b: Condition, operator: '&&' | '||'): Condition {
  if (a.kind === 'known') return a.holds === (operator === '&&') ? b : a
  if (b.kind === 'known') return b.holds === (operator === '&&') ? a : b
  if (a.kind === 'given' && b.kind === 'given' && a.isSet === b.isSet && textOf(a.value) === textOf(b.value))
    return { ...a, emptyIsUnset: a.emptyIsUnset || b.emptyIsUnset }
  if (a.kind === 'one-of' && b.kind === 'one-of' && a.isOne === b.isOne && textOf(a.value) === textOf(b.value)) {
    const isList = a.isOne === (operator === '||')
    return isList ? { ...a, texts: [...a.texts, ...b.texts] } : OPEN
  }
  return OPEN
}

/** What one case of a `switch` asks. */
export function switchCondition(evaluator: Evaluator, statement: Node, one: Node, frame: Frame | undefined): Condition {
  const asked = statement.field('value')
  const cases = listed(one.field('value'))
  const [only] = cases
  if (asked === undefined) return only !== undefined && cases.length === 1 ? conditionOf(evaluator, only, frame) : OPEN
  const texts = cases.flatMap((node) => {
    const value = valueOf(evaluator.evaluate({ node, frame }), node.origin)
    return value.kind === 'known' ? [String(value.value)] : []
  })
  if (texts.length !== cases.length) return OPEN
  return { kind: 'one-of', value: valueOf(evaluator.evaluate({ node: asked, frame }), asked.origin), texts, isOne: true }
}

/** What comes of a condition; `undefined` on a side: that way is left. */
export function branch(condition: Condition, yes: Thing | undefined, no: Thing | undefined, origin: FileOrigin): Thing | undefined {
  if (yes === undefined || no === undefined) return decided(condition, yes, no)
  if (condition.kind === 'known') return condition.holds ? yes : no
  const [a, b] = [content(yes), content(no)]
  if (condition.kind === 'open' || a.kind !== 'value' || b.kind !== 'value') return several([yes, no], origin)
  if (condition.kind === 'given') {
    const [set, unset] = condition.isSet ? [a.value, b.value] : [b.value, a.value]
    return valueThing(whereGiven(condition.value, set, unset, condition.emptyIsUnset, origin))
  }
  const [one, other] = condition.isOne ? [a.value, b.value] : [b.value, a.value]
  return valueThing(whereOneOf(condition.value, condition.texts, one, other, origin))
}

/** A side that is left leaves the other, unless it is known that the condition goes the other way. */
function decided(condition: Condition, yes: Thing | undefined, no: Thing | undefined): Thing | undefined {
  if (condition.kind !== 'known') return yes ?? no
  return condition.holds ? yes : no
}

/** `set` where the value is given, else `unset`. */
function whereGiven(value: Value, set: Value, unset: Value, emptyIsUnset: boolean, origin: FileOrigin): Value {
  const isItself = textOf(value) === textOf(set)
  switch (value.kind) {
    case 'known':
      return value.value === '' || value.value === 0 ? unset : set
    case 'absent':
      return unset
    case 'environment': {
      const { whenSet: _, ...plain } = value
      const fallback = whereGiven(value.fallback, isItself ? value.fallback : set, unset, emptyIsUnset, origin)
      return {
        ...plain,
        emptyIsUnset: value.emptyIsUnset || emptyIsUnset,
        fallback,
        ...(isItself ? (value.whenSet === undefined ? {} : { whenSet: value.whenSet }) : { whenSet: set }),
      }
    }
    case 'argument':
      if (isItself) return { ...value, fallback: whereGiven(value.fallback, value.fallback, unset, emptyIsUnset, origin) }
      return value.fallback.kind === 'absent' || (value.fallback.kind === 'known' && value.fallback.value === '')
        ? chosenBy({ of: value }, set, unset, origin)
        : choice([set, unset], origin)
    case 'choice':
      if (!isItself) return choice([set, unset], origin)
      return { ...value, options: value.options.map((option) => whereGiven(option, option, unset, emptyIsUnset, origin)) }
    case 'joined':
      return value.parts.some((part) => part.kind === 'known') ? set : choice([set, unset], origin)
    case 'unknown':
      return choice([set, unset], origin)
    default:
      return value satisfies never
  }
}

function whereOneOf(value: Value, texts: readonly string[], one: Value, other: Value, origin: FileOrigin): Value {
  if (value.kind === 'known') return texts.includes(String(value.value)) ? one : other
  if (value.kind === 'unknown' || value.kind === 'absent') return choice([one, other], origin)
  return chosenBy({ of: value, is: texts }, one, other, origin)
}
