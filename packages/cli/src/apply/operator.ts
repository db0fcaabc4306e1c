import { readFileSync } from 'node:fs'
import { type Address, formatAddress, parseAddress, splitZone, unmap } from '@sallyport/core/network'
import { run } from '../collect/run.ts'
import { Failure } from '../failure.ts'

/** A connection of somebody who works on this machine, which a change must not cut: it stays, and can be made again. */
export interface Connection {
  readonly client: Address
  /** Absent: none is open now. */
  readonly clientPort?: number
  /** The address of this machine that it leads to. */
  readonly server: Address
  /** The interface of a link-local address (RFC 4007 §11). */
  readonly zone?: string
  readonly port: number
  /** For people: `your SSH session`. */
  readonly what: string
}

/** So many are tried. */
const MOST = 64

/**
 * The SSH session that this process was started from, those of everybody else that are open now, and those that are named
 * (`ADDRESS:PORT`: who connects, and to which port of this machine).
 */
export async function presentConnections(named: readonly string[]): Promise<readonly Connection[]> {
  const open = await establishedConnections()
  const own = ownSession()
  const found = [
    ...(own === undefined ? [] : [own]),
    ...open.flatMap(({ connection, program }) => (/^sshd/.test(program) ? [{ ...connection, what: 'an SSH session' }] : [])),
  ]
  for (const text of named) found.push(await namedConnection(text, open))
  const distinct = new Map<string, Connection>()
  for (const each of found) {
    const key = [formatAddress(each.client), formatAddress(each.server), each.port].join(' ')
    if (!distinct.has(key)) distinct.set(key, each)
  }
  if (distinct.size > MOST)
    throw new Failure(`${distinct.size} SSH sessions are open, more than the ${MOST} that are tried`, 'close some of them, and try again')
  return [...distinct.values()]
}

/** sshd(8), ENVIRONMENT: `client-address client-port server-address server-port`. sudo(8) takes it away, so whoever has started us is asked too. */
function ownSession(): Connection | undefined {
  for (let pid = process.pid, depth = 0; pid > 1 && depth < 64; pid = parentOf(pid), depth++) {
    const [, told] = /(?:^|\0)SSH_CONNECTION=([^\0]*)/.exec(readProc(`/proc/${pid}/environ`)) ?? []
    const [clientText, clientPort, serverText, port] = (told ?? '').split(' ')
    const [client, server] = [clientText, serverText].map((text) => addressOf(text ?? ''))
    if (client !== undefined && server !== undefined && isPort(clientPort) && isPort(port))
      return { client, clientPort: Number(clientPort), server, port: Number(port), ...zoneOf(clientText ?? ''), what: 'your SSH session' }
  }
  return undefined
}

function parentOf(pid: number): number {
  // proc(5), stat: the name in parentheses may hold anything; after it state and parent.
  const stat = readProc(`/proc/${pid}/stat`)
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? 0)
}

function readProc(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}

interface Established {
  readonly connection: Omit<Connection, 'what'>
  readonly program: string
}

/** ss(8): `0 0 192.0.2.1:22 198.51.100.7:51234 users:(("sshd",pid=12,fd=4))`, with `-n` and a state without a column for it. */
async function establishedConnections(): Promise<readonly Established[]> {
  const ran = await run('ss', ['-Htnp', 'state', 'established'])
  if (ran.kind !== 'ok') throw new Failure('the connections that are open cannot be seen', 'install iproute2, and run it as root')
  return ran.stdout.split('\n').flatMap((line) => {
    const [, , local, peer, users = ''] = line.trim().split(/\s+/)
    const [server, client] = [local, peer].map((text) => endOf(text ?? ''))
    if (server === undefined || client === undefined) return []
    const program = /^users:\(\("([^"]*)"/.exec(users)?.[1] ?? ''
    const zone = zoneOf(local ?? '')
    return [
      { program, connection: { client: client.address, clientPort: client.port, server: server.address, port: server.port, ...zone } },
    ]
  })
}

/** What `--keep` names. */
async function namedConnection(text: string, open: readonly Established[]): Promise<Connection> {
  const end = endOf(text)
  if (end === undefined)
    throw new Failure(`--keep ${text} is no address and port`, 'name who connects, and to which port: 198.51.100.7:22, or [2001:db8::7]:22')
  const what = `what --keep ${text} names`
  const same = open.find(
    ({ connection: { client, port } }) => port === end.port && client.family === end.address.family && client.value === end.address.value,
  )
  if (same !== undefined) return { ...same.connection, what }
  const ran = await run('ip', ['-o', 'route', 'get', formatAddress(end.address)])
  const source = ran.kind === 'ok' ? addressOf(/ src (\S+)/.exec(ran.stdout)?.[1] ?? '') : undefined
  if (source === undefined)
    throw new Failure(
      `there is no route to ${formatAddress(end.address)}, which --keep names`,
      'name an address that connects to this machine',
    )
  return { client: end.address, server: source, port: end.port, what }
}

/** `192.0.2.1:22`, `[2001:db8::1]:22`, `[fe80::1]%eth0:22`, `[::ffff:192.0.2.1]:22`, which is IPv4 on the wire. */
function endOf(text: string): { readonly address: Address; readonly port: number } | undefined {
  const [, host = '', port] = /^(.*):(\d{1,5})$/.exec(text) ?? []
  const address = addressOf(host.replace(/^\[([^\]]*)\]/, '$1'))
  return address === undefined || !isPort(port) ? undefined : { address, port: Number(port) }
}

/** It goes into a script of sh(1): what is no ordinary name of an interface is none. */
function zoneOf(text: string): { readonly zone?: string } {
  const zone = /%([\w.@-]{1,15})(?::|$)/.exec(text)?.[1]
  return zone === undefined ? {} : { zone }
}

function addressOf(text: string): Address | undefined {
  const address = parseAddress(splitZone(text).address)
  return address === undefined ? undefined : unmap(address)
}

function isPort(text: string | undefined): boolean {
  return /^\d{1,5}$/.test(text ?? '') && Number(text) >= 1 && Number(text) <= 65535
}
