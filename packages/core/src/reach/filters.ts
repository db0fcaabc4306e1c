import { type Condition, type Expression, type PortRange, type Protocol, type Ruleset, show, type Table } from '../evidence/index.ts'
import {
  type Address,
  type AddressSet,
  ALL_SOURCES,
  addressSet,
  addressSetOf,
  difference,
  FAMILIES,
  type Family,
  formatAddressSet,
  isEmpty,
  NO_ADDRESSES,
  parseAddress,
  sameSet,
  someAddress,
  sourceAddresses,
  SPECIAL,
  FAMILY_ADDRESSES,
  union,
  unionOf,
} from '../network/index.ts'
import type { Difference } from '../systems/index.ts'
import { destinationSets, type NetfilterHost, type PortClasses, portClasses, walkInbound } from './netfilter/index.ts'

/** In what rulesets of one machine let through to others: to its own sockets, and to containers by published ports. */
export function compareFilters(wanted: readonly Ruleset[], there: readonly Ruleset[]): readonly Difference[] {
  return FAMILIES.flatMap((family) => {
    const both = [...wanted, ...there]
    const classes = portClasses(both, family)
    const ranges = rangesOf(classes)
    const [plain, ...further] = questions(both, family)
    return PROTOCOLS.flatMap((protocol) => {
      const ask = (question: Question): Answers => {
        const known = new Map<number, Pair>()
        return ({ first }) => {
          const kind = classes.of(first)
          const pair = known.get(kind) ?? pairOf(wanted, there, { question, protocol, port: first })
          known.set(kind, pair)
          return pair
        }
      }
      const answers = ask(plain)
      const tell = (question: Question, stretches: readonly Stretch[]): readonly Difference[] =>
        joined(stretches).flatMap((stretch) => differences(protocol, question, stretch))
      return [
        ...tell(
          plain,
          ranges.map((range) => ({ ...range, ...answers(range) })),
        ),
        ...further.flatMap((question) => {
          const others = ask(question)
          // Where it is as for everybody else, it is said already.
          const apart = ranges.filter((range) => !samePair(others(range), answers(range)))
          return tell(
            question,
            apart.map((range) => ({ ...range, ...others(range) })),
          )
        }),
      ]
    })
  })
}

type Answers = (range: PortRange) => Pair

function samePair(a: Pair, b: Pair): boolean {
  return sameLetIn(a.wanted, b.wanted) && sameLetIn(a.there, b.there)
}

const PROTOCOLS: readonly Protocol[] = ['tcp', 'udp']

/** Who surely gets through, and who may. */
interface LetIn {
  readonly open: AddressSet
  readonly maybe: AddressSet
}

interface Pair {
  readonly wanted: LetIn
  readonly there: LetIn
}

type Stretch = Pair & PortRange

/** Where packets come in and what they are for. */
interface Question {
  readonly family: Family
  readonly device: string
  readonly destination: Address
  readonly isContainer: boolean
  /** For people; absent: what is meant where nothing is said. */
  readonly where?: string
}

/** A name that no rule has: a network card. */
const CARD = 'sallyport-card'
const BRIDGE = 'docker0'

/** Documentation addresses stand for those of the machine, that of Docker's first container for containers. */
const OWN: Readonly<Record<Family, Address>> = { 4: known('198.51.100.1'), 6: known('2001:db8::1') }
const CONTAINER: Readonly<Record<Family, Address>> = { 4: known('172.17.0.2'), 6: known('fd00:172:17::2') }

function known(text: string): Address {
  const address = parseAddress(text)
  if (address === undefined) throw new RangeError(text)
  return address
}

/** The plainest first. */
function questions(rulesets: readonly Ruleset[], family: Family): readonly [Question, ...Question[]] {
  const addresses = destinationSets(rulesets).flatMap((set) => {
    const address = someAddress(difference(set, unionOf([SPECIAL, LOOPBACK_AND_CONTAINERS])))
    return address?.family === family && !isEmpty(difference(FAMILY_ADDRESSES[family], set)) ? [address] : []
  })
  const own = OWN[family]
  const base = { family, device: CARD, destination: own, isContainer: false }
  return [
    base,
    ...namedDevices(rulesets).map((device) => ({ ...base, device, where: `by ${device}` })),
    ...addresses.map((destination) => ({ ...base, destination, where: `for ${formatAddressSet(addressSetOf(destination)).join()}` })),
    { ...base, device: BRIDGE, where: 'from containers' },
    { ...base, isContainer: true, where: 'published by a container' },
    { ...base, device: BRIDGE, isContainer: true, where: 'published by a container, from containers' },
  ]
}

const LOOPBACK_AND_CONTAINERS: AddressSet = addressSet('127.0.0.0/8', '::1', '172.16.0.0/12', '0.0.0.0/8')

/** Devices that rules name one by one. */
function namedDevices(rulesets: readonly Ruleset[]): readonly string[] {
  const names = rulesets.flatMap(({ tables }) =>
    tables.flatMap(({ chains }) =>
      [...chains.values()].flatMap(({ rules }) => rules.flatMap((rule) => rule.expressions.flatMap(devicesOf))),
    ),
  )
  return [...new Set(names)].filter((name) => name !== 'lo' && name !== BRIDGE)
}

