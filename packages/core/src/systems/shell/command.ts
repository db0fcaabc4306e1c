import type { FileOrigin, Setting, Unseen, Word } from '../../evidence/index.ts'
import type { Passage } from '../passage.ts'
import { wordsOf } from '../secret.ts'
import { innerScript } from './inner.ts'
import type { Scope } from './scope.ts'
import type { ShellCommand } from './walk.ts'

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
    const first = given[0]?.value
    this.program = first?.kind === 'known' ? String(first.value) : undefined
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
