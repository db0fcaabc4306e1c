import { type AuditReport, type RequestWay, type ServiceRow, throughProxies } from '@sallyport/core/audit'
import { printable, type ProxyGuard } from '@sallyport/core/evidence'
import type { EndpointReach } from '@sallyport/core/reach'
import { placeData } from './data.ts'
import { guardText, namesText, requestsText } from './through.ts'
import { addressAndPort } from './words.ts'

/** Who comes to a service by the requests that proxies pass on. `null`: no proxy is known to. */
export function throughData(report: AuditReport, row: ServiceRow, reach?: EndpointReach) {
  const through = throughProxies(report, row, reach ?? row.now[0])
  if (through === undefined) return null
  const { weakest, systems, only, uniform, sender, ways } = through
  return {
    proxies: systems.map((system) => printable(system)),
    only,
    asked: weakest.demand.asked,
    uniform,
    from: sender ?? null,
    weakest: ways.indexOf(weakest),
    requests: ways.map(requestData),
  }
}

function requestData(way: RequestWay) {
  const { route, location, front, demand, doors } = way
  return {
    proxy: printable(way.system),
    for: requestsText(way),
    names: namesText(way),
    asked: demand.asked,
    anyIsEnough: demand.anyIsEnough,
    by: demand.by.map(guardData),
    limits: demand.limits.map(guardData),
    listeners: way.listeners.map(({ origin }) => placeData(origin)),
    comesFrom: [...new Set(doors.flatMap(({ ways }) => ways.map(({ sender, family }) => `${sender} IPv${family}`)))],
    doors: doors.map(({ endpoint }) => addressAndPort(endpoint.address, endpoint.port)),
    location: location === undefined ? null : placeData(location),
    target: `${printable(front.target.host)}:${front.target.port}`,
    place: placeData(front.origin),
    certain: !route.opaque && route.condition === undefined,
  }
}

function guardData(guard: ProxyGuard) {
  return { guard: guard.guard, text: guardText(guard), place: placeData(guard.origin) }
}
