import {
  ALL_ADDRESSES,
  NO_SOURCES,
  parsePrefix,
  PRIVATE,
  portSet,
  rangeSet,
  type SourceSet,
  sourceSet,
  unionSources,
} from '@sallyport/core/network'
import type { HostName, Policy } from '@sallyport/core/policy'
import { parse as parseHcl } from '@cdktn/hcl2json'
import { parse as parseYaml } from 'yaml'

/** Who comes to a host's ports: `address` by addresses, any other key as the host of that name. Group and rules are told apart no more. */
export type LetIn = ReadonlyMap<string, SourceSet>

/** Of each host in AWS. */
export type Meaning = ReadonlyMap<HostName, LetIn>

class Collected {
  readonly hosts = new Map<HostName, Map<string, SourceSet>>()

  add(host: HostName, protocol: string, from: string, set: SourceSet): void {
    const known = this.hosts.get(host) ?? new Map<string, SourceSet>()
    this.hosts.set(host, known)
    const key = `${protocol} ${from}`
    known.set(key, unionSources(known.get(key) ?? NO_SOURCES, set))
  }
}

/** What the policy says, by nothing of what writes it. `inAws`: the hosts whose packets a group is known by. */
export function meaningOfPolicy(policy: Policy, inAws: ReadonlySet<HostName>): Meaning {
  const collected = new Collected()
  for (const host of inAws) collected.hosts.set(host, new Map())
  for (const service of policy.services.values()) {
    const ports = portSet(...service.ports.map(({ first, last }) => [first, last] as const))
    const isForAll = service.from.some((ref) => ref.kind === 'built-in' && ref.name === 'internet')
    for (const host of service.hosts.filter((name) => inAws.has(name)))
      for (const protocol of service.protocols) {
        const add = (from: string, set: SourceSet): void => collected.add(host, protocol, from, set)
        if (isForAll) {
          add('address', sourceSet(ALL_ADDRESSES, ports))
          continue
        }
        for (const ref of service.from) {
          if (ref.kind === 'built-in') {
            if (ref.name === 'private') add('address', sourceSet(PRIVATE, ports))
          } else if (ref.kind === 'source' || ref.kind === 'literal') add('address', sourceSet(rangeSet(ref.addresses), ports))
          else
            for (const name of ref.hosts.filter((other) => other !== host))
              if (inAws.has(name)) add(name, sourceSet(ALL_ADDRESSES, ports))
              else {
                const addresses = (policy.hosts.get(name)?.addresses ?? []).map(({ value }) => ({ first: value, last: value }))
                add('address', sourceSet(rangeSet(addresses), ports))
              }
        }
      }
  }
  return nonEmpty(collected.hosts)
}

function nonEmpty(hosts: ReadonlyMap<HostName, ReadonlyMap<string, SourceSet>>): Meaning {
  return new Map(
    [...hosts].map(([host, sets]) => [
      host,
      new Map([...sets].filter(([, set]) => set.length > 0).toSorted(([a], [b]) => (a < b ? -1 : 1))),
    ]),
  )
}

/** A rule as one of the languages has it. `group` and `source` by whatever names groups there. */
export interface ParsedRule {
  readonly group: string
  readonly protocol: string
  readonly from: number
  readonly to: number
  readonly cidr: string | undefined
  readonly source: string | undefined
}

/** By which hosts are in which group. A host does not ask its own group when it talks to itself. */
export function meaningOfRules(rules: readonly ParsedRule[], members: ReadonlyMap<string, readonly HostName[]>): Meaning {
  const collected = new Collected()
  for (const host of [...members.values()].flat()) collected.hosts.set(host, new Map())
  for (const { group, protocol, from, to, cidr, source } of rules) {
    const ports = portSet([from, to])
    for (const host of members.get(group) ?? []) {
      const range = cidr === undefined ? undefined : parsePrefix(cidr)
      if (range !== undefined) collected.add(host, protocol, 'address', sourceSet(rangeSet([range]), ports))
      for (const other of source === undefined ? [] : (members.get(source) ?? []))
        if (other !== host) collected.add(host, protocol, other, sourceSet(ALL_ADDRESSES, ports))
    }
  }
  return nonEmpty(collected.hosts)
}

/** Of the tag `Hosts`: `a b`. */
const hostsIn = (tag: unknown): readonly string[] => String(tag).split(' ')

interface Attributes {
  readonly [name: string]: unknown
}

/** By the parser of HashiCorp itself (hashicorp/hcl, compiled). */
export async function readTerraform(
  text: string,
): Promise<{ rules: readonly ParsedRule[]; members: ReadonlyMap<string, readonly string[]> }> {
  const { resource } = (await parseHcl('sallyport.tf', text)) as { resource?: Record<string, Record<string, readonly Attributes[]>> }
  const all = (type: string) => Object.entries(resource?.[type] ?? {}).map(([name, [attributes = {}]]) => ({ name, attributes }))
  const groupOf = (reference: unknown): string => String(reference).replace(/^\$\{aws_security_group\.(.+)\.id\}$/, '$1')
  return {
    members: new Map(all('aws_security_group').map(({ name, attributes }) => [name, hostsIn((attributes['tags'] as Attributes)['Hosts'])])),
    rules: all('aws_vpc_security_group_ingress_rule').map(({ attributes: each }) => ({
      group: groupOf(each['security_group_id']),
      protocol: String(each['ip_protocol']),
      from: Number(each['from_port']),
      to: Number(each['to_port']),
      cidr: (each['cidr_ipv4'] ?? each['cidr_ipv6']) as string | undefined,
      source: each['referenced_security_group_id'] === undefined ? undefined : groupOf(each['referenced_security_group_id']),
    })),
  }
}

/** As YAML 1.1, which CloudFormation reads. */
export function readCloudFormation(text: string): { rules: readonly ParsedRule[]; members: ReadonlyMap<string, readonly string[]> } {
  const customTags = ['Ref', 'GetAtt'].map((name) => ({ tag: `!${name}`, resolve: (value: string) => `!${name} ${value}` }))
  const { Resources } = parseYaml(text, { version: '1.1', customTags }) as {
    Resources?: Record<string, { readonly Type: string; readonly Properties: Attributes }>
  }
  const all = (type: string) =>
    Object.entries(Resources ?? {}).flatMap(([name, { Type, Properties }]) => (Type === type ? [{ name, properties: Properties }] : []))
  const groupOf = (reference: unknown): string => String(reference).replace(/^!GetAtt (.+)\.GroupId$/, '$1')
  return {
    members: new Map(
      all('AWS::EC2::SecurityGroup').map(({ name, properties }) => [
        name,
        hostsIn((properties['Tags'] as readonly Attributes[]).find(({ Key }) => Key === 'Hosts')?.['Value']),
      ]),
    ),
    rules: all('AWS::EC2::SecurityGroupIngress').map(({ properties: each }) => ({
      group: groupOf(each['GroupId']),
      protocol: String(each['IpProtocol']),
      from: Number(each['FromPort']),
      to: Number(each['ToPort']),
      cidr: (each['CidrIp'] ?? each['CidrIpv6']) as string | undefined,
      source: each['SourceSecurityGroupId'] === undefined ? undefined : groupOf(each['SourceSecurityGroupId']),
    })),
  }
}
