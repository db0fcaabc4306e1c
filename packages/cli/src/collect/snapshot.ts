import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Context, FilePattern, FileState, Reader, Reading, Snapshot, Tools } from '@sallyport/core/systems'
import { readFileState, type Root } from './files.ts'

/** A reader may ask for more files this many times: nested includes, each found only in the one before. */
const MAX_ROUNDS = 40
/** Files that one reader may ask for beyond those that matched. */
const MAX_ASKED = 2_000

/** Files below one root as a reader sees them: paths are relative to it, or absolute where the root is `/`. */
export class Files {
  readonly root: Root
  readonly paths: ReadonlySet<string>
  readonly #states = new Map<string, FileState>()

  constructor(root: Root, paths: Iterable<string>) {
    this.root = root
    this.paths = new Set(paths)
  }

  load(path: string): FileState {
    const known = this.#states.get(path)
    if (known !== undefined) return known
    const state = readFileState(path, this.root)
    this.#states.set(path, state)
    return state
  }

  /** The paths that one of the patterns takes. A file that cannot be read matches by its path alone, so that it is reported. */
  matching(patterns: readonly FilePattern[]): readonly string[] {
    return [...this.paths].filter((path) =>
      patterns.some((pattern) => {
        if (!pattern.path.test(path)) return false
        if (pattern.contains === undefined) return true
        const state = this.load(path)
        return state.kind !== 'text' || pattern.contains.test(state.text)
      }),
    )
  }
}

/** Calls a reader until it needs nothing more, handing it each time what it asked for. */
export function readAll(reader: Reader, files: Files, matched: readonly string[], context: Context, tools: Tools): Reading {
  const loaded = new Map<string, FileState>(matched.map((path) => [path, files.load(path)]))
  const globs = new Map<string, readonly string[]>()
  const snapshot: Snapshot = {
    matched,
    paths: files.paths,
    file: (path) => loaded.get(path),
    glob: (pattern) => globs.get(pattern),
    context,
  }
  for (let round = 0; ; round++) {
    const reading = reader.read(snapshot, tools)
    const needs = reading.needs.filter((path) => !loaded.has(path))
    const patterns = reading.globs.filter((pattern) => !globs.has(pattern))
    if (needs.length + patterns.length === 0) return reading
    if (round === MAX_ROUNDS || loaded.size + needs.length > matched.length + MAX_ASKED) return { ...reading, needs, globs: patterns }
    for (const path of needs) loaded.set(path, files.load(path))
    for (const pattern of patterns) globs.set(pattern, expandGlob(files.root.path, pattern))
  }
}

/** glob(3) for `*`, `?` and `[…]`; a leading dot is matched only by a dot. Directories are listed, nothing is run. */
export function expandGlob(root: string, pattern: string): readonly string[] {
  const absolute = pattern.startsWith('/')
  let found = [absolute ? '/' : '']
  for (const part of pattern.split('/').filter((name) => name !== '' && name !== '.')) {
    if (!/[*?[]/.test(part)) found = found.map((directory) => join(directory, part))
    else {
      const expression = globExpression(part)
      found = found.flatMap((directory) =>
        list(join(root, directory))
          .filter((name) => expression.test(name) && (!name.startsWith('.') || part.startsWith('.')))
          .map((name) => join(directory, name)),
      )
    }
  }
  return found.toSorted()
}

function globExpression(part: string): RegExp {
  const source = part.replace(/\[!?[^\]]+\]|[*?]|[^*?[]+|\[/g, (piece) => {
    if (piece === '*') return '.*'
    if (piece === '?') return '.'
    if (piece.startsWith('[') && piece.length > 1) return piece.replace(/^\[!/, '[^').replaceAll('\\', '\\\\')
    return piece.replace(/[.+^${}()|[\]\\]/g, '\\$&')
  })
  try {
    return new RegExp(`^${source}$`, 's')
  } catch {
    return /(?!)/
  }
}

function list(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}
