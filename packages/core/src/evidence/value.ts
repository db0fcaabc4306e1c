import type { CommandLine } from './command-line.ts'
import { LONGEST, TOO_LONG } from './limits.ts'
import type { FileOrigin } from './origin.ts'

/**
 * A value as the text of a program or a configuration gives it, followed statically. Nothing is executed: what cannot be
 * known is `unknown` with the reason, and is never taken for safe.
 */
export type Value =
  | { readonly kind: 'known'; readonly value: string | number | boolean; readonly origin: FileOrigin }
  /** An environment variable (`process.env.X`, `os.getenv("X")`, `$X`, `${X:-y}`), and what is used when it is not set. */
  | {
      readonly kind: 'environment'
      readonly name: string
      readonly fallback: Value
      readonly emptyIsUnset: boolean
      /** A setting that its program documents: nobody has to give it, and unset the fallback is what holds. */
      readonly optional?: true
      /** Read in whichever capitals and small letters it is written. */
      readonly anyCase?: true
      /** What is used when it is set, where that is not its own value: `"0.0.0.0" if os.getenv("DOCKER") else …`, `${X:+word}`. */
      readonly whenSet?: Value
      readonly origin: FileOrigin
    }
  /** Given on the command line (`--host`, `argv[2]`), and what is used when it is not. */
  | {
      readonly kind: 'argument'
      readonly name: string
      readonly fallback: Value
      /** What the program's code tells of its command line. Left out: the words are taken as they are written. */
      readonly line?: CommandLine
      readonly origin: FileOrigin
    }
  /** Not given at all: the framework's own default decides. */
  | { readonly kind: 'absent' }
  /** Several put together as one text: `$HOST:$PORT`, `http://${host}`. An absent part is the empty text. */
  | { readonly kind: 'joined'; readonly parts: readonly Value[]; readonly origin: FileOrigin }
  /** One of several, each possible. `when`: of two, what decides between them: the first where it holds, else the second. */
  | { readonly kind: 'choice'; readonly options: readonly Value[]; readonly when?: Decision; readonly origin: FileOrigin }
  | { readonly kind: 'unknown'; readonly reason: string; readonly origin: FileOrigin }

/** `process.env.NODE_ENV === 'production'`, `process.argv.includes('--lan')`. */
export interface Decision {
  /** What is asked. */
  readonly of: Value
  /** It has to be one of these, as text. Left out: it has to be given, and not empty. */
  readonly is?: readonly string[]
}

export const ABSENT: Value = { kind: 'absent' }

/** The text of a value that is known. */
export function knownText(value: Value | undefined): string | undefined {
  return value?.kind === 'known' ? String(value.value) : undefined
}

export interface Setting {
  /** `undefined`: certainly not set. */
  readonly value: Value
  readonly origin: FileOrigin
}

/** Something that may set any variable, and was not seen: a file that is elsewhere, the output of a command. */
export interface Unseen {
  /** Ends the sentence `HOST may be set …`: `in a file that is not in the folder`. */
  readonly how: string
  /** The place that names it. */
  readonly origin: FileOrigin
}

/** What may set a variable in a file that is elsewhere. */
export function unseenFile(origin: FileOrigin): Unseen {
  return { how: 'in a file that is not in the folder', origin }
}

/** The same variables, where something that is not seen may set each of them to another value. */
export function maybeSetAgain(settings: ReadonlyMap<string, Setting>): ReadonlyMap<string, Setting> {
  return new Map(
    [...settings].map(([name, { value, origin }]): [string, Setting] => {
      const isOpen = value.kind === 'environment' && value.name === name
      return [name, { value: isOpen ? value : { kind: 'environment', name, fallback: value, emptyIsUnset: false, origin }, origin }]
    }),
  )
}

/** The most parts that are kept apart. */
const PARTS = 64

/** The parts as one value: known where every part is known, else `joined` with neighbouring known parts put together. */
export function joinValues(parts: readonly Value[], origin: FileOrigin): Value {
  const folded: Value[] = []
  let length = 0
  for (const part of parts.flatMap((value) => (value.kind === 'joined' ? value.parts : [value]))) {
    const last = folded.at(-1)
    if (part.kind === 'known') length += String(part.value).length
    if (folded.length > 0 && (length > LONGEST || folded.length > PARTS)) return { kind: 'unknown', reason: TOO_LONG, origin }
    if (part.kind === 'known' && last?.kind === 'known') folded[folded.length - 1] = { ...last, value: `${last.value}${part.value}` }
    else if (part.kind !== 'absent' && !(part.kind === 'known' && part.value === '')) folded.push(part)
  }
  const [only] = folded
  if (only === undefined) return parts.find((part) => part.kind === 'known') ?? { kind: 'known', value: '', origin }
  return folded.length === 1 ? only : { kind: 'joined', parts: folded, origin }
}

type ChoiceValue = Extract<Value, { readonly kind: 'choice' }>

/** Applies `change` to every value that is not made of others, fallbacks included. `choose`: makes the value of the changed options. */
export function mapLeaves(
  value: Value,
  change: (leaf: Value) => Value,
  choose: (choice: ChoiceValue, change: (option: Value) => Value) => Value = (choice, each) => ({
    ...choice,
    options: choice.options.map(each),
  }),
): Value {
  const inner = (one: Value): Value => mapLeaves(one, change, choose)
  switch (value.kind) {
    case 'environment':
      return { ...value, fallback: inner(value.fallback), ...(value.whenSet === undefined ? {} : { whenSet: inner(value.whenSet) }) }
    case 'argument':
      return { ...value, fallback: inner(value.fallback) }
    case 'choice':
      return choose(value, inner)
    case 'absent':
    case 'known':
    case 'joined':
    case 'unknown':
      return change(value)
    default:
      return value satisfies never
  }
}

/** The places at which a value reads variables. */
export function readPlaces(value: Value): readonly FileOrigin[] {
  switch (value.kind) {
    case 'environment':
      return [value.origin, ...readPlaces(value.fallback), ...(value.whenSet === undefined ? [] : readPlaces(value.whenSet))]
    case 'argument':
      return readPlaces(value.fallback)
    case 'choice':
      return [...value.options.flatMap(readPlaces), ...(value.when === undefined ? [] : readPlaces(value.when.of))]
    case 'joined':
      return value.parts.flatMap(readPlaces)
    case 'absent':
    case 'known':
    case 'unknown':
      return []
    default:
      return value satisfies never
  }
}
