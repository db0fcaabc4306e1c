import { ABSENT, type Decision, type FileOrigin, type Value } from '../../../evidence/index.ts'
import type { Tree } from '../../data/index.ts'
import type { Node } from '../../tree.ts'
import { choiceOf, chosenBy, either, NULL, type Otherwise, unknown } from './values.ts'

/** What an expression stands for, as far as it can be followed without running anything. */
export type Meaning =
  | { readonly kind: 'value'; readonly value: Value }
  /** Something of a package or of the platform: `express`, `node:http#createServer`, `#process.env`. */
  | { readonly kind: 'library'; readonly name: string }
  /** A server that was made and may listen: `type` is a row of the framework table. */
  | { readonly kind: 'server'; readonly type: string; readonly made: Node; readonly frame: Frame | undefined }
  /** What a call into a package gave back. */
  | { readonly kind: 'result'; readonly of: string; readonly call: Node; readonly frame: Frame | undefined }
  | { readonly kind: 'function'; readonly node: Node; readonly frame: Frame | undefined; readonly self?: Meaning }
  /**
   * Made by `new` of a class or function of the folder; `frame` holds the constructor's arguments. `undefined`: whichever instance.
   * `whole`: the object of a class that extends this one, which `this` is in methods of both.
   */
  | { readonly kind: 'instance'; readonly of: Node; readonly frame: Frame | undefined; readonly whole?: Meaning }
  | Located<'class' | 'object' | 'array' | 'enum' | 'namespace'>
  /** What is left of a list after other parameters took theirs. */
  | { readonly kind: 'list'; readonly items: readonly Argument[] }
  /** A file of the folder, seen from one that imports it. */
  | { readonly kind: 'module'; readonly path: string }
  /** What a configuration file says, or a list or object in it. */
  | { readonly kind: 'data'; readonly tree: Tree }
  /** `process.env`; `defaults` are those that a schema gives to its variables. `readAt`: what made a copy of it, as it was then. */
  | { readonly kind: 'environment'; readonly defaults?: (name: string) => Meaning; readonly readAt?: Node }
  /** `process.argv`, and `process.argv.slice(first)`. */
  | { readonly kind: 'arguments'; readonly first: number }
  /** A command line taken apart by a parser: `--port` is its `port`. */
  | ParsedOptions
  /** Objects put together by `Object.assign`; `made`: the call, where the program has the object for itself. */
  | { readonly kind: 'merged'; readonly property: (name: string) => Meaning; readonly made?: Node }
  /** An object of which one property is followed. */
  | { readonly kind: 'wrapped'; readonly property: string; readonly meaning: Meaning }
  /** `when`: of two, what decides between them, as in `Value`. */
  | { readonly kind: 'choice'; readonly options: readonly Meaning[]; readonly when?: Decision; readonly at: FileOrigin }

export interface ParsedOptions {
  readonly kind: 'options'
  readonly defaults: (name: string) => Meaning
  /** How the option is written, its other names included; `--name` unless said. */
  readonly spellings?: (name: string) => readonly string[]
  /** Variables that give it where the command line does not. */
  readonly variables?: (name: string) => readonly string[]
  readonly made: Node
}

export type FunctionMeaning = Extract<Meaning, { readonly kind: 'function' }>

/** What stands in the source; `frame` is the call around it. One member of the union for each kind. */
type Located<Kind extends string> = Kind extends string
  ? { readonly kind: Kind; readonly node: Node; readonly frame: Frame | undefined }
  : never

export interface Argument {
  readonly node: Node | undefined
  meaning(): Meaning
}

/** One call: what its parameters are. Looked up by the function, through the frames that it was made in. */
export interface Frame {
  readonly callee: Node
  readonly arguments: readonly Argument[]
  readonly self: Meaning | undefined
  readonly outer: Frame | undefined
}

export const valueMeaning = (value: Value): Meaning => ({ kind: 'value', value })

