import type { Policy } from '../../policy/policy.ts'
import type { WriteOptions, Written } from '../write.ts'
import { alarmsOf } from './alarms.ts'
import { groupsOf } from './groups.ts'
import { homesOf, isGroupName } from './homes.ts'
import { type AwsModel, GROUPS_COST, isGroupId } from './model.ts'

export * from './model.ts'

type Refused = Extract<Written, { readonly kind: 'refused' }>

/** What the policy asks of AWS; or why nothing can be written of it. */
export function awsModel(policy: Policy, { service, host }: WriteOptions): { readonly kind: 'model'; readonly model: AwsModel } | Refused {
  if (service !== undefined || host !== undefined)
    return {
      kind: 'refused',
      why: 'what is in AWS is written whole, since its groups refer to each other',
      next: 'leave out the service and --host',
    }
  const notes: string[] = []
  const note = (text: string): void => void notes.push(text)
  const homes = homesOf(policy, note)
  const strange = homes.groups.find(({ name }) => !isGroupId(name) && !isGroupName(name))
  if (strange !== undefined)
    return {
      kind: 'refused',
      why: `AWS takes no security group of the name ${strange.name}`,
      next: 'give it one of letters, digits, blanks and ._-:/()#,@[]+=&;{}!$*, of at most 255 characters, which does not begin with sg-',
    }
  const groups = groupsOf(policy, homes, note)
  const alarms = alarmsOf(policy, note)
  const buckets = [...policy.buckets.values()]
  if (groups.length + alarms.length + buckets.length === 0)
    return {
      kind: 'refused',
      why: 'nothing of the policy is in AWS',
      next: 'say what is: hosts: { api: { aws: { securityGroup: prod-sg-api } } }',
    }
  for (const { group, into } of homes.splits)
    note(
      `${group} holds hosts of different roles: what one needs would be open on the others. ${into.map(({ name, hosts }) => `${name} is for ${hosts.join(', ')}`).join('; ')}; ${GROUPS_COST}`,
    )
  for (const { name, managed, aws } of policy.hosts.values())
    if (managed !== undefined)
      note(
        `${name}${aws.identifier === undefined ? '' : ` (${aws.identifier})`}: a group does not make it private: its subnet group has to be of subnets without a route to an internet gateway, without a public address, encrypted at rest and by TLS`,
      )
  for (const alarm of alarms)
    if (alarm.kind === 'log') note(`${alarm.alarm.name}: the CloudWatch agent of its host has to send ${alarm.file} to ${alarm.logGroup}`)
  return { kind: 'model', model: { deployment: policy.name, groups, buckets, alarms, splits: homes.splits, notes } }
}
