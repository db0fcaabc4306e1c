import {
  countAddresses,
  difference,
  intersection,
  isEmpty,
  overlaps,
  sameSet,
  sourceAddresses,
  sourceSet,
  unionOf,
} from '../../network/index.ts'
import { type Chain, type Evidence, type Protocol, type Ruleset, type Socket, type Table } from '../../evidence/index.ts'
import {
  type Blocked,
  computeReach,
  endpointKey,
  type EndpointReach,
  type HostModel,
  isProgramsChain,
  type NamespaceModel,
  type Upstream,
  type Way,
} from '../../reach/index.ts'
import type { AuditContext } from '../audit.ts'
import { changesFor } from '../cures/changes.ts'
import { closingCommands } from '../cures/closing.ts'
import type { Finding, Place } from '../finding.ts'
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
    const denied = ways.flatMap((way) => refused(way, inputReach(host, upstream, way, reach.endpoint.protocol)) ?? [])
    const [first] = denied
    const severity = severityOf(denied.map(({ way }) => way))
    if (first === undefined || severity === undefined) return []
    const { way } = first
    const who = whoReaches(denied.map((item) => item.way))
    return [
      finding({
        rule: 'docker-past-firewall',
        severity: denied.some(({ mostly }) => mostly) ? 'high' : 'medium',
        service: row.name,
        message: `The firewall refuses port ${way.at.port}, and ${who} can reach ${row.name} through it: Docker forwards the packet before the firewall’s rules for this machine are asked`,
        places: [...decidingRules(way), ...neverAsked(denied.flatMap(({ by }) => by))],
        fix: `publish it on 127.0.0.1 ("127.0.0.1:${way.at.port}:${reach.endpoint.port}"), or have it dropped where it is forwarded: ${closingCommands({ ...reach, ways: denied.map((item) => item.way) }, host).join(' && ')}`,
        changes: changesFor(
          row,
          reach,
          denied.map((item) => item.way),
        ),
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

interface Refused {
  /** Those of the way whom the firewall would refuse. */
  readonly way: Way
  readonly by: readonly Blocked[]
  /** All but a few of them. */
  readonly mostly: boolean
}

/** Whom the rules for this machine would have kept out: everybody, or those whom a rule of a person's own or a policy stops. Bans come and go. */
function refused(way: Way, untranslated: EndpointReach | undefined): Refused | undefined {
  const alike = (other: Way | Blocked): boolean => other.sender === way.sender && other.family === way.family
  const through = unionOf((untranslated?.ways ?? []).filter(alike).map((other) => sourceAddresses(other.sources)))
  const by = (untranslated?.blocked ?? []).filter((item) => alike(item) && (isEmpty(through) || isMeant(item)))
  const stopped = difference(unionOf(by.map((item) => sourceAddresses(item.sources))), through)
  const all = sourceAddresses(way.sources)
  const sources = intersection(all, stopped)
  if (isEmpty(sources)) return undefined
  const left = sameSet(sources, all) ? way : { ...way, sources: sourceSet(sources), entire: false }
  return {
    way: left,
    by: by.filter((item) => overlaps(sourceAddresses(item.sources), sources)),
    mostly: countAddresses(sources) * 2n > countAddresses(all),
  }
}

function isMeant({ path }: Blocked): boolean {
  const last = path.at(-1)
  return (
    last?.kind === 'netfilter' && (last.step.kind === 'policy' || (last.step.kind === 'rule' && !isProgramsChain(last.step.origin.chain)))
  )
}

/** What the same packet would meet if nothing translated it: a socket of this machine's own, behind the rules of its INPUT hook. */
function inputReach(host: HostModel, upstream: Upstream, way: Way, protocol: Protocol): EndpointReach | undefined {
  const own = host.namespaces.get(way.entry.namespace)
  if (own === undefined) return undefined
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
  return computeReach(model, upstream, new Set([way.at.port])).find(
    (item) => endpointKey(item.endpoint) === endpointKey({ namespace: own.id, protocol, address: way.at.address, port: way.at.port }),
  )
}

/** The rules of a firewall that say no, each once; a policy has no line to be shown. */
function neverAsked(refusals: readonly Blocked[]): readonly Place[] {
  const rules = new Set(
    refusals.flatMap(({ path }) => {
      const last = path.at(-1)
      return last?.kind === 'netfilter' && last.step.kind === 'rule' ? [last.step.origin] : []
    }),
  )
  return [...rules].map((origin) => ({ role: 'refuses it, and is never asked', origin }))
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
