import type { Evidence, FileOrigin, Gap } from '@sallyport/core/evidence'
import { type Context, evidenceIn, isTestPath, type ScriptedFile, ScriptPlaces, SYSTEMS } from '@sallyport/core/systems'
import { Files, readAll } from '../snapshot.ts'
import { sourceTools } from '../source.ts'
import type { Walk } from './walk.ts'

const READ = SYSTEMS.filter((system) => system.writtenByScripts === true)

/** What the files say that scripts of the folder write, as if they were in it. */
export async function readScripted(
  context: Context,
  files: Files,
  walk: Walk,
  scripted: readonly ScriptedFile[],
): Promise<readonly Evidence[]> {
  const evidence: Evidence[] = []
  for (const some of apart(scripted)) {
    const alone = new Files(files.root, [], textsOf(some))
    const written = textsOf(some.filter(({ path }) => !files.paths.has(path)))
    const beside = new Files(files.root, walk.paths, written)
    const places = new ScriptPlaces(some)
    const read = new Map<string, string>()
    for (const system of READ) {
      const all = alone.matching(system.reads)
      for (const path of all) read.set(path, system.title)
      const matched = all.filter((path) => written.has(path))
      if (matched.length > 0) evidence.push(...places.of(readAll(await system.load(), beside, matched, context, sourceTools).evidence))
    }
    for (const file of some) evidence.push(...gapsOf(context, file, read.get(file.path), written.has(file.path)))
  }
  return evidence.map((item) => {
    const isTest = item.environment === undefined && item.origin.kind === 'file' && isTestPath(item.origin.path)
    return isTest ? { ...item, environment: 'test' } : item
  })
}

function textsOf(files: readonly ScriptedFile[]): ReadonlyMap<string, string> {
  return new Map(files.map(({ path, passage }) => [path, passage.content]))
}

/** `of`: whose file it is, where any system reads it. */
function gapsOf(context: Context, { path, passage, unknown }: ScriptedFile, of: string | undefined, isRead: boolean): readonly Evidence[] {
  const gap = (what: string, origin: FileOrigin): Evidence => {
    const claim: Gap = { claim: 'gap', code: 'not-understood', what, affects: { kind: 'folder' } }
    return evidenceIn(context, claim, origin)
  }
  if (of === undefined) return []
  if (!isRead) return [gap(`${path} (${of}) is written anew here, and was read as it is now`, passage.origin(0, 0))]
  return unknown === undefined ? [] : [gap(`what this puts into the file that is written here (${of}) is not known`, unknown)]
}

/** Several scripts may write one file, each in its own way: such are read one after another, and each script's place but once. */
function apart(scripted: readonly ScriptedFile[]): readonly (readonly ScriptedFile[])[] {
  const places = new Map(
    scripted.map((file) => {
      const { path, span } = file.passage.origin(0, 0)
      return [`${path}:${span.start.offset}:${file.path}`, file]
    }),
  )
  const rounds: Map<string, ScriptedFile>[] = []
  for (const file of places.values()) {
    const round = rounds.find((one) => !one.has(file.path))
    if (round === undefined) rounds.push(new Map([[file.path, file]]))
    else round.set(file.path, file)
  }
  return rounds.map((round) => [...round.values()])
}
