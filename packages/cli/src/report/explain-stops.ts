import { type AuditReport, obstaclesOf, type ServiceRow } from '@sallyport/core/audit'
import type { Blocked, EndpointReach, Way } from '@sallyport/core/reach'
import { placeText, stepText } from './words.ts'

/** What else would stop the packets if the step that does were not there, in the order in which they would meet it. */
export function furtherStops({ model }: AuditReport, reach: EndpointReach, blocked: Blocked): readonly string[] {
  if (model === undefined) return []
  const { stops, then } = obstaclesOf(blocked, reach, model.host, model.upstream)
  const [, ...others] = stops
  return [
    ...others.map(({ step }) => `    without that, it would be stopped by ${stepText(step)}`),
    ...(then === 'open' ? [`    nothing else stops it`] : []),
  ]
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
