import type { FrameworkDefault } from '../framework.ts'
import type { ConfigurationForm } from './configuration.ts'
import type { EndpointForm } from './endpoint.ts'
import type { Options, ValueForm } from './options.ts'

/** A server program whose command line decides where it listens. A row of a table of facts. */
export interface Program extends FrameworkDefault {
  readonly kind: 'program'
  /** Last parts of the paths that start it. */
  readonly names: readonly string[]
  /** What `python -m` starts it by. */
  readonly modules?: readonly string[]
  /** One of these has to be the first word that is no option; more than one word where a command has several levels. */
  readonly subcommands?: readonly string[]
  /** With `subcommands`: none need be there, unless the first word is one of these. */
  readonly otherSubcommands?: readonly string[]
  /** Listens only when one of these options is there (`php -S`). */
  readonly requires?: readonly string[]
  readonly options: Options
  readonly valueForm?: ValueForm
  readonly abbreviates?: true
  /** Of an option that is given several times the first counts, not the last. */
  readonly firstCounts?: true
  /** An endpoint without a port is on the port that another option gives. */
  readonly hostsWithPorts?: true
  /** Options end at the first word that is none, the subcommand left out: what stands behind it is not the program's own. */
  readonly optionsFirst?: true
  readonly unlisted: 'value' | 'switch'
  /** What the words are that are no options, after the subcommand. */
  readonly positional?: Positional
  readonly form?: EndpointForm
  /** Variables that it reads itself, the first that is set; arguments win. */
  readonly hostVariables?: readonly string[]
  /** They go before what `configurationFiles` say. */
  readonly variablesFirst?: true
  /** An empty one is every address, and not as good as none. */
  readonly emptyHostCounts?: true
  readonly portVariables?: readonly string[]
  /** Port 0 means not to listen. */
  readonly zeroIsOff?: boolean
  /** A variable that holds host and port in one. */
  readonly endpointVariable?: string
  /** A variable that holds further arguments, put before those of the command line. */
  readonly argumentsVariable?: string
  /** When this variable gives the port, the default host is another: gunicorn's `PORT`. */
  readonly hostWithPort?: { readonly variable: string; readonly host: string }
  /** The default host is another unless this variable, or one of these options, has one of the values: Rails' environment. */
  readonly hostUnless?: {
    readonly variable: string
    readonly options: readonly string[]
    readonly values: readonly string[]
    readonly host: string
  }
  /** The variable that names the application, and the files that are tried when nothing does. */
  readonly applicationVariable?: string
  readonly applications?: readonly string[]
  /** Source files of the working directory that it reads unasked; readers of source code find the host in them. */
  readonly configurationFiles?: readonly string[]
  /** A file of data that says where it listens, which is read with the command. */
  readonly configuration?: ConfigurationForm
  /** What that file says and what the command line says are both bound. */
  readonly adds?: true
  /** A second server that it starts beside its own: a dashboard. */
  readonly beside?: Program
  /** Binds nothing unless it is told where. */
  readonly onlyWhereTold?: true
  /** Files of variables in the working directory that it loads unasked; of several the first that sets one counts. */
  readonly environmentFiles?: readonly string[]
  /** Configuration of that name is read by the reader of source code; any other leaves the host unknown. */
  readonly readableConfiguration?: RegExp
  /** The name by which configuration in code may give a Unix socket, in which case no port is bound. */
  readonly socketSetting?: string
  /** Where the host stands when no argument gives it. The default of the program itself is not what happens. */
  readonly decidedBy?: string
  /** What the program's official container image makes of the default, with the source of that. */
  readonly inContainer?: { readonly host: string; readonly source: string }
}

/**
 * `application`: a Python module with an attribute, or a file; `script`: a JavaScript file; `port`, `endpoint`: where to listen;
 * `configuration`: a file; `directory-port`: a directory, then a port.
 */
export type Positional = 'application' | 'script' | 'port' | 'endpoint' | 'configuration' | 'directory-port'
