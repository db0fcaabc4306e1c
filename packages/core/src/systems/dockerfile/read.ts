import type { Evidence, Text } from '../../evidence/index.ts'
import { environmentIn } from '../environments.ts'
import { directoryOf, nameOf } from '../paths.ts'
import { launchesOf, Starts } from '../starts.ts'
import { evidenceIn, type Reader } from '../system.ts'
import { readStages, stageFor } from './image.ts'
import { containerStarts } from './starts.ts'

export const dockerfileReader: Reader = {
  read(snapshot) {
    const starts = new Starts(snapshot)
    const evidence = snapshot.matched.flatMap((path): readonly Evidence[] => {
      const text = starts.text(path)
      return text === undefined ? [] : launches(text, starts)
    })
    return { evidence: [...evidence, ...starts.gaps()], needs: [...starts.needs], globs: [] }
  },
}

function launches(text: Text, starts: Starts): readonly Evidence[] {
  const directory = directoryOf(text.path)
  // The build's context is not in the file. It is its own directory, or that above a directory for Dockerfiles.
  const context = /(?:^|\/)(?:docker|\.docker|dockerfiles|build|deploy)$/i.test(directory) ? directoryOf(directory) : directory
  const { stages, problems } = readStages(text, context)
  for (const { reason, origin } of problems) starts.problem(reason, origin)
  const stage = stageFor(stages, undefined)
  if (stage === undefined) return []
  const { workingDirectory, mounts, environment } = stage
  const found = containerStarts(stage.entrypoint, stage.command, { workingDirectory, mounts, environment }, starts)
  return found.flatMap((start) =>
    launchesOf(start, 'dockerfile', text.path).map((launch) =>
      evidenceIn(starts.snapshot.context, launch, start.origin, environmentIn(nameOf(text.path))),
    ),
  )
}
