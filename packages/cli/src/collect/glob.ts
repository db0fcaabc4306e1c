import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { nameGlob } from '@sallyport/core/evidence'
import { directoryWithin, type Root } from './files.ts'

/** So many paths one pattern may come to; more are not one configuration. */
const MAX_PATHS = 10_000

/**
 * The paths that a shell's pattern matches, as glob(3) in the C locale: `*`, `?`, `[…]`, `\` before a character that is itself;
 * a leading dot is matched only by a dot; sorted. Directories are listed, nothing is run, nothing outside the root is looked at.
 */
export function globWithin(root: Root, pattern: string): readonly string[] {
  const parts = pattern.split('/').filter((part) => part !== '' && part !== '.')
  let found: readonly string[] = [pattern.startsWith('/') ? '/' : '']
  for (const [index, part] of parts.entries()) {
    const last = index === parts.length - 1
    const { literal, matches } = nameGlob(part)
    const next: string[] = []
    for (const directory of found) {
      const names = literal === undefined ? namesIn(directory, root).filter((name) => matches(name)) : [literal]
      for (const name of names) {
        const path = join(directory, name)
        if (next.length < MAX_PATHS && exists(path, root, last && !pattern.endsWith('/'))) next.push(path)
      }
    }
    found = next
  }
  return parts.length === 0 ? [] : [...found].toSorted()
}

function namesIn(directory: string, root: Root): readonly string[] {
  const real = directoryWithin(directory, root)
  if (real === undefined) return []
  try {
    return readdirSync(real)
  } catch {
    return []
  }
}

/** The last name may be anything, also a link that leads nowhere; those before it have to be directories. */
function exists(path: string, root: Root, anything: boolean): boolean {
  if (!anything) return directoryWithin(path, root) !== undefined
  const slash = path.lastIndexOf('/')
  const directory = directoryWithin(path.slice(0, slash + 1), root)
  try {
    return directory !== undefined && lstatSync(join(directory, path.slice(slash + 1))) !== undefined
  } catch {
    return false
  }
}
