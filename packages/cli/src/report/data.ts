import {
  type Accepted,
  type AuditReport,
  type Finding,
  type Fronting,
  type NextEndpoint,
  type PlannedBind,
  type PredictedEndpoint,
  predictedEndpoints,
  type ServiceRow,
} from '@sallyport/core/audit'
import { type Container, type Origin, printable, show } from '@sallyport/core/evidence'
import { formatAddress, formatAddressSet, sourceAddresses } from '@sallyport/core/network'
import type { Blocked, EndpointReach, PathStep, Way } from '@sallyport/core/reach'
import { VERSION } from '../version.ts'
import { throughData } from './through-data.ts'
import { addressAndPort, placeText, stepText } from './words.ts'

/** The report of one host; of several, with what is said of each. */
export function reportsData(reports: readonly AuditReport[]) {
  const [first, second] = reports
  if (first !== undefined && second === undefined) return reportData(first)
  return { version: 1 as const, tool: { name: 'sallyport', version: VERSION }, hosts: reports.map(reportData) }
}

/**
 * The report as plain data, version 1: fields are added within a version, never renamed or taken away (docs/schema/check.schema.json).
 * Everything that came from the deployment has passed the redacting constructor already.
 */
export type ReportData = ReturnType<typeof reportData>

export function reportData(report: AuditReport) {
  return {
    version: 1 as const,
    tool: { name: 'sallyport', version: VERSION },
    host:
      report.host === undefined
        ? null
        : {
            name: report.host.name,
            boundary: { kind: report.host.boundary.kind, label: report.host.boundary.label },
            ...(report.host.capturedAt === undefined ? {} : { capturedAt: new Date(report.host.capturedAt).toISOString() }),
          },
    policy:
      report.policy === undefined
        ? null
        : {
            name: show(report.policy.name),
            files: report.policy.files.map((file) => printable(file)),
            environment: shownOrNull(report.policy.environment),
          },
    score: {
      value: report.score.value,
      costs: report.score.costs,
      cap: report.score.cap ?? null,
    },
    undecided: report.undecided,
    services: report.rows.map((row) => serviceData(row, report)),
    findings: report.findings.map(findingData),
    accepted: report.accepted.map(acceptedData),
    notSeen: report.gaps.map(gapData),
    ambiguous: report.ambiguous,
  }
}

export function gapData({ claim, origin }: AuditReport['gaps'][number]) {
  return { code: claim.code, what: claim.what, affects: claim.affects.kind, remedy: claim.remedy ?? null, place: placeData(origin) }
}

function shownOrNull(text: string | undefined) {
  return text === undefined ? null : show(text)
}

function serviceData(row: ServiceRow, report: AuditReport) {
  return {
    name: row.name,
    declared:
      row.declared === undefined
        ? null
        : { place: placeData(row.declared.origin), edge: row.declared.edge, elsewhere: report.elsewhere.has(row.declared.name) },
    endpoints: row.now.map((reach) => endpointData(reach, row)),
    next: row.next.map((next) => nextData(next, row)),
    afterStart: predictedEndpoints(row).map(predictedData),
    planned: row.planned.map(plannedData),
    container: row.container === undefined ? null : { name: row.container.claim.name, image: row.container.claim.image },
    proxies: row.fronts.map(frontData),
    through: throughData(report, row),
    links: row.links,
  }
}

export function endpointData(reach: EndpointReach, row: ServiceRow) {
  const { endpoint } = reach
  const pids = new Set(endpoint.sockets.flatMap((socket) => socket.claim.processes))
  return {
    protocol: endpoint.protocol,
    address: formatAddress(endpoint.address),
    port: endpoint.port,
    accepts: endpoint.sockets[0]?.claim.accepts ?? 'unknown',
    namespace: endpoint.namespace,
    processes: row.processes
      .filter((process) => pids.has(process.claim.pid))
      .map(({ claim }) => ({
        pid: claim.pid,
        name: claim.name,
        command: claim.command,
        user: claim.user ?? null,
        manager: claim.manager ?? null,
      })),
    reach: reach.ways.map(wayData),
    blocked: reach.blocked.map(blockedData),
  }
}

