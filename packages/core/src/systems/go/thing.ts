import { ABSENT, type FileOrigin, type Value } from '../../evidence/index.ts'
import type { Node } from '../tree.ts'
import { choice, OPTIONS } from '../values.ts'
import type { Declaration } from './scope.ts'
import type { GoType } from './types.ts'

/** An expression, and the call whose arguments its parameters stand for. */
export interface Located {
  readonly node: Node
  readonly frame: Frame | undefined
}

/** One call of a function of the folder that is followed into. */
export interface Frame {
  readonly function: Node
  /** By the name of the parameter or the receiver. */
  readonly arguments: ReadonlyMap<string, Located>
  readonly call: Node
  readonly outer: Frame | undefined
  readonly depth: number
}

/** What an expression comes to, as far as the text tells. A pointer is taken for what it points to. */
export type Thing =
  | { readonly kind: 'value'; readonly value: Value }
  /** What comes from a package outside the folder. */
  | { readonly kind: 'external'; readonly name: string; readonly origin: FileOrigin; readonly call?: Located }
  /** `Config{…}`. */
  | { readonly kind: 'struct'; readonly node: Node; readonly frame: Frame | undefined }
  /** `var config Config`, `new(Config)`: every field has its zero value. */
  | { readonly kind: 'zero'; readonly type: GoType | undefined; readonly origin: FileOrigin }
  /** What a variable holds as of a place, so that what is written to its fields is seen. */
  | {
      readonly kind: 'place'
      readonly declaration: Declaration
      readonly path: readonly string[]
      readonly at: Point
      readonly frame: Frame | undefined
      readonly thing: Thing
    }
  /** A struct whose fields something fills in when the program runs, by their tags. */
  | {
      readonly kind: 'filled'
      readonly type: Node
      readonly by: Filling
      /** A file that it is given may set any field as well, over what its tag says. */
      readonly file?: true
      readonly prefix: string
      readonly before: Thing
      readonly origin: FileOrigin
    }
  | { readonly kind: 'list'; readonly items: readonly Located[]; readonly origin: FileOrigin }
  | { readonly kind: 'tuple'; readonly items: readonly Thing[] }
  | { readonly kind: 'function'; readonly node: Node; readonly frame: Frame | undefined }
  | { readonly kind: 'several'; readonly options: readonly Thing[]; readonly origin: FileOrigin }

/** Before a statement is run, or after. */
export interface Point {
  readonly node: Node
  readonly after: boolean
}

/** Packages that fill in a struct by its tags. */
export type Filling = 'env' | 'envconfig' | 'go-envconfig' | 'cleanenv'

export const valueThing = (value: Value): Thing => ({ kind: 'value', value })

export const known = (value: string | number | boolean, origin: FileOrigin): Thing => valueThing({ kind: 'known', value, origin })

export const unknown = (reason: string, origin: FileOrigin): Thing => valueThing({ kind: 'unknown', reason, origin })

/** `nil`. */
export const NIL: Thing = valueThing(ABSENT)

/** What a variable holds, without the variable. */
export function content(thing: Thing): Thing {
  return thing.kind === 'place' ? thing.thing : thing
}

/** One of several, each possible; equal ones once. */
export function several(options: readonly Thing[], origin: FileOrigin): Thing {
  const flat = options.flatMap((option) => (option.kind === 'several' ? option.options : [option]))
  const values = flat.flatMap((option) => {
    const inner = content(option)
    return inner.kind === 'value' ? [inner.value] : []
  })
  if (values.length === flat.length && flat.length > 0) return valueThing(choice(values, origin))
  const distinct = flat.filter((option, index) => flat.findIndex((other) => same(option, other)) === index)
  const [only] = distinct
  if (only === undefined) return unknown('nothing gives it a value', origin)
  if (distinct.length === 1) return only
  return distinct.length > OPTIONS ? unknown('too many possible values', origin) : { kind: 'several', options: distinct, origin }
}

function same(a: Thing, b: Thing): boolean {
  if (a === b) return true
  if (a.kind === 'struct' && b.kind === 'struct') return a.node === b.node && a.frame === b.frame
  if (a.kind === 'external' && b.kind === 'external') return a.name === b.name && a.call?.node === b.call?.node
  return a.kind === 'function' && b.kind === 'function' && a.node === b.node
}

/** The thing as a value; what is none (a struct, a list) is not known. */
export function valueOf(thing: Thing, origin: FileOrigin): Value {
  switch (thing.kind) {
    case 'value':
      return thing.value
    case 'place':
      return valueOf(thing.thing, origin)
    case 'several':
      return choice(
        thing.options.map((option) => valueOf(option, origin)),
        origin,
      )
    case 'tuple':
      return thing.items[0] === undefined ? ABSENT : valueOf(thing.items[0], origin)
    case 'external':
      return { kind: 'unknown', reason: reasonOf(thing.name), origin: thing.origin }
    case 'struct':
    case 'zero':
    case 'filled':
    case 'list':
    case 'function':
      return { kind: 'unknown', reason: 'not a text or a number', origin }
    default:
      return thing satisfies never
  }
}

/** Packages whose values come from elsewhere when the program runs. */
const AT_RUN_TIME: readonly (readonly [RegExp, string])[] = [
  [/\bviper\b/, 'viper decides it, by a file, a flag or a variable'],
  [/\bkoanf\b/, 'koanf decides it, by a file, a flag or a variable'],
  [/\burfave\/cli\b/, 'given on the command line, or by a variable'],
  [/\b(?:kingpin|go-flags|go-arg|kong|cobra|pflag|flag)\b/, 'given on the command line'],
  [/^(?:os\.ReadFile|ioutil\.ReadFile|io\.ReadAll|bufio\.|encoding\/)/, 'read from a file when the program runs'],
  [/^os\.Hostname|^net\.(?:Interface|Lookup)/, "the machine's own name or address"],
]

export function reasonOf(name: string): string {
  return AT_RUN_TIME.find(([pattern]) => pattern.test(name))?.[1] ?? 'comes from a package outside the folder'
}
