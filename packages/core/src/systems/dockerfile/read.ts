import type { Evidence, Launch, Text } from '../../evidence/index.ts'
import { environmentIn } from '../environments.ts'
import { directoryOf, joinPath, nameOf } from '../paths.ts'
import { launchesOf } from '../launches.ts'
import { withProxyFiles } from '../proxy-files.ts'
import { Starts } from '../starts/index.ts'
import { evidenceIn, type Reader } from '../system.ts'
import { readStages, stageFor } from './image.ts'
import { leftOut } from './left-out.ts'
import { parseDockerfile } from './parse.ts'
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
  const context = contextOf(text, starts)
  const { stages, problems } = readStages(text, context)
  for (const { reason, origin } of problems) starts.problem(reason, origin)
  for (const { runs, mounts, renamed } of stages) {
    for (const { text: script, workingDirectory } of runs) starts.written.prepared(script, { workingDirectory, mounts, inContainer: true })
    for (const { file, place, origin } of renamed) starts.written.standsAt(file, place, mounts, origin)
  }
  const stage = stageFor(stages, undefined)
  if (stage === undefined) return []
  const { workingDirectory, mounts, environment } = stage
  const found = containerStarts(stage.entrypoint, stage.command, { workingDirectory, mounts, environment }, starts)
  const absentFiles = leftOut(stage, context, [], starts)
  const launches = found.flatMap((start) =>
    launchesOf(start, 'dockerfile', text.path, { absentFiles }).map((launch) => ({ launch, origin: start.origin })),
  )
  // The image that it is built on may have a command of its own.
  const image: Launch = { claim: 'launch', by: 'dockerfile', name: text.path, command: [], environment, environmentFiles: [], instances: 1 }
  const all = launches.length > 0 || stage.proxyFiles.length === 0 ? launches : [{ launch: image, origin: stage.origin }]
  return all.map(({ launch, origin }) =>
    evidenceIn(starts.snapshot.context, withProxyFiles(launch, stage.proxyFiles), origin, environmentIn(nameOf(text.path))),
  )
}

/** Directories above the file that may be the build's context. */
const ABOVE = 8

/** The build's context is not in the file: of the directories from its own upwards, the one that has most of what is copied. */
function contextOf(text: Text, starts: Starts): string {
  const sources = parseDockerfile(text).instructions.flatMap(({ keyword, flags, text: words }) =>
    (keyword === 'COPY' || keyword === 'ADD') && !flags.has('from') ? words.content.slice(0, 2000).split(/\s+/).slice(0, -1) : [],
  )
  const own = directoryOf(text.path)
  let best = { context: own, found: -1 }
  let context: string | undefined = own
  for (let step = 0; step < ABOVE && context !== undefined; step++) {
    const here: string = context
    const found = sources.filter((source) => {
      const path = joinPath(here, source.replace(/^["'[]+|["',\]]+$/g, '').replace(/^\/+/, ''))
      return path !== undefined && path !== here && (starts.snapshot.paths.has(path) || starts.isDirectory(path))
    }).length
    if (found > best.found) best = { context: here, found }
    context = here === '' ? undefined : directoryOf(here)
  }
  return best.context
}
