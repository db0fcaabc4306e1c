import { type Address, formatAddress, isUnspecified } from '@sallyport/core/network'
import type { AuditReport, PredictedEndpoint, ServiceRow } from '@sallyport/core/audit'
import {
  type FileOrigin,
  type Gap,
  type LaunchKind,
  type Origin,
  type PortRange,
  printable,
  type Process,
  show,
} from '@sallyport/core/evidence'
import type { Service, SourceRef } from '@sallyport/core/policy'
import { type Endpoint, type EndpointReach, limitedSources, type PathStep, type Sender, type Way } from '@sallyport/core/reach'

/** The words for people: everything that turns data into a sentence lives here. */

/** `1 file`, `2 files`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}

export function addressAndPort(address: Address, port: number): string {
  const text = formatAddress(address)
  return address.family === 6 ? `[${text}]:${port}` : `${text}:${port}`
}

/** `*:8080` is a dual-stack wildcard, as ss(8) writes it. */
export function endpointText(endpoint: Endpoint): string {
  const dual =
    endpoint.address.family === 6 && isUnspecified(endpoint.address) && endpoint.sockets.some((socket) => socket.claim.accepts !== 'ipv6')
  return dual ? `*:${endpoint.port}` : addressAndPort(endpoint.address, endpoint.port)
}

/** Of a report without services: what was looked at and has none, and what was not looked at. `folder`: whether the files of one were read. */
export function nothingText(report: AuditReport, folder: boolean): string {
  const { host } = report
  const except = isAllUnderstood(report) ? '' : ', as far as is understood: not everything was, as is told below'
  if (host === undefined) return `No file starts anything that would listen${except}. No machine was looked at.`
  return folder ? `Nothing listens, and no file starts anything that would${except}.` : `Nothing listens${except}. No folder was looked at.`
}

/** Nothing was left open that could be a service: `undecided`, or not seen. */
function isAllUnderstood({ findings, accepted, gaps }: AuditReport): boolean {
  return (
    gaps.every(({ claim }) => claim.affects.kind === 'nothing') &&
    [...findings, ...accepted.map(({ finding }) => finding)].every(({ rule }) => rule !== 'undecided')
  )
}

/** What was not seen, and what to do to see it. */
export function gapWords({ what, remedy }: Gap): string {
  return remedy === undefined ? what : `${what} (${remedy})`
}

/** A folder was read that has nothing to read. */
export function isEmpty({ gaps }: AuditReport): boolean {
  return gaps.some(({ claim }) => claim.code === 'empty')
}

/** Of a report without findings. */
export function noFindingsText(report: AuditReport): string {
  return isEmpty(report) ? 'No findings. The folder has no file that Sallyport reads.' : 'No findings.'
}

export function placeText(origin: Origin): string {
  switch (origin.kind) {
    case 'file':
      return isWhole(origin)
        ? `${origin.root ?? ''}${origin.path}`
        : `${origin.root ?? ''}${origin.path}:${origin.span.start.line}:${origin.span.start.column}`
    case 'rule':
      return `${origin.tool} ${origin.table} ${origin.chain} #${origin.index}`
    case 'kernel':
      return origin.path
    case 'command':
      return origin.command
    case 'api':
      return origin.subject === undefined ? origin.call : `${origin.call} (${origin.subject})`
    default:
      return origin satisfies never
  }
}

/** A file or directory of which no line was read. */
function isWhole({ span, line }: FileOrigin): boolean {
  return line === '' && span.start.offset === 0 && span.end.offset === 0
}

export const LAUNCH_WORDS: Readonly<Record<LaunchKind, string>> = {
  pm2: 'PM2, as',
  compose: 'compose, as',
  systemd: 'systemd, as',
  'npm-script': 'the npm script',
  shell: 'the script',
  powershell: 'the script',
  batch: 'the script',
  procfile: 'the Procfile, as',
  dockerfile: 'the image of',
  'docker-run': 'docker run, as',
  makefile: 'make',
  supervisor: 'supervisord, as',
  task: 'the task',
}

