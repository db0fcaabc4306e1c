import inspector from 'node:inspector'
import { verdictOf } from './policy.ts'
import { refusal, sayRebound } from './say.ts'
import { type Keeper, shownLoopback } from './tcp.ts'

/** The debugger runs any code for whoever reaches it, and Node opens it itself (`--inspect=0.0.0.0`): it is opened anew on loopback. */
export function keepInspector(keeper: Keeper): void {
  const url = inspector.url()
  if (url === undefined) return
  const { hostname, port } = new URL(url)
  const wanted = { address: hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port), ipv6Only: false }
  if (wanted.address === 'localhost' || verdictOf(wanted, keeper.allowed).kind === 'as-asked') return
  const event = { ...wanted, protocol: 'inspector', place: undefined } as const
  inspector.close()
  if (keeper.throws) throw refusal(event, '')
  sayRebound(event, shownLoopback('127.0.0.1', wanted.port))
  inspector.open(wanted.port, '127.0.0.1')
}
