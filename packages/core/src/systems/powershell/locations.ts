import { joinValues, type FileOrigin, type Value } from '../../evidence/index.ts'
import { inFolder, joinPath, relativePath } from '../paths.ts'
import { IN_FOLDER } from '../shell/expand.ts'
import type { ShellContext } from '../shell/context.ts'
import type { Scope } from './scope.ts'
import { known } from './datum.ts'

/** A path with `/` between its names, as everything else here has it. */
export function slashed(path: string): string {
  return path.replaceAll('\\', '/')
}

/** What stands behind `IN_FOLDER`, where the folder itself is the empty text: `/backend` below it is `backend`. */
function ofFolder(path: string): string | undefined {
  return joinPath('', path.replace(/^\/+/, ''))
}

/** `Join-Path`, `[IO.Path]::Combine`. */
export function joinedPath(directory: Value, path: Value, origin: FileOrigin): Value {
  if (directory.kind === 'absent') return path
  if (path.kind === 'absent') return directory
  return joinValues([directory, known('/', origin), path], origin)
}

/** Where `Set-Location` to this text leads from `directory`; `undefined`: not known, or out of the folder. */
export function locationAfter(text: string, directory: string | undefined): string | undefined {
  const path = slashed(text)
  if (path.startsWith(IN_FOLDER)) return ofFolder(path.slice(1))
  if (path.startsWith('/')) return joinPath('/', path)
  if (/^[A-Za-z]:/.test(path) || path.startsWith('~') || path === '-' || path === '+') return undefined
  return directory === undefined ? undefined : joinPath(directory, path)
}

/** Moves to where a text leads. Of several places that the script may be started in, the one is meant where there is such a directory. */
export function goTo(text: string | undefined, scope: Scope, { directories = [], isDirectory }: ShellContext): void {
  const from = scope.directory === undefined && scope.atStart ? directories : [scope.directory]
  const targets = from
    .map((directory) => (text === undefined ? undefined : locationAfter(text, directory)))
    .filter((target) => target !== undefined)
  const there = from.length > 1 ? (targets.find((target) => isDirectory?.(target)) ?? single(targets)) : targets[0]
  scope.directory = deployed(text, isDirectory) ?? there
  scope.atStart = false
}

/** An absolute directory of the machine that a script was written for, as the directory of the folder that is meant. */
function deployed(text: string | undefined, isDirectory: ShellContext['isDirectory']): string | undefined {
  const path = slashed(text ?? '')
  if (isDirectory === undefined || !/^(?:[A-Za-z]:)?\//.test(path)) return undefined
  return inFolder(path, (directory) => isDirectory(directory))[0]
}

function single(targets: readonly string[]): string | undefined {
  return new Set(targets).size === 1 ? targets[0] : undefined
}

/** The paths, relative to the folder, that a text may name: from the working directory, then from the script's own. */
export function filesNamed(text: string, scope: Scope, scriptDirectory: string): readonly string[] {
  const path = slashed(text)
  if (path.startsWith(IN_FOLDER)) return [ofFolder(path.slice(1))].filter((found) => found !== undefined)
  const directories = scope.directory === undefined ? [scriptDirectory, ''] : [scope.directory]
  return [...new Set(directories.map((directory) => joinPath(directory, path)).filter((found) => found !== undefined))]
}

const PLACED = new RegExp(`${IN_FOLDER}([^\\s:;'"${IN_FOLDER}]*)`, 'g')
/** Names with backslashes between them, and nothing that a path would not have. */
const WINDOWS_PATH = /^(?:--?[\w-]+=)?(?:[\w.$~@+-]*[\\/])+[\w.$~@+*-]*(?=$|:)/

/** Paths in the folder as they are from the working directory, and backslashes in paths as slashes: as the program that is started sees them. */
export function placed(value: Value, directory: string | undefined): Value {
  switch (value.kind) {
    case 'known':
      return typeof value.value === 'string' ? { ...value, value: placedText(value.value, directory) } : value
    case 'environment':
    case 'argument':
      return { ...value, fallback: placed(value.fallback, directory) }
    case 'joined':
      return { ...value, parts: value.parts.map((part) => placed(part, directory)) }
    case 'choice':
      return { ...value, options: value.options.map((option) => placed(option, directory)) }
    case 'absent':
    case 'unknown':
      return value
    default:
      return value satisfies never
  }
}

function placedText(text: string, directory: string | undefined): string {
  if (text.includes(IN_FOLDER)) {
    return text.replaceAll(PLACED, (_, path: string) => {
      const name = slashed(path)
      if (directory?.startsWith('/') === true) return name
      const relative = relativePath(directory ?? '', ofFolder(name) ?? name)
      return name.endsWith('/') && name !== '/' ? `${relative}/` : relative
    })
  }
  if (!text.includes('\\') || text.length > 1024) return text
  // A drive is outside of the folder.
  if (/^[A-Za-z]:\\/.test(text)) return `/${slashed(text)}`
  return text.replace(WINDOWS_PATH, slashed)
}
