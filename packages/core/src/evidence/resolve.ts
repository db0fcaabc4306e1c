import { readLine } from './command-line.ts'
import { LONGEST, TOO_LONG } from './limits.ts'
import type { FileOrigin } from './origin.ts'
import type { Decision, Setting, Unseen, Value } from './value.ts'

/** A value with every variable and argument put in: what remains possible at start. */
export type Resolved =
  | { readonly kind: 'known'; readonly value: string | number | boolean; readonly origin: FileOrigin | undefined }
  /** `unset`: the variable or argument that would have given it, which nothing that was read sets. */
  | { readonly kind: 'absent'; readonly unset?: string }
  | { readonly kind: 'unknown'; readonly reason: string; readonly origin: FileOrigin }

/** What is known of a program's surroundings at start. A name that is in neither map is not set by anything that was read. */
export interface Surroundings {
  readonly environment: ReadonlyMap<string, Setting>
  readonly arguments: ReadonlyMap<string, Setting>
  /** What was not seen may set any other variable. */
  readonly unseen?: Unseen
  /** What held when it was started, where the program itself has loaded more since: for the words of its command and what that sets. */
  readonly before?: Surroundings
}

const TOO_MANY = 'too many possible values'

/** How deep values may refer to one another (`A=${B}`, `B=${C}` …) before the answer is `unknown`. */
const DEPTH = 16

/** The most values that one `joined` value may come to before the answer is `unknown`. */
const COMBINATIONS = 64

/** The most values that are looked at for one answer: variables that are set from several others grow with every step. */
const STEPS = 5000

/** Every value that `value` can have at start, given the surroundings; at least one. */
export function resolveValue(value: Value, surroundings: Surroundings): readonly Resolved[] {
  return resolve(value, surroundings, DEPTH, { steps: STEPS })
}

function resolve(value: Value, surroundings: Surroundings, depth: number, left: { steps: number }): readonly Resolved[] {
  if (value.kind !== 'absent' && left.steps-- <= 0) return [{ kind: 'unknown', reason: TOO_MANY, origin: value.origin }]
  switch (value.kind) {
    case 'known':
    case 'absent':
    case 'unknown':
      return [value]
    case 'choice': {
      const { options, when } = value
      if (when === undefined || options.length !== 2) return options.flatMap((option) => resolve(option, surroundings, depth, left))
      const verdicts = new Set(resolve(when.of, surroundings, depth, left).flatMap((asked) => verdictsOf(when, asked)))
      return options.flatMap((option, index) => (verdicts.has(index === 0) ? resolve(option, surroundings, depth, left) : []))
    }
    case 'joined': {
      let texts: readonly string[] = ['']
      for (const part of value.parts) {
        const endings: string[] = []
        for (const given of resolve(part, surroundings, depth, left)) {
          if (given.kind === 'unknown' || (given.kind === 'absent' && given.unset !== undefined)) return [given]
          endings.push(given.kind === 'absent' ? '' : String(given.value))
        }
        if (texts.length * endings.length > COMBINATIONS) return [{ kind: 'unknown', reason: TOO_MANY, origin: value.origin }]
        texts = texts.flatMap((text) => endings.map((ending) => text + ending))
        if (texts.some((text) => text.length > LONGEST)) return [{ kind: 'unknown', reason: TOO_LONG, origin: value.origin }]
      }
      return texts.map((text) => ({ kind: 'known', value: text, origin: value.origin }))
    }
    case 'environment':
    case 'argument': {
      if (depth === 0) return [{ kind: 'unknown', reason: `${value.name} refers to itself`, origin: value.origin }]
      const settings = settingsOf(value, surroundings, depth, left)
      if (settings.length === 0) {
        const found = resolve(value.fallback, surroundings, depth - 1, left).map((given) =>
          given.kind === 'absent' && !isOptional(value) ? { ...given, unset: value.name } : given,
        )
        const unseen = value.kind === 'environment' ? surroundings.unseen : openWord(surroundings, depth, left)
        return unseen === undefined ? found : found.flatMap((given) => withUnseen(given, value.name, unseen))
      }
      return settings.flatMap((setting) => resolveSetting(setting, value, surroundings, depth, left))
    }
    default:
      return value satisfies never
  }
}

