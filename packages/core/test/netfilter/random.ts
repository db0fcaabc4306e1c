import fc from 'fast-check'
import {
  type Action,
  type BaseChain,
  type Chain,
  type Condition,
  type Expression,
  type Hook,
  type Rewritten,
  type Rule,
  type Ruleset,
  show,
  type Table,
} from '@sallyport/core/evidence'
import { addressSet, intervalSet, numberSet, parseAddress, type Address, portSet } from '@sallyport/core/network'

/** A universe small enough to follow every packet of it one by one. */
export const SOURCES: readonly Address[] = ['10.0.0.1', '10.0.0.2', '10.0.0.3', '192.0.2.9', '198.51.100.4'].map(address)
export const SOURCE_PORTS: readonly number[] = [1000, 2000, 3000]
export const HERE: readonly Address[] = ['192.0.2.1', '10.0.0.254'].map(address)
export const THERE: readonly Address[] = ['172.17.0.2', '172.17.0.3'].map(address)
export const PORTS: readonly number[] = [22, 80, 8080]

export function address(text: string): Address {
  const found = parseAddress(text)
  if (found === undefined) throw new RangeError(text)
  return found
}

const sources = fc
  .constantFrom('10.0.0.1', '10.0.0.0/31', '10.0.0.0/8', '192.0.2.0/24', '10.0.0.2-10.0.0.3', '0.0.0.0/1', '2001:db8::/32')
  .map((text) => addressSet(text))
const destinations = fc.constantFrom('192.0.2.1', '172.17.0.0/16', '10.0.0.0/8', '172.17.0.2').map((text) => addressSet(text))
const ports = fc.constantFrom(portSet(22), portSet(80), portSet([80, 8080]), portSet(8080), portSet([0, 1023]))
const sourcePorts = fc.constantFrom(portSet(1000), portSet([1000, 2000]), portSet([2001, 65535]), portSet(9))
const masks = fc.constantFrom(0xffff_ffff, 1, 3)
const values = fc.constantFrom(numberSet(0), numberSet(1), numberSet(1, 2), intervalSet([{ first: 1, last: 3 }]))

const plainConditions: readonly fc.Arbitrary<Condition>[] = [
  sources.map((addresses): Condition => ({ kind: 'source', addresses })),
  sources.map((addresses): Condition => ({ kind: 'source', addresses })),
  sourcePorts.map((set): Condition => ({ kind: 'source-port', ports: set })),
  destinations.map((addresses): Condition => ({ kind: 'destination', addresses })),
  ports.map((set): Condition => ({ kind: 'destination-port', ports: set })),
  ports.map((set): Condition => ({ kind: 'destination-port', ports: set })),
  destinations.map((addresses): Condition => ({ kind: 'original-destination', addresses })),
  ports.map((set): Condition => ({ kind: 'original-destination-port', ports: set })),
  fc.constantFrom(numberSet(6), numberSet(17), numberSet(6, 17)).map((protocols): Condition => ({ kind: 'protocol', protocols })),
  fc
    .record({
      of: fc.constantFrom('inbound' as const, 'outbound' as const),
      name: fc.constantFrom('eth0', 'eth1', 'docker0', ''),
      prefix: fc.boolean(),
    })
    .map(({ of, name, prefix }): Condition => ({ kind: 'device', of, names: [{ name, prefix }] })),
  fc
    .record({ of: fc.constantFrom('packet' as const, 'connection' as const), mask: masks, values })
    .map((mark): Condition => ({ kind: 'mark', ...mark })),
  fc
    .subarray(['new', 'established', 'invalid', 'untracked'] as const, { minLength: 1 })
    .map((states): Condition => ({ kind: 'ct-state', states })),
  fc.subarray(['dnat', 'snat'] as const, { minLength: 1 }).map((statuses): Condition => ({ kind: 'ct-status', statuses })),
  sources.map((addresses): Condition => ({ kind: 'original-source', addresses })),
  sourcePorts.map((set): Condition => ({ kind: 'original-source-port', ports: set })),
  fc.constant<Condition>({ kind: 'tracked' }),
  fc
    .record({
      of: fc.constantFrom('source' as const, 'destination' as const),
      types: fc.subarray(['local', 'unicast', 'multicast'] as const, { minLength: 1 }),
    })
    .map((type): Condition => ({ kind: 'address-type', ...type })),
  fc.constantFrom(numberSet(2), numberSet(0)).map((flags): Condition => ({ kind: 'tcp-flags', mask: 0x17, values: flags })),
  fc.constantFrom([4] as const, [6] as const).map((families): Condition => ({ kind: 'family', families })),
]

