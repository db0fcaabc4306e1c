import { realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import { type AuditReport, dataStoreOf, predictedEndpoints, type ServiceRow } from '@sallyport/core/audit'
import { type Service, suggest } from '@sallyport/core/policy'
import { look, refuseFolder } from '../commands/look.ts'
import { environmentOf, type PolicyOptions } from '../commands/policy.ts'
import { Failure } from '../failure.ts'
import { composeProjectOf } from './compose-project.ts'
import type { Deployment, Part, PartPort } from './part.ts'
import { isStartedByFiles, type Reading, runnerOf } from './runner.ts'

export interface DeploymentOptions extends PolicyOptions {
  readonly folder: string
  /** Compose files in place of the usual ones. */
  readonly file?: readonly string[]
}

/** Looks at the folder and the machine, and tells who runs each part of the deployment. Starts nothing. */
export async function readDeployment(options: DeploymentOptions): Promise<Deployment> {
  const report = await look(options.folder, { ...options, scope: 'both' })
  const folder = realpathSync(resolve(options.folder))
  const { project, notes } = composeProjectOf(report, folder, options.file ?? [])
  const reading: Reading = { folder, project, environment: environmentOf(options) }
  const rows = report.rows.filter((row) => row.declared !== undefined || isStartedByFiles(row, reading))
  const parts = rows.map((row) => partOf(row, report, reading))
  return { folder, report, notes, parts: withNeeds(parts) }
}

/** Those that are asked for by name; all where none is. */
export function chosen(parts: readonly Part[], names: readonly string[]): readonly Part[] {
  const known = parts.map(({ name }) => name)
  for (const name of names)
    if (!known.includes(name)) {
      refuseFolder(name)
      const near = suggest(name, known)
      throw new Failure(
        `the deployment has no service ${name}`,
        near === undefined
          ? known.length === 0
            ? 'nothing was found here that runs'
            : `it has ${known.join(', ')}`
          : `did you mean ${near}?`,
      )
    }
  return names.length === 0 ? parts : parts.filter(({ name }) => names.includes(name))
}

function partOf(row: ServiceRow, report: AuditReport, reading: Reading): Omit<Part, 'needs'> {
  const { declared } = row
  const ports = portsOf(row)
  return {
    name: row.name,
    runner: runnerOf(row, reading),
    row,
    ports,
    health: declared?.http?.health,
    domain: declared?.domains.find((domain) => !domain.startsWith('*')),
    encrypted: declared !== undefined && declared.tls.kind !== 'none',
    store: dataStoreOf(row, ports[0]?.port) !== undefined,
    elsewhere: declared !== undefined && report.elsewhere.has(declared.name),
  }
}

/** Of a range the ports open as they are needed: there is none to be asked. */
function portsOf(row: ServiceRow): readonly PartPort[] {
  const { declared } = row
  if (declared !== undefined)
    return declared.ports.flatMap(({ first, last }) =>
      first === last ? declared.protocols.map((protocol) => ({ port: first, protocol })) : [],
    )
  const predicted = predictedEndpoints(row).flatMap(({ port, protocol }) => (port === undefined ? [] : [{ port, protocol }]))
  return predicted.filter(
    (item, index) => predicted.findIndex((other) => other.port === item.port && other.protocol === item.protocol) === index,
  )
}

/** A door needs what is behind it, a client what it may call, and everything the databases and caches. */
function withNeeds(parts: readonly Omit<Part, 'needs'>[]): readonly Part[] {
  const stores = parts.filter(({ store }) => store).map(({ name }) => name)
  const declaredName = (part: Omit<Part, 'needs'>): string | undefined => part.row.declared?.name
  const byService = new Map(parts.flatMap((part) => (declaredName(part) === undefined ? [] : [[declaredName(part) ?? '', part.name]])))
  return parts.map((part) => {
    const service: Service | undefined = part.row.declared
    const behind = (service?.routes ?? []).map((route) => byService.get(route.service))
    const called = parts.filter((other) =>
      other.row.declared?.from.some((source) => source.kind === 'service' && source.name === service?.name),
    )
    const needs = [...behind, ...called.map(({ name }) => name), ...(part.store ? [] : stores)]
    return { ...part, needs: [...new Set(needs.flatMap((name) => (name === undefined || name === part.name ? [] : [name])))] }
  })
}

/** Where nothing runs there is nothing to act on. */
export function refuseNothing({ parts, folder, report }: Deployment): void {
  if (parts.length > 0) return
  throw new Failure(
    `nothing in ${folder} is run by PM2, compose or systemd`,
    `name the folder of the deployment with --folder${report.policy === undefined ? ', or write a policy with sallyport init' : ''}`,
  )
}

/** What is to be started, stopped or built has to be one's alone. */
export function refuseAmbiguous(parts: readonly Part[]): void {
  const part = parts.find(({ runner }) => runner.kind === 'nobody' && runner.ambiguous === true)
  if (part?.runner.kind === 'nobody') throw new Failure(`${part.name}: ${part.runner.why}`, part.runner.next)
}
