import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Address } from '@sallyport/core/network'
import type { Protocol } from '@sallyport/core/evidence'
import { admits, type Allowed } from './allowed.ts'
import { eventsArrive, makeInstance, readEvent } from './events.ts'
import { type Keeper, startKeeper } from './keeper.ts'
import { SocketTables } from './sockets.ts'
import type { Tree } from './tree.ts'

/** How often /proc is asked: for UDP, of whose sockets there are no events, and for all where there are none at all. */
const POLL_MS = 200

/** Something that listens beyond the policy. */
export interface Exposed {
  readonly protocol: Protocol
  readonly address: Address
  readonly port: number
  readonly pid: number
  readonly seenBy: 'event' | 'poll'
}

export interface Watch {
  /** What is not seen at once, and why, for people. */
  readonly limited: string | undefined
  close(): Promise<void>
}

/** Watches the sockets of a run; `exposed` is called for each that the policy does not admit, again and again while a poll finds it. */
export async function watchTree(id: string, allowed: Allowed, tree: Tree, exposed: (found: Exposed) => void): Promise<Watch> {
  const instance = makeInstance(process.pid)
  const path = 'path' in instance ? instance.path : undefined
  const keeper = startKeeper(id, path)
  const why = 'why' in instance ? instance.why : await whyNoEvents(keeper, allowed, tree, exposed)
  const tables = new SocketTables(allowed, tree)
  const timer = setInterval(() => {
    for (const socket of tables.beyond()) exposed({ ...socket, seenBy: 'poll' })
  }, POLL_MS)
  return {
    limited: existsSync('/proc/self/net/tcp')
      ? why && `${why}: sockets are looked for every ${POLL_MS} ms instead`
      : 'sockets cannot be seen on this system: what was checked before the start, and the guard in Node, are all that holds it',
    close: async () => {
      clearInterval(timer)
      await keeper?.close()
    },
  }
}

async function whyNoEvents(
  keeper: Keeper | undefined,
  allowed: Allowed,
  tree: Tree,
  exposed: (found: Exposed) => void,
): Promise<string | undefined> {
  if (keeper === undefined) return 'there is no /bin/sh to read the kernel’s events with'
  const own = new Map<number, () => void>()
  const waiting = new Set<number>()
  createInterface({ input: keeper.lines }).on('line', (line) => {
    const event = readEvent(line)
    if (event === undefined) return
    if (event.thread === process.pid) {
      waiting.add(event.port)
      own.get(event.port)?.()
      return
    }
    const { address, port, thread } = event
    const isAdmitted = admits(allowed, { protocol: 'tcp', address, port })
    const pid = tree.add(thread)
    if (!isAdmitted) exposed({ protocol: 'tcp', address, port, pid, seenBy: 'event' })
  })
  const arrived = await eventsArrive((port) => new Promise((resolve) => (waiting.has(port) ? resolve() : own.set(port, resolve))))
  return arrived ? undefined : 'the kernel’s events do not arrive here'
}
