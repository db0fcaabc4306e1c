import type { SeenRule } from '../aws/describe.ts'
import type { InboundRule, RuleSource } from '../aws/index.ts'
import { type Json, Variable } from './shell.ts'

/** The one IpPermission that a rule is, as `--ip-permissions` takes it. `idOf`: by what a group of the policy is known. */
export function wantedPermission({ protocol, ports, from, description }: InboundRule, idOf: (name: string) => string | Variable): Json {
  return [{ IpProtocol: protocol, FromPort: ports.first, ToPort: ports.last, ...sourceOf(from, description, idOf) }]
}

function sourceOf(from: RuleSource, description: string, idOf: (name: string) => string | Variable): { readonly [key: string]: Json } {
  if (from.kind === 'group') return { UserIdGroupPairs: [{ GroupId: idOf(from.name), Description: description }] }
  if (from.family === 4) return { IpRanges: [{ CidrIp: from.text, Description: description }] }
  return { Ipv6Ranges: [{ CidrIpv6: from.text, Description: description }] }
}

/** Exactly the rule that is there: a description is not needed to revoke it (EC2 API Reference, RevokeSecurityGroupIngress). */
export function seenPermission({ raw, from }: SeenRule): Json {
  return [
    {
      IpProtocol: raw.protocol,
      ...(raw.from === undefined ? {} : { FromPort: raw.from }),
      ...(raw.to === undefined ? {} : { ToPort: raw.to }),
      ...seenSource(from),
    },
  ]
}

function seenSource(from: SeenRule['from']): { readonly [key: string]: Json } {
  switch (from.kind) {
    case 'prefix':
      return from.family === 4 ? { IpRanges: [{ CidrIp: from.text }] } : { Ipv6Ranges: [{ CidrIpv6: from.text }] }
    case 'group':
      return { UserIdGroupPairs: [{ GroupId: from.id }] }
    case 'prefix-list':
      return { PrefixListIds: [{ PrefixListId: from.id }] }
    default:
      return from satisfies never
  }
}
