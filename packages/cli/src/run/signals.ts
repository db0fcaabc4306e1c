import { statFields } from '../collect/machine/proc.ts'

/** What a terminal sends to every process of the group in front of it: the command gets it without our help. */
const OF_TERMINALS: ReadonlySet<NodeJS.Signals> = new Set(['SIGINT', 'SIGQUIT'])

const PASSED_ON: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2']

/** Passes signals on to the command; gives back what ends that. The command is in our process group, so that its terminal is its own. */
export function passSignals(send: (signal: NodeJS.Signals) => void): () => void {
  const listeners = PASSED_ON.map((signal) => {
    const listener = (): void => {
      // Sent twice, many servers take it for impatience and end at once.
      if (!(OF_TERMINALS.has(signal) && isInFront())) send(signal)
    }
    process.on(signal, listener)
    return { signal, listener }
  })
  return () => {
    for (const { signal, listener } of listeners) process.off(signal, listener)
  }
}

/** Whether our process group is the one in front of a terminal (tpgid of proc_pid_stat(5)). */
function isInFront(): boolean {
  const [, , group, , , front] = statFields('self')
  return group !== undefined && group === front
}
