import { ABSENT, type CommandLine, type CommandLineOption, type FileOrigin, type Value } from '../../evidence/index.ts'
import { argumentsOf, type CallArguments } from './call-arguments.ts'
import { spread } from './calls.ts'
import type { Evaluator } from './evaluator.ts'
import type { Module } from './module.ts'
import { optionValue } from './option-value.ts'
import type { Node } from '../tree.ts'
import { literalText } from './syntax.ts'
import { choice, chosenBy, several, type Thing, valueOf, valueThing } from './thing.ts'

/** One `add_argument(…)`. */
interface Argument {
  readonly call: Node
  readonly given: CallArguments
  /** As they are written; of a word that is no option, its name. */
  readonly names: readonly string[]
  readonly destination: string
  readonly action: string
  readonly isOption: boolean
  /** The parser, as it is written. */
  readonly parser: string
}

/** Arguments of one file that are looked at. */
const ARGUMENTS = 500

const DECLARED = new WeakMap<Module, readonly Argument[]>()

/** Those of one file, which usually belong to one parser and its commands. */
function argumentsIn(module: Module): readonly Argument[] {
  const known = DECLARED.get(module)
  if (known !== undefined) return known
  const places = module.occurrences('add_argument').slice(0, ARGUMENTS)
  const found = places.flatMap((method): readonly Argument[] => {
    const call = method.parent?.parent
    if (call?.kind !== 'call') return []
    const given = argumentsOf(call, undefined)
    const names = given.positional.flatMap((one) => literalText(one.node) ?? [])
    const isOption = names.some((one) => one.startsWith('-'))
    const destination = literalText(given.keywords.get('dest')?.node) ?? destinationOf(names)
    const named = given.keywords.get('action')?.node
    const action = literalText(named) ?? named?.content ?? 'store'
    return [{ call, given, names, destination, action, isOption, parser: method.parent?.field('object')?.content ?? '' }]
  })
  DECLARED.set(module, found)
  return found
}

function destinationOf(names: readonly string[]): string {
  const long = names.find((name) => name.startsWith('--')) ?? names.find((name) => name.startsWith('-')) ?? names[0] ?? ''
  return long.replace(/^-+/, '').replaceAll('-', '_')
}

/** Actions that take no word. */
const ALONE = /^(?:store_(?:true|false|const)|append_const|count|help|version|(?:argparse\.)?BooleanOptionalAction)$/
/** `--local` and `--no-local`. */
const EITHER_WAY = /BooleanOptionalAction$/

const refusals = ({ action, names }: Argument): readonly string[] =>
  EITHER_WAY.test(action) ? names.filter((name) => name.startsWith('--')).map((name) => name.replace('--', '--no-')) : []

