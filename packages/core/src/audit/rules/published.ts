import {
  type ComposeService,
  type ConfiguredPort,
  type Evidence,
  type Origin,
  type PortRange,
  resolveValue,
  samePlace,
  show,
  type Surroundings,
} from '../../evidence/index.ts'
import type { Policy } from '../../policy/index.ts'
import { formatPorts } from '../../policy/ports.ts'
import { isTestPath } from '../../systems/index.ts'
import type { AuditContext } from '../audit.ts'
import type { RuleId } from '../catalogue.ts'
import { addressElsewhere, isForServices, publishChanges } from '../cures/changes.ts'
import { type Finding, type Place, SEVERITIES, type Severity } from '../finding.ts'
import { debuggerOf } from '../join/debugger.ts'
import { exposureOf } from '../join/exposure.ts'
import type { ServiceRow } from '../join/service.ts'
import { fromBeyond } from './intent.ts'
import { isDataStoreImage } from './known.ts'
import { declaresPort, isForEverybody, isForThisMachine } from './meant.ts'
import { ignoresPort } from './presence.ts'
import { sourceName } from './reachable.ts'
import { finding } from './words.ts'

/** `published-private`, `proxy-bypassed`, `undeclared-listener` and `undecided` (M1, M12): what compose files and scripts publish, as long as it is not seen running. */
export function checkPublished({ rows, policy }: AuditContext): readonly Finding[] {
  return rows.flatMap((row): readonly Finding[] => {
    if (row.now.some((reach) => fromBeyond(reach.ways).length > 0)) return []
    return eachOnce(row.containers.flatMap((service) => [...publishing(row, service, policy), ...besideMachine(row, service)]))
  })
}

/** On a network of its neighbours nothing has to be published. */
function besideMachine(row: ServiceRow, service: Evidence<ComposeService>): readonly Finding[] {
  const { networks, image = '' } = service.claim
  const [network] = networks.flatMap(({ name, besideMachine: origin }) => (origin === undefined ? [] : [{ name, origin }]))
  if (network === undefined || !isPrivate(row, image)) return []
  return [
    finding({
      rule: 'published-private',
      severity: PRIVATE.severity(row, service),
      service: row.name,
      message: `The network ${show(network.name)} gives ${row.name} an address beside this machine’s: its neighbours come to every port, and no rule of this machine is asked`,
      places: [{ role: 'its driver', origin: network.origin }, ...declaredPlaces(row)],
      why: 'Docker publishes nothing there and opens no firewall: the packets come to the container’s own address, and what this machine filters they do not pass.',
      fix: 'take it off that network when only other services need it: they come to it by a bridge network',
      facts: image === '' ? [] : [show(`image ${image}`)],
      key: `beside ${network.name}`,
    }),
  ]
}

function publishing(row: ServiceRow, service: Evidence<ComposeService>, policy: Policy | undefined): readonly Finding[] {
  const judge = judgeOf(row, service.claim, policy)
  return service.claim.published.flatMap((port): readonly Finding[] => {
    const judgement = judge(port)
    const reaches = extentOf(port)
    if (judgement === undefined || reaches === 'this machine' || isToldAsDebugger(row, port)) return []
    return [reaches === 'others' ? openly(judgement, row, service, port) : undecided(row, port, reaches.reason)]
  })
}

/** Several ways to deploy it that publish the same port are one finding with the places of all, as severe as the worst of them. */
function eachOnce(findings: readonly Finding[]): readonly Finding[] {
  const found = new Map<string, Finding>()
  for (const finding of findings) {
    const known = found.get(finding.fingerprint)
    if (known === undefined) {
      found.set(finding.fingerprint, finding)
      continue
    }
    const [worse, other] = SEVERITIES.indexOf(finding.severity) < SEVERITIES.indexOf(known.severity) ? [finding, known] : [known, finding]
    const [here = [], also = []] = [worse, other].map(({ places }) => places)
    const isNew = ({ origin }: Place): boolean => !here.some((place) => isSamePlace(place.origin, origin))
    const changes = [...known.changes, ...finding.changes]
    found.set(finding.fingerprint, { ...worse, changes, places: [...here.slice(0, 1), ...also.filter(isNew), ...here.slice(1)] })
  }
  return [...found.values()]
}

function isSamePlace(a: Origin, b: Origin): boolean {
  return a.kind === 'file' && b.kind === 'file' && samePlace(a, b)
}

