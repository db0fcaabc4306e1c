/** Paths of the folder as text: relative to it, `/` between names, `''` for the folder itself; an absolute one names a place in a container or on the machine. */

/** `directory/path`, with `.` and `..` followed; `undefined` when it leads out of the folder. An absolute path stays one. */
export function joinPath(directory: string, path: string): string | undefined {
  const absolute = path.startsWith('/') || directory.startsWith('/')
  const names: string[] = []
  for (const name of (path.startsWith('/') ? path : `${directory}/${path}`).split('/')) {
    if (name === '' || name === '.') continue
    if (name !== '..') names.push(name)
    else if (names.pop() === undefined && !absolute) return undefined
  }
  return (absolute ? '/' : '') + names.join('/')
}

/** The directory that a path's last name is in. */
export function directoryOf(path: string): string {
  const slash = path.lastIndexOf('/')
  return slash < 0 ? '' : slash === 0 ? '/' : path.slice(0, slash)
}

/** The last name of a path. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** The last name of a path, up to its first dot. */
export function stemOf(path: string): string {
  return nameOf(path).replace(/\..*$/, '')
}

/** `path` as it is written from `directory`, both relative to the folder or both absolute. */
export function relativePath(directory: string, path: string): string {
  const from = directory.split('/').filter((name) => name !== '')
  const to = path.split('/').filter((name) => name !== '')
  let shared = 0
  while (shared < from.length && shared < to.length && from[shared] === to[shared]) shared++
  return [...from.slice(shared).map(() => '..'), ...to.slice(shared)].join('/') || '.'
}

/** The parts of the folder that an absolute path of the machine it is deployed to may mean: `/srv/app/api` is `app/api` or `api`, whichever is there; the longest first. */
export function inFolder(path: string, exists: (path: string) => boolean): readonly string[] {
  const names = path.split('/').filter((name) => name !== '' && name !== '.')
  if (names.length > 64) return []
  return names.map((_, index) => names.slice(index).join('/')).filter(exists)
}
