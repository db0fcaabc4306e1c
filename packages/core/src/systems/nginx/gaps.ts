import type { FileOrigin, Gap, GapCode, GapEffect } from '../../evidence/index.ts'
import { Text } from '../../evidence/index.ts'
import { type Directive, originOf, type Source } from './parse.ts'

export interface PlacedGap {
  readonly gap: Gap
  readonly origin: FileOrigin
}

const PROXY: GapEffect = { kind: 'proxy' }
const NOTHING: GapEffect = { kind: 'nothing' }

/** More of one kind than anybody reads; one more says so. */
const MOST_GAPS = 200

/** What could not be read or understood, each place once: a file included twice is still one file. */
export class Gaps {
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

  at(directive: Directive, what: string, code: GapCode = 'not-understood', affects = true): void {
    this.add(code, what, originOf(directive), affects)
  }

  /** Syntax errors: nginx refuses the whole configuration, and keeps running on the one it has. */
  refused(source: Source): void {
    for (const problem of source.problems) {
      const remedy = problem.remedy ?? (problem.code === 'limit' ? undefined : 'nginx -t names the place where nginx stops reading')
      this.add(problem.code, problem.what, source.origin(problem.start, problem.end), true, remedy)
    }
  }

  /** A file as a whole. */
  file(path: string, code: GapCode, what: string): void {
    this.add(code, what, new Text(path, '').origin(0, 0))
  }
}