const EXPOSURE_WORDS: Readonly<Record<PredictedEndpoint['exposure'], string>> = {
  'every-interface': 'every interface',
  address: 'an address that others reach',
  loopback: 'this machine only',
  internal: 'its container network only',
  undecided: 'not known',
}

/** `tcp 3000  every interface` */
export function predictedText({ protocol, port, exposure, besideMachine, reason }: PredictedEndpoint): string {
  const where = besideMachine === undefined ? EXPOSURE_WORDS[exposure] : 'its own address, beside this machine’s'
  return `${protocol} ${port ?? 'any port'}  ${where}${reason === undefined ? '' : `: ${reason}`}`
}

/** A source as the policy names it. */
export function sourceText(source: SourceRef): string {
  return source.kind === 'literal' ? source.text : source.name
}

export function portsText(ports: readonly PortRange[]): string {
  return ports.map(({ first, last }) => (first === last ? String(first) : `${first}–${last}`)).join(', ')
}

/** Where a service runs, if that is another host than this one. */
export function elsewhereText({ elsewhere }: AuditReport, { declared }: ServiceRow): string | undefined {
  if (declared === undefined || !elsewhere.has(declared.name)) return undefined
  return `on ${declared.hosts.map((host) => printable(host)).join(' and ')}, not looked at from here`
}

/** `declared at sallyport.yaml:5:3: tcp 8001 for loopback` */
export function declaredText({ origin, ports, protocols, from }: Service): string {
  return `declared at ${placeText(origin)}: ${protocols.join(' and ')} ${portsText(ports)} for ${from.map(sourceText).join(', ')}`
}

const SENDERS: readonly Sender[] = ['internet', 'private', 'host']

const SENDER_WORDS: Readonly<Record<Sender, string>> = { internet: 'the internet', private: 'neighbours', host: 'containers' }

/** Said for the packets that something unseen stands before; what that is, is said once (`upstreamsOf`). */
export const IF_LET_THROUGH = 'if let through'

/** What stands before the machine and was not seen, each once. */
export function upstreamsOf(reaches: readonly EndpointReach[]): readonly string[] {
  return [...new Set(reaches.flatMap((reach) => reach.ways.flatMap((way) => way.upstream ?? [])))]
}

/** Who runs a service now: `container web`, `PM2 app web, pid 412`, `node, pids 412, 413`; `undefined` where nobody was seen. */
export function runnerText(row: ServiceRow): string | undefined {
  if (row.container !== undefined) return `container ${row.container.claim.name}`
  const [first] = row.processes
  if (first === undefined) return undefined
  const pids = [...new Set(row.processes.map(({ claim }) => claim.pid))]
  const more = pids.length > MOST_PIDS ? ` and ${pids.length - MOST_PIDS} more` : ''
  const numbers = `${pids.length === 1 ? 'pid' : 'pids'} ${pids.slice(0, MOST_PIDS).join(', ')}${more}`
  const name = processText(first.claim)
  return name === row.name ? numbers : `${name}, ${numbers}`
}

/** So many processes that share the work are told by number. */
const MOST_PIDS = 3

/** A program by the name that people know it by: PM2 writes over the names of what it runs, and over its own. */
export function processText(process: Process): string {
  if (process.manager?.kind === 'pm2') return `PM2 app ${printable(process.manager.app)}`
  return /^PM2 v[\d.]+: God/.test(process.name) ? 'PM2’s daemon' : process.name
}

/** Nobody comes in by an interface. */
const CLOSED = 'this machine only'

/** Who reaches an endpoint, in one line; the widest sender of each family. */
export function reachText(reach: EndpointReach, condition: string = IF_LET_THROUGH): string {
  if (reach.ways.length === 0) return CLOSED
  const families = ([4, 6] as const).flatMap((family) => {
    const widest = SENDERS.map((sender) => reach.ways.filter((way) => way.family === family && way.sender === sender)).find(
      (ways) => ways.length > 0,
    )
    if (widest === undefined) return []
    return [{ family: family === 4 ? 'IPv4' : 'IPv6', text: waysText(widest, condition) }]
  })
  const [first, second] = families
  if (first === undefined) return CLOSED
  if (second === undefined) return `${first.text} (${first.family} only)`
  return first.text === second.text ? first.text : `${first.text} (${first.family}); ${second.text} (${second.family})`
}

