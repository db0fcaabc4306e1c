import type { Decision, Value } from '../../../evidence/index.ts'
import type { Node } from '../../tree.ts'
import type { Evaluator } from './evaluator.ts'
import { choiceMeaning, type Frame, type Meaning, valueMeaning, valueOf } from './meaning.ts'
import { chosenBy, known } from './values.ts'

/** What a condition comes to, as a value: known, or decided by a variable or argument. */
export function conditionValue(condition: Node, frame: Frame | undefined, evaluator: Evaluator): Value {
  const meaning = evaluator.meaning(condition, frame)
  return UNTOLD.has(meaning.kind) ? valueOf(meaning, condition.origin) : known(true, condition.origin)
}

/** What is in none of these is an object or function, and so is true. */
const UNTOLD: ReadonlySet<Meaning['kind']> = new Set(['value', 'choice', 'result', 'library'])

/** `yes` where the value is true, else `no`; decided at start where a variable or argument tells. */
export function between(tested: Value, yes: Meaning, no: Meaning, at: Node): Meaning {
  switch (tested.kind) {
    case 'absent':
      return no
    case 'known':
      return tested.value === '' || tested.value === 0 || tested.value === false ? no : yes
    case 'environment':
    case 'argument':
      return decided({ of: tested }, yes, no, at)
    case 'choice': {
      const [first, second] = tested.options
      if (tested.when === undefined || first === undefined || second === undefined) return choiceMeaning([yes, no], at.origin)
      return decided(tested.when, between(first, yes, no, at), between(second, yes, no, at), at)
    }
    case 'joined':
    case 'unknown':
      return choiceMeaning([yes, no], at.origin)
    default:
      return tested satisfies never
  }
}

export function decided(when: Decision, yes: Meaning, no: Meaning, at: Node): Meaning {
  return yes.kind === 'value' && no.kind === 'value'
    ? valueMeaning(chosenBy(when, yes.value, no.value, at.origin))
    : yes === no
      ? yes
      : { kind: 'choice', options: [yes, no], when, at: at.origin }
}

/** What each of the possible values leads to. */
export function overOptions(value: Value, lead: (option: Value) => Meaning, at: Node): Meaning {
  if (value.kind !== 'choice') return lead(value)
  const [yes, no] = value.options.map((option) => overOptions(option, lead, at))
  return value.when === undefined || yes === undefined || no === undefined
    ? choiceMeaning(value.options.map(lead), at.origin)
    : decided(value.when, yes, no, at)
}

/** Whether a variable or argument says one of the texts, as a value that is true or false. */
export function saysOneOf(of: Value, texts: readonly string[], at: Node): Value | undefined {
  const [yes, no] = [known(true, at.origin), known(false, at.origin)]
  switch (of.kind) {
    case 'known':
      return texts.includes(String(of.value)) ? yes : no
    case 'absent':
      return no
    case 'environment':
    case 'argument':
      return chosenBy({ of, is: texts }, yes, no, at.origin)
    case 'choice': {
      const [first, second] = of.options.map((option) => saysOneOf(option, texts, at))
      return of.when === undefined || first === undefined || second === undefined ? undefined : chosenBy(of.when, first, second, at.origin)
    }
    default:
      return undefined
  }
}

/** Whether a variable or argument is given at all. */
export function isGivenValue(of: Value, at: Node): Value | undefined {
  const [yes, no] = [known(true, at.origin), known(false, at.origin)]
  if (of.kind === 'absent' || of.kind === 'known') return of.kind === 'known' ? yes : no
  if (of.kind === 'environment' && of.whenSet === undefined)
    return of.fallback.kind === 'absent' ? { ...of, emptyIsUnset: false, whenSet: yes, fallback: no } : undefined
  return of.kind === 'argument' && of.fallback.kind === 'absent' ? chosenBy({ of }, yes, no, at.origin) : undefined
}
