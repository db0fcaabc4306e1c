import { type AuditReport, plansBehind, type ServiceRow } from '@sallyport/core/audit'
import { FAMILIES, type Family, isUnspecified } from '@sallyport/core/network'
import type { Blocked, Endpoint, EndpointReach, Sender, Way } from '@sallyport/core/reach'
import { type Asked, askedOf, askedOfMachine } from '../query/asked.ts'
import type { Subject } from '../query/subject.ts'
import { mayHave, unseenOf } from '../query/unseen.ts'
import { type Advice, adviceOfEndpoint, adviceOfFiles, adviceText } from './advice.ts'
import { requestLines } from './explain-requests.ts'
import { bypassed, furtherStops, unboundLines } from './explain-stops.ts'
import { addressedText, alike, isOwn, SENDER_TITLES, senderText, stepLines, verdictText } from './ways.ts'
import { addressAndPort, declaredText, elsewhereText, endpointText, gapWords, LAUNCH_WORDS, placeText, predictedText } from './words.ts'
import { columns, wrap } from './wrap.ts'

/** The words of `sallyport explain`: of each service what is said of it, then the way of a packet, one line a step, or what stops it. */
export function explainText(report: AuditReport, subjects: readonly Subject[], asked: Asked): string {
  const unseen = unseenOf(report, subjects).flatMap(({ claim }) => wrap(gapWords(claim), 2, columns()))
  const parts = [
    ...subjects.map((subject) => subjectText(report, subject, asked)),
    ...(unseen.length === 0 ? [] : [['Not seen', ...unseen].join('\n')]),
  ]
  return `${parts.join('\n\n')}\n`
}

function subjectText(report: AuditReport, subject: Subject, asked: Asked): string {
  const { row, endpoints } = subject
  if (endpoints.length === 0) {
    const elsewhere = elsewhereText(report, row)
    const state = elsewhere ?? stateText(report, subject)
    return [
      `${row.name}: ${state}`,
      ...saidLines(row),
      ...(elsewhere === undefined || row.planned.length > 0 ? filesLines(report, subject) : []),
      ...requestLines(report, row, undefined),
      ...(asked.kind === 'anyone' || row.now.length > 0 ? [] : ['', ...wrap(unanswered(report, row, asked.title), 2, columns())]),
    ].join('\n')
  }
  return endpoints
    .map((reach, index) => [...endpointLines(report, row, reach, index === 0), ...wayGroups(report, row, reach, asked)].join('\n'))
    .join('\n\n')
}

function stateText(report: AuditReport, { row, protocol }: Subject): string {
  if (report.host === undefined) return 'what the files say'
  if (row.now.length === 0) return isHidden(report, row) ? 'not seen to run' : 'not running, so no packet is taken'
  const listens = row.now.map(({ endpoint }) => `${endpoint.protocol} ${endpointText(endpoint)}`)
  return `nothing of it listens on ${protocol ?? 'any port'}; it listens on ${listens.join(', ')}`
}

/** It may run all the same, where this user is not shown it. */
function isHidden(report: AuditReport, row: ServiceRow): boolean {
  return mayHave(report, row).length > 0
}

/** Why who sends makes no difference to what was said. */
function unanswered(report: AuditReport, row: ServiceRow, title: string): string {
  return report.host === undefined
    ? `Whether a packet of ${title} arrives is decided by the machine, which was not looked at: leave --scope folder out.`
    : `From ${title}: ${isHidden(report, row) ? 'nothing was seen that listens.' : 'nothing listens, so no packet is taken.'}`
}

/** Where it is declared, who starts it, what passes requests on to it. */
function saidLines(row: ServiceRow): readonly string[] {
  const launches = row.launches.map(({ claim, origin }) => `  started by ${LAUNCH_WORDS[claim.by]} ${claim.name}  ${placeText(origin)}`)
  const compose =
    row.compose === undefined || row.launches.some(({ claim }) => claim.by === 'compose' || claim.by === 'docker-run')
      ? []
      : [
          `  started by ${row.compose.claim.manager ?? (row.compose.claim.project === '' ? 'docker run' : 'compose')}, as ${row.compose.claim.name}  ${placeText(row.compose.origin)}`,
        ]
  const fronts = row.fronts.map(
    ({ system, target, origin }) => `  ${system} passes requests on to ${target.host}:${target.port}  ${placeText(origin)}`,
  )
  return distinct([...(row.declared === undefined ? [] : [`  ${declaredText(row.declared)}`]), ...launches, ...compose, ...fronts])
}

