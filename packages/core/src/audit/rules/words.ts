import { type Address, formatAddress, isUnspecified } from '../../network/index.ts'
import { type Change, type FileOrigin, type Origin, type Shown, show } from '../../evidence/index.ts'
import { type Blocked, type EndpointReach, limitedSources, type Sender, type Way } from '../../reach/index.ts'
import { eachOnce } from '../cures/changes.ts'
import type { Finding, Place, Severity } from '../finding.ts'
import type { RuleId } from '../catalogue.ts'
import type { PlannedBind } from '../join/planned.ts'
import type { ServiceRow } from '../join/service.ts'

/** What the rules say of addresses, senders and places, so that each says it alike. */

function at(address: Address, port: number): string {
  return address.family === 6 ? `[${formatAddress(address)}]:${port}` : `${formatAddress(address)}:${port}`
}

export function endpointWords({ endpoint }: EndpointReach): string {
  const dual =
    endpoint.address.family === 6 && isUnspecified(endpoint.address) && endpoint.sockets.some((socket) => socket.claim.accepts !== 'ipv6')
  return `${endpoint.protocol} ${dual ? `*:${endpoint.port}` : at(endpoint.address, endpoint.port)}`
}

const SENDERS: Readonly<Record<Sender, string>> = {
  internet: 'the internet',
  private: 'neighbours in its networks',
  host: 'containers of this machine',
}
/** So many address ranges are still read; more are not. */
const MOST_RANGES = 3

/** Who comes by these ways: the widest sender, or the few addresses that a rule lets in. */
export function whoReaches(ways: readonly Way[]): string {
  const widest = (['internet', 'private', 'host'] as const).find((sender) => ways.some((way) => way.sender === sender)) ?? 'host'
  const chosen = ways.filter((way) => way.sender === widest)
  const who = chosen.some((way) => limitedSources(way) === undefined) ? SENDERS[widest] : someOf(chosen, widest)
  const families = new Set(chosen.map((way) => way.family))
  const family = families.size === 2 ? 'IPv4 and IPv6' : families.has(4) ? 'IPv4' : 'IPv6'
  const direct = chosen.find((way) => way.upstream === undefined)
  const upstream = direct === undefined && chosen[0]?.upstream !== undefined ? `, if ${chosen[0].upstream} lets it through` : ''
  return `${who} (${family}${upstream})`
}

/** Who comes by these ways, and whether surely: `the internet (IPv4) can reach`, `… may reach`. */
export function canReach(ways: readonly Way[]): string {
  const open = ways.filter((way) => way.certainty === 'open')
  return open.length > 0 ? `${whoReaches(open)} can reach` : `${whoReaches(ways)} may reach`
}

function someOf(ways: readonly Way[], sender: Sender): string {
  const ranges = new Set(ways.flatMap((way) => limitedSources(way) ?? []))
  return ranges.size <= MOST_RANGES ? [...ranges].join(', ') : `some of ${SENDERS[sender]} (${ranges.size} ranges)`
}

/** The rules and translations that decided on a way, as places. */
export function decidingRules(way: Way): readonly Place[] {
  const rules = way.path.flatMap((step): readonly Place[] => {
    if (step.kind === 'userland-proxy') return [{ role: 'docker-proxy takes the connection', origin: step.socket.origin }]
    if (step.kind !== 'netfilter') return []
    if (step.step.kind === 'translate')
      return [{ role: `translated to ${at(step.step.address, step.step.port)}`, origin: step.step.origin }]
    return step.step.kind === 'rule' && step.step.effect === 'accept' ? [{ role: 'accepted', origin: step.step.origin }] : []
  })
  return rules
}

/** The rule that stops the packets, as a place. */
export function stoppingRules({ path }: Blocked): readonly Place[] {
  const last = path.findLast((step) => step.kind === 'netfilter')?.step
  return last?.kind === 'rule' ? [{ role: last.effect === 'reject' ? 'rejected' : 'dropped', origin: last.origin }] : []
}

/** The rules of which it cannot be told whether they let it through. */
export function reasonPlaces({ reasons }: Way): readonly Place[] {
  return reasons.flatMap(({ text, origin }) => (origin === undefined ? [] : [{ role: text, origin }]))
}

