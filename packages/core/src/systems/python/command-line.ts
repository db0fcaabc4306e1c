import { ABSENT, type FileOrigin, type Value } from '../../evidence/index.ts'
import { argumentsOf, type CallArguments } from './call-arguments.ts'
import type { Evaluator } from './evaluator.ts'
import type { Node } from '../tree.ts'
import { bare, decoratorsOf, literalText, parametersOf } from './syntax.ts'
import { type Located, several, type Thing, unknown, valueOf, valueThing } from './thing.ts'

type External = Extract<Thing, { readonly kind: 'external' }>

/** The value of an option by its names as they are written: the long ones first, as people give those. */
function optionValue(names: readonly string[], fallback: Value, origin: FileOrigin): Thing {
  const ordered = [...names.filter((name) => name.startsWith('--')), ...names.filter((name) => !name.startsWith('--'))]
  return valueThing(ordered.reduceRight<Value>((other, name) => ({ kind: 'argument', name, fallback: other, origin }), fallback))
}

function destination(names: readonly string[]): string {
  const long = names.find((name) => name.startsWith('--')) ?? names.find((name) => name.startsWith('-')) ?? names[0] ?? ''
  return long.replace(/^-+/, '').replaceAll('-', '_')
}

const PARSED = /\.parse_(?:known_|intermixed_)?args\(\)(?:\[0\])?$/

/** A member of what a parser of the command line gives: argparse's namespace, tornado's `options`, absl's `FLAGS`. */
export function parsedArgument(evaluator: Evaluator, thing: External, name: string): Thing | undefined {
  if (PARSED.test(thing.name) && thing.call !== undefined) {
    const option = argparseOption(evaluator, thing.call.node, name)
    return option === undefined ? undefined : givenByCode(evaluator, thing.call.node, option)
  }
  if (thing.name === 'tornado.options.options') return definedOption(evaluator, thing.origin.path, /(?:^|\.)define$/, name)
  if (thing.name === 'absl.flags.FLAGS') return definedOption(evaluator, thing.origin.path, /(?:^|\.)DEFINE_\w+$/, name)
  return undefined
}

/** The program may change its own command line, or give another one: `sys.argv += […]`, `parse_args([…])`, `parse_args(namespace=…)`. */
function givenByCode(evaluator: Evaluator, parse: Node, option: Thing): Thing {
  const given = argumentsOf(parse, undefined)
  const words = given.positional[0] ?? given.keywords.get('args')
  const namespace = given.positional[1] ?? given.keywords.get('namespace')
  const reason = (text: string): Thing => several([option, unknown(text, parse.origin)], parse.origin)
  if (namespace !== undefined) return reason('what is parsed is put over another object')
  const list = words === undefined ? undefined : evaluator.evaluate(words)
  // What is no list here is what the program was started with.
  if (list?.kind === 'sequence')
    return (option.kind === 'value' ? valueIn(evaluator, list, option.value) : undefined) ?? reason('which words are parsed is not known')
  return ARGUMENTS_CHANGED.test(parse.file.content) ? reason('the program changes its own arguments') : option
}

const ARGUMENTS_CHANGED = /\bsys\.argv\s*(?:\[[^\]\n]{0,60}\]\s*)?(?:\+=|=(?!=)|\.\s*(?:append|extend|insert)\b)/

/** The value that the words of a list give an option; where they do not name it, what it is without. `undefined`: not known. */
function valueIn(evaluator: Evaluator, list: Thing & { readonly kind: 'sequence' }, value: Value): Thing | undefined {
  const names: string[] = []
  let fallback = value
  for (; fallback.kind === 'argument'; fallback = fallback.fallback) names.push(fallback.name)
  const texts = list.items.map((item) => evaluator.text(evaluator.evaluate(item)))
  if (texts.some((text) => text === undefined)) return undefined
  for (const [index, text = ''] of texts.entries()) {
    const next = list.items[index + 1]
    if (names.includes(text)) return next === undefined ? undefined : evaluator.evaluate(next)
    if (names.some((name) => text.startsWith(`${name}=`)))
      return valueThing({ kind: 'known', value: text.slice(text.indexOf('=') + 1), origin: list.origin })
  }
  return valueThing(fallback)
}

/** The `add_argument` calls of the file in which the arguments are parsed, and of those that hand a parser to it. */
function argparseOption(evaluator: Evaluator, parse: Node, name: string): Thing | undefined {
  const module = evaluator.moduleOf(parse)
  for (const method of module?.occurrences('add_argument') ?? []) {
    const call = method.parent?.parent
    if (call?.kind !== 'call') continue
    const given = argumentsOf(call, undefined)
    const names = given.positional.flatMap((one) => literalText(one.node) ?? [])
    if ((literalText(given.keywords.get('dest')?.node) ?? destination(names)) !== name) continue
    const isFlag = /store_(?:true|false)/.exec(literalText(given.keywords.get('action')?.node) ?? '')
    const value = given.keywords.get('default')
    const isRequired = given.keywords.get('required')?.node.kind === 'true'
    const none: Value =
      isFlag === null
        ? isRequired
          ? required(call.origin)
          : ABSENT
        : { kind: 'known', value: isFlag[0] === 'store_false', origin: call.origin }
    const thing = value === undefined ? undefined : evaluator.evaluate(value)
    // A list stays one by default, and is given as text.
    if (thing?.kind === 'sequence') return several([optionValue(names, ABSENT, call.origin), thing], call.origin)
    // Those of the parser go before those of its arguments (argparse, "Parser defaults").
    const fallback = setDefault(evaluator, parse, name) ?? (thing === undefined ? none : valueOf(thing, call.origin))
    const positional = names.every((one) => !one.startsWith('-'))
    return optionValue(
      positional ? [destination(names).toUpperCase()] : names,
      positional && value === undefined ? required(call.origin) : fallback,
      call.origin,
    )
  }
  return undefined
}