/** What is said of a port that is published on every interface. */
interface Judgement {
  readonly rule: RuleId
  severity(row: ServiceRow, service: Evidence<ComposeService>): Severity
  /** After `Compose publishes NAME on port N of every interface`. */
  beyond(row: ServiceRow): string
  readonly fix: string
  /** Further places. */
  because?(row: ServiceRow): readonly Place[]
  /** Some of those who come are meant to: by which address is for a person to say, unless they are other services. */
  readonly isMeantBeyond?: true
  /** What it is that is published is not said otherwise. */
  readonly tellsImage?: true
}

function openly(judgement: Judgement, row: ServiceRow, service: Evidence<ComposeService>, port: ConfiguredPort): Finding {
  const { image } = service.claim
  return finding({
    rule: judgement.rule,
    severity: judgement.severity(row, service),
    service: row.name,
    message: `${publisherOf(service)} publishes ${row.name} on ${portText(port)} of every interface${judgement.beyond(row)}`,
    places: [...placesOf(row, port), ...(judgement.because?.(row) ?? [])],
    fix: judgement.fix,
    changes: judgement.isMeantBeyond === true && !isForServices(row) ? [] : publishChanges(row, [port]),
    facts: judgement.tellsImage === undefined || image === undefined ? [] : [show(`image ${image}`)],
    key: keyOf(port),
  })
}

/** A debugger in the container has a rule of its own, `debugger-reachable`. */
function isToldAsDebugger({ planned, declared }: ServiceRow, { containerPorts: { first, last } }: ConfiguredPort): boolean {
  return planned.some((plan) => {
    const { port, exposure } = plan
    if (port === undefined || port < first || port > last || debuggerOf(plan) === undefined || exposure.kind === 'loopback') return false
    return first === last && exposure.kind !== 'undecided' && (declared === undefined || !declaresPort(declared, port))
  })
}

/** Which rule a port is for when it is published beyond this machine; `undefined`: it is as the policy has it, or nobody's concern. */
function judgeOf(
  row: ServiceRow,
  { image = '' }: ComposeService,
  policy: Policy | undefined,
): (port: ConfiguredPort) => Judgement | undefined {
  const { declared, fronts, now } = row
  if (isPrivate(row, image)) return () => PRIVATE
  const isDeclared = (port: ConfiguredPort): boolean =>
    declared?.protocols.includes(port.protocol) === true &&
    rangesOf(port).some(({ first, last }) => declaresPort(declared, first) || declaresPort(declared, last))
  const isFronted = (port: ConfiguredPort): boolean =>
    fronts.some(({ target }) => rangesOf(port).some((range) => contains(range, target.port)))
  if (policy === undefined) return (port) => (isFronted(port) ? PROXIED : undefined)
  // What is seen running is judged by who reaches it.
  const isLimited = declared !== undefined && !isForEverybody(declared) && now.length === 0
  return (port) => {
    if (isDeclared(port)) return isLimited && mayBeEverywhere(port) ? LIMITED : undefined
    if (policy.listeners.undeclared === 'ignore') return undefined
    const host = port.hostPorts ?? port.containerPorts
    return policy.listeners.ignore.some((entry) => ignoresPort(entry, host.first) && ignoresPort(entry, host.last)) ? undefined : UNDECLARED
  }
}

function isPrivate({ declared }: ServiceRow, image: string): boolean {
  return declared === undefined ? isDataStoreImage(image) : isForThisMachine(declared)
}

const PRIVATE: Judgement = {
  rule: 'published-private',
  severity: (row, service) => (isByHand(service) && (row.declared === undefined || row.containers.length > 1) ? 'low' : 'high'),
  beyond: () => '',
  fix: 'take the port away when only other services need it, or publish it on 127.0.0.1',
  tellsImage: true,
}

/** Others than this machine are meant to come, and not everybody: a firewall that lets in only them is not asked. */
const LIMITED: Judgement = {
  rule: 'published-private',
  severity: (_, service) => (isByHand(service) ? 'low' : 'medium'),
  beyond: ({ declared }) =>
    `, past the firewall’s rules for this machine, and it is meant for ${(declared?.from ?? []).map(sourceName).join(', ')}`,
  fix: 'publish it on an address that only they come to, or let only them through in the chain DOCKER-USER',
  isMeantBeyond: true,
}

