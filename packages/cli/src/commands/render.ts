import { show } from '@sallyport/core/evidence'
import { writeGuard } from '@sallyport/core/systems'
import { EXIT } from '../exit.ts'
import { Failure, mistakeText } from '../failure.ts'
import { loadPolicy, type PolicyOptions } from './policy.ts'

/** `sallyport render guard SERVICE`: the text goes to stdout, what has to be added by hand to stderr. */
export async function render(system: 'guard', name: string, options: PolicyOptions): Promise<number> {
  const note = (text: string): void => void process.stderr.write(`${text}\n`)
  const policy = await loadPolicy(process.cwd(), options, (mistake) => note(mistakeText(mistake, 'warning: ').join('\n')))
  if (policy === undefined) throw new Failure('there is no policy here', 'name one with --policy, or write one with sallyport init')
  const service = policy.services.get(name)
  if (service === undefined) throw new Failure(`the policy has no service ${name}`, `it has ${[...policy.services.keys()].join(', ')}`)
  const made = RENDERERS[system](policy, service)
  if (made.kind === 'refused') throw new Failure(made.why, made.next)
  for (const text of made.notes) note(`note: ${show(text, 400)}`)
  process.stdout.write(made.text)
  return EXIT.clean
}

const RENDERERS = { guard: writeGuard }
