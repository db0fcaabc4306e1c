/**
 * `node --import @sallyport/guard/preload server.js`, or with `--require`, or in `NODE_OPTIONS`: whatever this process, its threads and the Node
 * processes that it starts want to listen on is held to loopback, and one line on stderr tells each change. `SALLYPORT_ALLOW`, a JSON list of
 * `{ "address", "port"? }`, is what may be bound beside it; with `SALLYPORT_ON_EXPOSED=throw` everything else is refused instead of changed.
 */
import { keepCluster } from './preload/cluster.ts'
import { keepChildren } from './preload/inherit.ts'
import { keepInspector } from './preload/inspector.ts'
import { allowedOf } from './preload/policy.ts'
import { keepTcp } from './preload/tcp.ts'
import { keepUdp } from './preload/udp.ts'

const LOADED = Symbol.for('sallyport.preload')

// Loaded twice where it was asked for by `--import` and by `--require`.
if (!Object.hasOwn(globalThis, LOADED)) {
  Object.defineProperty(globalThis, LOADED, { value: true })
  const keeper = { allowed: allowedOf(process.env['SALLYPORT_ALLOW']), throws: process.env['SALLYPORT_ON_EXPOSED'] === 'throw' }
  keepTcp(keeper)
  keepUdp(keeper)
  keepCluster(keeper)
  keepInspector(keeper)
  keepChildren(import.meta.filename)
}
