import { createInterface } from 'node:readline/promises'
import { Failure } from '../failure.ts'

/** Throws `Failure` where nobody can be asked. `next`: what to do then. */
export function requireTerminal(next: string): void {
  if (process.stdin.isTTY !== true || process.stderr.isTTY !== true)
    throw new Failure('nothing was changed: there is no terminal to ask on', next)
}

/**
 * Whether a change that has been shown is to be made. Asks on a terminal; without one only `yes` is an answer. The question goes to
 * stderr, since it is no part of the answer.
 */
export async function isConfirmed(question: string, yes: boolean): Promise<boolean> {
  if (yes) return true
  requireTerminal('look at what would be done, and run it again with --yes')
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    // A closed terminal is no answer, and no answer is no.
    const answer = await Promise.race([
      terminal.question(`${question} [y/N] `),
      new Promise<string>((resolve) => terminal.once('close', () => resolve(''))),
    ])
    return /^y(?:es)?$/i.test(answer.trim())
  } finally {
    terminal.close()
  }
}
