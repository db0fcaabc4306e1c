/** Paths relative to the folder: `/` between names, no leading `./`. */

export function directoryOf(path: string): string {
  const slash = path.lastIndexOf('/')
  return slash < 0 ? '' : path.slice(0, slash)
}

/** `undefined` where the result is outside the folder. */
export function joinPath(directory: string, relative: string): string | undefined {
  const names: string[] = directory === '' ? [] : directory.split('/')
  for (const name of relative.split('/')) {
    if (name === '' || name === '.') continue
    if (name !== '..') names.push(name)
    else if (names.pop() === undefined) return undefined
  }
  return names.join('/')
}

export const SOURCE_EXTENSION = /\.[cm]?[jt]sx?$/

/** Declarations only: nothing in them runs. */
export const DECLARATIONS = /\.d\.[cm]?ts$/
