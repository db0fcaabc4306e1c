import { ABSENT, type FileOrigin, type Setting, type Value } from '../../evidence/index.ts'
import { kept } from '../secret.ts'
import { placed } from './locations.ts'
import { type Condition, type Datum, isValue, mergeData } from './datum.ts'
import type { Source } from './datum.ts'
import type { ScriptBlock } from './syntax.ts'

/** The most variables, environment variables, and functions, of one script. */
const NAMES = 500

export interface Variable {
  readonly datum: Datum
  readonly origin: FileOrigin
}

export interface ScriptFunction {
  readonly block: ScriptBlock
  readonly source: Source
}

/** What PowerShell knows at one point of a script. Names of variables and functions are in lower case. */
export class Scope {
  #variables: Map<string, Variable> = new Map()
  #environment: Map<string, Setting> = new Map()
  #functions: Map<string, ScriptFunction> = new Map()
  /** Whether another scope has the same maps: they are copied before they are written. */
  #shared = false
  /** Relative to the folder, or absolute; `undefined`: not known. */
  directory: string | undefined
  /** Whether the script is still where it was started. */
  atStart = true
  /** Where `Pop-Location` leads back to. */
  locations: readonly (string | undefined)[] = []
  /** `.env` files whose lines were set as variables, though what they hold was not seen. */
  environmentFiles: readonly string[] = []
  /** Files of that kind that were read so far. */
  filesRead: readonly string[] = []
  /** Variables that were assigned for the whole script (`$script:name`). */
  lasting: ReadonlySet<string> = new Set()
  /** Behind `exit`, `return` or `throw`: what follows does not run. */
  ended = false

  constructor(directory: string | undefined) {
    this.directory = directory
  }

  get variables(): ReadonlyMap<string, Variable> {
    return this.#variables
  }

  get functions(): ReadonlyMap<string, ScriptFunction> {
    return this.#functions
  }

  /** `false`: there are too many already. `lasting`: for the whole script, also from inside a function. */
  assign(name: string, datum: Datum, origin: FileOrigin, lasting = false): boolean {
    this.#own()
    if (lasting) this.lasting = new Set([...this.lasting, name])
    return put(this.#variables, name, { datum: isValue(datum) ? kept(name, datum, origin) : datum, origin })
  }

  define(name: string, body: ScriptFunction): boolean {
    this.#own()
    return put(this.#functions, name, body)
  }

  /** Windows knows one variable for all spellings of a name, other systems tell them apart: the spelling that is there already counts. */
  environment(name: string): Setting | undefined {
    return this.#environment.get(name) ?? this.#environment.get(this.#spelling(name))
  }

  setEnvironment(name: string, value: Value, origin: FileOrigin): boolean {
    this.#own()
    // To set a variable to nothing is to remove it (about_Environment_Variables).
    const given = value.kind === 'known' && value.value === '' ? ABSENT : kept(name, placed(value, this.directory), origin)
    return put(this.#environment, this.#spelling(name), { value: given, origin })
  }

  #spelling(name: string): string {
    if (this.#environment.has(name)) return name
    const upper = name.toUpperCase()
    for (const other of this.#environment.keys()) if (other.toUpperCase() === upper) return other
    return name
  }

  #own(): void {
    if (!this.#shared) return
    this.#variables = new Map(this.#variables)
    this.#environment = new Map(this.#environment)
    this.#functions = new Map(this.#functions)
    this.#shared = false
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
    this.#environment = other.#environment
    this.#functions = other.#functions
    this.#shared = true
    other.#shared = true
    this.directory = other.directory
    this.atStart = other.atStart
    this.locations = other.locations
    this.environmentFiles = other.environmentFiles
    this.filesRead = other.filesRead
    this.lasting = other.lasting
    this.ended = other.ended
  }

  /** Behind a call: what the called block did to the process stays, its own variables go. */
  leave(called: Scope): void {
    const variables = this.#variables
    this.become(called)
    this.#variables = variables
    this.ended = false
    for (const name of called.lasting) {
      const variable = called.#variables.get(name)
      if (variable !== undefined) this.assign(name, variable.datum, variable.origin)
    }
  }

  /** What the programs that it starts are given: a name in mixed case also as Windows programs read it. */
  exported(): ReadonlyMap<string, Setting> {
    const settings = new Map(this.#environment)
    for (const [name, setting] of this.#environment) {
      const upper = name.toUpperCase()
      if (!settings.has(upper)) settings.set(upper, setting)
    }
    return settings
  }

  /** Becomes what holds behind a branch: `one` where it was taken, `other` where not. A way that ended the script does not go on. */
  join(condition: Condition | undefined, one: Scope, other: Scope): void {
    if (one.ended || other.ended) return this.become(one.ended ? other : one)
    const joined = other.copy()
    if (one.#variables !== other.#variables) {
      for (const name of new Set([...one.#variables.keys(), ...other.#variables.keys()])) {
        const [a, b] = [one.#variables.get(name), other.#variables.get(name)]
        const origin = (a ?? b)?.origin
        if (a === b || origin === undefined) continue
        joined.assign(name, mergeData(condition, a?.datum ?? ABSENT, b?.datum ?? ABSENT, origin), origin)
      }
    }
    if (one.#environment !== other.#environment) joined.#joinEnvironment(condition, one, other)
    for (const [name, body] of one.functions) joined.define(name, body)
    if (one.directory !== other.directory || one.atStart !== other.atStart) {
      joined.directory = undefined
      joined.atStart = false
    }
    joined.environmentFiles = [...new Set([...other.environmentFiles, ...one.environmentFiles])]
    joined.filesRead = [...new Set([...other.filesRead, ...one.filesRead])]
    if (one.lasting.size > 0) joined.lasting = new Set([...other.lasting, ...one.lasting])
    this.become(joined)
  }

  #joinEnvironment(condition: Condition | undefined, one: Scope, other: Scope): void {
    this.#own()
    for (const name of new Set([...one.#environment.keys(), ...other.#environment.keys()])) {
      const [a, b] = [one.#environment.get(name), other.#environment.get(name)]
      const origin = (a ?? b)?.origin
      if (a === b || origin === undefined) continue
      const outer: Value = { kind: 'environment', name, fallback: ABSENT, emptyIsUnset: true, origin }
      const merged = mergeData(condition, a?.value ?? outer, b?.value ?? outer, origin)
      if (isValue(merged)) put(this.#environment, name, { value: merged, origin })
    }
  }
}

function put<T>(names: Map<string, T>, name: string, value: T): boolean {
  if (names.size >= NAMES && !names.has(name)) return false
  names.set(name, value)
  return true
}
