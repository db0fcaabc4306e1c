import type { FileOrigin } from './origin.ts'
import type { PortRange, Protocol } from './scope.ts'
import type { Shown } from './shown.ts'
import type { Word } from './starts.ts'
import type { Value } from './value.ts'

/** A line of a `.env` file. The value of a secret is not kept. */
export interface Variable {
  readonly claim: 'variable'
  readonly file: string
  readonly name: string
  readonly value: Value
}

/** A script that calls a firewall tool. */
export interface FirewallCommand {
  readonly claim: 'firewall-command'
  readonly tool: string
  readonly command: readonly Word[]
  readonly problem?: { readonly code: 'host-name' | 'syntax'; readonly word: string; readonly explanation: string }
  /** What it would let in or keep out, when that is understood. */
  readonly rule?: {
    readonly action: 'allow' | 'deny' | 'reject' | 'limit'
    readonly ports?: PortRange
    readonly protocol?: Protocol
    readonly from?: string
  }
}

/** A script that says something which its language does not take as it is meant. */
export interface ScriptProblem {
  readonly claim: 'script-problem'
  /** `powershell-host-parameter`: a parameter is named `$Host`, a variable that PowerShell itself has and lets nobody set. */
  readonly code: 'powershell-host-parameter'
  /** The word at fault, as it is written. */
  readonly word: string
  readonly explanation: string
}

/** A list of origins that a server lets scripts come from (CORS). */
export interface AllowedOrigins {
  readonly claim: 'allowed-origins'
  /** Where it is set: a variable's or an option's name. */
  readonly name: string
  readonly origins: readonly { readonly text: Value; readonly origin: FileOrigin }[]
  readonly wildcard: boolean
  readonly credentials: boolean
  /** What decides at start whether this is set, as it stands there, and whether it has to hold or fail. */
  readonly under?: { readonly test: Shown; readonly holds: boolean }
}

/** Code that puts a local-only guard before its handlers (`LocalhostOnlyMiddleware`, `@sallyport/guard`), or decides by who asks. */
export interface GuardUse {
  readonly claim: 'guard-use'
  readonly name: string
  /** As in `Bind`. */
  readonly entries: readonly string[]
}

/** A line that reads variables. */
export interface ReadBefore {
  readonly path: string
  readonly line: number
  /** By some ways of starting the program only. */
  readonly perhaps?: true
}

/** Code that runs another file of the folder, which is not there: git ignores it, something makes it, or it was forgotten. */
export interface MissingImport {
  readonly claim: 'missing-import'
  /** As it would be found, without an ending where none is written. */
  readonly path: string
  /** Nothing is taken from it: it is run for what it does, such as setting variables. */
  readonly isForEffect: boolean
  /** As in `Bind`. */
  readonly entries: readonly string[]
}

/** Code or a command that loads variables from a file at start (`dotenv`, `--env-file`, `load_dotenv`). */
export interface EnvironmentLoad {
  readonly claim: 'environment-load'
  /** Relative to the working directory unless absolute; `.env` where the library's default holds. */
  readonly files: readonly Value[]
  /** The file wins over variables that are already set. dotenv's and python-dotenv's default is false. */
  readonly overrides: boolean
  /** Set where the code names the files from its own directory: `files` are then relative to the folder under inspection. */
  readonly relativeTo?: 'folder'
  /** Whether it is done at all: a value that is true or false at start. Absent: it is done. */
  readonly isDone?: Value
  /** What has read its variables before: what is loaded is not seen there. */
  readonly readBefore?: readonly ReadBefore[]
  /** As in `Bind`. */
  readonly entries: readonly string[]
}

/** A command that starts what a file describes, by one of the file's environments: `pm2 start ecosystem.config.js --env production`. */
export interface EnvironmentChoice {
  readonly claim: 'environment-choice'
  /** The file that describes the launches, relative to the folder. */
  readonly file: string
  /** As in `Launch.environmentName`. */
  readonly environmentName: string
}

/** A command of a script that writes a file anew, or changes what it says: what is read in the file may not be what runs. */
export interface FileChange {
  readonly claim: 'file-change'
  /** The file, relative to the folder. */
  readonly file: string
  /** The lines that it may change, 1-based. Absent: any of them. */
  readonly lines?: readonly number[]
}

/** A secret that is where it should not be, or that keeps nobody out. What it is stays unsaid. */
export interface Secret {
  readonly claim: 'secret'
  readonly name: string
  /** `default`, `short`, `low-entropy`: it can be guessed. `repeated`: `other` has the same value. `committed-start`: by a file that starts something. */
  readonly problem: 'committed' | 'committed-start' | 'not-ignored' | 'placeholder' | 'default' | 'short' | 'low-entropy' | 'repeated'
  /** Of one that git has or would take up: a word somebody chose, or what anybody would try first; absent: random text. */
  readonly strength?: 'chosen' | 'trivial'
  /** The other place of a `repeated` one. */
  readonly other?: { readonly name: string; readonly origin: FileOrigin }
}
