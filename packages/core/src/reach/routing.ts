import {
  type Address,
  type AddressRange,
  type AddressSet,
  addressSet,
  addressSetOf,
  BITS,
  classOf,
  difference,
  FAMILIES,
  type Family,
  FAMILY_ADDRESSES,
  hasAddress,
  inRange,
  intersection,
  isSubset,
  LINK_LOCAL,
  NO_ADDRESSES,
  overlaps,
  prefixRange,
  rangeSet,
  type SourceSet,
  sourceAddresses,
  union,
} from '../network/index.ts'
import { type Prefix, type Route, type RoutingAction, type RoutingRule, type Shown, show } from '../evidence/index.ts'
import { deviceNamed, type NamespaceModel } from './host.ts'

/** What the routing policy is asked of a packet that came in. */
export interface Asked {
  readonly inbound: string
  readonly destination: Address
  readonly sources: SourceSet
  /** `undefined`: not known. */
  readonly mark: number | undefined
}

/** What one table says: equal routes, of which the kernel takes one. None: no table answers. */
export type Answer = readonly Route[]

export interface Routed {
  /** More than one where a rule could not be decided. */
  readonly answers: readonly Answer[]
  /** Set where there may be others. */
  readonly doubt?: Shown
}

const LOCAL = 'local'

/** As many next hops of one route are looked at. */
const MOST_EQUAL = 256

/** Addresses that a namespace takes packets for. */
export interface Taken {
  readonly range: AddressRange
  /** Where they are valid: in the namespace, on the link of `device`, or further. */
  readonly scope: 'loopback' | 'link' | 'wider'
  readonly device: string | undefined
}

/** Every namespace begins with these (fib_default_rules_init of net/ipv4/fib_rules.c and net/ipv6/fib6_rules.c). */
const DEFAULT_RULES: readonly RoutingRule[] = FAMILIES.flatMap((family) =>
  [LOCAL, 'main', 'default'].map((table, index): RoutingRule => {
    const action: RoutingAction = { kind: 'lookup', table, suppress: -1 }
    return { claim: 'routing-rule', family, priority: index === 0 ? 0 : 32_765 + index, not: false, ownOnly: false, asks: [], action }
  }),
)

/** The routing of one namespace as the kernel does it: rules in their order, in a table the longest prefix, then the lowest metric. */
export class Routing {
  readonly #rules: Readonly<Record<Family, readonly RoutingRule[]>>
  /** By family and table. */
  readonly #tables: ReadonlyMap<string, Table>
  readonly #hasVrf: boolean
  readonly #locals = new Map<Route['type'], AddressSet>()
  readonly #routes = new Map<Family, readonly Route[]>()
  readonly #taken = new Map<Family, readonly Taken[]>()

  constructor(namespace: NamespaceModel) {
    const rulesOf = (family: Family): readonly RoutingRule[] => {
      const read = namespace.rules.filter((rule) => rule.family === family)
      return (read.length > 0 ? read : DEFAULT_RULES.filter((rule) => rule.family === family)).toSorted((a, b) => a.priority - b.priority)
    }
    this.#rules = { 4: rulesOf(4), 6: rulesOf(6) }
    this.#hasVrf = namespace.interfaces.some((device) => device.kind === 'vrf')
    const tables = new Map<string, Ranged[]>()
    for (const route of [...namespace.routes, ...FAMILIES.flatMap((family) => missingLocals(namespace, family))]) {
      const key = `${route.family} ${route.table}`
      const ranged = { route, range: prefixRange(route.destination.address, route.destination.prefixLength) }
      const table = tables.get(key)
      if (table === undefined) tables.set(key, [ranged])
      else table.push(ranged)
    }
    this.#tables = new Map(Array.from(tables, ([key, table]) => [key, new Table(table)]))
  }

