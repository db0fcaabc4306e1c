import { entries, field, type Json, textField } from '../../json.ts'
import { directoryOf, joinPath, stemOf } from '../../paths.ts'
import { SOURCE_EXTENSION } from './source-files.ts'
import { findFile } from './specifier.ts'

/** Files in which commands and settings stand that start programs. */
const STARTS =
  /(?:^|\/)(?:Procfile[\w.-]*|Makefile|(?:[\w-]+\.)?Dockerfile[\w.-]*|(?:docker-)?compose[\w.-]*\.ya?ml|(?:ecosystem|pm2|process)[\w.-]*\.(?:[cm]?js|json|ya?ml)|\.npmrc|\.env[\w.-]*|nodemon\.json|[\w.@-]+\.(?:sh|bash|service))$/

/** More files of that kind than this are not looked at, nor more of one than so many characters. */
const MAX_FILES = 300
const MAX_LENGTH = 200_000

/** `node -r ./setup.js`, `NODE_OPTIONS=--import=./setup.mjs`, `["--require", "./setup.js"]` (nodejs.org/api/cli.html). */
const PRELOADS = /(?:^|[\s"'=,[])(?:-r|--require|--import|--loader|--experimental-loader|--preload)[\s=,"']{1,8}([\w@./-]{1,200})/g

const BUILT = /(^|\/)(?:dist|build|lib|out)\//
const WORDS = /[\w@./-]{2,200}/g

/** The files that may say so; asked for by whoever reads them. */
export function startFiles(paths: ReadonlySet<string>): readonly string[] {
  const found: string[] = []
  for (const path of paths) if (STARTS.test(path) && found.push(path) === MAX_FILES) break
  return found
}

/**
 * What Node loads before a program's own file: as if that file imported it. One command, or one file of settings, is taken as a whole:
 * each source file that it names may be the one that is started.
 */
export function preloadsOf(
  files: ReadonlyMap<string, string>,
  manifests: ReadonlyMap<string, Json>,
  paths: ReadonlySet<string>,
): readonly (readonly [entry: string, preload: string])[] {
  const found: (readonly [string, string])[] = []
  for (const [directory, manifest] of manifests)
    for (const script of scriptsOf(manifest)) found.push(...edges(script, directory, () => [], paths))
  for (const [path, text] of files) {
    const directory = directoryOf(path)
    found.push(...edges(text.slice(0, MAX_LENGTH), directory, () => startedBy(manifests.get(directory), directory, paths), paths))
  }
  return found
}

/** The names without an ending of what may be a file, in every text that has the name of a runtime; `index` is what a directory's name means. */
export function namesStarted(
  runtime: string,
  files: ReadonlyMap<string, string>,
  manifests: ReadonlyMap<string, Json>,
): ReadonlySet<string> {
  const texts = [...[...manifests.values()].flatMap(scriptsOf), ...[...files.values()].map((text) => text.slice(0, MAX_LENGTH))]
  const naming = texts.filter((text) => new RegExp(`\\b${runtime}\\b`).test(text))
  if (naming.length === 0) return new Set()
  return new Set(['index', ...naming.flatMap((text) => [...text.matchAll(WORDS)].map(([word]) => stemOf(word)))])
}

const scriptsOf = (manifest: Json): readonly string[] =>
  entries(field(manifest, 'scripts')).flatMap(([, script]) => (typeof script === 'string' ? [script] : []))

function edges(
  text: string,
  directory: string,
  otherwise: () => readonly string[],
  paths: ReadonlySet<string>,
): readonly (readonly [string, string])[] {
  const preloads = [...text.matchAll(PRELOADS)].flatMap((match) => fileNamed(match[1] ?? '', directory, paths) ?? [])
  if (preloads.length === 0) return []
  const named = namedIn(text, directory, paths).filter((path) => !preloads.includes(path))
  return (named.length === 0 ? otherwise() : named).flatMap((entry) =>
    preloads.flatMap((preload) => (preload === entry ? [] : [[entry, preload] as const])),
  )
}

/** What the scripts of a package start, where a file of settings beside it holds for all of them. */
function startedBy(manifest: Json | undefined, directory: string, paths: ReadonlySet<string>): readonly string[] {
  if (manifest === undefined) return []
  return [...scriptsOf(manifest), textField(manifest, 'main') ?? ''].flatMap((text) => namedIn(text, directory, paths))
}

const namedIn = (text: string, directory: string, paths: ReadonlySet<string>): readonly string[] => [
  ...new Set([...text.matchAll(WORDS)].flatMap(([word]) => fileNamed(word, directory, paths) ?? [])),
]

/** The source file that a word names from a directory, from the folder, or from where an image has it (`/app/setup.js`). */
function fileNamed(word: string, directory: string, paths: ReadonlySet<string>): string | undefined {
  if (!/[./]/.test(word)) return undefined
  const inside = word.replace(/^\/(?:[\w-]+\/)?/, '')
  for (const base of [directory, '']) {
    const path = joinPath(base, inside)
    // What is started may be built, and the folder have its source alone.
    const candidates = path === undefined || path === '' ? [] : [path, path.replace(BUILT, '$1src/')]
    const found = candidates.map((candidate) => findFile(candidate, paths)).find((candidate) => candidate !== undefined)
    if (found !== undefined && SOURCE_EXTENSION.test(found)) return found
  }
  return undefined
}
