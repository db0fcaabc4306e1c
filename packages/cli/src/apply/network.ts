import type { Interface } from '@sallyport/core/evidence'
import { type Address, formatAddress, isLoopback } from '@sallyport/core/network'
import { parseIpJson, readInterfaces } from '@sallyport/core/systems'
import { must, HERE, type Namespace } from './namespace.ts'
import type { Connection } from './operator.ts'

const NEXT = 'install iproute2, and run it as root'

/** The interfaces of this machine, as rules name them. */
export async function ownInterfaces(): Promise<readonly Interface[]> {
  const text = await must(HERE.run('ip -j -d address show'), 'the network interfaces cannot be listed', NEXT)
  return readInterfaces(parseIpJson(text), undefined).interfaces
}

/** A connection, and the interface of this machine that its packets leave by. */
export interface Routed {
  readonly connection: Connection
  readonly device: string
}

export async function routed(connection: Connection): Promise<Routed> {
  const [client, server] = [connection.client, connection.server].map(formatAddress)
  const by = connection.zone === undefined ? '' : ` oif ${connection.zone}`
  const text = await must(
    HERE.run(`ip -o route get ${client} from ${server}${by}`),
    `there is no way back to ${client}, of ${connection.what}`,
    'name another connection, or close this one',
  )
  return { connection, device: / dev (\S+)/.exec(text)?.[1] ?? 'lo' }
}

/** The interfaces that they come in by, without loopback: the first leads to `out0` of the outside, and so on. */
export function devicesOf(connections: readonly Routed[]): readonly string[] {
  return [...new Set(connections.map(({ device }) => device))].filter((name) => name !== 'lo')
}

/** fe80::/10 (RFC 4291 §2.5.6): only with an interface is it an address to connect to. */
export function isLinkLocal({ family, value }: Address): boolean {
  return family === 6 && value >> 118n === 0x3fan
}

/** Locally administered (RFC 7042 §2.1): ours, and that of whoever is at the other end. */
const OURS = '02:00:00:00:00:01'
const THEIRS = '02:00:00:00:00:02'

/**
 * The interfaces of this machine once more: names and addresses, without anything behind them. Those that connections come in by lead to
 * `outside`, where the clients are.
 */
export async function copyNetwork(
  to: Namespace,
  interfaces: readonly Interface[],
  outside?: { readonly namespace: Namespace; readonly connections: readonly Routed[] },
): Promise<void> {
  const inside: string[] = []
  const beyond: string[] = []
  const connections = outside?.connections ?? []
  const devices = devicesOf(connections)
  for (const { name, index, addresses } of interfaces) {
    const at = devices.indexOf(name)
    // Every kernel that can try a connection has veth; not every one has dummy.
    if (name !== 'lo' && at < 0) inside.push(`link add name ${name} type veth peer name sallyport-${index}`)
    if (at >= 0 && outside !== undefined)
      inside.push(`link add name ${name} address ${OURS} type veth peer name out${at} address ${THEIRS} netns ${outside.namespace.pid}`)
    inside.push(`link set ${name} up`)
    for (const { address, prefixLength } of addresses)
      if (!isLoopback(address)) inside.push(`address add ${text(address)}/${prefixLength} dev ${name}${nodad(address)}`)
  }
  devices.forEach((_, at) => beyond.push(`link set out${at} up`))
  for (const { connection, device } of connections) {
    const at = devices.indexOf(device)
    if (at < 0) continue
    const { client, server } = connection
    beyond.push(`address replace ${text(client)}/${client.family === 4 ? 32 : 128} dev out${at}${nodad(client)}`)
    beyond.push(`route replace ${text(server)} dev out${at}`, `neigh replace ${text(server)} lladdr ${OURS} dev out${at}`)
    inside.push(`route replace ${text(client)} dev ${device}`, `neigh replace ${text(client)} lladdr ${THEIRS} dev ${device}`)
  }
  await batch(to, inside)
  if (outside !== undefined) await batch(outside.namespace, beyond)
}

const text = (address: Address): string => formatAddress(address)
const nodad = ({ family }: Address): string => (family === 6 ? ' nodad' : '')

async function batch(namespace: Namespace, lines: readonly string[]): Promise<void> {
  const script = `ip -batch - <<'END'\n${lines.join('\n')}\nEND`
  await must(
    namespace.run(script),
    'this machine’s network cannot be copied to try the change in',
    'report this, with what `ip address` prints',
  )
}
