import { lookup } from 'node:dns/promises'
import { networkInterfaces } from 'node:os'
import { type Address, formatAddress, isLoopback, parseAddress, splitZone } from '@sallyport/core/network'
import { readProcNet } from '@sallyport/core/systems'
import { readTcp } from '../collect/machine/proc.ts'
import { isReached, type Target } from './exchange.ts'
import type { Result } from './verdict.ts'

/** Addresses that are tried. */
const MOST = 4

/** Whether the server is one of this machine: only then can be seen what it binds, and is it meant to be local. */
export async function isLocal({ host }: Target): Promise<boolean> {
  const all = await lookup(host, { all: true }).catch(() => [])
  const own = new Set(ownAddresses())
  return all.some(({ address }) => own.has(address) || isLoopbackText(address))
}

function isLoopbackText(text: string): boolean {
  const address = parseAddress(text)
  return address !== undefined && isLoopback(address)
}

/** What this machine's interfaces have beyond loopback; link-local addresses need a zone and are left out. */
function ownAddresses(): readonly string[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
  return all.flatMap(({ address, internal }) => (internal || /^fe[89ab]/i.test(address) ? [] : [splitZone(address).address]))
}

/** What the kernel says is bound to the port, in this network namespace. */
export function checkBinding({ port }: Target): Result {
  const tables = ['tcp', 'tcp6'].flatMap((name) => {
    const text = readTcp(`/proc/self/net/${name}`)
    return text === undefined ? [] : [readProcNet(text, 'tcp')]
  })
  const bound = tables.flatMap(({ rows }) => rows.filter((row) => row.port === port).map(({ address }) => address))
  if (bound.length === 0)
    return { id: 'binding', verdict: 'unknown', seen: [`no socket on port ${port} is seen here: is it in a container?`] }
  const beyond = bound.filter((address) => !isLoopback(address))
  const seen = (beyond.length > 0 ? beyond : bound).map((address) => `bound to ${endpoint(address, port)}`)
  return { id: 'binding', verdict: beyond.length > 0 ? 'fail' : 'pass', seen }
}

/** Whether something takes connections at the machine's own other addresses: what a neighbour would find, but for packet filters. */
export async function checkNeighbours({ port }: Target): Promise<Result> {
  const addresses = ownAddresses().slice(0, MOST)
  if (addresses.length === 0) return { id: 'neighbours', verdict: 'skipped', seen: ['this machine has no other address'] }
  const reached = await Promise.all(addresses.map((address) => isReached(address, port)))
  const open = addresses.filter((_, index) => reached[index])
  const seen = (open.length > 0 ? open : addresses).map((text) => {
    const address = parseAddress(text)
    return `${address === undefined ? text : endpoint(address, port)} ${open.length > 0 ? 'takes connections' : 'refuses'}`
  })
  return { id: 'neighbours', verdict: open.length > 0 ? 'fail' : 'pass', seen }
}

function endpoint(address: Address, port: number): string {
  const text = formatAddress(address)
  return address.family === 6 ? `[${text}]:${port}` : `${text}:${port}`
}
