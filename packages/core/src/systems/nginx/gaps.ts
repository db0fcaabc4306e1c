import type { GapCode } from '../../evidence/index.ts'
import { PlacedGaps } from '../placed-gaps.ts'
import { type Directive, originOf, type Source } from './parse.ts'

/** What could not be read or understood. */
export class Gaps extends PlacedGaps {
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
}
