import { type AuditReport, obstaclesOf } from '@sallyport/core/audit'
import { printable, show } from '@sallyport/core/evidence'
import type { Blocked, EndpointReach, FromMachine } from '@sallyport/core/reach'
import { type Asked, askedOf, askedOfMachine } from '../query/asked.ts'
import type { Subject } from '../query/subject.ts'
import { unseenOf } from '../query/unseen.ts'
import { VERSION } from '../version.ts'
import { type Advice, adviceOfEndpoint, adviceOfFiles } from './advice.ts'
import { blockedData, containerData, endpointData, frontData, gapData, placeData, predictedData, stepData, wayData } from './data.ts'
import { throughData } from './through-data.ts'
import { alike } from './ways.ts'
import { addressAndPort, sourceText } from './words.ts'

/** What `explain` says as plain data, version 1: fields are added within a version, never renamed or taken away (docs/schema/explain.schema.json). */
export function explainData(
  report: AuditReport,
  subject: string,
  subjects: readonly Subject[],
  asked: Asked,
  options: { readonly from?: string; readonly protocol?: 'tcp' | 'udp' },
) {
  return {
    version: 1 as const,
    tool: { name: 'sallyport', version: VERSION },
    subject: show(subject),
    from: options.from === undefined ? null : show(options.from),
    protocol: options.protocol ?? null,
    services: subjects.map((item) => subjectData(report, item, asked)),
    notSeen: unseenOf(report, subjects).map(gapData),
  }
}

function subjectData(report: AuditReport, { row, endpoints, predicted }: Subject, asked: Asked) {
  return {
    name: row.name,
    running: row.now.length > 0,
    declared:
      row.declared === undefined
        ? null
        : { place: placeData(row.declared.origin), edge: row.declared.edge, from: row.declared.from.map(sourceText) },
    startedBy: row.launches.map(({ claim, origin }) => ({ kind: claim.by, name: claim.name, place: placeData(origin) })),
    container: row.container === undefined ? null : containerData(row.container.claim),
    proxies: row.fronts.map(frontData),
    through: throughData(report, row, endpoints[0]),
    endpoints: endpoints.map((reach) => ({
      ...endpointData(
        {
          ...reach,
          ways: askedOf(reach.ways, asked),
          blocked: askedOf(reach.blocked, asked),
        },
        row,
      ),
      fromMachine: machineData(askedOfMachine(reach, asked)),
      obstacles: alike(askedOf(reach.blocked, asked)).flatMap(([item]) => obstaclesData(report, reach, item)),
      advice: adviceOfEndpoint(report, row, reach).map(adviceData),
    })),
    afterStart: predicted.map(predictedData),
    advice: row.now.length > 0 ? [] : adviceOfFiles(row, predicted).map(adviceData),
  }
}

function adviceData({ to, text, place, instead, write, commands }: Advice) {
  return { to, text, place: place === undefined ? null : placeData(place), instead: instead === true, write, commands }
}

function machineData(own: FromMachine | undefined) {
  return own === undefined ? null : { reach: own.ways.map(wayData), blocked: own.blocked.map(blockedData) }
}

function obstaclesData({ model }: AuditReport, reach: EndpointReach, blocked: Blocked) {
  if (model === undefined) return []
  const { stops, then } = obstaclesOf(blocked, reach, model.host, model.upstream)
  return [
    {
      from: blocked.sender,
      family: blocked.family,
      at: addressAndPort(blocked.at.address, blocked.at.port),
      interface: printable(blocked.entry.device),
      stops: stops.map(({ step }) => stepData(step)),
      then,
    },
  ]
}
