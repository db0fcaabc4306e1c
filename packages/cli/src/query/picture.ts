import { type AuditReport, predictedEndpoints, type RequestWay, requestWaysOf, type ServiceRow } from '@sallyport/core/audit'
import { printable, show } from '@sallyport/core/evidence'
import { limitedSources, type Sender, type Way } from '@sallyport/core/reach'
import type { Arrow, Picture, PicturedHost, PicturedService, PicturedSource } from '@sallyport/core/systems'
import { requestsText } from '../report/through.ts'

/** What is really reachable, or what the files would open where no machine was looked at, to be drawn (I13). */
export function pictureOfReports(reports: readonly AuditReport[]): Picture {
  const sources = new Map<string, PicturedSource>()
  const parts = reports.map((report, index) => partOf(report, `host ${index}`, sources))
  const name = reports.find(({ policy }) => policy !== undefined)?.policy?.name
  const isSeen = reports.some(({ host }) => host !== undefined)
  return {
    title: show(`${name === undefined ? '' : `${name}, `}${isSeen ? 'as it is reached now' : 'as the files would open it'}`),
    sources: [...sources.values()],
    hosts: parts.flatMap(({ host }) => (host.services.length === 0 ? [] : [host])),
    arrows: parts.flatMap(({ arrows }) => arrows),
  }
}

interface Part {
  readonly host: PicturedHost
  readonly arrows: readonly Arrow[]
}

function partOf(report: AuditReport, id: string, sources: Map<string, PicturedSource>): Part {
  const ids = new Map(report.rows.map((row, index) => [row, `${id} service ${index}`]))
  const packets = report.rows.flatMap((row) => packetArrows(report, row, ids.get(row) ?? '', sources))
  const requests = report.rows.flatMap((row) => requestArrows(report, row, ids))
  const arrows = [...packets, ...requests]
  return {
    host: {
      id,
      label: report.host === undefined ? 'what the files start' : printable(report.host.name),
      services: report.rows.flatMap((row) => serviceOf(report, row, ids.get(row) ?? '', arrows) ?? []),
    },
    arrows,
  }
}

/** `undefined`: it does not run here, and no file starts it. */
function serviceOf(report: AuditReport, row: ServiceRow, id: string, arrows: readonly Arrow[]): PicturedService | undefined {
  const label = show(row.name)
  const shut = !arrows.some(({ to, carries }) => to === id && carries === 'packets')
  const door = row.declared?.edge === true || arrows.some(({ from }) => from === id)
  if (row.now.length > 0) {
    const ports = distinct(row.now.map(({ endpoint }) => `${endpoint.protocol} ${endpoint.port}`)).join(', ')
    return { id, label, detail: `${ports}${shut ? ', this machine only' : ''}`, door, shut }
  }
  const predicted = predictedEndpoints(row)
  if (predicted.length === 0) return undefined
  const ports = distinct(predicted.map(({ protocol, port }) => `${protocol} ${port ?? 'any port'}`)).join(', ')
  const state = report.host === undefined ? (shut ? ', shut' : '') : ', not running'
  return { id, label, detail: `${ports}${state}`, door, shut }
}

/** What the running machine shows; of what does not run, what the files say. */
function packetArrows(report: AuditReport, row: ServiceRow, id: string, sources: Map<string, PicturedSource>): readonly Arrow[] {
  const found = new Map<string, { readonly arrow: Arrow; readonly ports: Map<string, Set<number>> }>()
  for (const { endpoint, ways } of row.now)
    for (const way of widest(ways)) {
      const source = sourceOf(way)
      sources.set(source.id, source)
      const perhaps = way.certainty === 'maybe'
      const key = `${source.id} ${perhaps}`
      const known = found.get(key) ?? {
        arrow: { from: source.id, to: id, label: '', carries: 'packets', perhaps },
        ports: new Map<string, Set<number>>(),
      }
      found.set(key, known)
      const port = `${endpoint.protocol} ${way.at.port}`
      known.ports.set(port, (known.ports.get(port) ?? new Set()).add(way.family))
    }
  const seen = [...found.values()].map(({ arrow, ports }) => ({ ...arrow, label: labelOf(ports) }))
  if (row.now.length > 0 || report.host !== undefined) return seen
  return predictedEndpoints(row).flatMap(({ exposure, protocol, port }): readonly Arrow[] => {
    if (exposure === 'loopback' || exposure === 'internal') return []
    sources.set(OTHERS.id, OTHERS)
    return [
      {
        from: OTHERS.id,
        to: id,
        label: `${protocol} ${port ?? 'any port'}`,
        carries: 'packets',
        perhaps: exposure === 'undecided',
      },
    ]
  })
}

const OTHERS: PicturedSource = { id: 'source others', label: 'other machines', detail: 'unless a packet filter stops them' }

const SENDERS: readonly Sender[] = ['internet', 'private', 'host']

/** Of each family, who is not among somebody wider that comes in whole. */
function widest(ways: readonly Way[]): readonly Way[] {
  return ways.filter((way) => {
    const wider = SENDERS.slice(0, SENDERS.indexOf(way.sender))
    return !ways.some(
      (other) =>
        wider.includes(other.sender) &&
        other.family === way.family &&
        other.at.port === way.at.port &&
        other.certainty === 'open' &&
        limitedSources(other) === undefined,
    )
  })
}

const TITLES: Readonly<Record<Sender, string>> = {
  internet: 'the internet',
  private: 'neighbours',
  host: 'containers of this machine',
}

/** So many address ranges are still read. */
const MOST_RANGES = 3

function sourceOf(way: Way): PicturedSource {
  const limited = limitedSources(way)
  const upstream = way.upstream === undefined ? {} : { detail: show(`if let through by ${way.upstream}`, 60) }
  if (limited === undefined) return { id: `source ${way.sender} ${way.upstream ?? ''}`, label: TITLES[way.sender], ...upstream }
  const some = limited.length > MOST_RANGES ? `some of ${TITLES[way.sender]}` : limited.join(', ')
  return { id: `source ${some} ${way.upstream ?? ''}`, label: some, ...upstream }
}

/** `tcp 80, tcp 443`; a port of one family alone is said so. */
function labelOf(ports: ReadonlyMap<string, ReadonlySet<number>>): string {
  return [...ports].map(([port, families]) => (families.size === 1 ? `${port} IPv${[...families].join('')}` : port)).join(', ')
}

/** From the proxy's own service, where it is known, to what it passes requests on to. */
function requestArrows(report: AuditReport, row: ServiceRow, ids: ReadonlyMap<ServiceRow, string>): readonly Arrow[] {
  const to = ids.get(row) ?? ''
  const arrows = requestWaysOf(report, row).flatMap((way) =>
    report.rows.flatMap((door): readonly Arrow[] =>
      door !== row && isDoor(door, way)
        ? [
            {
              from: ids.get(door) ?? '',
              to,
              label: show(requestsText(way).replace(/^location /, ''), 40),
              carries: 'requests',
              perhaps: way.route.opaque,
            },
          ]
        : [],
    ),
  )
  return [...new Map(arrows.map((arrow) => [`${arrow.from} ${arrow.label}`, arrow])).values()]
}

function isDoor(row: ServiceRow, { doors, listeners }: RequestWay): boolean {
  return (
    row.now.some((reach) => doors.includes(reach)) ||
    (doors.length === 0 && row.planned.some(({ listener }) => listener !== undefined && listeners.includes(listener.listener)))
  )
}

const distinct = (texts: readonly string[]): readonly string[] => [...new Set(texts)]
