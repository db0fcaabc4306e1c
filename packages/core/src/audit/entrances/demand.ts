import type { AddressRule, Handling, ProxyGuard, ProxyServer } from '../../evidence/index.ts'
import {
  type AddressSet,
  countAddresses,
  difference,
  FAMILIES,
  FAMILY_ADDRESSES,
  intersection,
  isEmpty,
  NO_ADDRESSES,
  rangeSet,
  union,
} from '../../network/index.ts'

/** What a proxy asks of somebody who sends a request, from the least to the most. `unknown`: something decides that is not understood. */
export const ASKED = ['nothing', 'unknown', 'addresses', 'authentication', 'refused'] as const
export type Asked = (typeof ASKED)[number]

/** The guards that a request meets, and the least that gets it past them. */
export interface Demand {
  readonly asked: Asked
  /** Those that ask who sends, by which `asked` is met; with `satisfy any` each of them is enough. */
  readonly by: readonly ProxyGuard[]
  readonly anyIsEnough: boolean
  /** What holds besides and asks nobody who they are: TLS, limits. */
  readonly limits: readonly ProxyGuard[]
}

type Guarded = Pick<Handling, 'guards' | 'satisfy'>

/** Of the guards of one class of requests, the connection's own (TLS, client certificates) among them. */
export function demandOf({ guards, satisfy }: Guarded, server: ProxyServer): Demand {
  const outer = demandOfGuards(guards, satisfy, server)
  // Other methods than the excepted ones meet other guards in place of these: whoever may choose a method takes the weaker.
  const others = guards.flatMap((guard) =>
    guard.guard === 'methods' ? [demandOfGuards([...guards.filter(isOfConnection), ...guard.guards], satisfy, server)] : [],
  )
  return others.reduce(weaker, outer)
}

/** The one by which less is asked; the first where both ask the same. */
export function weaker(one: Demand, other: Demand): Demand {
  return ASKED.indexOf(other.asked) < ASKED.indexOf(one.asked) ? other : one
}

function demandOfGuards(guards: readonly ProxyGuard[], satisfy: 'all' | 'any', server: ProxyServer): Demand {
  const lists = guards.flatMap((guard) => (guard.guard === 'addresses' ? [guard] : []))
  const isSpoofed = lists.length > 0 && isChosenByClient(server)
  const passwords = guards.filter(({ guard }) => AUTHENTICATES.has(guard))
  const certificates = guards.filter((guard) => guard.guard === 'client-certificate' && guard.mode === 'required')
  const unknown = [...guards.filter(({ guard }) => guard === 'unknown'), ...(isSpoofed ? lists : [])]
  const judged = isSpoofed ? [] : lists.map(({ rules }) => listed(rules))
  const known = satisfy === 'any' ? anyOf(judged, passwords.length > 0) : allOf(judged, passwords.length > 0)
  // What is not understood may let anybody through who is not refused, and need not.
  const doubted = unknown.length === 0 ? known : satisfy === 'any' ? lower(known, 'unknown') : higher(known, 'unknown')
  const asked = guards.some(({ guard }) => guard === 'internal')
    ? 'refused'
    : higher(doubted, certificates.length > 0 ? 'authentication' : 'nothing')
  const isAsking = lists.filter(({ rules }) => askedBySet(admittedBy(rules)) !== 'nothing')
  return {
    asked,
    by: asked === 'nothing' ? [] : [...certificates, ...isAsking, ...passwords, ...unknown.filter(({ guard }) => guard !== 'addresses')],
    anyIsEnough: satisfy === 'any' && lists.length > 0 && passwords.length > 0,
    limits: guards.filter(({ guard }) => LIMITS.has(guard)),
  }
}

/** Every list lets him through, and so does each that asks for more. */
function allOf(lists: readonly Listed[], isAuthenticated: boolean): Asked {
  const passing = lists.reduce((left, { denied }) => difference(left, denied), EVERYBODY)
  const asked = askedBySet(passing)
  return isAuthenticated ? higher(asked, 'authentication') : asked
}

/** A list that names him, or what asks for more; where nothing has an opinion, he goes on (`ngx_http_core_access_phase`). */
function anyOf(lists: readonly Listed[], isAuthenticated: boolean): Asked {
  const allowed = lists.reduce((all, list) => union(all, list.allowed), NO_ADDRESSES)
  if (isAuthenticated) return lower(askedBySet(allowed), 'authentication')
  const denied = lists.reduce((all, list) => union(all, list.denied), NO_ADDRESSES)
  return askedBySet(union(allowed, difference(EVERYBODY, denied)))
}

function lower(one: Asked, other: Asked): Asked {
  return ASKED.indexOf(other) < ASKED.indexOf(one) ? other : one
}

function higher(one: Asked, other: Asked): Asked {
  return ASKED.indexOf(other) > ASKED.indexOf(one) ? other : one
}

const LIMITS: ReadonlySet<ProxyGuard['guard']> = new Set(['tls', 'rate-limit', 'connection-limit'])

/** What another service answers is not seen; that it is asked is. */
const AUTHENTICATES: ReadonlySet<ProxyGuard['guard']> = new Set(['basic-auth', 'auth-request', 'token'])

function isOfConnection({ guard }: ProxyGuard): boolean {
  return guard === 'tls' || guard === 'client-certificate'
}

/** By the addresses that get through. A list of a few who are kept out asks nothing of the others. */
function askedBySet(passing: AddressSet): Asked {
  if (isEmpty(passing)) return 'refused'
  const isMost = FAMILIES.some((family) => {
    const all = FAMILY_ADDRESSES[family]
    return countAddresses(intersection(passing, all)) * 2n > countAddresses(all)
  })
  return isMost ? 'nothing' : 'addresses'
}

const EVERYBODY: AddressSet = union(FAMILY_ADDRESSES[4], FAMILY_ADDRESSES[6])

/** Those whom a list names; of the others it says nothing. */
interface Listed {
  readonly allowed: AddressSet
  readonly denied: AddressSet
}

/** The first rule that covers an address decides (ngx_http_access_module). */
function listed(rules: readonly AddressRule[]): Listed {
  let left = EVERYBODY
  let allowed = NO_ADDRESSES
  let denied = NO_ADDRESSES
  for (const { action, from } of rules) {
    if (from === 'unix') continue
    const covered = from === 'all' ? left : intersection(left, rangeSet([from]))
    if (action === 'allow') allowed = union(allowed, covered)
    else denied = union(denied, covered)
    left = difference(left, covered)
  }
  return { allowed, denied }
}

/** Those whom a list lets in: all whom it does not refuse. */
export function admittedBy(rules: readonly AddressRule[]): AddressSet {
  return difference(EVERYBODY, listed(rules).denied)
}

/** Whoever sends the header says what his address is, where every address is trusted to send it. */
function isChosenByClient({ clientAddress }: ProxyServer): boolean {
  return (
    clientAddress.from === 'header' &&
    clientAddress.trusted.some(
      (range) => range === 'undecided' || (range !== 'unix' && range.first.value === 0n && range.last.value >= (1n << 32n) - 1n),
    )
  )
}
