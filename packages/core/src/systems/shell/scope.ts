import type { FileOrigin, Setting, Unseen, Value } from '../../evidence/index.ts'
import type { Passage } from '../passage.ts'
import { IN_FOLDER } from './expand.ts'
import type { Node } from './syntax.ts'

/** Options that one variable can have before it counts as not known. */
const OPTIONS = 8

/** Values that one value can be made of before it counts as not known. */
const SIZE = 64

/** The most variables, and functions, of one script. */
const NAMES = 500

export interface Variable {
  /** A list for an array. */
  readonly value: Value | readonly Value[]
  readonly exported: boolean
  readonly setting: Setting
}

export interface ShellFunction {
  readonly body: Node
  readonly passage: Passage
}

/** What a shell knows at one point of a script. */
export class Scope {
  #variables = new Map<string, Variable>()
  #functions = new Map<string, ShellFunction>()
  /** Whether another scope has the same map: it is copied before it is written. */
  #variablesShared = false
  #functionsShared = false
  /** Kept until a variable changes. */
  #exported: ReadonlyMap<string, Setting> | undefined
  /** `$1`, `$2` …; `undefined`: what the script's caller gives. */
  positional: readonly Value[] | undefined
  /** As `ShellCommand.workingDirectory`. */
  directory: string | undefined
  /** Whether the script is still where it was started. */
  atStart = true
  /** `.env` files whose variables are exported, though what they hold was not seen. */
  environmentFiles: readonly string[] = []
  /** What may have set any variable, and was not seen: the first such thing. */
  unseen: Unseen | undefined
  /** `set -a`: what is assigned is exported. */
  exportAll = false
  /** Behind `exit`, `return` or `exec`: what follows does not run. */
  ended = false

  constructor(directory: string | undefined) {
    this.directory = directory
  }

  get variables(): ReadonlyMap<string, Variable> {
    return this.#variables
  }

  get functions(): ReadonlyMap<string, ShellFunction> {
    return this.#functions
  }