/** How a condition comes out, by one way that a start may turn out. */
export interface Outcome {
  readonly holds: boolean
  /** What had to come out so for it, by `keyOfDecision`. */
  readonly by: ReadonlyMap<string, boolean>
}

/** Every way in which a condition can come out at start, given the surroundings; at least one. */
export function outcomesOf(condition: Value, surroundings: Surroundings): readonly Outcome[] {
  const found: Outcome[] = []
  const follow = (value: Value, by: ReadonlyMap<string, boolean>): void => {
    const [yes, no] = value.kind === 'choice' ? value.options : []
    if (value.kind === 'known' || value.kind === 'absent') {
      found.push({ holds: value.kind === 'known' && isTrue(value.value), by })
    } else if (value.kind === 'choice' && value.when !== undefined && yes !== undefined && no !== undefined) {
      const { when } = value
      const key = keyOfDecision(when)
      const before = by.get(key)
      const asked = resolve(when.of, surroundings, DEPTH, { steps: STEPS })
      const verdicts = before === undefined ? new Set(asked.flatMap((one) => verdictsOf(when, one))) : new Set([before])
      for (const verdict of verdicts) follow(verdict ? yes : no, verdicts.size === 1 ? by : new Map([...by, [key, verdict]]))
    } else {
      const [known, unknown] = [true, false].map((holds): Value => ({ kind: 'known', value: holds, origin: value.origin }))
      if (known !== undefined && unknown !== undefined)
        follow({ kind: 'choice', options: [known, unknown], when: { of: value }, origin: value.origin }, by)
    }
  }
  follow(condition, new Map())
  return found
}

/** The same for decisions that come out alike: what is not known is so at its own place. */
export function keyOfDecision(when: Decision): string {
  return JSON.stringify(when, function (this: Value, key, part: FileOrigin) {
    if (key !== 'origin') return part
    return this.kind === 'unknown' ? `${part.path}:${part.span.start.offset}` : undefined
  })
}

type Outer = Extract<Value, { readonly kind: 'environment' | 'argument' }>

/** What gives a variable or an argument; several where a command line gives a list. Empty: nothing does. */
function settingsOf(value: Outer, surroundings: Surroundings, depth: number, left: { steps: number }): readonly Setting[] {
  if (value.kind === 'environment' && value.anyCase === true)
    return [...surroundings.environment].flatMap(([name, setting]) => (isName(value, name) ? [setting] : []))
  if (value.kind === 'environment' || value.line === undefined) {
    const setting = (value.kind === 'environment' ? surroundings.environment : surroundings.arguments).get(value.name)
    return setting === undefined ? [] : [setting]
  }
  const all = wordsGiven(surroundings.arguments)
  const around = surroundings.before ?? surroundings
  left.steps -= all.length
  const words = all.map((setting) => {
    const [only, another] = setting.value.kind === 'known' ? [setting.value] : resolve(setting.value, around, depth - 1, left)
    const isOpen = only?.kind === 'unknown' || (only?.kind === 'absent' && setting.value.kind === 'joined')
    if (another !== undefined || only === undefined || isOpen) return { text: undefined, setting }
    return { text: only.kind === 'absent' ? '' : String(only.value), setting }
  })
  const { given, unclear } = readLine(value.line, words)
  const own = given.get(value.name) ?? []
  if (unclear === undefined) return own
  const perhaps: Value = { kind: 'unknown', reason: 'which arguments are given here is not known', origin: unclear.origin }
  return [...own, { value: perhaps, origin: unclear.origin }]
}

/** The words of a command line among what a program is given (`argv[1]`, `argv[2]` …), in their order. */
export function wordsGiven(given: ReadonlyMap<string, Setting>): readonly Setting[] {
  return [...given]
    .flatMap(([name, setting]) => {
      const index = /^argv\[(\d+)\]$/.exec(name)?.[1]
      return index === undefined ? [] : [{ index: Number(index), setting }]
    })
    .toSorted((a, b) => a.index - b.index)
    .map(({ setting }) => setting)
}

