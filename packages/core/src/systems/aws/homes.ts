import type { Host, HostName, Policy } from '../../policy/policy.ts'
import type { Split } from './model.ts'

/** Which group each host's rules are in. */
export interface Homes {
  /** In the order of the policy. */
  readonly groups: readonly { readonly name: string; readonly hosts: readonly HostName[] }[]
  /** Of the hosts that are in AWS. */
  readonly of: ReadonlyMap<HostName, string>
  readonly splits: readonly Split[]
}

/**
 * A group is for hosts of one role. Where the policy puts hosts of different roles into one, whatever one of them needs would be open on the
 * others too: each role then has a group of its own (I14).
 */
export function homesOf(policy: Policy, note: (text: string) => void): Homes {
  const hosts = [...policy.hosts.values()].filter(isInAws)
  const roles = new Map(hosts.map(({ name }) => [name, roleOf(name, policy)]))
  const members = membersOf(hosts, policy)
  const isOfOneRole = (group: string): boolean => new Set(members.get(group)?.map((host) => roles.get(host))).size === 1
  const taken = new Set(members.keys())
  const split = new Map<string, string>()
  const splits = new Map<string, { name: string; hosts: HostName[] }[]>()
  const of = new Map<HostName, string>()
  for (const host of hosts) {
    const named = namesOf(host, policy)
    const home = named.find(isOfOneRole)
    for (const other of named.filter((name) => name !== (home ?? named[0])))
      note(`${host.name} is in ${other} as well: whatever that group lets in comes on top of what is here`)
    const shared = named[0]
    if (home !== undefined || shared === undefined) {
      of.set(host.name, home ?? '')
      continue
    }
    const key = `${shared} ${roles.get(host.name)}`
    const known = split.get(key)
    const name = known ?? unused(nameFor(shared, host.name, policy), taken)
    split.set(key, name)
    of.set(host.name, name)
    const into = splits.get(shared) ?? []
    splits.set(shared, into)
    const part = into.find((each) => each.name === name)
    if (part === undefined) into.push({ name, hosts: [host.name] })
    else part.hosts.push(host.name)
  }
  const names = [...new Set(hosts.map(({ name }) => of.get(name) ?? ''))]
  return {
    groups: names.map((name) => ({ name, hosts: hosts.flatMap((host) => (of.get(host.name) === name ? [host.name] : [])) })),
    of,
    splits: [...splits].map(([group, into]) => ({ group, into })),
  }
}

/** The policy says of a host that it is in AWS by saying anything of it there. */
function isInAws({ aws, managed }: Host): boolean {
  return aws.securityGroups.length > 0 || aws.instance !== undefined || aws.identifier !== undefined || managed !== undefined
}

function namesOf(host: Host, policy: Policy): readonly string[] {
  const named = [...new Set(host.aws.securityGroups.map(({ value }) => value))]
  return named.length > 0 ? named : [fitName(`${policy.name}-${host.name}`)]
}

function membersOf(hosts: readonly Host[], policy: Policy): ReadonlyMap<string, readonly HostName[]> {
  const members = new Map<string, HostName[]>()
  for (const host of hosts) for (const group of namesOf(host, policy)) members.set(group, [...(members.get(group) ?? []), host.name])
  return members
}

/** What runs on a host, and what it may reach: hosts with the same text need the same rules, and are the same sources. */
function roleOf(host: HostName, policy: Policy): string {
  return [...policy.services.values()]
    .map(({ hosts, from }) => {
      const comes = from.some((ref) => (ref.kind === 'host' || ref.kind === 'service') && ref.hosts.includes(host))
      return `${hosts.includes(host) ? 'r' : '-'}${comes ? 'f' : '-'}`
    })
    .join(' ')
}

/** `prod-sg` and `api` → `prod-sg-api`. An id is no name that another could be made of. */
function nameFor(shared: string, host: HostName, policy: Policy): string {
  return fitName(`${/^sg-/.test(shared) ? policy.name : shared}-${host}`)
}

/** EC2 API Reference, CreateSecurityGroup: up to 255 of these characters, not beginning with `sg-`. */
function fitName(text: string): string {
  return text
    .replace(/[^\w .:/()#,@[\]+=&;{}!$*-]/g, '-')
    .replace(/^sg-/, 'group-')
    .slice(0, 255)
}

/** Whether AWS takes it as the name of a group. */
export const isGroupName = (name: string): boolean => name === fitName(name) && name.trim() === name

function unused(name: string, taken: Set<string>): string {
  let free = name
  for (let count = 2; taken.has(free); count++) free = `${name}-${count}`
  taken.add(free)
  return free
}
