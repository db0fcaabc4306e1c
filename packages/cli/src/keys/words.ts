import { printable } from '@sallyport/core/evidence'
import { isDataKey, type Maker, makerOf, type Weakness } from '@sallyport/core/systems'
import { type KeyPlace, keysCommand } from './command.ts'
import type { Plan, Step, Wanting, Why } from './plan.ts'

const WHY: Readonly<Record<Why, string>> = {
  missing: 'it is not there',
  empty: 'it is empty',
  placeholder: 'it is a placeholder',
  default: 'it is a default that everybody knows',
  example: 'it is the example’s',
}

const WEAK: Readonly<Record<Weakness, string>> = {
  placeholder: 'a placeholder',
  default: 'a default that everybody knows',
  short: 'short',
  'low-entropy': 'easy to guess: letters that repeat or follow a rule',
}

export const weakText = (weakness: Weakness): string => WEAK[weakness]

/** What is done, or would be, a line each; never a value. */
export function planLines(plan: Plan, place: KeyPlace): readonly string[] {
  return [
    ...plan.steps.map((step) => stepText(step, place)),
    ...plan.wanting.map((item) => wantingText(item, place)),
    ...plan.others.map((item) => otherText(item, place)),
  ]
}

function stepText(step: Step, place: KeyPlace): string {
  const name = printable(step.name)
  switch (step.step) {
    case 'make':
      return `${name}: a new random key (${WHY[step.why]})${alsoText(step.name)}`
    case 'rotate':
      return step.until === undefined
        ? `${name}: a new random key; the old one is not kept${alsoText(step.name)}`
        : `${name}: a new random key; the old one is kept as ${name}_PREVIOUS${keptFor(step.name, step.until)}`
    case 'drop':
      return `${name}: to be taken out; it is valid no longer then`
    case 'keep':
      return step.weakness === undefined
        ? `${name}: kept, it has a real value`
        : `${name}: kept, and it is ${WEAK[step.weakness]}: ${keysCommand(`rotate ${name}`, place)}`
    default:
      return step satisfies never
  }
}

/** Who else has to be given it. */
function alsoText(name: string): string {
  const maker = makerOf(name)
  return maker === undefined || maker.kind === 'own' ? '' : `; ${makerText(maker)}`
}

/** Whether an old key still opens anything is for its servers to say. */
function keptFor(name: string, until: string): string {
  const maker = makerOf(name)
  return maker === undefined || maker.kind === 'own' ? `, for servers that take both, until ${until}` : `; ${makerText(maker)}`
}

function wantingText({ name, maker }: Wanting, place: KeyPlace): string {
  if (maker?.kind === 'unknown')
    return `${printable(name)}: needs a value (whose it is cannot be told: where it is the deployment’s own, ${keysCommand(`generate ${printable(name)}`, place)})`
  return `${printable(name)}: needs a value${maker === undefined ? '' : ` (${makerText(maker)})`}`
}

function otherText({ name, maker }: Wanting, place: KeyPlace): string {
  if (isDataKey(name))
    return `${printable(name)}: left as it is; what was stored with it cannot be read without it: encrypt that anew, and name the key`
  if (maker?.kind === 'unknown')
    return `${printable(name)}: not changed here; whose it is cannot be told: where it is the deployment’s own, ${keysCommand(`rotate ${printable(name)}`, place)}`
  return `${printable(name)}: not changed here; ${maker === undefined ? 'change it where it is made' : makerText(maker)}`
}

function makerText(maker: Maker): string {
  switch (maker.kind) {
    case 'issuer':
      return `${maker.who} makes it: ${maker.where}`
    case 'store':
      return 'the data store has it too: change it there and here'
    case 'own':
      return 'any random text will do'
    case 'unknown':
      return 'whoever it is for has to know it: change it there and here'
    default:
      return maker satisfies never
  }
}