function required(origin: FileOrigin): Value {
  return { kind: 'unknown', reason: 'an argument that has to be given', origin }
}

/** `parser.set_defaults(host=…)`. */
function setDefault(evaluator: Evaluator, parse: Node, name: string): Value | undefined {
  for (const method of evaluator.moduleOf(parse)?.occurrences('set_defaults') ?? []) {
    const call = method.parent?.parent
    const value = call?.kind === 'call' ? argumentsOf(call, undefined).keywords.get(name) : undefined
    if (value !== undefined) return evaluator.value(value)
  }
  return undefined
}

/** `define("port", default=8888)` in the file. */
function definedOption(evaluator: Evaluator, path: string, callee: RegExp, name: string): Thing | undefined {
  const module = evaluator.project.module(path)
  const text = module?.file.content ?? ''
  for (const match of text.matchAll(/\b(define|DEFINE_\w+)\s*\(/g)) {
    const call = module?.occurrences(match[1] ?? '').find((node) => node.start === match.index)
    const outer = call?.parent?.kind === 'attribute' ? call.parent.parent : call?.parent
    if (outer?.kind !== 'call' || !callee.test(outer.field('function')?.content ?? '')) continue
    const given = argumentsOf(outer, undefined)
    if (literalText(given.positional[0]?.node) !== name) continue
    const value = given.keywords.get('default') ?? given.positional[1]
    return optionValue([`--${name}`], value === undefined ? ABSENT : evaluator.value(value), outer.origin)
  }
  return undefined
}

/** A parameter that click, typer or fire fills from the command line. */
export function optionParameter(evaluator: Evaluator, definition: Node, name: string): Thing | undefined {
  const decorators = decoratorsOf(definition)
  for (const decorator of decorators) {
    if (decorator.kind !== 'call' || !/(?:^|\.)(?:option|argument)$/.test(decorator.field('function')?.content ?? '')) continue
    const given = argumentsOf(decorator, undefined)
    const names = given.positional.flatMap((one) => literalText(one.node) ?? []).flatMap((one) => one.split('/')[0]?.trim() ?? [])
    const plain = names.find((one) => !one.startsWith('-')) ?? destination(names)
    if (plain.toLowerCase() === name)
      return fromOption(
        evaluator,
        names.filter((one) => one.startsWith('-')),
        given,
        undefined,
        decorator,
      )
  }
  const parameter = parametersOf(definition).find((one) => one.name === name)
  if (parameter === undefined) return undefined
  const annotated = [parameter.default, ...(parameter.type === undefined ? [] : callsIn(parameter.type))].find(
    (node) => node !== undefined && isTyperCall(node),
  )
  if (annotated !== undefined) {
    const given = argumentsOf(bare(annotated), undefined)
    const isDefault = annotated === parameter.default
    const texts = given.positional.flatMap((one) => literalText(one.node) ?? []).filter((one) => one.startsWith('-'))
    const names = texts.length > 0 ? texts : [`--${name.replaceAll('_', '-')}`]
    const value = isDefault
      ? given.positional[0]
      : parameter.default === undefined
        ? undefined
        : { node: parameter.default, frame: undefined }
    return fromOption(evaluator, names, given, value, annotated)
  }
  if (!isCommand(evaluator, definition, decorators)) return undefined
  const fallback =
    parameter.default === undefined ? required(definition.origin) : evaluator.value({ node: parameter.default, frame: undefined })
  return optionValue([`--${name.replaceAll('_', '-')}`], fallback, (parameter.default ?? definition).origin)
}

function fromOption(evaluator: Evaluator, names: readonly string[], given: CallArguments, value: Located | undefined, at: Node): Thing {
  const default_ = given.keywords.get('default') ?? value
  const isRequired = given.keywords.get('required')?.node.kind === 'true'
  const own =
    default_ === undefined || default_.node.content === '...' ? (isRequired ? required(at.origin) : ABSENT) : evaluator.value(default_)
  const variables = [given.keywords.get('envvar')].flatMap((one) =>
    one === undefined ? [] : literalText(one.node) === undefined ? one.node.named : [one.node],
  )
  const fallback = variables.reduceRight<Value>(
    (other, node) => ({ kind: 'environment', name: literalText(node) ?? '', fallback: other, emptyIsUnset: true, origin: node.origin }),
    own,
  )
  return optionValue(names.length === 0 ? ['ARGUMENT'] : names, fallback, at.origin)
}

function isTyperCall(node: Node): boolean {
  const call = bare(node)
  return call.kind === 'call' && /(?:^|\.)(?:Option|Argument)$/.test(call.field('function')?.content ?? '')
}

function callsIn(type: Node): readonly Node[] {
  const inner = bare(type)
  return inner.kind === 'call' ? [inner] : inner.named.slice(0, 8).flatMap(callsIn)
}

/** A function that typer makes a command of (`@app.command()`, `typer.run(main)`), or fire (`fire.Fire(main)`). */
function isCommand(evaluator: Evaluator, definition: Node, decorators: readonly Node[]): boolean {
  const decorated = decorators.some((decorator) => {
    const callee = decorator.kind === 'call' ? decorator.field('function') : decorator
    if (callee === undefined || !/\.(?:command|callback)$/.test(callee.content)) return false
    const thing = evaluator.evaluate({ node: callee, frame: undefined })
    return thing.kind === 'external' && thing.name.startsWith('typer.')
  })
  if (decorated) return true
  const name = definition.field('name')?.content ?? ''
  const content = definition.file.content
  return name !== '' && (content.includes(`typer.run(${name})`) || content.includes(`fire.Fire(${name})`))
}
