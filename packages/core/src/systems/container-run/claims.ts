import type { Evidence } from '../../evidence/index.ts'
import { launchesOf } from '../launches.ts'
import type { Start, Starts } from '../starts.ts'
import { evidenceIn } from '../system.ts'
import { type BuiltImages, containerRunStarts, imageHere } from './image.ts'
import { readContainerRun } from './run.ts'

/** The container that a command starts, and what runs in it where its image is built here; `undefined`: another command. */
export function containerClaims(start: Start, words: Start['words'], images: BuiltImages, starts: Starts): readonly Evidence[] | undefined {
  const run = readContainerRun(words, start.environment)
  if (run === undefined) return undefined
  for (const { reason, origin } of run.problems) starts.problem(reason, origin)
  const { context } = starts.snapshot
  const { service } = run
  const image = images.get(run.image) ?? (service.networkMode === 'host' ? imageHere(run.image, start, starts) : undefined)
  if (image === undefined) return [evidenceIn(context, service, start.origin)]
  const exposed = [...service.exposed, ...(image.stage?.exposed ?? [])]
  const launches = containerRunStarts(run, image, start, starts).flatMap((inner) => launchesOf(inner, 'docker-run', service.name))
  return [{ ...service, build: image.context, exposed }, ...launches].map((claim) => evidenceIn(context, claim, start.origin))
}
