import type { AuditReport, ServiceRow } from '@sallyport/core/audit'
import type { Protocol } from '@sallyport/core/evidence'

/** The files that one `compose` command takes. */
export interface ComposeProject {
  /** Absolute; where compose is run, and what its containers have as `com.docker.compose.project.working_dir`. */
  readonly directory: string
  /** Absolute paths for `-f`; empty where compose finds its usual files by itself. */
  readonly files: readonly string[]
}

/** Who starts, stops and knows a part of the deployment. */
export type Runner =
  | { readonly kind: 'pm2'; readonly app: string; readonly file: string | undefined; readonly environment: string | undefined }
  | { readonly kind: 'compose'; readonly service: string; readonly project: ComposeProject }
  | { readonly kind: 'systemd'; readonly unit: string }
  /** Started by hand, by something that is not the deployment's, or by nothing that was seen. `next`: what to do to start it. `ambiguous`: two would. */
  | { readonly kind: 'nobody'; readonly why: string; readonly next: string; readonly ambiguous?: true }

export type ManagerName = Exclude<Runner['kind'], 'nobody'>

export interface PartPort {
  readonly port: number
  readonly protocol: Protocol
}

/** One thing of the deployment that runs: a declared service, or one that only its files know. */
export interface Part {
  readonly name: string
  readonly runner: Runner
  readonly row: ServiceRow
  /** Those that it is to listen on; none where nothing says so. */
  readonly ports: readonly PartPort[]
  /** The path that answers 2xx when all is well; `undefined`: a connection is enough. */
  readonly health: string | undefined
  /** The name by which it is asked, where it goes by one. */
  readonly domain: string | undefined
  readonly encrypted: boolean
  /** A database or cache. */
  readonly store: boolean
  /** Names of parts that have to answer before it is started. */
  readonly needs: readonly string[]
  /** It runs on another machine, which is not looked at from here. */
  readonly elsewhere: boolean
}

export interface Deployment {
  /** Absolute, links followed. */
  readonly folder: string
  readonly parts: readonly Part[]
  readonly report: AuditReport
  /** What was decided in reading it that a person may want otherwise. */
  readonly notes: readonly string[]
}
