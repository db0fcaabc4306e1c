import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where in the code something was asked for. */
export interface Place {
  /** file:line:column of the program's own code; else of the package's; empty where the stack has neither. */
  readonly at: string
  /** The package that asked, where it was not the program itself. */
  readonly through: string
  /** Node itself was the caller. */
  readonly internal: boolean
}

const PACKAGE = /[/\\]node_modules[/\\]((?:@[^/\\]+[/\\])?[^/\\]+)[/\\](?!.*[/\\]node_modules[/\\])/
const MOST_FRAMES = 60
/** The preload is one file when it is built. */
const SELF = import.meta.filename

/** The place from which the function `above` was called. */
export function placeOf(above: (...args: never[]) => unknown): Place {
  const frames = framesAbove(above)
  const files = frames.filter(({ file }) => file !== '' && file !== SELF && !file.startsWith('node:'))
  const own = files.find(({ file }) => !PACKAGE.test(file))
  const found = own ?? files[0]
  return {
    at: found === undefined ? '' : `${shown(found.file)}:${found.line}:${found.column}`,
    through: PACKAGE.exec(files[0]?.file ?? '')?.[1]?.replaceAll('\\', '/') ?? '',
    internal: frames[0]?.file.startsWith('node:') === true,
  }
}

interface Frame {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** Structured, because the text of a stack is written by whoever replaced `Error.prepareStackTrace`. */
function framesAbove(above: (...args: never[]) => unknown): readonly Frame[] {
  const { prepareStackTrace, stackTraceLimit } = Error
  try {
    Error.stackTraceLimit = MOST_FRAMES
    Error.prepareStackTrace = (_error, sites) => sites
    const holder: { stack?: unknown } = {}
    Error.captureStackTrace(holder, above)
    const sites = (holder.stack ?? []) as readonly NodeJS.CallSite[]
    return sites.map((site) => ({ file: pathOf(site.getFileName()), line: site.getLineNumber() ?? 0, column: site.getColumnNumber() ?? 0 }))
  } catch {
    return []
  } finally {
    Error.prepareStackTrace = prepareStackTrace
    Error.stackTraceLimit = stackTraceLimit
  }
}

function pathOf(name: string | null | undefined): string {
  if (name === null || name === undefined) return ''
  try {
    return name.startsWith('file:') ? fileURLToPath(name) : name
  } catch {
    return name
  }
}

/** From the working directory, where it is below it. */
function shown(file: string): string {
  const path = relative(process.cwd(), file)
  return path.startsWith('..') || path === '' ? file : path
}
