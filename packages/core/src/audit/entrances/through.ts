import { includesPort } from '../../evidence/index.ts'
import { type AddressSet, intersection, isEmpty, sourceAddresses } from '../../network/index.ts'
import type { EndpointReach, Sender } from '../../reach/index.ts'
import type { AuditReport } from '../audit.ts'
import type { ServiceRow } from '../join/service.ts'
import { admittedBy, ASKED, type Demand } from './demand.ts'
import { type RequestWay, requestWaysOf } from './request-ways.ts'

/** Who comes to a service by the requests that proxies pass on to it. */
export interface Through {
  /** The proxies, each once. */
  readonly systems: readonly string[]
  /** At least one. */
  readonly ways: readonly RequestWay[]
  /** By which the least is asked of those who come from furthest away. */
  readonly weakest: RequestWay
  /** Whether every way that somebody can take asks the same. */
  readonly uniform: boolean
  /** Who comes furthest by `weakest`; `undefined`: nobody from beyond the machine, or its listener was not seen. */
  readonly sender: Sender | undefined
  /** No packet from outside its own namespace reaches the service itself. */
  readonly only: boolean
}

/** `undefined`: no proxy is known to pass requests on to it. `reach`: the endpoint that is asked about; absent: it does not run. */
export function throughProxies(report: AuditReport, row: ServiceRow, reach: EndpointReach | undefined): Through | undefined {
  const ways = requestWaysOf(report, row).filter(
    ({ front }) => reach === undefined || row.now.length === 1 || isAt(row, reach, front.target.port),
  )
  const takeable = ways.filter(({ demand }) => demand.asked !== 'refused')
  const ordered = (takeable.length > 0 ? takeable : ways).toSorted(
    (a, b) => rank(sendersAt(b)) - rank(sendersAt(a)) || ASKED.indexOf(a.demand.asked) - ASKED.indexOf(b.demand.asked),
  )
  const [weakest] = ordered
  if (weakest === undefined) return undefined
  return {
    systems: [...new Set(ways.map(({ system }) => system))],
    ways,
    weakest,
    uniform: takeable.every(({ demand }) => demand.asked === weakest.demand.asked),
    sender: sendersAt(weakest),
    only: reach !== undefined && reach.ways.length === 0,
  }
}

function isAt(row: ServiceRow, { endpoint, ways, blocked }: EndpointReach, port: number): boolean {
  const published = row.container?.claim.published ?? []
  return (
    endpoint.port === port ||
    [...ways, ...blocked].some(({ at }) => at.port === port) ||
    published.some(({ hostPorts, containerPorts }) => {
      const isHis = includesPort(containerPorts, endpoint.port)
      return isHis && includesPort(hostPorts, port)
    })
  )
}

const SENDERS: readonly (Sender | undefined)[] = [undefined, 'host', 'private', 'internet']

function rank(sender: Sender | undefined): number {
  return SENDERS.indexOf(sender)
}

/** Who comes furthest to one of the doors and is let through by its address. */
function sendersAt({ doors, demand }: RequestWay): Sender | undefined {
  if (demand.asked === 'refused') return undefined
  const admitted = addressesOf(demand)
  const senders = doors.flatMap(({ ways }) =>
    ways.flatMap(({ sender, sources }) =>
      admitted === undefined || !isEmpty(intersection(sourceAddresses(sources), admitted)) ? [sender] : [],
    ),
  )
  return senders.toSorted((a, b) => rank(b) - rank(a))[0]
}

/** Where addresses are asked for and nothing else is enough: those. */
export function addressesOf({ by, anyIsEnough }: Demand): AddressSet | undefined {
  const rules = by.flatMap((guard) => (guard.guard === 'addresses' ? [guard.rules] : []))
  const [first] = rules
  return anyIsEnough || first === undefined
    ? undefined
    : rules.slice(1).reduce((set, each) => intersection(set, admittedBy(each)), admittedBy(first))
}
