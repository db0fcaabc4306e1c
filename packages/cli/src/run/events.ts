import { existsSync, mkdirSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { type Address, parseAddress, unmap } from '@sallyport/core/network'

/** A socket that has just begun to listen, as the kernel tells it. */
export interface ListenEvent {
  /** The thread that called listen(2), by its number in the machine's own PID namespace. */
  readonly thread: number
  readonly program: string
  readonly address: Address
  readonly port: number
}

const PLACES = ['/sys/kernel/tracing', '/sys/kernel/debug/tracing']
const NAME = 'sallyport-run-'

/**
 * Makes an instance of the kernel's tracing in which every listen(2) of this process and of all that it starts from now on is an event (tracefs;
 * Documentation/trace/events.rst: `set_event_pid` with `event-fork`, and the filter by the new state, TCP_LISTEN = 10). A text: why there is none.
 */
export function makeInstance(pid: number): { readonly path: string } | { readonly why: string } {
  const place = PLACES.find((one) => existsSync(`${one}/instances`))
  if (place === undefined) return { why: whyNoTracing() }
  sweep(`${place}/instances`)
  const path = `${place}/instances/${NAME}${pid}`
  try {
    mkdirSync(path)
    writeFileSync(`${path}/buffer_size_kb`, '64')
    writeFileSync(`${path}/options/event-fork`, '1')
    writeFileSync(`${path}/set_event_pid`, String(pid))
    writeFileSync(`${path}/events/sock/inet_sock_set_state/filter`, 'newstate==10')
    writeFileSync(`${path}/events/sock/inet_sock_set_state/enable`, '1')
    return { path }
  } catch (error) {
    removeInstance(path)
    const { code } = error as NodeJS.ErrnoException
    const denied = code === 'EACCES' || code === 'EPERM'
    return { why: denied ? 'the kernel’s tracing is closed to this user' : `the kernel’s tracing does not take it (${code ?? 'unknown'})` }
  }
}

/** With the way out of it, where there is one: only root sees what is mounted there, and its directory is there wherever the kernel has it. */
function whyNoTracing(): string {
  if (!PLACES.some((one) => existsSync(one))) return 'the kernel’s tracing (tracefs) is not to be had here'
  return process.geteuid?.() === 0
    ? `the kernel’s tracing (tracefs) is not mounted (mount -t tracefs nodev ${PLACES[0]} does that)`
    : 'the kernel’s tracing (tracefs) is for root alone'
}

function removeInstance(path: string): void {
  try {
    rmdirSync(path)
  } catch {
    // Never made, or gone.
  }
}

/** What a run has left whose keeper was killed as well. */
function sweep(folder: string): void {
  for (const name of readdirSync(folder)) {
    const pid = name.startsWith(NAME) ? Number(name.slice(NAME.length)) : Number.NaN
    if (Number.isInteger(pid) && !existsSync(`/proc/${pid}`)) removeInstance(`${folder}/${name}`)
  }
}

const LINE =
  /^ *(.{1,16}?)-(\d+) +(?:\([^)]*\) +)?\[\d+\].* inet_sock_set_state: family=AF_INET(6?) protocol=(\S+) sport=(\d+) dport=\d+ saddr=(\S+) daddr=\S+ saddrv6=(\S+) .*newstate=TCP_LISTEN/

/** Reads a line of `trace_pipe` (include/trace/events/sock.h). `undefined`: it tells of nothing that listens. */
export function readEvent(line: string): ListenEvent | undefined {
  const [, program = '', thread, six, , port, four, sixAddress] = LINE.exec(line) ?? []
  const address = parseAddress((six === '6' ? sixAddress : four) ?? '')
  if (address === undefined || thread === undefined || port === undefined) return undefined
  return { thread: Number(thread), program, address: unmap(address), port: Number(port) }
}

const TRIAL_MS = 500

/** Listens once on loopback itself and waits for the event of it: whether events arrive is seen, not believed. */
export async function eventsArrive(seen: (port: number) => Promise<void>): Promise<boolean> {
  const server = createServer()
  const port = await new Promise<number | undefined>((resolve) => {
    server.once('error', () => resolve(undefined))
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : undefined)
    })
  })
  if (port === undefined) return false
  const timer = new AbortController()
  try {
    return await Promise.race([
      seen(port).then(() => true),
      new Promise<false>((resolve) => {
        const timeout = setTimeout(() => resolve(false), TRIAL_MS)
        timer.signal.addEventListener('abort', () => clearTimeout(timeout))
      }),
    ])
  } finally {
    timer.abort()
    server.close()
  }
}
