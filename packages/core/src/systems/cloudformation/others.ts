import { type AwsModel, LOG_RETENTION_DAYS } from '../aws/index.ts'
import type { Unique } from '../aws/names.ts'
import { Function, logicalId, type Node } from './yaml.ts'

type Resource = { readonly [key: string]: Node }
type Bucket = AwsModel['buckets'][number]
type Watched = AwsModel['alarms'][number]

/** I10. What is in a bucket outlives the stack. */
export function bucketResources({ buckets }: AwsModel, ids: Unique): Readonly<Record<string, Resource>> {
  return Object.fromEntries(buckets.map((bucket) => [ids.take(logicalId(['bucket', bucket.name])), bucketOf(bucket)]))
}

function bucketOf({ name, encryption, versioning, expireAfterDays: days }: Bucket): Resource {
  const kms = encryption === 'kms'
  return {
    Type: 'AWS::S3::Bucket',
    DeletionPolicy: 'Retain',
    UpdateReplacePolicy: 'Retain',
    Properties: {
      BucketName: name,
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          {
            ServerSideEncryptionByDefault: { SSEAlgorithm: kms ? 'aws:kms' : 'AES256' },
            ...(kms ? { BucketKeyEnabled: true } : {}),
          },
        ],
      },
      VersioningConfiguration: { Status: versioning ? 'Enabled' : 'Suspended' },
      ...(days === undefined
        ? {}
        : {
            LifecycleConfiguration: {
              Rules: [
                {
                  Id: 'expire',
                  Status: 'Enabled',
                  ExpirationInDays: days,
                  NoncurrentVersionExpiration: { NoncurrentDays: days },
                  AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
                },
              ],
            },
          }),
    },
  }
}

/** I11. */
export function alarmResources({ alarms }: AwsModel, ids: Unique): Readonly<Record<string, Resource>> {
  const resources: [string, Resource][] = []
  const logGroups = new Map<string, string>()
  for (const watched of alarms) {
    if (watched.kind === 'log') {
      const known = logGroups.get(watched.logGroup)
      const group = known ?? ids.take(logicalId(['log', watched.logGroup]))
      if (known === undefined) resources.push([group, logGroup(watched.logGroup)])
      logGroups.set(watched.logGroup, group)
      resources.push([ids.take(logicalId(['filter', watched.alarm.name])), filterOf(watched, group)])
    }
    resources.push([ids.take(logicalId(['alarm', watched.alarm.name])), alarmOf(watched)])
  }
  return Object.fromEntries(resources)
}

function logGroup(name: string): Resource {
  return {
    Type: 'AWS::Logs::LogGroup',
    DeletionPolicy: 'Retain',
    UpdateReplacePolicy: 'Retain',
    Properties: { LogGroupName: name, RetentionInDays: LOG_RETENTION_DAYS },
  }
}

function filterOf({ alarm, pattern, metric, namespace }: Extract<Watched, { kind: 'log' }>, group: string): Resource {
  return {
    Type: 'AWS::Logs::MetricFilter',
    Properties: {
      FilterName: alarm.name,
      LogGroupName: new Function('Ref', group),
      FilterPattern: pattern,
      MetricTransformations: [{ MetricName: metric, MetricNamespace: namespace, MetricValue: '1', DefaultValue: 0 }],
    },
  }
}

function alarmOf(watched: Watched): Resource {
  const { alarm, namespace, metric } = watched
  return {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmName: alarm.name,
      AlarmDescription: `${alarm.metric} of ${alarm.of.value}: more than ${alarm.threshold} in ${alarm.minutes} minutes`,
      Namespace: namespace,
      MetricName: metric,
      ...(watched.kind === 'metric' ? { Dimensions: [{ Name: watched.dimension.name, Value: watched.dimension.value }] } : {}),
      Statistic: watched.kind === 'log' ? 'Sum' : 'Maximum',
      Period: alarm.minutes * 60,
      EvaluationPeriods: 1,
      Threshold: alarm.threshold,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: watched.kind === 'log' ? 'notBreaching' : 'missing',
      AlarmActions: new Function('Ref', 'AlarmTopics'),
    },
  }
}
