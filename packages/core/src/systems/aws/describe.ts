import { ALL_PORTS, type AddressSet, parsePrefix, type PortSet, portSet, rangeSet } from '../../network/index.ts'
import { field, items, type Json, numberField, parseJson, textField } from '../json.ts'

/** A security group as the account has it. */
export interface SeenGroup {
  readonly id: string
  readonly name: string
  readonly vpc: string | undefined
  readonly rules: readonly SeenRule[]
  /** What of it could not be understood, and where: `SecurityGroups[0].IpPermissions[2]: …`. */
  readonly problems: readonly string[]
}

/** One inbound rule: one source of one permission. */
export interface SeenRule {
  /** IANA's number of the protocol; `every` for `-1`. */
  readonly protocol: number | 'every'
  /** Of ICMP type × 256 + code. */
  readonly ports: PortSet
  readonly from: SeenSource
  readonly description: string | undefined
  /** As AWS has it, for a command that names it exactly. */
  readonly raw: { readonly protocol: string; readonly from: number | undefined; readonly to: number | undefined }
}

export type SeenSource =
  | { readonly kind: 'prefix'; readonly family: 4 | 6; readonly text: string; readonly addresses: AddressSet }
  | { readonly kind: 'group'; readonly id: string }
  /** Its entries are not in what describes the group. */
  | { readonly kind: 'prefix-list'; readonly id: string }

export interface Described {
  readonly groups: readonly SeenGroup[]
  /** What leaves open which groups there are. */
  readonly problems: readonly string[]
}

/** EC2 API Reference, IpPermission: names stand for these, and any number may be written. */
const PROTOCOLS: ReadonlyMap<string, number | 'every'> = new Map<string, number | 'every'>([
  ['-1', 'every'],
  ['tcp', 6],
  ['udp', 17],
  ['icmp', 1],
  ['icmpv6', 58],
])

/** Those whose FromPort and ToPort are a type and a code. */
export const ICMP: readonly (number | 'every')[] = [1, 58]

/** Those that have ports at all; of every other number a rule lets in the whole protocol. */
const WITH_PORTS: readonly (number | 'every')[] = [6, 17]

/** What `aws ec2 describe-security-groups` prints. `undefined`: it is something else. */
export function readSecurityGroups(text: string): Described | undefined {
  const root = parseJson(text.replace(/^\ufeff/, ''))
  const list = field(root, 'SecurityGroups')
  if (!Array.isArray(list)) return undefined
  const problems: string[] = []
  // The list goes on: what is missing here is not known to be missing there.
  if (textField(root, 'NextToken') !== undefined)
    problems.push('the list goes on elsewhere (it has a NextToken), and is not whole; leave out --max-items')
  const groups = items(list).flatMap((item, index) => groupOf(item, `SecurityGroups[${index}]`, problems) ?? [])
  return { groups, problems }
}

function groupOf(item: Json, place: string, unknown: string[]): SeenGroup | undefined {
  const id = textField(item, 'GroupId')
  if (id === undefined || !/^sg-[0-9a-zA-Z]+$/.test(id)) {
    unknown.push(`${place}: has no GroupId`)
    return undefined
  }
  const problems: string[] = []
  if (!Array.isArray(field(item, 'IpPermissions'))) problems.push(`${place}.IpPermissions: is no list, so that its rules are not known`)
  const rules = items(field(item, 'IpPermissions')).flatMap((permission, index) =>
    rulesOf(permission, `${place}.IpPermissions[${index}]`, problems),
  )
  return { id, name: textField(item, 'GroupName') ?? id, vpc: textField(item, 'VpcId'), rules, problems }
}

function rulesOf(permission: Json, place: string, problems: string[]): readonly SeenRule[] {
  const name = textField(permission, 'IpProtocol')
  const protocol = name === undefined ? undefined : protocolOf(name)
  const [from, to] = [numberField(permission, 'FromPort'), numberField(permission, 'ToPort')]
  const ports = protocol === undefined ? undefined : portsOf(protocol, from, to)
  if (name === undefined || protocol === undefined || ports === undefined) {
    problems.push(`${place}: its protocol or ports are not understood`)
    return []
  }
  const sources = SOURCES.flatMap(({ list, read }) =>
    items(field(permission, list)).flatMap((item, index) => {
      const source = read(item)
      if (source !== undefined) return [{ source, description: textField(item, 'Description') }]
      problems.push(`${place}.${list}[${index}]: its source is not understood`)
      return []
    }),
  )
  return sources.map(({ source, description }) => ({ protocol, ports, from: source, description, raw: { protocol: name, from, to } }))
}

function protocolOf(name: string): number | 'every' | undefined {
  const known = PROTOCOLS.get(name.toLowerCase())
  if (known !== undefined) return known
  return /^[0-9]{1,3}$/.test(name) && Number(name) <= 255 ? Number(name) : undefined
}

/** Both ends are inclusive; of ICMP -1 stands for every type or code. Left out, as of `-1`: all. */
function portsOf(protocol: number | 'every', from: number | undefined, to: number | undefined): PortSet | undefined {
  if (ICMP.includes(protocol)) return icmpOf(from ?? -1, to ?? -1)
  if (!WITH_PORTS.includes(protocol)) return ALL_PORTS
  if (from === undefined && to === undefined) return ALL_PORTS
  if (from === -1 && to === -1) return ALL_PORTS
  if (!isPort(from) || !isPort(to) || from > to) return undefined
  return portSet([from, to])
}

function icmpOf(type: number, code: number): PortSet | undefined {
  if (type === -1) return ALL_PORTS
  if (!isByte(type) || (code !== -1 && !isByte(code))) return undefined
  return code === -1 ? portSet([type * 256, type * 256 + 255]) : portSet(type * 256 + code)
}

const isPort = (value: number | undefined): value is number =>
  value !== undefined && Number.isInteger(value) && value >= 0 && value <= 65535
const isByte = (value: number): boolean => Number.isInteger(value) && value >= 0 && value <= 255

/** The lists of a permission, and what their items are. */
const SOURCES: readonly { readonly list: string; readonly read: (item: Json) => SeenSource | undefined }[] = [
  { list: 'IpRanges', read: (item) => prefix(textField(item, 'CidrIp'), 4) },
  { list: 'Ipv6Ranges', read: (item) => prefix(textField(item, 'CidrIpv6'), 6) },
  { list: 'UserIdGroupPairs', read: (item) => group(textField(item, 'GroupId')) },
  { list: 'PrefixListIds', read: (item) => prefixList(textField(item, 'PrefixListId')) },
]

function prefix(text: string | undefined, family: 4 | 6): SeenSource | undefined {
  const range = text === undefined || !text.includes('/') ? undefined : parsePrefix(text)
  if (text === undefined || range === undefined || range.first.family !== family) return undefined
  return { kind: 'prefix', family, text, addresses: rangeSet([range]) }
}

function group(id: string | undefined): SeenSource | undefined {
  return id === undefined || !/^sg-[0-9a-zA-Z]+$/.test(id) ? undefined : { kind: 'group', id }
}

function prefixList(id: string | undefined): SeenSource | undefined {
  return id === undefined || !/^pl-[0-9a-zA-Z]+$/.test(id) ? undefined : { kind: 'prefix-list', id }
}