function filesLines(report: AuditReport, { row, predicted, protocol }: Subject): readonly string[] {
  if (predicted.length === 0 && row.now.length > 0) return []
  const starts = row.launches.length > 0 || row.compose !== undefined || row.planned.length > 0
  if (predicted.length === 0)
    return starts
      ? ['', `  When it is started: nothing that was read says that it listens${protocol === undefined ? '' : ` on ${protocol}`}.`]
      : [
          '',
          `  Nothing that was read starts it${report.host === undefined ? '' : `, and nothing ${isHidden(report, row) ? 'that was seen ' : ''}listens on its ports`}.`,
          ...(isHidden(report, row) ? [] : ['  Start it, or take it out of the policy.']),
        ]
  return [
    '',
    '  When it is started',
    ...predicted.flatMap((item) => [
      `    ${predictedText(item)}  ${placeText(item.cause)}`,
      ...(item.cause.line === '' ? [] : [`      ${item.cause.line}`]),
    ]),
    ...adviceLines(adviceOfFiles(row, predicted)),
  ]
}

function adviceLines(advice: readonly Advice[]): readonly string[] {
  return advice.length === 0 ? [] : ['', ...adviceText(advice, columns())]
}

function endpointLines(report: AuditReport, row: ServiceRow, reach: EndpointReach, isFirst: boolean): readonly string[] {
  const where = report.namespaces.get(reach.endpoint.namespace)
  return [
    `${row.name}: ${reach.endpoint.protocol} ${endpointText(reach.endpoint)}${where === undefined ? '' : ` in ${where}`}`,
    ...(isFirst ? saidLines(row) : []),
    ...(isFirst && row.container !== undefined ? publishedLines(row) : []),
    ...boundLines(row, reach),
  ]
}

/** The lines that made it listen as it does; where none says so, that those of its port say otherwise. */
function boundLines(row: ServiceRow, reach: EndpointReach): readonly string[] {
  const plans = plansBehind(row, reach)
  const others = row.planned.filter(({ port, contained }) => port === reach.endpoint.port && !contained && row.container === undefined)
  return plans.length > 0
    ? distinct(plans.map(({ cause }) => `  bound as ${placeText(cause)} says: ${cause.line}`))
    : distinct(others.map(({ cause }) => `  it runs otherwise than ${placeText(cause)} says: ${cause.line}`))
}

function publishedLines(row: ServiceRow): readonly string[] {
  const container = row.container?.claim
  if (container === undefined) return []
  const ports = container.published.map(
    ({ protocol, hostAddress, hostPorts, containerPorts }) =>
      `${addressAndPort(hostAddress, hostPorts.first)} → ${protocol} ${containerPorts.first}`,
  )
  const of = container.image === '' ? '' : ` of ${container.image}`
  // What no engine tells, the rules that translate and the sockets below tell.
  const published =
    container.seenBy === 'processes' ? '' : `, ${ports.length === 0 ? 'publishes nothing' : `publishes ${ports.join(', ')}`}`
  return [`  container ${container.name}${of}${published}`]
}

function wayGroups(report: AuditReport, row: ServiceRow, reach: EndpointReach, asked: Asked): readonly string[] {
  if (asked.kind === 'own' && reach.fromMachine === undefined) return ['', ...ownLines(reach, asked)]
  const own = askedOfMachine(reach, asked)
  const ways = [...(own?.ways ?? []), ...askedOf(reach.ways, asked)]
  const blocked = [...(own?.blocked ?? []), ...askedOf(reach.blocked, asked)]
  const lines = [
    ...alike(ways).flatMap((group) => ['', ...wayLines(report, row, group, asked)]),
    ...alike(blocked).flatMap((group) => ['', ...blockedLines(report, reach, group, asked)]),
  ]
  const within = isWithin(reach, asked) ? ['', ...ownLines(reach, { title: 'this machine', families: FAMILIES })] : []
  const nothing = ['', `  ${nothingText(reach, asked)}`, ...(asked.kind === 'anyone' ? unboundLines(report, reach) : [])]
  const said = [...within, ...(lines.length === 0 ? nothing : lines)]
  return asked.kind === 'own' ? said : [...said, ...requestLines(report, row, reach), ...adviceLines(adviceOfEndpoint(report, row, reach))]
}

