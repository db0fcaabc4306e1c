import { ABSENT, type CommandLineOption, type FileOrigin, type Value } from '../../evidence/index.ts'
import type { Node } from '../tree.ts'
import type { Evaluator } from './evaluator.ts'
import { argumentsOf } from './syntax.ts'
import { type Frame, type Thing, unknown, valueOf, valueThing } from './thing.ts'

/** `flag.String`, `(*flag.FlagSet).IntVar`, `pflag.StringVarP` and their like. */
const FLAG =
  /^(flag|github\.com\/(?:spf13|ogier)\/pflag)(?:\.FlagSet#|\.)(String|Int|Uint|Int64|Uint64|Uint16|Int32|Uint32|Bool|Duration|IP|Text|Func)(Var)?(P)?$/

/** How the words of a flag lie in its call. */
interface FlagCall {
  readonly kind: string
  readonly isPosix: boolean
  readonly name: Node
  readonly short: Node | undefined
  readonly fallback: Node | undefined
}

function flagCall(external: string, call: Node): FlagCall | undefined {
  const [, package_, kind, variable, short] = FLAG.exec(external) ?? []
  if (package_ === undefined || kind === undefined || kind === 'Func' || kind === 'Text') return undefined
  const given = argumentsOf(call).slice(variable === undefined ? 0 : 1)
  const [name, second] = given
  if (name === undefined) return undefined
  return {
    kind,
    isPosix: package_ !== 'flag',
    name,
    short: short === undefined ? undefined : second,
    fallback: short === undefined ? second : given[2],
  }
}

/** Whether a function outside declares a flag, so that what it is given the address of holds it. */
export const isFlag = (external: string): boolean => FLAG.test(external)

/**
 * What a flag holds: what the command line gives, or what stands behind its name (pkg.go.dev/flag: `-flag`, `--flag`, `-flag=x`, `-flag x`,
 * the last not for switches; pkg.go.dev/github.com/spf13/pflag: `--flag`, `-f`).
 */
export function flagValue(evaluator: Evaluator, external: string, call: Node, frame: Frame | undefined): Thing | undefined {
  const flag = flagCall(external, call)
  if (flag === undefined) return undefined
  const { origin } = call
  const name = textOf(valueOf(evaluator.evaluate({ node: flag.name, frame }), origin))
  const short = flag.short === undefined ? undefined : textOf(valueOf(evaluator.evaluate({ node: flag.short, frame }), origin))
  if (name === undefined) return unknown('given on the command line', origin)
  const given: Value = flag.fallback === undefined ? ABSENT : valueOf(evaluator.evaluate({ node: flag.fallback, frame }), origin)
  return valueThing(optionValue(flag, name, short, given, origin))
}

function optionValue(flag: FlagCall, name: string, short: string | undefined, fallback: Value, origin: FileOrigin): Value {
  const names = flag.isPosix ? [`--${name}`, ...(short === undefined || short === '' ? [] : [`-${short}`])] : [`-${name}`, `--${name}`]
  const option: CommandLineOption = { names, takes: flag.kind === 'Bool' ? 'nothing' : 'one', collects: false }
  return {
    kind: 'argument',
    name: names[0] ?? name,
    fallback,
    line: { options: [option], words: [], commands: [], abbreviations: false },
    origin,
  }
}

const textOf = (value: Value): string | undefined => (value.kind === 'known' && typeof value.value === 'string' ? value.value : undefined)
