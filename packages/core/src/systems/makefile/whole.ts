import type { FileOrigin, Text } from '../../evidence/index.ts'
import { directoryOf, joinPath, nameOf } from '../paths.ts'
import { type Include, type Makefile, type MakeVariable, parseMakefile } from './parse.ts'

/** How deep makefiles include one another, and how many they may be. */
const DEPTH = 8
const FILES = 100

/** Finds the files that a makefile includes. */
export interface MakeFiles {
  text(path: string): Text | undefined
  readonly snapshot: { readonly paths: ReadonlySet<string> }
}

/** A makefile with all that it includes (GNU make manual, 3.3 Including Other Makefiles). */
export interface WholeMakefile extends Omit<Makefile, 'includes'> {
  /** The paths of the included files, those that are not there among them. */
  readonly includes: readonly string[]
  /** The first that make cannot do without, and that is not in the folder: it may set any variable. */
  readonly unseen: FileOrigin | undefined
}

/** `directory`: where make runs, which is where included paths begin. */
export function wholeMakefile(text: Text, directory: string, files: MakeFiles): WholeMakefile {
  const seen = new Set<string>([text.path])
  const includes: string[] = []
  let unseen: FileOrigin | undefined
  const whole = (of: Text, depth: number): Makefile => {
    const file = parseMakefile(of)
    if (file.includes.length === 0 || depth === 0) return file
    let [rules, own, exportsAll, oneShell] = [file.rules, file.own, file.exportsAll, file.oneShell]
    const variables: MakeVariable[] = []
    let behind = 0
    for (const include of file.includes) {
      variables.push(...file.variables.slice(behind, include.behind))
      behind = include.behind
      const paths = included(include, variables, directory, files.snapshot.paths)
      if (paths === undefined && !include.isOptional) unseen ??= of.origin(include.start, include.end)
      for (const path of paths ?? []) {
        includes.push(path)
        if (seen.has(path) || seen.size >= FILES) continue
        seen.add(path)
        const inner = files.text(path)
        if (inner === undefined) {
          if (!include.isOptional) unseen ??= of.origin(include.start, include.end)
          continue
        }
        const more = whole(inner, depth - 1)
        rules = [...rules, ...more.rules]
        own = [...own, ...more.own]
        variables.push(...more.variables)
        exportsAll ||= more.exportsAll
        oneShell ||= more.oneShell
      }
    }
    variables.push(...file.variables.slice(behind))
    return { rules, variables, own, includes: [], exportsAll, oneShell }
  }
  return { ...whole(text, DEPTH), includes, unseen }
}

/** The paths that an `include` names; `undefined` where they depend on what is not known. */
function included(
  { path }: Include,
  variables: readonly MakeVariable[],
  directory: string,
  paths: ReadonlySet<string>,
): readonly string[] | undefined {
  const written = path.replace(/\$[({]([\w.-]+)[)}]/g, (reference, name: string) => {
    if (name === 'CURDIR') return '.'
    const value = variables.findLast((variable) => variable.name === name)?.text
    return value === undefined || value.includes('$') ? reference : value
  })
  const joined = written.includes('$') ? undefined : joinPath(directory, written)
  if (joined === undefined) return undefined
  if (!/[*?]/.test(joined)) return [joined]
  const name = nameOf(joined)
  if (name.split('*').length > 4 || /[*?]/.test(directoryOf(joined))) return undefined
  const pattern = new RegExp(`^${name.replace(/[^\w]/g, (sign) => (sign === '*' ? '[^/]*' : sign === '?' ? '[^/]' : `\\${sign}`))}$`)
  return [...paths].filter((one) => directoryOf(one) === directoryOf(joined) && pattern.test(nameOf(one))).toSorted()
}