  /** Where a packet goes that came in. */
  route(asked: Asked): Routed {
    const answers: Answer[] = []
    let doubt: Shown | undefined
    for (const rule of this.#rules[asked.destination.family]) {
      const holds = this.#holds(rule, asked)
      if (holds === false) continue
      const answer = this.#answer(rule, asked.destination)
      if (answer === 'none') continue
      if (answer === 'unknown' || holds === undefined)
        doubt ??= show(`rule ${rule.priority} of the routing policy, which may send them elsewhere`)
      if (answer !== 'unknown') answers.push(answer)
      if (answer !== 'unknown' && holds === true) return { answers, ...(doubt === undefined ? {} : { doubt }) }
    }
    return { answers: [...answers, []], ...(doubt === undefined ? {} : { doubt }) }
  }

  /** Whether packets are routed by nothing but the tables local, main and default. */
  isPlain(family: Family): boolean {
    return this.#rules[family].every(
      (rule) =>
        rule.ownOnly || (rule.action.kind === 'lookup' && isUnconditional(rule)) || (rule.action.kind === 'lookup-vrf' && !this.#hasVrf),
    )
  }

  /** The routes of every table that a rule names. */
  routes(family: Family): readonly Route[] {
    const found = this.#routes.get(family) ?? this.#named(family)
    this.#routes.set(family, found)
    return found
  }

  #named(family: Family): readonly Route[] {
    const named = new Set(this.#rules[family].flatMap(({ action }) => (action.kind === 'lookup' ? [action.table] : [])))
    return [...this.#tables].flatMap(([key, table]) =>
      named.has(key.slice(2)) && key.startsWith(`${family} `) ? table.rows.map(({ route }) => route) : [],
    )
  }

  /** What the namespace takes packets for, whoever else has the address: its local and anycast routes. */
  taken(family: Family): readonly Taken[] {
    const found =
      this.#taken.get(family) ??
      this.routes(family).flatMap(({ type, destination, device }): readonly Taken[] => {
        if (type !== 'local' && type !== 'anycast') return []
        const { address, prefixLength } = destination
        const scope = classOf(address) === 'loopback' ? 'loopback' : isLinkBound(address) ? 'link' : 'wider'
        return [{ range: prefixRange(address, prefixLength), scope, device }]
      })
    this.#taken.set(family, found)
    return found
  }

  /** What the local table says is of this type: rules of netfilter ask nothing else (inet_addr_type in fib_frontend.c). */
  locals(type: Route['type']): AddressSet {
    const known = this.#locals.get(type)
    if (known !== undefined) return known
    const rows = FAMILIES.flatMap((family) => this.#tables.get(`${family} ${LOCAL}`)?.rows ?? [])
    const found = rangeSet(rows.flatMap(({ route, range }) => (route.type === type ? [range] : [])))
    this.#locals.set(type, found)
    return found
  }

  /** The addresses that the namespace would answer through the device, or with `undefined` through any, as far as unconditional rules say. */
  through(device: string | undefined, family: Family): AddressSet {
    let left: AddressSet = FAMILY_ADDRESSES[family]
    let found: AddressSet = NO_ADDRESSES
    for (const { action } of this.#rules[family].filter(isUnconditional)) {
      if (action.kind !== 'lookup') continue
      let asked = left
      for (const { route, range, equal } of groups(this.#tables.get(`${family} ${action.table}`)?.rows ?? [])) {
        const here = intersection(asked, rangeSet([range]))
        asked = difference(asked, here)
        if (isNoAnswer(route, action.suppress)) continue
        left = difference(left, here)
        if (route.type === 'unicast' && (device === undefined || equal.some((one) => one.device === device))) found = union(found, here)
      }
    }
    return found
  }

  #answer({ action, family }: RoutingRule, destination: Address): Answer | 'none' | 'unknown' {
    switch (action.kind) {
      case 'lookup': {
        const group = this.#tables.get(`${family} ${action.table}`)?.best(destination)
        return group === undefined || isNoAnswer(group.route, action.suppress) ? 'none' : group.equal
      }
      case 'lookup-vrf':
        return this.#hasVrf ? 'unknown' : 'none'
      case 'nop':
        return 'none'
      case 'other':
        return 'unknown'
      case 'blackhole':
      case 'unreachable':
      case 'prohibit':
        return []
      default:
        return action satisfies never
    }
  }

  /** Whether the rule holds for such a packet (fib4_rule_match, fib6_rule_match); `undefined`: it cannot be told. */
  #holds(rule: RoutingRule, { inbound, destination, sources, mark }: Asked): boolean | undefined {
    const answers = [
      !rule.ownOnly,
      rule.inbound === undefined || rule.inbound === inbound,
      rule.to === undefined || inRange(rangeOf(rule.to), destination),
      rule.from === undefined || among(sources, rangeOf(rule.from)),
      rule.mark === undefined || (mark === undefined ? undefined : ((mark ^ rule.mark.value) & rule.mark.mask) === 0),
      rule.asks.length === 0 ? true : undefined,
    ]
    const all = answers.includes(false) ? false : answers.includes(undefined) ? undefined : true
    return rule.not && all !== undefined ? !all : all
  }
}

