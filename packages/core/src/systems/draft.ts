import { type Change, type Edit, type FileOrigin, Text } from '../evidence/index.ts'
import type { Editable } from './edit.ts'
import type { FileState } from './system.ts'

/**
 * Texts as they would be with the edits that were decided so far. Nothing is written anywhere; places of the texts as they were read are
 * followed to where they are now.
 */
export class Draft implements Editable {
  readonly #read: (path: string) => FileState
  readonly #files: Map<string, Drafted>

  constructor(read: (path: string) => FileState, before?: Draft) {
    this.#read = read
    this.#files = new Map(before === undefined ? [] : before.#files)
  }

  /** One that starts as this one is, and leaves this one as it is. */
  fork(): Draft {
    return new Draft(this.#read, this)
  }

  /** One of the texts as they were read. */
  unedited(): Draft {
    return new Draft(this.#read)
  }

  file(path: string): FileState {
    return this.#files.get(path)?.state ?? this.#read(path)
  }

  /** The texts that are not as they were read, by path. A file that was not there is there. */
  get changed(): ReadonlyMap<string, string> {
    return new Map([...this.#files].map(([path, { state }]) => [path, state.text]))
  }

  /** The change with its places where they are now; `undefined`: what stood there was edited since. */
  follow(change: Change): Change | undefined {
    let isThere = true
    const visit = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(visit)
      if (typeof value !== 'object' || value === null) return value
      if (isFileOrigin(value)) {
        const moved = this.#moved(value)
        isThere &&= moved !== undefined
        return moved
      }
      return Object.fromEntries(Object.entries(value).map(([key, inner]: [string, unknown]) => [key, visit(inner)]))
    }
    const moved = visit(change) as Change
    return isThere ? moved : undefined
  }

  #moved(origin: FileOrigin): FileOrigin | undefined {
    const drafted = this.#files.get(origin.path)
    if (drafted === undefined) return origin
    let { start, end } = { start: origin.span.start.offset, end: origin.span.end.offset }
    for (const edit of drafted.edits) {
      const longer = edit.text.length - (edit.end - edit.start)
      // What is put in where a place begins or ends stands before or behind it.
      if (edit.start >= end && !(edit.start === end && edit.end > edit.start && start === end)) continue
      if (edit.end <= start) {
        start += longer
        end += longer
      } else if (edit.start >= start && edit.end <= end) end += longer
      else return undefined
    }
    const text = new Text(origin.path, drafted.state.text)
    return text.origin(start, end)
  }

  /** Puts the edits in, all of them or none: `false` where they lie outside of their texts or over one another, or a text cannot be read. */
  apply(edits: readonly Edit[]): boolean {
    const changed = new Map<string, Drafted>()
    for (const path of new Set(edits.map((edit) => edit.path))) {
      const state = this.file(path)
      const text = state.kind === 'text' ? state.text : state.kind === 'absent' ? '' : undefined
      // Of several that are put in at one place, the first stands first.
      const own = edits.filter((edit) => edit.path === path).toReversed()
      const ordered = own.toSorted((a, b) => b.start - a.start || b.end - a.end)
      if (text === undefined || !areApart(ordered, text.length)) return false
      const edited = ordered.reduce((now, { start, end, text: put }) => now.slice(0, start) + put + now.slice(end), text)
      const before = this.#files.get(path)?.edits ?? []
      // From the last to the first, so that each speaks of the text that it is put into.
      if (edited !== text) changed.set(path, { state: { kind: 'text', text: edited }, edits: [...before, ...ordered] })
    }
    for (const [path, drafted] of changed) this.#files.set(path, drafted)
    return true
  }
}

interface Drafted {
  readonly state: { readonly kind: 'text'; readonly text: string }
  /** In the order in which they were put in, each in the text as it was then. */
  readonly edits: readonly Edit[]
}

function isFileOrigin(value: object): value is FileOrigin {
  return 'kind' in value && value.kind === 'file' && 'span' in value && 'path' in value
}

/** `ordered`: from the last to the first. */
function areApart(ordered: readonly Edit[], length: number): boolean {
  return ordered.every(({ start, end }, index) => {
    const next = ordered[index - 1]
    return start >= 0 && start <= end && end <= (next?.start ?? length)
  })
}
