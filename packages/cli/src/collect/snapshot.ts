import { type Gap, type Origin, printable, show } from '@sallyport/core/evidence'
import type { Context, FilePattern, FileState, Reader, Reading, Snapshot, Tools } from '@sallyport/core/systems'
import { readFileState, type Root } from './files.ts'
import { globWithin } from './glob.ts'

/** A reader may ask for more files this many times: nested includes, each found only in the one before. */
const MAX_ROUNDS = 40
/** Files and patterns that one reader may ask for beyond those that matched. */
const MAX_ASKED = 2_000
/** The files of one folder are kept up to so many bytes in all: the same large file under many names must not fill the memory. */
const MAX_KEPT_BYTES = 256 * 1024 * 1024

const OVERFULL: FileState = { kind: 'not-a-file', what: `one more after ${MAX_KEPT_BYTES / 1024 / 1024} MB of files that were read` }

/**
 * Files below one root as a reader sees them: paths are relative to it, or absolute where the root is `/`. Every path is fit
 * to be shown: a name with control characters goes by what `printable` makes of it.
 */
export class Files {
  readonly root: Root
  readonly paths: ReadonlySet<string>
  readonly #states = new Map<string, FileState>()
  /** What a path is called on the disk, where that is not fit to be shown. */
  readonly #names = new Map<string, string>()
  readonly #instead: ReadonlyMap<string, string>
  #kept = 0

  /** `instead`: texts, by path, in the place of what is on the disk, whether anything is or not. */
  constructor(root: Root, paths: Iterable<string>, instead: ReadonlyMap<string, string> = new Map()) {
    this.root = root
    this.#instead = instead
    this.paths = new Set([...[...paths].map((path) => this.#shown(path)), ...instead.keys()])
  }

  #shown(path: string): string {
    const shown = printable(path)
    if (shown !== path) this.#names.set(shown, path)
    return shown
  }

  /** What a path is called on the disk: a name may have characters that are not fit to be shown. */
  nameOf(path: string): string {
    return this.#names.get(path) ?? path
  }

  load(path: string): FileState {
    const instead = this.#instead.get(path)
    if (instead !== undefined) return { kind: 'text', text: instead }
    const known = this.#states.get(path)
    if (known !== undefined) return known
    const state = this.#kept > MAX_KEPT_BYTES ? OVERFULL : this.#read(path)
    this.#states.set(path, state)
    if (state.kind === 'text') this.#kept += state.text.length
    return state
  }

  #read(path: string): FileState {
    const state = readFileState(this.nameOf(path), this.root)
    // A name that is not UTF-8 comes with U+FFFD in it, and such a file cannot be asked for.
    return state.kind === 'absent' && path.includes('\ufffd') ? { kind: 'not-a-file', what: 'a file whose name is not UTF-8' } : state
  }

  /** The paths that a shell's pattern matches. */
  glob(pattern: string): readonly string[] {
    return globWithin(this.root, pattern).map((path) => this.#shown(path))
  }

  /** The paths that one of the patterns takes. A file that cannot be read matches by its path alone, so that it is reported. */
  matching(patterns: readonly FilePattern[]): readonly string[] {
    return [...this.paths].filter((path) =>
      patterns.some((pattern) => {
        if (!pattern.path.test(path)) return false
        if (pattern.contains === undefined) return true
        const state = this.load(path)
        if (state.kind === 'text') return pattern.contains.test(state.text)
        if (state.kind === 'not-text' && pattern.script === true && state.script !== true) return false
        if (state.kind === 'too-large' && pattern.begins?.test(state.beginning ?? '') === true) return true
        return pattern.ifReadable !== true
      }),
    )
  }
}

/** A fault of a reader leaves its files unread, and says so; what other readers see is not lost with it. */
function readOnce(reader: Reader, snapshot: Snapshot, tools: Tools): Reading {
  try {
    return reader.read(snapshot, tools)
  } catch (error) {
    const what = `${snapshot.matched.length} files, since reading one of them failed (${show(error instanceof Error ? error.message : String(error))})`
    const gap: Gap = { claim: 'gap', code: 'not-understood', what, affects: { kind: 'folder' } }
    const origin: Origin = { kind: 'kernel', path: snapshot.matched[0] ?? '.' }
    return { evidence: [{ ...snapshot.context, claim: gap, origin }], needs: [], globs: [] }
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
    const reading = readOnce(reader, snapshot, tools)
    const needs = reading.needs.filter((path) => !loaded.has(path))
    const patterns = reading.globs.filter((pattern) => !globs.has(pattern))
    if (needs.length + patterns.length === 0) return reading
    const room = matched.length + MAX_ASKED - loaded.size - globs.size
    if (round === MAX_ROUNDS || room <= 0) return { ...reading, needs, globs: patterns }
    for (const pattern of patterns.slice(0, room)) globs.set(pattern, files.glob(pattern))
    for (const path of needs.slice(0, room)) loaded.set(path, files.load(path))
  }
}
