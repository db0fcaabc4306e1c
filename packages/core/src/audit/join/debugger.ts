import type { Evidence, Launch, ProxyGuard, ProxyRoute, ProxyServer } from '../../evidence/index.ts'
import { debuggersOfNodeOptions } from '../../systems/index.ts'
import type { StartFacts } from './facts.ts'
import type { PlannedBind } from './planned.ts'
import { surroundingsOf } from './surroundings.ts'

/** Rows of the tables of programs and frameworks that are debuggers, by id: whoever reaches one runs code. */
const DEBUGGERS: ReadonlyMap<string, string> = new Map([
  ['node-inspector', 'the Node inspector'],
  ['debugpy', 'debugpy'],
  ['delve', 'Delve'],
])

/** Whether a launch stands for the debugger beside a program, and not for the program. */
export function isDebugger({ claim }: Evidence<Launch>): boolean {
  return claim.serves !== undefined && DEBUGGERS.has(claim.serves.program)
}

/** Pages and sockets by which proxies are told what to do, by system and name: whoever reaches one decides where requests go. */
const ADMINISTRATIONS: ReadonlyMap<string, string> = new Map([
  // https://caddyserver.com/docs/api
  ['caddy administration', 'Caddy’s administration'],
  // https://docs.haproxy.org/2.6/management.html#9.3
  ['haproxy runtime API', 'HAProxy’s runtime API'],
  // https://docs.haproxy.org/2.6/configuration.html#4-stats%20admin
  ['haproxy statistics with administration', 'HAProxy’s administration by its statistics'],
])

/** Pages that tell whoever comes what is behind a proxy, and how it fares. */
const STATISTICS: ReadonlyMap<string, string> = new Map([
  // https://docs.haproxy.org/2.6/configuration.html#4-stats%20enable
  ['haproxy statistics', 'HAProxy’s page of statistics, without a password,'],
])

/** The title of the debugger, or the administration, that a plan is of; `undefined`: it is of none. */
export function debuggerOf(plan: PlannedBind): string | undefined {
  if (plan.listener !== undefined) return administrationOf(plan)
  const program = plan.bind?.claim.framework ?? plan.launch?.claim.serves?.program
  return program === undefined ? undefined : DEBUGGERS.get(program)
}

/** The title of the administration that a proxy offers on a socket to all who reach it. */
export function administrationOf(plan: PlannedBind): string | undefined {
  return pageOf(plan, ADMINISTRATIONS)
}

/** The title of the page by which a proxy tells all who reach a socket about itself. The socket may be a service's all the same. */
export function statisticsOf(plan: PlannedBind): string | undefined {
  return pageOf(plan, STATISTICS)
}

function pageOf({ listener }: PlannedBind, titles: ReadonlyMap<string, string>): string | undefined {
  if (listener === undefined) return undefined
  const { system } = listener.proxy.claim
  return listener.servers.flatMap(openPages).flatMap((page) => titles.get(`${system} ${page}`) ?? [])[0]
}

/** Guards that ask everybody; one that is not understood may. */
const ASKS: ReadonlySet<ProxyGuard['guard']> = new Set([
  'client-certificate',
  'addresses',
  'basic-auth',
  'auth-request',
  'token',
  'internal',
  'unknown',
])

/** The pages of its own that a server shows without asking. */
function openPages(server: ProxyServer): readonly string[] {
  const isOpen = (guards: readonly ProxyGuard[]): boolean => !guards.some(({ guard }) => ASKS.has(guard))
  const pages = ({ action, guards, nested }: Pick<ProxyRoute, 'action' | 'guards' | 'nested'>): readonly string[] => [
    ...(action.kind === 'builtin' && isOpen(guards) ? [action.name] : []),
    ...nested.flatMap(pages),
  ]
  return isOpen(server.guards) ? [...pages({ ...server.rest, nested: [] }), ...server.routes.flatMap(pages)] : []
}

/** `NODE_OPTIONS` opens the inspector of whatever runs Node, wherever it is set: in a script, by a manager, in a file of variables. */
export function withNodeOptions(facts: StartFacts): StartFacts {
  const isAnywhere =
    facts.launches.some(({ claim }) => claim.environment.has('NODE_OPTIONS')) ||
    facts.variables.some(({ claim }) => claim.name === 'NODE_OPTIONS')
  if (!isAnywhere) return facts
  const seen = new Set<string>()
  const more = facts.launches.flatMap((launch): readonly Evidence<Launch>[] => {
    const { by, name, entry, environmentName } = launch.claim
    const place = launch.origin.kind === 'file' ? `${launch.origin.path}:${launch.origin.span.start.offset}` : ''
    const key = JSON.stringify([by, name, entry, environmentName, place])
    if (entry?.endsWith('.py') === true || seen.has(key)) return []
    seen.add(key)
    const { environment } = surroundingsOf(facts, launch)
    const options = environment.get('NODE_OPTIONS')?.value
    if (options === undefined) return []
    return debuggersOfNodeOptions(options, environment).map((serves) => ({ ...launch, claim: { ...launch.claim, serves } }))
  })
  return more.length === 0 ? facts : { ...facts, launches: [...facts.launches, ...more] }
}