function waysText(ways: readonly Way[], condition: string): string {
  const sender = ways[0]?.sender ?? 'host'
  const open = ways.filter((way) => way.certainty === 'open')
  const best = open.find((way) => way.upstream === undefined) ?? open[0] ?? ways[0]
  if (best === undefined) return ''
  const who = whoText(best, sender)
  if (open.length === 0) return `perhaps ${who}`
  return best.upstream === undefined ? who : `${who}, ${condition}`
}

/** So many address ranges are still read; more are not. */
const MOST_RANGES = 3

function whoText(way: Way, sender: Sender): string {
  const limited = limitedSources(way)
  if (limited === undefined) return SENDER_WORDS[sender]
  return limited.length <= MOST_RANGES ? limited.join(', ') : `some of ${SENDER_WORDS[sender]}`
}

export function stepText(step: PathStep): string {
  switch (step.kind) {
    case 'send': {
      const from = step.source === undefined ? '' : `, as ${formatAddress(step.source)} unless the sender chooses otherwise`
      return `this machine sends it to ${addressAndPort(step.address, step.port)}${from}`
    }
    case 'enter':
      return `comes in at ${printable(step.device)} for ${addressAndPort(step.address, step.port)}`
    case 'cross':
      return `goes on through ${printable(step.device)} into ${step.label}`
    case 'userland-proxy':
      return `docker-proxy takes it and connects to ${addressAndPort(step.address, step.port)}`
    case 'socket':
      return `is taken by the socket on ${addressAndPort(step.socket.claim.address, step.socket.claim.port)}`
    case 'netfilter':
      return netfilterText(step.step)
    default:
      return step satisfies never
  }
}

type NetfilterStep = Extract<PathStep, { kind: 'netfilter' }>['step']

function netfilterText(step: NetfilterStep): string {
  switch (step.kind) {
    case 'rule':
      return `${step.hook}: ${placeText(step.origin)} ${EFFECTS[step.effect]}: ${step.origin.text}`
    case 'translate':
      return `${step.hook}: ${placeText(step.origin)} translates it to ${addressAndPort(step.address, step.port)}: ${step.origin.text}`
    case 'policy':
      return `${step.hook}: ${step.tool} ${step.table} ${step.chain}: ${undecidedText(step.rules)}; its policy is ${step.policy}`
    case 'route':
      return routeText(step)
    case 'martian':
      return `refused by the kernel: such a source cannot ${step.own === true ? 'leave' : 'come in'} here`
    default:
      return step satisfies never
  }
}

function routeText({ to, device = '', reason = show('') }: Extract<NetfilterStep, { kind: 'route' }>): string {
  switch (to) {
    case 'local':
      return 'routed to this machine'
    case 'forward':
      return `forwarded to ${printable(device)}`
    case 'out':
      return device === LOOP ? 'routed to this machine itself, by lo' : `routed out by ${printable(device)}`
    case 'discard':
    case 'unknown':
      return `not routed: ${reason}`
    default:
      return to satisfies never
  }
}

/** The device by which a machine reaches itself. */
const LOOP = 'lo'

function undecidedText(rules: number): string {
  if (rules === 0) return 'has no rules'
  return rules === 1 ? 'its one rule does not decide' : `none of its ${rules} rules decides`
}

const EFFECTS: Readonly<Record<string, string>> = {
  jump: 'leads on',
  goto: 'leads on',
  accept: 'accepts',
  drop: 'drops',
  reject: 'rejects',
  mark: 'marks',
  notrack: 'exempts it from tracking',
  'translate-source': 'changes its source',
  queue: 'hands it to a program',
  unknown: 'does something that is not understood',
}
