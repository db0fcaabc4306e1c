import { type AuditReport, ifUnbound, obstaclesOf, type ServiceRow } from '@sallyport/core/audit'
import type { Blocked, EndpointReach, Way } from '@sallyport/core/reach'
import { alike, senderText, verdictText } from './ways.ts'
import { placeText, stepText } from './words.ts'

/** What else would stop the packets if the step that does were not there, in the order in which they would meet it. */
export function furtherStops({ model }: AuditReport, reach: EndpointReach, blocked: Blocked): readonly string[] {
  if (model === undefined) return []
  const { stops, then } = obstaclesOf(blocked, reach, model.host, model.upstream)
  const [, ...others] = stops
  return [
    ...others.map(({ step, certain }) => `    without that, it ${certain ? 'would' : 'may'} be stopped by ${stepText(step)}`),
    ...(then === 'open' ? [`    nothing else stops it`] : []),
  ]
}

/** Of a service on loopback, which stops everybody: what would become of others if it listened on every address. */
export function unboundLines({ model }: AuditReport, reach: EndpointReach): readonly string[] {
  const supposed = model === undefined ? undefined : ifUnbound(reach, model.host, model.upstream)
  if (model === undefined || supposed === undefined) return []
  const { ways, blocked } = supposed.reach
  const stopped = alike(blocked.filter(({ sender }) => sender !== 'host')).map(([item]) => {
    const { stops } = obstaclesOf(item, supposed.reach, supposed.host, model.upstream)
    const by = stops.map(({ step }) => stepText(step)).join('; then by ')
    return `    from ${senderText(item)}, IPv${item.family}: ${verdictText(item)} by ${by}`
  })
  const through = alike(ways.filter(({ sender }) => sender !== 'host')).map(
    ([way]) => `    from ${senderText(way)}, IPv${way.family}: ${verdictText(way)}, nothing else stops it`,
  )
  return stopped.length + through.length === 0 ? [] : ['  If it listened on every address:', ...through, ...stopped]
}

/** The misunderstanding that published ports are made of: a deny rule that no packet of them ever meets. */
export function bypassed({ findings }: AuditReport, row: ServiceRow, way: Way): readonly string[] {
  const translated = way.path.some((step) => step.kind === 'netfilter' && step.step.kind === 'translate')
  const forwarded = way.path.some((step) => step.kind === 'cross')
  if (!translated || !forwarded) return []
  const refusing = findings
    .filter(({ rule, service }) => rule === 'docker-past-firewall' && service === row.name)
    .flatMap(({ places }) => places.filter(({ role }) => role === 'refuses it, and is never asked'))
  return [
    '    the rules for this machine itself (hook input, ufw’s allow and deny) are never asked: the packet is translated before them, and forwarded',
    ...refusing.flatMap(({ origin }) =>
      origin.kind === 'rule' && isOfFamily(origin.tool, way)
        ? [`    so ${placeText(origin)} is never asked, which refuses it: ${origin.text}`]
        : [],
    ),
  ]
}

function isOfFamily(tool: string, { family }: Way): boolean {
  return tool !== (family === 4 ? 'ip6tables' : 'iptables')
}
