import { Unique } from '../aws/names.ts'
import { type AwsModel, LOG_RETENTION_DAYS } from '../aws/index.ts'
import { type Block, Expression, identifier, type Value } from './hcl.ts'

type Watched = AwsModel['alarms'][number]

/** I11. */
export function alarmBlocks({ alarms }: AwsModel): readonly Block[] {
  const groupNames = new Unique('_')
  const names = new Unique('_')
  const logGroups = new Map<string, string>()
  for (const watched of alarms)
    if (watched.kind === 'log' && !logGroups.has(watched.logGroup))
      logGroups.set(watched.logGroup, groupNames.take(identifier([watched.logGroup])))
  return [
    ...[...logGroups].map(
      ([name, resource]): Block => ({
        type: 'resource',
        labels: ['aws_cloudwatch_log_group', resource],
        attributes: { name, retention_in_days: LOG_RETENTION_DAYS },
      }),
    ),
    ...alarms.flatMap((watched) => blocksOf(watched, names.take(identifier([watched.alarm.name])), logGroups)),
  ]
}

function blocksOf(watched: Watched, resource: string, logGroups: ReadonlyMap<string, string>): readonly Block[] {
  if (watched.kind === 'metric') return [alarmBlock(watched, resource)]
  const { alarm, logGroup, metric, namespace, pattern } = watched
  const filter: Block = {
    type: 'resource',
    labels: ['aws_cloudwatch_log_metric_filter', resource],
    attributes: {
      name: alarm.name,
      log_group_name: new Expression(`aws_cloudwatch_log_group.${logGroups.get(logGroup)}.name`),
      pattern,
    },
    blocks: [{ type: 'metric_transformation', attributes: { name: metric, namespace, value: '1', default_value: '0' } }],
  }
  return [filter, alarmBlock(watched, resource)]
}

function alarmBlock(watched: Watched, resource: string): Block {
  const { alarm, namespace, metric } = watched
  const dimensions: Readonly<Record<string, Value>> =
    watched.kind === 'metric' ? { dimensions: { [watched.dimension.name]: watched.dimension.value } } : {}
  return {
    type: 'resource',
    labels: ['aws_cloudwatch_metric_alarm', resource],
    attributes: {
      alarm_name: alarm.name,
      alarm_description: `${alarm.metric} of ${alarm.of.value}: more than ${alarm.threshold} in ${alarm.minutes} minutes`,
      namespace,
      metric_name: metric,
      ...dimensions,
      statistic: watched.kind === 'log' ? 'Sum' : 'Maximum',
      period: alarm.minutes * 60,
      evaluation_periods: 1,
      threshold: alarm.threshold,
      comparison_operator: 'GreaterThanThreshold',
      treat_missing_data: watched.kind === 'log' ? 'notBreaching' : 'missing',
      alarm_actions: new Expression('var.alarm_topics'),
    },
  }
}
