import { ALL_ADDRESSES, type AddressSet, BITS, formatAddress, PRIVATE, prefixesOf, rangeSet } from '../../network/index.ts'
import type { Host, HostName, Policy, Service, SourceRef } from '../../policy/policy.ts'
import type { Homes } from './homes.ts'
import { type InboundRule, type RuleSource, type SecurityGroup, USUAL_RULES } from './model.ts'

/** What is said where a rule cannot be. */
type Note = (text: string) => void

/** Every group with all that its hosts let in by the policy. */
export function groupsOf(policy: Policy, homes: Homes, note: Note): readonly SecurityGroup[] {
  return homes.groups.map(({ name, hosts }) => {
    const rules = distinct([...policy.services.values()].flatMap((service) => rulesOf(service, name, hosts, policy, homes, note)))
    for (const family of [4, 6] as const) {
      const count = rules.filter(({ from }) => from.kind === 'group' || from.family === family).length
      if (count > USUAL_RULES)
        note(`${name} has ${count} rules for IPv${family}, and AWS allows ${USUAL_RULES} unless the account's quota (L-0EA8095F) is raised`)
    }
    const managed = hosts.every((host) => policy.hosts.get(host)?.managed !== undefined)
    return { name, hosts, managed, rules }
  })
}

function rulesOf(
  service: Service,
  group: string,
  hosts: readonly HostName[],
  policy: Policy,
  homes: Homes,
  note: Note,
): readonly InboundRule[] {
  if (!hosts.some((host) => service.hosts.includes(host))) return []
  return widest(service.from).flatMap((ref) =>
    sourcesOf(ref, { service, group, hosts }, policy.hosts, homes, note).flatMap((from, index) =>
      service.protocols.flatMap((protocol) =>
        service.ports.map((ports): InboundRule => {
          const source = ref.kind === 'literal' ? ref.text : ref.name
          return {
            protocol,
            ports,
            from,
            description: descriptionOf(service.name, source),
            service: service.name,
            source,
            isFirst: index === 0,
          }
        }),
      ),
    ),
  )
}

/** Where everybody may come in, whoever else is named comes in by the same rule. */
function widest(refs: readonly SourceRef[]): readonly SourceRef[] {
  const all = refs.find((ref) => ref.kind === 'built-in' && ref.name === 'internet')
  return all === undefined ? refs : [all]
}

interface At {
  readonly service: Service
  readonly group: string
  readonly hosts: readonly HostName[]
}

function sourcesOf(ref: SourceRef, at: At, hosts: ReadonlyMap<HostName, Host>, homes: Homes, note: Note): readonly RuleSource[] {
  switch (ref.kind) {
    case 'built-in':
      return builtIn(ref.name, at, note)
    case 'source':
    case 'literal':
      // One by one, in their order: a further address leaves the rules of the others as they are.
      return distinctSources(ref.addresses.flatMap((range) => prefixes(rangeSet([range]))))
    case 'host':
    case 'service':
      return distinctSources(ref.hosts.flatMap((host) => hostSources(host, at, hosts, homes, note)))
    default:
      return ref satisfies never
  }
}

/** What the machine sends to itself never meets its security group. */
function builtIn(name: Extract<SourceRef, { kind: 'built-in' }>['name'], { service }: At, note: Note): readonly RuleSource[] {
  switch (name) {
    case 'loopback':
    case 'host':
      return []
    case 'private':
      note(
        `${service.name} is for private sources: those that share a public IPv6 prefix with it are not known from here, so no rule lets them in`,
      )
      return prefixes(PRIVATE)
    case 'internet':
      return prefixes(ALL_ADDRESSES)
    default:
      return name satisfies never
  }
}

function hostSources(
  name: HostName,
  { service, group, hosts: own }: At,
  hosts: ReadonlyMap<HostName, Host>,
  homes: Homes,
  note: Note,
): readonly RuleSource[] {
  const home = homes.of.get(name)
  // A host reaches itself without its group being asked.
  if (home !== undefined) return home === group && own.length === 1 ? [] : [{ kind: 'group', name: home }]
  const addresses = hosts.get(name)?.addresses ?? []
  if (addresses.length === 0)
    note(`${service.name} is for ${name}, of which the policy tells neither a security group nor an address: no rule lets it in`)
  return prefixes(rangeSet(addresses.map(({ value }) => ({ first: value, last: value }))))
}

function prefixes(set: AddressSet): readonly RuleSource[] {
  return prefixesOf(set).map(({ address, length }) => ({
    kind: 'prefix',
    family: address.family,
    text: `${formatAddress(address)}/${Math.min(length, BITS[address.family])}`,
  }))
}

const sourceKey = (from: RuleSource): string => (from.kind === 'group' ? `group ${from.name}` : from.text)

function distinctSources(sources: readonly RuleSource[]): readonly RuleSource[] {
  return [...new Map(sources.map((source) => [sourceKey(source), source])).values()]
}

/** AWS refuses a rule that is there already, whatever its description: the first stays. */
function distinct(rules: readonly InboundRule[]): readonly InboundRule[] {
  const seen = new Set<string>()
  return rules.filter(({ protocol, ports, from }) => {
    const key = `${protocol} ${ports.first} ${ports.last} ${sourceKey(from)}`
    return seen.has(key) ? false : seen.add(key) !== undefined
  })
}

/** `ssh from admin`. Names of the policy, addresses and prefixes are all of characters that AWS takes, and far shorter than its 255. */
function descriptionOf(service: string, source: string): string {
  return `${service} from ${source}`
}
