import type { Evidence, Launch } from '../../evidence/index.ts'
import { leftOut } from '../dockerfile/left-out.ts'
import { launchesOf } from '../launches.ts'
import { proxyFilesIn, withProxyFiles } from '../proxy-files.ts'
import type { Start, Starts } from '../starts/index.ts'
import { evidenceIn } from '../system.ts'
import { withHostNetwork } from './host-network.ts'
import { environmentOf } from './environment.ts'
import { type BuiltImages, containerRunStarts, imageHere, volumesOf } from './image.ts'
import { readContainerRun } from './run.ts'

/** The container that a command starts, and what runs in it where its image is built here; `undefined`: another command. */
export function containerClaims(start: Start, words: Start['words'], images: BuiltImages, starts: Starts): readonly Evidence[] | undefined {
  const run = readContainerRun(words, start.environment)
  if (run === undefined) return undefined
  for (const { reason, origin } of run.problems) starts.problem(reason, origin)
  const { context } = starts.snapshot
  const { service } = run
  const image = images.get(run.image) ?? (service.networkMode === 'host' ? imageHere(run.image, start, starts) : undefined)
  const onHost = (launch: Launch): Launch =>
    service.networkMode === 'host' ? withHostNetwork(launch, start.origin, starts.snapshot.paths) : launch
  const volumes = volumesOf(run, start)
  const files = [...(image?.stage?.proxyFiles ?? []), ...proxyFilesIn(volumes)]
  if (image === undefined && run.isTool && files.length === 0) return []
  // What the own network of an image of somebody else keeps to itself is told by what it publishes.
  const started = image === undefined && service.networkMode !== 'host' ? [] : containerRunStarts(run, image, start, starts)
  const absentFiles = leftOut(image?.stage, image?.context ?? '', [...volumes.values()], starts)
  const inside = started.flatMap((inner) => launchesOf(inner, 'docker-run', service.name, { absentFiles }))
  if (image === undefined) {
    const environment = environmentOf(run, start, starts)
    const own: Launch = {
      claim: 'launch',
      by: 'docker-run',
      name: service.name,
      command: [],
      environment: environment.settings,
      environmentFiles: environment.files,
      ...(environment.unseen === undefined ? {} : { unseenEnvironment: environment.unseen }),
      instances: 1,
    }
    const launches = (inside.length === 0 ? [own] : inside).map((launch) => onHost(withProxyFiles(launch, files)))
    const telling = launches.filter(({ serves, entry }) => files.length > 0 || serves !== undefined || entry !== undefined)
    return [service, ...telling].map((claim) => evidenceIn(context, claim, start.origin))
  }
  const exposed = [...service.exposed, ...(image.stage?.exposed ?? [])]
  const launches = inside.map((launch) => onHost(withProxyFiles(launch, files)))
  return [{ ...service, build: image.context, exposed }, ...launches].map((claim) => evidenceIn(context, claim, start.origin))
}