/** The lines that make a row listen as it does, without repeating a place. */
export function causes(plans: readonly PlannedBind[]): readonly Place[] {
  const places = new Map<string, Place>()
  for (const plan of plans) {
    const own = plan.listener !== undefined && plan.decidedBy === 'code'
    // What another file keeps to this machine is no cause of anything.
    const givenAt = plan.exposure.kind === 'loopback' ? undefined : plan.givenAt
    add(places, own || plan.givenAt !== undefined ? 'listens here' : causeRole(plan), plan.cause)
    if (givenAt !== undefined) add(places, causeRole(plan), givenAt)
    const bind = plan.bind?.origin ?? plan.listener?.listener.origin
    if (bind?.kind === 'file') add(places, 'listens here', bind)
  }
  return [...places.values()]
}

/** The lines that set the port; where nothing does, those that listen. */
export function portPlaces(plans: readonly PlannedBind[]): readonly Place[] {
  const places = new Map<string, Place>()
  for (const { portPlace } of plans) if (portPlace !== undefined) add(places, 'gives this port', portPlace)
  return places.size > 0 ? [...places.values()] : causes(plans)
}

function causeRole({ decidedBy, exposure }: PlannedBind): string {
  return decidedBy === 'default' && exposure.kind === 'loopback' ? 'gives no host, which leaves it to this machine' : CAUSE_ROLES[decidedBy]
}

const CAUSE_ROLES: Readonly<Record<PlannedBind['decidedBy'], string>> = {
  default: 'gives no host, so that every interface is bound',
  code: 'gives this host',
  start: 'sets this host at start',
  unknown: 'the host cannot be told from here',
}

function add(places: Map<string, Place>, role: string, origin: FileOrigin): void {
  const key = `${origin.path}:${origin.span.start.line}`
  if (!places.has(key)) places.set(key, { role, origin })
}

/** Program, pid and address of what listens. */
export function holder(row: ServiceRow, reach: EndpointReach): Shown {
  const pids = new Set(reach.endpoint.sockets.flatMap((socket) => socket.claim.processes))
  const process = row.processes.find((item) => pids.has(item.claim.pid))?.claim
  if (row.container !== undefined)
    return show(`container ${row.container.claim.name} (${row.container.claim.image}) listens on ${endpointWords(reach)}`)
  if (process === undefined) return show(`${endpointWords(reach)}, by a process that was not seen`)
  return show(`${process.name}, pid ${process.pid}, listens on ${endpointWords(reach)}: ${process.command.join(' ')}`)
}

export interface FindingParts {
  readonly rule: RuleId
  readonly severity: Severity
  readonly service?: string | undefined
  readonly message: string
  readonly places: readonly Place[]
  readonly why?: string
  readonly fix: string
  /** Those that are there several times are taken once. */
  readonly changes?: readonly Change[]
  readonly facts?: readonly Shown[]
  /** What tells this finding from others of its rule and service, without line numbers. */
  readonly key: string
  /** The key is an endpoint, and those that differ in it alone are one thing to look at. */
  readonly ofEndpoint?: true
}

/** In UTF-16 code units; a path, a name and an origin fit. */
const FINGERPRINT_LENGTH = 600

export function finding({ service, facts = [], changes = [], key, ofEndpoint, ...parts }: FindingParts): Finding {
  return {
    ...parts,
    changes: eachOnce(changes),
    facts,
    ...(service === undefined ? {} : { service }),
    ...(ofEndpoint === undefined ? {} : { endpoint: key }),
    fingerprint: show([parts.rule, service ?? '', key].join('|'), FINGERPRINT_LENGTH),
  }
}

/** That packets by the first of these ways may arrive, and nobody can tell. `what`: what they would reach. */
export function undecidedReach(row: ServiceRow, reach: EndpointReach, what: string, ways: readonly Way[], fix: string): readonly Finding[] {
  const [way] = ways
  if (way === undefined) return []
  return [
    finding({
      rule: 'undecided',
      severity: 'info',
      service: row.name,
      message: `It cannot be told whether ${whoReaches(ways)} can reach ${what} on ${endpointWords(reach)}`,
      places: reasonPlaces(way),
      fix,
      facts: [holder(row, reach), ...way.reasons.map((reason) => reason.text)],
      key: `${reach.endpoint.protocol} ${reach.endpoint.port}`,
      ofEndpoint: true,
    }),
  ]
}

/** A file's path without its line: what stays when lines move. */
export function stablePlace(origin: Origin): string {
  return origin.kind === 'file' ? origin.path : origin.kind
}
