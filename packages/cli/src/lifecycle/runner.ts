import type { ServiceRow } from '@sallyport/core/audit'
import { isOfProject } from './compose-project.ts'
import type { ComposeProject, Runner } from './part.ts'

/** What a deployment is read with. */
export interface Reading {
  /** Absolute. */
  readonly folder: string
  readonly project: ComposeProject | undefined
  readonly environment: string | undefined
}

/** Whether a file of the folder hands it to PM2 or compose, declared or not. What else runs on the machine is no part of the deployment. */
export function isStartedByFiles(row: ServiceRow, reading: Reading): boolean {
  return row.launches.some(({ claim }) => claim.by === 'pm2') || composeOf(row, reading) !== undefined
}

/** As the policy says; else by what the files and the processes show. */
export function runnerOf(row: ServiceRow, reading: Reading): Runner {
  return said(row, reading) ?? seen(row, reading)
}

function said(row: ServiceRow, reading: Reading): Runner | undefined {
  const run = row.declared?.run
  if (run === undefined || run.by === 'any') return undefined
  switch (run.by) {
    case 'pm2':
      return { kind: 'pm2', app: run.name, file: appOf(row, reading)?.file, environment: appOf(row, reading)?.environment }
    case 'systemd':
      return { kind: 'systemd', unit: run.name }
    case 'compose':
      return reading.project === undefined
        ? { kind: 'nobody', why: 'no compose file was found', next: 'name it with --file' }
        : { kind: 'compose', service: run.name, project: reading.project }
    case 'command':
      return { kind: 'nobody', why: 'the policy says that a command runs it', next: `start it by hand: sallyport run -- ${run.name}` }
    default:
      return run.by satisfies never
  }
}

function seen(row: ServiceRow, reading: Reading): Runner {
  const app = appOf(row, reading)
  const service = composeOf(row, reading)
  const unit = row.launches.find(({ claim }) => claim.by === 'systemd')?.claim.name
  if (service !== undefined && app !== undefined)
    return {
      kind: 'nobody',
      why: 'both PM2 and compose would start it',
      next: `say which of them does in the policy: run: { pm2: ${app.app} } or run: { compose: ${service} }`,
      ambiguous: true,
    }
  if (service !== undefined && reading.project !== undefined) return { kind: 'compose', service, project: reading.project }
  if (app !== undefined) return { kind: 'pm2', ...app }
  if (unit !== undefined) return { kind: 'systemd', unit }
  return {
    kind: 'nobody',
    why: 'nothing in the folder starts it by PM2, compose or systemd',
    next: 'start it as its own program wants it, or say who runs it in the policy: run: { systemd: UNIT }',
  }
}

interface App {
  readonly app: string
  readonly file: string | undefined
  readonly environment: string | undefined
}

/** Of `env_production` and its like the one that is asked for. */
function appOf({ launches, processes }: ServiceRow, { environment }: Reading): App | undefined {
  const apps = launches.filter(({ claim }) => claim.by === 'pm2')
  const launch =
    apps.find(({ claim }) => claim.environmentName === environment) ??
    apps.find(({ claim }) => claim.environmentName === undefined) ??
    apps[0]
  if (launch !== undefined)
    return {
      app: launch.claim.name,
      file: launch.origin.kind === 'file' ? launch.origin.path : undefined,
      environment: launch.claim.environmentName === environment ? environment : undefined,
    }
  const running = processes.flatMap(({ claim }) => (claim.manager?.kind === 'pm2' ? [claim.manager.app] : []))[0]
  return running === undefined ? undefined : { app: running, file: undefined, environment: undefined }
}

function composeOf({ containers }: ServiceRow, { project, folder }: Reading): string | undefined {
  if (project === undefined) return undefined
  return containers.find(({ claim, origin }) => claim.manager === undefined && claim.project !== '' && isOfProject(origin, project, folder))
    ?.claim.name
}
