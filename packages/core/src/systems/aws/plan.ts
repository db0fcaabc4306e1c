import { BITS } from '../../network/index.ts'
import { formatPorts } from '../../policy/ports.ts'
import type { Difference } from '../write.ts'
import { type Described, ICMP, type SeenGroup, type SeenRule } from './describe.ts'
import { isWithin, seenMeaning, wantedMeaning } from './meaning.ts'
import { type AwsModel, type InboundRule, isGroupId, type SecurityGroup } from './model.ts'

/** What makes a group what the policy wants. */
export interface GroupPlan {
  readonly group: SecurityGroup
  /** `undefined`: it has to be made. */
  readonly there: SeenGroup | undefined
  readonly authorise: readonly InboundRule[]
  /** What no service of its hosts needs. */
  readonly revoke: readonly SeenRule[]
  readonly keep: readonly SeenRule[]
  /** Rules that are left to a person, each with the reason. */
  readonly left: readonly { readonly rule: SeenRule; readonly why: string; readonly decides: boolean }[]
}

export interface Plan {
  readonly groups: readonly GroupPlan[]
  /** What was not understood: the plan does not stand on it. */
  readonly problems: readonly string[]
  /** The groups of the account that several roles share now. */
  readonly shared: ReadonlyMap<string, SeenGroup>
}

/** From what is there to what the policy wants, rule by rule and by what they mean: what is there and right stays, with its description. */
export function planOf(model: AwsModel, described: Described): Plan {
  const problems = [...described.problems]
  const find = (name: string): SeenGroup | undefined => {
    const found = described.groups.filter((group) => (isGroupId(name) ? group.id === name : group.name === name))
    if (found.length > 1)
      problems.push(`${name}: ${found.length} groups have this name; write the id of the one that is meant into the policy`)
    if (found.length === 0 && isGroupId(name)) problems.push(`${name}: no group has this id; look in the account and region that it is in`)
    // What is not understood of other groups is not the policy's matter.
    problems.push(...found.flatMap((group) => group.problems))
    return found.length === 1 ? found[0] : undefined
  }
  const there = new Map(model.groups.map(({ name }) => [name, find(name)]))
  const groups = model.groups.map((group) => groupPlan(group, there))
  const shared = model.splits.flatMap(({ group }) => {
    const seen = find(group)
    return seen === undefined ? [] : [[group, seen] as const]
  })
  return { groups, problems, shared: new Map(shared) }
}

function groupPlan(group: SecurityGroup, all: ReadonlyMap<string, SeenGroup | undefined>): GroupPlan {
  const there = all.get(group.name)
  const idOf = (name: string): string => all.get(name)?.id ?? `to be made: ${name}`
  const wanted = group.rules.map((rule) => ({ rule, means: wantedMeaning(rule, idOf) }))
  const meanings = wanted.map(({ means }) => means)
  const keep: SeenRule[] = []
  const revoke: SeenRule[] = []
  const left: GroupPlan['left'][number][] = []
  for (const rule of there?.rules ?? []) {
    const means = seenMeaning(rule)
    if (means === undefined) left.push({ rule, why: 'what the prefix list holds is not told here', decides: true })
    else if (isWithin(means, meanings)) keep.push(rule)
    else if (ICMP.includes(rule.protocol)) left.push({ rule, why: 'the policy says nothing of ICMP', decides: false })
    else revoke.push(rule)
  }
  const kept = keep.flatMap((rule) => seenMeaning(rule) ?? [])
  const missing = wanted.flatMap(({ rule, means }) => (isWithin(means, kept) ? [] : [rule]))
  return { group, there, authorise: missing.map((rule) => withDescription(rule, missing, revoke)), revoke, keep, left }
}

/** A rule that takes the place of one other, from one address as that was, keeps what its owner wrote there (`SSH from home`). */
function withDescription(rule: InboundRule, all: readonly InboundRule[], revoked: readonly SeenRule[]): InboundRule {
  const alike = all.filter((other) => isOneAddress(other) && placeOf(other) === placeOf(rule))
  const before = revoked.filter(
    (seen) => isOneAddressThere(seen) && `${seen.raw.protocol} ${seen.raw.from} ${seen.raw.to}` === placeOf(rule),
  )
  const description = before[0]?.description
  return isOneAddress(rule) && alike.length === 1 && before.length === 1 && description !== undefined ? { ...rule, description } : rule
}

const placeOf = ({ protocol, ports }: InboundRule): string => `${protocol} ${ports.first} ${ports.last}`
const isOneAddress = ({ from }: InboundRule): boolean => from.kind === 'prefix' && from.text.endsWith(`/${BITS[from.family]}`)
const isOneAddressThere = ({ from }: SeenRule): boolean => from.kind === 'prefix' && from.text.endsWith(`/${BITS[from.family]}`)

/** What the plan would change, as a reader of the account would name it. */
export function differencesOf({ groups, shared }: Plan): readonly Difference[] {
  return [
    ...[...shared].map(([name, { id }]) => ({
      what: `${name} (${id})`,
      wanted: 'a group for each role',
      there: 'one for hosts of several',
    })),
    ...groups.flatMap(({ group, there, authorise, revoke, left }): readonly Difference[] => [
      ...(there === undefined ? [{ what: group.name, wanted: 'a security group' }] : []),
      ...authorise.map((rule) => ({ what: `${group.name}: ${wantedText(rule)}`, wanted: rule.description })),
      ...revoke.map((rule) => ({ what: `${group.name}: ${seenText(rule)}`, there: rule.description ?? 'without a description' })),
      ...left.flatMap(({ rule, why, decides }) =>
        decides ? [{ what: `${group.name}: ${seenText(rule)}`, wanted: 'sources that can be told', there: why }] : [],
      ),
    ]),
  ]
}

/** `tcp 22 from 203.0.113.7/32` */
export function wantedText({ protocol, ports, from }: InboundRule): string {
  return `${protocol} ${formatPorts(ports)} from ${from.kind === 'group' ? from.name : from.text}`
}

const NAMES: ReadonlyMap<number | 'every', string> = new Map<number | 'every', string>([
  ['every', 'every protocol'],
  [6, 'tcp'],
  [17, 'udp'],
  [1, 'icmp'],
  [58, 'icmpv6'],
])

export function seenText({ protocol, from, raw }: SeenRule): string {
  const name = NAMES.get(protocol) ?? `protocol ${protocol}`
  const ports = raw.from === undefined || raw.from === -1 ? '' : raw.from === raw.to ? ` ${raw.from}` : ` ${raw.from}-${raw.to}`
  return `${name}${ports} from ${from.kind === 'prefix' ? from.text : from.id}`
}
