import { type Claim, type FileOrigin, type Gap, type GapCode, Text } from '../../evidence/index.ts'
import { LIMITS } from '../source-folder.ts'
import { evidenceIn, type FileState, type Reading, type Snapshot, type Tools } from '../system.ts'
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
  const found: Found[] = snapshot.matched.flatMap((path) => unread(path, snapshot.file(path)))
  for (const path of project.sources) {
    const content = project.content(path)
    const searches = SEARCHES.filter((search) => search.may(content))
    const file = searches.length === 0 ? undefined : project.module(path)
    if (file === undefined) continue
    for (const search of searches) found.push(...search.find(evaluator, file))
    const lost = [...file.overflowed].filter((name) => BINDING_NAMES.includes(name))
    if (lost.length > 0) found.push(gap(file.file, 'limit', `${lost.join(', ')}: too many in one file to look at all of them`))
  }
  for (const [path, reason] of project.unparsed) found.push(...unparsed(project, path, reason))
  const evidence = found.map(({ claim, origin }) => evidenceIn(snapshot.context, claim, origin))
  return { evidence, needs: [...project.needs], globs: [] }
}

const UNREAD: Readonly<Record<Exclude<FileState['kind'], 'text'>, GapCode>> = {
  absent: 'absent',
  denied: 'denied',
  'too-large': 'too-large',
  'not-text': 'not-text',
  'not-a-file': 'not-a-file',
}

/** A source file that could not be read may hold anything. */
function unread(path: string, state: FileState | undefined): readonly Found[] {
  if (state === undefined || state.kind === 'text') return []
  return [gap(new Text(path, ''), UNREAD[state.kind], `${path} could not be read`)]
}

function unparsed(project: Project, path: string, reason: 'too-large' | 'no-parser'): readonly Found[] {
  const text = project.text(path) ?? new Text(path, '')
  if (!mayBind(text.content)) return []
  if (reason === 'no-parser')
    return [gap(text, 'tool-missing', 'the file has too many mistakes to be parsed, or there is no parser for Go on this machine')]
  return [gap(text, 'limit', `source beyond ${LIMITS.file} characters a file, or ${LIMITS.folder} a folder, is not read`)]
}

function gap(text: Text, code: GapCode, what: string): Found {
  const claim: Gap = { claim: 'gap', code, what, affects: { kind: 'folder' } }
  return { claim, origin: text.origin(0, 0) }
}
