import type { GoCall, GoFramework } from './row.ts'
import { STANDARD_FRAMEWORKS } from './rows/standard.ts'
import { WEB_FRAMEWORKS } from './rows/web.ts'

/** Every way of Go code to start a server that is known. */
export const GO_FRAMEWORKS: readonly GoFramework[] = [...STANDARD_FRAMEWORKS, ...WEB_FRAMEWORKS]

export interface KnownCall {
  readonly framework: GoFramework
  readonly call: GoCall
}

const CALLS: ReadonlyMap<string, KnownCall> = new Map(
  GO_FRAMEWORKS.flatMap((framework) => framework.calls.map((call) => [call.name, { framework, call }] as const)),
)

/** The names of functions and methods that bind, without what they are of. */
export const BINDING_NAMES: readonly string[] = [...new Set([...CALLS.keys()].map((name) => name.replace(/^.*[.#]/, '')))]

const OWNERS: ReadonlySet<string> = new Set([...CALLS.keys()].flatMap((name) => (name.includes('#') ? [name.replace(/#.*$/, '')] : [])))

export const knownCall = (name: string): KnownCall | undefined => CALLS.get(name)

/** Whether methods of a type outside the folder bind. */
export const isOwner = (type: string): boolean => OWNERS.has(type)

/** The methods of this name that bind, whosever they are. */
export const ownersOf = (method: string): readonly KnownCall[] => [...CALLS.values()].filter(({ call }) => call.name.endsWith(`#${method}`))

const MENTIONED = new RegExp(`\\b(?:${BINDING_NAMES.join('|')})\\b`)

/** Whether a file may have a line that binds: tried before it is parsed. */
export const mayBind = (content: string): boolean => MENTIONED.test(content)

/** The same server with its profiler beside it. */
export const PPROF: GoFramework | undefined = GO_FRAMEWORKS.find(({ id }) => id === 'net/http/pprof')
