import type { Interface, NamespaceId, Prefix, Route, RoutingAction, RoutingRule, Socket } from '@sallyport/core/evidence'
import { type Address, BITS, parseAddress } from '@sallyport/core/network'
import type { NamespaceModel } from '@sallyport/core/reach'

export function address(text: string): Address {
  const found = parseAddress(text)
  if (found === undefined) throw new RangeError(text)
  return found
}

/** `192.0.2.0/24`, or an address alone. */
export function prefix(text: string): Prefix {
  const [head = '', length] = text.split('/')
  const found = address(head)
  return { address: found, prefixLength: length === undefined ? BITS[found.family] : Number(length) }
}

/** `local 192.0.2.1 eth0`: type, destination, device, gateway, and the table where it is another than `local` or `main`. */
export function route(text: string): Route {
  const [type = '', destination = '', device = '-', gateway = '-', table] = text.split(' ')
  const to = prefix(destination)
  return {
    claim: 'route',
    family: to.address.family,
    type: type as Route['type'],
    destination: to,
    ...(device === '-' ? {} : { device }),
    ...(gateway === '-' ? {} : { gateway: address(gateway) }),
    table: table ?? (type === 'local' || type === 'broadcast' || type === 'anycast' ? 'local' : 'main'),
    metric: 0,
  }
}

const DEFAULTS = { claim: 'routing-rule', family: 4, not: false, ownOnly: false, asks: [] } as const

export function rule(priority: number, table: string | RoutingAction, more: Partial<RoutingRule> = {}): RoutingRule {
  const action = typeof table === 'string' ? ({ kind: 'lookup', table, suppress: -1 } as const) : table
  return { ...DEFAULTS, priority, action, ...more }
}

let indexes = 0

/** An interface that is up, with addresses as `192.0.2.1/24`. */
export function device(name: string, addresses: readonly string[], more: Partial<Interface> = {}): Interface {
  return {
    claim: 'interface',
    index: ++indexes,
    name,
    up: true,
    loopback: false,
    kind: 'ether',
    addresses: addresses.map((text) => ({ ...prefix(text), scope: 'global', temporary: false })),
    programs: [],
    ...more,
  }
}

/** A namespace with these parts and nothing else. */
export function namespace(id: NamespaceId, parts: Partial<NamespaceModel>): NamespaceModel {
  return {
    id,
    kind: 'other',
    label: id,
    container: undefined,
    interfaces: [],
    routes: [],
    rules: [],
    filters: [],
    settings: new Map(),
    sockets: [],
    gaps: [],
    ...parts,
  }
}

/** The machine that the namespaces make, the first of them its own. */
export function machine(...namespaces: readonly NamespaceModel[]) {
  const all = new Map(namespaces.map((item) => [item.id, item]))
  return {
    name: 'server',
    capturedAt: 0,
    own: namespaces[0]?.id ?? '',
    namespaces: all,
    boundary: { claim: 'boundary', kind: 'none', label: '' },
    processes: new Map(),
    containers: [],
    networks: [],
  } as const
}

export function socket(protocol: Socket['protocol'], at: string, port: number): Socket {
  return {
    claim: 'socket',
    protocol,
    address: address(at),
    port,
    accepts: at.includes(':') ? 'dual' : 'ipv4',
    inode: `${port}`,
    processes: [],
  }
}
