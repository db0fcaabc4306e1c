import { nameGlob, resolveValue, type Value } from '../../evidence/index.ts'
import type { Passage } from '../passage.ts'
import { directoryOf, joinPath } from '../paths.ts'
import { IN_FOLDER } from './expand.ts'
import type { Scope } from './scope.ts'
import type { WordSyntax } from './syntax.ts'
import type { ShellContext } from './context.ts'

/** The most files that one pattern stands for. */
const FILES = 64

/** The paths, relative to the folder, that a name in a script may mean: from the working directory, then from the script's own. */
export function resolvePath({ script, directories = [] }: ShellContext, path: string, scope: Scope): readonly string[] {
  if (path.lastIndexOf(IN_FOLDER) > 0) return []
  // The home of whoever runs it is no directory of the folder.
  if (/^~(?:\/|$)/.test(path)) return [path]
  if (path.startsWith(IN_FOLDER)) return [joinPath('', path.slice(1))].filter((found) => found !== undefined)
  const started = scope.atStart ? directories : []
  const from = scope.directory === undefined ? new Set([directoryOf(script ?? ''), '', ...started]) : [scope.directory]
  return [...new Set([...from].map((directory) => joinPath(directory, path)).filter((found) => found !== undefined))]
}

/** The files that a word may name, one list of paths for each of its values, likeliest first; `undefined` among them: not known. */
export function filesNamed(context: ShellContext, value: Value | undefined, scope: Scope): readonly (readonly string[] | undefined)[] {
  if (value === undefined) return [undefined]
  const { unseen } = scope
  const values = resolveValue(value, { environment: new Map(), arguments: new Map(), ...(unseen === undefined ? {} : { unseen }) })
  const texts = new Set(values.map((one) => (one.kind === 'known' && one.value !== '' ? String(one.value) : undefined)))
  return [...texts].map((text) => (text === undefined ? undefined : resolvePath(context, text, scope)))
}

/** The text of a file that a word names for certain. */
export function fileNamed(context: ShellContext, value: Value | undefined, scope: Scope): Passage | undefined {
  const [paths, other] = filesNamed(context, value, scope)
  return other === undefined && paths !== undefined ? firstFile(context, paths) : undefined
}

/** The first of these that the folder has. */
export function firstFile({ sourced }: ShellContext, paths: readonly string[]): Passage | undefined {
  for (const path of paths) {
    const found = sourced?.(path)
    if (found !== undefined) return found
  }
  return undefined
}

/** Whether a word has a pattern in it that stands for names of files: `conf.d/*.sh`. */
export function isPattern(word: WordSyntax): boolean {
  return word.parts.some((part) => part.kind === 'text' && !part.quoted && /[*?[]/.test(part.text))
}

/** The files of a folder by their directory, found once. */
const BY_DIRECTORY = new WeakMap<ReadonlySet<string>, ReadonlyMap<string, readonly string[]>>()

function filesIn(directory: string, files: ReadonlySet<string> | undefined): readonly string[] {
  if (files === undefined) return []
  let found = BY_DIRECTORY.get(files)
  if (found === undefined) {
    const grouped = new Map<string, string[]>()
    for (const path of files) {
      const at = directoryOf(path)
      const same = grouped.get(at)
      if (same === undefined) grouped.set(at, [path])
      else same.push(path)
    }
    found = grouped
    BY_DIRECTORY.set(files, found)
  }
  return found.get(directory) ?? []
}

/** The files below a directory, found once. */
const BELOW = new WeakMap<ReadonlySet<string>, Map<string, readonly string[]>>()

/** The files of a directory and of those in it, as many as one pattern may stand for. */
export function filesBelow(directory: string, files: ReadonlySet<string> | undefined): readonly string[] {
  if (files === undefined) return []
  const known = BELOW.get(files) ?? new Map<string, readonly string[]>()
  BELOW.set(files, known)
  const before = known.get(directory)
  if (before !== undefined) return before
  const found = [...files].filter((path) => directory === '' || path.startsWith(`${directory}/`)).slice(0, FILES)
  known.set(directory, found)
  return found
}

/** The files of the folder that a pattern stands for, sorted by their names, as paths that the script knows to be in the folder; `undefined`: none, or not to be told. */
export function filesMatching(context: ShellContext, pattern: string, scope: Scope): readonly string[] | undefined {
  const at = pattern.lastIndexOf('/')
  const directory = pattern.slice(0, at + 1)
  if (/[*?[]/.test(directory) || pattern.length > 512) return undefined
  const glob = nameGlob(pattern.slice(at + 1))
  for (const below of resolvePath(context, at < 0 ? '.' : directory, scope)) {
    const found: string[] = []
    for (const path of filesIn(below, context.files))
      if (found.length <= FILES && glob.matches(path.slice(below === '' ? 0 : below.length + 1))) found.push(path)
    if (found.length > FILES) return undefined
    if (found.length > 0) return found.toSorted().map((path) => IN_FOLDER + path)
  }
  return undefined
}
