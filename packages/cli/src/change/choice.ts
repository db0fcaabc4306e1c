import { createInterface } from 'node:readline'
import { requireTerminal } from './ask.ts'

export type Choice = 'yes' | 'no' | 'all' | 'quit'

const ANSWERS: Readonly<Record<string, Choice>> = { y: 'yes', n: 'no', a: 'all', q: 'quit' }
const CHOICES = '[y]es, [n]o, [a]ll that are left, [q]uit and change nothing: '

/** Asks for one change after the other. */
export interface Chooser {
  /** A closed terminal is no answer, and then nothing is changed. */
  choose(question: string): Promise<Choice>
  close(): void
}

/** On a terminal only. What is typed before a question is asked is its answer. */
export function openChooser(): Chooser {
  requireTerminal('look at what would be done (--dry-run), and run it again with --yes')
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const typed = terminal[Symbol.asyncIterator]()
  return {
    async choose(question) {
      for (;;) {
        process.stderr.write(`${question} ${CHOICES}`)
        const line = await typed.next()
        if (line.done === true) return 'quit'
        const chosen = ANSWERS[line.value.trim().toLowerCase().slice(0, 1)]
        if (chosen !== undefined) return chosen
      }
    },
    close: () => terminal.close(),
  }
}
