import net from 'node:net'
import { getSystemErrorName } from 'node:util'
import { inLoopback } from '../loopback.ts'
import { type Place, placeOf } from './place.ts'
import { type Allowed, type Asked, verdictOf } from './policy.ts'
import { endpoint, refusal, sayRebound } from './say.ts'

/** What the policy says and how it is kept. */
export interface Keeper {
  readonly allowed: readonly Allowed[]
  /** Refuse to listen rather than listen elsewhere. */
  readonly throws: boolean
}

/** A handle of libuv, as node:net uses it: not documented, the same in Node 20 to 24. */
export interface Handle {
  listen(backlog: number): number
  close(callback?: () => void): void
  ref?(): void
  unref?(): void
  getsockname?(out: { address?: string; port?: number }): number
  onconnection?: ((error: unknown, client: unknown) => void) | undefined
}

/** `tcp_wrap`'s flag of `IPV6_V6ONLY` (libuv, UV_TCP_IPV6ONLY). */
export const IPV6ONLY = 1
/** The form in which a worker of a cluster asks its primary for both loopbacks; to a primary without this preload it is 127.0.0.1. */
const BOTH = '::ffff:127.0.0.1'

type Bind = (address: string | null, port: number, type: number, fd?: number, flags?: number) => Handle | number
type Listen2 = (
  this: Listening,
  address: string | null,
  port: number | null,
  type: number | null,
  backlog: number,
  fd?: number,
  flags?: number,
) => unknown
type Listening = net.Server & { _handle: Handle | null }

interface NetInternals {
  _createServerHandle: Bind
  Server: { prototype: { listen: (...args: unknown[]) => net.Server; _listen2: Listen2 } }
}

const internals = net as unknown as NetInternals
const places = new WeakMap<object, Place>()

/** Every way to listen leads to `net.Server.prototype._listen2` (kept by Node for those that wrap it), with names looked up, and then to a handle. */
export function keepTcp(keeper: Keeper): void {
  const { prototype } = internals.Server
  const { listen, _listen2 } = prototype
  const createHandle = internals._createServerHandle
  prototype.listen = function listenWithin(this: net.Server, ...args: unknown[]) {
    // Where a name is looked up first, nothing of this stack is left afterwards.
    places.set(this, placeOf(prototype.listen))
    return listen.apply(this, args)
  }
  prototype._listen2 = function listenHeld(address, port, type, backlog, fd, flags) {
    const place = places.get(this)
    if (this._handle !== null) {
      checkHandle(this._handle, keeper, place)
      return _listen2.call(this, address, port, type, backlog, fd, flags)
    }
    const bound = type === -1 || typeof fd === 'number' ? undefined : heldTo(asked(address, port, flags), keeper, place)
    if (bound === undefined) return _listen2.call(this, address, port, type, backlog, fd, flags)
    const first = bound === 'both' ? '127.0.0.1' : bound
    const result = _listen2.call(this, first, port, first === '::1' ? 6 : 4, backlog, undefined, flags)
    if (bound === 'both' && this._handle !== null && !alsoAtIpv6(this, createHandle, backlog, flags ?? 0))
      // Fails as all interfaces would have, and tells the program so in the usual way.
      return _listen2.call(this, '::1', port, 6, backlog, undefined, (flags ?? 0) | IPV6ONLY)
    return result
  }
  // What a primary makes for its workers to share.
  internals._createServerHandle = (address, port, type, fd, flags) => {
    const bound = type === -1 || (typeof fd === 'number' && fd >= 0) ? undefined : heldTo(asked(address, port, flags), keeper, undefined)
    if (bound === undefined) return createHandle(address, port, type, fd, flags)
    return createHandle(bound === 'both' ? '127.0.0.1' : bound, port, bound === '::1' ? 6 : 4, fd, flags)
  }
  keepHandles(createHandle, keeper)
}

function asked(address: string | null, port: number | null, flags = 0): Asked {
  return { address: address === null || address === '' ? undefined : address, port: port ?? 0, ipv6Only: (flags & IPV6ONLY) !== 0 }
}

