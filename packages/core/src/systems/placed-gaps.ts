import { type FileOrigin, type Gap, type GapCode, type GapEffect, Text } from '../evidence/index.ts'

export interface PlacedGap {
  readonly gap: Gap
  readonly origin: FileOrigin
}

const PROXY: GapEffect = { kind: 'proxy' }
const NOTHING: GapEffect = { kind: 'nothing' }

/** More of one kind than anybody reads; one more says so. */
const MOST_GAPS = 200

/** What of a proxy's configuration could not be read or understood, each place once: a file included twice is still one file. */
export class PlacedGaps {
  readonly #found = new Map<string, PlacedGap>()

  get list(): readonly PlacedGap[] {
    return [...this.#found.values()]
  }

  /** `affects`: false where no verdict depends on it. */
  add(code: GapCode, what: string, origin: FileOrigin, affects = true, remedy?: string): void {
    const full = this.#found.size >= MOST_GAPS
    const key = full ? 'full' : `${origin.path}\0${origin.span.start.offset}\0${what}`
    if (this.#found.has(key)) return
    const text = full ? `more than ${MOST_GAPS} places that are not understood: the others are not listed` : what
    const gap: Gap = {
      claim: 'gap',
      code: full ? 'limit' : code,
      what: text,
      affects: affects || full ? PROXY : NOTHING,
      ...(remedy === undefined ? {} : { remedy }),
    }
    this.#found.set(key, { gap, origin })
  }

  /** A file as a whole. */
  file(path: string, code: GapCode, what: string): void {
    this.add(code, what, new Text(path, '').origin(0, 0))
  }
}
