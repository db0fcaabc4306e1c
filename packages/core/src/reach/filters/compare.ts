import { type PortRange, type Protocol, type Ruleset } from '../../evidence/index.ts'
import {
  type AddressSet,
  ALL_SOURCES,
  difference,
  FAMILIES,
  FAMILY_ADDRESSES,
  type Family,
  formatAddressSet,
  isEmpty,
  NO_ADDRESSES,
  sameSet,
  sourceAddresses,
  union,
} from '../../network/index.ts'
import type { Difference } from '../../systems/index.ts'
import { type PortClasses, portClasses, walkInbound } from '../netfilter/index.ts'
import { compareControl } from './control.ts'
import { filtersFor, hostOf, type Question, questionsOf } from './questions.ts'

/** More than this many steps, of rules met by packets, are not gone: seconds. */
const MOST_STEPS = 30_000_000

/**
 * In what rulesets of one machine let through to others: to its own sockets, to containers by published ports and by their own addresses; and in
 * their rules for ICMP. Those of more rules than can be compared in seconds differ.
 */
export function compareFilters(wanted: readonly Ruleset[], there: readonly Ruleset[]): readonly Difference[] {
  return [...FAMILIES.flatMap((family) => compareFamily(wanted, there, family)), ...compareControl(wanted, there)]
}

function compareFamily(wanted: readonly Ruleset[], there: readonly Ruleset[], family: Family): readonly Difference[] {
  const both = [...wanted, ...there]
  const classes = portClasses(both, family)
  const ranges = rangesOf(classes)
  const { plain, further } = questionsOf(both, family)
  const rules = countRules(both)
  if (rules * ranges.length * (1 + further.flat().length) * PROTOCOLS.length > MOST_STEPS)
    return [{ what: `by IPv${family}`, wanted: 'rules that can be compared', there: `${rules} rules, more than are compared` }]
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
    /** Where one of the others has the same answer, it is told already. */
    const tell = (question: Question, answers: Answers, others: readonly Answers[]): readonly Difference[] => {
      const apart = ranges.filter((range) => !others.some((other) => samePair(other(range), answers(range))))
      return joined(apart.map((range) => ({ ...range, ...answers(range) }))).flatMap((stretch) => differences(protocol, question, stretch))
    }
    const plainly = ask(plain)
    return [
      ...tell(plain, plainly, []),
      ...further.flatMap(([first, ...alike]) => {
        const answers = ask(first)
        return [...tell(first, answers, [plainly]), ...alike.flatMap((question) => tell(question, ask(question), [plainly, answers]))]
      }),
    ]
  })
}

function countRules(rulesets: readonly Ruleset[]): number {
  return rulesets.reduce(
    (sum, { tables }) =>
      sum + tables.reduce((all, { chains }) => [...chains.values()].reduce((of, { rules }) => of + rules.length, all), 0),
    0,
  )
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

interface Asked {
  readonly question: Question
  readonly protocol: Protocol
  readonly port: number
}

function pairOf(wanted: readonly Ruleset[], there: readonly Ruleset[], asked: Asked): Pair {
  return { wanted: letIn(wanted, asked), there: letIn(there, asked) }
}

function letIn(rulesets: readonly Ruleset[], { question, protocol, port }: Asked): LetIn {
  const { family, inbound, destination } = question
  const packet = { family, protocol, inbound, destination, port, sources: ALL_SOURCES }
  let open: AddressSet = NO_ADDRESSES
  let maybe: AddressSet = NO_ADDRESSES
  for (const { verdict, certainty, sources } of walkInbound(filtersFor(question, rulesets), packet, hostOf(question))) {
    if (verdict === 'dropped' || verdict === 'rejected') continue
    const addresses = sourceAddresses(sources)
    if (certainty === 'sure' && verdict !== 'undecided') open = union(open, addresses)
    else maybe = union(maybe, addresses)
  }
  return { open, maybe: difference(maybe, open) }
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
