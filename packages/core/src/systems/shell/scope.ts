import type { Setting, Value } from '../../evidence/index.ts'
import type { Passage } from '../passage.ts'
import type { Node } from './syntax.ts'

/** Options that one variable can have before it counts as not known. */
const OPTIONS = 8

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
    joined.exportAll ||= other.exportAll
  }
  return joined
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

/** A branch that takes a value from the script's arguments runs when they are given; the other's value is what holds without. */
function joinBranches(a: Value, b: Value): Value {
  if (b.kind === 'argument' && b.fallback.kind === 'absent') return { ...b, fallback: a }
  if (a.kind === 'argument' && a.fallback.kind === 'absent') return { ...a, fallback: b }
  const options = [...new Set([a, b].flatMap((value) => (value.kind === 'choice' ? value.options : [value])))]
  const origin = options.flatMap((option) => (option.kind === 'absent' ? [] : [option.origin]))[0]
  if (origin === undefined) return a
  if (options.length > OPTIONS) return { kind: 'unknown', reason: 'too many possible values', origin }
  return options.length === 1 ? a : { kind: 'choice', options, origin }
}

export function isList(value: Value | readonly Value[]): value is readonly Value[] {
  return Array.isArray(value)
}
