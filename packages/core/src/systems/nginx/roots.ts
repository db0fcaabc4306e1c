import type { Directive } from './parse.ts'

/** Which block of nginx's configuration a file's content belongs in. `none`: nothing in it decides, or it is no file of nginx. */
export type Belongs = 'main' | 'http' | 'stream' | 'server' | 'location' | 'none'

const MAIN: ReadonlySet<string> = new Set(['http', 'events', 'stream', 'mail', 'rtmp'])
const SERVER_BLOCKS: ReadonlySet<string> = new Set(['location', 'if'])
const SERVER_LINES: ReadonlySet<string> = new Set(['listen', 'server_name'])
const PASS_LINES: ReadonlySet<string> = new Set(['proxy_pass', 'fastcgi_pass', 'uwsgi_pass', 'scgi_pass', 'grpc_pass'])

/** By content: what stands at the top of the file, the outermost block first. */
export function belongsIn(directives: readonly Directive[]): Belongs {
  const blocks = directives.filter((directive) => directive.block !== undefined)
  const lines = directives.filter((directive) => directive.block === undefined)
  if (blocks.some((block) => MAIN.has(block.name) && block.words.length === 0)) return 'main'
  const servers = blocks.filter((block) => block.name === 'server' && block.words.length === 0)
  if (servers.length > 0) return servers.every(isStream) ? 'stream' : 'http'
  if (blocks.some((block) => block.name === 'upstream')) return 'http'
  if (blocks.some((block) => SERVER_BLOCKS.has(block.name)) || lines.some((line) => SERVER_LINES.has(line.name))) return 'server'
  return lines.some((line) => PASS_LINES.has(line.name)) ? 'location' : 'none'
}

/** In `http` a server passes on from its locations only; in `stream` directly, and to no URL. */
function isStream(block: Directive): boolean {
  const inner = block.block ?? []
  const passes = inner.some((line) => line.name === 'proxy_pass' && !/^https?:/i.test(line.words[0]?.text ?? ''))
  return passes && !inner.some((line) => line.name === 'location')
}
