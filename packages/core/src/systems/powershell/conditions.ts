import type { Condition } from './datum.ts'
import { originOf, type Surroundings } from './surroundings.ts'
import type { Expression, Statement } from './syntax.ts'
import { variable } from './variables.ts'

/** How many brackets and negations are looked through. */
const DEPTH = 8

/** The variable or parameter that a condition asks to be set, or not to be; `undefined` for any other condition. */
export function conditionOf(node: Expression | Statement, at: Surroundings, depth: number = DEPTH): Condition | undefined {
  if (depth === 0) return undefined
  switch (node.kind) {
    case 'pipeline': {
      const [element] = node.elements
      if (element === undefined || node.elements.length !== 1) return undefined
      return element.kind === 'expression' ? conditionOf(element.expression, at, depth - 1) : testPath(element.words, at)
    }
    case 'output': {
      const [only] = node.body
      return only === undefined || node.body.length !== 1 ? undefined : conditionOf(only, at, depth - 1)
    }
    case 'cast':
      return conditionOf(node.operand, at, depth - 1)
    case 'unary': {
      const inner = node.operator === '-not' || node.operator === '!' ? conditionOf(node.operand, at, depth - 1) : undefined
      return inner === undefined ? undefined : { ...inner, set: !inner.set }
    }
    case 'binary': {
      if (node.operator !== '-eq' && node.operator !== '-ne') return undefined
      const reference = isNothing(node.left) ? referenceOf(node.right, at) : isNothing(node.right) ? referenceOf(node.left, at) : undefined
      return reference === undefined ? undefined : { reference, set: node.operator === '-ne' }
    }
    case 'member': {
      const [argument] = node.arguments ?? []
      if (argument === undefined) return undefined
      if (node.target.kind === 'type' && node.target.name === 'string' && /^isnullor(?:empty|whitespace)$/.test(node.name)) {
        const reference = referenceOf(argument, at)
        return reference === undefined ? undefined : { reference, set: false }
      }
      const isBound = node.target.kind === 'variable' && node.target.name === 'psboundparameters' && node.name === 'containskey'
      if (!isBound || argument.kind !== 'text') return undefined
      const reference = referenceOf({ ...argument, kind: 'variable', drive: 'variable', name: argument.text.toLowerCase() }, at)
      return reference === undefined ? undefined : { reference, set: true }
    }
    case 'variable': {
      const reference = referenceOf(node, at)
      return reference === undefined ? undefined : { reference, set: true }
    }
    default:
      return undefined
  }
}

/** `Test-Path env:NAME` */
function testPath(words: readonly Expression[], at: Surroundings): Condition | undefined {
  const [command, ...rest] = words
  if (command?.kind !== 'text' || command.text.toLowerCase() !== 'test-path') return undefined
  const path = rest.find((word) => word.kind === 'text' && !word.text.startsWith('-'))
  const name = path?.kind === 'text' ? /^env:[\\/]?(\w{1,200})$/i.exec(path.text)?.[1] : undefined
  if (path === undefined || name === undefined) return undefined
  const reference = referenceOf({ kind: 'variable', drive: 'env', name, start: path.start, end: path.end }, at)
  return reference === undefined ? undefined : { reference, set: true }
}

function isNothing(expression: Expression): boolean {
  return (
    (expression.kind === 'variable' && expression.name === 'null') ||
    (expression.kind === 'text' && !expression.bare && expression.text === '')
  )
}

/** A variable of the environment, or a parameter, that has no value of the script's own. */
function referenceOf(expression: Expression, at: Surroundings): Condition['reference'] | undefined {
  if (expression.kind !== 'variable') return undefined
  const value = variable(expression.drive, expression.name, at, originOf(expression, at))
  return (value.kind === 'environment' || value.kind === 'argument') && value.fallback.kind === 'absent' ? value : undefined
}
