import type { Shown } from '@sallyport/core/evidence'
import type { Deployment, ManagerName, Part } from '../part.ts'
import type { LogStep } from '../shown-log.ts'
import type { Step } from '../step.ts'

/** What a manager says of one part. */
export type State =
  | {
      readonly kind: 'running'
      /** For people: `container prod_api_1`, `pid 412`. */
      readonly who: string
      /** Where the ports of a container can be asked, by port and protocol (`8001/tcp`); of a process its own machine's. */
      readonly places?: ReadonlyMap<string, Place>
      /** What the manager itself says of its health, where it looks. */
      readonly health?: { readonly status: 'starting' | 'healthy' | 'unhealthy'; readonly said: Shown | undefined }
      readonly restarts: number
    }
  | { readonly kind: 'ended'; readonly how: Shown; readonly restarts: number }
  /** The manager knows nothing of it. */
  | { readonly kind: 'never' }
  | { readonly kind: 'unknown'; readonly why: Shown }

export interface Place {
  readonly host: string
  readonly port: number
}

/** Who starts and stops parts. Every method gets parts of its own kind only. Steps are shown before they are run. */
export interface Manager {
  readonly name: ManagerName
  readonly title: string
  /** What has to be run before the parts can be started; empty where nothing has. */
  build(parts: readonly Part[], deployment: Deployment): Promise<readonly Step[]>
  start(parts: readonly Part[], deployment: Deployment): Promise<readonly Step[]>
  /** `all`: the parts are all that the manager has of this deployment. */
  stop(parts: readonly Part[], deployment: Deployment, all: boolean): Promise<readonly Step[]>
  /** By the part's name. Starts nothing, not even the manager itself. */
  states(parts: readonly Part[], deployment: Deployment): Promise<ReadonlyMap<string, State>>
  /** What prints the last lines of a part's log, and with `follow` each that comes. `undefined`: it has no log yet. */
  log(part: Part, deployment: Deployment, lines: number, follow: boolean): Promise<LogStep | undefined>
}
