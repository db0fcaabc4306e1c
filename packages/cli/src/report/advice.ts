import {
  type AuditReport,
  closingCommands,
  dataStoreOf,
  ifUnbound,
  obstaclesOf,
  openingCommands,
  plansBehind,
  type PredictedEndpoint,
  type ServiceRow,
} from '@sallyport/core/audit'
import type { Origin } from '@sallyport/core/evidence'
import { FAMILIES } from '@sallyport/core/network'
import type { Blocked, EndpointReach, PathStep, Way } from '@sallyport/core/reach'
import { loopbackPublishing, loopbackPublishingOfFiles } from './publishing.ts'
import { counted, placeText, stepText } from './words.ts'
import { wrap } from './wrap.ts'

/** What would have to change so that more, or fewer, can reach a service. */
export interface Advice {
  readonly to: 'open' | 'close'
  readonly text: string
  readonly place: Origin | undefined
  /** What to write at the place, or to give to the program that starts it. */
  readonly write: readonly string[]
  /** It comes to the same as the one before: one of them is enough. */
  readonly instead?: true
  /** To be run as root, each in a shell: all of them do it. */
  readonly commands: readonly string[]
}

/** Of a service that listens. */
export function adviceOfEndpoint(report: AuditReport, row: ServiceRow, reach: EndpointReach): readonly Advice[] {
  return ofStore(row, reach.endpoint.port, byEndpoint(report, row, reach))
}

/** Nobody is told how to open a data store; how a proxy does so already is. */
function ofStore(row: ServiceRow, port: number | undefined, advice: readonly Advice[]): readonly Advice[] {
  const store = dataStoreOf(row, port)
  if (store === undefined) return advice
  const fronts = row.fronts.map(
    ({ system, origin }): Advice => ({
      to: 'close',
      text: `${system} passes requests on to ${store} here, so that whoever reaches ${system} reaches it: take that away, or let ${system} ask who they are`,
      place: origin,
      write: [],
      commands: [],
    }),
  )
  return [...advice.filter(({ to }) => to === 'close'), ...fronts]
}

function byEndpoint({ model }: AuditReport, row: ServiceRow, reach: EndpointReach): readonly Advice[] {
  const { endpoint, ways, blocked } = reach
  const beyond = ways.filter((way) => way.sender !== 'host')
  if (beyond.length > 0) {
    const commandsOf = (some: readonly Way[]): readonly string[] =>
      model === undefined ? [] : closingCommands({ ...reach, ways: some }, model.host)
    if (row.container !== undefined && beyond.some((way) => hasStep(way, 'cross') || hasStep(way, 'userland-proxy')))
      return byContainer(row, reach, beyond, commandsOf)
    const [plan] = plansBehind(row, reach)
    const port = `${endpoint.protocol} ${endpoint.port}`
    const text = `let it listen on 127.0.0.1, or let the packet filter drop ${port} on its way in`
    return [{ to: 'close', text, place: plan?.cause, write: [], commands: commandsOf(beyond) }]
  }
  const stopped = blocked.filter((item) => item.sender !== 'host')
  if (stopped.length > 0) return [byRules(model, reach, stopped)]
  return [toUnbind(model, row, reach)]
}

/** What is published is closed where it is published, or by rules on the hook that it passes; what comes by its own address by rules alone. */
function byContainer(
  row: ServiceRow,
  { endpoint }: EndpointReach,
  beyond: readonly Way[],
  commandsOf: (some: readonly Way[]) => readonly string[],
): readonly Advice[] {
  const published = beyond.filter(isPublishing)
  const direct = commandsOf(beyond.filter((way) => !isPublishing(way)))
  if (published.length === 0) return [{ to: 'close', text: `${BY_CONTAINER}: ${DROP_IT}`, place: undefined, write: [], commands: direct }]
  const lines = loopbackPublishing(row, endpoint.protocol, endpoint.port)
  const publishing = 'publish it on 127.0.0.1, or not at all'
  const text = direct.length === 0 ? publishing : `${publishing}; ${STILL_COMING}`
  const rules = commandsOf(beyond)
  return [
    { to: 'close', text, place: publishedAt(row), write: lines, commands: direct },
    ...(rules.length === 0
      ? []
      : [
          {
            to: 'close',
            text: `${DROP_IT}; ufw’s rules for this machine are not asked`,
            place: undefined,
            instead: true,
            write: [],
            commands: rules,
          } as const,
        ]),
  ]
}

const BY_CONTAINER = 'they come by the container’s own address, which the engine’s rules let in (Docker 28 and newer do not)'
const STILL_COMING =
  'while it is published, neighbours also come by the container’s own address, which the engine’s rules let in (Docker 28 and newer do not), so drop that too'
const DROP_IT =
  'let the packet filter drop them where they really pass; such rules last until the next start of the machine unless they are saved'

