import { setTimeout as wait } from 'node:timers/promises'
import { namespaceOf } from '../collect/machine/proc.ts'
import { closeSocket, isListening } from './sockets.ts'
import { sendSignal, type Tree } from './tree.ts'
import type { Exposed } from './watch.ts'

/** How long a program that was told to end may go on listening where the kernel did not close its socket. */
const STILL_OPEN_MS = 15
const LOOK_MS = 5
/** An event and a poll may tell of one and the same moment. */
const AGAIN_MS = 50
/** Processes that start others faster than they are ended are given up after so many rounds. */
const ROUNDS = 200

/**
 * Stops a run: SIGTERM to the process that listens, then to all; meanwhile the kernel closes the socket itself, so that a program that takes its
 * time to end is not reached any more. What listens still, or again, is killed at once; what has not ended after `graceMs`, then.
 */
export class Stopper {
  readonly #tree: Tree
  readonly #graceMs: number
  /** When what was to be closed was found first. */
  readonly #found = new Map<string, number>()
  #stopped: Promise<void> | undefined

  constructor(tree: Tree, graceMs: number) {
    this.#tree = tree
    this.#graceMs = graceMs
  }

  /** Resolves when nothing of the run is left. Called for each socket that is found; for one that was to be closed before, kills. */
  stop(found: Exposed): Promise<void> {
    const place = `${found.protocol} ${found.address.family} ${found.address.value} ${found.port}`
    const before = this.#found.get(place)
    if (before === undefined) {
      this.#found.set(place, Date.now())
      // A process that is ending does not tell any more, while threads of it that wait for a processor hold its sockets open.
      const isHere = namespaceOf(found.pid) === namespaceOf('self')
      sendSignal(found.pid, 'SIGTERM')
      // The socket first: to find all processes of the run takes longer.
      const shut = this.#shut(found, isHere)
      this.#stopped ??= this.#end(shut)
    } else if (Date.now() - before > AGAIN_MS) this.#tree.signal('SIGKILL')
    return this.#stopped ?? Promise.resolve()
  }

  async #end(shut: Promise<void>): Promise<void> {
    this.#tree.signal('SIGTERM')
    await shut
    const end = Date.now() + this.#graceMs
    while (Date.now() < end && this.#tree.members().length > 0) await wait(LOOK_MS * 4)
    for (let round = 0; round < ROUNDS && this.#tree.signal('SIGKILL') > 0; round++) await wait(LOOK_MS)
  }

  async #shut({ pid, protocol, address, port }: Exposed, isHere: boolean): Promise<void> {
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
