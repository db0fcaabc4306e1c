import type { LibraryCall } from '../values/builtins.ts'
import type { Evaluator } from '../values/evaluator.ts'
import { type Frame, isNothing, type Meaning, NOTHING, unknownMeaning } from '../values/meaning.ts'
import { memberNames } from '../values/members.ts'
import type { MethodCall } from '../values/methods.ts'
import type { Node } from '../../tree.ts'
import { argumentsOf } from '../source/syntax.ts'
import { builtOption } from './command-line-builders.ts'
import { spellings, textsOf } from './option-names.ts'

/** Packages that take a command line apart: what they give has `--port` as `port`. */
interface Parser {
  /** Which argument holds the words; without it they are the program's own. */
  readonly words?: number
  readonly options: number
  readonly defaults: readonly string[]
  readonly inside?: string
  /** The option that has the words, where no argument does. */
  readonly own?: string
}

const PARSERS: ReadonlyMap<string, Parser> = new Map<string, Parser>([
  // minimist(argv, { default: { port: 3000 }, alias: { h: 'host' } })
  ['minimist', { words: 0, options: 1, defaults: ['default'] }],
  ['yargs-parser', { words: 0, options: 1, defaults: ['default'] }],
  ['mri', { words: 0, options: 1, defaults: ['default'] }],
  // `args-parser(process.argv)` knows no defaults.
  ['args-parser', { words: 0, options: 1, defaults: ['default'] }],
  // util.parseArgs({ options: { port: { default: '3000', short: 'p' } } }).values
  ['node:util#parseArgs', { options: 0, own: 'args', defaults: ['options'], inside: 'values' }],
])

/** A parser that is one call. */
export function parsedCommandLine({ name, call, frame }: LibraryCall, evaluator: Evaluator): Meaning | undefined {
  const parser = PARSERS.get(name)
  if (parser === undefined) return undefined
  const given = argumentsOf(call)
  const asked = (index: number): Meaning => {
    const node = given[index]
    return node === undefined ? NOTHING : evaluator.meaning(node, frame)
  }
  const options = asked(parser.options)
  const inside = (object: Meaning, ...path: readonly string[]): Meaning =>
    path.reduce((found, part) => (isNothing(found) ? found : evaluator.property(found, part, call)), object)
  const words = parser.words === undefined ? inside(options, parser.own ?? '') : asked(parser.words)
  const isOwn = words.kind === 'arguments' || (parser.words === undefined && isNothing(words))
  const parsed: Meaning = {
    kind: 'options',
    made: call,
    defaults: (option) =>
      isOwn
        ? inside(options, ...parser.defaults, option, ...(parser.inside === undefined ? [] : ['default']))
        : unknownMeaning('which words are taken apart is not known', call.origin),
    spellings: (option) =>
      parser.inside === undefined
        ? spellings(option, aliasesIn(inside(options, 'alias'), option, call, evaluator))
        : spellings(option, textsOf(inside(options, 'options', option, 'short'), evaluator)),
  }
  return parser.inside === undefined ? parsed : { kind: 'wrapped', property: parser.inside, meaning: parsed }
}

/** `alias: { h: 'host' }`, `alias: { host: ['h', 'H'] }`: all names of the option but its own. */
function aliasesIn(alias: Meaning, option: string, at: Node, evaluator: Evaluator): readonly string[] {
  if (isNothing(alias)) return []
  const names = alias.kind === 'object' ? (memberNames(alias.node) ?? []) : []
  const groups = names.map((name) => [name, ...textsOf(evaluator.property(alias, name, at), evaluator)])
  return groups.flatMap((group) => (group.includes(option) ? group.filter((name) => name !== option) : []))
}

/** Builders: the property or method at which yargs and commander hand out what they read. */
const RESULTS: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['yargs', new Set(['parse', 'parseSync'])],
  ['commander', new Set(['opts', 'optsWithGlobals'])],
])

const builderOf = (name: string): string | undefined =>
  [...RESULTS.keys()].find((library) => name === library || name.startsWith(`${library}#`) || name.startsWith(`${library}/`))

/** A method of a chain that builds a parser: `.option('-p, --port <port>', 'text', 3000)`, `.option('port', { default: 3000 })`. */
export function commandLine({ receiver, name, call, frame }: MethodCall, evaluator: Evaluator): Meaning | undefined {
  // `program` of commander, and yargs itself, are parsers that are made already.
  const of = receiver.kind === 'result' ? receiver.of : receiver.kind === 'library' ? receiver.name : undefined
  const library = of === undefined ? undefined : builderOf(of)
  if (of === undefined || library === undefined || (receiver.kind === 'library' && !/^(?:yargs|commander#program)$/.test(of)))
    return undefined
  // Every further call is one of the same parser; its options stand in the calls before.
  if (RESULTS.get(library)?.has(name) === true) return parsedOptions(library, call, frame, evaluator)
  return { kind: 'result', of, call, frame }
}

/** What `argv` of a yargs chain is; `undefined` for other results. */
export function parsedProperty(
  result: Extract<Meaning, { readonly kind: 'result' }>,
  name: string,
  evaluator: Evaluator,
): Meaning | undefined {
  return name === 'argv' && builderOf(result.of) === 'yargs' ? parsedOptions('yargs', result.call, result.frame, evaluator) : undefined
}

/** All descriptions of options in the file count: programs describe one command line, in one chain or several statements. */
function parsedOptions(library: string, call: Node, frame: Frame | undefined, evaluator: Evaluator): Meaning {
  const described = (option: string): ReturnType<typeof builtOption> => builtOption(option, call, frame, evaluator)
  return {
    kind: 'options',
    made: call,
    defaults: (option) => described(option).usual,
    spellings: (option) => spellings(option, described(option).aliases, library === 'yargs'),
    variables: (option) => described(option).variables,
  }
}