/** What listens on loopback is opened where it is bound; the packet filter may keep it closed all the same. */
function toUnbind(model: AuditReport['model'], row: ServiceRow, reach: EndpointReach): Advice {
  const [plan] = plansBehind(row, reach)
  const supposed = model === undefined ? undefined : ifUnbound(reach, model.host, model.upstream)
  const beyond = (items: readonly (Way | Blocked)[]): boolean => items.some(({ sender }) => sender !== 'host')
  const isStopped = supposed !== undefined && !beyond(supposed.reach.ways) && beyond(supposed.reach.blocked)
  const text = 'it would have to listen on an address that others reach'
  if (model === undefined || !isStopped) return { to: 'open', text, place: plan?.cause, write: [], commands: [] }
  const stopped = supposed.reach.blocked.filter(({ sender }) => sender !== 'host')
  const { commands } = byRules({ ...model, host: supposed.host }, supposed.reach, stopped)
  return { to: 'open', text: `${text}, and the packet filter to let it in`, place: plan?.cause, write: [], commands }
}

/** What stops it, and an accept before each of the rules that do. */
function byRules(model: AuditReport['model'], reach: EndpointReach, stopped: readonly Blocked[]): Advice {
  const step = stopped[0]?.path.findLast((item) => item.kind === 'netfilter')
  const all = new Set(stopped.flatMap((item) => lastStep(item.path)))
  const others = all.size - 1
  const each = FAMILIES.flatMap(
    (family) =>
      stopped.find((item) => item.family === family && item.sender === 'internet') ?? stopped.find((item) => item.family === family) ?? [],
  )
  const commands =
    model === undefined
      ? []
      : each.flatMap((item) =>
          openingCommands(item, obstaclesOf(item, reach, model.host, model.upstream), reach.endpoint.protocol, model.host),
        )
  const text = `${step === undefined ? 'the kernel refuses it' : `what stops it is ${stepText(step)}`}${others > 0 ? `, and ${counted(others, 'other place')}` : ''}`
  return { to: 'open', text, place: undefined, write: [], commands: [...new Set(commands)] }
}

function hasStep({ path }: Way, kind: PathStep['kind']): boolean {
  return path.some((step) => step.kind === kind)
}

/** What is published is translated, or taken by docker-proxy. */
function isPublishing(way: Way): boolean {
  return hasStep(way, 'userland-proxy') || way.path.some((step) => step.kind === 'netfilter' && step.step.kind === 'translate')
}

function lastStep(path: readonly PathStep[]): readonly string[] {
  const step = path.findLast((item) => item.kind === 'netfilter')
  return step === undefined ? [] : [stepText(step)]
}

function publishedAt(row: ServiceRow): Origin | undefined {
  return row.compose?.claim.published[0]?.origin ?? row.compose?.origin
}

/** Of a service that the files start, or say nothing of. */
export function adviceOfFiles(row: ServiceRow, predicted: readonly PredictedEndpoint[]): readonly Advice[] {
  const found = predicted.flatMap((item) => ofStore(row, item.port, adviceOfPrediction(row, item)))
  return found.filter((item, index) => found.findIndex((other) => other.text === item.text && other.to === item.to) === index)
}

function adviceOfPrediction(row: ServiceRow, endpoint: PredictedEndpoint): readonly Advice[] {
  const { exposure, protocol, port, cause, contained, besideMachine } = endpoint
  const advice = (to: Advice['to'], text: string, write: readonly string[] = []): readonly Advice[] => [
    { to, text, place: cause, write, commands: [] },
  ]
  if (besideMachine !== undefined)
    return [
      {
        to: 'close',
        text: 'take it off the network of this driver, which gives it an address beside this machine’s: other services come to it by a bridge network, and no rule of this machine is asked',
        place: besideMachine,
        write: [],
        commands: [],
      },
    ]
  switch (exposure) {
    case 'every-interface':
    case 'address':
      return contained
        ? advice(
            'close',
            `publish ${port ?? 'it'} on 127.0.0.1, or not at all; a rule of ufw’s for this machine does not keep it in, since Docker’s rules translate and forward the packet before that is asked`,
            loopbackPublishingOfFiles(row, protocol, port),
          )
        : advice('close', 'give it the host 127.0.0.1')
    case 'loopback':
      return advice('open', contained ? 'publish it without the address 127.0.0.1' : 'give it a host that others reach')
    case 'internal':
      return advice('open', 'publish it under ports:')
    case 'undecided':
      return []
    default:
      return exposure satisfies never
  }
}

/** `to close it: …  file:line`, then what to write and to run, each on a line of its own that can be copied whole. */
export function adviceText(advice: readonly Advice[], width: number): readonly string[] {
  return advice.flatMap(({ to, text, place, write, commands, instead }) => {
    const start = `${instead === true ? 'or ' : ''}to ${to} it: `
    return [
      ...wrap(`${start}${text}${place === undefined ? '' : `  ${placeText(place)}`}`, 2, width),
      ...[...write, ...commands].map((line) => `      ${line}`),
    ]
  })
}
