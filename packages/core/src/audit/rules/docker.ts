import { type Chain, type Evidence, type Protocol, type Ruleset, show, type Socket, type Table, type Value } from '../../evidence/index.ts'
import { isLoopback, parseAddress } from '../../network/index.ts'
import { computeReach, endpointKey, type HostModel, type NamespaceModel, type Upstream, type Way } from '../../reach/index.ts'
import { isTestPath } from '../../systems/index.ts'
import type { AuditContext } from '../audit.ts'
import type { Finding } from '../finding.ts'
import type { ServiceRow } from '../join/service.ts'
import { fromBeyond, severityOf } from './intent.ts'
import { isDataStoreImage } from './known.ts'
import { decidingRules, finding, holder, whoReaches } from './words.ts'

/** `docker-past-firewall` and `published-private`. */
export function checkDocker(context: AuditContext): readonly Finding[] {
  return [...context.rows.flatMap((row) => pastFirewall(row, context)), ...context.rows.flatMap((row) => published(row))]
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

/** Compose services that are private by the policy, or are data stores, and yet published beyond the machine. */
function published(row: ServiceRow): readonly Finding[] {
  const service = row.compose
  if (service === undefined || row.now.some((reach) => fromBeyond(reach.ways).length > 0)) return []
  const isPrivate =
    row.declared === undefined
      ? isDataStoreImage(service.claim.image ?? '')
      : row.declared.from.every((source) => source.kind === 'built-in' && (source.name === 'loopback' || source.name === 'host'))
  if (!isPrivate) return []
  const exposed = service.claim.published.filter((port) => !onLoopback(port.hostAddress))
  return exposed.map((port) => {
    const number =
      port.hostPorts === undefined
        ? 'a port that the engine chooses'
        : `port ${port.hostPorts.first}${port.hostPorts.last === port.hostPorts.first ? '' : `-${port.hostPorts.last}`}`
    // Without a project it is a `docker run` of a script; one that a person calls to work on the code, or to test it, is no deployment.
    const byScript = service.claim.project === ''
    const path = service.origin.kind === 'file' ? service.origin.path : ''
    const byHand = isTestPath(path) || (byScript && /(?:^|\/)package\.json$/.test(path))
    return finding({
      rule: 'published-private',
      severity: byHand && row.declared === undefined ? 'low' : 'high',
      service: row.name,
      message: `${byScript ? 'A docker run' : 'Compose'} publishes ${row.name} on ${number} of every interface`,
      places: [
        { role: 'published here', origin: port.origin },
        ...(row.declared === undefined ? [] : [{ role: 'declared here', origin: row.declared.origins.from }]),
      ],
      fix: `take the port away when only other services need it, or publish it on 127.0.0.1`,
      facts: service.claim.image === undefined ? [] : [show(`image ${service.claim.image}`)],
      key: `${port.protocol} ${port.hostPorts?.first ?? 'any'}`,
    })
  })
}

function onLoopback(address: Value): boolean {
  if (address.kind !== 'known') return false
  const parsed = parseAddress(String(address.value).replace(/^\[(.*)\]$/, '$1'))
  return parsed !== undefined && isLoopback(parsed)
}