const openConditions: readonly fc.Arbitrary<Condition>[] = [
  fc.constant<Condition>({ kind: 'unknown', text: show('nobody knows') }),
  fc.boolean().map((plain): Condition => ({ kind: 'circumstance', plain, text: show('a circumstance') })),
]

/** `open`: with conditions that cannot be decided. */
function condition(open: boolean): fc.Arbitrary<Condition> {
  const leaf = open
    ? fc.oneof({ weight: 8, arbitrary: fc.oneof(...plainConditions) }, { weight: 1, arbitrary: fc.oneof(...openConditions) })
    : fc.oneof(...plainConditions)
  const { node } = fc.letrec<{ node: Condition }>((tie) => ({
    node: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      leaf,
      tie('node').map((of): Condition => ({ kind: 'not', of })),
      fc.array(tie('node'), { maxLength: 2 }).map((of): Condition => ({ kind: 'all', of })),
      fc.array(tie('node'), { maxLength: 2 }).map((of): Condition => ({ kind: 'any', of })),
    ),
  }))
  return node
}

const changes: fc.Arbitrary<Action> = fc.oneof(
  fc
    .record({ of: fc.constantFrom('packet' as const, 'connection' as const), clear: masks, toggle: fc.constantFrom(0, 1, 2) })
    .map((mark): Action => ({ kind: 'set-mark', ...mark })),
  fc
    .record({ of: fc.constantFrom('packet' as const, 'connection' as const), clear: masks, mask: masks })
    .map(
      ({ of, clear, mask }): Action => ({ kind: 'set-mark', of, clear, toggle: { of: of === 'packet' ? 'connection' : 'packet', mask } }),
    ),
  fc.constant<Action>({ kind: 'notrack' }),
  fc
    .oneof(
      fc.constantFrom(...PORTS).map((port): Rewritten => ({ part: 'destination', port })),
      fc.constantFrom(...HERE, ...THERE).map((to): Rewritten => ({ part: 'destination', address: to })),
    )
    .map((to): Action => ({ kind: 'rewrite', text: show('written over'), to })),
  fc.constant<Action>({ kind: 'no-effect', text: show('log') }),
)

const translations: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ to: fc.constantFrom(...HERE, ...THERE), port: fc.option(fc.constantFrom(...PORTS)) }).map(
    ({ to, port }): Action => ({
      kind: 'dnat',
      to: { addresses: { first: to, last: to }, ...(port === null ? {} : { ports: { first: port, last: port } }) },
    }),
  ),
  fc.constantFrom(...PORTS).map((port): Action => ({ kind: 'redirect', ports: { first: port, last: port } })),
)

/** What leaves the destination open. */
const opaque: fc.Arbitrary<Action> = fc.oneof(
  fc
    .constantFrom<Rewritten>({ part: 'source' }, { part: 'unknown' })
    .map((to): Action => ({ kind: 'rewrite', text: show('written over'), to })),
  fc.option(fc.constantFrom(...PORTS)).map((port): Action => ({ kind: 'tproxy', ...(port === null ? {} : { port }) })),
  fc.record({ last: fc.constantFrom(2n, 200n), port: fc.option(fc.constantFrom(...PORTS)) }).map(({ last, port }): Action => {
    const first = THERE[0] as Address
    const addresses = { first, last: { ...first, value: first.value + last } }
    return { kind: 'dnat', to: { addresses, ...(port === null ? {} : { ports: { first: port, last: port + 40 } }) } }
  }),
)

/** `decided`: every rule is understood. `matches`: not what all of them ask or do. `destinations`: nor where they send packets. */
export type Openness = 'decided' | 'matches' | 'destinations'

/** Chains of the user's own, each of which jumps only to later ones. */
const USERS = ['u1', 'u2', 'u3'] as const

function verdict(from: number, base: BaseChain | undefined, open: Openness): fc.Arbitrary<Action> {
  const later = USERS.slice(from)
  const nat = base?.type === 'nat'
  const choices: { weight: number; arbitrary: fc.Arbitrary<Action> }[] = [
    { weight: 3, arbitrary: fc.constantFrom<Action>({ kind: 'accept' }, { kind: 'drop' }, { kind: 'return' }) },
    { weight: 1, arbitrary: changes },
  ]
  if (!nat) choices.push({ weight: 1, arbitrary: fc.constant<Action>({ kind: 'reject', with: show('tcp reset') }) })
  if (nat && base.hook === 'prerouting') choices.push({ weight: 4, arbitrary: translations })
  if (nat && base.hook !== 'prerouting') choices.push({ weight: 3, arbitrary: fc.constant<Action>({ kind: 'masquerade' }) })
  if (later.length > 0)
    choices.push({
      weight: 2,
      arbitrary: fc.record({ kind: fc.constantFrom('jump' as const, 'goto' as const), chain: fc.constantFrom(...later) }),
    })
  if (open === 'destinations') choices.push({ weight: 1, arbitrary: opaque })
  if (open !== 'decided' && !nat) choices.push({ weight: 1, arbitrary: fc.constant<Action>({ kind: 'unknown', text: show('a target') }) })
  return fc.oneof(...choices)
}

