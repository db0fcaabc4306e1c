import {
  type ConfiguredPort,
  type Evidence,
  evidenceOf,
  type FileChange,
  type FileOrigin,
  type Origin,
  show,
  type Value,
} from '../../evidence/index.ts'
import { isPublishedHere } from './exposure.ts'
import type { StartFacts } from './facts.ts'
import type { PlannedBind } from './planned.ts'

/** What is closed by a line that a script changes is not known to be: what the line says when it runs is not followed. */
export function unlessChanged(plan: PlannedBind, { changes }: StartFacts): PlannedBind {
  if (plan.exposure.kind !== 'loopback' || changes.size === 0) return plan
  const host = plan.bind?.claim.host ?? plan.launch?.claim.serves?.host
  const places = [plan.bind?.origin, plan.cause, ...(host === undefined ? [] : placesOf(host))]
  const change = changeOf(places, changes)
  return change === undefined
    ? plan
    : { ...plan, exposure: { kind: 'undecided', reason: change.reason }, decidedBy: 'unknown', cause: change.origin }
}

/** Evidence in which no port is published on this machine alone by what a script changes. */
export function withChangedPorts(evidence: readonly Evidence[]): readonly Evidence[] {
  const changes = byFile(evidenceOf(evidence, 'file-change'))
  if (changes.size === 0) return evidence
  const published = (port: ConfiguredPort): ConfiguredPort => {
    const change = isPublishedHere(port) ? changeOf(placesOf(port.hostAddress), changes) : undefined
    return change === undefined ? port : { ...port, hostAddress: { kind: 'unknown', ...change } }
  }
  return evidence.map((item) =>
    item.claim.claim === 'compose-service' ? { ...item, claim: { ...item.claim, published: item.claim.published.map(published) } } : item,
  )
}

function changeOf(
  places: readonly (Origin | undefined)[],
  changes: StartFacts['changes'],
): { readonly reason: string; readonly origin: FileOrigin } | undefined {
  for (const place of places) {
    const change = place?.kind === 'file' ? changes.get(place.path)?.find(({ claim }) => mayChange(claim, place)) : undefined
    if (change?.origin.kind !== 'file') continue
    return {
      reason: `${show(change.origin.path)} changes ${show(change.claim.file)}, and what it says then is not known`,
      origin: change.origin,
    }
  }
  return undefined
}

export function byFile(changes: readonly Evidence<FileChange>[]): StartFacts['changes'] {
  const found = new Map<string, Evidence<FileChange>[]>()
  for (const change of changes) {
    const same = found.get(change.claim.file)
    if (same === undefined) found.set(change.claim.file, [change])
    else same.push(change)
  }
  return found
}

function mayChange({ lines }: FileChange, { span }: FileOrigin): boolean {
  return lines === undefined || lines.some((line) => line >= span.start.line && line <= span.end.line)
}

/** Where the parts of a value stand. */
function placesOf(value: Value): readonly FileOrigin[] {
  switch (value.kind) {
    case 'absent':
      return []
    case 'known':
    case 'unknown':
      return [value.origin]
    case 'environment':
    case 'argument':
      return [value.origin, ...placesOf(value.fallback)]
    case 'choice':
      return value.options.flatMap(placesOf)
    case 'joined':
      return value.parts.flatMap(placesOf)
    default:
      return value satisfies never
  }
}