/**
 * Where to listen instead; `undefined`: as was asked. What was asked of a primary for its worker was said by the worker.
 *
 * @throws GuardError `host-exposed`, where the policy is to be refused rather than rebound.
 */
function heldTo(wanted: Asked, keeper: Keeper, place: Place | undefined): '127.0.0.1' | '::1' | 'both' | undefined {
  if (wanted.address === BOTH) return 'both'
  const verdict = verdictOf(wanted, keeper.allowed)
  if (verdict.kind === 'as-asked') return undefined
  const event = { ...wanted, protocol: 'tcp', place } as const
  if (keeper.throws) throw refusal(event, '')
  sayRebound(event, shownLoopback(verdict.address, wanted.port))
  return verdict.address
}

export function shownLoopback(address: '127.0.0.1' | '::1' | 'both', port: number): string {
  return address === 'both' ? `${endpoint('127.0.0.1', port)} and ${endpoint('::1', port)}` : endpoint(address, port)
}

/** The same verdict in a worker, before the primary is asked: there is the code that asked. */
export function heldInWorker(server: object, wanted: Asked, keeper: Keeper): string | undefined {
  const bound = heldTo(wanted, keeper, places.get(server))
  return bound === 'both' ? BOTH : bound
}

/**
 * A second handle for `::1`, whose connections are the first one's. False: the port is taken there, by whom `localhost` would mean too; the first handle
 * is closed then. Without IPv6 there is no second.
 */
function alsoAtIpv6(server: Listening, createHandle: Bind, backlog: number, flags: number): boolean {
  const main = server._handle
  const out: { port?: number } = {}
  if (main === null || main.getsockname?.(out) !== 0 || out.port === undefined) return true
  const second = createHandle('::1', out.port, 6, undefined, flags | IPV6ONLY)
  const failed = typeof second === 'number' ? second : second.listen(backlog || 511)
  if (typeof second === 'number' || failed !== 0) {
    if (typeof second !== 'number') second.close()
    if (getSystemErrorName(failed) !== 'EADDRINUSE') return true
    main.close()
    server._handle = null
    return false
  }
  second.onconnection = (error, client) => main.onconnection?.call(main, error, client)
  const { close, ref, unref } = main
  main.close = (callback) => {
    second.close()
    return close.call(main, callback)
  }
  main.ref = () => {
    second.ref?.()
    return ref?.call(main)
  }
  main.unref = () => {
    second.unref?.()
    return unref?.call(main)
  }
  if ((server as { _unref?: boolean })._unref === true) second.unref?.()
  return true
}

/** A socket that came from elsewhere, bound already: it cannot be bound anew. @throws GuardError `host-exposed` */
function checkHandle(handle: Handle, { allowed }: Keeper, place: Place | undefined): void {
  const out: { address?: string; port?: number } = {}
  // A pipe has no such name; a socket whose name cannot be had is nobody's.
  if (handle.getsockname === undefined || handle.getsockname(out) !== 0 || out.address === undefined) return
  if (inLoopback(out.address) === true) return
  const wanted: Asked = { address: out.address, port: out.port ?? 0, ipv6Only: false }
  if (verdictOf(wanted, allowed).kind === 'as-asked') return
  handle.close()
  throw refusal({ ...wanted, protocol: 'tcp', place }, ', and cannot be bound anew: it was bound before it came here')
}

/** The last word before the kernel: what came by no way that is known here, and descriptors that were inherited (systemd's socket activation). */
function keepHandles(createHandle: Bind, keeper: Keeper): void {
  const one = createHandle('127.0.0.1', 0, 4, undefined, 0)
  if (typeof one === 'number') return
  const prototype = Object.getPrototypeOf(one) as Handle
  one.close()
  const { listen } = prototype
  prototype.listen = function listenChecked(this: Handle, backlog: number) {
    checkHandle(this, keeper, placeOf(prototype.listen))
    return listen.call(this, backlog)
  }
}