function nothingText(reach: EndpointReach, asked: Asked): string {
  if (asked.kind === 'anyone') return 'No packet from outside its own network namespace is addressed to it: the socket takes none.'
  if (asked.kind === 'own')
    return `From ${asked.title}: it is in a network namespace of its own, and this machine’s loopback does not lead there`
  return `No packet of ${isWithin(reach, asked) ? SENDER_TITLES.host : asked.title} comes this far.`
}

/** An IPv6 socket takes IPv4 by the wildcard address only, and unless it is for IPv6 alone (ipv6(7)). */
function takes({ address, sockets }: Endpoint, family: Family): boolean {
  if (address.family === family) return true
  return address.family === 6 && isUnspecified(address) && sockets.some(({ claim }) => claim.accepts !== 'ipv6')
}

/** The machine is asked about, and the endpoint is in its own namespace. */
function isWithin({ fromMachine }: EndpointReach, asked: Asked): boolean {
  return fromMachine === undefined && asked.kind === 'sender' && asked.machine === true
}

/** A socket takes what its own namespace sends it, where it takes the family. */
function ownLines(
  { endpoint }: EndpointReach,
  { title, families }: Pick<Extract<Asked, { kind: 'own' }>, 'title' | 'families'>,
): readonly string[] {
  if (!families.some((family) => takes(endpoint, family)))
    return [`  From ${title}: DOES NOT ARRIVE: the socket on ${endpointText(endpoint)} takes no IPv${families.join(' and IPv')}`]
  return [
    `  From ${title}: ARRIVES`,
    `    1. is taken by the socket on ${addressAndPort(endpoint.address, endpoint.port)}, in the same network namespace`,
  ]
}

function title(item: Way | Blocked, asked: Asked): string {
  const as = isOwn(item) ? 'this machine itself' : AS[item.sender]
  const who = asked.kind === 'own' ? asked.title : asked.kind === 'addresses' ? `${asked.title} (${as})` : senderText(item)
  return `  From ${who}, ${addressedText(item)}: ${verdictText(item)}`
}

/** How an address that was asked about comes here. */
const AS: Readonly<Record<Sender, string>> = {
  internet: 'by the internet',
  private: 'as a neighbour',
  host: 'as a container of this machine',
}

/** The same by other interfaces and to other addresses. */
function others([first, ...rest]: readonly (Way | Blocked)[]): readonly string[] {
  const devices = new Map<string, Set<string>>()
  for (const item of rest) {
    if (first !== undefined && addressOf(item) === addressOf(first) && item.entry.device === first.entry.device) continue
    devices.set(item.entry.device, (devices.get(item.entry.device) ?? new Set()).add(addressOf(item)))
  }
  if (devices.size === 0) return []
  const texts = [...devices].map(([device, addresses]) => `at ${device} to ${[...addresses].join(', ')}`)
  return wrap(`likewise ${texts.join('; ')}`, 4, columns())
}

function addressOf({ at }: Way | Blocked): string {
  return addressAndPort(at.address, at.port)
}

function wayLines(report: AuditReport, row: ServiceRow, group: readonly [Way, ...Way[]], asked: Asked): readonly string[] {
  const [way] = group
  return [
    title(way, asked),
    ...steps(way),
    ...(isOwn(way) ? [] : bypassed(report, row, way)),
    ...way.reasons.map((reason) => `    not decided: ${reason.text}`),
    ...others(group),
  ]
}

function blockedLines(report: AuditReport, reach: EndpointReach, group: readonly [Blocked, ...Blocked[]], asked: Asked): readonly string[] {
  const [first] = group
  return [title(first, asked), ...steps(first), ...(isOwn(first) ? [] : furtherStops(report, reach, first)), ...others(group)]
}

function steps(item: Way | Blocked): readonly string[] {
  return stepLines(item).map((line) => `    ${line}`)
}

function distinct(lines: readonly string[]): readonly string[] {
  return [...new Set(lines)]
}