  /** `false`: there are too many already. */
  assign(name: string, variable: Variable): boolean {
    if (this.#variablesShared) {
      this.#variables = new Map(this.#variables)
      this.#variablesShared = false
    }
    if (variable.exported || this.#variables.get(name)?.exported === true) this.#exported = undefined
    if (this.#variables.size >= NAMES && !this.#variables.has(name)) return false
    this.#variables.set(name, variable)
    return true
  }

  /** Any variable may have been set here: each that was assigned before may be another now, and so may those that nothing assigned. */
  open(unseen: Unseen): void {
    this.unseen ??= unseen
    for (const [name, variable] of this.#variables) {
      const value = perhapsSet(name, variable.value, variable.setting.origin)
      if (value === variable.value || isList(value)) continue
      this.assign(name, { ...variable, value, setting: { ...variable.setting, value: perhapsKept(name, variable) } })
    }
  }

  define(name: string, body: ShellFunction): boolean {
    if (this.#functionsShared) {
      this.#functions = new Map(this.#functions)
      this.#functionsShared = false
    }
    if (this.#functions.size >= NAMES && !this.#functions.has(name)) return false
    this.#functions.set(name, body)
    return true
  }

  copy(): Scope {
    const copy = new Scope(this.directory)
    copy.become(this)
    return copy
  }

  /** Takes over the state of another scope, which stays as it is. */
  become(other: Scope): void {
    if (other === this) return
    this.#variables = other.#variables
    this.#functions = other.#functions
    this.#exported = other.#exported
    this.#variablesShared = true
    this.#functionsShared = true
    other.#variablesShared = true
    other.#functionsShared = true
    this.positional = other.positional
    this.directory = other.directory
    this.atStart = other.atStart
    this.environmentFiles = other.environmentFiles
    this.unseen = other.unseen
    this.exportAll = other.exportAll
    this.ended = other.ended
  }

  /** What the programs that it starts are given. */
  exported(): ReadonlyMap<string, Setting> {
    this.#exported ??= new Map(
      [...this.#variables].flatMap(([name, variable]) => (variable.exported ? [[name, variable.setting] as const] : [])),
    )
    return this.#exported
  }
}

/** The state behind a branch: what holds on either way. Ways that end the script are left out, unless all do. */
export function join(ways: readonly Scope[]): Scope {
  const going = ways.filter((way) => !way.ended)
  const [first, ...others] = going.length === 0 ? ways : going
  if (first === undefined) throw new RangeError('no way to join')
  const joined = first.copy()
  for (const other of others) {
    if (other.variables !== joined.variables) {
      for (const name of new Set([...joined.variables.keys(), ...other.variables.keys()])) {
        const variable = joinVariables(name, joined.variables.get(name), other.variables.get(name))
        if (variable !== undefined) joined.assign(name, variable)
      }
    }
    for (const [name, body] of other.functions) joined.define(name, body)
    if (other.directory !== joined.directory || other.atStart !== joined.atStart) {
      joined.directory = undefined
      joined.atStart = false
    }
    joined.environmentFiles = [...new Set([...joined.environmentFiles, ...other.environmentFiles])]
    joined.unseen ??= other.unseen
    joined.exportAll ||= other.exportAll
  }
  return joined
}

/**
 * The value, or what it was set to since: read as the variable of that name, of which it is the fallback. A number or a path stays:
 * another port opens nothing wider, and another file is another program.
 */
function perhapsSet(name: string, value: Value | readonly Value[], origin: FileOrigin): Value | readonly Value[] {
  if (isList(value)) return value.every(isPlace) ? value : { kind: 'unknown', reason: `${name} may be another list by now`, origin }
  if (isPlace(value) || value.kind === 'unknown' || (value.kind === 'environment' && value.name === name)) return value
  return { kind: 'environment', name, fallback: value, emptyIsUnset: false, origin }
}

function perhapsKept(name: string, { setting }: Variable): Value {
  const value = perhapsSet(name, setting.value, setting.origin)
  return isList(value) ? setting.value : value
}

const PLACE = /^\d+$|^(?!\w+:\/\/).*\/|\.(?:[cm]?[jt]s|py|rb|sh|jar|env|conf|cfg|ini|json|toml|ya?ml)$/

function isPlace(value: Value): boolean {
  if (value.kind === 'joined') return value.parts.some(isPlace)
  return value.kind === 'known' && (PLACE.test(String(value.value)) || String(value.value).startsWith(IN_FOLDER))
}

function joinVariables(name: string, one: Variable | undefined, other: Variable | undefined): Variable | undefined {
  if (one === other) return one
  const known = one ?? other
  if (known === undefined) return undefined
  const { origin } = known.setting
  const values = [one, other].map((variable) => single(variable, name, known))
  const [a, b] = values
  const value = a === undefined || b === undefined ? known.setting.value : joinBranches(a, b)
  return { value, exported: one?.exported === true || other?.exported === true, setting: { value, origin } }
}

function single(variable: Variable | undefined, name: string, other: Variable): Value {
  const { origin } = other.setting
  if (variable === undefined) return { kind: 'environment', name, fallback: { kind: 'absent' }, emptyIsUnset: false, origin }
  return isList(variable.value) ? { kind: 'unknown', reason: 'an array that differs between branches', origin } : variable.value
}

function joinBranches(a: Value, b: Value): Value {
  const value = oneOf(a, b)
  // A loop that a script repeats joins what it has joined before.
  return sizeOf(value) > SIZE && value.kind !== 'absent'
    ? { kind: 'unknown', reason: 'too many possible values', origin: value.origin }
    : value
}

/** A branch that takes a value from the script's arguments runs when they are given; the other's value is what holds without. */
function oneOf(a: Value, b: Value): Value {
  if (b.kind === 'argument' && b.fallback === a) return b
  if (b.kind === 'argument' && b.fallback.kind === 'absent') return { ...b, fallback: a }
  if (a.kind === 'argument' && a.fallback.kind === 'absent') return { ...a, fallback: b }
  const options = [...new Set([a, b].flatMap((value) => (value.kind === 'choice' ? value.options : [value])))]
  const origin = options.flatMap((option) => (option.kind === 'absent' ? [] : [option.origin]))[0]
  if (origin === undefined) return a
  if (options.length > OPTIONS) return { kind: 'unknown', reason: 'too many possible values', origin }
  return options.length === 1 ? a : { kind: 'choice', options, origin }
}

/** How many values it is made of. */
function sizeOf(value: Value): number {
  switch (value.kind) {
    case 'environment':
      return 1 + sizeOf(value.fallback) + (value.whenSet === undefined ? 0 : sizeOf(value.whenSet))
    case 'argument':
      return 1 + sizeOf(value.fallback)
    case 'choice':
      return value.options.reduce((sum, option) => sum + sizeOf(option), value.when === undefined ? 0 : sizeOf(value.when.of))
    case 'joined':
      return value.parts.reduce((sum, part) => sum + sizeOf(part), 0)
    default:
      return 1
  }
}

export function isList(value: Value | readonly Value[]): value is readonly Value[] {
  return Array.isArray(value)
}
