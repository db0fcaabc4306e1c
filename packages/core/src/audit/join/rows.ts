import { type Evidence, evidenceOf, type NamespaceId, type PortRange, printable, type Protocol, show } from '../../evidence/index.ts'
import type { Policy, Service } from '../../policy/index.ts'
import type { EndpointReach, HostModel } from '../../reach/index.ts'
import { withChildren } from './children.ts'
import { withNodeOptions } from './debugger.ts'
import { frontsOf, type FrontingTarget, mayLeadTo, ownAddresses, type PossibleFronting, possibleFrontsOf } from './fronting.ts'
import { groupPlanned, type PlannedService } from './groups.ts'
import { groupLive, type LiveService, matchLive } from './live.ts'
import { startFacts } from './facts.ts'
import { ProxyHomes } from './proxy-home.ts'
import type { Link, ServiceRow } from './service.ts'
import { plannedNames, splitLive, splitPlanned, within } from './split.ts'
import { isStranger } from './stranger.ts'

export interface Joined {
  readonly rows: readonly ServiceRow[]
  readonly ambiguous: readonly Ambiguity[]
}

/** Two candidates of equal strength: reported, never guessed. */
export interface Ambiguity {
  readonly what: string
  readonly candidates: readonly string[]
}

/** A row while it is put together. */
interface Draft {
  declared: Service | undefined
  live: LiveService[]
  planned: PlannedService[]
  links: Link[]
}

/** Brings together what is declared, what the files start and what runs. */
export function joinRows(
  evidence: readonly Evidence[],
  host: HostModel | undefined,
  reach: readonly EndpointReach[],
  policy: Policy | undefined,
  folder: string,
): Joined {
  const programs = new Set(evidenceOf(evidence, 'process').map(({ claim }) => claim.name))
  // The machine’s own files of a proxy that does not run are those of a package that is not in use.
  const configured = evidence.filter(
    ({ claim, standing, origin }) =>
      standing === 'configured' &&
      (claim.claim !== 'proxy' || programs.has(claim.system) || origin.kind !== 'file' || !origin.path.startsWith('/')),
  )
  const facts = withNodeOptions(withChildren(startFacts(configured)))
  const planned = splitPlanned(groupPlanned(facts), policy)
  const live = host === undefined ? [] : groupLive(host, reach).flatMap((service) => splitLive(service, policy))
  const ambiguous: Ambiguity[] = []
  const drafts = planned.map((service): Draft => ({ declared: undefined, live: [], planned: [service], links: [] }))
  for (const service of live) {
    const matches = drafts
      .flatMap((draft) => draft.planned.flatMap((item) => ({ draft, match: matchLive(service, item, folder) })))
      .flatMap(({ draft, match }) => (match === undefined ? [] : [{ draft, match }]))
      .toSorted((a, b) => b.match.strength - a.match.strength)
    const [first, second] = matches
    const equal =
      first !== undefined && second !== undefined && first.match.strength === second.match.strength && first.draft !== second.draft
    if (first === undefined || equal) {
      if (equal)
        ambiguous.push({
          what: describeLive(service),
          candidates: matches
            .filter(({ match }) => match.strength === first.match.strength)
            .map(({ draft }) => draft.planned[0]?.name ?? ''),
        })
      drafts.push({ declared: undefined, live: [service], planned: [], links: [] })
      continue
    }
    first.draft.live.push(service)
    first.draft.links.push({ reason: first.match.reason, detail: first.match.detail })
  }
  for (const service of policy?.services.values() ?? []) declare(drafts, service, ambiguous, host?.own)
  const targets = frontsOf(evidence, ownAddresses(host))
  const homes = new ProxyHomes(facts)
  const possible = possibleFrontsOf(evidence)
  return { rows: toldApart(drafts.map((draft) => finish(draft, targets, homes, possible, host?.own))), ambiguous }
}

/** Rows of the same name are told with the file that each is of. */
function toldApart(rows: readonly ServiceRow[]): readonly ServiceRow[] {
  const names = new Map<string, number>()
  for (const { name } of rows) names.set(name, (names.get(name) ?? 0) + 1)
  return rows.map((row) => {
    const [launch] = row.launches
    const file = row.compose === undefined ? (launch?.claim.entry ?? placeOf(launch ?? row.planned[0]?.bind)) : placeOf(row.compose)
    const isAlone = row.declared !== undefined || names.get(row.name) === 1 || file === undefined
    return isAlone ? row : { ...row, name: `${row.name} (${printable(file)})` }
  })
}

function placeOf(evidence: Evidence | undefined): string | undefined {
  return evidence?.origin.kind === 'file' ? evidence.origin.path : undefined
}

