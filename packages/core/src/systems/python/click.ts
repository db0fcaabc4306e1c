import { ABSENT, type CommandLine, type CommandLineOption, type FileOrigin, type Value } from '../../evidence/index.ts'
import { required } from './argparse.ts'
import { argumentsOf, type CallArguments, NO_ARGUMENTS } from './call-arguments.ts'
import type { Evaluator } from './evaluator.ts'
import type { Module } from './module.ts'
import { optionValue } from './option-value.ts'
import type { Node } from '../tree.ts'
import { bare, decoratorsOf, literalText, nameOf, type Parameter, parametersOf } from './syntax.ts'
import { type Located, several, type Thing, unknown, valueOf, valueThing } from './thing.ts'

/** An option or an argument of a command, and the parameter that it fills. */
interface Declared {
  readonly parameter: string
  /** As they are written; of an argument none. */
  readonly names: readonly string[]
  readonly takes: CommandLineOption['takes']
  readonly collects: boolean
  readonly given: CallArguments | undefined
  readonly default: Located | undefined
  readonly at: Node
}

/** A parameter that click, typer or fire fills from the command line. */
export function optionParameter(evaluator: Evaluator, definition: Node, name: string): Thing | undefined {
  const module = evaluator.moduleOf(definition)
  if (module === undefined || !/\b(?:click|typer|fire)\b/.test(module.file.content)) return undefined
  const declared = declaredBy(evaluator, definition)
  const own = declared.find((one) => one.parameter === name)
  if (own === undefined) return undefined
  const line = lineOf(evaluator, module, definition, declared)
  const last = fallbackOf(evaluator, own)
  const variable = prefixedVariable(evaluator, module, definition, name, own.at.origin)
  const fallback = withVariables(own.given, variable === undefined ? last : { ...variable, fallback: last })
  const origin = own.at.origin
  const word = own.names.length === 0 || isFired(definition) ? optionValue([name.toUpperCase()], fallback, origin, line).value : fallback
  const thing = own.names.length === 0 ? valueThing(word) : optionValue(own.names, word, origin, line)
  return /\bdefault_map\b|\bauto_envvar_prefix['"]?\s{0,9}[=:]\s{0,9}[^\s'"]/.test(module.file.content)
    ? several([thing, unknown('its default is set elsewhere', origin)], origin)
    : thing
}

function declaredBy(evaluator: Evaluator, definition: Node): readonly Declared[] {
  const decorated = decoratorsOf(definition).flatMap((decorator) => byDecorator(decorator) ?? [])
  const names = new Set(decorated.map((one) => one.parameter))
  const further = parametersOf(definition).filter((one) => one.kind === 'plain' && !names.has(one.name))
  const isCommand = further.length > 0 && isMadeCommand(evaluator, definition)
  return [...decorated, ...further.flatMap((parameter) => byParameter(parameter, isCommand, definition) ?? [])]
}

/** `@click.option("-h", "--host", default=…)`, `@click.argument("host")`. */
function byDecorator(decorator: Node): Declared | undefined {
  const [, kind] = decorator.kind === 'call' ? (/(?:^|\.)(option|argument)$/.exec(decorator.field('function')?.content ?? '') ?? []) : []
  if (kind === undefined) return undefined
  const given = argumentsOf(decorator, undefined)
  const texts = given.positional.flatMap((one) => literalText(one.node) ?? [])
  const names = texts.flatMap((one) => one.split('/')[0]?.trim() ?? []).filter((one) => one.startsWith('-'))
  const long = names.find((one) => one.startsWith('--')) ?? names[0] ?? ''
  const parameter = texts.find((one) => !one.startsWith('-')) ?? long.replace(/^-+/, '').replaceAll('-', '_')
  const isFlag =
    ['is_flag', 'count'].some((name) => given.keywords.get(name)?.node.kind === 'true') || texts.some((one) => one.includes('/'))
  const count = given.keywords.get('nargs')?.node
  const takes = isFlag || given.keywords.has('flag_value') ? 'nothing' : count === undefined || count.content === '1' ? 'one' : 'many'
  const optional =
    kind === 'argument' && takes === 'one' && (given.keywords.has('default') || isFalse(given, 'required')) ? 'perhaps' : takes
  return {
    parameter: parameter.toLowerCase(),
    names: kind === 'option' ? names : [],
    takes: optional,
    collects: given.keywords.get('multiple')?.node.kind === 'true',
    given,
    default: given.keywords.get('default'),
    at: decorator,
  }
}

const isFalse = (given: CallArguments, name: string): boolean => given.keywords.get(name)?.node.kind === 'false'

/** `host: str = typer.Option("127.0.0.1", "--host")`, `host: Annotated[str, typer.Option()] = …`; of a command, any parameter. */
function byParameter(parameter: Parameter, isCommand: boolean, definition: Node): Declared | undefined {
  const { name, type } = parameter
  const annotated = [parameter.default, ...(type === undefined ? [] : callsIn(type))].find(
    (node) => node !== undefined && isTyperCall(node),
  )
  const located = (node: Node | undefined): Located | undefined => (node === undefined ? undefined : { node, frame: undefined })
  const option = `--${name.replaceAll('_', '-')}`
  const base = { parameter: name, collects: false, takes: type?.content === 'bool' ? 'nothing' : 'one' } as const
  if (annotated === undefined) {
    if (!isCommand) return undefined
    const isWord = parameter.default === undefined && parameter.positional
    return {
      ...base,
      names: isWord ? [] : [option],
      given: undefined,
      default: located(parameter.default),
      at: parameter.default ?? definition,
    }
  }
  const given = argumentsOf(bare(annotated), undefined)
  const texts = given.positional.flatMap((one) => literalText(one.node) ?? []).filter((one) => one.startsWith('-'))
  const own = given.keywords.get('default') ?? (annotated === parameter.default ? given.positional[0] : located(parameter.default))
  const isArgument = /Argument$/.test(bare(annotated).field('function')?.content ?? '')
  return {
    ...base,
    ...(isArgument && own !== undefined && own.node.content !== '...' ? { takes: 'perhaps' as const } : {}),
    names: isArgument ? [] : texts.length > 0 ? texts : [option],
    given,
    default: own,
    at: annotated,
  }
}

function fallbackOf(evaluator: Evaluator, { given, names, default: own, at }: Declared): Value {
  const missing = own === undefined || own.node.content === '...'
  if (!missing) {
    const thing = evaluator.ask(own)
    return valueOf(thing.kind === 'function' ? evaluator.call(thing, NO_ARGUMENTS, own) : thing, own.node.origin)
  }
  const isNeeded =
    given === undefined || given.keywords.get('required')?.node.kind === 'true' || (names.length === 0 && !isFalse(given, 'required'))
  return isNeeded ? required(at.origin) : ABSENT
}

/** `envvar="HOST"`, or a list of them. */
function withVariables(given: CallArguments | undefined, last: Value): Value {
  const named = given?.keywords.get('envvar')?.node
  const nodes = named === undefined ? [] : literalText(named) === undefined ? named.named : [named]
  return nodes.reduceRight<Value>(
    (other, node) => ({ kind: 'environment', name: literalText(node) ?? '', fallback: other, emptyIsUnset: true, origin: node.origin }),
    last,
  )
}

const PREFIX = /\bauto_envvar_prefix['"]?\s{0,9}[=:]\s{0,9}(['"])(\w{1,80})\1/

/** The variable of an option by `auto_envvar_prefix`: of a command in a group, the command's name stands between (click, "Multiple Values from Environment"). */
function prefixedVariable(
  evaluator: Evaluator,
  module: Module,
  definition: Node,
  name: string,
  origin: FileOrigin,
): Extract<Value, { readonly kind: 'environment' }> | undefined {
  const { project } = evaluator
  const paths = [module.path, ...project.graph.entries(module.path)]
  const prefix = paths.map((path) => PREFIX.exec(project.text(path)?.content ?? '')?.[2]).find((one) => one !== undefined)
  if (prefix === undefined) return undefined
  const command = isInGroup(definition) ? `_${commandName(definition)}` : ''
  const variable = `${prefix}${command}_${name}`.toUpperCase().replaceAll('-', '_')
  return { kind: 'environment', name: variable, fallback: ABSENT, emptyIsUnset: true, origin }
}

const COMMAND = /(?:^|\.)(?:command|group|callback)$/

/** The decorator that makes a command of a function. */
function commandDecorator(definition: Node): { readonly callee: string; readonly given: CallArguments | undefined } | undefined {
  return decoratorsOf(definition)
    .map((decorator) => {
      const callee = (decorator.kind === 'call' ? decorator.field('function') : decorator)?.content ?? ''
      return { callee, given: decorator.kind === 'call' ? argumentsOf(decorator, undefined) : undefined }
    })
    .find(({ callee }) => COMMAND.test(callee))
}

function commandName(definition: Node): string {
  const given = commandDecorator(definition)?.given
  return literalText(given?.positional[0]?.node ?? given?.keywords.get('name')?.node) ?? nameOf(definition).replaceAll('_', '-')
}

/** `@cli.command()`, where `cli` is a group of the folder. */
function isInGroup(definition: Node): boolean {
  const callee = commandDecorator(definition)?.callee ?? ''
  return callee.includes('.') && !/^(?:click|typer|asyncclick|rich_click)\./.test(callee) && !/callback$/.test(callee)
}

/** How a command takes its line apart: the options of all commands of the file, and its own words. */
function lineOf(evaluator: Evaluator, module: Module, definition: Node, own: readonly Declared[]): CommandLine {
  const others = ['option', 'command', 'group', 'callback']
    .flatMap((word) => module.occurrences(word))
    .flatMap((node) => functionDecorated(node) ?? [])
  const functions = [...new Set([definition, ...others])].slice(0, FUNCTIONS)
  const all = functions.flatMap((one) => (one === definition ? own : declaredBy(evaluator, one)))
  const fired = isFired(definition)
  const commands = functions.filter((one) => isInGroup(one)).flatMap((one) => [commandName(one), nameOf(one)])
  return {
    options: all.filter((one) => one.names.length > 0).map(({ names, takes, collects }) => ({ names, takes, collects })),
    words: own
      .filter((one) => one.names.length === 0 || fired)
      .map(({ parameter, takes }) => ({ name: parameter.toUpperCase(), takes: fired ? 'perhaps' : takes === 'nothing' ? 'one' : takes })),
    commands,
    abbreviations: false,
  }
}

/** Commands of one file that are told apart. */
const FUNCTIONS = 40

function functionDecorated(name: Node): Node | undefined {
  let outer: Node | undefined = name.parent
  while (outer !== undefined && outer.kind !== 'decorated_definition' && outer.kind !== 'block' && outer.kind !== 'module')
    outer = outer.parent
  const definition = outer?.kind === 'decorated_definition' ? outer.field('definition') : undefined
  return definition?.kind === 'function_definition' ? definition : undefined
}

function isTyperCall(node: Node): boolean {
  const call = bare(node)
  return call.kind === 'call' && /(?:^|\.)(?:Option|Argument)$/.test(call.field('function')?.content ?? '')
}

function callsIn(type: Node): readonly Node[] {
  const inner = bare(type)
  return inner.kind === 'call' ? [inner] : inner.named.slice(0, 8).flatMap(callsIn)
}

function isFired(definition: Node): boolean {
  const name = nameOf(definition)
  return name !== '' && definition.file.content.includes(`fire.Fire(${name})`)
}

/** A function that typer makes a command of (`@app.command()`, `typer.run(main)`), or fire (`fire.Fire(main)`). */
function isMadeCommand(evaluator: Evaluator, definition: Node): boolean {
  const decorated = decoratorsOf(definition).some((decorator) => {
    const callee = decorator.kind === 'call' ? decorator.field('function') : decorator
    if (callee === undefined || !/\.(?:command|callback)$/.test(callee.content)) return false
    const thing = evaluator.evaluate({ node: callee, frame: undefined })
    return thing.kind === 'external' && thing.name.startsWith('typer.')
  })
  return (
    decorated || isFired(definition) || (nameOf(definition) !== '' && definition.file.content.includes(`typer.run(${nameOf(definition)})`))
  )
}
