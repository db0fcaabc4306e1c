import { filesNamed } from './deployed.ts'
import { directoryOf, joinPath, nameOf } from './paths.ts'

/** Of these one is compiled to JavaScript, likeliest first. */
const SOURCE_ENDINGS = ['.ts', '.tsx', '.mts', '.cts', '.js', '.mjs'] as const

const BUILT_FOLDERS = /(^|\/)(?:dist|build|out|lib)\//

/**
 * `dist/index.js` is made from `src/index.ts`, or from `index.ts` beside the folder; in a workspace `dist/apps/api/main.js` from
 * `apps/api/src/main.ts`. The extension may be any of TypeScript's and JavaScript's.
 */
export function sourceTwins(entry: string): readonly string[] {
  if (!BUILT_FOLDERS.test(entry)) return []
  const stem = entry.replace(/\.[cm]?js$/, '')
  const beside = stem.replace(BUILT_FOLDERS, '$1')
  const stems = [stem.replace(BUILT_FOLDERS, '$1src/'), beside, beside.replace(/[^/]+$/, 'src/$&')]
  return [...new Set(stems)].flatMap((path) => SOURCE_ENDINGS.map((extension) => path + extension))
}

/** Folders of sources; of built output there are more names than anybody knows. */
const SOURCE_FOLDERS: ReadonlySet<string> = new Set(['src', 'source', 'app', 'lib'])

const NO_SOURCES: ReadonlySet<string> = new Set(['dist', 'build', 'out', 'node_modules'])

/** What built output that the folder does not have may be made from. `sure`: no other file of the folder is as likely. */
export interface Origins {
  readonly paths: readonly string[]
  readonly sure: boolean
}

/** The files of the folder that differ from built output in the name of one directory alone: `output/main.js` and `src/main.ts`. */
export function sourcesOf(entry: string, paths: ReadonlySet<string>): Origins {
  const above = directoryOf(entry).split('/')
  if (directoryOf(entry) === '' || above.includes('src')) return { paths: [], sure: false }
  const stem = nameOf(entry).replace(/\.[cm]?js$/, '')
  const found = SOURCE_ENDINGS.flatMap((extension) => filesNamed(stem + extension, paths)).filter((path) => {
    const directories = directoryOf(path).split('/')
    const differing = above.filter((name, index) => directories[index] !== name)
    return directories.length === above.length && differing.length === 1 && !directories.some((name) => NO_SOURCES.has(name))
  })
  const [only, ...others] = found
  const changed =
    only === undefined
      ? undefined
      : directoryOf(only)
          .split('/')
          .find((name, index) => name !== above[index])
  return { paths: found, sure: others.length === 0 && changed !== undefined && SOURCE_FOLDERS.has(changed) }
}

/** The directory of the nearest package.json at or above a file; the folder itself where there is none. */
export function packageOf(path: string, paths: ReadonlySet<string>): string {
  for (let directory = directoryOf(path); directory !== ''; directory = directoryOf(directory))
    if (paths.has(joinPath(directory, 'package.json') ?? '')) return directory
  return ''
}
