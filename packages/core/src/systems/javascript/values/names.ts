import type { Declaration, Step } from '../source/declarations.ts'
import type { Evaluator } from './evaluator.ts'
import { importMeaning, requireMeaning } from './exports.ts'
import { choiceMeaning, eitherMeaning, type Frame, type Meaning, NOTHING, unknownMeaning } from './meaning.ts'
import { around, type Node } from '../../tree.ts'
import { counterOf } from '../source/loops.ts'
import { FUNCTIONS, OWN_THIS } from '../source/syntax.ts'

/** Names that the platform gives, or what runs the file. */
const PLATFORM: ReadonlySet<string> = new Set(
  'Array Boolean Buffer Bun Date Deno JSON Map Math Number Object Promise Set String Symbol URL console defineNuxtConfig global globalThis isNaN parseFloat parseInt process require structuredClone'.split(
    ' ',
  ),
)

export function nameMeaning(node: Node, frame: Frame | undefined, evaluator: Evaluator): Meaning {
  const name = node.content
  const module = evaluator.moduleOf(node)
  const declaration = module?.lookup(name, node)
  if (module?.isTooCommon(name) === true) return unknownMeaning(`\`${name}\` occurs too often in this file to be followed`, node.origin)
  if (declaration === undefined) {
    if (name === 'undefined' || name === 'NaN') return NOTHING
    if (name === 'arguments') return argumentsMeaning(node, frame, evaluator)
    // CommonJS: what the file itself hands out.
    const own: Meaning = { kind: 'module', path: node.file.path }
    if (name === 'exports') return own
    if (name === 'module') return { kind: 'wrapped', property: 'exports', meaning: own }
    return PLATFORM.has(name)
      ? { kind: 'library', name: `#${name}` }
      : unknownMeaning(`\`${name}\` is not declared in this file`, node.origin)
  }
  return evaluator.declared(declaration, node, frame)
}

export function declarationMeaning(declaration: Declaration, at: Node, frame: Frame | undefined, evaluator: Evaluator): Meaning {
  const { node } = declaration
  switch (declaration.kind) {
    case 'function':
      return { kind: 'function', node, frame }
    case 'class':
    case 'enum':
    case 'namespace':
      return { kind: declaration.kind, node, frame }
    case 'import': {
      const { specifier, imported } = declaration
      return imported === '*' ? requireMeaning(specifier, evaluator) : evaluator.exported(importMeaning(specifier, evaluator), imported, at)
    }
    case 'parameter':
      return parameterMeaning(declaration, at, frame, evaluator)
    case 'each': {
      const bound = evaluator.frameOf(node, frame)
      const element = bound?.arguments[0]?.meaning()
      return stepsMeaning(
        element ?? unknownMeaning(`\`${declaration.name}\` is another one in each round of a loop`, node.origin),
        declaration.steps,
        frame,
        at,
        evaluator,
      )
    }
    case 'variable':
      return evaluator.once(node, frame, () => variableMeaning(declaration, at, frame, evaluator), NOTHING)
    case 'catch':
    case 'type':
      return unknownMeaning(`\`${declaration.name}\` is not followed`, at.origin)
    default:
      return declaration satisfies never
  }
}

/** `arguments`: all that the function around was given. */
function argumentsMeaning(node: Node, frame: Frame | undefined, evaluator: Evaluator): Meaning {
  const callee = around(node, OWN_THIS)
  const call = callee === undefined ? undefined : evaluator.frameOf(callee, frame)
  return call === undefined
    ? unknownMeaning('`arguments` are those of a call, and none was found in the folder', node.origin)
    : { kind: 'list', items: call.arguments }
}

/** From a value into its parts, as a pattern takes it apart. */
export function stepsMeaning(meaning: Meaning, steps: readonly Step[], frame: Frame | undefined, at: Node, evaluator: Evaluator): Meaning {
  let current = meaning
  for (const step of steps) {
    const taken =
      step.kind === 'property'
        ? evaluator.property(current, step.name, at)
        : step.kind === 'index'
          ? evaluator.element(current, step.index, at)
          : step.kind === 'rest'
            ? restMeaning(current, step, at, evaluator)
            : current
    current =
      step.fallback === undefined ? taken : eitherMeaning(taken, evaluator.meaning(step.fallback, frame), 'default', step.fallback.origin)
  }
  return current
}

