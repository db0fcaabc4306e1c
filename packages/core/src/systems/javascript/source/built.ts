import { field, items, parseJson, textField } from '../../json.ts'
import { nearest } from './configuration.ts'
import { directoryOf, joinPath, stemOf } from '../../paths.ts'
import type { Project } from './project.ts'
import { findFile } from './specifier.ts'

/** Directories that hold what was built, and those that it is built from. */
const OUTPUTS = /(^|\/)(?:dist|build|lib|out|output|compiled)\//
const SOURCES = ['src/', 'source/', 'app/', 'lib/', ''] as const

const MAP = /\/\/[#@]\s*sourceMappingURL=(\S+)\s*$/

/** The file that this one was made from, when the folder has it: by its source map, the compiler's options, or the habit of `dist/` beside `src/`. */
export function builtFrom(path: string, project: Project): string | undefined {
  if (!/\.[cm]?js$/.test(path)) return undefined
  return byMap(path, project) ?? byCompiler(path, project) ?? byHabit(path, project)
}

/** The map itself is asked for; while it is not there, the other ways decide. */
function byMap(path: string, project: Project): string | undefined {
  const tail = project.text(path)?.content.slice(-2_000) ?? ''
  const url = MAP.exec(tail.trimEnd())?.[1]
  const mapPath = url === undefined || url.includes(':') ? undefined : joinPath(directoryOf(path), url)
  if (mapPath === undefined || !project.snapshot.paths.has(mapPath)) return undefined
  const map = parseJson(project.text(mapPath)?.content ?? '')
  const root = textField(map, 'sourceRoot') ?? ''
  const sources = items(field(map, 'sources')).flatMap((source) => {
    const found = typeof source === 'string' ? joinPath(directoryOf(mapPath), root === '' ? source : `${root}/${source}`) : undefined
    return found !== undefined && project.snapshot.paths.has(found) ? [found] : []
  })
  // A bundle has many sources; its entry is the one named as it, or the last, since what is imported comes before.
  const stem = stemOf(path)
  return sources.find((source) => stemOf(source) === stem) ?? sources.at(-1)
}

/** tsconfig.json's `outDir` and `rootDir`. */
function byCompiler(path: string, project: Project): string | undefined {
  const compiler = nearest(project.configuration.compilers, path)
  if (compiler?.outDir === undefined || !path.startsWith(`${compiler.outDir}/`)) return undefined
  const rest = path.slice(compiler.outDir.length + 1)
  const roots = [compiler.rootDir, joinPath(compiler.directory, 'src'), compiler.directory]
  return firstSource(
    path,
    roots.flatMap((root) => (root === undefined ? [] : [root === '' ? rest : `${root}/${rest}`])),
    project,
  )
}

function byHabit(path: string, project: Project): string | undefined {
  const match = OUTPUTS.exec(path)
  if (match === null) return undefined
  const before = path.slice(0, match.index) + (match[1] ?? '')
  // `dist/src/x.js`, `dist/server/x.js` and `dist/cjs/x.js` lead to the same places.
  const rest = path.slice(match.index + match[0].length)
  const rests = [rest, rest.replace(/^(?:cjs|esm|src|es|commonjs|module)\//, '')]
  return firstSource(
    path,
    rests.flatMap((name) => SOURCES.map((source) => before + source + name)),
    project,
  )
}

function firstSource(path: string, candidates: readonly string[], project: Project): string | undefined {
  for (const candidate of candidates) {
    const typed = findFile(candidate, project.snapshot.paths)
    if (typed === undefined || typed === path || typed.endsWith('.json') || OUTPUTS.test(typed)) continue
    // A JavaScript file beside the output directory rather loads what was built than is its source.
    if (candidate.includes('/') || !/\.[cm]?js$/.test(typed)) return typed
  }
  return undefined
}
