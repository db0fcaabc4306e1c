import {
  type ListenAddress,
  type PortRange,
  type ProxyListener,
  type ProxyTarget,
  type Resolved,
  resolveValue,
  type Surroundings,
} from '../../evidence/index.ts'
import { type Address, parseAddress } from '../../network/index.ts'

/** Where a target is, with the environment put in. A host name stays one: who it is, is for the reader of other evidence to say. */
export type TargetEndpoint =
  | { readonly kind: 'inet'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'unknown'; readonly reason: string }

const NOWHERE: Surroundings = { environment: new Map(), arguments: new Map() }

/** Every place where the target can be, given the proxy's surroundings at start; at least one. */
export function targetEndpoints(target: ProxyTarget, surroundings: Surroundings = NOWHERE): readonly TargetEndpoint[] {
  if (target.kind === 'unknown') return [{ kind: 'unknown', reason: target.reason }]
  if (target.kind === 'unix') return [{ kind: 'unix', path: target.path }]
  const ports = resolveValue(target.port, surroundings)
  return resolveValue(target.host, surroundings).flatMap((host): readonly TargetEndpoint[] => {
    const text = textOf(host)
    if (text === undefined) return [{ kind: 'unknown', reason: host.kind === 'unknown' ? host.reason : 'no host is given' }]
    if (parseAddress(text) !== undefined) return ports.map((port) => endpoint(text, port))
    // `${BACKEND_URL}` may be a whole URL, `${BACKEND}` a host with its port.
    const [, scheme, name = '', port] = /^(?:([a-z]+):\/\/)?(\[[^\]]*\]|[^:/?]*)(?::([0-9]+))?/i.exec(text) ?? []
    const bare = name.replace(/^\[(.*)\]$/, '$1')
    if (port !== undefined) return [endpoint(bare, { kind: 'known', value: port, origin: target.origin })]
    return scheme?.toLowerCase() === 'https' ? [{ kind: 'inet', host: bare, port: 443 }] : ports.map((each) => endpoint(bare, each))
  })
}

function endpoint(host: string, port: Resolved): TargetEndpoint {
  const number = portOf(port)
  if (host === '') return { kind: 'unknown', reason: 'no host is given' }
  return number === undefined
    ? { kind: 'unknown', reason: port.kind === 'unknown' ? port.reason : 'no port is given' }
    : { kind: 'inet', host, port: number }
}

/** Where a listener is, with the environment put in; `undefined` for what stays undecided. At least one. */
export function listenAddresses(
  listener: ProxyListener,
  surroundings: Surroundings = NOWHERE,
): readonly (Exclude<ListenAddress, { readonly kind: 'undecided' }> | undefined)[] {
  const { at } = listener
  if (at.kind !== 'undecided') return [at]
  return resolveValue(at.port, surroundings).flatMap((port) => {
    // `${LISTEN}` may be an address with its port.
    const [, before, number] = /^(?:(.*):)?([0-9]+)$/.exec(textOf(port) ?? '') ?? []
    const ports = portRange(number)
    if (ports === undefined) return [undefined]
    if (before !== undefined) return [addressAt(before, ports)]
    return resolveValue(at.address, surroundings).map((address) => {
      if (address.kind === 'absent') return { kind: 'inet', address: EVERY_FOUR, ports } as const
      const text = textOf(address)
      return text === undefined ? undefined : addressAt(text, ports)
    })
  })
}

const EVERY_FOUR: Address = { family: 4, value: 0n }

function addressAt(text: string, ports: PortRange): Exclude<ListenAddress, { readonly kind: 'undecided' | 'unix' }> {
  if (text === '*') return { kind: 'inet', address: EVERY_FOUR, ports }
  const address = parseAddress(text.replace(/^\[(.*)\]$/, '$1'))
  return address === undefined ? { kind: 'name', name: text, ports } : { kind: 'inet', address, ports }
}

function textOf(value: Resolved): string | undefined {
  return value.kind === 'known' && value.value !== '' ? String(value.value) : undefined
}

function portOf(value: Resolved): number | undefined {
  return portRange(textOf(value))?.first
}

function portRange(text: string | undefined): PortRange | undefined {
  const port = text !== undefined && /^[0-9]{1,5}$/.test(text) ? Number(text) : 0
  return port >= 1 && port <= 65535 ? { first: port, last: port } : undefined
}
