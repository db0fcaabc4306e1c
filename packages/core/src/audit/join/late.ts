import { type Bind, type EnvironmentLoad, type Evidence, type FileOrigin, readPlaces } from '../../evidence/index.ts'
import type { StartFacts } from './facts.ts'

/**
 * What holds for one line that listens: without the files of variables that are loaded after its host was read. Both ways, where some of its
 * variables are read before and some after, or where that depends on how it is started.
 */
export function factsFor(bind: Evidence<Bind>, facts: StartFacts): readonly StartFacts[] {
  const late = facts.loads.filter(({ claim }) => claim.readBefore !== undefined)
  if (late.length === 0) return [facts]
  const places = readPlaces(bind.claim.host)
  const missed = late.filter(({ claim }) => places.some((place) => isBefore(claim, place) !== undefined))
  if (missed.length === 0) return [facts]
  const without = { ...facts, loads: facts.loads.filter((load) => !missed.includes(load)) }
  const isWhole = missed.every(({ claim }) => places.every((place) => isBefore(claim, place) === 'surely'))
  return isWhole ? [without] : [without, facts]
}

function isBefore({ readBefore = [] }: EnvironmentLoad, { path, span }: FileOrigin): 'surely' | 'perhaps' | undefined {
  const found = readBefore.find((one) => one.path === path && one.line === span.start.line)
  return found === undefined ? undefined : found.perhaps === true ? 'perhaps' : 'surely'
}
