import { readProcNet, readProtocols } from '@sallyport/core/systems'
import type { SeenNamespace } from './namespaces.ts'
import { count, type Observer } from './observer.ts'

interface OtherProtocol {
  readonly title: string
  /** The kernel's names of it (`struct proto`), by family. */
  readonly names: readonly string[]
  /** Peers send to its ports as they do to those of TCP: it is a way in. What hears packets of any kind, or none of the network, is not. */
  readonly isWayIn: boolean
  /** Tables of the form of /proc/net/udp. */
  readonly tables?: readonly string[]
}

/** What others can send to that is neither TCP nor UDP. MPTCP's sockets are TCP's as well. */
const OTHERS: readonly OtherProtocol[] = [
  { title: 'SCTP', names: ['SCTP', 'SCTPv6'], isWayIn: true },
  { title: 'DCCP', names: ['DCCP', 'DCCPv6'], isWayIn: true },
  { title: 'UDP-Lite', names: ['UDP-Lite', 'UDPLITEv6'], isWayIn: true, tables: ['udplite', 'udplite6'] },
  { title: 'SMC', names: ['SMC', 'SMC6'], isWayIn: true },
  { title: 'TIPC', names: ['TIPC'], isWayIn: true },
  { title: 'RDS', names: ['RDS'], isWayIn: true },
  { title: 'raw IP', names: ['RAW', 'RAWv6'], isWayIn: false },
  { title: 'packet', names: ['PACKET', 'XDP'], isWayIn: false },
]

/** Says that there are sockets whose reach is not computed. */
export function missOtherProtocols(observer: Observer, namespace: SeenNamespace): void {
  const { path, text } = namespace.table('protocols')
  if (text === undefined) return
  const counts = readProtocols(text)
  for (const { title, names, isWayIn, tables } of OTHERS) {
    const sockets = names.reduce((sum, name) => sum + (counts.get(name) ?? 0), 0)
    if (sockets === 0) continue
    const ports = new Set(
      (tables ?? []).flatMap((table) => readProcNet(namespace.table(table).text ?? '', 'udp').rows.map((row) => row.port)),
    )
    const at = ports.size === 0 ? '' : ` (port ${[...ports].toSorted((a, b) => a - b).join(', ')})`
    observer.miss(
      {
        code: 'not-understood',
        what: `who reaches ${count(sockets, `${title} socket`)}${at}: only TCP and UDP are followed`,
        affects: isWayIn ? { kind: 'sockets', namespace: namespace.id } : { kind: 'nothing' },
      },
      { kind: 'kernel', path },
      namespace.id,
    )
  }
}
