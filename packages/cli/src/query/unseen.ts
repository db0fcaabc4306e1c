import type { AuditReport, ServiceRow } from '@sallyport/core/audit'
import { type GapEffect, HIDES_LISTENERS } from '@sallyport/core/evidence'
import type { Subject } from './subject.ts'

type Unseen = AuditReport['gaps'][number]

/** What decides whether a packet arrives. */
const DECIDING: readonly GapEffect['kind'][] = ['netfilter', 'network']

/** What was not seen and may be, or have, what goes by this name, of which nothing was found. A port is known without its process. */
export function mayBe(report: AuditReport, name: string): readonly Unseen[] {
  return unseen(report, /^(?:.*:)?\d+$/.test(name) ? HIDES_LISTENERS : [...HIDES_LISTENERS, 'processes'])
}

/** What was not seen and may have a service that was not found to run: by the ports that are declared for it, or as the process that its files start. */
export function mayHave(report: AuditReport, { declared }: ServiceRow): readonly Unseen[] {
  return unseen(report, declared === undefined ? [...HIDES_LISTENERS, 'processes'] : HIDES_LISTENERS)
}

/** What was not seen of the machine and bears on what is said of these. */
export function unseenOf(report: AuditReport, subjects: readonly Subject[]): readonly Unseen[] {
  const kinds = subjects.flatMap(({ row, endpoints }): readonly GapEffect['kind'][] => {
    if (row.now.length === 0) return mayHave(report, row).map(({ claim }) => claim.affects.kind)
    const isNamed = endpoints.every(({ endpoint }) => endpoint.sockets.every(({ claim }) => claim.processes.length > 0))
    const isDecided = endpoints.every(({ ways }) => ways.every(({ certainty }) => certainty === 'open'))
    return [...(isNamed ? [] : ['processes' as const]), ...(isDecided ? [] : DECIDING)]
  })
  return unseen(report, kinds)
}

/** Each once, of whatever namespace. */
function unseen({ gaps, host }: AuditReport, kinds: readonly GapEffect['kind'][]): readonly Unseen[] {
  if (host === undefined) return []
  return [...new Map(gaps.filter(({ claim }) => kinds.includes(claim.affects.kind)).map((gap) => [gap.claim.what, gap])).values()]
}