const PROXIED: Judgement = {
  rule: 'proxy-bypassed',
  severity: (_, service) => publishingSeverity(service),
  beyond: ({ fronts }) => `, past ${fronts[0]?.system ?? 'the proxy'} that fronts it`,
  fix: 'publish it on 127.0.0.1 where the proxy is on this machine, or not at all where it is in a container beside it',
  because: ({ fronts }) => fronts.slice(0, 1).map(({ origin }) => ({ role: 'forwarded from here', origin })),
}

const UNDECLARED: Judgement = {
  rule: 'undeclared-listener',
  severity: (_, service) => publishingSeverity(service),
  beyond: ({ declared }) => `${declared === undefined ? '' : ' beside its declared ports'}, which the policy does not know`,
  fix: 'publish it on 127.0.0.1 or not at all, declare it as a service, or list it under listeners: ignore with a reason',
  tellsImage: true,
}

function rangesOf({ hostPorts, containerPorts }: ConfiguredPort): readonly PortRange[] {
  return hostPorts === undefined ? [containerPorts] : [hostPorts, containerPorts]
}

function contains({ first, last }: PortRange, port: number): boolean {
  return first <= port && port <= last
}

/** What is started when it is asked for, or for work on the code, is not what is deployed. */
export function publishingSeverity(service: Evidence<ComposeService>): Severity {
  if (isByHand(service)) return 'low'
  return service.claim.profiles.length > 0 || service.environment === 'development' || service.environment === 'local' ? 'medium' : 'high'
}

/** Without a project it is a `docker run` of a script; one that a person calls to work on the code, or to test it, is no deployment. */
function isByHand({ claim, origin, environment }: Evidence<ComposeService>): boolean {
  const path = origin.kind === 'file' ? origin.path : ''
  if (environment === 'test' || environment === 'e2e' || environment === 'ci' || isTestPath(path)) return true
  return claim.project === '' && /(?:^|\/)package\.json$/.test(path)
}

function publisherOf({ claim }: Evidence<ComposeService>): string {
  return claim.manager ?? (claim.project === '' ? 'A docker run' : 'Compose')
}

function portText({ hostPorts }: ConfiguredPort): string {
  return hostPorts === undefined ? 'a port that the engine chooses' : `port ${formatPorts(hostPorts)}`
}

function keyOf({ protocol, hostPorts }: ConfiguredPort): string {
  return `${protocol} ${hostPorts?.first ?? 'any'}`
}

function placesOf(row: ServiceRow, port: ConfiguredPort): readonly Place[] {
  const address = addressElsewhere(port)
  const given = address === undefined ? [] : [{ role: 'gives the address', origin: address }]
  return [{ role: 'published here', origin: port.origin }, ...given, ...declaredPlaces(row)]
}

function declaredPlaces({ declared }: ServiceRow): readonly Place[] {
  return declared === undefined ? [] : [{ role: 'declared here', origin: declared.origins.from }]
}

function mayBeEverywhere({ hostAddress }: ConfiguredPort): boolean {
  return resolveValue(hostAddress, NOTHING_SET).some((address) => ['every-interface', 'undecided'].includes(exposureOf(address, '*').kind))
}

const NOTHING_SET: Surroundings = { environment: new Map(), arguments: new Map() }

/** How far others come to a published port by the address that it is published on. */
export function extentOf({ hostAddress }: Pick<ConfiguredPort, 'hostAddress'>): 'this machine' | 'others' | { readonly reason: string } {
  const exposures = resolveValue(hostAddress, NOTHING_SET).map((address) => exposureOf(address, '*'))
  if (exposures.some(({ kind }) => kind === 'every-interface' || kind === 'address')) return 'others'
  const [reason] = exposures.flatMap((exposure) => (exposure.kind === 'undecided' ? [exposure.reason] : []))
  return reason === undefined ? 'this machine' : { reason }
}

function undecided(row: ServiceRow, port: ConfiguredPort, reason: string): Finding {
  return finding({
    rule: 'undecided',
    severity: 'info',
    service: row.name,
    message: `It cannot be told on which address ${row.name} is published with ${portText(port)}: ${reason}`,
    places: placesOf(row, port),
    fix: 'write the address, or give its variable a default: "${BIND:-127.0.0.1}:8001:8001"',
    key: `published ${keyOf(port)}`,
  })
}
