import { type Chain, type Evidence, type Protocol, type Ruleset, type Socket, type Table } from '../../evidence/index.ts'
import { computeReach, endpointKey, type HostModel, type NamespaceModel, type Upstream, type Way } from '../../reach/index.ts'
import type { AuditContext } from '../audit.ts'
import type { Finding } from '../finding.ts'
import type { ServiceRow } from '../join/service.ts'
import { fromBeyond, severityOf } from './intent.ts'
import { decidingRules, finding, holder, whoReaches } from './words.ts'

/** `docker-past-firewall`. */
export function checkDocker(context: AuditContext): readonly Finding[] {
  return context.rows.flatMap((row) => pastFirewall(row, context))
}

/** A published port that is open, while the rules for this machine itself would have refused the same packet. */
function pastFirewall(row: ServiceRow, { host, upstream }: AuditContext): readonly Finding[] {
  if (host === undefined) return []
  return row.now.flatMap((reach): readonly Finding[] => {
    const ways = fromBeyond(reach.ways).filter(
      (way) => way.certainty === 'open' && way.path.some((step) => step.kind === 'cross') && isTranslated(way),
    )
    const denied = ways.filter((way) => inputRefuses(host, upstream, way, reach.endpoint.protocol))
    const [way] = denied
    const severity = severityOf(denied)
    if (way === undefined || severity === undefined) return []
    return [
      finding({
        rule: 'docker-past-firewall',
        severity: 'high',
        service: row.name,
        message: `The firewall refuses port ${way.at.port}, and ${whoReaches(denied)} can reach ${row.name} through it: Docker forwards the packet before the firewall’s rules for this machine are asked`,
        places: decidingRules(way),
        fix: `publish it on 127.0.0.1 ("127.0.0.1:${way.at.port}:${reach.endpoint.port}"), or filter in the chain DOCKER-USER`,
        facts: [holder(row, reach)],
        key: `${reach.endpoint.protocol} ${way.at.port}`,
        ofEndpoint: true,
      }),
    ]
  })
}

function isTranslated(way: Way): boolean {
  return way.path.some((step) => step.kind === 'netfilter' && step.step.kind === 'translate')
}

/** What the same packet would meet if nothing translated it: a socket of this machine's own, behind the rules of its INPUT hook. */
function inputRefuses(host: HostModel, upstream: Upstream, way: Way, protocol: Protocol): boolean {
  const own = host.namespaces.get(way.entry.namespace)
  if (own === undefined) return false
  const socket: Evidence<Socket> = {
    claim: {
      claim: 'socket',
      protocol,
      address: way.at.address,
      port: way.at.port,
      accepts: way.family === 4 ? 'ipv4' : 'ipv6',
      inode: '',
      processes: [],
    },
    origin: { kind: 'kernel', path: '' },
    standing: 'configured',
    host: host.name,
    namespace: own.id,
    capturedAt: 0,
  }
  const untranslated: NamespaceModel = {
    ...own,
    sockets: [socket],
    filters: own.filters.map((item) => ({ ...item, claim: { ...item.claim, ruleset: withoutTranslation(item.claim.ruleset) } })),
  }
  const model: HostModel = { ...host, namespaces: new Map([[own.id, untranslated]]) }
  const found = computeReach(model, upstream, new Set([way.at.port])).find(
    (item) => endpointKey(item.endpoint) === endpointKey({ namespace: own.id, protocol, address: way.at.address, port: way.at.port }),
  )
  return (
    found !== undefined &&
    !found.ways.some((other) => other.sender === way.sender) &&
    found.blocked.some((item) => item.sender === way.sender)
  )
}

function withoutTranslation(ruleset: Ruleset): Ruleset {
  const tables = ruleset.tables.map(
    (table): Table => ({ ...table, chains: new Map([...table.chains].filter(([, chain]) => !translates(chain))) }),
  )
  return { ...ruleset, tables }
}

function translates(chain: Chain): boolean {
  return chain.base?.type === 'nat'
}
