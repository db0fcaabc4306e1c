import type { FileOrigin } from './origin.ts'
import type { PortRange, Protocol } from './scope.ts'
import type { Shown } from './shown.ts'
import type { Setting, Unseen, Value } from './value.ts'

/** A line of source code that binds a server. */
export interface Bind {
  readonly claim: 'bind'
  /** The row of the framework table: `express`, `node:http`, `uvicorn` … */
  readonly framework: string
  readonly language: 'javascript' | 'typescript' | 'python' | 'go'
  readonly protocol: Protocol
  readonly host: Value
  readonly port: Value
  /** What the framework binds when no host is given: an address, `localhost`, or `*` for every interface. */
  readonly defaultHost: string
  /** What the empty text binds that a variable or an argument gives, where that is not the default. */
  readonly emptyHost?: string
  readonly defaultPort?: number
  /** Code that only tests run. */
  readonly test: boolean
  /** Built output: the source that it was made from, when that is there too. */
  readonly builtFrom?: string
  /** The directory of the package that the file is of. Absent: of no package, or of a language whose starts do not ask. */
  readonly package?: string
  /** Files that (transitively) import the one that binds, itself included: any of them may be what a start command names. */
  readonly entries: readonly string[]
  /** Those of `entries` that come to bind only as the program itself (`if __name__ == "__main__":`), and not where a server imports them. */
  readonly asProgram?: readonly string[]
  /** Listens only where this interpreter runs the file: others do nothing with what it exports. */
  readonly runtime?: string
}

export type LaunchKind =
  | 'pm2'
  | 'compose'
  | 'systemd'
  | 'npm-script'
  | 'shell'
  | 'powershell'
  | 'batch'
  | 'procfile'
  | 'dockerfile'
  | 'docker-run'
  | 'makefile'
  | 'supervisor'
  | 'task'

/** A program that a file says is started. */
export interface Launch {
  readonly claim: 'launch'
  readonly by: LaunchKind
  /** The name that its manager gives it: PM2 app, compose service, container, unit, script. */
  readonly name: string
  /** The words of the command, after the shell's quoting; empty where only an image's own command runs. */
  readonly command: readonly Word[]
  /** The file of the folder that runs (`dist/index.js`, `main.py`), relative to the folder, when it can be told. */
  readonly entry?: string
  /** The interpreter that runs it (`node`, `bun`). */
  readonly runtime?: string
  /** `entry` is built, and neither it nor a file that is known to become it is there: the directory of the package that it is built of. */
  readonly builtOf?: string
  /** `entry` is no built output and not among the files of the folder: git ignores it, something makes it, or it was forgotten. */
  readonly missing?: true
  /** The file that the start names, which is not there: `entry` is one that it may mean, and may as well be another. */
  readonly meant?: string
  /** The scripts of the folder that the command was come to by, outermost first. Absent: none. */
  readonly scripts?: readonly string[]
  /** Relative to the folder. */
  readonly workingDirectory?: string
  readonly environment: ReadonlyMap<string, Setting>
  /** `.env` files that are loaded, relative to the folder. */
  readonly environmentFiles: readonly string[]
  /** Those that one of the programs which may run it loads, and another does not (`.env` of a Procfile). Absent: none. */
  readonly runnerFiles?: readonly string[]
  /** Those of the folder that its container does not have, whichever code loads them. Absent: none. */
  readonly absentFiles?: readonly string[]
  /** What was not seen of its variables: it may set any that is not in `environment`. */
  readonly unseenEnvironment?: Unseen
  /** PM2's `env_production`, compose profiles …: under which name this launch holds. Absent: always. */
  readonly environmentName?: string
  /** What the command line itself says of the socket, when its program is a known server. */
  readonly serves?: CommandBind
  /**
   * Configuration files of `serves.program` that decide where it listens when the command line does not, relative to the folder: a `Bind`
   * that was read in one of them (gunicorn.conf.py, vite.config.ts) takes the place of `serves`' defaults.
   */
  readonly configurationFiles?: readonly string[]
  /** Of a container: files and directories of the folder that stand in it where proxies have their configuration. Absent: none. */
  readonly proxyFiles?: readonly string[]
  /** What `entry` is given, by the names that values of kind `argument` use. Absent: nothing, or not known. */
  readonly arguments?: ReadonlyMap<string, Setting>
  readonly instances: number
  /** Another program of the folder starts it. */
  readonly startedBy?: StartedBy
  /** Where that program is itself started, once the two have been brought together. */
  readonly managedAt?: FileOrigin
}

/** The program that starts another one. */
export interface StartedBy {
  /** As in `Bind`: a start of any of these files comes to start the other program too. */
  readonly entries: readonly string[]
  /** What the other takes over: the variables (its own go before them), the arguments, the file that runs. */
  readonly takes: readonly ('environment' | 'arguments' | 'entry')[]
}

export interface Word {
  readonly text: Value
  /** Cut at blanks once its text is known: unquoted, it may become no word or several. */
  readonly spreads?: true
  /** Where the whole word stands, where its text has another place: with quotes, with a variable of known value. */
  readonly written?: FileOrigin
  readonly shown: Shown
}

/** A server program whose own arguments decide where it listens: `uvicorn main:app --host 0.0.0.0`. */
export interface CommandBind {
  /** The row of the program table. */
  readonly program: string
  readonly protocol: Protocol
  /** `absent` where the argument is not given. */
  readonly host: Value
  readonly port: Value
  readonly defaultHost: string
  /** As in `Bind`. */
  readonly emptyHost?: string
  /** The variables that it looks at go before its configuration files. */
  readonly variablesFirst?: true
  readonly defaultPort?: number
}

/** A network that a container is on, as its name in the file. */
export interface ComposeNetwork {
  readonly name: string
  readonly internal: boolean
  /** The driver that gives the container an address beside the machine's (macvlan, ipvlan): neighbours come to every port, and the machine's rules are not asked. Absent: none such. */
  readonly besideMachine?: FileOrigin
}

/** A container that a compose file describes, or that a script starts. */
export interface ComposeService {
  readonly claim: 'compose-service'
  /** `.` where it is the folder's own name, which its files do not say; `''` for `docker run` in a script: no project, and no compose labels on the container. */
  readonly project: string
  /** Who runs it, where that is neither compose nor `docker run`: `Kubernetes`. */
  readonly manager?: string
  /** The service's name; of `docker run` the container's (`--name`), or the image where it has none. */
  readonly name: string
  /** The files that compose is started with, as one text: each way to start it that has this service as it stands here. */
  readonly deployments?: readonly string[]
  readonly image?: string
  readonly build?: string
  readonly profiles: readonly string[]
  /** `host`, `none`, `service:NAME`, `bridge`, or absent for networks. */
  readonly networkMode?: string
  readonly networks: readonly ComposeNetwork[]
  readonly published: readonly ConfiguredPort[]
  /** Container ports that are said to be listened on, without being published. */
  readonly exposed: readonly ExposedPort[]
  readonly restart: string
}

export interface ExposedPort {
  readonly ports: PortRange
  readonly protocol: Protocol
  readonly origin?: FileOrigin
  /** Its image says so of a command that this container does not run: it may listen there, or on nothing. */
  readonly ofOtherCommand?: true
}

export interface ConfiguredPort {
  readonly protocol: Protocol
  /** Absent: every address of the host, both families. */
  readonly hostAddress: Value
  /** Absent: a port that the engine chooses. */
  readonly hostPorts: PortRange | undefined
  readonly containerPorts: PortRange
  readonly origin: FileOrigin
}
