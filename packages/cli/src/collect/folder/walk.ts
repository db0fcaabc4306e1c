import { type Dirent, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../run.ts'

/** A folder with more files than this is not one deployment; the rest is reported as not looked at. */
export const MAX_FILES = 50_000

/** Never a deployment's own files. */
const SKIPPED = new Set([
  '.git',
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
  '.vscode',
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
  readonly complete: boolean
}

/**
 * The folder is hostile: git is told to run nothing of it. `core.fsmonitor` and hooks are the programs that a listing could start (git-config(1));
 * attributes and filters are not asked for by ls-files.
 */
const GIT = [
  '-c',
  'core.fsmonitor=false',
  '-c',
  'core.hooksPath=/dev/null',
  '-c',
  'core.untrackedCache=false',
  '-c',
  'safe.directory=*',
  '--no-optional-locks',
]

export async function walkFolder(folder: string): Promise<Walk> {
  const list = (...args: readonly string[]) => run('git', [...GIT, '-C', folder, 'ls-files', '-z', ...args], { timeoutMs: 30_000 })
  const [present, ignored] = await Promise.all([
    // Each path with a letter before it: `?` is what git does not track (git-ls-files(1), -t).
    list('-t', '--cached', '--others', '--exclude-standard'),
    list('--others', '--ignored', '--exclude-standard', '--directory'),
  ])
  if (present.kind !== 'ok') return { ...walkPlain(folder, ''), ignored: new Set() }
  const names = (text: string): readonly string[] => text.split('\0').filter((path) => path !== '')
  const kept = (path: string): boolean => !path.split('/').some((name) => SKIPPED.has(name))
  const ignoredPaths = ignored.kind === 'ok' ? ignoredFiles(folder, names(ignored.stdout).filter(kept)) : []
  const listed = names(present.stdout).map((line) => ({ tracked: !line.startsWith('?'), path: line.slice(2) }))
  const tracked = new Set(listed.flatMap((item) => (item.tracked ? [item.path] : [])))
  const all = [...new Set([...listed.map((item) => item.path), ...ignoredPaths])].filter(kept).toSorted()
  return { paths: all.slice(0, MAX_FILES), tracked, ignored: new Set(ignoredPaths), complete: all.length <= MAX_FILES }
}

/** git names a wholly ignored folder once, with a slash at its end. */
function ignoredFiles(folder: string, paths: readonly string[]): readonly string[] {
  return paths.flatMap((path) => {
    if (!path.endsWith('/')) return IGNORED_BUT_READ.test(path) ? [path] : []
    return BUILT.test(path.split('/').at(-2) ?? '') ? walkPlain(folder, path.slice(0, -1)).paths : []
  })
}

function walkPlain(folder: string, start: string): Pick<Walk, 'paths' | 'complete'> {
  const paths: string[] = []
  const waiting = [start]
  for (let directory = waiting.pop(); directory !== undefined; directory = waiting.pop()) {
    for (const entry of entriesOf(join(folder, directory))) {
      const path = directory === '' ? entry.name : `${directory}/${entry.name}`
      // A link to a directory is not followed: it could lead out, or round in a circle.
      if (entry.isDirectory()) {
        if (!SKIPPED.has(entry.name)) waiting.push(path)
      } else paths.push(path)
      if (paths.length > MAX_FILES) return { paths: paths.slice(0, MAX_FILES).toSorted(), complete: false }
    }
  }
  return { paths: paths.toSorted(), complete: true }
}

function entriesOf(directory: string): readonly Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
  } catch {
    return []
  }
}