/** A word of the command line that is not known and may be any option; behind an option it is that one's value. */
function openWord(surroundings: Surroundings, depth: number, left: { steps: number }): Unseen | undefined {
  const words = wordsGiven(surroundings.arguments)
  const around = surroundings.before ?? surroundings
  left.steps -= words.length
  const open = words.find(({ value }, index) => {
    if (value.kind !== 'unknown' && value.kind !== 'environment') return false
    const before = words[index - 1]?.value
    if (before?.kind === 'known' && /^-[^=]+$/.test(String(before.value))) return false
    const given = resolve(value, around, depth - 1, left)
    return given.some((one) => one.kind === 'unknown' || (one.kind === 'absent' && one.unset !== undefined))
  })
  return open === undefined ? undefined : { how: 'by arguments that are not known', origin: open.origin }
}

function resolveSetting(
  setting: Setting,
  value: Outer,
  surroundings: Surroundings,
  depth: number,
  left: { steps: number },
): readonly Resolved[] {
  // `HOST=${HOST:-y}`: what the setting itself reads under its own name is what was there before, of which nothing is known.
  const { before } = surroundings
  const isOfStart = before !== undefined && (value.kind === 'argument' || before.environment.get(value.name) === setting)
  const around = isOfStart ? before : surroundings
  const others = setting.value.kind === 'known' ? around : without(around, value)
  return resolve(setting.value, others, depth - 1, left).flatMap((given): readonly Resolved[] => {
    // An argument is given, by a variable that nothing here sets: what it is then is not the program's default.
    if (value.kind === 'argument' && given.kind === 'absent' && given.unset !== undefined) return [given]
    const unset =
      given.kind === 'absent' || (given.kind === 'known' && given.value === '' && value.kind === 'environment' && value.emptyIsUnset)
    if (unset) {
      const decidedBy = given.kind === 'absent' && given.unset !== undefined ? { unset: given.unset } : {}
      return resolve(value.fallback, surroundings, depth - 1, left).map((used) =>
        used.kind === 'absent' ? { ...used, ...decidedBy } : used,
      )
    }
    if (value.kind === 'environment' && value.whenSet !== undefined) {
      const mayBeEmpty = given.kind === 'unknown' && value.emptyIsUnset
      const set = resolve(value.whenSet, surroundings, depth - 1, left)
      return mayBeEmpty ? [...set, ...resolve(value.fallback, surroundings, depth - 1, left)] : set
    }
    // The setting is the cause, not the line that reads it.
    return [given.kind === 'known' && given.origin === undefined ? { ...given, origin: setting.origin } : given]
  })
}

/**
 * Whether the condition holds; both where that is not known. A variable that nothing here sets may be set by whoever deploys
 * (`NODE_ENV=production`); an argument that no command gives is not given.
 */
function verdictsOf({ of, is }: Decision, asked: Resolved): readonly boolean[] {
  if (asked.kind === 'unknown') return [true, false]
  if (asked.kind === 'absent') return asked.unset !== undefined && of.kind !== 'argument' ? [true, false] : [false]
  return [is === undefined ? isTrue(asked.value) : is.includes(String(asked.value))]
}

/** What JavaScript, Python and a shell's test of a text all take for true. */
export const isTrue = (value: string | number | boolean): boolean => value !== '' && value !== false && value !== 0

function without(surroundings: Surroundings, value: Outer): Surroundings {
  const { environment, arguments: given, ...more } = surroundings
  const rest = new Map([...(value.kind === 'environment' ? environment : given)].filter(([name]) => !isName(value, name)))
  return value.kind === 'environment' ? { ...more, environment: rest, arguments: given } : { ...more, environment, arguments: rest }
}

function isName(value: Outer, name: string): boolean {
  if (value.kind === 'argument' || value.anyCase === undefined) return name === value.name
  return name.length === value.name.length && name.toLowerCase() === value.name.toLowerCase()
}

/** Beside the fallback what may be set that was not seen. A number stays: another port opens nothing wider. */
function withUnseen(given: Resolved, name: string, { how, origin }: Unseen): readonly Resolved[] {
  const isPort = given.kind === 'known' ? /^\d+$/.test(String(given.value)) : /port/i.test(name)
  if (given.kind === 'unknown' || isPort) return [given]
  const set: Resolved = { kind: 'unknown', reason: `${name} may be set ${how}`, origin }
  // That nothing which was read sets it says less.
  return given.kind === 'absent' && given.unset !== undefined ? [set] : [given, set]
}

function isOptional(value: Value): boolean {
  return value.kind === 'environment' && value.optional === true
}