/** How the parser of an argument takes a command line apart (docs.python.org/3/library/argparse). */
function lineOf(module: Module, { parser, isOption }: Argument): CommandLine {
  const { content } = module.file
  const all = argumentsIn(module)
  const options = all
    .filter((one) => one.isOption)
    .flatMap((one): readonly CommandLineOption[] => {
      const option = { names: one.names, takes: takesOf(one), collects: /^(?:append|extend)/.test(one.action) }
      const refused = refusals(one)
      return refused.length === 0 ? [option] : [option, { ...option, names: refused }]
    })
  // Each command has a parser of its own for its words.
  const own = all.filter((one) => !one.isOption && (one.parser === parser || isOption))
  const mark = /\bfromfile_prefix_chars\s{0,9}=\s{0,9}(['"])(.)\1/.exec(content)?.[2]
  return {
    options: [...options, { names: ['-h', '--help'], takes: 'nothing', collects: false }],
    words: own.map((one) => {
      const takes = takesOf(one)
      return { name: wordName(one), takes: takes === 'nothing' ? 'one' : takes }
    }),
    commands: [...content.matchAll(/\badd_parser\s{0,9}\(\s{0,200}(?:name\s{0,9}=\s{0,9})?(['"])([\w.-]{1,80})\1/g)].map(
      (match) => match[2] ?? '',
    ),
    abbreviations: !/\ballow_abbrev\s{0,9}=\s{0,9}False\b/.test(content),
    ...(mark === undefined ? {} : { fileMark: mark }),
  }
}

function takesOf({ action, given }: Argument): CommandLineOption['takes'] {
  if (ALONE.test(action)) return 'nothing'
  const count = given.keywords.get('nargs')?.node
  if (count === undefined || count.content === '1') return 'one'
  return literalText(count) === '?' ? 'perhaps' : 'many'
}

const wordName = ({ destination }: Argument): string => destination.toUpperCase()

/** What the namespace has under a name that the parser gives. */
export function argparseMember(evaluator: Evaluator, parse: Node, name: string): Thing | undefined {
  const module = evaluator.moduleOf(parse)
  const own = module === undefined ? [] : argumentsIn(module).filter((one) => one.destination === name)
  const [first] = own
  if (module === undefined || first === undefined) return undefined
  const { origin } = first.call
  const defaults = own.flatMap(({ given }) => given.keywords.get('default') ?? [])
  const value = defaults[0]
  const thing = value === undefined ? undefined : evaluator.evaluate(value)
  const storing = own.filter((one) => !ALONE.test(one.action))
  const switches = own.filter((one) => ALONE.test(one.action))
  // A list stays one by default, and is given as text.
  if (thing?.kind === 'sequence' && storing[0] !== undefined)
    return several([optionValue(storing[0].names, ABSENT, origin, lineOf(module, storing[0])), thing], origin)
  // Those of the parser go before those of its arguments (argparse, "Parser defaults").
  const fallback = setDefault(evaluator, parse, name) ?? (thing === undefined ? missing(own) : valueOf(thing, origin))
  const stored = (last: Value): Value =>
    storing.reduceRight<Value>((other, one) => {
      const written = one.isOption ? one.names : [wordName(one)]
      const isNeeded = !one.isOption && !one.given.keywords.has('default') && takesOf(one) === 'one'
      return optionValue(written, isNeeded ? required(one.call.origin) : other, one.call.origin, lineOf(module, one)).value
    }, last)
  return valueThing(
    switches.reduce<Value>((other, one) => {
      const says = constantOf(evaluator, one)
      const when = { of: optionValue(one.names, ABSENT, one.call.origin, lineOf(module, one)).value }
      if (storing.length === 0 && own.length === 1 && one.action === 'store_true')
        return optionValue(one.names, fallback, one.call.origin, lineOf(module, one)).value
      const [refused] = refusals(one)
      if (refused !== undefined) {
        const not = { of: optionValue([refused], ABSENT, one.call.origin, lineOf(module, one)).value }
        const no: Value = { kind: 'known', value: false, origin: one.call.origin }
        return chosenBy(not, no, chosenBy(when, says, other, origin), origin)
      }
      // The later of two that are both given holds.
      return chosenBy(when, storing.length === 0 ? says : choice([says, stored(says)], origin), other, origin)
    }, stored(fallback)),
  )
}

/** What a switch makes of its name. */
function constantOf(evaluator: Evaluator, { given, action, call }: Argument): Value {
  if (action === 'store_true' || action === 'store_false' || EITHER_WAY.test(action))
    return { kind: 'known', value: action !== 'store_false', origin: call.origin }
  const constant = given.keywords.get('const')
  return constant === undefined
    ? { kind: 'unknown', reason: 'computed when the program runs', origin: call.origin }
    : evaluator.value(constant)
}

/** What an argument is that is not given, and has no default. */
function missing(own: readonly Argument[]): Value {
  const [first] = own
  if (first === undefined) return ABSENT
  const { action, call, given } = first
  if (/^store_(?:true|false)$/.test(action)) return { kind: 'known', value: action === 'store_false', origin: call.origin }
  return given.keywords.get('required')?.node.kind === 'true' ? required(call.origin) : ABSENT
}

export function required(origin: FileOrigin): Value {
  return { kind: 'unknown', reason: 'an argument that has to be given', origin }
}

/** `parser.set_defaults(host=…)`, `parser.set_defaults(**settings)`; the last that has the name. */
function setDefault(evaluator: Evaluator, parse: Node, name: string): Value | undefined {
  for (const method of evaluator.moduleOf(parse)?.occurrences('set_defaults').toReversed() ?? []) {
    const call = method.parent?.parent
    if (call?.kind !== 'call') continue
    const given = argumentsOf(call, undefined)
    const keyword = given.keywords.get(name)
    if (keyword !== undefined) return evaluator.value(keyword)
    const thing = spread(evaluator, given, name)
    if (thing !== undefined) return valueOf(thing, call.origin)
  }
  return undefined
}
