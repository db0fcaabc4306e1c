import dgram from 'node:dgram'
import { isIP } from 'node:net'
import { placeOf } from './place.ts'
import { verdictOf } from './policy.ts'
import { refusal, sayRebound } from './say.ts'
import { type Keeper, shownLoopback } from './tcp.ts'

type BindOptions = { port?: number; address?: string; exclusive?: boolean; fd?: number }
type Bound = dgram.Socket & { readonly type: 'udp4' | 'udp6' }

/**
 * A socket that is bound gets what anybody sends to its port. One that only sends is bound by Node itself, to a port of the kernel's choice and every
 * interface: it stays as it is, or it could send nowhere.
 */
export function keepUdp(keeper: Keeper): void {
  const { prototype } = dgram.Socket as unknown as { prototype: { bind: (this: Bound, ...args: unknown[]) => dgram.Socket } }
  const { bind } = prototype
  prototype.bind = function bindWithin(this: Bound, ...args: unknown[]) {
    const place = placeOf(prototype.bind)
    const options = optionsOf(args)
    if (place.internal) return bind.apply(this, args)
    if (typeof options.fd === 'number' && options.fd > 0) {
      const result = bind.apply(this, args)
      checkBound(this, keeper, place)
      return result
    }
    const every = this.type === 'udp6' ? '::' : '0.0.0.0'
    const { address = every, port = 0 } = options
    const wanted = { address: address === '' ? every : address, port, ipv6Only: this.type === 'udp6' }
    const isName = isIP(wanted.address) === 0
    if (wanted.address.toLowerCase() === 'localhost' || (!isName && verdictOf(wanted, keeper.allowed).kind === 'as-asked'))
      return bind.apply(this, args)
    const event = { ...wanted, protocol: 'udp', place } as const
    if (keeper.throws) throw refusal(event, '')
    const loopback = this.type === 'udp6' ? '::1' : '127.0.0.1'
    sayRebound(event, shownLoopback(loopback, port))
    const callback = args.findLast((arg) => typeof arg === 'function')
    return bind.call(this, { ...options, port, address: loopback }, ...(callback === undefined ? [] : [callback]))
  }
}

/** `bind([port][, address][, callback])`, `bind(options[, callback])`. */
function optionsOf([first, second]: readonly unknown[]): BindOptions {
  if (typeof first === 'object' && first !== null) return first
  return {
    ...(typeof first === 'function' || first === undefined || first === null ? {} : { port: Number(first) }),
    ...(typeof second === 'string' ? { address: second } : {}),
  }
}

/** @throws GuardError `host-exposed` for a descriptor that was inherited and can be reached from elsewhere. */
function checkBound(socket: Bound, { allowed }: Keeper, place: ReturnType<typeof placeOf>): void {
  const { address, port } = socket.address()
  const wanted = { address, port, ipv6Only: false }
  if (verdictOf(wanted, allowed).kind === 'as-asked') return
  socket.close()
  throw refusal({ ...wanted, protocol: 'udp', place }, ', and cannot be bound anew: it was bound before it came here')
}
