import { type Dirent, existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { GitTime, listWithGit, type Untold } from './git.ts'

/** A folder with more files than this is not one deployment; the rest is reported as not looked at. */
export const MAX_FILES = 50_000

/** Never a deployment's own files. */
const SKIPPED = new Set([
  '.git',
  // What `fix` recorded, with the texts that were there before.
  '.sallyport',
  'node_modules',
  'bower_components',
  '.venv',
  'venv',
  '__pycache__',
  '.tox',
  'site-packages',
  '.next',
  '.nuxt',
  '.svelte-kit',
  '.cache',
  '.turbo',
  '.yarn',
  '.pnpm-store',
  'coverage',
  '.terraform',
  '.idea',
  'vendor',
])

/** Built output is usually ignored by git, and yet it is what runs. */
const BUILT = /^(?:dist|build|out|lib)$/
/** Files that git ignores on purpose and that decide what runs. */
const IGNORED_BUT_READ = /(?:^|\/)(?:\.env(?:\.[\w.-]+)?|[\w.-]+\.env|ecosystem\.config\.\w+|(?:docker-)?compose[\w.-]*\.ya?ml)$/

export interface Walk {
  /** Relative, `/` between names, sorted. */
  readonly paths: readonly string[]
  /** What git tracks; absent where the folder is no work tree or git is not there. */
  readonly tracked?: ReadonlySet<string>
  /** What git ignores, of the paths. */
  readonly ignored: ReadonlySet<string>
  /** Of the paths, those that are symbolic links, as far as the listing tells. */
  readonly links: readonly string[]
  /** Directories that could not be listed. */
  readonly unlisted: readonly Unlisted[]
  /** The work trees that git did not list, so that their files were looked for without it, and why. */
  readonly withoutGit: readonly WithoutGit[]
  readonly complete: boolean
}

export interface Unlisted {
  readonly path: string
  readonly denied: boolean
  /** It is not there at all, and this brings it. */
  readonly remedy?: string
  readonly why: string
}

export interface WithoutGit extends Untold {
  readonly path: string
}

/** Repositories within repositories (submodules, clones) are listed too, so many of them. */
const MAX_REPOSITORIES = 100

/** The files of a folder that git would keep; without git all of them. Nothing of the folder is run. */
export async function walkFolder(folder: string, time = new GitTime()): Promise<Walk> {
  const gathered = new Gathered()
  const waiting: string[] = ['']
  for (let count = 0; waiting.length > 0 && count < MAX_REPOSITORIES; count++) {
    const start = waiting.shift() ?? ''
    waiting.push(...(await walkRepository(folder, start, gathered, time)))
  }
  for (const path of waiting) gathered.unlisted.push({ path, denied: false, why: `more than ${MAX_REPOSITORIES} repositories` })
  const paths = [...gathered.paths].toSorted()
  return {
    paths: paths.slice(0, MAX_FILES),
    ...(gathered.tracked === undefined ? {} : { tracked: gathered.tracked }),
    ignored: gathered.ignored,
    links: gathered.links,
    unlisted: gathered.unlisted,
    withoutGit: gathered.withoutGit,
    complete: gathered.complete && paths.length <= MAX_FILES,
  }
}

class Gathered {
  readonly paths = new Set<string>()
  tracked: Set<string> | undefined
  readonly ignored = new Set<string>()
  readonly links: string[] = []
  readonly unlisted: Unlisted[] = []
  readonly withoutGit: WithoutGit[] = []
  complete = true
}

/** Lists one repository, or what is none; gives back the repositories that are in it. */
async function walkRepository(folder: string, start: string, gathered: Gathered, time: GitTime): Promise<readonly string[]> {
  // Without a repository of its own git would tell what the one around it knows, which is this very place again.
  if (start !== '' && !existsSync(join(folder, start, '.git'))) {
    walkLeft(folder, start, gathered)
    return []
  }
  const listed = await listWithGit(join(folder, start), time)
  if (listed === undefined || 'why' in listed) {
    if (listed !== undefined) gathered.withoutGit.push({ path: start, ...listed })
    walkPlain(folder, start, gathered)
    return []
  }
  const inside = (path: string): string => (start === '' ? path : `${start}/${path}`)
  const repositories: string[] = []
  gathered.tracked ??= new Set()
  for (const { tracked, mode, path } of listed.present) {
    if (!isKept(path)) continue
    if (mode === 'repository') repositories.push(inside(path))
    else {
      gathered.paths.add(inside(path))
      if (tracked) gathered.tracked.add(inside(path))
      if (mode === 'link') gathered.links.push(inside(path))
    }
  }
  for (const path of listed.ignored) {
    if (!isKept(path)) continue
    // git names a wholly ignored folder once, with a slash at its end.
    const within = new Gathered()
    if (!path.endsWith('/') && IGNORED_BUT_READ.test(path)) within.paths.add(inside(path))
    else if (path.endsWith('/') && BUILT.test(path.split('/').at(-2) ?? '')) walkPlain(folder, inside(path.slice(0, -1)), within)
    for (const found of within.paths) {
      gathered.paths.add(found)
      gathered.ignored.add(found)
    }
  }
  gathered.unlisted.push(...listed.unlisted.map((item) => ({ ...item, path: inside(item.path) })))
  return repositories
}

/** A submodule without its repository: not checked out, or its files alone are there. */
function walkLeft(folder: string, start: string, gathered: Gathered): void {
  const before = gathered.paths.size + gathered.unlisted.length
  if (existsSync(join(folder, start))) walkPlain(folder, start, gathered)
  if (gathered.paths.size + gathered.unlisted.length === before)
    gathered.unlisted.push({
      path: start,
      denied: false,
      remedy: 'git submodule update --init, where it belongs to the deployment',
      why: 'a submodule that is not checked out',
    })
}

function isKept(path: string): boolean {
  return !path.split('/').some((name) => SKIPPED.has(name))
}

function walkPlain(folder: string, start: string, gathered: Gathered): void {
  const waiting = [start]
  for (let directory = waiting.pop(); directory !== undefined; directory = waiting.pop()) {
    for (const entry of entriesOf(folder, directory, gathered)) {
      const path = directory === '' ? entry.name : `${directory}/${entry.name}`
      // A link to a directory is not followed: it could lead out, or round in a circle.
      if (entry.isDirectory()) {
        if (!SKIPPED.has(entry.name)) waiting.push(path)
      } else gathered.paths.add(path)
      if (entry.isSymbolicLink()) gathered.links.push(path)
      if (gathered.paths.size > MAX_FILES) {
        gathered.complete = false
        return
      }
    }
  }
}

function entriesOf(folder: string, directory: string, gathered: Gathered): readonly Dirent[] {
  try {
    return readdirSync(join(folder, directory), { withFileTypes: true })
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException
    const why = directory.includes('\ufffd') ? 'its name is not UTF-8' : code
    gathered.unlisted.push({ path: directory, denied: code === 'EACCES' || code === 'EPERM', why })
    return []
  }
}
