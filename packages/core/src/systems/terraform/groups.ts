import { Unique, ruleWords } from '../aws/names.ts'
import { type AwsModel, descriptionOf, hostsTag, type InboundRule, isGroupId, type SecurityGroup } from '../aws/index.ts'
import { type Block, Expression, identifier, type Value } from './hcl.ts'

/** One group a role, its rules as resources of their own: so groups may refer to each other, and one rule changes without the others. */
export function groupBlocks({ groups }: AwsModel): readonly Block[] {
  const names = new Unique('_')
  const resources = new Map(groups.map(({ name }) => [name, names.take(identifier([name]))]))
  const idOf = (name: string): Value => (isGroupId(name) ? name : new Expression(`aws_security_group.${resources.get(name)}.id`))
  const rules = new Unique('_')
  return groups.flatMap((group) => [
    ...(isGroupId(group.name) ? [] : [groupBlock(group, resources.get(group.name) ?? '')]),
    ...group.rules.map((rule) => ingress(rule, rules.take(identifier(ruleWords(rule, group.name))), idOf(group.name), idOf)),
    ...(isGroupId(group.name) || group.managed ? [] : egress(resources.get(group.name) ?? '', idOf(group.name))),
  ])
}

function groupBlock({ name, hosts }: SecurityGroup, resource: string): Block {
  return {
    type: 'resource',
    labels: ['aws_security_group', resource],
    attributes: {
      name,
      description: descriptionOf(name),
      vpc_id: new Expression('var.vpc_id'),
      tags: { Name: name, Hosts: hostsTag(hosts) },
    },
  }
}

function ingress(
  { protocol, ports, from, description }: InboundRule,
  resource: string,
  group: Value,
  idOf: (name: string) => Value,
): Block {
  return {
    type: 'resource',
    labels: ['aws_vpc_security_group_ingress_rule', resource],
    attributes: {
      security_group_id: group,
      description,
      ip_protocol: protocol,
      from_port: ports.first,
      to_port: ports.last,
      ...(from.kind === 'group' ? { referenced_security_group_id: idOf(from.name) } : { [`cidr_ipv${from.family}`]: from.text }),
    },
  }
}

/** A machine may open connections, as with a group that is made by hand; Terraform takes the rule for that away from a new group. */
function egress(resource: string, group: Value): readonly Block[] {
  return ([4, 6] as const).map((family) => ({
    type: 'resource',
    labels: ['aws_vpc_security_group_egress_rule', `${resource}_out_ipv${family}`],
    attributes: {
      security_group_id: group,
      description: 'out to anywhere',
      ip_protocol: '-1',
      [`cidr_ipv${family}`]: family === 4 ? '0.0.0.0/0' : '::/0',
    },
  }))
}
