import inspector from 'node:inspector'
import { type Place, placeOf } from './place.ts'
import { verdictOf } from './policy.ts'
import { refusal, sayRebound } from './say.ts'
import { type Keeper, shownLoopback } from './tcp.ts'

/** What Node takes when nothing is said (`--inspect`). */
const DEFAULT_PORT = 9229
const LOOPBACK = '127.0.0.1'

/**
 * The debugger runs any code for whoever reaches it. Node opens it itself (`--inspect=0.0.0.0`), before anything of this runs: it is opened anew on
 * loopback. What a program opens is held there from the start.
 */
export function keepInspector(keeper: Keeper): void {
  const { open } = inspector
  const url = inspector.url()
  if (url !== undefined) {
    const { hostname, port } = new URL(url)
    const address = hostname.replace(/^\[(.*)\]$/, '$1')
    if (isExposed(address, Number(port), keeper)) {
      inspector.close()
      say(address, Number(port), keeper, undefined)
      open(Number(port), LOOPBACK)
    }
  }
  const openWithin: typeof open = (port = DEFAULT_PORT, host = LOOPBACK, wait) => {
    if (!isExposed(host, port, keeper)) return open(port, host, wait)
    say(host, port, keeper, placeOf(openWithin))
    return open(port, LOOPBACK, wait)
  }
  Object.assign(inspector, { open: openWithin })
}

function isExposed(address: string, port: number, { allowed }: Keeper): boolean {
  return address !== 'localhost' && verdictOf({ address, port, ipv6Only: false }, allowed).kind === 'instead'
}

/** @throws GuardError `host-exposed` where that was asked for. */
function say(address: string, port: number, keeper: Keeper, place: Place | undefined): void {
  const event = { address, port, ipv6Only: false, protocol: 'inspector', place } as const
  if (keeper.throws) throw refusal(event, '')
  sayRebound(event, shownLoopback(LOOPBACK, port))
}
