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
  const limits = guards.filter(({ guard }) => LIMITS.has(guard))
  const asking = guards.flatMap((guard) => {
    const asked = askedBy(guard, server)
    return asked === undefined ? [] : [{ guard, asked }]
  })
  const certificates = asking.filter(({ guard }) => isOfConnection(guard))
  const others = asking.filter(({ guard }) => !isOfConnection(guard))
  // `satisfy` is about the guards of the access phase; a client certificate is asked for before any of them.
  const chosen = satisfy === 'any' ? least(others) : most(others)
  const asked = mostOf([...certificates.map((item) => item.asked), chosen])
  const by = asking.filter((item) => item.asked !== 'nothing').map(({ guard }) => guard)
  return { asked, by, anyIsEnough: satisfy === 'any' && others.length > 1, limits }
}

type Asking = readonly { readonly guard: ProxyGuard; readonly asked: Asked }[]

function least(asking: Asking): Asked {
  return asking.reduce<Asked>(
    (found, { asked }) => (ASKED.indexOf(asked) < ASKED.indexOf(found) ? asked : found),
    asking[0]?.asked ?? 'nothing',
  )
}

function most(asking: Asking): Asked {
  return mostOf(asking.map(({ asked }) => asked))
}

function mostOf(all: readonly Asked[]): Asked {
  return all.reduce<Asked>((found, asked) => (ASKED.indexOf(asked) > ASKED.indexOf(found) ? asked : found), 'nothing')
}

const LIMITS: ReadonlySet<ProxyGuard['guard']> = new Set(['tls', 'rate-limit', 'connection-limit'])

function isOfConnection({ guard }: ProxyGuard): boolean {
  return guard === 'tls' || guard === 'client-certificate'
}

/** `undefined`: it asks nobody who they are. */
function askedBy(guard: ProxyGuard, server: ProxyServer): Asked | undefined {
  switch (guard.guard) {
    case 'client-certificate':
      return guard.mode === 'required' ? 'authentication' : undefined
    case 'basic-auth':
    case 'token':
    // What the other service says is not seen; that it is asked is.
    case 'auth-request':
      return 'authentication'
    case 'addresses':
      return isChosenByClient(server) ? 'unknown' : askedByAddresses(guard.rules)
    case 'unknown':
      return 'unknown'
    case 'internal':
      return 'refused'
    case 'tls':
    case 'rate-limit':
    case 'connection-limit':
    case 'methods':
      return undefined
    default:
      return guard satisfies never
  }
}

function askedByAddresses(rules: readonly AddressRule[]): Asked {
  const admitted = admittedBy(rules)
  if (isEmpty(admitted)) return 'refused'
  // A list of a few who are kept out asks nothing of the others.
  const isMost = FAMILIES.some((family) => {
    const all = FAMILY_ADDRESSES[family]
    return countAddresses(intersection(admitted, all)) * 2n > countAddresses(all)
  })
  return isMost ? 'nothing' : 'addresses'
}

/** The first rule that covers an address decides, and where none does, the request goes on (ngx_http_access_module). */
export function admittedBy(rules: readonly AddressRule[]): AddressSet {
  let left = EVERYBODY
  let admitted = NO_ADDRESSES
  for (const { action, from } of rules) {
    if (from === 'unix') continue
    const covered = from === 'all' ? left : intersection(left, rangeSet([from]))
    if (action === 'allow') admitted = union(admitted, covered)
    left = difference(left, covered)
  }
  return union(admitted, left)
}

const EVERYBODY: AddressSet = union(FAMILY_ADDRESSES[4], FAMILY_ADDRESSES[6])

/** Whoever sends the header says what his address is, where every address is trusted to send it. */
function isChosenByClient({ clientAddress }: ProxyServer): boolean {
  return (
    clientAddress.from === 'header' &&
    clientAddress.trusted.some(
      (range) => range === 'undecided' || (range !== 'unix' && range.first.value === 0n && range.last.value >= (1n << 32n) - 1n),
    )
  )
}
