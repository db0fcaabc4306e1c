import type { Evidence, FileChange, FileOrigin, Value } from '../../evidence/index.ts'
import { show } from '../../evidence/index.ts'
import type { StartFacts } from './facts.ts'
import type { PlannedBind } from './planned.ts'

/** What is closed by a line that a script changes is not known to be: what the line says when it runs is not followed. */
export function unlessChanged(plan: PlannedBind, { changes }: StartFacts): PlannedBind {
  if (plan.exposure.kind !== 'loopback' || changes.size === 0) return plan
  const host = plan.bind?.claim.host ?? plan.launch?.claim.serves?.host
  const places = [plan.bind?.origin, plan.cause, ...(host === undefined ? [] : placesOf(host))]
  for (const place of places) {
    const change = place?.kind === 'file' ? changes.get(place.path)?.find(({ claim }) => mayChange(claim, place)) : undefined
    if (change?.origin.kind !== 'file') continue
    const reason = `${show(change.origin.path)} changes ${show(change.claim.file)}, and what it says then is not known`
    return { ...plan, exposure: { kind: 'undecided', reason }, decidedBy: 'unknown', cause: change.origin }
  }
  return plan
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
