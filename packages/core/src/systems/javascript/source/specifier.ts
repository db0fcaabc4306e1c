import { entries, field, type Json, textField } from '../../json.ts'
import { type Configuration, nearest } from './configuration.ts'
import { directoryOf, joinPath } from '../../paths.ts'
import { dataFormat } from '../../data/index.ts'
import { SOURCE_EXTENSION } from './source-files.ts'

/** What an import names. `missing`: a file of the folder that is not there. */
export type Target =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'package'; readonly name: string }
  | { readonly kind: 'missing'; readonly path: string }

/** Node's modules that are known without `node:` too. */
const BUILT_IN: ReadonlySet<string> = new Set(
  'assert child_process cluster crypto dgram dns events fs fs/promises http http2 https inspector inspector/promises module net os path process stream timers timers/promises tls url util worker_threads'.split(
    ' ',
  ),
)

/** A package as its own documentation names it: `http` → `node:http`, `npm:express@4` → `express`. */
function packageName(specifier: string): string {
  if (BUILT_IN.has(specifier)) return `node:${specifier}`
  const registry = /^(?:npm:|jsr:|https:\/\/esm\.sh\/)((?:@[\w.-]+\/)?[\w.-]+)(?:@[^/]*)?(\/.*)?$/.exec(specifier)
  return registry === null ? specifier : `${registry[1] ?? ''}${registry[2] ?? ''}`
}

/** TypeScript writes the built name of a source file: `./server.js` is `server.ts`. */
const SOURCES_OF: readonly (readonly [RegExp, readonly string[]])[] = [
  [/\.js$/, ['.ts', '.tsx', '.jsx']],
  [/\.mjs$/, ['.mts']],
  [/\.cjs$/, ['.cts']],
  [/\.jsx$/, ['.tsx']],
]
const EXTENSIONS = ['.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs', '.json'] as const

/** The file that a path without or with extension stands for, as Node, TypeScript and bundlers find it. */
export function findFile(path: string, paths: ReadonlySet<string>): string | undefined {
  if (paths.has(path) && (SOURCE_EXTENSION.test(path) || dataFormat(path) !== undefined)) return path
  for (const [built, sources] of SOURCES_OF) {
    if (!built.test(path)) continue
    const source = sources.map((extension) => path.replace(built, extension)).find((candidate) => paths.has(candidate))
    if (source !== undefined) return source
  }
  const prefix = path === '' ? '' : `${path}/`
  return (
    (path === '' ? undefined : EXTENSIONS.map((extension) => path + extension).find((candidate) => paths.has(candidate))) ??
    EXTENSIONS.map((extension) => `${prefix}index${extension}`).find((candidate) => paths.has(candidate))
  )
}

export function resolveSpecifier(from: string, specifier: string, paths: ReadonlySet<string>, configuration: Configuration): Target {
  if (specifier === '.' || specifier === '..' || specifier.startsWith('./') || specifier.startsWith('../')) {
    const path = joinPath(directoryOf(from), specifier)
    const found = path === undefined ? undefined : findFile(path, paths)
    return found === undefined ? { kind: 'missing', path: path ?? specifier } : { kind: 'file', path: found }
  }
  const found = aliased(from, specifier, paths, configuration) ?? ofWorkspace(from, specifier, paths, configuration)
  return found === undefined ? { kind: 'package', name: packageName(specifier) } : { kind: 'file', path: found }
}

/** tsconfig.json's `paths` and `baseUrl`. */
function aliased(from: string, specifier: string, paths: ReadonlySet<string>, configuration: Configuration): string | undefined {
  const compiler = nearest(configuration.compilers, from)
  if (compiler === undefined) return undefined
  for (const { pattern, targets } of compiler.aliases) {
    const part = starPart(pattern, specifier)
    if (part === undefined) continue
    for (const target of targets) {
      const found = findFile(
        target.replace('*', () => part),
        paths,
      )
      if (found !== undefined) return found
    }
  }
  const based = compiler.baseUrl === undefined ? undefined : joinPath(compiler.baseUrl, specifier)
  return based === undefined ? undefined : findFile(based, paths)
}

/** What `*` stands for; `undefined` where the text does not fit the pattern. */
function starPart(pattern: string, text: string): string | undefined {
  const star = pattern.indexOf('*')
  if (star < 0) return pattern === text ? '' : undefined
  const [before, behind] = [pattern.slice(0, star), pattern.slice(star + 1)]
  const fits = text.length >= before.length + behind.length && text.startsWith(before) && text.endsWith(behind)
  return fits ? text.slice(before.length, text.length - behind.length) : undefined
}

/** A package of the folder by its name, and `#names` of the nearest package.json (Node's `imports`). */
function ofWorkspace(from: string, specifier: string, paths: ReadonlySet<string>, configuration: Configuration): string | undefined {
  if (specifier.startsWith('#')) {
    for (const [directory, manifest] of configuration.manifests) {
      if (directory !== '' && !from.startsWith(`${directory}/`)) continue
      for (const [pattern, target] of entries(field(manifest, 'imports'))) {
        const part = starPart(pattern, specifier)
        const found =
          part === undefined
            ? undefined
            : fromManifest(
                directory,
                firstText(target)?.replace('*', () => part),
                paths,
              )
        if (found !== undefined) return found
      }
    }
    return undefined
  }
  const parts = specifier.split('/')
  const name = parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/')
  const workspace = configuration.packages.get(name)
  if (workspace === undefined) return undefined
  const rest = specifier.slice(name.length + 1)
  const { directory, manifest } = workspace
  const exported = field(manifest, 'exports')
  const inside = rest === '' ? (field(exported, '.') ?? exported) : field(exported, `./${rest}`)
  const named = [firstText(inside), ...(rest === '' ? [textField(manifest, 'source'), textField(manifest, 'main')] : [rest, `src/${rest}`])]
  for (const target of named) {
    const found = fromManifest(directory, target, paths)
    if (found !== undefined) return found
  }
  return rest === '' ? (findFile(joinPath(directory, 'src') ?? '', paths) ?? findFile(directory, paths)) : undefined
}

/** A manifest names built files; the sources are what the folder has. */
function fromManifest(directory: string, target: string | undefined, paths: ReadonlySet<string>): string | undefined {
  const path = target === undefined ? undefined : joinPath(directory, target)
  if (path === undefined) return undefined
  return findFile(path, paths) ?? findFile(path.replace(/(^|\/)(?:dist|build|lib)\//, '$1src/'), paths)
}

/** The first text in a conditional export: conditions are tried in the order of the file. */
function firstText(value: Json | undefined, depth = 0): string | undefined {
  if (typeof value === 'string') return value
  if (depth > 4) return undefined
  for (const [condition, inner] of entries(value)) {
    const found = condition === 'types' ? undefined : firstText(inner, depth + 1)
    if (found !== undefined) return found
  }
  return undefined
}
