import type { Container, ComposeService, Evidence, Launch, Process, Shown } from '../../evidence/index.ts'
import type { Service } from '../../policy/index.ts'
import type { EndpointReach } from '../../reach/index.ts'
import type { PlannedBind } from './planned.ts'
import type { Fronting, PossibleFronting } from './fronting.ts'

/** One thing that listens, with everything that was seen of it: one row of the report. */
export interface ServiceRow {
  readonly name: string
  readonly declared: Service | undefined
  /** What it listens on now. Empty: not running, or the machine was not looked at. */
  readonly now: readonly EndpointReach[]
  /** What it will listen on after a restart, where that differs from now. */
  readonly next: readonly NextEndpoint[]
  readonly planned: readonly PlannedBind[]
  readonly launches: readonly Evidence<Launch>[]
  readonly processes: readonly Evidence<Process>[]
  readonly container: Evidence<Container> | undefined
  /** The first of `containers`, which names it. */
  readonly compose: Evidence<ComposeService> | undefined
  /** What compose files and scripts would run it in: one for each way to deploy it, and what any of them publishes is told. */
  readonly containers: readonly Evidence<ComposeService>[]
  /** Proxies that pass requests on to it. */
  readonly fronts: readonly Fronting[]
  /** Proxies that may: what they go to is decided by the client, by a resolver, or outside the files. */
  readonly possibleFronts: readonly PossibleFronting[]
  readonly links: readonly Link[]
}

/** An endpoint that a restart makes, moves, or leaves undecided. */
export type NextEndpoint =
  | { readonly kind: 'reach'; readonly plan: PlannedBind; readonly reach: EndpointReach; readonly replaces: EndpointReach | undefined }
  | { readonly kind: 'undecided'; readonly plan: PlannedBind; readonly reason: string }

/** Why two pieces of evidence are the same service. */
export interface Link {
  readonly reason: string
  readonly detail: Shown
}
