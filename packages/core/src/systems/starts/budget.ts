import type { FileOrigin } from '../../evidence/index.ts'
import type { Passage } from '../passage.ts'
import type { ShellCommand } from '../shell/command.ts'
import type { Way } from './way.ts'

/** Words of the commands that one script, or command, leads to, so that scripts which call one another many times end. */
const FOLLOWED = 20_000
/** Words of all commands of one reading. */
const WORDS = 150_000
/** Words of commands that are read again, also of those that start nothing: one recipe may be that of thousands of targets. */
const AGAIN = 100_000
/** To follow a command takes about as long as so many words of it. */
const COMMAND = 3
const TOO_MANY = 'too many commands to follow: those from here on are left out'

/** How much of what commands lead to is followed in one reading. */
export class Budget {
  readonly #problem: (reason: string, origin: FileOrigin) => void
  readonly #read = new Set<string>()
  #words = 0
  #again = 0

  /** `problem`: is told where something is left out. */
  constructor(problem: (reason: string, origin: FileOrigin) => void) {
    this.#problem = problem
  }

  /** Whether no script is read any more on this way. */
  isSpent({ followed }: Way): boolean {
    return followed.words > FOLLOWED || this.#again > AGAIN
  }

  /** Counts what is read again. */
  countRead(passage: Passage, commands: readonly ShellCommand[]): void {
    const origin = passage.origin(0, 0)
    const place = `${origin.path}:${origin.span.start.offset}`
    if (this.#read.has(place)) this.#again += commands.reduce((sum, { words }) => sum + words.length, 1)
    else this.#read.add(place)
    if (this.#again > AGAIN) this.#problem(TOO_MANY, origin)
  }

  /** Counts a command of so many words. `false`: it is not followed; where it is the first, that is said. */
  takes(words: number, { scripts, given, followed }: Way, origin: FileOrigin): boolean {
    const wasTooMuch = this.#words > WORDS || followed.words > FOLLOWED
    this.#words += COMMAND + words
    if (scripts.length + given.length > 0) followed.words += COMMAND + words
    const isTooMuch = this.#words > WORDS || followed.words > FOLLOWED
    if (isTooMuch && !wasTooMuch) this.#problem(TOO_MANY, origin)
    return !isTooMuch
  }
}