/** Finds the draft that a declared service is: by the name that its manager knows it by, else by its port. */
function declare(drafts: Draft[], service: Service, ambiguous: Ambiguity[], own: NamespaceId | undefined): void {
  const free = drafts.filter((draft) => draft.declared === undefined)
  const byName = free.filter((draft) => namesOf(draft).has(service.run.name))
  const byPort = free.filter((draft) => portsOf(draft, own, service.protocols).some((port) => within(service.ports, port)))
  const both = byName.filter((draft) => byPort.includes(draft))
  const candidates = both.length > 0 ? both : byName.length > 0 ? byName : byPort
  const chosen = withoutStrangers(unseenAsOne(drafts, candidates))
  const merges = chosen.length === 2 && chosen[0]?.live.length === 0 && chosen[1]?.planned.length === 0
  if (chosen.length > 1 && byName.length === 0 && !merges)
    ambiguous.push({ what: `service ${service.name}`, candidates: chosen.map((draft) => [...namesOf(draft)][0] ?? '') })
  const [draft, ...others] = chosen
  if (draft === undefined) {
    drafts.push({ declared: service, live: [], planned: [], links: [] })
    return
  }
  draft.declared = service
  draft.links.push(
    byName.includes(draft)
      ? { reason: 'name', detail: show(service.run.name) }
      : { reason: 'port', detail: show(service.ports.map(formatRange).join(', ')) },
  )
  // The same service seen twice: once in the files, once running without anything but its port to tell by.
  for (const other of others) {
    if (byName.includes(other) || draft.planned.length > 0 !== other.planned.length > 0) {
      draft.live.push(...other.live)
      draft.planned.push(...other.planned)
      drafts.splice(drafts.indexOf(other), 1)
    }
  }
}

/** Sockets whose processes cannot be seen may all be one program’s, and whoever holds a declared port is to be judged by what it is declared for. */
function unseenAsOne(drafts: Draft[], candidates: readonly Draft[]): readonly Draft[] {
  const [first, ...others] = candidates.filter(
    ({ planned, live }) =>
      planned.length === 0 && live.every(({ container, processes }) => container === undefined && processes.length === 0),
  )
  for (const other of others) {
    first?.live.push(...other.live)
    drafts.splice(drafts.indexOf(other), 1)
  }
  return candidates.filter((draft) => !others.includes(draft))
}

/** Of what a service may be: what the files start and what runs, unless what runs is certainly something else. */
function withoutStrangers(candidates: readonly Draft[]): readonly Draft[] {
  const running = candidates.filter((draft) => draft.live.length > 0)
  const [only, ...others] = running
  if (only === undefined || others.length > 0) return candidates
  const plans = candidates.filter((draft) => draft.live.length === 0)
  if (only.planned.length > 0 || plans.length === 0) return running
  const fitting = plans.filter((plan) => !only.live.every((live) => plan.planned.every((planned) => isStranger(live, planned))))
  if (fitting.length === 0) return plans
  return fitting.length === 1 ? [...fitting, only] : running
}

function formatRange(range: PortRange): string {
  return range.first === range.last ? String(range.first) : `${range.first}-${range.last}`
}

function namesOf(draft: Draft): ReadonlySet<string> {
  return new Set([...draft.live.map((item) => item.name), ...draft.planned.flatMap((item) => [...plannedNames(item)])])
}

/** Every port of this machine by which the service is known: bound in its own namespace, published, or to be bound at the next start. */
function portsOf(draft: Draft, own: NamespaceId | undefined, protocols: readonly Protocol[] = ['tcp', 'udp']): readonly number[] {
  return [
    ...draft.live.flatMap((item) => [
      ...item.endpoints.flatMap(({ endpoint }) =>
        endpoint.namespace === own && protocols.includes(endpoint.protocol) ? [endpoint.port] : [],
      ),
      ...(item.container?.claim.published.map(({ hostPorts }) => hostPorts.first) ?? []),
    ]),
    ...draft.planned.flatMap((item) => [
      ...item.planned.flatMap((plan) => plan.port ?? []),
      ...item.containers.flatMap(({ claim }) => claim.published.flatMap((port) => port.hostPorts?.first ?? [])),
    ]),
  ]
}

function describeLive(service: LiveService): string {
  const pid = service.processes[0]?.claim.pid
  return pid === undefined ? service.name : `${service.name} (pid ${pid})`
}

/** The ports that a container is known to have in its own network. */
function portsInside({ containers, container, now }: Pick<ServiceRow, 'containers' | 'container' | 'now'>): readonly number[] {
  if (containers.length === 0 && container === undefined) return []
  return [
    ...containers.flatMap(({ claim }) => claim.published.map(({ containerPorts }) => containerPorts.first)),
    ...containers.flatMap(({ claim }) => claim.exposed.map(({ ports }) => ports.first)),
    ...(container?.claim.published.map(({ containerPorts }) => containerPorts.first) ?? []),
    ...now.map(({ endpoint }) => endpoint.port),
  ]
}

function finish(
  draft: Draft,
  targets: readonly FrontingTarget[],
  homes: ProxyHomes,
  possible: readonly PossibleFronting[],
  own: NamespaceId | undefined,
): ServiceRow {
  const [live] = draft.live
  const containers = draft.planned.flatMap((item) => item.containers)
  const row = {
    // Of what is not declared, files name it: a directory may be called anything.
    name: draft.declared?.name ?? printable(draft.planned[0]?.name ?? live?.name ?? 'unknown'),
    declared: draft.declared,
    now: draft.live.flatMap((item) => item.endpoints),
    next: [],
    planned: draft.planned.flatMap((item) => item.planned),
    launches: draft.planned.flatMap((item) => item.launches),
    processes: draft.live.flatMap((item) => item.processes),
    container: live?.container,
    compose: containers[0],
    containers,
    links: draft.links,
  }
  const known = [
    ...portsOf(draft, own),
    ...(draft.declared?.ports.flatMap((range) => (range.first === range.last ? [range.first] : [])) ?? []),
  ]
  const inside = portsInside(row)
  const fronts = targets
    .filter((target) => target.leadsTo(row, known, inside) && !homes.isElsewhere(row, target))
    .map((target) => target.fronting)
  return { ...row, fronts, possibleFronts: possible.filter((front) => mayLeadTo(front, known)) }
}
