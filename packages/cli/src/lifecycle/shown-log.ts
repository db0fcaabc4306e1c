import type { Part } from './part.ts'
import { perform, type Step, type StepEnd } from './step.ts'

/** What prints a log. */
export interface LogStep extends Step {
  /** The log is on its stdout alone: what it writes on stderr is its own, also where it ends well, and says that not all was shown (journalctl). */
  readonly ownStderr?: boolean
}

export interface LogListener {
  /** Each line of the log, as it came: not yet fit to be shown. */
  readonly line: (text: string) => void
  readonly signal?: AbortSignal
}

/** `read`: to its end, or until it was told to stop. */
export type LogEnd =
  | { readonly kind: 'read' }
  /** `said`: what the command wrote about it, as it came. `lines`: so many of the log were told all the same. */
  | { readonly kind: 'unread'; readonly why: string; readonly end: StepEnd; readonly said: readonly string[]; readonly lines: number }

/** Why there is no log of a part, and what there would have to be. */
export function noLogText({ name, runner }: Part): string {
  const why = runner.kind === 'nobody' ? `${runner.why}; ${runner.next}` : `no PM2 of this user runs; sallyport up ${name} starts it`
  return `${name} has no log that is known here: ${why}`
}

/** A log that is followed has no end to wait for: a command that fails says why just before it ends. */
const FOLLOWED_MS = 1_000
/** Who writes more than this on stderr does not say why it fails. */
const MOST_HELD = 10_000

interface Held {
  readonly text: string
  readonly isSaid: boolean
}

/**
 * Tells the lines of a log. A service's own stderr may come on that of the command (`pm2 logs --raw`, `podman logs`): it is log, but where the
 * command fails it is what that says of itself. So lines are held from the first one on stderr, in their order, until that is known.
 */
export async function showLog(step: LogStep, { line, signal }: LogListener): Promise<LogEnd> {
  const refusal = await step.refusal?.()
  if (refusal !== undefined)
    return { kind: 'unread', why: `${refusal.message} (${refusal.next})`, end: { kind: 'failed', code: undefined }, said: [], lines: 0 }
  const held: Held[] = []
  const said: string[] = []
  let lines = 0
  const tell = (text: string): void => {
    lines += 1
    line(text)
  }
  const releaseFirst = (): void => held.splice(0, 1).forEach(({ text }) => tell(text))
  const isFollowed = step.timeoutMs === Number.POSITIVE_INFINITY
  const hold = (item: Held): void => {
    held.push(item)
    if (held.length > MOST_HELD) releaseFirst()
    else if (isFollowed) setTimeout(releaseFirst, FOLLOWED_MS).unref()
  }
  const given = await perform(step, {
    raw: (text, from) => {
      if (from === 'stderr' && step.ownStderr === true) said.push(text)
      else if (from === 'stderr' || held.length > 0) hold({ text, isSaid: from === 'stderr' })
      else tell(text)
    },
    ...(signal === undefined ? {} : { signal }),
  })
  // What was told to stop has not failed.
  const end: StepEnd = signal?.aborted === true ? { kind: 'done' } : given
  for (const { text, isSaid } of held.splice(0)) {
    if (isSaid && end.kind !== 'done') said.push(text)
    else tell(text)
  }
  return end.kind === 'done' && said.length === 0 ? { kind: 'read' } : { kind: 'unread', why: reasonOf(end, step), end, said, lines }
}

function reasonOf(end: StepEnd, step: Step): string {
  const program = step.words[0] ?? ''
  switch (end.kind) {
    case 'done':
      return `${program} did not show all of it`
    case 'failed':
      return `${program} failed${end.code === undefined ? '' : ` with exit code ${end.code}`}`
    case 'missing':
      return `${program} is not installed`
    case 'timeout':
      return `${program} did not end within ${step.timeoutMs / 1000} s`
    default:
      return end satisfies never
  }
}
