import { type AwsModel, LOG_RETENTION_DAYS } from '../aws/index.ts'
import type { Section } from './groups.ts'
import { jsonWord } from './shell.ts'
import { shellWord } from '../shell-word.ts'

type Bucket = AwsModel['buckets'][number]
type Watched = AwsModel['alarms'][number]

/** I10. Each command sets the whole of its setting, so that it may be run again; other rules of a lifecycle go. */
export function bucketSection({ buckets }: AwsModel): Section {
  return { title: 'Buckets', text: buckets.map(bucketCommands).join(''), uses: [], variables: new Map() }
}

function bucketCommands({ name, encryption, versioning, expireAfterDays: days }: Bucket): string {
  const bucket = `--bucket ${shellWord(name)}`
  const kms = encryption === 'kms'
  const encrypted = {
    Rules: [
      {
        ApplyServerSideEncryptionByDefault: { SSEAlgorithm: kms ? 'aws:kms' : 'AES256' },
        ...(kms ? { BucketKeyEnabled: true } : {}),
      },
    ],
  }
  const commands = [
    `aws s3api head-bucket ${bucket} || aws s3 mb ${shellWord(`s3://${name}`)}`,
    `aws s3api put-public-access-block ${bucket} --public-access-block-configuration BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true`,
    `aws s3api put-bucket-encryption ${bucket} --server-side-encryption-configuration ${jsonWord(encrypted)}`,
    `aws s3api put-bucket-versioning ${bucket} --versioning-configuration Status=${versioning ? 'Enabled' : 'Suspended'}`,
    ...(days === undefined
      ? []
      : [`aws s3api put-bucket-lifecycle-configuration ${bucket} --lifecycle-configuration ${jsonWord(lifecycle(days))}`]),
  ]
  return commands.map((command) => `${command}\n`).join('')
}

const lifecycle = (days: number) => ({
  Rules: [
    {
      ID: 'expire',
      Status: 'Enabled',
      Filter: {},
      Expiration: { Days: days },
      NoncurrentVersionExpiration: { NoncurrentDays: days },
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
    },
  ],
})

/** I11. */
export function alarmSection({ alarms }: AwsModel): Section {
  return {
    title: 'Alarms',
    text: alarms.map(alarmCommands).join(''),
    uses: alarms.some(({ kind }) => kind === 'log') ? ['unlessThere'] : [],
    variables: new Map(alarms.length === 0 ? [] : [['ALARM_TOPIC', { meaning: 'the ARN of the SNS topic that alarms are sent to' }]]),
  }
}

function alarmCommands(watched: Watched): string {
  const { alarm, namespace, metric } = watched
  const log = watched.kind === 'log' ? shellWord(watched.logGroup) : ''
  const filter =
    watched.kind === 'metric'
      ? []
      : [
          `unless_there ResourceAlreadyExistsException aws logs create-log-group --log-group-name ${log}`,
          `aws logs put-retention-policy --log-group-name ${log} --retention-in-days ${LOG_RETENTION_DAYS}`,
          `aws logs put-metric-filter --log-group-name ${log} --filter-name ${shellWord(alarm.name)} --filter-pattern ${shellWord(watched.pattern)} --metric-transformations ${jsonWord([{ metricName: metric, metricNamespace: namespace, metricValue: '1', defaultValue: 0 }])}`,
        ]
  const options = [
    `--alarm-name ${shellWord(alarm.name)}`,
    `--alarm-description ${shellWord(`${alarm.metric} of ${alarm.of.value}: more than ${alarm.threshold} in ${alarm.minutes} minutes`)}`,
    `--namespace ${shellWord(namespace)}`,
    `--metric-name ${shellWord(metric)}`,
    ...(watched.kind === 'metric' ? [`--dimensions ${shellWord(`Name=${watched.dimension.name},Value=${watched.dimension.value}`)}`] : []),
    `--statistic ${watched.kind === 'log' ? 'Sum' : 'Maximum'}`,
    `--period ${alarm.minutes * 60}`,
    '--evaluation-periods 1',
    `--threshold ${alarm.threshold}`,
    '--comparison-operator GreaterThanThreshold',
    `--treat-missing-data ${watched.kind === 'log' ? 'notBreaching' : 'missing'}`,
    '--alarm-actions "$ALARM_TOPIC"',
  ]
  return [...filter, `aws cloudwatch put-metric-alarm ${options.join(' ')}`].map((command) => `${command}\n`).join('')
}
