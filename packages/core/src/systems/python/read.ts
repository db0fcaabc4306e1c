import type { Claim, FileOrigin } from '../../evidence/index.ts'
import { Starts } from '../starts/index.ts'
import { evidenceIn, type Reading, type Snapshot, type Tools } from '../system.ts'
import { bindsOf } from './binds.ts'
import { mayRunText, runTexts } from './code-texts.ts'
import { mayStart, startedBy } from './commands.ts'
import { configuredBy, mayConfigure } from './configured.ts'
import { Evaluator } from './evaluator.ts'
import { guardsOf, mayGuard } from './guards.ts'
import { inOrder } from '../load-order.ts'
import { languageOf } from './load-order.ts'
import { loadsOf, mayLoad } from './loads.ts'
import type { Module } from './module.ts'
import { mayAllowOrigins, originsOf } from './origins.ts'
import { sourceGap, unparsedSources, unreadSource } from '../source-gaps.ts'
import { Project } from './project.ts'
import { type Vocabulary, vocabularyOf } from './frameworks.ts'
import { brokenSites, serverClasses, sitesOf } from './sites.ts'
import { mayBeUntold } from '../untold.ts'
import { untoldServers } from './untold-servers.ts'

interface Found {
  readonly claim: Claim
  readonly origin: FileOrigin
}

/** What is looked for in a file: a test of its text, which is cheap, and the search in its tree, which is not. */
interface Search {
  may(path: string, content: string, servers: Servers): boolean
  find(evaluator: Evaluator, module: Module, servers: Servers, starts: Starts): readonly Found[]
}

/** What of the folder may be a server. */
interface Servers {
  readonly vocabulary: Vocabulary
  readonly classes: ReadonlySet<string>
}

const SEARCHES: readonly Search[] = [
  {
    may: (_, content, { vocabulary, classes }) => vocabulary.may(content) || [...classes].some((name) => content.includes(name)),
    find: (evaluator, module, { vocabulary, classes }) => [
      ...sitesOf(evaluator, module, vocabulary, classes).flatMap((site) => bindsOf(evaluator, site)),
      ...brokenSites(module, vocabulary).map((origin) => ({
        ...sourceGap(module.file, 'not-understood', 'the code here is not understood, and may start a server'),
        origin,
      })),
    ],
  },
  { may: (_, content) => mayBeUntold(content), find: untoldServers },
  { may: mayConfigure, find: configuredBy },
  { may: (_, content) => mayStart(content), find: (evaluator, module, _, starts) => startedBy(evaluator, module, starts) },
  { may: (_, content) => mayRunText(content), find: runTexts },
  { may: (_, content) => mayAllowOrigins(content), find: originsOf },
  { may: (_, content) => mayGuard(content), find: guardsOf },
  { may: (_, content) => mayLoad(content), find: loadsOf },
]

/** Reads the Python source of a folder. Its own tests are read as well, and marked. */
export function read(snapshot: Snapshot, tools: Tools): Reading {
  const project = new Project(snapshot, tools)
  const evaluator = new Evaluator(project)
  const starts = new Starts(snapshot)
  const vocabulary = vocabularyOf(project.packages)
  const contents = project.sources.map((path) => project.text(path)?.content ?? '')
  const servers: Servers = { vocabulary, classes: serverClasses(vocabulary, contents) }
  const found: Found[] = snapshot.matched.flatMap((path) => unreadSource(path, snapshot.file(path)))
  for (const path of project.sources) {
    const content = project.text(path)?.content ?? ''
    const searches = SEARCHES.filter((search) => search.may(path, content, servers))
    const module = searches.length === 0 ? undefined : project.module(path)
    if (module === undefined) continue
    for (const search of searches) found.push(...search.find(evaluator, module, servers, starts))
    const lost = [...module.overflowed].filter((name) => vocabulary.names.has(name))
    if (lost.length > 0) found.push(sourceGap(module.file, 'limit', `${lost.join(', ')}: too many in one file to look at all of them`))
  }
  found.push(...unparsedSources(project, 'Python', (content) => vocabulary.may(content)))
  const evidence = inOrder(languageOf(evaluator), found).map(({ claim, origin }) => evidenceIn(snapshot.context, claim, origin))
  return { evidence: [...evidence, ...starts.gaps()], needs: [...new Set([...project.needs, ...starts.needs])], globs: [] }
}