function devicesOf(expression: Expression): readonly string[] {
  if (expression.kind === 'match') return devicesAsked(expression.when)
  return expression.kind === 'branch' ? expression.branches.flatMap(({ when }) => devicesAsked(when)) : []
}

function devicesAsked(condition: Condition): readonly string[] {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return condition.of.flatMap(devicesAsked)
    case 'not':
      return devicesAsked(condition.of)
    case 'device':
      return condition.of === 'inbound' ? condition.names.flatMap(({ name, prefix }) => (prefix ? [] : [name])) : []
    default:
      return []
  }
}

interface Asked {
  readonly question: Question
  readonly protocol: Protocol
  readonly port: number
}

function pairOf(wanted: readonly Ruleset[], there: readonly Ruleset[], asked: Asked): Pair {
  return { wanted: letIn(wanted, asked), there: letIn(there, asked) }
}

function letIn(rulesets: readonly Ruleset[], { question, protocol, port }: Asked): LetIn {
  const { family, device, destination, isContainer } = question
  const packet = { family, protocol, inbound: device, destination, port, sources: ALL_SOURCES }
  const filters = isContainer ? [...rulesets, PUBLISHED[family]] : rulesets
  let open: AddressSet = NO_ADDRESSES
  let maybe: AddressSet = NO_ADDRESSES
  for (const { verdict, certainty, sources } of walkInbound(filters, packet, hostOf(question))) {
    if (verdict === 'dropped' || verdict === 'rejected') continue
    const addresses = sourceAddresses(sources)
    if (certainty === 'sure' && verdict !== 'undecided') open = union(open, addresses)
    else maybe = union(maybe, addresses)
  }
  return { open, maybe: difference(maybe, open) }
}

function hostOf({ family, destination }: Question): NetfilterHost {
  const container = addressSetOf(CONTAINER[family])
  return {
    localAddresses: unionOf([addressSetOf(OWN[family], destination), addressSet('127.0.0.0/8', '::1')]),
    route: (packet) => (sameSet(addressSetOf(packet.destination), container) ? { kind: 'forward', device: BRIDGE } : { kind: 'local' }),
  }
}

/** What an engine does of a published port: to a container, at the same port. */
const PUBLISHED: Readonly<Record<Family, Ruleset>> = { 4: published(4), 6: published(6) }

function published(family: Family): Ruleset {
  const to = { addresses: { first: CONTAINER[family], last: CONTAINER[family] } }
  const origin = { kind: 'rule', tool: 'published', table: 'published', chain: 'PREROUTING', index: 1, text: show('') } as const
  const table: Table = {
    family: family === 4 ? 'ip' : 'ip6',
    name: 'published',
    dormant: false,
    chains: new Map([
      [
        'PREROUTING',
        {
          name: 'PREROUTING',
          base: { hook: 'prerouting', type: 'nat', priority: -100, policy: 'accept' },
          rules: [{ expressions: [{ kind: 'dnat', to }], origin }],
        },
      ],
    ]),
  }
  return { tool: 'published', tables: [table], unread: [] }
}

/** Every port once, as ranges of ports that the rules treat alike. */
function rangesOf(classes: PortClasses): readonly PortRange[] {
  const ranges: { first: number; last: number }[] = []
  for (let port = 1; port <= 65535; port++) {
    const open = ranges.at(-1)
    if (open !== undefined && classes.of(open.first) === classes.of(port)) open.last = port
    else ranges.push({ first: port, last: port })
  }
  return ranges
}

function joined(stretches: readonly Stretch[]): readonly Stretch[] {
  const result: Stretch[] = []
  for (const stretch of stretches) {
    const before = result.at(-1)
    if (before !== undefined && before.last + 1 === stretch.first && samePair(before, stretch))
      result[result.length - 1] = { ...before, last: stretch.last }
    else result.push(stretch)
  }
  return result
}

function sameLetIn(a: LetIn, b: LetIn): boolean {
  return sameSet(a.open, b.open) && sameSet(a.maybe, b.maybe)
}

function differences(protocol: Protocol, { family, where }: Question, { wanted, there, first, last }: Stretch): readonly Difference[] {
  if (sameLetIn(wanted, there)) return []
  const ports = first === last ? String(first) : `${first}-${last}`
  const what = [`${protocol} ${ports} by IPv${family}`, ...(where === undefined ? [] : [where])].join(', ')
  const [ours, theirs] = [wanted, there].map((one) => wordsOf(one, family))
  return [{ what, ...(ours === undefined ? {} : { wanted: ours }), ...(theirs === undefined ? {} : { there: theirs }) }]
}

/** `undefined`: nobody. */
function wordsOf({ open, maybe }: LetIn, family: Family): string | undefined {
  const text = (addresses: AddressSet): string =>
    isEmpty(difference(FAMILY_ADDRESSES[family], addresses)) ? 'everyone' : formatAddressSet(addresses).join(', ')
  if (isEmpty(open) && isEmpty(maybe)) return undefined
  return [...(isEmpty(open) ? [] : [text(open)]), ...(isEmpty(maybe) ? [] : [`perhaps ${text(maybe)}`])].join(', ')
}
