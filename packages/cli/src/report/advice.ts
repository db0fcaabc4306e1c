import { dataStoreOf, plansBehind, type PredictedEndpoint, type ServiceRow } from '@sallyport/core/audit'
import type { Origin } from '@sallyport/core/evidence'
import type { EndpointReach, PathStep, Way } from '@sallyport/core/reach'
import { counted, placeText, stepText } from './words.ts'

/** What would have to change so that more, or fewer, can reach a service. */
export interface Advice {
  readonly to: 'open' | 'close'
  readonly text: string
  readonly place: Origin | undefined
}

/** Of a service that listens. */
export function adviceOfEndpoint(row: ServiceRow, reach: EndpointReach): readonly Advice[] {
  return ofStore(row, reach.endpoint.port, byEndpoint(row, reach))
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
    }),
  )
  return [...advice.filter(({ to }) => to === 'close'), ...fronts]
}

function byEndpoint(row: ServiceRow, reach: EndpointReach): readonly Advice[] {
  const { endpoint, ways, blocked } = reach
  const port = `${endpoint.protocol} ${endpoint.port}`
  const beyond = ways.filter((way) => way.sender !== 'host')
  if (beyond.length > 0) {
    if (row.container !== undefined && beyond.some((way) => hasStep(way, 'cross') || hasStep(way, 'userland-proxy')))
      return [
        {
          to: 'close',
          text: `${beyond.some(isPublishing) ? BY_PUBLISHING : BY_CONTAINER}; of rules, one in the chain DOCKER-USER is asked, one of ufw’s for this machine is not`,
          place: publishedAt(row),
        },
      ]
    const [plan] = plansBehind(row, reach)
    return [{ to: 'close', text: `let it listen on 127.0.0.1, or let the packet filter drop ${port} on its way in`, place: plan?.cause }]
  }
  const stopped = blocked.filter((item) => item.sender !== 'host')
  const [first] = stopped
  if (first !== undefined) {
    const step = first.path.findLast((item) => item.kind === 'netfilter')
    const others = new Set(stopped.flatMap((item) => lastStep(item.path))).size - 1
    return [
      {
        to: 'open',
        text: `${step === undefined ? 'the kernel refuses it' : `what stops it is ${stepText(step)}`}${others > 0 ? `, and ${counted(others, 'other place')}` : ''}`,
        place: undefined,
      },
    ]
  }
  const [plan] = plansBehind(row, reach)
  return [{ to: 'open', text: 'it would have to listen on an address that others reach', place: plan?.cause }]
}

const BY_PUBLISHING = 'publish it on 127.0.0.1, or not at all'
const BY_CONTAINER = 'they come by the container’s own address, which the engine’s rules let in (Docker 28 and newer do not)'

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
  const inContainer = row.compose !== undefined && row.compose.claim.networkMode !== 'host'
  const found = predicted.flatMap((item) => ofStore(row, item.port, adviceOfPrediction(item, inContainer)))
  return found.filter((item, index) => found.findIndex((other) => other.text === item.text && other.to === item.to) === index)
}

function adviceOfPrediction({ exposure, port, cause }: PredictedEndpoint, inContainer: boolean): readonly Advice[] {
  switch (exposure) {
    case 'every-interface':
    case 'address':
      return inContainer
        ? [
            {
              to: 'close',
              text: `publish ${port ?? 'it'} on 127.0.0.1, or not at all; a rule of ufw’s for this machine does not keep it in, since Docker’s rules translate and forward the packet before that is asked`,
              place: cause,
            },
          ]
        : [{ to: 'close', text: 'give it the host 127.0.0.1', place: cause }]
    case 'loopback':
      return [
        { to: 'open', text: inContainer ? 'publish it without the address 127.0.0.1' : 'give it a host that others reach', place: cause },
      ]
    case 'internal':
      return [{ to: 'open', text: 'publish it under ports:', place: cause }]
    case 'undecided':
      return []
    default:
      return exposure satisfies never
  }
}

/** `closed by …  file:line` */
export function adviceText({ to, text, place }: Advice): string {
  return `to ${to} it: ${text}${place === undefined ? '' : `  ${placeText(place)}`}`
}
