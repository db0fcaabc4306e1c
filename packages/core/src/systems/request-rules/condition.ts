import type { AddressRange } from '../../network/index.ts'

/** Which paths: one, or all that begin so; with `anyCase` in large and small letters alike. All tests of one program are of one kind. */
export interface PathTest {
  readonly kind: 'exact' | 'prefix'
  readonly path: string
  readonly anyCase?: true
}

/** What is compared of a path. */
export function comparedPath({ path, anyCase }: PathTest): string {
  return anyCase === true ? path.toLowerCase() : path
}

/** Which host names, in lower case: one, or all that end in `.suffix`. */
export type HostTest = { readonly kind: 'exact'; readonly name: string } | { readonly kind: 'below'; readonly suffix: string }

/** What a rule of a proxy asks of a request. Everything that is not one of these kinds is `opaque`: it may hold, and may not. */
export type Condition =
  | { readonly kind: 'constant'; readonly holds: boolean }
  | { readonly kind: 'paths'; readonly any: readonly PathTest[] }
  | { readonly kind: 'hosts'; readonly any: readonly HostTest[] }
  /** The address that the connection comes from. */
  | { readonly kind: 'sources'; readonly any: readonly AddressRange[] }
  /** A user and password that the proxy knows. */
  | { readonly kind: 'signed-in' }
  | { readonly kind: 'opaque' }
  | { readonly kind: 'not'; readonly of: Condition }
  | { readonly kind: 'all' | 'any'; readonly of: readonly Condition[] }

export const ALWAYS: Condition = { kind: 'constant', holds: true }
export const NEVER: Condition = { kind: 'constant', holds: false }
export const OPAQUE_CONDITION: Condition = { kind: 'opaque' }

/** Requests that are alike to every test: for a prefix, those that none of the longer paths takes which are tested as well. */
export interface RequestClass {
  readonly path: PathTest
  /** Absent: names that no test names. */
  readonly host?: HostTest
}

/** The condition with everything put in that the class decides: a constant, or what is left to ask. */
export function reduce(condition: Condition, requests: RequestClass): Condition {
  switch (condition.kind) {
    case 'constant':
    case 'sources':
    case 'signed-in':
    case 'opaque':
      return condition
    case 'paths':
      return constant(condition.any.some((test) => coversPath(test, requests.path)))
    case 'hosts':
      return constant(condition.any.some((test) => coversHost(test, requests.host)))
    case 'not':
      return negate(reduce(condition.of, requests))
    case 'all':
    case 'any':
      return combine(
        condition.kind,
        condition.of.map((each) => reduce(each, requests)),
      )
    default:
      return condition satisfies never
  }
}

export function allOf(...conditions: readonly Condition[]): Condition {
  return combine('all', conditions)
}

export function anyOf(...conditions: readonly Condition[]): Condition {
  return combine('any', conditions)
}

export function negate(condition: Condition): Condition {
  if (condition.kind === 'constant') return constant(!condition.holds)
  return condition.kind === 'not' ? condition.of : { kind: 'not', of: condition }
}

function constant(holds: boolean): Condition {
  return holds ? ALWAYS : NEVER
}

function combine(kind: 'all' | 'any', conditions: readonly Condition[]): Condition {
  const decides = kind === 'any'
  const rest = conditions.filter((each) => !(each.kind === 'constant' && each.holds !== decides))
  if (rest.some((each) => each.kind === 'constant')) return constant(decides)
  const [only] = rest
  if (only === undefined) return constant(!decides)
  return rest.length === 1 ? only : { kind, of: rest }
}

function coversPath(test: PathTest, path: PathTest): boolean {
  const asked = comparedPath(test.anyCase === true ? { ...path, anyCase: true } : path)
  if (test.kind === 'exact') return path.kind === 'exact' && asked === comparedPath(test)
  return asked.startsWith(comparedPath(test))
}

function coversHost(test: HostTest, host: HostTest | undefined): boolean {
  if (host === undefined) return false
  const name = host.kind === 'exact' ? host.name : `*.${host.suffix}`
  return test.kind === 'exact' ? name === test.name : name.endsWith(`.${test.suffix}`)
}

/** Every test of a kind that is somewhere within. */
export function testsIn(condition: Condition): { readonly paths: readonly PathTest[]; readonly hosts: readonly HostTest[] } {
  switch (condition.kind) {
    case 'paths':
      return { paths: condition.any, hosts: [] }
    case 'hosts':
      return { paths: [], hosts: condition.any }
    case 'not':
      return testsIn(condition.of)
    case 'all':
    case 'any': {
      const within = condition.of.map(testsIn)
      return { paths: within.flatMap(({ paths }) => paths), hosts: within.flatMap(({ hosts }) => hosts) }
    }
    case 'constant':
    case 'sources':
    case 'signed-in':
    case 'opaque':
      return { paths: [], hosts: [] }
    default:
      return condition satisfies never
  }
}

/** For a condition that asks for nothing but the source: the addresses for which it holds, or for which it does not. `undefined`: it asks for more. */
export function sourcesOf(
  condition: Condition,
): { readonly holdsFor: 'these' | 'others'; readonly ranges: readonly AddressRange[] } | undefined {
  switch (condition.kind) {
    case 'sources':
      return { holdsFor: 'these', ranges: condition.any }
    case 'not': {
      const inner = sourcesOf(condition.of)
      return inner === undefined ? undefined : { ...inner, holdsFor: inner.holdsFor === 'these' ? 'others' : 'these' }
    }
    case 'all':
    case 'any': {
      // Of a union of sets, or of what is outside of every one of them, the ranges put together.
      const wanted = condition.kind === 'any' ? 'these' : 'others'
      const within = condition.of.map(sourcesOf)
      const ranges = within.flatMap((each) => (each?.holdsFor === wanted ? each.ranges : []))
      return within.every((each) => each?.holdsFor === wanted) ? { holdsFor: wanted, ranges } : undefined
    }
    case 'constant':
    case 'paths':
    case 'hosts':
    case 'signed-in':
    case 'opaque':
      return undefined
    default:
      return condition satisfies never
  }
}
