import { includesPort, show } from '../../evidence/index.ts'
import type { EndpointReach, Way } from '../../reach/index.ts'
import type { AuditContext } from '../audit.ts'
import type { Finding, Place } from '../finding.ts'
import { imageName, WEB_SERVERS } from '../join/images.ts'
import type { PlannedBind } from '../join/planned.ts'
import { normalFirst, predictedEndpoints } from '../join/predicted.ts'
import type { ServiceRow } from '../join/service.ts'
import { COMMON_PORTS, FIRST_UNPRIVILEGED_PORT } from '../ports.ts'
import { fromBeyond } from './intent.ts'
import { isForThisMachine } from './meant.ts'
import { extentOf } from './published.ts'
import { causes, finding, portPlaces } from './words.ts'

/** `common-port`, `privileged-port` and `port-conflict`. */
export function checkPorts(context: AuditContext): readonly Finding[] {
  return [...context.rows.flatMap((row) => [...common(row, context), ...privileged(row, context)]), ...conflicts(context)]
}

/** The ports by which others than this machine come to a service, now or when it is started. */
function publicPorts(row: ServiceRow, context: AuditContext): ReadonlySet<number> {
  const live = row.now.flatMap((reach) =>
    fromBeyond(reach.ways)
      .filter((way) => isThisMachines(way, reach))
      .map((way) => way.at.port),
  )
  if (row.now.length > 0) return new Set(live)
  const service = row.declared
  if (service !== undefined && !isForThisMachine(service))
    return new Set(service.ports.filter((range) => range.first === range.last).map((range) => range.first))
  if (context.host !== undefined) return new Set()
  return new Set(
    predictedEndpoints(row)
      .filter(({ exposure }) => exposure === 'every-interface' || exposure === 'address')
      .flatMap(({ port }) => port ?? []),
  )
}

/** Addressed to the machine itself, not past it to a container's own address. */
function isThisMachines(way: Way, { endpoint }: EndpointReach): boolean {
  return (
    way.entry.namespace === endpoint.namespace ||
    way.path.some((step) => step.kind === 'userland-proxy' || (step.kind === 'netfilter' && step.step.kind === 'translate'))
  )
}

/** Without a policy nobody has declared a way in, and such a server is one for all to see. */
function isWebServer({ declared, processes, container, containers, planned }: ServiceRow): boolean {
  if (declared !== undefined) return false
  if (planned.some(({ listener }) => listener !== undefined)) return true
  const images = [container, ...containers].flatMap((item) => (item?.claim.image === undefined ? [] : imageName(item.claim.image)))
  return [...images, ...processes.map(({ claim }) => claim.name)].some((name) => WEB_SERVERS.has(name))
}

/** HTTP's own ports (RFC 9110, 4.2): where browsers come, and nowhere else. */
const ENTRANCES: readonly number[] = [80, 443]

/** A container that publishes such a port is there to be the way in, whatever its image is called. */
function isEntrance({ declared, container, containers }: ServiceRow, port: number): boolean {
  if (declared !== undefined || !ENTRANCES.includes(port)) return false
  return [container, ...containers].some((item) =>
    item?.claim.published.some(({ hostPorts }) => hostPorts !== undefined && includesPort(hostPorts, port)),
  )
}

function common(row: ServiceRow, context: AuditContext): readonly Finding[] {
  if (row.declared?.edge === true || isWebServer(row)) return []
  return [...publicPorts(row, context)]
    .filter((port) => COMMON_PORTS.includes(port) && !isEntrance(row, port))
    .map((port) =>
      finding({
        rule: 'common-port',
        severity: 'low',
        service: row.name,
        message: `${row.name} is on port ${port}, which everybody who scans tries first`,
        places: [
          ...causes(normalFirst(row).filter((plan) => plan.port === port)),
          ...row.containers
            .flatMap(({ claim }) => claim.published)
            .filter((port) => extentOf(port) !== 'this machine')
            .filter(({ hostPorts }) => hostPorts !== undefined && includesPort(hostPorts, port))
            .map(({ origin }) => ({ role: 'published here', origin })),
          ...(row.declared === undefined ? [] : [{ role: 'declared here', origin: row.declared.origins.port }]),
        ],
        fix: 'move it to a port of level 3 or 4 (sallyport ports), or put it behind a proxy',
        key: String(port),
      }),
    )
}

function privileged(row: ServiceRow, { environment, policy }: AuditContext): readonly Finding[] {
  const service = row.declared
  if (service === undefined || (environment ?? policy?.environment) !== 'development') return []
  return service.ports
    .filter((range) => range.first < FIRST_UNPRIVILEGED_PORT)
    .map((range) =>
      finding({
        rule: 'privileged-port',
        severity: 'info',
        service: row.name,
        message: `${row.name} is on port ${range.first} in development: requires elevated access`,
        places: [{ role: 'declared here', origin: service.origins.port }],
        fix: 'use a port from 9000 to 9999 in development',
        key: String(range.first),
      }),
    )
}

/** V7: services that one manager would start on the same port. Scripts are ways to start by hand, one at a time. */
function conflicts({ rows }: AuditContext): readonly Finding[] {
  const wanted = new Map<string, { readonly row: ServiceRow; readonly plan: PlannedBind }[]>()
  for (const row of rows)
    for (const plan of row.planned) {
      const launch = plan.launch?.claim
      if (plan.port === undefined || plan.port === 0 || plan.contained || (launch?.by !== 'pm2' && launch?.by !== 'systemd')) continue
      const key = `${plan.protocol} ${plan.port} ${launch.environmentName ?? ''}`
      wanted.set(key, [...(wanted.get(key) ?? []), { row, plan }])
    }
  return [...wanted.values()].flatMap((items): readonly Finding[] => {
    const names = [...new Set(items.map(({ row }) => row.name))]
    const [first] = items
    if (names.length < 2 || first === undefined) return []
    const plans = items.map(({ plan }) => plan)
    const places = portPlaces(plans)
    // Where one line gives it to several of them, or none does, those who start them tell them apart.
    const isEach = places.length >= names.length && plans.every(({ portPlace }) => portPlace !== undefined)
    return [
      finding({
        rule: 'port-conflict',
        severity: 'medium',
        service: first.row.name,
        message: `${names.join(' and ')} both want port ${first.plan.port}`,
        places: isEach ? places : [...places, ...starts(plans)],
        fix: 'move one of them',
        facts: [show(`level and use of ports: sallyport ports`)],
        key: `${first.plan.protocol} ${first.plan.port}`,
      }),
    ]
  })
}

function starts(plans: readonly PlannedBind[]): readonly Place[] {
  return [...new Set(plans.flatMap(({ launch }) => launch?.origin ?? []))].map((origin) => ({ role: 'started here', origin }))
}
