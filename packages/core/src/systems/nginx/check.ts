import { formProblem, roleOf } from './directives.ts'
import type { Gaps } from './gaps.ts'
import type { Directive } from './parse.ts'

/** Where each block that decides may stand. One in another place makes nginx refuse the file, and would go unseen here. */
const PLACES: ReadonlyMap<string, readonly string[]> = new Map([
  ['http', ['main']],
  ['stream', ['main']],
  ['mail', ['main']],
  ['server', ['http', 'stream', 'mail', 'rtmp', 'upstream']],
  ['upstream', ['http', 'stream']],
  ['location', ['server', 'location']],
  ['if', ['server', 'location', 'if', 'if of a server']],
  ['limit_except', ['location']],
  ['listen', ['server', 'stream server']],
  ['server_name', ['server', 'stream server']],
  ['proxy_pass', ['stream server', 'location', 'if', 'limit_except']],
])

/** Blocks whose directives are known here. Of all others the content is data (`map`, `types`), or belongs to a module of its own. */
const OPENED: ReadonlySet<string> = new Set(['http', 'stream', 'server', 'upstream', 'location', 'if', 'limit_except'])

/** Reports what the readers would pass over: unknown directives, blocks in the wrong place, words that do not fit. */
export function check(directives: readonly Directive[], place: string, gaps: Gaps): void {
  for (const directive of directives) {
    const { name, block } = directive
    const short = name.slice(0, 60)
    const role = roleOf(name)
    const places = PLACES.get(name)
    const form = formProblem(name, directive.words.length, block !== undefined)
    if (places !== undefined && !places.includes(place)) gaps.at(directive, `"${short}" cannot stand in ${place}`)
    else if (form !== undefined) gaps.at(directive, form)
    else if (role === undefined) gaps.at(directive, `"${short}" is no directive that is known here`, 'not-understood', place !== 'upstream')
    else if (role === 'guard')
      gaps.at(directive, `what "${short}" refuses is not followed: it is not counted as a guard`, 'not-understood', false)
    if (block !== undefined && OPENED.has(name)) check(block, placeInside(name, place), gaps)
  }
}

function placeInside(name: string, place: string): string {
  if (name === 'server' && place === 'stream') return 'stream server'
  return name === 'if' && place !== 'location' && place !== 'if' ? 'if of a server' : name
}
