import { type AuditReport, type RequestWay, type ServiceRow, throughProxies } from '@sallyport/core/audit'
import { printable, type ProxyListener } from '@sallyport/core/evidence'
import type { EndpointReach } from '@sallyport/core/reach'
import { demandText, doorText, guardText, namesText, requestsText, throughText } from './through.ts'
import { addressAndPort, counted, placeText } from './words.ts'

/** So many classes of requests are still read; the weakest come first. */
const MOST_WAYS = 12

/** Of a service behind a proxy: the verdict, then the way of each class of requests, one line a step. Empty: no proxy is known to pass any on. */
export function requestLines(report: AuditReport, row: ServiceRow, reach: EndpointReach | undefined): readonly string[] {
  const through = throughProxies(report, row, reach)
  const possible = row.possibleFronts.map(
    ({ system, reason, origin }) => `  ${printable(system)} may pass requests on to it: ${printable(reason)}  ${placeText(origin)}`,
  )
  if (through === undefined) return possible.length === 0 ? [] : ['', ...possible]
  const { weakest, ways, only } = through
  const ordered = [weakest, ...ways.filter((way) => way !== weakest)]
  const left = ordered.length - MOST_WAYS
  return [
    '',
    `  Requests reach it ${only ? 'only ' : ''}${throughText(through)}`,
    ...ordered.slice(0, MOST_WAYS).flatMap((way) => ['', ...wayLines(report, way, reach)]),
    ...(left > 0 ? ['', `  and ${counted(left, 'more class', 'more classes')} of requests`] : []),
    ...(possible.length === 0 ? [] : ['', ...possible]),
  ]
}

function wayLines(report: AuditReport, way: RequestWay, reach: EndpointReach | undefined): readonly string[] {
  const { route, location, front, demand } = way
  const [listener] = way.listeners
  const asked = [...demand.by, ...demand.limits.filter(({ guard }) => guard !== 'tls')]
  const socket = reach === undefined ? undefined : addressAndPort(reach.endpoint.address, reach.endpoint.port)
  const steps = [
    ...(listener === undefined
      ? []
      : [`taken at ${way.listeners.map(listenerText).join(', ')}: ${doorWords(report, way)}  ${placeText(listener.origin)}`]),
    `server ${namesText(way)}  ${placeText(route.server.origin)}`,
    `${requestsText(way)}${location === undefined ? '' : `  ${placeText(location)}`}`,
    ...route.via.map(({ cause, origin }) => `where requests come by ${VIA[cause]}  ${placeText(origin)}`),
    ...asked.map((guard) => `${guardText(guard)}  ${placeText(guard.origin)}`),
    ...(demand.asked === 'nothing' ? ['nobody is asked who they are'] : []),
    `passed on to ${front.target.host}:${front.target.port}  ${placeText(front.origin)}`,
    ...(socket === undefined ? [] : [`is taken by the socket on ${socket}`]),
  ]
  const open = demand.asked === 'refused' ? 'REFUSED' : 'PASSED ON'
  return [
    `  Requests for ${requestsText(way)} of ${printable(way.system)}: ${open}, ${demandText(demand)}${route.opaque ? '; a pattern or a variable decides which requests these are' : ''}`,
    ...steps.map((text, index) => `    ${index + 1}. ${text}`),
  ]
}

const VIA = { 'try-files': 'try_files', 'error-page': 'error_page', 'auth-request': 'auth_request', mirror: 'mirror' } as const

function doorWords({ host }: AuditReport, way: RequestWay): string {
  if (way.elsewhere) return 'who comes there is told with that host'
  return doorText(way) ?? (host === undefined ? 'from whom, the machine decides' : 'nothing that was seen takes them there')
}

/** `0.0.0.0:443 with TLS` */
function listenerText({ at, tls }: ProxyListener): string {
  const words = tls ? ' with TLS' : ''
  switch (at.kind) {
    case 'inet':
      return `${addressAndPort(at.address, at.ports.first)}${at.ports.last > at.ports.first ? `–${at.ports.last}` : ''}${words}`
    case 'name':
      return `${printable(at.name)}:${at.ports.first}${words}`
    case 'unix':
      return `the socket file ${printable(at.path)}`
    case 'undecided':
      return `an address or port that is not known${words}`
    default:
      return at satisfies never
  }
}
