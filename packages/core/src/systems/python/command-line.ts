import { ABSENT, type FileOrigin, knownText, type LineWord, readLine, type Value } from '../../evidence/index.ts'
import { argparseMember } from './argparse.ts'
import { argumentsOf } from './call-arguments.ts'
import type { Evaluator } from './evaluator.ts'
import type { Node } from '../tree.ts'
import { optionValue } from './option-value.ts'
import { literalText } from './syntax.ts'
import { choice, several, type Thing, unknown, valueThing } from './thing.ts'

type External = Extract<Thing, { readonly kind: 'external' }>

const PARSED = /\.parse_(?:known_|intermixed_)?args\(\)(?:\[0\])?$/

/** What argparse makes of the command line. */
export const isParsed = (thing: External): boolean => PARSED.test(thing.name) && thing.call !== undefined

/** A member of what a parser of the command line gives: argparse's namespace, tornado's `options`, absl's `FLAGS`. */
export function parsedArgument(evaluator: Evaluator, thing: External, name: string): Thing | undefined {
  if (PARSED.test(thing.name) && thing.call !== undefined) {
    const option = argparseMember(evaluator, thing.call.node, name)
    if (option === undefined) return undefined
    const given = givenByCode(evaluator, thing.call.node, option)
    // It reads variables and files of configuration as well.
    return thing.name.startsWith('configargparse.')
      ? several([given, unknown('read from a file when the program runs', thing.origin)], thing.origin)
      : given
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
    return option.kind === 'value' ? valueThing(valueIn(evaluator, list, option.value)) : reason('which words are parsed is not known')
  // Words that are no options are counted from the first that is parsed.
  const skipped = Number(/^sys\.argv\[(\d{1,3}):\]$/.exec(words?.node.content ?? '')?.[1] ?? 1)
  const isWord = option.kind === 'value' && option.value.kind === 'argument' && !option.value.name.startsWith('-')
  if (skipped !== 1 && isWord) return reason('which words are parsed is not known')
  return ARGUMENTS_CHANGED.test(parse.file.content) ? reason('the program changes its own arguments') : option
}

const ARGUMENTS_CHANGED = /\bsys\.argv\s*(?:\[[^\]\n]{0,60}\]\s*)?(?:\+=|=(?!=)|\.\s*(?:append|extend|insert)\b)/

/** A value where the words of a list are the command line. */
function valueIn(evaluator: Evaluator, list: Thing & { readonly kind: 'sequence' }, value: Value): Value {
  const words = list.items.map((item): LineWord => {
    const given = evaluator.value(item)
    return { text: knownText(given), setting: { value: given, origin: item.node.origin } }
  })
  return settled(value, words, list.origin, DEPTH)
}

/** How deep defaults lead to further arguments. */
const DEPTH = 16

function settled(value: Value, words: readonly LineWord[], origin: FileOrigin, depth: number): Value {
  if (depth === 0) return { kind: 'unknown', reason: 'which words are parsed is not known', origin }
  const inner = (one: Value): Value => settled(one, words, origin, depth - 1)
  if (value.kind === 'choice' && value.when?.of.kind === 'argument') {
    const [yes = ABSENT, no = ABSENT] = value.options
    return inner(isGiven(inner(value.when.of)) ? yes : no)
  }
  if (value.kind !== 'argument' || value.line === undefined) return value
  const { given, unclear } = readLine(value.line, words)
  const own = (given.get(value.name) ?? []).map((setting) => setting.value)
  const lost: Value = { kind: 'unknown', reason: 'which words are parsed is not known', origin }
  const options = unclear === undefined ? own : [...own, lost]
  return options.length === 0 ? inner(value.fallback) : choice(options, origin)
}

const isGiven = (value: Value): boolean => value.kind !== 'absent'

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
    const option = optionValue([`--${name}`, `-${name}`], value === undefined ? ABSENT : evaluator.value(value), outer.origin)
    return /\bparse_config_file\b/.test(text)
      ? several([option, unknown('read from a file when the program runs', outer.origin)], outer.origin)
      : option
  }
  return undefined
}