export const NOTHING: Meaning = valueMeaning(ABSENT)

/** `undefined` that is written, which takes the place of what stood there; told by identity from what is missing, which is `NOTHING`. */
export const UNDEFINED: Meaning = valueMeaning(ABSENT)

export const NULL_MEANING: Meaning = valueMeaning(NULL)

export const unknownMeaning = (reason: string, origin: FileOrigin): Meaning => valueMeaning(unknown(reason, origin))

export const isNothing = (meaning: Meaning): boolean => meaning.kind === 'value' && meaning.value.kind === 'absent'

export const isUnknown = (meaning: Meaning): boolean => meaning.kind === 'value' && meaning.value.kind === 'unknown'

/** The meanings that this may be. */
export const optionsOf = (meaning: Meaning): readonly Meaning[] => (meaning.kind === 'choice' ? meaning.options : [meaning])

/** One of them; values alone are one value. */
export function choiceMeaning(meanings: readonly Meaning[], at: FileOrigin): Meaning {
  const options: Meaning[] = []
  const values: Value[] = []
  for (const meaning of meanings.flatMap(optionsOf)) {
    if (meaning.kind === 'value') values.push(meaning.value)
    else if (!options.includes(meaning)) options.push(meaning)
  }
  if (values.length > 0) options.push(valueMeaning(choiceOf(values, at)))
  const [only] = options
  if (only === undefined) return unknownMeaning('nothing gives it a value', at)
  return options.length === 1 ? only : { kind: 'choice', options: options.slice(0, 24), at }
}

/** `left || right`, `left ?? right`, or `left` with `right` as its default. */
export function eitherMeaning(left: Meaning, right: Meaning, operator: Otherwise, at: FileOrigin): Meaning {
  const options = optionsOf(left).map((option): Meaning => {
    if (option.kind !== 'value') return option
    if (isNothing(option)) return operator === 'default' && option.value === NULL ? option : right
    if (right.kind === 'value') return valueMeaning(either(option.value, right.value, operator, at))
    if (option.value.kind === 'known') return either(option.value, ABSENT, operator, at) === option.value ? option : right
    return choiceMeaning([option, right], at)
  })
  return choiceMeaning(options, at)
}

const WORDS: Readonly<Record<Exclude<Meaning['kind'], 'value' | 'choice' | 'result' | 'library'>, string>> = {
  server: 'it is a server',
  function: 'it is a function',
  class: 'it is a class',
  instance: 'it is an object',
  object: 'it is an object',
  array: 'it is a list',
  enum: 'it is an enum',
  namespace: 'it is a namespace',
  list: 'it is a list of arguments',
  module: 'it is a module',
  data: 'it is an object',
  environment: 'it is the whole environment',
  arguments: 'it is the whole command line',
  options: 'it is the whole command line',
  merged: 'it is an object',
  wrapped: 'it is an object',
}

/** As a value: what is none is unknown, with the reason in words. */
export function valueOf(meaning: Meaning, at: FileOrigin): Value {
  switch (meaning.kind) {
    case 'value':
      return meaning.value
    case 'choice': {
      const values = meaning.options.map((option) => valueOf(option, at))
      const [yes, no] = values
      return meaning.when === undefined || yes === undefined || no === undefined
        ? choiceOf(values, at)
        : chosenBy(meaning.when, yes, no, at)
    }
    case 'library':
      return unknown(`${libraryWords(meaning.name)} is not followed`, at)
    case 'result':
      return unknown(`what ${libraryWords(meaning.of)} gives back is not followed`, at)
    default:
      return unknown(WORDS[meaning.kind], at)
  }
}

/** `express#Router` → "`Router` of the package express". */
export function libraryWords(name: string): string {
  const hash = name.indexOf('#')
  if (hash === 0) return `\`${name.slice(1)}\``
  return hash < 0 ? `the package ${name}` : `\`${name.slice(hash + 1)}\` of the package ${name.slice(0, hash)}`
}
