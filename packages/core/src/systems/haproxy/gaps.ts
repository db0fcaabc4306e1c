import type { GapCode } from '../../evidence/index.ts'
import { PlacedGaps } from '../placed-gaps.ts'
import { type Line, originOf, type Source } from './parse.ts'

export class HaproxyGaps extends PlacedGaps {
  at(line: Line, what: string, code: GapCode = 'not-understood', affects = true): void {
    this.add(code, what, originOf(line), affects)
  }

  refused(source: Source): void {
    for (const { what, start, end } of source.problems) {
      const code = what.startsWith('more than') || what.startsWith('a line of') ? 'limit' : 'not-understood'
      this.add(code, what, source.origin(start, end), true, 'haproxy -c -f names the place where HAProxy stops reading')
    }
  }
}
