import type { FileState, Snapshot } from './system.ts'

/** Why a file's text is not there, as a sentence goes on: `conf.d/x.conf does not exist`. */
export const WHY_NOT_READ: Readonly<Record<Exclude<FileState['kind'], 'text'>, string>> = {
  absent: 'does not exist',
  denied: 'may not be read',
  'too-large': 'is too large to be read',
  'not-text': 'is not text',
  'not-a-file': 'is not a file',
}

/** The files of a snapshot, parsed once each. What the snapshot lacks is asked for. */
export class ParsedFiles<Source> {
  readonly needs = new Set<string>()
  readonly globs = new Set<string>()
  protected readonly snapshot: Snapshot
  readonly #parse: (path: string, text: string) => Source
  readonly #parsed = new Map<string, Source>()

  constructor(snapshot: Snapshot, parse: (path: string, text: string) => Source) {
    this.snapshot = snapshot
    this.#parse = parse
  }

  /** A parsed file; its state where it is no text; `undefined` where it has been asked for. */
  source(path: string): Source | Exclude<FileState, { readonly kind: 'text' }> | undefined {
    const known = this.#parsed.get(path)
    if (known !== undefined) return known
    const state = this.snapshot.file(path)
    if (state === undefined) this.needs.add(path)
    if (state?.kind !== 'text') return state
    const source = this.#parse(path, state.text)
    this.#parsed.set(path, source)
    return source
  }
}
