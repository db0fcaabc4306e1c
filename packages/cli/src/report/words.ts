import { type Address, formatAddress, isUnspecified } from '@sallyport/core/network'
import { type Origin, printable } from '@sallyport/core/evidence'
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

export function placeText(origin: Origin): string {
  switch (origin.kind) {
    case 'file':
      return `${origin.root ?? ''}${origin.path}:${origin.span.start.line}:${origin.span.start.column}`
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

const SENDERS: readonly Sender[] = ['internet', 'private', 'host']

const SENDER_WORDS: Readonly<Record<Sender, string>> = { internet: 'the internet', private: 'neighbours', host: 'containers' }

/** Who reaches an endpoint, in one line; the widest sender of each family. */
export function reachText(reach: EndpointReach): string {
  if (reach.ways.length === 0) return 'only from its own namespace'
  const families = ([4, 6] as const).flatMap((family) => {
    const widest = SENDERS.map((sender) => reach.ways.filter((way) => way.family === family && way.sender === sender)).find(
      (ways) => ways.length > 0,
    )
    if (widest === undefined) return []
    return [{ family: family === 4 ? 'IPv4' : 'IPv6', text: waysText(widest) }]
  })
  const [first, second] = families
  if (first === undefined) return 'only from its own namespace'
  if (second === undefined) return `${first.text} (${first.family} only)`
  return first.text === second.text ? first.text : `${first.text} (${first.family}); ${second.text} (${second.family})`
}

function waysText(ways: readonly Way[]): string {
  const sender = ways[0]?.sender ?? 'host'
  const open = ways.filter((way) => way.certainty === 'open')
  const best = open.find((way) => way.upstream === undefined) ?? open[0] ?? ways[0]
  if (best === undefined) return ''
  const who = whoText(best, sender)
  if (open.length === 0) return `perhaps ${who}`
  return best.upstream === undefined ? who : `${who}, if ${best.upstream} lets it through`
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

function netfilterText(step: Extract<PathStep, { kind: 'netfilter' }>['step']): string {
  switch (step.kind) {
    case 'rule':
      return `${step.hook}: ${placeText(step.origin)} ${EFFECTS[step.effect]}: ${step.origin.text}`
    case 'translate':
      return `${step.hook}: ${placeText(step.origin)} translates it to ${addressAndPort(step.address, step.port)}: ${step.origin.text}`
    case 'policy':
      return `${step.hook}: ${step.tool} ${step.table} ${step.chain}: none of ${step.rules} rules decides; its policy is ${step.policy}`
    case 'route':
      return step.to === 'local'
        ? 'routed to this machine'
        : step.to === 'forward'
          ? `forwarded to ${printable(step.device ?? '')}`
          : `not routed: ${step.reason ?? ''}`
    case 'martian':
      return 'refused by the kernel: such a source cannot come in here'
    default:
      return step satisfies never
  }
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
