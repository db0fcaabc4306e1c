import type { Alarm, Host, Policy } from '../../policy/policy.ts'
import type { WatchedAlarm } from './model.ts'

/** What is counted in which file, and by which pattern. */
const LOGS = {
  /**
   * Guessed passwords (`Failed password for …`), and connections that were given up before anybody had signed in (`… by authenticating user`,
   * `… by invalid user`: auth.c and packet.c of OpenSSH). Every failure is counted, some of them twice.
   */
  'failed-ssh': { log: 'auth', file: '/var/log/auth.log', pattern: '?"Failed password" ?"authenticating user" ?"invalid user"' },
  /** nginx's own format `combined`, with a status from 500. */
  'api-errors': {
    log: 'access',
    file: '/var/log/nginx/access.log',
    pattern: '[address, identity, user, time, request, status=5*, bytes, ...]',
  },
} as const

/** A period of CloudWatch is a day at most (PutMetricAlarm, `Period`). */
const MOST_MINUTES = 1440

const MANAGED = {
  rds: { namespace: 'AWS/RDS', metric: 'DatabaseConnections', dimension: 'DBInstanceIdentifier' },
  elasticache: { namespace: 'AWS/ElastiCache', metric: 'CurrConnections', dimension: 'CacheClusterId' },
} as const

export function alarmsOf(policy: Policy, note: (text: string) => void): readonly WatchedAlarm[] {
  return [...policy.alarms.values()].flatMap((alarm): readonly WatchedAlarm[] => {
    if (alarm.minutes > MOST_MINUTES) {
      note(`${alarm.name}: CloudWatch counts over ${MOST_MINUTES} minutes at most: no alarm is written for ${alarm.minutes}`)
      return []
    }
    return alarm.metric === 'database-connections' ? databaseAlarm(alarm, policy, note) : [logAlarm(alarm, alarm.metric, policy)]
  })
}

function logAlarm(alarm: Alarm, metric: keyof typeof LOGS, policy: Policy): WatchedAlarm {
  const { log, file, pattern } = LOGS[metric]
  const deployment = policy.name.replace(/[^\w./-]+/g, '-')
  return {
    kind: 'log',
    alarm,
    logGroup: `/${deployment}/${alarm.of.value}/${log}`,
    file,
    pattern,
    metric: `${alarm.name}-${alarm.metric}`,
    namespace: `Sallyport/${deployment}`,
  }
}

function databaseAlarm(alarm: Alarm, policy: Policy, note: (text: string) => void): readonly WatchedAlarm[] {
  const watched = hostsOf(alarm.of.value, policy).flatMap(({ managed, aws: { identifier } }) =>
    managed === undefined || identifier === undefined ? [] : [{ ...MANAGED[managed], identifier }],
  )
  const [only] = watched
  if (only === undefined || watched.length > 1) {
    note(`${alarm.name}: ${alarm.of.value} is not one managed database or cache with an aws.identifier: no alarm is written`)
    return []
  }
  const { namespace, metric, dimension, identifier } = only
  return [{ kind: 'metric', alarm, namespace, metric, dimension: { name: dimension, value: identifier } }]
}

/** Of a host, itself; of a service, those that it runs on. */
function hostsOf(name: string, policy: Policy): readonly Host[] {
  const hosts = policy.services.get(name)?.hosts ?? [name]
  return hosts.flatMap((host) => policy.hosts.get(host) ?? [])
}
