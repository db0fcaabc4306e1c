import type { CommandBind, FileOrigin, Setting, Text, Unseen, Word } from '../../evidence/index.ts'

/** What is known of the place where a command stands. Everything may be left out. */
export interface CommandContext {
  /** Where the command starts: relative to the folder, or absolute (inside a container) below one of `mounts`. Left out: the folder itself. */
  readonly workingDirectory?: string
  /** Absolute directories (of a container) and the directory of the folder that each holds: `/app` → `services/api`. */
  readonly mounts?: ReadonlyMap<string, string>
  /** The files of the folder: tells `main.py` from `main/__init__.py`. */
  readonly paths?: ReadonlySet<string>
  /** Variables that its manager sets for it. */
  readonly environment?: ReadonlyMap<string, Setting>
  /** The command of a container: the official images of some data stores bind more than the program itself would. */
  readonly inContainer?: boolean
  /** The file of the folder that a program of this name is built of, as scripts, makefiles and Dockerfiles of it say. */
  readonly built?: (name: string) => string | undefined
  /** The text of a file of the folder; `undefined` where it cannot be read, or was not yet. */
  readonly text?: (path: string) => Text | undefined
}

/** A script of a package.json that the command starts (`npm run dev`, `yarn start`). */
export interface ScriptCall {
  readonly name: string
  /** The directory of the package.json, relative to the folder: `''` for the folder itself. `undefined`: not told (`npm --workspace NAME`). */
  readonly directory: string | undefined
  /** `npm --workspace NAME`, `yarn workspace NAME`, `pnpm --filter NAME`. */
  readonly workspace?: string
  /** Words that are appended to the script's own command (after `--`). */
  readonly extra: readonly Word[]
  /** What runs where the package.json has no such script: yarn and pnpm then run the program of that name. */
  readonly orProgram?: CommandReading
}

export interface NotUnderstood {
  readonly reason: string
  readonly origin: FileOrigin
  /** It matters whatever the command is part of: it opens something. */
  readonly opens?: true
}

/** What one command starts. A command that is not understood has no `entry`, no `serves` and no `script`. */
export interface CommandReading {
  /** The id of a row of the program table; the last part of the program's name where there is no row. `undefined`: not known. */
  readonly program: string | undefined
  /** The file of the folder that runs, relative to the folder. */
  readonly entry?: string
  /** Where the program's own arguments and variables make it listen; the widest, when there are several. */
  readonly serves?: CommandBind
  readonly alsoServes: readonly CommandBind[]
  /** Where its runtime's debugger listens beside it, whatever the program itself does. */
  readonly debuggers: readonly CommandBind[]
  readonly script?: ScriptCall
  /** Relative to the folder; differs from the context's after `cd`, `--prefix`, `--app-dir`. `undefined`: outside the folder or not known. */
  readonly workingDirectory: string | undefined
  /** Variables that the command line sets (`env A=b`, `cross-env`, `A=b cmd`), over those of the context. Does not repeat the context's. */
  readonly environment: ReadonlyMap<string, Setting>
  /** `.env` files that the command line loads (`--env-file`, `dotenv -e`), relative to the folder. */
  readonly environmentFiles: readonly string[]
  /** What may set any variable that `environment` does not have: `env $(cat FILE) …`. */
  readonly unseenEnvironment?: Unseen
  /** `env -i`: what the context sets does not hold. */
  readonly clearsEnvironment?: boolean
  /** Configuration files that decide as well (`gunicorn -c`, `redis-server FILE`), relative to the folder; not followed here. */
  readonly configurationFiles: readonly string[]
  /** Which environment of a configuration file is started: `pm2 start FILE --env production`. */
  readonly environmentName?: string
  /** What `entry` is given: `--host` → its value, `argv[2]`, `argv[3]` … as `Surroundings` names them. */
  readonly arguments: ReadonlyMap<string, Setting>
  /** What could not be understood, and why it matters. */
  readonly unknown: readonly NotUnderstood[]
  /** Further programs that the same command starts (`sh -c "a & b"`, `concurrently`). */
  readonly also: readonly CommandReading[]
}
