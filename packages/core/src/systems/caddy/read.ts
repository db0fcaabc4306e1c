import type { Evidence, FileOrigin, Proxy, ProxyServer } from '../../evidence/index.ts'
import { evidenceIn, type Reader, type Reading, type Snapshot } from '../system.ts'
import { isNeutral, positionsOf } from './directives.ts'
import { Files, type Whole } from './files.ts'
import { CaddyGaps } from './gaps.ts'
import { readJson } from './json.ts'
import { Source } from './parse.ts'
import { serversOf } from './sites.ts'

/** One `proxy` for each configuration: a Caddyfile that no other one imports, with all that it imports, or a JSON file. */
export function readCaddy(snapshot: Snapshot): Reading {
  const gaps = new CaddyGaps()
  const files = new Files(snapshot, gaps)
  const proxies: { readonly main: string; readonly servers: readonly ProxyServer[] }[] = []
  const wholes = new Map<string, Whole>()
  for (const path of snapshot.matched) {
    if (path.endsWith('.json')) {
      const state = snapshot.file(path)
      if (state?.kind === 'text') proxies.push({ main: path, servers: readJson(path, state.text, gaps) })
      else if (state === undefined) files.needs.add(path)
      else gaps.file(path, state.kind, `${path} looks like a configuration of Caddy and could not be read`)
      continue
    }
    const source = files.source(path)
    if (source instanceof Source) wholes.set(path, files.whole(source))
    else if (source !== undefined) gaps.file(path, source.kind, `${path} looks like a configuration of Caddy and could not be read`)
  }
  const imported = new Set([...wholes.values()].flatMap((whole) => [...whole.imported]))
  for (const [path, whole] of wholes) {
    const source = files.source(path)
    if (imported.has(path) || !(source instanceof Source) || isPart(whole)) continue
    proxies.push({ main: path, servers: serversOf(whole, source.origin(0, 0), gaps) })
  }
  const evidence: Evidence[] = proxies.flatMap(({ main, servers }) => {
    const claim: Proxy = { claim: 'proxy', system: 'caddy', main, servers }
    const origin: FileOrigin | undefined = servers[0]?.origin
    return origin === undefined ? [] : [evidenceIn(snapshot.context, claim, origin)]
  })
  for (const { gap, origin } of gaps.list) evidence.push(evidenceIn(snapshot.context, gap, origin))
  return { evidence, needs: [...files.needs], globs: [...files.globs] }
}

export const reader: Reader = { read: readCaddy }

const DIRECTIVES = positionsOf([])

/** Snippets only, or lines for the inside of a site: they say something where they are imported. */
function isPart({ options, sites }: Whole): boolean {
  if (options !== undefined) return false
  const [first] = sites
  return (
    first === undefined ||
    (first.head[0]?.quoted !== true && (DIRECTIVES.has(first.name) || isNeutral(first.name) || first.name === 'handle_path'))
  )
}
