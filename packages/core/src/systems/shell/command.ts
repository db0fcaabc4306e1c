import { type FileOrigin, knownText, type Setting, type Unseen, type Word } from '../../evidence/index.ts'
import type { Passage } from '../passage.ts'
import { wordsOf } from '../secret.ts'
import { innerScript } from './inner.ts'
import type { Scope } from './scope.ts'

/** One simple command, with the state of the shell that it starts in. */
export interface ShellCommand {
  readonly words: readonly Word[]
  /** The first word, where it is known. */
  readonly program?: string | undefined
  /** The script in `sh -c SCRIPT`. */
  readonly script?: Passage | undefined
  /** What is exported to it. */
  readonly environment: ReadonlyMap<string, Setting>
  /** `.env` files that are loaded before it, but whose contents were not seen; relative to the folder. */
  readonly environmentFiles: readonly string[]
  /** What may have set any variable, and was not seen. */
  readonly unseenEnvironment?: Unseen | undefined
  /** Relative to the folder, or absolute; `undefined`: not known. */
  readonly workingDirectory: string | undefined
  /** `false`: in a branch, a loop, or a function that nothing calls. */
  readonly certain: boolean
  readonly origin: FileOrigin
}

type GivenWords = Parameters<typeof wordsOf>[0]

/** Its words are looked through for secrets when they are asked for: of most commands of most scripts, nobody asks. */
export class Command implements ShellCommand {
  readonly program: string | undefined
  readonly script: Passage | undefined
  readonly environment: ReadonlyMap<string, Setting>
  readonly environmentFiles: readonly string[]
  readonly unseenEnvironment: Unseen | undefined
  readonly workingDirectory: string | undefined
  readonly certain: boolean
  readonly origin: FileOrigin
  readonly #given: GivenWords
  #words: readonly Word[] | undefined

  constructor(given: GivenWords, scope: Scope, certain: boolean, origin: FileOrigin, fed?: Passage) {
    this.program = knownText(given[0]?.value)
    this.script = fed ?? innerScript(given.map(({ value }) => value))
    this.environment = scope.exported()
    this.environmentFiles = scope.environmentFiles
    this.unseenEnvironment = scope.unseen
    this.workingDirectory = scope.directory
    this.certain = certain
    this.origin = origin
    this.#given = given
  }

  get words(): readonly Word[] {
    this.#words ??= wordsOf(this.#given)
    return this.#words
  }
}
