import type { Gaps } from './gaps.ts'
import { option } from './parse.ts'
import type { Scope } from './scope.ts'
import { Upstreams } from './targets.ts'
import { Variables } from './variables.ts'

/** What the blocks of one level (`http`, `stream`) share. */
export interface World {
  readonly gaps: Gaps
  readonly level: Scope
  readonly upstreams: Upstreams
  readonly variables: Variables
  /** `limit_req_zone`: the rate by the zone's name (`10r/s`). */
  readonly rates: ReadonlyMap<string, string>
}

export function worldOf(level: Scope, gaps: Gaps): World {
  const rates = level.own('limit_req_zone').flatMap((directive): readonly (readonly [string, string])[] => {
    const zone = option(directive, 'zone')?.split(':')[0]
    const rate = option(directive, 'rate')
    return zone === undefined || rate === undefined ? [] : [[zone, rate]]
  })
  return { gaps, level, upstreams: new Upstreams(level), variables: new Variables(level), rates: new Map(rates) }
}
