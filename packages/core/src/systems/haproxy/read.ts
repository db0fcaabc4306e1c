import type { Evidence, Proxy } from '../../evidence/index.ts'
import { directoryOf, nameOf } from '../paths.ts'
import { evidenceIn, type FileState, type Reader, type Reading, type Snapshot } from '../system.ts'
import { HaproxyGaps } from './gaps.ts'
import { Source } from './parse.ts'
import { serversOfSections } from './sections.ts'

/** One `proxy` for each configuration: a file, with those in the `conf.d` beside it, which are given to HAProxy together. */
export function readHaproxy(snapshot: Snapshot): Reading {
  const gaps = new HaproxyGaps()
  const needs = new Set<string>()
  const globs = new Set<string>()
  const sources = new Map<string, Source>()
  const load = (path: string): void => {
    const state: FileState | undefined = snapshot.file(path)
    if (state === undefined) needs.add(path)
    else if (state.kind === 'text') sources.set(path, new Source(path, state.text))
    else gaps.file(path, state.kind, `${path} looks like a configuration of HAProxy and could not be read`)
  }
  for (const path of snapshot.matched) {
    load(path)
    if (nameOf(path) !== 'haproxy.cfg') continue
    const folder = directoryOf(path)
    const pattern = folder === '' ? 'conf.d/*.cfg' : `${folder}/conf.d/*.cfg`
    const parts = snapshot.glob(pattern)
    if (parts === undefined) globs.add(pattern)
    for (const part of parts ?? []) if (!snapshot.matched.includes(part)) load(part)
  }
  const evidence: Evidence[] = []
  for (const parts of together(sources)) {
    for (const source of parts) gaps.refused(source)
    const servers = serversOfSections(
      parts.flatMap((source) => source.sections),
      gaps,
    )
    const [main] = parts
    const origin = servers[0]?.origin
    if (main === undefined || origin === undefined) continue
    const claim: Proxy = { claim: 'proxy', system: 'haproxy', main: main.path, servers }
    evidence.push(evidenceIn(snapshot.context, claim, origin))
  }
  for (const { gap, origin } of gaps.list) evidence.push(evidenceIn(snapshot.context, gap, origin))
  return { evidence, needs: [...needs], globs: [...globs] }
}

export const reader: Reader = { read: readHaproxy }

/** Files of `conf.d` are parts of the main file beside it, and where there is none, of one another. */
function together(sources: ReadonlyMap<string, Source>): readonly (readonly Source[])[] {
  const groups = new Map<string, Source[]>()
  for (const [path, source] of [...sources].toSorted(([a], [b]) => order(a, b))) {
    const folder = directoryOf(path)
    const isPart = nameOf(folder) === 'conf.d'
    const home = isPart ? directoryOf(folder) : folder
    const key = isPart || nameOf(path) === 'haproxy.cfg' ? `home ${home}` : `file ${path}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [source])
    else group.push(source)
  }
  return [...groups.values()]
}

/** The main file first, then by name, as HAProxy takes the files of a folder. */
function order(a: string, b: string): number {
  const isPart = (path: string): number => Number(nameOf(directoryOf(path)) === 'conf.d')
  return isPart(a) - isPart(b) || (a < b ? -1 : a > b ? 1 : 0)
}