/** `{ host, ...rest }`: the object without what its pattern takes out. */
function restMeaning(
  object: Meaning,
  { pattern, without }: Extract<Step, { readonly kind: 'rest' }>,
  at: Node,
  evaluator: Evaluator,
): Meaning {
  if (without === undefined || object.kind === 'value') return unknownMeaning('what is left of a list or object is not followed', at.origin)
  const property = (name: string): Meaning => (without.has(name) ? NOTHING : evaluator.property(object, name, pattern))
  return { kind: 'merged', made: pattern, property }
}

type Parameter = Extract<Declaration, { readonly kind: 'parameter' }>

function parameterMeaning(declaration: Parameter, at: Node, frame: Frame | undefined, evaluator: Evaluator): Meaning {
  const call = evaluator.frameOf(declaration.of, frame)
  if (call === undefined) {
    const missing = unknownMeaning(
      `\`${declaration.name}\` is a parameter, and no call that gives it was found in the folder`,
      declaration.node.origin,
    )
    const [first] = declaration.steps
    // Without a call to see, the default is one possibility.
    return first?.fallback === undefined || first.kind !== 'whole'
      ? missing
      : choiceMeaning([stepsMeaning(NOTHING, declaration.steps, frame, at, evaluator), missing], at.origin)
  }
  if (declaration.rest) return { kind: 'list', items: call.arguments.slice(declaration.index) }
  const given = stepsMeaning(call.arguments[declaration.index]?.meaning() ?? NOTHING, declaration.steps, frame, declaration.node, evaluator)
  const module = evaluator.moduleOf(declaration.node)
  // Without strict mode the list of arguments is the parameters themselves (ECMA-262 10.4.4).
  const changed = module?.occurrences('arguments').find((name) => isWrittenArgument(name, declaration.of))
  if (changed !== undefined) return unknownMeaning(`\`${declaration.name}\` may be changed by its place in \`arguments\``, changed.origin)
  const writes = module?.writes(declaration) ?? []
  return writes.length === 0
    ? given
    : evaluator.once(declaration.node, call, () => evaluator.written(given, writes, declaration.name, at, frame), given)
}

function isWrittenArgument(name: Node, of: Node): boolean {
  const member = name.parent?.kind === 'subscript_expression' ? name.parent : undefined
  return member !== undefined && member.isField('left') && around(name, OWN_THIS) === of
}

type Variable = Extract<Declaration, { readonly kind: 'variable' }>

function variableMeaning(declaration: Variable, at: Node, frame: Frame | undefined, evaluator: Evaluator): Meaning {
  const { node, value, steps } = declaration
  const round = node.parent?.parent
  if (round?.kind === 'for_statement' && counterOf(round) === node) {
    const counted = evaluator.frameOf(round, frame)?.arguments[0]?.meaning()
    if (counted !== undefined) return counted
  }
  // What a loop goes through is declared in it and has no value of its own.
  const initial = value === undefined ? NOTHING : stepsMeaning(evaluator.meaning(value, frame), steps, frame, node, evaluator)
  const start = value === undefined ? initial : beforeItsValue(declaration, initial, at, evaluator)
  const writes = evaluator.moduleOf(node)?.writes(declaration) ?? []
  return writes.length === 0 ? start : evaluator.written(start, writes, declaration.name, at, frame)
}

/** A `var` is there, and nothing, before its declaration is reached: for what stands above, and for what a call above runs. */
function beforeItsValue({ node, scope }: Variable, value: Meaning, at: Node, evaluator: Evaluator): Meaning {
  if (node.parent?.kind !== 'variable_declaration' || at.file !== node.file || at.end > node.start) return value
  const user = around(at, FUNCTIONS)
  const home = around(node, FUNCTIONS)
  if (user === home) return at.within(scope) ? NOTHING : value
  const name = user?.field('name')?.content
  const early =
    name === undefined
      ? undefined
      : evaluator
          .moduleOf(node)
          ?.calls(name)
          .find((call) => call.end < node.start && around(call, FUNCTIONS) === home)
  return early === undefined ? value : choiceMeaning([value, NOTHING], at.origin)
}
