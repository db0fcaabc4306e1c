import type { Text } from '../../evidence/index.ts'
import { deployedPath } from '../deployed.ts'
import { joinPath } from '../paths.ts'
import type { CommandContext } from './reading.ts'
import { isLiteral } from './template.ts'

/** Where a command stands: finds the files that it names. */
export interface Place {
  /** Relative to the folder, or absolute in a container; `undefined`: not known. */
  readonly directory: string | undefined
  readonly mounts: ReadonlyMap<string, string>
  readonly paths: ReadonlySet<string> | undefined
  /** Absolute paths are those of a container: what none of `mounts` has is not of the folder. Elsewhere their last names tell. */
  readonly inContainer: boolean
  /** The file of the folder that a program of this name is built of. */
  readonly built?: (name: string) => string | undefined
  /** A file of the folder. */
  readonly text?: (path: string) => Text | undefined
}

export function placeOf(context: CommandContext): Place {
  return {
    directory: context.workingDirectory ?? '',
    mounts: context.mounts ?? new Map(),
    paths: context.paths,
    inContainer: context.inContainer === true,
    ...(context.built === undefined ? {} : { built: context.built }),
    ...(context.text === undefined ? {} : { text: context.text }),
  }
}

/** The place after `cd path`. */
export function moved(place: Place, path: string): Place {
  return { ...place, directory: place.directory === undefined && !path.startsWith('/') ? undefined : joinPath(place.directory ?? '', path) }
}

/** A path of the command line as one of the folder; `undefined` when it is outside, or the place is not known. */
export function inFolder(place: Place, path: string): string | undefined {
  if (place.directory === undefined && !path.startsWith('/')) return undefined
  const joined = joinPath(place.directory ?? '', path)
  if (joined === undefined || !joined.startsWith('/')) return joined
  let longest: string | undefined
  for (const mount of place.mounts.keys()) {
    const root = mount.replace(/\/$/, '')
    const within = joined === root || joined.startsWith(`${root}/`)
    if (within && root.length >= (longest?.replace(/\/$/, '').length ?? 0)) longest = mount
  }
  if (longest === undefined) return place.inContainer || place.paths === undefined ? undefined : deployedPath(joined, place.paths)
  return joinPath(place.mounts.get(longest) ?? '', joined.slice(longest.replace(/\/$/, '').length + 1))
}

/** The file that an option names; `undefined` also where what it names is not known. */
export function fileNamed(place: Place, name: string): string | undefined {
  return isLiteral(name) ? inFolder(place, name) : undefined
}

/** The working directory, relative to the folder. */
export function directoryIn(place: Place): string | undefined {
  return inFolder(place, '.')
}

/** The first of several spellings that the folder has; the first of all where its files are not known, or built later. */
function firstThere(place: Place, candidates: readonly string[], guess: string | undefined): string | undefined {
  const found = candidates.flatMap((path) => inFolder(place, path) ?? []).find((path) => place.paths?.has(path))
  return found ?? (guess === undefined ? undefined : inFolder(place, guess))
}

const SCRIPT_ENDINGS = ['.js', '.mjs', '.cjs', '.ts', '.mts', '.cts', '.tsx', '.jsx'] as const

/**
 * The file that `node PATH` runs: node's own order for a path without an ending (docs: "Modules: CommonJS modules", All together).
 * Built output is often not among the folder's files, so a path that names no file of it still counts.
 */
export function scriptFile(place: Place, path: string): string | undefined {
  if (/\.[cm]?[jt]sx?$/.test(path)) return firstThere(place, [path], path)
  if (path === '.' || path === './' || path.endsWith('/')) {
    const directory = path.replace(/\/$/, '')
    return firstThere(
      place,
      SCRIPT_ENDINGS.map((ending) => `${directory}/index${ending}`),
      undefined,
    )
  }
  const guess = inFolder(place, path)?.split('/').at(-1)?.includes('.') === true ? path : `${path}.js`
  return firstThere(
    place,
    [path, ...SCRIPT_ENDINGS.map((ending) => `${path}${ending}`), ...SCRIPT_ENDINGS.map((ending) => `${path}/index${ending}`)],
    guess,
  )
}

/** `package.module:attribute` or `package.module` → the Python file that is imported. `roots`: what is on the module search path. */
export function moduleFile(place: Place, name: string, roots: readonly string[], guess: boolean): string | undefined {
  const module = /^([A-Za-z_][\w.]*)(?::.*)?$/s.exec(name)?.[1]
  if (module === undefined || module.includes('..') || module.endsWith('.')) return undefined
  const path = module.replaceAll('.', '/')
  const within = (root: string): string => (root === '' || root === '.' ? path : `${root}/${path}`)
  // What an attribute is asked of is imported, and not run.
  const inside = name.includes(':') ? ['__init__', '__main__'] : ['__main__', '__init__']
  const candidates = roots.flatMap((root) => [`${within(root)}.py`, ...inside.map((file) => `${within(root)}/${file}.py`)])
  return firstThere(place, candidates, guess ? `${within(roots[0] ?? '')}.py` : undefined)
}

/** What configures a program: the file that an option names, else the first of its usual names that is there. */
export function configurationFile(place: Place, named: string | undefined, usual: readonly string[]): string | undefined {
  return named === undefined ? present(place, usual)[0] : fileNamed(place, named)
}

/** Its text. */
export function configurationText(place: Place, named: string | undefined, usual: readonly string[]): Text | undefined {
  const path = configurationFile(place, named, usual)
  return path === undefined ? undefined : place.text?.(path)
}

/** Of the named files, those that stand in the working directory. */
export function present(place: Place, names: readonly string[]): readonly string[] {
  return names.flatMap((name) => inFolder(place, name) ?? []).filter((path) => place.paths?.has(path))
}
