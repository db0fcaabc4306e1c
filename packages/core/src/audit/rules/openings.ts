import { evidenceOf, type GapEffect, type Protocol } from '../../evidence/index.ts'
import type { Service } from '../../policy/index.ts'
import { type Opening, unusedOpenings } from '../../reach/index.ts'
import type { AuditContext } from '../audit.ts'
import type { Finding, Place } from '../finding.ts'
import { predictedEndpoints } from '../join/predicted.ts'
import { declaresPort, isForThisMachine } from './meant.ts'
import { finding } from './words.ts'

/** What could be behind a port and was not seen. */
const HIDES: ReadonlySet<GapEffect['kind']> = new Set(['sockets', 'network', 'containers', 'netfilter'])

/** `firewall-opening-unused`: ports that rules of a person's own open, with nothing behind them that others could come to. */
export function checkOpenings(context: AuditContext): readonly Finding[] {
  const { host, evidence } = context
  if (
    host === undefined ||
    evidenceOf(evidence, 'gap').some(({ claim, standing }) => standing === 'running' && HIDES.has(claim.affects.kind))
  )
    return []
  const planned = plannedPorts(context)
  const services = servicesForOthers(context)
  const isMeant = (protocol: Protocol, port: number): boolean =>
    port === SSH ||
    planned.has(`${protocol} ${port}`) ||
    services.some((service) => service.protocols.includes(protocol) && declaresPort(service, port))
  return unusedOpenings(host, isMeant).map((opening) => unused(opening, context))
}

/** Whoever takes its rule out while the server is stopped is locked out when it runs again. */
const SSH = 22

/** What is declared for others than this machine. */
function servicesForOthers({ policy, rows }: AuditContext): readonly Service[] {
  const services = new Set([...(policy?.services.values() ?? []), ...rows.flatMap(({ declared }) => declared ?? [])])
  return [...services].filter((service) => !isForThisMachine(service))
}

/** What files start for others. */
function plannedPorts({ rows }: AuditContext): ReadonlySet<string> {
  const planned = rows.flatMap(predictedEndpoints).filter(({ exposure }) => exposure !== 'loopback' && exposure !== 'internal')
  return new Set(planned.map(({ protocol, port }) => `${protocol} ${port}`))
}

function unused({ ports, protocols, families, rules, local }: Opening, { rows }: AuditContext): Finding {
  const row = rows.find(({ now }) => now.some(({ endpoint }) => endpoint.sockets.some((socket) => local.includes(socket))))
  const port = ports.first === ports.last ? `${ports.first}` : `${ports.first}-${ports.last}`
  const family = families.length === 2 ? '' : `, by IPv${families[0]}`
  const behind =
    local.length === 0 ? 'nothing listens there' : `${row?.name ?? 'what listens there'} takes connections of this machine alone`
  return finding({
    rule: 'firewall-opening-unused',
    severity: 'info',
    service: row?.name,
    message: `The firewall lets others come to ${port.includes('-') ? 'ports' : 'port'} ${port} (${protocols.join(' and ')}${family}), and ${behind}`,
    places: [
      ...rules.map((rule): Place => ({ role: 'lets them in', origin: rule })),
      ...local.slice(0, 1).map((socket): Place => ({ role: 'listens here', origin: socket.origin })),
    ],
    fix: 'take the rule out (ufw status numbered, ufw delete NUMBER; iptables -D), until something is to be reached there',
    key: `${protocols.join(' ')} ${port}`,
    ofEndpoint: true,
  })
}
