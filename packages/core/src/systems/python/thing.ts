import { ABSENT, type FileOrigin, type Value } from '../../evidence/index.ts'
import type { Tree } from '../data/index.ts'
import type { Node } from '../tree.ts'
import { choice, OPTIONS } from '../values.ts'

export { chosenBy, choice, mapAbsent, mapKnown, textOf } from '../values.ts'

/** An expression, and the call whose arguments its parameters stand for. */
export interface Located {
  readonly node: Node
  readonly frame: Frame | undefined
}

/** One call of a function of the folder that is followed into. */
export interface Frame {
  readonly function: Node
  readonly arguments: ReadonlyMap<string, Thing>
}

/** How a dictionary was come to, a name and the keys behind it: what is written to it by one way is written to it. */
export interface Way {
  readonly node: Node
  readonly keys: readonly string[]
}

/** What an expression comes to, as far as the text tells. */
export type Thing =
  | { readonly kind: 'value'; readonly value: Value }
  /** A name of a package outside the folder, `()` for what a call of it gives: `uvicorn.run`, `flask.Flask()`. */
  | { readonly kind: 'external'; readonly name: string; readonly origin: FileOrigin; readonly call?: Located }
  | { readonly kind: 'sequence'; readonly items: readonly Located[]; readonly origin: FileOrigin }
  /** `doubtful`: entries that what follows them may replace: `{"host": …, **given}`. */
  | {
      readonly kind: 'mapping'
      readonly entries: ReadonlyMap<string, Located>
      readonly complete: boolean
      readonly doubtful?: ReadonlySet<string>
      readonly ways?: readonly Way[]
      /** Ways to the dictionary that it was copied from: what is written within an entry of one is written to the other's. */
      readonly copied?: readonly Way[]
      readonly origin: FileOrigin
    }
  /** What `text.split(separator)` gives. */
  | { readonly kind: 'pieces'; readonly text: Value; readonly separator: string; readonly origin: FileOrigin }
  /** What a configuration file says, or a list or table in it. */
  | { readonly kind: 'data'; readonly tree: Tree; readonly ways?: readonly Way[] }
  | { readonly kind: 'function'; readonly node: Node; readonly self?: Thing }
  | { readonly kind: 'class'; readonly node: Node }
  /** Without `call` or `exact` it may be of any class that is made from this one: `self` in a method. */
  | { readonly kind: 'instance'; readonly class: Node; readonly call?: Located; readonly exact?: true; readonly below?: Below }
  | { readonly kind: 'module'; readonly path: string }
  | { readonly kind: 'package'; readonly directory: string }
  | { readonly kind: 'several'; readonly options: readonly Thing[]; readonly origin: FileOrigin }

/** Settings within settings: the variable that gives them as a whole, and what stands between its name and those of their fields. */
export interface Below {
  readonly variable: string
  readonly delimiter: string | undefined
  readonly anyCase?: true
  /** The options of the command line that give it. */
  readonly options?: readonly string[]
}

export function known(value: string | number | boolean, origin: FileOrigin): Thing {
  return { kind: 'value', value: { kind: 'known', value, origin } }
}

export function valueThing(value: Value): Thing {
  return { kind: 'value', value }
}

export function unknown(reason: string, origin: FileOrigin): Thing {
  return { kind: 'value', value: { kind: 'unknown', reason, origin } }
}

export const NONE: Thing = { kind: 'value', value: ABSENT }

/** One of several, each possible; equal ones once. */
export function several(options: readonly Thing[], origin: FileOrigin): Thing {
  const flat = options.flatMap((option) => (option.kind === 'several' ? option.options : [option]))
  const values = flat.flatMap((option) => (option.kind === 'value' ? [option.value] : []))
  if (values.length === flat.length) return valueThing(choice(values, origin))
  const distinct = flat.filter((option, index) => flat.findIndex((other) => same(option, other)) === index)
  const [only] = distinct
  if (only === undefined) return unknown('nothing gives it a value', origin)
  return distinct.length === 1
    ? only
    : distinct.length > OPTIONS
      ? unknown('too many possible values', origin)
      : { kind: 'several', options: distinct, origin }
}

function same(a: Thing, b: Thing): boolean {
  if (a === b) return true
  if (a.kind === 'external' && b.kind === 'external') return a.name === b.name
  if (a.kind === 'data' && b.kind === 'data') return a.tree === b.tree && (a.ways?.length ?? 0) === (b.ways?.length ?? 0)
  if (a.kind === 'function' && b.kind === 'function') return a.node === b.node
  if (a.kind === 'class' && b.kind === 'class') return a.node === b.node
  if (a.kind === 'instance' && b.kind === 'instance') return a.class === b.class && a.call?.node === b.call?.node
  return a.kind === 'module' && b.kind === 'module' && a.path === b.path
}

/** The thing as a value; what is none (a list, a class) is not known. */
export function valueOf(thing: Thing, origin: FileOrigin): Value {
  switch (thing.kind) {
    case 'value':
      return thing.value
    case 'several':
      return choice(
        thing.options.map((option) => valueOf(option, origin)),
        origin,
      )
    case 'external':
      return { kind: 'unknown', reason: externalReason(thing.name), origin: thing.origin }
    case 'sequence':
    case 'mapping':
    case 'pieces':
    case 'data':
    case 'function':
    case 'class':
    case 'instance':
    case 'module':
    case 'package':
      return { kind: 'unknown', reason: 'not a text or a number', origin }
    default:
      return thing satisfies never
  }
}

/** Packages that read a file or ask the machine when the program runs. */
const AT_RUN_TIME: readonly (readonly [RegExp, string])[] = [
  [/^(?:configparser|yaml|toml|tomllib|tomli|json|ruamel|dynaconf|confuse|hydra|omegaconf)\b/, 'read from a file when the program runs'],
  [/^socket\.(?:gethostname|gethostbyname|getfqdn)/, "the machine's own name or address"],
  [/^(?:input|builtins\.input)\(\)/, 'typed in when the program runs'],
]

function externalReason(name: string): string {
  return AT_RUN_TIME.find(([pattern]) => pattern.test(name))?.[1] ?? 'comes from a package outside the folder'
}

/** Whether Python takes the value for true; `undefined` where that cannot be told. */
export function truth(value: Value): boolean | undefined {
  if (value.kind === 'known') return value.value !== '' && value.value !== 0 && value.value !== false
  return value.kind === 'absent' ? false : undefined
}
