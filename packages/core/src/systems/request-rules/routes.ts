import type { FileOrigin, Handling, ProxyAction, ProxyRoute, ServerName } from '../../evidence/index.ts'
import { comparedPath, type HostTest, type PathTest, type RequestClass, testsIn } from './condition.ts'
import { handle, type Rule } from './rules.ts'

/** What a server does with the requests for some of its names. */
export interface Routed {
  /** The names whose requests these are; those of the server itself for whatever no test names. */
  readonly names: readonly ServerName[]
  readonly routes: readonly ProxyRoute[]
  readonly rest: Handling
}

/** The most pairs of classes and rules that are looked at: what is more is told apart by nothing. */
const MOST_WORK = 400_000

/** The rules of one server as routes: one for each path that a test names, told apart by host where a test names one. */
export function routed(rules: readonly Rule[], names: readonly ServerName[], rest: ProxyAction): readonly Routed[] {
  const tests = testsOf(rules)
  const size = sizeOf(rules)
  const hosts = size * tests.hosts.length > MOST_WORK ? [] : tests.hosts.filter(({ test }) => isAmong(test, names))
  const paths = size * tests.paths.length * (hosts.length + 1) > MOST_WORK ? [] : tests.paths
  const named = hosts.map(({ test, origin }): Routed => ({ names: [nameOf(test, origin)], ...classes(rules, paths, test, rest) }))
  const own = names.filter((name) => !hosts.some(({ test }) => name.kind === 'exact' && test.kind === 'exact' && name.name === test.name))
  const others = own.length === 0 ? [] : [{ names: own, ...classes(rules, paths, ownHost(own), rest) }]
  return [...named, ...others]
}

/** A server of one name asks for that one. */
function ownHost(names: readonly ServerName[]): HostTest | undefined {
  const [only, another] = names
  return another === undefined && only?.kind === 'exact' ? { kind: 'exact', name: only.name } : undefined
}

function classes(rules: readonly Rule[], paths: readonly PathTest[], host: HostTest | undefined, rest: ProxyAction): Omit<Routed, 'names'> {
  const at = (path: PathTest): RequestClass => ({ path, ...(host === undefined ? {} : { host }) })
  const { nested, ...all } = handle(rules, at({ kind: 'prefix', path: '' }), rest)
  const found = paths.flatMap((path) => (path.path === '' ? [] : [{ path, ...handle(rules, at(path), rest) }]))
  // What is done with one path as with those around it needs no route of its own.
  const routes = found
    .filter((one) => key(one) !== key(around(one.path, found) ?? { ...all, nested }))
    .map(({ path, ...handling }): ProxyRoute => ({ match: path, ...handling, origin: handling.action.origin }))
  return { routes: [...routes, ...nested], rest: all }
}

type Handled = Pick<ProxyRoute, 'action' | 'early' | 'guards' | 'nested'>

/** The longest prefix that covers the path. */
function around<T extends { readonly path: PathTest }>(path: PathTest, all: readonly T[]): T | undefined {
  return all
    .filter(({ path: other }) => other !== path && other.kind === 'prefix' && comparedPath(path).startsWith(comparedPath(other)))
    .reduce<T | undefined>(
      (longest, each) => (longest === undefined || each.path.path.length > longest.path.path.length ? each : longest),
      undefined,
    )
}

/** By the places that decide. */
function key({ action, early, guards, nested }: Handled): string {
  const placed = [action, ...early, ...guards].map(({ origin }) => `${origin.path}:${origin.span.start.offset}`)
  return JSON.stringify([action.kind, placed, nested.map((each) => [each.origin.path, each.origin.span.start.offset, key(each)])])
}

interface Tests {
  readonly hosts: readonly { readonly test: HostTest; readonly origin: FileOrigin }[]
  readonly paths: readonly PathTest[]
}

function testsOf(rules: readonly Rule[]): Tests {
  const hosts = new Map<string, Tests['hosts'][number]>()
  const paths = new Map<string, PathTest>()
  const visit = (rule: Rule): void => {
    const found = testsIn(rule.when)
    for (const test of found.hosts) {
      const key = test.kind === 'exact' ? test.name : `*.${test.suffix}`
      if (!hosts.has(key)) hosts.set(key, { test, origin: rule.origin })
    }
    for (const path of found.paths) paths.set(`${path.kind} ${comparedPath(path)}`, path)
    if (rule.does === 'block' || rule.does === 'access') for (const inner of rule.rules) visit(inner)
  }
  for (const rule of rules) visit(rule)
  return { hosts: [...hosts.values()], paths: [...paths.values()] }
}

function sizeOf(rules: readonly Rule[]): number {
  return rules.reduce((sum, rule) => sum + 1 + (rule.does === 'block' || rule.does === 'access' ? sizeOf(rule.rules) : 0), 0)
}

/** Whether the server answers for the name at all. */
function isAmong(host: HostTest, names: readonly ServerName[]): boolean {
  const text = host.kind === 'exact' ? host.name : `*.${host.suffix}`
  return names.some((name) => {
    if (name.kind === 'exact') return name.name === '' || name.name === text
    if (name.kind === 'wildcard-start') return text.endsWith(`.${name.suffix}`)
    return true
  })
}

function nameOf(host: HostTest, origin: FileOrigin): ServerName {
  return host.kind === 'exact'
    ? { kind: 'exact', name: host.name, origin }
    : { kind: 'wildcard-start', suffix: host.suffix, andItself: false, origin }
}
