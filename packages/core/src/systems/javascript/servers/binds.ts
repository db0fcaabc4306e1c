import { type Bind, type FileOrigin, samePlace, type Value } from '../../../evidence/index.ts'
import { packageOf } from '../../built.ts'
import type { Project } from '../source/project.ts'
import { builtFrom } from '../source/built.ts'
import { inContexts } from '../callers/contexts.ts'
import type { Argument } from '../values/meaning.ts'
import type { Evaluator } from '../values/evaluator.ts'
import { type Listening, readForm } from './forms.ts'
import { METHODS, SERVERS, type ServerRow } from '../frameworks/index.ts'
import type { Module } from '../source/module.ts'
import { isPort, LOWEST_LIKELY_PORT, type MethodSite, receiverOf } from './receivers.ts'
import { unlessReplaced } from './replaced.ts'
import { type Site, sitesOf } from './sites.ts'
import { startsAlone } from '../source/syntax.ts'
import { settledOrigin } from '../../tree.ts'
import { isTestCode } from '../source/test-code.ts'
import { sameValue, settled } from '../values/values.ts'

export interface Found {
  readonly claim: Bind
  readonly origin: FileOrigin
}

/** Every way in which a file makes something listen. */
export function bindsOf(module: Module, evaluator: Evaluator): readonly Found[] {
  const found: Found[] = []
  for (const site of sitesOf(module, evaluator)) {
    for (const { answer, root, entry } of inContexts(site.call, () => ask(site, evaluator), evaluator)) {
      const bind = bindOf(answer, root, entry, site, module, evaluator)
      if (!found.some((other) => samePlace(other.origin, bind.origin) && sameBind(other.claim, bind.claim))) found.push(bind)
    }
  }
  return found
}

const sameBind = (a: Bind, b: Bind): boolean => a.framework === b.framework && sameValue(a.host, b.host) && sameValue(a.port, b.port)

interface Answer {
  readonly row: ServerRow
  readonly listening: Extract<Listening, { readonly kind: 'binds' }>
}

function ask(site: Site, evaluator: Evaluator): Answer | undefined {
  const given = site.arguments(evaluator)
  if (site.kind === 'call')
    return listeningAs(site.row, readForm(site.reads, { call: site.call, arguments: given, server: undefined }, evaluator))
  const method = methodOf(site, given, evaluator)
  const receiver = method === undefined ? undefined : receiverOf(site, method, given, evaluator)
  const reads = receiver?.row.binds.find((bind) => 'method' in bind && bind.method === method)?.reads
  if (receiver === undefined || reads === undefined) return undefined
  const listening = readForm(reads, { call: site.call, arguments: given, server: receiver.meaning }, evaluator)
  return listeningAs(receiver.row, unlessReplaced(listening, receiver, method ?? '', site.call, evaluator))
}

/** The method that is called; of a name that is decided when it runs, the one that takes a port where one is given. */
function methodOf(site: MethodSite, [first]: readonly Argument[], evaluator: Evaluator): string | undefined {
  if (typeof site.method === 'string') return site.method
  const key = evaluator.value(site.method.key, undefined)
  if (key.kind === 'known') return METHODS.has(String(key.value)) ? String(key.value) : undefined
  const target = first?.meaning()
  return key.kind !== 'absent' && target?.kind === 'value' && isPort(target.value, LOWEST_LIKELY_PORT) ? 'listen' : undefined
}

function listeningAs(row: ServerRow, listening: Listening): Answer | undefined {
  if (listening.kind === 'elsewhere') return undefined
  return { row: (listening.row === undefined ? undefined : SERVERS.get(listening.row)) ?? row, listening }
}

function bindOf(
  { row, listening }: Answer,
  root: string,
  entry: FileOrigin | undefined,
  site: Site,
  module: Module,
  evaluator: Evaluator,
): Found {
  const { project } = evaluator
  const { path, file } = module
  // From the line with `listen` on: in a chain over several lines the receiver stands above.
  const start = file.position(site.call.start).line === file.position(site.anchor.start).line ? site.call.start : site.anchor.start
  const isAlone = startsAlone(site.call)
  const claim = claimOf(
    row,
    listening.host,
    listening.port,
    path,
    isTestCode(path, file.content) || isTestCode(root, project.text(root)?.content ?? ''),
    isAlone ? [path] : [...new Set([path, ...project.graph.entries(root)])],
    project,
  )
  return {
    claim: {
      ...claim,
      ...(isAlone ? { asProgram: claim.entries } : {}),
      // What configures a program is not built with the package.
      package: packageOf(path, project.snapshot.paths),
    },
    // A host that is given by round stands in the table; without one the call is to blame.
    origin: entry === undefined || listening.host.kind === 'absent' ? file.origin(start, site.call.end) : settledOrigin(entry),
  }
}

export function claimOf(
  row: Pick<ServerRow, 'id' | 'protocol' | 'defaultHost' | 'defaultPort'>,
  host: Value,
  port: Value,
  path: string,
  test: boolean,
  entries: readonly string[],
  project: Project,
): Bind {
  const source = builtFrom(path, project)
  return {
    claim: 'bind',
    framework: row.id,
    language: /\.[cm]?tsx?$/.test(path) ? 'typescript' : 'javascript',
    protocol: row.protocol,
    host: settled(host),
    port: settled(port),
    defaultHost: row.defaultHost,
    ...(row.defaultPort === undefined ? {} : { defaultPort: row.defaultPort }),
    test,
    ...(source === undefined ? {} : { builtFrom: source }),
    entries,
  }
}
