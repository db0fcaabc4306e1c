import { pathGlob } from '../../evidence/index.ts'
import { joinPath, nameOf } from '../paths.ts'
import { isEnvironmentFile } from '../shell/writes.ts'
import type { Starts } from '../starts/index.ts'
import type { Stage } from './image.ts'

/** Patterns of one `.dockerignore`. */
const PATTERNS = 200

/**
 * The files of variables of the folder that a container does not have, since its image was built without them. `context`: the directory that the
 * image is built from; `mounted`: files and directories of the folder that stand in the container anyway.
 */
export function leftOut(stage: Stage | undefined, context: string, mounted: readonly string[], starts: Starts): readonly string[] {
  const { copied = [], renamed = [], runs = [] } = stage ?? {}
  // What is made while the image is built may be one of them.
  if (copied.length === 0 || runs.some(({ text }) => text.content.includes('.env'))) return []
  const ignored = ignoredIn(context, starts)
  const isThere = (file: string): boolean =>
    (copied.some((takes) => takes(file)) && !ignored(file)) ||
    renamed.some(({ place }) => nameOf(place) === nameOf(file)) ||
    mounted.some((path) => path === '' || path === file || file.startsWith(`${path}/`))
  const ofContext = (file: string): boolean => context === '' || file.startsWith(`${context}/`)
  return [...starts.snapshot.paths].filter((file) => isEnvironmentFile(file) && ofContext(file) && !isThere(file))
}

/** What `.dockerignore` leaves out; of several patterns that fit the last counts (docs.docker.com/build/concepts/context/#dockerignore-files). */
function ignoredIn(context: string, starts: Starts): (file: string) => boolean {
  const text = starts.text(joinPath(context, '.dockerignore') ?? '.dockerignore')
  const patterns = (text?.content ?? '')
    .split(/\r?\n/, PATTERNS)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const path = line.replace(/^!/, '').replace(/^\/+|\/+$/g, '')
      return { isKept: line.startsWith('!'), glob: pathGlob(path), below: pathGlob(`${path}/**`) }
    })
  return (file) => {
    const path = context === '' ? file : file.slice(context.length + 1)
    const last = patterns.findLast(({ glob, below }) => glob.matches(path) || below.matches(path))
    return last !== undefined && !last.isKept
  }
}
