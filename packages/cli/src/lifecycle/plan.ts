import { Failure } from '../failure.ts'
import { isConfirmed } from '../change/ask.ts'
import { lineShower } from './lines.ts'
import { perform, type Step, stepText } from './step.ts'

export interface StepOptions {
  readonly dryRun: boolean
  readonly yes: boolean
}

const note = (text: string): void => void process.stderr.write(`${text}\n`)

/** Shows what will be run; on with it only where that is agreed. With `--dry-run` the steps are the answer. */
export async function agreed(steps: readonly Step[], folder: string, question: string, { dryRun, yes }: StepOptions): Promise<boolean> {
  const lines = steps.map((step) => stepText(step, folder))
  if (dryRun) {
    process.stdout.write(lines.map((line) => `${line}\n`).join(''))
    return false
  }
  for (const step of steps) {
    const refusal = await step.refusal?.()
    if (refusal !== undefined) throw refusal
  }
  for (const line of lines) note(`  ${line}`)
  return isConfirmed(question, yes)
}

/** Runs the steps one after the other; the first that fails ends it. What they say goes to stderr. */
export async function performAll(steps: readonly Step[], folder: string): Promise<void> {
  for (const step of steps) {
    note(`$ ${stepText(step, folder)}`)
    const shower = lineShower()
    const end = await perform(step, { raw: (line) => note(`  ${shower(line)}`) })
    switch (end.kind) {
      case 'done':
        continue
      case 'failed':
        throw new Failure(
          `${step.words[0] ?? ''} failed${end.code === undefined ? '' : ` with exit code ${end.code}`}`,
          'what it said stands above; sallyport health tells what is up',
        )
      case 'missing':
        throw new Failure(`${step.words[0] ?? ''} is not installed`, 'install it, or start the deployment where it is')
      case 'timeout':
        throw new Failure(
          `${step.words[0] ?? ''} did not end within ${step.timeoutMs / 1000} s`,
          'it was ended; sallyport health tells what is up',
        )
      default:
        end satisfies never
    }
  }
}
