import { directoryOf, inFolder, nameOf } from './paths.ts'

/** The directories of a folder, found once. */
const DIRECTORIES = new WeakMap<ReadonlySet<string>, ReadonlySet<string>>()

/** The directories that files of the folder are in, and those above them; `''` is the folder itself. */
export function directoriesOf(paths: ReadonlySet<string>): ReadonlySet<string> {
  const before = DIRECTORIES.get(paths)
  if (before !== undefined) return before
  const directories = new Set([''])
  for (const file of paths) {
    for (let directory = directoryOf(file); directory !== '' && !directories.has(directory); directory = directoryOf(directory)) {
      directories.add(directory)
    }
  }
  DIRECTORIES.set(paths, directories)
  return directories
}

/** The directories of the folder that a directory of the machine may be, likeliest first: what its last names say, then the folder itself. */
export function placesOf(directory: string, paths: ReadonlySet<string>): readonly string[] {
  const directories = directoriesOf(paths)
  return [...inFolder(directory, (path) => directories.has(path)), '']
}

const BUILT = /^(?:dist|build|out|lib)$/

/** Whether a file is in a folder for what is built, which is not kept with the source. */
export function isBuilt(path: string): boolean {
  return path.split('/').some((name) => BUILT.test(name))
}

/** What the machine has of its own: nobody deploys a folder there. Of `/root` and its like the files themselves. */
const OF_THE_MACHINE = /^\/(?:etc|run|proc|sys|dev)\/|^\/(?:root|home\/[^/]+|var\/lib)\/[^/]*$/

/** Whether an absolute path is the machine's own, and none of what is deployed to it. */
export function isOfTheMachine(path: string): boolean {
  return OF_THE_MACHINE.test(path)
}

/**
 * The file or directory of the folder that an absolute path of the machine means which the folder is deployed to, by its last names:
 * `/srv/app/api/server.js` is `api/server.js` or `server.js`. Built output need not be there: its directory is enough.
 */
export function deployedPath(path: string, paths: ReadonlySet<string>): string | undefined {
  const directories = directoriesOf(paths)
  const isThere = (one: string): boolean => paths.has(one) || directories.has(one)
  // A folder may have the machine's own files below the names that they have there.
  if (isOfTheMachine(path)) return isThere(path.slice(1)) ? path.slice(1) : undefined
  const [found] = inFolder(path, isThere)
  if (found !== undefined) return found
  const names = path.split('/').filter((name) => name !== '')
  const built = names.findIndex((name, index) => BUILT.test(name) && index < names.length - 1)
  if (built <= 0 || !/\.[cm]?js$/.test(path)) return undefined
  const [above = ''] = placesOf(`/${names.slice(0, built).join('/')}`, paths)
  return [above, ...names.slice(built)].filter((name) => name !== '').join('/')
}

/** The files of a folder by their last name, found once. */
const NAMED = new WeakMap<ReadonlySet<string>, ReadonlyMap<string, readonly string[]>>()

/** Files that one name may mean, at most: more than a few are no answer. */
const FOUND = 8

/** The files of the folder whose path ends in this one; empty where there are more than a few. */
export function filesEnding(path: string, paths: ReadonlySet<string>): readonly string[] {
  const found = filesNamed(nameOf(path), paths).filter((one) => one === path || one.endsWith(`/${path}`))
  return found.length > FOUND ? [] : found
}

/** The files of the folder with this last name. */
export function filesNamed(name: string, paths: ReadonlySet<string>): readonly string[] {
  let named = NAMED.get(paths)
  if (named === undefined) {
    const byName = new Map<string, string[]>()
    for (const one of paths) {
      const last = nameOf(one)
      const same = byName.get(last)
      if (same === undefined) byName.set(last, [one])
      else same.push(one)
    }
    named = byName
    NAMED.set(paths, named)
  }
  return named.get(name) ?? []
}
