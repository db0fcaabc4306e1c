import { type Condition, type Evidence, type ContainerNetwork, type RuleOrigin, type Ruleset } from '../../evidence/index.ts'
import {
  type Address,
  addressAt,
  type AddressSet,
  addressSetOf,
  hasAddress,
  positionOf,
  prefixRange,
  rangeSet,
  unionOf,
} from '../../network/index.ts'
import { addressesOf, type HostModel } from '../host.ts'
import { isUsers } from './owners.ts'
import { actionsOf, conditionsOf } from './reachable.ts'

/** Rules of a person's own that name one address of a container network which no container has. */
export interface StaleAddress {
  readonly address: Address
  readonly network: ContainerNetwork
  /** `translate`: packets are sent there. */
  readonly rules: readonly { readonly rule: RuleOrigin; readonly translates: boolean }[]
}

/** Whose addresses are handed out by the engine, and to its containers alone. */
const HANDED_OUT: ReadonlySet<string> = new Set(['bridge'])
/** Docker's own bridge between overlay networks and the machine, whose addresses no container names. */
const UNNAMED: ReadonlySet<string> = new Set(['docker_gwbridge'])

export function staleAddresses(host: HostModel): readonly StaleAddress[] {
  const networks = host.networks.filter(({ claim }) => HANDED_OUT.has(claim.driver) && !UNNAMED.has(claim.name))
  const own = host.namespaces.get(host.own)
  if (networks.length === 0 || own === undefined) return []
  const taken = unionOf([
    addressSetOf(...host.containers.flatMap(({ claim }) => claim.networks.flatMap(({ addresses }) => addresses))),
    addressSetOf(...[...host.namespaces.values()].flatMap((namespace) => addressesOf(namespace).map(({ address }) => address))),
  ])
  const found = new Map<bigint, { address: Address; network: ContainerNetwork; rules: StaleAddress['rules'][number][] }>()
  for (const { rule, addresses, translates } of own.filters.flatMap(({ claim }) => named(claim.ruleset))) {
    for (const address of addresses) {
      const network = hasAddress(taken, address) ? undefined : networkOf(address, networks)
      if (network === undefined) continue
      const known = found.get(positionOf(address)) ?? { address, network, rules: [] }
      found.set(positionOf(address), known)
      known.rules.push({ rule, translates })
    }
  }
  return [...found.values()]
}

interface Naming {
  readonly rule: RuleOrigin
  readonly addresses: readonly Address[]
  readonly translates: boolean
}

function named({ tables }: Ruleset): readonly Naming[] {
  return tables.flatMap((table) =>
    [...table.chains.values()].flatMap((chain): readonly Naming[] => {
      return chain.rules.flatMap((rule): readonly Naming[] => {
        const target = actionsOf(rule).flatMap((action) => (action.kind === 'dnat' ? (single(action.to.addresses) ?? []) : []))
        const asked = conditionsOf(rule).flatMap(addressesIn)
        const addresses = [...target, ...asked]
        if (addresses.length === 0 || !isUsers(rule, table, chain.name)) return []
        return [{ rule: rule.origin, addresses, translates: target.length > 0 }]
      })
    }),
  )
}

/** Addresses that it asks for one by one; what it excludes is not asked for. */
function addressesIn(condition: Condition): readonly Address[] {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return condition.of.flatMap(addressesIn)
    case 'source':
    case 'destination':
    case 'original-destination':
      return singles(condition.addresses)
    default:
      return []
  }
}

function singles(set: AddressSet): readonly Address[] {
  return set.flatMap(({ first, last }) => (first === last ? [addressAt(first)] : []))
}

function single(range: { readonly first: Address; readonly last: Address } | undefined): Address | undefined {
  return range !== undefined && range.first.value === range.last.value ? range.first : undefined
}

/** The network that hands out the address: not its own, its last, nor the first, which is the machine's. */
function networkOf(address: Address, networks: readonly Evidence<ContainerNetwork>[]): ContainerNetwork | undefined {
  return networks.find(({ claim }) =>
    claim.subnets.some((subnet) => {
      const range = prefixRange(subnet.address, subnet.prefixLength)
      return (
        hasAddress(rangeSet([range]), address) &&
        address.value > range.first.value + 1n &&
        (address.family === 6 || address.value < range.last.value)
      )
    }),
  )?.claim
}
