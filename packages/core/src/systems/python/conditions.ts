import type { Decision, FileOrigin, Value } from '../../evidence/index.ts'
import type { Evaluator } from './evaluator.ts'
import type { Condition } from './flow.ts'
import type { Node } from '../tree.ts'
import { bare, isMainTest } from './syntax.ts'
import { chosenBy, type Frame, known, several, type Thing, truth, unknown, valueOf, valueThing } from './thing.ts'

type Environment = Extract<Value, { readonly kind: 'environment' }>

/** What a condition comes to: certain, or that a variable is set (`holds`) or is not. */
export type Verdict =
  | { readonly kind: 'certain'; readonly holds: boolean }
  | { readonly kind: 'set'; readonly variable: Environment; readonly holds: boolean }
  /** That a variable or argument says something. */
  | { readonly kind: 'says'; readonly when: Decision; readonly holds: boolean }
  | undefined

/** Assignments to one name that are followed, each under a condition of its own. */
const STEPS = 16

interface Step {
  readonly under?: Condition | 'undetermined'
  readonly thing: () => Thing
}

/** The values that places give one after another, each in its turn or under its condition. */
export function combine(
  evaluator: Evaluator,
  first: Thing | undefined,
  steps: readonly Step[],
  frame: Frame | undefined,
  origin: FileOrigin,
): Thing {
  if (steps.length > STEPS) return unknown('too many possible values', origin)
  let before = first
  for (const step of steps) {
    if (step.under === undefined) before = step.thing()
    else if (step.under === 'undetermined') before = before === undefined ? step.thing() : several([before, step.thing()], origin)
    else before = either(decide(evaluator, step.under.test, frame), step.under.holds, step.thing, before, origin)
  }
  return before ?? several([], origin)
}

/** `chosen` where the condition comes out as asked, else `otherwise`; both where that cannot be told. */
export function either(verdict: Verdict, asked: boolean, chosen: () => Thing, otherwise: Thing | undefined, origin: FileOrigin): Thing {
  if (verdict?.kind === 'certain') {
    if (verdict.holds === asked || otherwise === undefined) return chosen()
    return otherwise
  }
  const thing = chosen()
  if (otherwise === undefined) return thing
  if (thing.kind !== 'value' || otherwise.kind !== 'value') return several([thing, otherwise], origin)
  if (verdict === undefined) {
    // `sys.argv[1] if len(sys.argv) > 1 else …`: the condition is whether the argument is given.
    const isGiven = thing.value.kind === 'argument' && thing.value.fallback.kind === 'unknown'
    return isGiven && thing.value.kind === 'argument'
      ? valueThing({ ...thing.value, fallback: otherwise.value })
      : several([thing, otherwise], origin)
  }
  const isSet = verdict.holds === asked
  if (verdict.kind === 'says')
    return valueThing(
      isSet ? chosenBy(verdict.when, thing.value, otherwise.value, origin) : chosenBy(verdict.when, otherwise.value, thing.value, origin),
    )
  return valueThing({ ...verdict.variable, whenSet: (isSet ? thing : otherwise).value, fallback: (isSet ? otherwise : thing).value })
}

/** What is known of a condition before the program runs. */
export function decide(evaluator: Evaluator, test: Node, frame: Frame | undefined): Verdict {
  const node = bare(test)
  if (isMainTest(node)) return { kind: 'certain', holds: true }
  if (node.kind === 'not_operator') {
    const inner = node.field('argument')
    const verdict = inner === undefined ? undefined : decide(evaluator, inner, frame)
    return verdict === undefined ? undefined : { ...verdict, holds: !verdict.holds }
  }
  if (node.kind === 'comparison_operator') return compared(evaluator, node, frame)
  if (node.kind === 'boolean_operator') return joint(evaluator, node, frame)
  return fromValue(valueOf(evaluator.evaluate({ node, frame }), node.origin), true)
}

function joint(evaluator: Evaluator, node: Node, frame: Frame | undefined): Verdict {
  const [left, right] = [node.field('left'), node.field('right')]
  if (left === undefined || right === undefined) return undefined
  const verdicts = [decide(evaluator, left, frame), decide(evaluator, right, frame)]
  const decisive = node.field('operator')?.kind === 'or'
  if (verdicts.some((verdict) => verdict?.kind === 'certain' && verdict.holds === decisive)) return { kind: 'certain', holds: decisive }
  const open = verdicts.filter((verdict) => verdict?.kind !== 'certain')
  return open.length === 0 ? { kind: 'certain', holds: !decisive } : open.length === 1 ? open[0] : undefined
}

