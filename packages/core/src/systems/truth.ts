import { type Decision, type FileOrigin, isTrue, keyOfDecision, type Value } from '../evidence/index.ts'

/** What a condition comes to: `true`, `false`, or a choice between the two by what is decided at start. */
export type Truth = boolean | { readonly when: Decision; readonly yes: Truth; readonly no: Truth; readonly origin: FileOrigin }

/** So many decisions are kept in one condition; beyond, it is not known. */
const MOST = 12

/** Taken for true or false as JavaScript and Python do: nothing, an empty text and 0 are false. */
export function truthOf(value: Value): Truth {
  switch (value.kind) {
    case 'absent':
      return false
    case 'known':
      return isTrue(value.value)
    case 'environment':
    case 'argument':
      return { when: { of: value }, yes: true, no: false, origin: value.origin }
    case 'choice': {
      const [yes, no] = value.options
      if (value.when !== undefined && yes !== undefined && no !== undefined)
        return decidedBy(value.when, truthOf(yes), truthOf(no), value.origin)
      const options = new Set(value.options.map(truthOf))
      const [only] = options
      return options.size === 1 && typeof only === 'boolean' ? only : undecided(value.origin)
    }
    case 'joined':
    case 'unknown':
      return undecided(value.origin)
    default:
      return value satisfies never
  }
}

/** True or false, and nothing tells which. Two of one place are the same. */
export function undecided(origin: FileOrigin): Truth {
  return decidedBy({ of: { kind: 'unknown', reason: 'the condition is decided when it runs', origin } }, true, false, origin)
}

function decidedBy(when: Decision, yes: Truth, no: Truth, origin: FileOrigin): Truth {
  return typeof yes === 'boolean' && yes === no ? yes : { when, yes, no, origin }
}

export function both(first: Truth, second: () => Truth): Truth {
  return bounded(follow(first, (holds) => holds && second()))
}

export function either(first: Truth, second: () => Truth): Truth {
  return bounded(follow(first, (holds) => holds || second()))
}

export const negated = (truth: Truth): Truth => follow(truth, (holds) => !holds)

/** What a truth leads to; what was decided on the way is not asked again. */
function follow(truth: Truth, lead: (holds: boolean) => Truth): Truth {
  if (typeof truth === 'boolean') return lead(truth)
  const { when, origin } = truth
  const key = keyOfDecision(when)
  return decidedBy(when, taken(follow(truth.yes, lead), key, true), taken(follow(truth.no, lead), key, false), origin)
}

/** A truth where a decision has come out. */
function taken(truth: Truth, key: string, holds: boolean): Truth {
  if (typeof truth === 'boolean') return truth
  const { when, yes, no, origin } = truth
  if (keyOfDecision(when) === key) return taken(holds ? yes : no, key, holds)
  return decidedBy(when, taken(yes, key, holds), taken(no, key, holds), origin)
}

function bounded(truth: Truth): Truth {
  return typeof truth === 'boolean' || sizeOf(truth) <= MOST ? truth : undecided(truth.origin)
}

function sizeOf(truth: Truth): number {
  return typeof truth === 'boolean' ? 0 : 1 + sizeOf(truth.yes) + sizeOf(truth.no)
}

/** The same as a value of evidence. */
export function truthValue(truth: Truth, at: FileOrigin): Value {
  if (typeof truth === 'boolean') return { kind: 'known', value: truth, origin: at }
  const { when, yes, no, origin } = truth
  return { kind: 'choice', options: [truthValue(yes, origin), truthValue(no, origin)], when, origin }
}
