import type { FileOrigin } from '../../evidence/index.ts'
import type { CallArguments } from './call-arguments.ts'
import { optionParameter } from './click.ts'
import { isParsed, parsedArgument } from './command-line.ts'
import { dataItem, hasItem } from './data.ts'
import type { Evaluator } from './evaluator.ts'
import { afterDataWrites, mappingEntry } from './mappings.ts'
import { defaultOf } from './parameters.ts'
import type { Node } from '../tree.ts'
import { type Parameter, parametersOf } from './syntax.ts'
import { type Frame, type Located, NONE, several, type Thing, unknown } from './thing.ts'

/** What a function of the folder returns. */
export function returned(evaluator: Evaluator, definition: Node, self: Thing | undefined, given: CallArguments, at: Located): Thing {
  if (definition.kind === 'lambda') {
    const body = definition.field('body')
    return body === undefined ? NONE : evaluator.evaluate({ node: body, frame: frameOf(evaluator, definition, self, given) })
  }
  const frame = frameOf(evaluator, definition, self, given)
  const returns = returnsOf(definition)
  if (returns.length === 0) return NONE
  return several(
    returns.map((statement) => {
      const value = statement.named[0]
      return value === undefined ? NONE : evaluator.evaluate({ node: value, frame })
    }),
    at.node.origin,
  )
}

/** The arguments of a call by the names of the function's parameters. */
export function frameOf(evaluator: Evaluator, definition: Node, self: Thing | undefined, given: CallArguments): Frame {
  const parameters = parametersOf(definition)
  const bound = new Map<string, Thing>()
  const own = self !== undefined && parameters[0] !== undefined ? parameters.slice(1) : parameters
  if (self !== undefined && parameters[0] !== undefined) bound.set(parameters[0].name, self)
  const positional = own.filter((parameter) => parameter.positional)
  for (const [index, argument] of given.positional.entries()) {
    const parameter = positional[index]
    if (parameter !== undefined) bound.set(parameter.name, evaluator.evaluate(argument))
  }
  for (const parameter of own) {
    const keyword = given.keywords.get(parameter.name)
    if (keyword !== undefined) bound.set(parameter.name, evaluator.evaluate(keyword))
    else if (parameter.kind === 'mapping') bound.set(parameter.name, furtherKeywords(own, given, definition.origin))
    else if (parameter.kind === 'plain' && !bound.has(parameter.name)) {
      const extra = fromList(evaluator, given, positional.indexOf(parameter)) ?? spread(evaluator, given, parameter.name)
      if (extra !== undefined) bound.set(parameter.name, extra)
      else if (parameter.default !== undefined)
        bound.set(parameter.name, optionParameter(evaluator, definition, parameter.name) ?? defaultOf(evaluator, parameter.default))
      else if (given.lists.length > 0)
        bound.set(parameter.name, unknown('part of what it is called with is not known', parameter.type?.origin ?? definition.origin))
    }
  }
  return { function: definition, arguments: bound }
}

/** What `**kwargs` is of a call: the keywords that are no parameters of their own. */
export function furtherKeywords(parameters: readonly Parameter[], given: CallArguments, origin: FileOrigin): Thing {
  const taken = new Set(parameters.flatMap((parameter) => (parameter.kind === 'plain' ? [parameter.name] : [])))
  const entries = new Map([...given.keywords].filter(([name]) => !taken.has(name)))
  const complete = given.mappings.length === 0
  return { kind: 'mapping', entries, complete, origin }
}

/** What `*list` gives at a position; `undefined`: surely nothing. */
export function fromList(evaluator: Evaluator, given: CallArguments, position: number): Thing | undefined {
  const [list, another] = given.lists
  const index = position - given.positional.length
  if (list === undefined || position < 0 || index < 0) return undefined
  const thing = evaluator.evaluate(list)
  if (thing.kind !== 'sequence' || another !== undefined) return unknown('part of what it is called with is not known', list.node.origin)
  const item = thing.items[index]
  return item === undefined ? undefined : evaluator.evaluate(item)
}

/** What `**mapping` gives for a name; `undefined`: surely nothing. */
export function spread(evaluator: Evaluator, given: CallArguments, name: string): Thing | undefined {
  for (const mapping of given.mappings.toReversed()) {
    const thing = evaluator.evaluate(mapping)
    if (thing.kind === 'data') {
      const said = hasItem(thing.tree, name) ? dataItem(thing.tree, name, mapping.node.origin) : NONE
      const found = afterDataWrites(evaluator, thing, said, mapping.node, name, mapping.node, mapping.frame)
      if (found !== NONE) return found
      continue
    }
    if (thing.kind === 'external' && isParsed(thing)) {
      const argument = parsedArgument(evaluator, thing, name)
      if (argument !== undefined) return argument
      continue
    }
    if (thing.kind !== 'mapping') return unknown('part of what it is called with is not known', mapping.node.origin)
    const entry = mappingEntry(evaluator, thing, mapping.node, name, mapping.node, mapping.frame)
    if (entry !== undefined) return entry
  }
  return undefined
}

/** The `return` statements of a function itself, not of those inside it. */
function returnsOf(definition: Node): readonly Node[] {
  const found: Node[] = []
  const visit = (node: Node, depth: number): void => {
    if (depth > 200 || found.length > 32) return
    for (const child of node.named) {
      if (child.kind === 'return_statement') found.push(child)
      else if (
        child.kind !== 'function_definition' &&
        child.kind !== 'class_definition' &&
        child.kind !== 'lambda' &&
        child.kind !== 'decorated_definition' &&
        !child.kind.endsWith('expression_statement')
      )
        visit(child, depth + 1)
    }
  }
  const body = definition.field('body')
  if (body !== undefined) visit(body, 0)
  return found
}