export function blockedData(item: Blocked) {
  return {
    from: item.sender,
    family: item.family,
    sources: formatAddressSet(sourceAddresses(item.sources)),
    at: addressAndPort(item.at.address, item.at.port),
    interface: printable(item.entry.device),
    answer: item.rejected ? ('rejected' as const) : ('dropped' as const),
    path: item.path.map(stepData),
  }
}

export function wayData(way: Way) {
  return {
    from: way.sender,
    family: way.family,
    verdict: way.certainty,
    sources: formatAddressSet(sourceAddresses(way.sources)),
    at: addressAndPort(way.at.address, way.at.port),
    interface: printable(way.entry.device),
    unless: way.upstream ?? null,
    path: way.path.map(stepData),
    reasons: way.reasons.map((reason) => reason.text),
  }
}

export function stepData(step: PathStep) {
  const origin = step.kind === 'netfilter' && 'origin' in step.step ? step.step.origin : undefined
  return {
    kind: step.kind === 'netfilter' ? step.step.kind : step.kind,
    text: stepText(step),
    place: origin === undefined ? null : placeData(origin),
  }
}

function nextData(next: NextEndpoint, row: ServiceRow) {
  return next.kind === 'undecided'
    ? { kind: next.kind, reason: next.reason, endpoint: null, place: placeData(next.plan.cause) }
    : { kind: next.kind, reason: null, endpoint: endpointData(next.reach, row), place: placeData(next.plan.cause) }
}

/** An endpoint of this machine that a normal start makes, as the files tell. */
export function predictedData({ protocol, port, exposure, reason, cause }: PredictedEndpoint) {
  return { protocol, port: port ?? null, exposure, reason: reason ?? null, place: placeData(cause) }
}

function plannedData(plan: PlannedBind) {
  const listensAt = plan.bind?.origin ?? plan.listener?.listener.origin
  return {
    protocol: plan.protocol,
    port: plan.port ?? null,
    exposure: plan.exposure.kind,
    address: plan.exposure.kind === 'undecided' ? null : formatAddress(plan.exposure.address),
    reason: plan.exposure.kind === 'undecided' ? plan.exposure.reason : null,
    decidedBy: plan.decidedBy,
    place: placeData(plan.cause),
    listensAt: listensAt === undefined ? null : placeData(listensAt),
    framework: shownOrNull(plan.bind?.claim.framework ?? plan.listener?.proxy.claim.system ?? plan.launch?.claim.serves?.program),
    startedBy:
      plan.launch === undefined ? null : { kind: plan.launch.claim.by, name: plan.launch.claim.name, place: placeData(plan.launch.origin) },
    inContainer: plan.contained,
  }
}

/** What a container engine says that it publishes. */
export function containerData({ name, image, published }: Container) {
  return {
    name,
    image,
    published: published.map(({ protocol, hostAddress, hostPorts, containerPorts }) => ({
      protocol,
      address: formatAddress(hostAddress),
      hostPorts,
      containerPorts,
    })),
  }
}

export function frontData(front: Fronting) {
  return { system: front.system, target: `${front.target.host}:${front.target.port}`, place: placeData(front.origin) }
}

function findingData(finding: Finding) {
  return {
    rule: finding.rule,
    severity: finding.severity,
    service: finding.service ?? null,
    message: finding.message,
    places: finding.places.map(({ role, origin }) => ({ role, ...placeData(origin) })),
    fix: finding.fix,
    facts: finding.facts,
    fingerprint: finding.fingerprint,
  }
}

function acceptedData({ finding, by }: Accepted) {
  return { ...findingData(finding), reason: by.reason, by: by.by ?? null, until: by.until?.value ?? null }
}

/** A place as text, and as file, line and column where it is one. */
export function placeData(origin: Origin) {
  const file = origin.kind === 'file' ? origin : origin.kind === 'rule' ? origin.file : undefined
  return {
    text: placeText(origin),
    file: file?.path ?? null,
    line: file?.span.start.line ?? null,
    column: file?.span.start.column ?? null,
    shown: origin.kind === 'file' ? origin.line : origin.kind === 'rule' ? origin.text : null,
  }
}
