import { type Condition, type DeviceName, type Expression, type Ruleset, show, type Table } from '../../evidence/index.ts'
import {
  type Address,
  type AddressSet,
  addressSet,
  addressSetOf,
  difference,
  FAMILY_ADDRESSES,
  type Family,
  formatAddress,
  isEmpty,
  parseAddress,
  sameSet,
  someAddress,
  SPECIAL,
  unionOf,
} from '../../network/index.ts'
import { destinationSets, type NetfilterHost } from '../netfilter/index.ts'

/** Where packets come in and what they are for. */
export interface Question {
  readonly family: Family
  /** The device that they come in by. */
  readonly inbound: string
  readonly destination: Address
  /** The device by which containers are reached. */
  readonly bridge: string
  readonly isPublished: boolean
  /** For people; absent: what is meant where nothing is said. */
  readonly where?: string
}

/** What is answered alike by all of them is told of the first; what is answered as the plainest question is, is not told again. */
export interface Questions {
  readonly plain: Question
  readonly further: readonly (readonly [Question, ...Question[]])[]
}

/** A name that no rule has: a network card. */
const CARD = 'sallyport-card'
const DOCKER = 'docker'

/** Documentation addresses stand for those of the machine, that of Docker's first container for containers. */
const OWN: Readonly<Record<Family, Address>> = { 4: known('198.51.100.1'), 6: known('2001:db8::1') }
const CONTAINER: Readonly<Record<Family, Address>> = { 4: known('172.17.0.2'), 6: known('fd00:172:17::2') }
const LOOPBACK: Readonly<Record<Family, Address>> = { 4: known('127.0.0.1'), 6: known('::1') }

function known(text: string): Address {
  const address = parseAddress(text)
  if (address === undefined) throw new RangeError(text)
  return address
}

/** Of all that rules tell apart: devices by their names and the beginnings of these, and addresses that packets are for. */
export function questionsOf(rulesets: readonly Ruleset[], family: Family): Questions {
  const names = deviceNames(rulesets)
  const cards = unique(names.filter(({ prefix }) => !prefix).map(({ name }) => name)).filter((name) => name !== 'lo')
  // Rules ask for bridges by the beginning of their names.
  const bridges = unique([DOCKER, ...names.filter(({ prefix }) => prefix).map(({ name }) => name)])
  const plain: Question = { family, inbound: CARD, destination: OWN[family], bridge: `${DOCKER}0`, isPublished: false }
  const ofBridges = (where: string, ask: (bridge: string) => Partial<Question>): readonly [Question, ...Question[]] => {
    const [first, ...others] = bridges.map((prefix, index): Question => {
      const bridge = `${prefix}0`
      return { ...plain, bridge, ...ask(bridge), where: index === 0 ? where : `${where} (${prefix}*)` }
    })
    return [first ?? plain, ...others]
  }
  const published = { isPublished: true }
  return {
    plain,
    further: [
      ...cards.map((inbound): [Question] => [{ ...plain, inbound, where: `by ${inbound}` }]),
      ...[...destinations(rulesets, family), LOOPBACK[family]].map((destination): [Question] => [
        { ...plain, destination, where: `for ${formatAddress(destination)}` },
      ]),
      ofBridges('from containers', (inbound) => ({ inbound })),
      ofBridges('published by a container', () => published),
      ofBridges('published by a container, from containers', (inbound) => ({ ...published, inbound })),
      ofBridges('to a container’s own address', () => ({ destination: CONTAINER[family] })),
    ],
  }
}

const NOT_OWN: AddressSet = unionOf([SPECIAL, addressSet('127.0.0.0/8', '::1', '172.16.0.0/12', '0.0.0.0/8')])

/** One address of each set that rules ask for. */
function destinations(rulesets: readonly Ruleset[], family: Family): readonly Address[] {
  return destinationSets(rulesets).flatMap((set) => {
    const address = someAddress(difference(set, NOT_OWN))
    return address?.family === family && !isEmpty(difference(FAMILY_ADDRESSES[family], set)) ? [address] : []
  })
}

function deviceNames(rulesets: readonly Ruleset[]): readonly DeviceName[] {
  return rulesets.flatMap(({ tables }) =>
    tables.flatMap(({ chains }) =>
      [...chains.values()].flatMap(({ rules }) => rules.flatMap((rule) => rule.expressions.flatMap(devicesOf))),
    ),
  )
}

function devicesOf(expression: Expression): readonly DeviceName[] {
  if (expression.kind === 'match') return devicesAsked(expression.when)
  return expression.kind === 'branch' ? expression.branches.flatMap(({ when }) => devicesAsked(when)) : []
}

function devicesAsked(condition: Condition): readonly DeviceName[] {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return condition.of.flatMap(devicesAsked)
    case 'not':
      return devicesAsked(condition.of)
    case 'device':
      return condition.names
    default:
      return []
  }
}

const unique = (names: readonly string[]): readonly string[] => [...new Set(names)]

/** The rules, with those of an engine that publishes every port where that is asked about. */
export function filtersFor({ family, isPublished }: Question, rulesets: readonly Ruleset[]): readonly Ruleset[] {
  return isPublished ? [...rulesets, PUBLISHED[family]] : rulesets
}

/** Nothing keeps packets for loopback out but the rules: as with route_localnet. */
export function hostOf({ family, destination, bridge, isPublished }: Question): NetfilterHost {
  const container = addressSetOf(CONTAINER[family])
  const isForContainer = !isPublished && sameSet(addressSetOf(destination), container)
  const own = isForContainer ? [] : [addressSetOf(destination)]
  return {
    localAddresses: unionOf([addressSetOf(OWN[family]), ...own, addressSet('127.0.0.0/8', '::1')]),
    route: (packet) => (sameSet(addressSetOf(packet.destination), container) ? { kind: 'forward', device: bridge } : { kind: 'local' }),
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
