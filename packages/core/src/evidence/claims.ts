import type { Container, ContainerNetwork } from './containers.ts'
import type {
  AllowedOrigins,
  EnvironmentChoice,
  EnvironmentLoad,
  FileChange,
  FirewallCommand,
  GuardUse,
  MissingImport,
  ScriptProblem,
  Secret,
  Variable,
} from './files.ts'
import type { Gap } from './gap.ts'
import type {
  Boundary,
  FilterStart,
  Interface,
  Namespace,
  Netfilter,
  Process,
  Route,
  RoutingRule,
  Socket,
  Sysctl,
  UpstreamFilter,
} from './machine.ts'
import type { Proxy } from './proxy.ts'
import type { Bind, ComposeService, Launch } from './starts.ts'

/** What can be seen. One closed vocabulary: a new kind of thing to see is a new member here. */
export type Claim =
  | Socket
  | Process
  | Namespace
  | Interface
  | Route
  | RoutingRule
  | Sysctl
  | Netfilter
  | FilterStart
  | UpstreamFilter
  | Container
  | ContainerNetwork
  | Boundary
  | Bind
  | Launch
  | ComposeService
  | Proxy
  | Variable
  | FirewallCommand
  | ScriptProblem
  | AllowedOrigins
  | GuardUse
  | MissingImport
  | EnvironmentLoad
  | EnvironmentChoice
  | FileChange
  | Secret
  | Gap
