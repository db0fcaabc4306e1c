import type { GapCode } from '../../evidence/index.ts'
import { PlacedGaps } from '../placed-gaps.ts'
import { type Directive, originOf, type Source } from './parse.ts'

export class CaddyGaps extends PlacedGaps {
  at(directive: Directive, what: string, code: GapCode = 'not-understood', affects = true): void {
    this.add(code, what, originOf(directive), affects)
  }

  /** Syntax errors: Caddy refuses the whole configuration, and keeps running on the one it has. */
  refused(source: Source): void {
    for (const { what, start, end } of source.problems)
      this.add(
        what.startsWith('more than') ? 'limit' : 'not-understood',
        what,
        source.origin(start, end),
        true,
        'caddy adapt names the place',
      )
  }
}
