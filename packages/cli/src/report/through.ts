import {
  addressesOf,
  type AuditReport,
  type Demand,
  type RequestWay,
  type ServiceRow,
  type Through,
  throughProxies,
} from '@sallyport/core/audit'
import { printable, type ProxyGuard, type RouteMatch, type ServerName, show } from '@sallyport/core/evidence'
import { formatAddressSet } from '@sallyport/core/network'
import type { EndpointReach } from '@sallyport/core/reach'
import { reachText } from './words.ts'

/** Who reaches an endpoint, by its packets and by the requests that proxies pass on, in one line. */
export function wholeReachText(report: AuditReport, row: ServiceRow, reach: EndpointReach): string {
  const through = throughProxies(report, row, reach)
  if (through === undefined) return reachText(reach)
  const others = through.weakest.elsewhere || through.sender !== undefined
  if (through.only && others) return `only ${throughText(through)}`
  return `${reachText(reach)}${through.only ? ', also' : '; also'} ${throughText(through)}`
}

/** `through nginx, with authentication (password): the internet; TLS, at most 10r/s`. The least that is asked of anybody. */
export function throughText({ systems, weakest, uniform }: Through): string {
  const where = uniform ? '' : ` at ${requestsText(weakest)}`
  const limits = weakest.demand.limits.map(guardText)
  return `through ${systems.join(' and ')}, ${demandText(weakest.demand)}${where}${comersText(weakest)}${limits.length === 0 ? '' : `; ${limits.join(', ')}`}`
}

/** Who comes to the doors; where addresses are asked for, those of them. */
function comersText(way: RequestWay): string {
  const who = doorText(way)
  if (who === undefined || way.demand.asked === 'refused') return ''
  const admitted = way.demand.asked === 'addresses' ? addressesOf(way.demand) : undefined
  const some = admitted === undefined ? [] : formatAddressSet(admitted)
  return `: ${some.length === 0 || some.length > MOST_RANGES ? who : `${some.join(', ')} of ${who}`}`
}

/** So many address ranges are still read. */
const MOST_RANGES = 3

/** Who comes to the listener; `undefined`: where it listens was not looked at. */
export function doorText({ doors }: RequestWay): string | undefined {
  const [first] = doors
  return first === undefined ? undefined : reachText({ ...first, ways: doors.flatMap(({ ways }) => ways) })
}

/** What is asked of whoever sends a request. */
export function demandText({ asked, by, anyIsEnough }: Demand): string {
  const kinds = [...new Set(by.filter(({ guard }) => guard !== 'addresses' && guard !== 'unknown').map(guardText))].join(' and ')
  switch (asked) {
    case 'nothing':
      return 'without authentication'
    case 'unknown':
      return 'and whether it asks who they are cannot be told'
    case 'addresses':
      return anyIsEnough && kinds !== '' ? `from allowed addresses or with authentication (${kinds})` : 'from allowed addresses only'
    case 'authentication':
      return `with authentication (${kinds})`
    case 'refused':
      return 'which refuses everybody'
    default:
      return asked satisfies never
  }
}

const GUARDS: Readonly<Partial<Record<ProxyGuard['guard'], string>>> = {
  tls: 'TLS',
  'client-certificate': 'client certificate',
  addresses: 'allowed addresses',
  'basic-auth': 'password',
  token: 'token',
  internal: 'the proxy’s own requests only',
  methods: 'other methods are asked for more',
}

export function guardText(guard: ProxyGuard): string {
  switch (guard.guard) {
    case 'auth-request':
      return `asking ${guard.uri}`
    case 'rate-limit':
      return guard.rate === undefined ? 'a rate limit' : `at most ${printable(guard.rate)}`
    case 'connection-limit':
      return `at most ${guard.connections} connections`
    case 'unknown':
      return `${show(guard.what)}, which is not understood`
    default:
      return GUARDS[guard.guard] ?? guard.guard
  }
}

/** `location /billing/`, `location ~ \.php$`, `paths that no location takes`; with what else decides which requests. */
export function requestsText({ route }: RequestWay): string {
  const match = route.location.at(-1)
  return `${match === undefined ? 'paths that no location takes' : `location ${matchText(match)}`}${route.condition === undefined ? '' : ` where ${route.condition}`}`
}

function matchText(match: RouteMatch): string {
  switch (match.kind) {
    case 'exact':
      return `= ${show(match.path)}`
    case 'prefix':
      return show(match.path)
    case 'prefix-no-regex':
      return `^~ ${show(match.path)}`
    case 'regex':
      return `~ ${show(match.pattern)}`
    case 'named':
      return show(match.name)
    case 'undecided':
      return match.text
    default:
      return match satisfies never
  }
}

/** The names that lead to a server on its listener. */
export function namesText({ route }: RequestWay): string {
  const names = route.serverNames.map(nameText).filter((name) => name !== '')
  if (names.length === 0) return 'every name'
  return `${names.slice(0, MOST_NAMES).join(', ')}${names.length > MOST_NAMES ? ' …' : ''}${route.otherNames ? ', and every name that no server has' : ''}`
}

/** So many names are still read. */
const MOST_NAMES = 4

function nameText(name: ServerName): string {
  switch (name.kind) {
    case 'exact':
      return show(name.name)
    case 'wildcard-start':
      return show(`${name.andItself ? '' : '*'}.${name.suffix}`)
    case 'wildcard-end':
      return show(`${name.prefix}.*`)
    case 'regex':
      return show(`~${name.pattern}`)
    case 'catch-all':
      return '_'
    case 'undecided':
      return 'a name that is not known'
    default:
      return name satisfies never
  }
}
