import type { Claim, FileOrigin } from '../../evidence/index.ts'
import { sourceGap, unparsedSources, unreadSource } from '../source-gaps.ts'
import { evidenceIn, type Reading, type Snapshot, type Tools } from '../system.ts'
import { bindsOf } from './binds.ts'
import { Evaluator } from './evaluator.ts'
import type { GoFile } from './file.ts'
import { BINDING_NAMES, mayBind } from './frameworks.ts'
import { loadsOf, mayLoad } from './loads.ts'
import { Project } from './project.ts'
import { sitesOf } from './sites.ts'

interface Found {
  readonly claim: Claim
  readonly origin: FileOrigin
}

/** What is looked for in a file: a test of its text, which is cheap, and the search in its tree, which is not. */
interface Search {
  may(content: string): boolean
  find(evaluator: Evaluator, file: GoFile): readonly Found[]
}

const SEARCHES: readonly Search[] = [
  { may: mayBind, find: (evaluator, file) => sitesOf(evaluator, file).flatMap((site) => bindsOf(evaluator, site)) },
  { may: mayLoad, find: loadsOf },
]

/** Reads the Go source of a folder. Its own tests are read as well, and marked. */
export function read(snapshot: Snapshot, tools: Tools): Reading {
  const project = new Project(snapshot, tools)
  // Which package a path means is in go.mod; without it there is nothing to be followed.
  if (project.modules.length === 0 && project.needs.size > 0) return { evidence: [], needs: [...project.needs], globs: [] }
  const evaluator = new Evaluator(project)
  const found: Found[] = snapshot.matched.flatMap((path) => unreadSource(path, snapshot.file(path)))
  for (const path of project.sources) {
    const content = project.content(path)
    const searches = SEARCHES.filter((search) => search.may(content))
    const file = searches.length === 0 ? undefined : project.module(path)
    if (file === undefined) continue
    for (const search of searches) found.push(...search.find(evaluator, file))
    const lost = [...file.overflowed].filter((name) => BINDING_NAMES.includes(name))
    if (lost.length > 0) found.push(sourceGap(file.file, 'limit', `${lost.join(', ')}: too many in one file to look at all of them`))
  }
  found.push(...unparsedSources(project, 'Go', mayBind))
  const evidence = found.map(({ claim, origin }) => evidenceIn(snapshot.context, claim, origin))
  return { evidence, needs: [...project.needs], globs: [] }
}
