import type { BindCall, PythonFramework } from './row.ts'
import { STANDARD_FRAMEWORKS } from './rows/standard.ts'
import { WEB_FRAMEWORKS } from './rows/web.ts'

/** Every way of Python code to start a server that is known. */
export const PYTHON_FRAMEWORKS: readonly PythonFramework[] = [...WEB_FRAMEWORKS, ...STANDARD_FRAMEWORKS]

export interface KnownCall {
  readonly framework: PythonFramework
  readonly call: BindCall
}

const ALL: readonly KnownCall[] = PYTHON_FRAMEWORKS.flatMap((framework) => framework.calls.map((call) => ({ framework, call })))
const BY_NAME = new Map(ALL.flatMap((known) => known.call.names.map((name): [string, KnownCall] => [name, known])))

/** The way of binding that a name is: of a package's function, class, or a method of what they give. */
export function knownCall(name: string): KnownCall | undefined {
  return BY_NAME.get(name)
}

/** The ways of binding that a method may be whose object cannot be told. */
export function guessesOf(method: string): readonly KnownCall[] {
  return ALL.filter(({ call }) => call.guess?.method === method)
}

/** Last parts of the names: `run`, `listen`, `HTTPServer`. */
export const CALL_NAMES: ReadonlySet<string> = new Set(
  [...BY_NAME.keys()].map((name) => name.slice(name.lastIndexOf('.') + 1)).concat(ALL.flatMap(({ call }) => call.guess?.method ?? [])),
)

/** Classes that bind when they are made; a class of the folder may be one of them. */
export const SERVER_CLASSES: ReadonlySet<string> = new Set([...CALL_NAMES].filter((name) => /^[A-Z]/.test(name)))