/** The routes of one family in one table. */
class Table {
  /** The longest prefix first, then the lower metric. */
  readonly rows: readonly Ranged[]
  /** By length of the prefix, the longest first, and its first address: where the first of its rows stands. */
  readonly #prefixes = new Map<number, Map<bigint, number>>()
  readonly #known = new WeakMap<Address, Group | undefined>()

  constructor(rows: readonly Ranged[]) {
    this.rows = rows.toSorted(({ route: a }, { route: b }) => inOrder(a, b))
    for (const [index, { route, range }] of this.rows.entries()) {
      const { prefixLength } = route.destination
      const prefixes = this.#prefixes.get(prefixLength) ?? new Map<bigint, number>()
      this.#prefixes.set(prefixLength, prefixes)
      if (!prefixes.has(range.first.value)) prefixes.set(range.first.value, index)
    }
  }

  /** The longest prefix that has the address. Every port of the machine asks for the same addresses. */
  best(address: Address): Group | undefined {
    if (this.#known.has(address)) return this.#known.get(address)
    const found = this.#find(address)
    this.#known.set(address, found)
    return found
  }

  /** As many questions as there are lengths of prefixes. */
  #find(address: Address): Group | undefined {
    for (const [length, prefixes] of this.#prefixes) {
      const at = prefixes.get(prefixRange(address, length).first.value)
      if (at !== undefined) return groups(this.rows.slice(at, at + MOST_EQUAL))[0]
    }
    return undefined
  }
}

interface Ranged {
  readonly route: Route
  readonly range: ReturnType<typeof prefixRange>
}

const known = new WeakMap<NamespaceModel, Routing>()

export function routingOf(namespace: NamespaceModel): Routing {
  const found = known.get(namespace) ?? new Routing(namespace)
  known.set(namespace, found)
  return found
}

/** Where no local table was read, the addresses of the interfaces tell what it holds. */
function missingLocals(namespace: NamespaceModel, family: Family): readonly Route[] {
  if (namespace.routes.some((route) => route.family === family && route.table === LOCAL)) return []
  const own = namespace.interfaces.flatMap((device) =>
    device.addresses
      .filter(({ address }) => address.family === family)
      .map(({ address }) => ({ destination: { address, prefixLength: BITS[family] }, device: device.name })),
  )
  const loopback = {
    destination:
      family === 4 ? { address: { family, value: 0x7f00_0000n }, prefixLength: 8 } : { address: { family, value: 1n }, prefixLength: 128 },
    device: 'lo',
  }
  return [...own, loopback].map((item) => ({ claim: 'route', family, type: 'local', table: LOCAL, metric: 0, ...item }))
}

