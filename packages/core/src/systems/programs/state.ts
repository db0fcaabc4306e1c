import {
  ABSENT,
  type CommandBind,
  type FileOrigin,
  knownText,
  maybeSetAgain,
  type Setting,
  type Unseen,
  unseenFile,
  type Value,
} from '../../evidence/index.ts'
import { isOwnFile } from '../environments.ts'
import { setting } from '../secret.ts'
import type { Given } from './options.ts'
import { directoryIn, inFolder, moved, type Place } from './place.ts'
import type { CommandReading, NotUnderstood } from './reading.ts'
import { cut, fill, isLiteral, type Template } from './template.ts'

/** What is known while wrappers are peeled off a command. Never changed, only replaced. */
export interface State {
  readonly place: Place
  /** What the command's manager sets. */
  readonly outer: ReadonlyMap<string, Setting>
  /** What the command line itself sets. */
  readonly environment: ReadonlyMap<string, Setting>
  readonly environmentFiles: readonly string[]
  /** Sockets of the debuggers that the runtimes around the program open. */
  readonly debuggers: readonly CommandBind[]
  readonly unknown: readonly NotUnderstood[]
  /** What may set any variable, of what the command line itself says. */
  readonly unseen: Unseen | undefined
  /** `env -i`: nothing of its manager's variables is left. */
  readonly clearsEnvironment: boolean
  readonly inContainer: boolean
  /** How many wrappers may still be peeled off. */
  readonly steps: number
}

/** What the program sees: its manager's variables, and the command line's over them. */
export function variables(state: State): ReadonlyMap<string, Setting> {
  return state.environment.size === 0 ? state.outer : new Map([...state.outer, ...state.environment])
}

export function withVariable(state: State, name: string, value: Value, origin: FileOrigin): State {
  return { ...state, environment: new Map([...state.environment, [name, setting(name, value, origin)]]) }
}

const ASSIGNMENT = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s

/** `NAME=value` in front of a command. */
export function withAssignment(state: State, word: Template): State | undefined {
  const match = ASSIGNMENT.exec(word.text)
  if (match === null) return undefined
  return withVariable(state, match[1] ?? '', fill(match[2] ?? '', word), word.origin)
}

export function withFile(state: State, path: string): State {
  const file = inFolder(state.place, path)
  return file === undefined ? state : { ...state, environmentFiles: [...state.environmentFiles, file] }
}

/** As `withFile`, of a file that has to be there: of one that is not nobody knows what it sets. */
export function withNeededFile(state: State, path: string, origin: FileOrigin): State {
  const found = withFile(state, path)
  const file = inFolder(state.place, path)
  const isKnown = state.place.paths === undefined || isOwnFile(path) || (file !== undefined && state.place.paths.has(file))
  return isKnown ? found : { ...found, unseen: found.unseen ?? unseenFile(origin) }
}

/** As `withFile`, of a path that is the folder's already. */
export function withFolderFile(state: State, file: string): State {
  return { ...state, environmentFiles: [...state.environmentFiles, file] }
}

export function withUnknown(state: State, reason: string, origin: FileOrigin, opens = false): State {
  return { ...state, unknown: [...state.unknown, { reason, origin, ...(opens ? { opens } : {}) }] }
}

/** `NAME=value` of which not even the name is known. */
export function withUnseen(state: State, unseen: Unseen): State {
  // What it may set comes after what was set before.
  return { ...state, environment: maybeSetAgain(variables(state)), unseen: state.unseen ?? unseen }
}

/** `env -i`. `keeping`: variables that stay as they are, set or not. */
export function withoutVariables(state: State, keeping: readonly Template[] = []): State {
  const set = variables(state)
  const environment = new Map(
    keeping.map(({ text, origin }): [string, Setting] => [
      text,
      set.get(text) ?? { value: { kind: 'environment', name: text, fallback: ABSENT, emptyIsUnset: false, origin }, origin },
    ]),
  )
  return { ...state, outer: new Map(), environment, environmentFiles: [], unseen: undefined, clearsEnvironment: true }
}

/** The variables that options name to be kept where others are dropped: `NAME`, `NAME,NAME`. */
export function keptBy(given: readonly Given[]): readonly Template[] {
  return given.flatMap(({ role, value }) => {
    if (value === undefined || (role !== 'keeps-environment' && role !== 'kept-variables' && role !== 'assignment')) return []
    const names = role === 'assignment' ? [value.text] : value.text.split(',')
    return names.flatMap((name) => (/^[A-Za-z_]\w*$/.test(name) ? [cut(value, name)] : []))
  })
}

