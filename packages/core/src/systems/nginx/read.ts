import type { Evidence, FileOrigin, Proxy, ProxyServer } from '../../evidence/index.ts'
import { evidenceIn, type Reader, type Reading, type Snapshot } from '../system.ts'
import { allowedOriginsOf } from './origins.ts'
import { check } from './check.ts'
import { Files } from './files.ts'
import { Gaps } from './gaps.ts'
import { type Directive, originOf, Source } from './parse.ts'
import { folderOf, isAbsolute, likelyPrefix, possiblePrefixes, SITE_FOLDERS } from './paths.ts'
import { type Belongs, belongsIn } from './roots.ts'
import { Scope } from './scope.ts'
import { httpServer, httpServers, otherServers, shareListeners, streamServers } from './servers.ts'
import { worldOf } from './world.ts'

/** A file with its includes put in. */
interface Expanded {
  readonly path: string
  readonly belongs: Belongs
  readonly directives: readonly Directive[]
  /** The files that it includes, directly or not. */
  readonly included: ReadonlySet<string>
}

/** One `proxy` for each configuration: a main file with all that it includes, or the site files that some main file includes together. */
export function readNginx(snapshot: Snapshot): Reading {
  const gaps = new Gaps()
  const files = new Files(snapshot, gaps)
  const found = expandMatched(snapshot, files, gaps)
  const proxies = configurations(roots(found)).flatMap((parts) => proxyOf(parts, gaps))
  const evidence: Evidence[] = proxies.map(({ main, servers, origin }) => {
    const claim: Proxy = { claim: 'proxy', system: 'nginx', ...(main === undefined ? {} : { main }), servers }
    return evidenceIn(snapshot.context, claim, origin)
  })
  const origins = roots(found).flatMap(({ directives }) => allowedOriginsOf(directives))
  for (const { claim, origin } of origins) evidence.push(evidenceIn(snapshot.context, claim, origin))
  for (const { gap, origin } of gaps.list) evidence.push(evidenceIn(snapshot.context, gap, origin))
  return { evidence, needs: [...files.needs], globs: [...files.globs] }
}

export const reader: Reader = { read: readNginx }

function expandMatched(snapshot: Snapshot, files: Files, gaps: Gaps): readonly Expanded[] {
  const enabled = new Set([...snapshot.paths].flatMap((path) => /^(.*\/|)sites-enabled\/[^/]+$/.exec(path)?.[1] ?? []))
  return snapshot.matched.flatMap((path): readonly Expanded[] => {
    // Where there is a choice of sites, the others are switched off.
    const available = /^(.*\/|)sites-available\/[^/]+$/.exec(path)
    if (available !== null && enabled.has(available[1] ?? '')) return []
    const source = files.source(path)
    if (source === undefined) return []
    if (!(source instanceof Source)) {
      gaps.file(path, source.kind, `${path} looks like a configuration of nginx and could not be read`)
      return []
    }
    const belongs = belongsIn(source.directives)
    // On a machine only a main file decides: what it does not include is switched off.
    if (belongs === 'none' || (isAbsolute(path) && belongs !== 'main')) return []
    const included = new Set<string>()
    const prefixes = belongs === 'main' ? [folderOf(path)] : possiblePrefixes(path)
    return [{ path, belongs, directives: files.expand(source, prefixes, included), included }]
  })
}

/** Files that no other one includes; of a ring of files that include one another, the first. */
function roots(found: readonly Expanded[]): readonly Expanded[] {
  const everIncluded = new Set(found.flatMap((file) => [...file.included]))
  const chosen = found.filter((file) => !everIncluded.has(file.path))
  const reached = new Set(chosen.flatMap((file) => [file.path, ...file.included]))
  for (const file of found) {
    if (reached.has(file.path)) continue
    chosen.push(file)
    for (const path of [file.path, ...file.included]) reached.add(path)
  }
  return chosen
}

/** Files of `conf.d` and its like work together: an upstream in one is used in another. Any other file stands for itself. */
function configurations(files: readonly Expanded[]): readonly (readonly Expanded[])[] {
  const groups = new Map<string, Expanded[]>()
  for (const file of files) {
    const folder = folderOf(file.path)
    const together = file.belongs !== 'main' && SITE_FOLDERS.includes(folder.split('/').at(-2) ?? '')
    const key = together ? `${file.belongs === 'stream' ? 'stream' : 'http'} ${likelyPrefix(file.path)}` : `file ${file.path}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [file])
    else group.push(file)
  }
  return [...groups.values()]
}

function proxyOf(
  parts: readonly Expanded[],
  gaps: Gaps,
): readonly { readonly main: string | undefined; readonly servers: readonly ProxyServer[]; readonly origin: FileOrigin }[] {
  const whole = parts[0]?.belongs === 'main' ? parts[0] : undefined
  const servers = shareListeners(whole === undefined ? siteServers(parts, gaps) : mainServers(whole.directives, gaps))
  const [first] = servers
  return first === undefined ? [] : [{ main: whole?.path, servers, origin: first.origin }]
}

function mainServers(directives: readonly Directive[], gaps: Gaps): readonly ProxyServer[] {
  check(directives, 'main', gaps)
  const main = new Scope('main', directives)
  const level = (name: 'http' | 'stream' | 'mail' | 'rtmp') =>
    main.own(name).map((head) => main.child(name === 'http' || name === 'stream' ? name : 'other', head))
  return [
    ...level('http').flatMap((scope) => httpServers(scope, worldOf(scope, gaps))),
    ...level('stream').flatMap((scope) => streamServers(scope, worldOf(scope, gaps))),
    ...[...level('mail'), ...level('rtmp')].flatMap((scope) => otherServers(scope, worldOf(scope, gaps))),
  ]
}

function siteServers(parts: readonly Expanded[], gaps: Gaps): readonly ProxyServer[] {
  const whole = parts.filter((part) => part.belongs === 'http' || part.belongs === 'stream')
  const stream = whole.some((part) => part.belongs === 'stream')
  const directives = whole.flatMap((part) => part.directives)
  check(directives, stream ? 'stream' : 'http', gaps)
  const level = new Scope(stream ? 'stream' : 'http', directives)
  const world = worldOf(level, gaps)
  const servers = stream ? streamServers(level, world) : httpServers(level, world)
  return [
    ...servers,
    ...parts.filter((part) => part.belongs === 'server' || part.belongs === 'location').flatMap((part) => partialServer(part, level, gaps)),
  ]
}

/** The inside of a server, or of a location, whose outside is in no file of the folder. */
function partialServer(part: Expanded, level: Scope, gaps: Gaps): readonly ProxyServer[] {
  const [first] = part.directives
  if (first === undefined) return []
  check(part.directives, part.belongs, gaps)
  const scope = new Scope('server', part.directives, level)
  const incomplete = `the ${part.belongs} around it is in no file here`
  return [httpServer(scope, originOf(first), worldOf(level, gaps), incomplete)]
}