function isUnconditional({ not, from, to, inbound, mark, ownOnly, asks }: RoutingRule): boolean {
  return !not && !ownOnly && asks.length === 0 && [from, to, inbound, mark].every((one) => one === undefined)
}

/** The longest prefix first, those of one prefix together, the lower metric first. */
function inOrder(a: Route, b: Route): number {
  const [one, other] = [a.destination, b.destination]
  if (one.prefixLength !== other.prefixLength) return other.prefixLength - one.prefixLength
  if (one.address.value !== other.address.value) return one.address.value < other.address.value ? -1 : 1
  return a.metric - b.metric
}

interface Group extends Ranged {
  /** Itself and those beside it. */
  readonly equal: Answer
}

/** Routes of one prefix and metric are equal; those of a higher metric are not asked. */
function groups(table: readonly Ranged[]): readonly Group[] {
  const found: (Ranged & { readonly equal: Route[] })[] = []
  for (const { route, range } of table) {
    const last = found.at(-1)
    if (last !== undefined && isEqual(last.route, route)) last.equal.push(route)
    else found.push({ route, range, equal: [route] })
  }
  return found
}

/** The next rule is asked (fib_table_lookup, fib4_rule_suppress). */
function isNoAnswer({ type, destination }: Route, suppress: number): boolean {
  return type === 'throw' || destination.prefixLength <= suppress
}

function isEqual(a: Route, b: Route): boolean {
  const [one, other] = [a.destination, b.destination]
  return one.prefixLength === other.prefixLength && one.address.value === other.address.value && a.metric === b.metric
}

function rangeOf({ address, prefixLength }: Prefix): ReturnType<typeof prefixRange> {
  return prefixRange(address, prefixLength)
}

function among(sources: SourceSet, range: ReturnType<typeof prefixRange>): boolean | undefined {
  const asked = rangeSet([range])
  const all = sourceAddresses(sources)
  return isSubset(all, asked) ? true : overlaps(all, asked) ? undefined : false
}

const MULTICAST: AddressSet = addressSet('224.0.0.0/4', 'ff00::/8')
/** The limited broadcast address (RFC 919 §7). */
export const EVERYBODY: AddressSet = addressSet('255.255.255.255')

/** Valid on its own link only. Of IPv4's 169.254.0.0/16 Linux takes packets at every interface, as of any address (RFC 3927 §2.6.2 asks for less). */
export function isLinkBound(address: Address): boolean {
  return address.family === 6 && hasAddress(LINK_LOCAL, address)
}

/** How many take a packet for the address. TCP is for `unicast` alone. */
export type Cast = 'unicast' | 'broadcast' | 'anycast' | 'multicast'

/** Sent by neighbours only: routers pass on neither broadcasts (RFC 2644) nor, unless told to, groups. */
export function isGroup(cast: Cast): boolean {
  return cast === 'broadcast' || cast === 'multicast'
}

export function castOf(namespace: NamespaceModel, address: Address): Cast {
  if (hasAddress(MULTICAST, address)) return 'multicast'
  if (hasAddress(EVERYBODY, address) || hasAddress(routingOf(namespace).locals('broadcast'), address)) return 'broadcast'
  return hasAddress(routingOf(namespace).locals('anycast'), address) ? 'anycast' : 'unicast'
}

/** Groups that every interface takes (RFC 1112 §4, RFC 4291 §2.7.1). */
export const EVERY_GROUP: AddressSet = addressSet('224.0.0.1', 'ff01::1', 'ff02::1')

/** Whether an interface takes packets for a group; `undefined`: its groups were not read. */
export function takesGroup(namespace: NamespaceModel, device: string, address: Address): boolean | undefined {
  if (hasAddress(EVERY_GROUP, address)) return true
  const groups = deviceNamed(namespace, device)?.groups
  return groups && hasAddress(addressSetOf(...groups), address)
}
