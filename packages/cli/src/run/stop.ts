import { setTimeout as wait } from 'node:timers/promises'
import { namespaceOf } from '../collect/machine/proc.ts'
import { closeSocket, isListening } from './sockets.ts'
import { sendSignal, type Tree } from './tree.ts'
import type { Exposed } from './watch.ts'

/** How long a program that was told to end may go on listening where the kernel did not close its socket. */
const STILL_OPEN_MS = 15
const LOOK_MS = 5
/** Processes that start others faster than they are ended are given up after so many rounds. */
const ROUNDS = 200

/**
 * Stops a run: SIGTERM to the process that listens, then to all; meanwhile the kernel closes the socket itself, so that a program that takes its
 * time to end is not reached any more. What listens still, or again, is killed at once; what has not ended after `graceMs`, then.
 */
export class Stopper {
  readonly #tree: Tree
  readonly #graceMs: number
  #stopped: Promise<void> | undefined

  constructor(tree: Tree, graceMs: number) {
    this.#tree = tree
    this.#graceMs = graceMs
  }

  /** Resolves when nothing of the run is left. Called again, kills. */
  stop(found: Exposed): Promise<void> {
    if (this.#stopped !== undefined) {
      this.#tree.signal('SIGKILL')
      return this.#stopped
    }
    sendSignal(found.pid, 'SIGTERM')
    this.#stopped = this.#stop(found)
    return this.#stopped
  }

  async #stop(found: Exposed): Promise<void> {
    // The socket first: to find all processes of the run takes longer.
    const shut = this.#shut(found)
    this.#tree.signal('SIGTERM')
    await shut
    const end = Date.now() + this.#graceMs
    while (Date.now() < end && this.#tree.members().length > 0) await wait(LOOK_MS * 4)
    for (let round = 0; round < ROUNDS && this.#tree.signal('SIGKILL') > 0; round++) await wait(LOOK_MS)
  }

  async #shut({ pid, protocol, address, port }: Exposed): Promise<void> {
    const isHere = namespaceOf(pid) === namespaceOf('self')
    const closed = protocol === 'tcp' && isHere ? closeSocket(address, port) : undefined
    const isOpen = () => (isHere ? isListening(protocol, address, port) : this.#tree.members().length > 0)
    const end = Date.now() + STILL_OPEN_MS
    while (isOpen()) {
      if (Date.now() >= end) {
        sendSignal(pid, 'SIGKILL')
        this.#tree.signal('SIGKILL')
        break
      }
      await wait(LOOK_MS)
    }
    await closed
  }
}
