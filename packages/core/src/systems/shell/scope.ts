import type { FileOrigin, Setting, Unseen, Value } from '../../evidence/index.ts'
import type { Passage } from '../passage.ts'
import { IN_FOLDER } from './expand.ts'
import type { Node } from './syntax.ts'

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

export function isList(value: Value | readonly Value[]): value is readonly Value[] {
  return Array.isArray(value)
}
