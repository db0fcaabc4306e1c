import type { Snapshot } from '../../system.ts'
import { directoryOf, joinPath } from '../../paths.ts'
import { entries, field, items, type Json, parseJson, textField } from '../../json.ts'

/** More package and TypeScript configurations than this are not read: their aliases are then not followed. */
const MAX_FILES = 400

/** What the folder's package.json and tsconfig.json files say of names and places. */
export interface Configuration {
  /** Package name → its directory and manifest, for packages of the folder itself. */
  readonly packages: ReadonlyMap<string, { readonly directory: string; readonly manifest: Json }>
  /** Package directories, for what the nearest one says. */
  readonly manifests: ReadonlyMap<string, Json>
  /** By directory of the tsconfig.json. */
  readonly compilers: ReadonlyMap<string, Compiler>
}

interface Compiler {
  readonly directory: string
  readonly baseUrl?: string
  /** Pattern (one `*` at most) → replacements, relative to the folder. */
  readonly aliases: readonly { readonly pattern: string; readonly targets: readonly string[] }[]
  /** Relative to the folder. */
  readonly outDir?: string
  readonly rootDir?: string
}

const CONFIGURATION = /(?:^|\/)(?:package\.json|(?:ts|js)config(?:\.[\w-]+)?\.json)$/

/** The files that `readConfiguration` wants to have. */
export function configurationFiles(paths: ReadonlySet<string>): readonly string[] {
  const found: string[] = []
  for (const path of paths) {
    if (path.endsWith('.json') && CONFIGURATION.test(path) && found.push(path) === MAX_FILES) break
  }
  return found
}

export function readConfiguration(snapshot: Snapshot): Configuration {
  const documents = new Map<string, Json>()
  for (const path of configurationFiles(snapshot.paths)) {
    const state = snapshot.file(path)
    const parsed = state?.kind === 'text' ? parseJson(withoutComments(state.text)) : undefined
    if (parsed !== undefined) documents.set(path, parsed)
  }
  const packages = new Map<string, { readonly directory: string; readonly manifest: Json }>()
  const manifests = new Map<string, Json>()
  const compilers = new Map<string, Compiler>()
  for (const [path, document] of documents) {
    const directory = directoryOf(path)
    const name = path.slice(directory === '' ? 0 : directory.length + 1)
    if (name === 'package.json') {
      manifests.set(directory, document)
      const named = textField(document, 'name')
      if (named !== undefined) packages.set(named, { directory, manifest: document })
    } else if (name === 'tsconfig.json' || (name === 'jsconfig.json' && !compilers.has(directory))) {
      compilers.set(directory, compiler(path, documents, 0))
    }
  }
  return { packages, manifests, compilers }
}

/** The entry for the nearest directory at or above `path`'s. */
export function nearest<T>(map: ReadonlyMap<string, T>, path: string): T | undefined {
  for (let directory = directoryOf(path); ; directory = directoryOf(directory)) {
    const found = map.get(directory)
    if (found !== undefined || directory === '') return found
  }
}

function compiler(path: string, documents: ReadonlyMap<string, Json>, depth: number): Compiler {
  const directory = directoryOf(path)
  const document = documents.get(path)
  const options = field(document, 'compilerOptions')
  const parents = [field(document, 'extends') ?? []].flat() as readonly Json[]
  const extended = (depth < 4 ? parents : []).flatMap((parent) => {
    if (typeof parent !== 'string' || !parent.startsWith('.')) return []
    const at = joinPath(directory, parent.endsWith('.json') ? parent : `${parent}.json`)
    return at !== undefined && documents.has(at) ? [compiler(at, documents, depth + 1)] : []
  })
  const base: Compiler = Object.assign({ aliases: [] }, ...extended, { directory })
  const place = (name: string): string | undefined => {
    const text = textField(options, name)
    return text === undefined ? undefined : joinPath(directory, text)
  }
  const [baseUrl, outDir, rootDir] = [place('baseUrl'), place('outDir'), place('rootDir')]
  const aliases = entries(field(options, 'paths')).map(([pattern, targets]) => ({
    pattern,
    targets: items(targets).flatMap((target) => {
      const at = typeof target === 'string' ? joinPath(baseUrl ?? directory, target) : undefined
      return at === undefined ? [] : [at]
    }),
  }))
  return {
    ...base,
    ...(aliases.length === 0 ? {} : { aliases }),
    ...(baseUrl === undefined ? {} : { baseUrl }),
    ...(outDir === undefined ? {} : { outDir }),
    ...(rootDir === undefined ? {} : { rootDir }),
  }
}

/** JSON as TypeScript takes it: comments and trailing commas taken out. */
function withoutComments(text: string): string {
  const plain = text.replace(/"(?:[^"\\]|\\.)*"|\/\/[^\n]*|\/\*[^]*?(?:\*\/|$)/g, (piece) => (piece.startsWith('"') ? piece : ' '))
  return plain.replace(/"(?:[^"\\]|\\.)*"|,(?=\s*[}\]])/g, (piece) => (piece === ',' ? '' : piece))
}
