import type { AuditReport } from '@sallyport/core/audit'
import type { Item } from './item.ts'
import { COMMON } from './items/common.ts'
import { ENGINES } from './items/engines.ts'
import { MONITORING } from './items/monitoring.ts'
import { POKER } from './items/poker.ts'
import { TELEPHONY } from './items/telephony.ts'
import { VOICE } from './items/voice.ts'

/** The checklist of one kind of deployment. */
export interface Checklist {
  readonly name: string
  readonly title: string
  /** Whether what was seen is a deployment of this kind. */
  fits(report: AuditReport): boolean
  readonly items: readonly Item[]
}

const services = ({ policy }: AuditReport) => [...(policy?.services.values() ?? [])]

export const CHECKLISTS: readonly Checklist[] = [
  {
    name: 'engines',
    title: 'Engines: services on one server, run by PM2, behind nginx',
    fits: ({ rows }) => rows.some((row) => row.launches.some(({ claim }) => claim.by === 'pm2')),
    items: ENGINES,
  },
  {
    name: 'monitoring',
    title: 'Monitoring: services in docker compose',
    fits: ({ rows }) => rows.some(({ containers }) => containers.some(({ claim }) => claim.manager === undefined && claim.project !== '')),
    items: MONITORING,
  },
  {
    name: 'voice',
    title: 'Voice: one application for others, on an uncommon port, with a port for each environment',
    fits: (report) => report.policy?.environment !== undefined && services(report).some(({ http }) => http?.origins !== undefined),
    items: VOICE,
  },
  {
    name: 'poker',
    title: 'Poker: a local-only API; the data must never leave the machine',
    fits: (report) => {
      const own = services(report)
      return own.length > 0 && own.every(({ from }) => from.every((source) => source.kind === 'built-in' && source.name === 'loopback'))
    },
    items: POKER,
  },
  {
    name: 'telephony',
    title: 'Telephony: servers with roles on AWS',
    fits: ({ policy }) =>
      [...(policy?.hosts.values() ?? [])].some(
        ({ aws, managed }) => managed !== undefined || aws.securityGroups.length > 0 || aws.instance !== undefined,
      ),
    items: TELEPHONY,
  },
]

/** Of every deployment. */
export const COMMON_ITEMS: readonly Item[] = COMMON
