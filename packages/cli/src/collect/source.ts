import { createRequire } from 'node:module'
import type { SourceLanguage, SyntaxNode, Tools } from '@sallyport/core/systems'
import { endsInTime, looksEndless } from './trial.ts'

/** The parts of `@ast-grep/napi` that are used. Its own types are generic over every grammar's node kinds. */
interface AstGrep {
  parse(language: string, text: string): { root(): SyntaxNode }
  registerDynamicLanguage(languages: Readonly<Record<string, unknown>>): void
}

/** ast-grep's names of the grammars. */
const GRAMMARS: Readonly<Record<SourceLanguage, string>> = {
  javascript: 'JavaScript',
  typescript: 'TypeScript',
  tsx: 'Tsx',
  python: 'python',
  go: 'go',
}

/** The packages of the grammars that ast-grep does not bring itself, by its names of them. */
const PACKAGES: Readonly<Partial<Record<SourceLanguage, () => unknown>>> = {
  // Written out, so that what bundles this sees which packages are meant.
  python: () => require('@ast-grep/lang-python'),
  go: () => require('@ast-grep/lang-go'),
}
const PATHS: Readonly<Partial<Record<SourceLanguage, () => string>>> = {
  python: () => require.resolve('@ast-grep/lang-python'),
  go: () => require.resolve('@ast-grep/lang-go'),
}

const require = createRequire(import.meta.url)

// ast-grep's registry is global to the process and takes dynamic languages once (the first call counts), so what is loaded is kept here.
let builtIn: AstGrep | undefined | 'missing'
let registered: ReadonlySet<string> | undefined

/** Native, so loaded only when a file is really parsed; a machine without a build for it is no error. */
function load(language: SourceLanguage): AstGrep | undefined {
  if (builtIn === undefined) {
    try {
      builtIn = require('@ast-grep/napi') as AstGrep
    } catch {
      builtIn = 'missing'
    }
  }
  if (builtIn === 'missing') return undefined
  if (PACKAGES[language] === undefined) return builtIn
  registered ??= register(builtIn)
  return registered.has(language) ? builtIn : undefined
}

/** Every grammar that is there, in the one call that counts, when the first of them is needed. */
function register(native: AstGrep): ReadonlySet<string> {
  const found = new Map<string, unknown>()
  for (const [language, grammar] of Object.entries(PACKAGES)) {
    try {
      found.set(language, grammar())
    } catch {
      // Without a build for this machine: the others are there all the same.
    }
  }
  try {
    native.registerDynamicLanguage(Object.fromEntries(found))
  } catch {
    return new Set()
  }
  return new Set(found.keys())
}

/** The paths of what parses a language; throws where it is not there. */
function modulesOf(language: SourceLanguage): readonly [string, string?] {
  const native = require.resolve('@ast-grep/napi')
  const grammar = PATHS[language]
  return grammar === undefined ? [native] : [native, grammar()]
}

/** The parsers for source code; a text that would keep them busy for too long has no tree. Offsets are UTF-16 code units of `text`. */
export const sourceTools: Tools = {
  parseSource(language, text) {
    try {
      if (looksEndless(text) && !endsInTime(text, GRAMMARS[language], modulesOf(language))) return undefined
      return load(language)?.parse(GRAMMARS[language], text).root()
    } catch {
      return undefined
    }
  },
}
