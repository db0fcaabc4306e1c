import type { Evidence } from '../../evidence/index.ts'
import { evidenceIn, type Reading, type Snapshot, type Tools } from '../system.ts'
import { bindsOf } from './binds.ts'
import { configurationFiles } from './configuration.ts'
import { configuredBinds, mayConfigure } from './configurations.ts'
import { Evaluator } from './evaluator.ts'
import { MAKERS } from './frameworks.ts'
import { Project } from './project.ts'
import { maySite } from './sites.ts'

export function read(snapshot: Snapshot, tools: Tools): Reading {
  const project = new Project(snapshot, tools)
  const evaluator = new Evaluator(project, MAKERS)
  const evidence: Evidence[] = []
  const missing = configurationFiles(snapshot.paths).filter((path) => snapshot.file(path) === undefined)
  const candidates = project.sources.toSorted().filter((path) => mayConfigure(path) || maySite(project.text(path)?.content ?? ''))
  if (candidates.length > 0 && missing.length > 0) return { evidence, needs: missing, globs: [] }
  for (const path of candidates) {
    const module = project.module(path)
    if (module === undefined) continue
    for (const { claim, origin } of [...configuredBinds(module, evaluator), ...bindsOf(module, evaluator)]) evidence.push(evidenceIn(snapshot.context, claim, origin))
  }
  return { evidence, needs: [...project.needs], globs: [] }
}
