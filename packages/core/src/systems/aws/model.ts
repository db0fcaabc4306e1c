import type { PortRange } from '../../evidence/index.ts'
import type { Alarm, Bucket, HostName } from '../../policy/index.ts'

/** What a policy asks of an AWS account: the same whatever it is written in. */
export interface AwsModel {
  readonly deployment: string
  /** At least one. */
  readonly groups: readonly SecurityGroup[]
  readonly buckets: readonly Bucket[]
  readonly alarms: readonly WatchedAlarm[]
  readonly splits: readonly Split[]
  /** What the policy does not tell and a person has to add or know. */
  readonly notes: readonly string[]
}

/** Hosts of one role, and what they let in. Whatever leaves them is not the policy's matter. */
export interface SecurityGroup {
  /** Its name, or its id where the policy gives that (`sg-…`): no two groups have the same. */
  readonly name: string
  /** At least one; all of one role. */
  readonly hosts: readonly HostName[]
  /** Whether all of its hosts are services of AWS rather than machines. */
  readonly managed: boolean
  /** No two of them let in the same by the same description of packets. */
  readonly rules: readonly InboundRule[]
}

export interface InboundRule {
  readonly protocol: 'tcp' | 'udp'
  readonly ports: PortRange
  readonly from: RuleSource
  /** Of characters that AWS takes. */
  readonly description: string
  /** What it is for, as the policy names it. */
  readonly service: string
  readonly source: string
  /** Of those that one source of the policy makes of a service's port, in the order in which it names them. */
  readonly isFirst: boolean
}

/** One rule of AWS has one source: a prefix of one family, or a group. */
export type RuleSource =
  /** `192.0.2.0/24`, `::/0`. */
  | { readonly kind: 'prefix'; readonly family: 4 | 6; readonly text: string }
  /** The name of a group of the same model. */
  | { readonly kind: 'group'; readonly name: string }

/** One group of the account that holds hosts of different roles, and those that take its place (I14). */
export interface Split {
  readonly group: string
  readonly into: readonly { readonly name: string; readonly hosts: readonly HostName[] }[]
}

export type WatchedAlarm = FilteredAlarm | DatabaseAlarm

/** Lines of a log group are counted. */
export interface FilteredAlarm {
  readonly kind: 'log'
  readonly alarm: Alarm
  readonly logGroup: string
  /** Which file of the host its CloudWatch agent sends there. */
  readonly file: string
  /** CloudWatch Logs User Guide, "Filter pattern syntax". */
  readonly pattern: string
  readonly metric: string
  readonly namespace: string
}

/** A metric that the managed service counts by itself. */
export interface DatabaseAlarm {
  readonly kind: 'metric'
  readonly alarm: Alarm
  readonly namespace: 'AWS/RDS' | 'AWS/ElastiCache'
  readonly metric: 'DatabaseConnections' | 'CurrConnections'
  readonly dimension: { readonly name: 'DBInstanceIdentifier' | 'CacheClusterId'; readonly value: string }
}

/** How long the lines of a log group are kept: as long as the objects of a bucket by the same deployments. */
export const LOG_RETENTION_DAYS = 90

/** Amazon VPC User Guide, "Security groups quotas": inbound rules of a group, counted for each family. */
export const USUAL_RULES = 60

/** Said wherever a change is planned: Amazon VPC pricing lists no charge for security groups or their rules. */
export const GROUPS_COST = 'security groups and their rules cost $0.00'

export const isGroupId = (name: string): boolean => /^sg-[0-9a-f]{8,17}$/.test(name)

/** What a new group is described by: it cannot be changed later without making the group anew, so that it says nothing that may change. */
export function descriptionOf(group: string): string {
  return `${group.slice(0, 200)}, by its policy`
}

/** Of a tag, which may change: the hosts that are to be in the group. EC2 User Guide, "Tag restrictions": up to 256 characters. */
export function hostsTag(hosts: readonly HostName[]): string {
  return hosts.join(' ').slice(0, 256)
}
