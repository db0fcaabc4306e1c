import { show, type Value } from '../../evidence/index.ts'
import { environmentIn } from '../environments.ts'
import { directoryOf, joinPath, nameOf } from '../paths.ts'
import { entriesOf, entry } from '../yaml.ts'
import { type Loader, standsAlone } from './model.ts'

/** In the order in which compose looks for them (compose-go cli/options.go). */
export const USUAL: readonly string[] = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml']
export const OVERRIDES: readonly string[] = [
  'compose.override.yml',
  'compose.override.yaml',
  'docker-compose.override.yml',
  'docker-compose.override.yaml',
]

/** Files that compose is started with together. */
export interface Project {
  readonly directory: string
  readonly files: readonly string[]
  /** The environment that the name of the last file says (`docker-compose.prod.yml`). */
  readonly environment: string | undefined
  readonly values: ReadonlyMap<string, Value>
}

/**
 * Which files of a folder are started together. In each directory:
 * - the usual file, with its override file beside it (what `docker compose up` takes), or what COMPOSE_FILE in `.env` lists;
 * - every other compose file is an alternative, started by `-f`: alone where each of its services says what it runs (`image`,
 *   `build`, `extends`), else over the usual file, of which it is an overlay; its environment is the one that its name says;
 * - files that another one includes or extends are no alternatives.
 */
export function projectsOf(matched: readonly string[], loader: Loader): readonly Project[] {
  const directories = new Map<string, string[]>()
  for (const path of matched) {
    const directory = directoryOf(path)
    const files = directories.get(directory) ?? []
    directories.set(directory, files)
    // `.env` says which files are started beside it, and is none.
    if (nameOf(path) !== '.env') files.push(path)
  }
  return [...directories].flatMap(([directory, files]) => ofDirectory(directory, files, loader))
}

/** What `compose up` takes in a directory. */
export function usualFiles(directory: string, paths: ReadonlySet<string>): readonly string[] {
  const first = (names: readonly string[]): readonly string[] =>
    names
      .flatMap((name) => joinPath(directory, name) ?? [])
      .filter((path) => paths.has(path))
      .slice(0, 1)
  const usual = first(USUAL)
  return usual.length === 0 ? [] : [...usual, ...first(OVERRIDES)]
}

function ofDirectory(directory: string, files: readonly string[], loader: Loader): readonly Project[] {
  const values = loader.variables([joinPath(directory, '.env') ?? '.env'], new Map())
  const named = (names: readonly string[]): string | undefined =>
    names.map((name) => files.find((file) => nameOf(file) === name)).find((file) => file !== undefined)
  const usual = named(USUAL)
  const override = named(OVERRIDES)
  const listed = listedFiles(values, directory, loader)
  const base = listed ?? (usual === undefined ? [] : override === undefined ? [usual] : [usual, override])
  const main: readonly Project[] = base.length === 0 ? [] : [{ directory, files: base, environment: undefined, values }]
  const others = files.filter(
    (file) => !base.includes(file) && !USUAL.includes(nameOf(file)) && !OVERRIDES.includes(nameOf(file)) && hasServices(file, loader),
  )
  return [
    ...main,
    ...others.map((file): Project => {
      const alone = usual === undefined || standsAlone(loader.documents(file))
      return { directory, files: alone ? [file] : [usual, file], environment: environmentIn(nameOf(file)), values }
    }),
  ]
}

function hasServices(file: string, loader: Loader): boolean {
  return loader
    .documents(file)
    .some((document) => entriesOf(entry(document, 'services')).size > 0 || entry(document, 'include') !== undefined)
}

/** The files that COMPOSE_FILE names: paths between colons, or what COMPOSE_PATH_SEPARATOR says. */
export function listedIn(written: unknown, values: ReadonlyMap<string, Value>): readonly string[] {
  const separator = values.get('COMPOSE_PATH_SEPARATOR')
  return String(written)
    .split(separator?.kind === 'known' && separator.value !== '' ? String(separator.value) : ':')
    .slice(0, FILES)
}

/** Files of one list. */
const FILES = 20

function listedFiles(values: ReadonlyMap<string, Value>, directory: string, loader: Loader): readonly string[] | undefined {
  const value = values.get('COMPOSE_FILE')
  if (value === undefined || value.kind === 'absent' || (value.kind === 'known' && value.value === '')) return undefined
  if (value.kind !== 'known') {
    loader.problem('which files COMPOSE_FILE names is not known', value.origin)
    return undefined
  }
  return listedIn(value.value, values).flatMap((file) => {
    const path = file.startsWith('/') ? undefined : joinPath(directory, file)
    if (path === undefined) loader.problem(`COMPOSE_FILE names ${show(file, 100)}, which is not in the folder`, value.origin)
    else loader.required(path, value.origin)
    return path ?? []
  })
}

/** The name that compose gives the project (compose-go loader.NormalizeProjectName); `.` for the folder itself, whose name a reader does not know. */
export function projectName(project: Project, declared: string | undefined): string {
  const given = project.values.get('COMPOSE_PROJECT_NAME')
  const name = given?.kind === 'known' && given.value !== '' ? String(given.value) : (declared ?? nameOf(project.directory))
  const normalized = name
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, '')
    .replace(/^[_-]+/, '')
  return normalized === '' ? '.' : normalized
}