/** `strict`: an empty variable counts as one that is not set. */
function fromValue(value: Value, strict: boolean): Verdict {
  const certain = truth(value)
  if (certain !== undefined) return { kind: 'certain', holds: certain }
  if (value.kind === 'choice' && value.when !== undefined) {
    const [yes, no] = value.options.map(truth)
    return yes === undefined || no === undefined || yes === no ? undefined : { kind: 'says', when: value.when, holds: yes }
  }
  // `--public` of `store_true`.
  if (value.kind === 'argument' && truth(notGiven(value)) === false) return { kind: 'says', when: { of: value }, holds: true }
  if (value.kind !== 'environment' || value.whenSet !== undefined || truth(value.fallback) !== false) return undefined
  return { kind: 'set', variable: { ...value, emptyIsUnset: strict }, holds: true }
}

/** What an argument is that is given by none of its names. */
function notGiven(value: Value): Value {
  let inner = value
  while (inner.kind === 'argument') inner = inner.fallback
  return inner
}

/** `x is None`, `"X" in os.environ`, `a == b`. */
function compared(evaluator: Evaluator, node: Node, frame: Frame | undefined): Verdict {
  const [left, right] = node.named
  const operator = node.children
    .filter((child) => !child.kind.includes('comment') && child !== left && child !== right)
    .map((child) => child.content.replace(/\s+/g, ' '))
    .join(' ')
  if (left === undefined || right === undefined || node.named.length !== 2) return undefined
  if (operator === 'in' || operator === 'not in') {
    const container = evaluator.evaluate({ node: right, frame })
    const name = evaluator.text(evaluator.evaluate({ node: left, frame }))
    if (container.kind === 'external' && /^sys\.argv(?:\[.*\])?$/.test(container.name) && name?.startsWith('-') === true) {
      const of: Value = { kind: 'argument', name, fallback: { kind: 'absent' }, origin: node.origin }
      return { kind: 'says', when: { of }, holds: operator === 'in' }
    }
    if (container.kind === 'sequence') {
      const texts = container.items.map((item) => evaluator.text(evaluator.evaluate(item)))
      const asked = valueOf(evaluator.evaluate({ node: left, frame }), node.origin)
      return texts.some((text) => text === undefined)
        ? undefined
        : says(
            asked,
            texts.flatMap((text) => text ?? []),
            operator === 'in',
          )
    }
    if (container.kind !== 'external' || container.name !== 'os.environ' || name === undefined) return undefined
    const variable: Environment = { kind: 'environment', name, fallback: { kind: 'absent' }, emptyIsUnset: false, origin: node.origin }
    return { kind: 'set', variable, holds: operator === 'in' }
  }
  const one = valueOf(evaluator.evaluate({ node: left, frame }), node.origin)
  if (operator === 'is' || operator === 'is not' || ((operator === '==' || operator === '!=') && right.kind === 'none')) {
    if (right.kind !== 'none') return undefined
    const positive = operator === 'is not' || operator === '!='
    if (one.kind === 'known') return { kind: 'certain', holds: positive }
    if (one.kind === 'absent') return { kind: 'certain', holds: !positive }
    const verdict = one.kind === 'environment' && one.fallback.kind === 'absent' ? fromValue(one, false) : undefined
    return verdict === undefined ? undefined : { ...verdict, holds: positive }
  }
  if (operator !== '==' && operator !== '!=') return undefined
  const other = valueOf(evaluator.evaluate({ node: right, frame }), node.origin)
  if (other.kind === 'known' && one.kind !== 'known') return says(one, [String(other.value)], operator === '==')
  if (one.kind !== 'known' || other.kind !== 'known') return undefined
  return { kind: 'certain', holds: (one.value === other.value) === (operator === '==') }
}

/** Whether a variable or argument is one of the texts. */
function says(of: Value, is: readonly string[], holds: boolean): Verdict {
  if (of.kind === 'known') return { kind: 'certain', holds: is.includes(String(of.value)) === holds }
  return of.kind === 'environment' || of.kind === 'argument' ? { kind: 'says', when: { of, is }, holds } : undefined
}

/** A truth that is known, or that is decided at start, as a thing. */
export function verdictThing(verdict: Verdict, origin: FileOrigin): Thing | undefined {
  if (verdict?.kind === 'certain') return known(verdict.holds, origin)
  const value = (holds: boolean): Value => ({ kind: 'known', value: holds, origin })
  return verdict?.kind === 'says' ? valueThing(chosenBy(verdict.when, value(verdict.holds), value(!verdict.holds), origin)) : undefined
}
