import { THIS_HOST } from '@sallyport/core/audit'
import {
  type Address,
  type AddressSet,
  ALL_ADDRESSES,
  FAMILIES,
  type Family,
  familyOf,
  formatAddress,
  formatAddressSet,
  isSubset,
  LOOPBACK,
  overlaps,
  parseAddress,
  parseRange,
  rangeSet,
  sameAddress,
  sourceAddresses,
} from '@sallyport/core/network'
import type { Policy } from '@sallyport/core/policy'
import type { Blocked, EndpointReach, FromMachine, Sender, Way } from '@sallyport/core/reach'
import { Failure } from '../failure.ts'

/** Who is asked about with `--from`. */
export type Asked =
  | { readonly kind: 'anyone' }
  /**
   * The machine itself, by these source addresses. To a service in its own network namespace no packet filter of others stands between.
   * `families`: those of its packets.
   */
  | { readonly kind: 'own'; readonly title: string; readonly families: readonly Family[]; readonly addresses: AddressSet }
  /** `machine`: the machine itself too. */
  | { readonly kind: 'sender'; readonly title: string; readonly sender: Sender; readonly machine?: true }
  | { readonly kind: 'addresses'; readonly title: string; readonly addresses: AddressSet }

type Word = Extract<Asked, { readonly kind: 'own' | 'sender' }>

const OWN: Word = { kind: 'own', title: 'loopback', families: FAMILIES, addresses: LOOPBACK }
const HOST: Word = { kind: 'sender', title: 'this machine and its containers', sender: 'host', machine: true }
const CONTAINERS: Word = { kind: 'sender', title: 'containers of this machine', sender: 'host' }
const PRIVATE: Word = { kind: 'sender', title: 'neighbours', sender: 'private' }

/** The policy's words for sources, and those of the reports. */
const WORDS: ReadonlyMap<string, Word> = new Map<string, Word>([
  ['loopback', OWN],
  ['localhost', OWN],
  ['host', HOST],
  ['containers', CONTAINERS],
  ['private', PRIVATE],
  ['neighbours', PRIVATE],
  ['neighbors', PRIVATE],
  ['internet', { kind: 'sender', title: 'the internet', sender: 'internet' }],
])

/** `--from` as it is meant: a word for a source, a name of the policy, an address or a prefix. Throws `Failure` for anything else. */
export function askedSender(text: string | undefined, policy: Policy | undefined): Asked {
  if (text === undefined) return { kind: 'anyone' }
  const word = WORDS.get(text.toLowerCase())
  if (word !== undefined) return word
  const range = parseRange(text)
  if (range !== undefined) {
    refuseHostBits(text, range.first)
    return ofAddresses(text, rangeSet([range]))
  }
  const named = policy === undefined ? undefined : addressesOf(text, policy)
  if (named === 'own') return { kind: 'own', title: `${text} (this machine)`, families: FAMILIES, addresses: ALL_ADDRESSES }
  if (named !== undefined) return ofAddresses(`${text} (${formatAddressSet(named).join(', ')})`, named)
  const names = policy === undefined ? [] : [...policy.sources.keys(), ...policy.hosts.keys(), ...policy.services.keys()]
  throw new Failure(
    `no source is called ${text}, and it is no address`,
    `name one with --from: internet, private, host, loopback, an address or prefix${names.length === 0 ? '' : `, or a name of the policy: ${names.join(', ')}`}`,
  )
}

/** As in the policy: `203.0.113.7/24` may be meant as the one address or as the whole prefix. */
function refuseHostBits(text: string, network: Address): void {
  const [address, length] = text.split('/')
  const written = length === undefined ? undefined : parseAddress(address ?? '')
  if (written === undefined || sameAddress(written, network)) return
  throw new Failure(
    `${text} has bits set beyond the first ${length}`,
    `name one with --from: ${formatAddress(written)} or ${formatAddress(network)}/${length}`,
  )
}

function ofAddresses(title: string, addresses: AddressSet): Asked {
  return isSubset(addresses, LOOPBACK)
    ? { kind: 'own', title, families: familyOf(addresses), addresses }
    : { kind: 'addresses', title, addresses }
}

/** What the policy's name stands for; `own` where that is the machine itself. */
function addressesOf(name: string, policy: Policy): AddressSet | 'own' | undefined {
  const source = policy.sources.get(name)
  if (source !== undefined) return rangeSet(source.addresses.map(({ value }) => value))
  const hosts = policy.hosts.has(name) ? [name] : policy.services.get(name)?.hosts
  if (hosts === undefined) return undefined
  const addresses = hosts.flatMap((host) => policy.hosts.get(host)?.addresses ?? [])
  if (addresses.length > 0) return rangeSet(addresses.map(({ value }) => ({ first: value, last: value })))
  if (hosts.includes(THIS_HOST)) return 'own'
  throw new Failure(
    `${name} has no address in the policy, so its packets cannot be told from others`,
    'give its host one under hosts: in the policy, or name an address with --from',
  )
}

/** Those of the items that have packets of those who are asked about; of an item whose packets take several paths, theirs. */
export function askedOf<T extends Way | Blocked>(items: readonly T[], asked: Asked): readonly T[] {
  switch (asked.kind) {
    case 'anyone':
      return items
    case 'own':
      return []
    case 'sender':
      return items.filter(({ sender }) => sender === asked.sender)
    case 'addresses':
      return ofThese(items, asked.addresses)
    default:
      return asked satisfies never
  }
}

function ofThese<T extends Way | Blocked>(items: readonly T[], addresses: AddressSet): readonly T[] {
  return items.flatMap((item) => {
    const isTheirs = ({ sources }: Pick<T, 'sources'>): boolean => overlaps(sourceAddresses(sources), addresses)
    const parts = (item.parts ?? []).filter(isTheirs).map((part) => ({ ...item, ...part }))
    return parts.length > 0 ? parts : isTheirs(item) ? [item] : []
  })
}

/** What the machine itself sends to an endpoint in another namespace, where that is asked about. */
export function askedOfMachine({ fromMachine }: EndpointReach, asked: Asked): FromMachine | undefined {
  if (fromMachine === undefined) return undefined
  if (asked.kind === 'own' || asked.kind === 'addresses') {
    const { ways, blocked } = fromMachine()
    return { ways: ofThese(ways, asked.addresses), blocked: ofThese(blocked, asked.addresses) }
  }
  return asked.kind === 'sender' && asked.machine === true ? fromMachine() : undefined
}
