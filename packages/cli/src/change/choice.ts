import { createInterface } from 'node:readline/promises'
import { Failure } from '../failure.ts'

export type Choice = 'yes' | 'no' | 'all' | 'quit'

const ANSWERS: Readonly<Record<string, Choice>> = { y: 'yes', n: 'no', a: 'all', q: 'quit' }

/** Asks for one change of several, on a terminal only. A closed terminal is no answer, and then nothing is changed. */
export async function choice(question: string): Promise<Choice> {
  if (process.stdin.isTTY !== true || process.stderr.isTTY !== true)
    throw new Failure(
      'nothing was changed: there is no terminal to ask on',
      'look at what would be done (--dry-run), and run it again with --yes',
    )
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const closed = new Promise<string>((resolve) => terminal.once('close', () => resolve('q')))
  try {
    for (;;) {
      const answer = await Promise.race([
        terminal.question(`${question} [y]es, [n]o, [a]ll that are left, [q]uit and change nothing: `),
        closed,
      ])
      const chosen = ANSWERS[answer.trim().toLowerCase().slice(0, 1)]
      if (chosen !== undefined) return chosen
    }
  } finally {
    terminal.close()
  }
}