function expressions(from: number, base: BaseChain | undefined, open: Openness): fc.Arbitrary<readonly Expression[]> {
  const match = condition(open !== 'decided').map((when): Expression => ({ kind: 'match', when }))
  const action = verdict(from, base, open)
  // A verdict map: branches that exclude each other.
  const branch = fc.record({ one: action, other: action }).map(
    ({ one, other }): Expression => ({
      kind: 'branch',
      branches: [
        { when: { kind: 'source', addresses: addressSet('10.0.0.1') }, then: [one] },
        { when: { kind: 'source', addresses: addressSet('10.0.0.2-10.0.0.3') }, then: [other] },
      ],
    }),
  )
  return fc.oneof(
    { weight: 6, arbitrary: fc.tuple(match, action).map(([when, then]): readonly Expression[] => [when, then]) },
    { weight: 2, arbitrary: fc.tuple(match, changes, match, action) },
    { weight: 1, arbitrary: fc.tuple(match, branch) },
    { weight: 1, arbitrary: action.map((one): readonly Expression[] => [one]) },
  )
}

function rules(table: string, chain: string, from: number, base: BaseChain | undefined, open: Openness): fc.Arbitrary<readonly Rule[]> {
  return fc.array(expressions(from, base, open), { maxLength: 5 }).map((list) =>
    list.map(
      (one, index): Rule => ({
        expressions: one,
        origin: { kind: 'rule', tool: 'nft', table, chain, index: index + 1, text: show(`${table} ${chain} ${index + 1}`) },
      }),
    ),
  )
}

const HOOKS: readonly { readonly hook: Hook; readonly priorities: readonly number[] }[] = [
  { hook: 'prerouting', priorities: [-300, -150, -50, 0] },
  { hook: 'input', priorities: [-150, 0, 10, 110] },
  { hook: 'forward', priorities: [-150, 0, 10] },
  { hook: 'postrouting', priorities: [-150, 150, 160] },
]

const filterBase: fc.Arbitrary<BaseChain> = fc.constantFrom(...HOOKS).chain(({ hook, priorities }) =>
  fc.record({
    hook: fc.constant(hook),
    type: fc.constant('filter' as const),
    priority: fc.constantFrom(...priorities),
    policy: fc.constantFrom('accept' as const, 'accept' as const, 'drop' as const),
  }),
)

const natBase: fc.Arbitrary<BaseChain> = fc.record({
  hook: fc.constantFrom('prerouting' as const, 'postrouting' as const, 'input' as const),
  type: fc.constant('nat' as const),
  priority: fc.constantFrom(-100, -90, 50, 110),
  policy: fc.constantFrom('accept' as const, 'accept' as const, 'drop' as const),
})

function table(name: string, open: Openness): fc.Arbitrary<Table> {
  const bases = fc.array(fc.oneof({ weight: 3, arbitrary: filterBase }, { weight: 2, arbitrary: natBase }), { minLength: 1, maxLength: 4 })
  return bases.chain((list) => {
    const based = list.map((base, index) =>
      rules(name, `b${index}`, 0, base, open).map((own): Chain => ({ name: `b${index}`, base, rules: own })),
    )
    const users = USERS.map((user, index) =>
      rules(name, user, index + 1, undefined, open).map((own): Chain => ({ name: user, rules: own })),
    )
    return fc
      .record(
        {
          family: fc.constantFrom('ip' as const, 'inet' as const, 'ip6' as const),
          chains: fc.tuple(...based, ...users),
          dormant: fc.constant(false),
        },
        { noNullPrototype: true },
      )
      .map(({ family, chains, dormant }): Table => ({ family, name, dormant, chains: new Map(chains.map((chain) => [chain.name, chain])) }))
  })
}

export function rulesets(open: Openness): fc.Arbitrary<readonly Ruleset[]> {
  return fc
    .tuple(table('one', open), fc.option(table('two', open)))
    .map(([one, two]) => [{ tool: 'nft', tables: two === null ? [one] : [one, two], unread: [] }])
}
