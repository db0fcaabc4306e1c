import { type AuditReport, auditHosts, CATALOGUE, type Finding } from '@sallyport/core/audit'
import type { Evidence } from '@sallyport/core/evidence'
import { type Policy, suggest } from '@sallyport/core/policy'
import type { OpenFolder } from '../collect/folder/index.ts'
import { refuseFolder } from '../commands/look.ts'
import { Failure } from '../failure.ts'
import type { Look } from './plan.ts'

/** What is looked at beside the folder. */
export interface Beside {
  /** Empty: the files alone are looked at. */
  readonly machine: readonly Evidence[]
  readonly policy: Policy | undefined
  readonly environment: string | undefined
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** Looks at the folder as it is, and as it would be. */
export function lookerAt(folder: OpenFolder, { machine, policy, environment, now }: Beside): Look {
  return async (instead) => {
    const evidence = [...asBuilt(await folder.read(now, instead), instead), ...machine]
    const [report] = auditHosts([{ evidence, policy, folder: folder.root, now, environment }])
    if (report === undefined) throw new Error('an audit of one host has one report')
    return { evidence, report }
  }
}

/** Built output is as its source will have it once it is built again. */
function asBuilt(evidence: readonly Evidence[], changed: ReadonlyMap<string, string>): readonly Evidence[] {
  return evidence.filter(({ claim }) => !(claim.claim === 'bind' && claim.builtFrom !== undefined && changed.has(claim.builtFrom)))
}

/** The findings that are asked for. Throws `Failure` for a rule or a service that there is not. */
export function chosenFindings(
  { findings, rows, policy }: AuditReport,
  service: string | undefined,
  only: readonly string[] | undefined,
): readonly Finding[] {
  const rules = CATALOGUE.map(({ id }) => id as string)
  for (const rule of only ?? [])
    if (!rules.includes(rule)) throw new Failure(`there is no rule ${rule}`, didYouMean(rule, rules, 'docs/rules.md lists them'))
  const services = [...new Set([...rows.map(({ name }) => name), ...(policy?.services.keys() ?? [])])]
  if (service !== undefined && !services.includes(service)) {
    refuseFolder(service)
    throw new Failure(
      `there is no service ${service}`,
      didYouMean(service, services, services.length === 0 ? 'no service is seen here' : `there is ${services.join(', ')}`),
    )
  }
  return findings.filter((finding) => isAskedFor(finding, service, only))
}

export function isAskedFor(finding: Finding, service: string | undefined, only: readonly string[] | undefined): boolean {
  return (service === undefined || finding.service === service) && (only === undefined || only.includes(finding.rule))
}

function didYouMean(word: string, words: readonly string[], otherwise: string): string {
  const near = suggest(word, words)
  return near === undefined ? otherwise : `did you mean ${near}?`
}
