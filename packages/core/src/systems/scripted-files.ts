import { type Evidence, type FileOrigin, Text } from '../evidence/index.ts'
import type { ScriptedFile } from './system.ts'

/** What was read in files that scripts write, with the places of the scripts in which it stands. */
export class ScriptPlaces {
  readonly #files: ReadonlyMap<string, { readonly text: Text; readonly file: ScriptedFile }>
  /** What was seen before keeps being one thing. */
  readonly #seen = new WeakMap<object, unknown>()

  constructor(files: readonly ScriptedFile[]) {
    this.#files = new Map(files.map((file) => [file.path, { file, text: new Text(file.path, file.passage.content) }]))
  }

  /** The evidence of these files; what was read of others beside them is known already. */
  of(evidence: readonly Evidence[]): readonly Evidence[] {
    return evidence
      .filter(({ origin }) => origin.kind === 'file' && this.#files.has(origin.path))
      .map((item) => this.#moved(item) as Evidence)
  }

  #moved(thing: unknown): unknown {
    if (typeof thing !== 'object' || thing === null) return thing
    if (!this.#seen.has(thing)) this.#seen.set(thing, this.#movedOnce(thing))
    return this.#seen.get(thing)
  }

  #movedOnce(thing: object): unknown {
    if (isFileOrigin(thing)) return this.#placed(thing)
    if (thing instanceof Map) return new Map([...thing].map(([key, value]) => [this.#moved(key), this.#moved(value)]))
    if (thing instanceof Set) return new Set([...thing].map((value) => this.#moved(value)))
    if (thing instanceof Array) return thing.map((value) => this.#moved(value))
    if (Object.getPrototypeOf(thing) !== Object.prototype) return thing
    return Object.fromEntries(Object.entries(thing).map(([key, value]) => [key, this.#moved(value)]))
  }

  #placed(origin: FileOrigin): FileOrigin {
    const found = this.#files.get(origin.path)
    if (found === undefined) return origin
    const [start, end] = [origin.span.start.offset, origin.span.end.offset]
    const placed = found.file.passage.origin(start, end)
    // A reader that shows less of a line has its reasons.
    return origin.line === found.text.origin(start, end).line ? placed : { ...placed, line: origin.line }
  }
}

function isFileOrigin(thing: object): thing is FileOrigin {
  return 'kind' in thing && thing.kind === 'file' && 'span' in thing && 'path' in thing && 'line' in thing
}