export function withDirectory(state: State, path: string): State {
  return { ...state, place: moved(state.place, path) }
}

/** What options that name a directory or a file of variables change, whatever the program. */
export function withOptions(state: State, given: readonly Given[]): State {
  return given.reduce((before, { role, value }) => {
    if (role === 'environment-name') return withNamedFiles(before, value)
    if (role === 'clear-environment') return withoutVariables(before, keptBy(given))
    if (role === 'property') {
      const sets = value !== undefined && /^Environment|^[^A-Za-z]/.test(value.text)
      return sets ? withUnseen(before, { how: 'by a property of its unit', origin: value.origin }) : before
    }
    if (role === 'unset') {
      const isNamed = value !== undefined && isLiteral(value.text)
      return isNamed ? withVariable(before, value.text, ABSENT, value.origin) : before
    }
    if (role === 'assignment' && value !== undefined) return withAssignment(before, value) ?? before
    if (value === undefined || (role !== 'directory' && role !== 'environment-file')) return before
    if (isLiteral(value.text))
      return role === 'directory' ? withDirectory(before, value.text) : withNeededFile(before, value.text, value.origin)
    const what = role === 'directory' ? 'where the program starts' : 'which file variables are loaded from'
    return withUnknown(before, `${what} is not known`, value.origin)
  }, state)
}

/** `.env` and its like for one environment; of several files the first that sets a variable wins. */
function withNamedFiles(state: State, name: Template | undefined): State {
  if (name === undefined) return withFile(withFile(state, '.env.local'), '.env')
  if (!isLiteral(name.text)) return withUnknown(state, 'which file variables are loaded from is not known', name.origin)
  return [`.env.${name.text}.local`, '.env.local', `.env.${name.text}`, '.env'].reduce(withFile, state)
}

/** The known text of a variable, where it is known. */
export function variable(state: State, name: string): string | undefined {
  return knownText(variables(state).get(name)?.value)
}

/** The reading of a command that ends here. */
export function done(state: State, program: string | undefined, found: Partial<CommandReading> = {}): CommandReading {
  const binds = widestFirst([...(found.serves === undefined ? [] : [found.serves]), ...(found.alsoServes ?? [])])
  const { serves: _serves, alsoServes: _alsoServes, ...rest } = found
  const [serves, ...alsoServes] = binds
  return {
    program,
    ...(serves === undefined ? {} : { serves }),
    alsoServes,
    debuggers: state.debuggers,
    workingDirectory: directoryIn(state.place),
    environment: state.environment,
    environmentFiles: state.environmentFiles,
    ...(state.unseen === undefined ? {} : { unseenEnvironment: state.unseen }),
    ...(state.clearsEnvironment ? { clearsEnvironment: true } : {}),
    configurationFiles: [],
    arguments: new Map(),
    unknown: state.unknown,
    also: [],
    ...rest,
  }
}

const EVERYWHERE: ReadonlySet<string> = new Set(['*', '0.0.0.0', '::', ''])
const LOOPBACK = /^(?:localhost|127\.[\d.]+|::1)$/i

/** Sorted by how far they can be reached, as far as the text tells; equals keep their order. */
function widestFirst(binds: readonly CommandBind[]): readonly CommandBind[] {
  const width = (bind: CommandBind): number => {
    const host = bind.host.kind === 'absent' ? bind.defaultHost : bind.host.kind === 'known' ? String(bind.host.value) : undefined
    if (host === undefined) return 1
    return EVERYWHERE.has(host) ? 0 : LOOPBACK.test(host) ? 3 : 2
  }
  return binds.toSorted((a, b) => width(a) - width(b))
}

/**
 * What a program is given, by the names that values of kind `argument` use: options as they are written, words by their index
 * (`argv[2]` is the first for Node, `argv[1]` for Python).
 */
export function argumentsOf(words: readonly Template[], first: 1 | 2): ReadonlyMap<string, Setting> {
  const found = new Map<string, Setting>()
  for (const [index, word] of words.entries()) {
    found.set(`argv[${index + first}]`, setting('', fill(word.text, word), word.origin))
    const equals = word.text.indexOf('=')
    const name = equals < 0 ? word.text : word.text.slice(0, equals)
    if (!/^--?[A-Za-z]/.test(name) || !isLiteral(name)) continue
    const next = words[index + 1]
    const value: Value =
      equals >= 0
        ? fill(word.text.slice(equals + 1), word)
        : next === undefined || next.text.startsWith('-')
          ? { kind: 'known', value: true, origin: word.origin }
          : fill(next.text, next)
    found.set(name, setting(name, value, word.origin))
  }
  return found
}
