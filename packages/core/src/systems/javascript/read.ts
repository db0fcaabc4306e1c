import type { Claim, Evidence, FileOrigin } from '../../evidence/index.ts'
import { inOrder } from '../load-order.ts'
import { Starts } from '../starts/index.ts'
import { evidenceIn, type Reading, type Snapshot, type Tools } from '../system.ts'
import { allowedOriginsOf, mayAllowOrigins } from './origins/allowed-origins.ts'
import { bindsOf } from './servers/binds.ts'
import { childrenOf, mayStartPrograms } from './children/index.ts'
import { configurationFiles } from './source/configuration.ts'
import { FolderChanges } from './changes/index.ts'
import { configuredBinds, isConfiguration, mayConfigure } from './servers/configurations.ts'
import { environmentLoadsOf, mayLoadEnvironment } from './settings/environment-loads.ts'
import { Evaluator } from './values/evaluator.ts'
import { MAKERS } from './frameworks/index.ts'
import { brokenCode, unparsedFiles } from './servers/gaps.ts'
import { guardsOf, mayGuard } from './servers/guards.ts'
import { hiddenCalls, mayHide } from './servers/hidden.ts'
import { missingImports } from './source/missing.ts'
import type { Module } from './source/module.ts'
import { Project } from './source/project.ts'
import { maySite } from './servers/sites.ts'
import { untoldServers } from './servers/untold.ts'
import { mayBeUntold } from '../untold.ts'
import { SETTINGS } from './settings/index.ts'
import { languageOf } from './callers/load-order.ts'
import { isTestCode } from './source/test-code.ts'

interface Found {
  readonly claim: Claim
  readonly origin: FileOrigin
}

/** What is looked for in a file: a test of its text, which is cheap, and the search in its tree, which is not. */
interface Search {
  may(path: string, content: string): boolean
  /** What only tests do is of no interest to it. */
  readonly productOnly?: true
  /** Of a file that may: whether the rest of the folder makes it worth parsing. */
  isWanted?(path: string, content: string, project: Project): boolean
  find(module: Module, evaluator: Evaluator, starts: Starts): readonly Found[]
}

const SEARCHES: readonly Search[] = [
  { may: mayConfigure, isWanted: isConfiguration, find: configuredBinds },
  {
    may: (_, content) => maySite(content),
    find: (module, evaluator) => [...bindsOf(module, evaluator), ...brokenCode(module.path, evaluator.project)],
  },
  { may: (_, content) => mayBeUntold(content), productOnly: true, find: untoldServers },
  { may: (_, content) => mayHide(content), productOnly: true, find: hiddenCalls },
  { may: (_, content) => mayAllowOrigins(content), productOnly: true, find: allowedOriginsOf },
  { may: (_, content) => mayStartPrograms(content), productOnly: true, find: childrenOf },
  {
    may: (_, content) => mayGuard(content),
    productOnly: true,
    find: (module, { project }) =>
      guardsOf(module).map(({ name, origin }) => ({
        claim: { claim: 'guard-use', name, entries: project.graph.entries(module.path) },
        origin,
      })),
  },
  {
    may: (_, content) => mayLoadEnvironment(content),
    productOnly: true,
    find: (module, evaluator) =>
      environmentLoadsOf(module, evaluator).map(({ origin, ...load }) => ({
        claim: { claim: 'environment-load', ...load, entries: evaluator.project.graph.entries(module.path) },
        origin,
      })),
  },
]

/** Reads the source of a folder. Its own tests are read as well, and marked. */
export function read(snapshot: Snapshot, tools: Tools): Reading {
  const project = new Project(snapshot, tools)
  const candidates = project.sources.toSorted().flatMap((path) => {
    const content = project.text(path)?.content ?? ''
    const searches = SEARCHES.filter((search) => search.may(path, content) && !(search.productOnly === true && isTestCode(path, content)))
    return searches.length === 0 ? [] : [{ path, searches }]
  })
  const missing = configurationFiles(snapshot.paths).filter((path) => snapshot.file(path) === undefined)
  if (candidates.length > 0 && missing.length > 0) return { evidence: [], needs: missing, globs: [] }
  const known = { makers: MAKERS, packages: SETTINGS }
  const changes = new FolderChanges(project, (own) => new Evaluator(project, { ...known, changes: own }))
  const evaluator = new Evaluator(project, { ...known, changes })
  const starts = new Starts(snapshot)
  const found: Found[] = []
  for (const { path, searches } of candidates) {
    const content = project.text(path)?.content ?? ''
    const wanted = searches.filter((search) => search.isWanted?.(path, content, project) !== false)
    const module = wanted.length === 0 ? undefined : project.module(path)
    if (module !== undefined) for (const search of wanted) found.push(...search.find(module, evaluator, starts))
  }
  found.push(...missingImports(project), ...unparsedFiles(project))
  const evidence: readonly Evidence[] = inOrder(languageOf(evaluator), found).map(({ claim, origin }) =>
    evidenceIn(snapshot.context, claim, origin),
  )
  return { evidence: [...evidence, ...starts.gaps()], needs: [...new Set([...project.needs, ...starts.needs])], globs: [] }
}
