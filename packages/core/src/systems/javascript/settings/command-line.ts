import type { LibraryCall } from '../values/builtins.ts'
import type { Evaluator } from '../values/evaluator.ts'
import { type Frame, isNothing, type Meaning, NOTHING } from '../values/meaning.ts'
import type { MethodCall } from '../values/methods.ts'
import type { Node } from '../../tree.ts'
import { argumentsOf, bare, calleeOf, literalText } from '../source/syntax.ts'

/** Packages that take a command line apart: what they give has `--port` as `port`. */
const PARSERS: ReadonlyMap<string, { readonly defaults: readonly string[]; readonly inside?: string }> = new Map([
  // minimist(argv, { default: { port: 3000 } })
  ['minimist', { defaults: ['default'] }],
  ['yargs-parser', { defaults: ['default'] }],
  ['mri', { defaults: ['default'] }],
  // `args-parser(process.argv)` knows no defaults.
  ['args-parser', { defaults: ['default'] }],
  // util.parseArgs({ options: { port: { default: '3000' } } }).values
  ['node:util#parseArgs', { defaults: ['options'], inside: 'values' }],
])

/** A parser that is one call. */
export function parsedCommandLine({ name, call, frame }: LibraryCall, evaluator: Evaluator): Meaning | undefined {
  const parser = PARSERS.get(name)
  if (parser === undefined) return undefined
  const given = argumentsOf(call)[name === 'node:util#parseArgs' ? 0 : 1]
  const options = given === undefined ? NOTHING : evaluator.meaning(given, frame)
  const parsed: Meaning = {
    kind: 'options',
    made: call,
    defaults: (option) => {
      let found = options
      for (const part of [...parser.defaults, option, ...(parser.inside === undefined ? [] : ['default'])])
        if (!isNothing(found)) found = evaluator.property(found, part, call)
      return found
    },
  }
  return parser.inside === undefined ? parsed : { kind: 'wrapped', property: parser.inside, meaning: parsed }
}

/** Builders: the property or method at which yargs and commander hand out what they read. */
const RESULTS: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['yargs', new Set(['parse', 'parseSync'])],
  ['commander', new Set(['opts'])],
])

const builderOf = (name: string): string | undefined =>
  [...RESULTS.keys()].find((library) => name === library || name.startsWith(`${library}#`) || name.startsWith(`${library}/`))

/** A method of a chain that builds a parser: `.option('-p, --port <port>', 'text', 3000)`, `.option('port', { default: 3000 })`. */
export function commandLine({ receiver, name, call, frame }: MethodCall, evaluator: Evaluator): Meaning | undefined {
  if (receiver.kind !== 'result') return undefined
  const library = builderOf(receiver.of)
  if (library === undefined) return undefined
  // Every further call is one of the same parser; its options stand in the calls before.
  if (RESULTS.get(library)?.has(name) === true) return parsedOptions(call, frame, evaluator)
  return { kind: 'result', of: receiver.of, call, frame }
}

/** What `argv` of a yargs chain is; `undefined` for other results. */
export function parsedProperty(
  result: Extract<Meaning, { readonly kind: 'result' }>,
  name: string,
  evaluator: Evaluator,
): Meaning | undefined {
  return name === 'argv' && builderOf(result.of) === 'yargs' ? parsedOptions(result.call, result.frame, evaluator) : undefined
}

/** All `option` calls of the file count: programs describe one command line, in one chain or several statements. */
function parsedOptions(call: Node, frame: Frame | undefined, evaluator: Evaluator): Meaning {
  return {
    kind: 'options',
    made: call,
    defaults: (option) => {
      const calls = [...(evaluator.moduleOf(call)?.calls('option') ?? []), ...(evaluator.moduleOf(call)?.calls('requiredOption') ?? [])]
      for (const described of calls) {
        if (calleeOf(described)?.kind !== 'member_expression') continue
        const [flags, second, third] = argumentsOf(described)
        if (!names(literalText(flags) ?? '', option)) continue
        const options = second === undefined ? undefined : bare(second)
        if (options?.kind === 'object') return evaluator.property(evaluator.meaning(options, frame), 'default', described)
        return third === undefined ? NOTHING : evaluator.meaning(third, frame)
      }
      return NOTHING
    },
  }
}

/** Whether flags such as `-p, --max-port <port>` or `maxPort` name the option `maxPort`. */
function names(flags: string, option: string): boolean {
  const dashed = option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  return flags === option || flags === dashed || new RegExp(`(?:^|[\\s,])--${dashed.replace(/[^\w-]/g, '')}(?![\\w-])`).test(flags)
}
