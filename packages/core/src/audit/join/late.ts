import type { Bind, Evidence, Value } from '../../evidence/index.ts'
import type { StartFacts } from './facts.ts'

/**
 * What holds for one line that listens: without the files of variables that are loaded after its host was read. Both ways, where some of its
 * variables are read before and some after.
 */
export function factsFor(bind: Evidence<Bind>, facts: StartFacts): readonly StartFacts[] {
  const late = facts.loads.filter(({ claim }) => claim.readBefore !== undefined)
  if (late.length === 0) return [facts]
  const places = placesOf(bind.claim.host)
  const missed = late.filter(({ claim }) => places.some((path) => claim.readBefore?.includes(path) === true))
  if (missed.length === 0) return [facts]
  const without = { ...facts, loads: facts.loads.filter((load) => !missed.includes(load)) }
  const isWhole = missed.every(({ claim }) => places.every((path) => claim.readBefore?.includes(path) === true))
  return isWhole ? [without] : [without, facts]
}

/** The files in which a value reads variables. */
function placesOf(value: Value): readonly string[] {
  switch (value.kind) {
    case 'environment':
      return [value.origin.path, ...placesOf(value.fallback), ...(value.whenSet === undefined ? [] : placesOf(value.whenSet))]
    case 'argument':
      return placesOf(value.fallback)
    case 'choice':
      return [...value.options.flatMap(placesOf), ...(value.when === undefined ? [] : placesOf(value.when.of))]
    case 'joined':
      return value.parts.flatMap(placesOf)
    case 'absent':
    case 'known':
    case 'unknown':
      return []
    default:
      return value satisfies never
  }
}
