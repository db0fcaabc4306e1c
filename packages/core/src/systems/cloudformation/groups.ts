import { type AwsModel, descriptionOf, hostsTag, type InboundRule, isGroupId, type SecurityGroup } from '../aws/index.ts'
import { ruleWords, type Unique } from '../aws/names.ts'
import { Function, logicalId, type Node } from './yaml.ts'

type Resources = Readonly<Record<string, { readonly [key: string]: Node }>>

/** The rules are resources of their own: groups that name each other in their own properties would each wait for the other. */
export function groupResources({ groups }: AwsModel, ids: Unique): Resources {
  const logical = new Map(groups.map(({ name }) => [name, ids.take(logicalId([name]))]))
  const idOf = (name: string): Node => (isGroupId(name) ? name : new Function('GetAtt', `${logical.get(name)}.GroupId`))
  const entries = groups.flatMap((group) => [
    ...(isGroupId(group.name) ? [] : [[logical.get(group.name) ?? '', groupOf(group)] as const]),
    ...group.rules.map((rule) => [ids.take(logicalId(ruleWords(rule, group.name))), ingress(rule, idOf(group.name), idOf)] as const),
  ])
  return Object.fromEntries(entries)
}

function groupOf({ name, hosts, managed }: SecurityGroup): { readonly [key: string]: Node } {
  return {
    Type: 'AWS::EC2::SecurityGroup',
    Properties: {
      GroupName: name,
      GroupDescription: descriptionOf(name),
      VpcId: new Function('Ref', 'VpcId'),
      SecurityGroupEgress: managed ? NOWHERE : ANYWHERE,
      Tags: [
        { Key: 'Name', Value: name },
        { Key: 'Hosts', Value: hostsTag(hosts) },
      ],
    },
  }
}

/** A machine may open connections, as with a group that is made by hand. */
const ANYWHERE: Node = [
  { IpProtocol: '-1', CidrIp: '0.0.0.0/0', Description: 'out to anywhere' },
  { IpProtocol: '-1', CidrIpv6: '::/0', Description: 'out to anywhere' },
]

/** CloudFormation Template Reference, AWS::EC2::SecurityGroup, "Remove the default egress rule": without any, there would be one to everywhere. */
const NOWHERE: Node = [{ IpProtocol: '-1', CidrIp: '127.0.0.1/32', Description: 'out to nowhere' }]

function ingress({ protocol, ports, from, description }: InboundRule, group: Node, idOf: (name: string) => Node) {
  return {
    Type: 'AWS::EC2::SecurityGroupIngress',
    Properties: {
      GroupId: group,
      Description: description,
      IpProtocol: protocol,
      FromPort: ports.first,
      ToPort: ports.last,
      ...(from.kind === 'group' ? { SourceSecurityGroupId: idOf(from.name) } : { [from.family === 4 ? 'CidrIp' : 'CidrIpv6']: from.text }),
    },
  }
}
