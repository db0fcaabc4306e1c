import type { Policy, Service } from '../../policy/index.ts'
import { formatAddress } from '../../network/index.ts'
import { isLoopbackName } from './own.ts'
import type { Occurrence } from './text.ts'

/** Something outside the folder that has to be told of the new port. */
export interface Elsewhere {
  readonly what: string
  /** Where it is changed. */
  readonly where: string
  readonly from: string
  readonly to: string
}

interface Row {
  /** Of the name that the address stands under, or of its path. */
  readonly name: RegExp
  readonly what: string
  readonly where: string
  /** Nobody outside has an address of loopback; a provider sends browsers to one all the same. */
  readonly beyond: boolean
}

/** Addresses that others keep a copy of. */
const KEPT_BY_OTHERS: readonly Row[] = [
  {
    name: /GOOGLE\w*(?:REDIRECT|CALLBACK)/i,
    what: 'OAuth redirect URI',
    where: 'Google: https://console.cloud.google.com/apis/credentials',
    beyond: false,
  },
  {
    name: /REDIRECT|\/callback\b|CALLBACK/i,
    what: 'OAuth redirect URI',
    where: 'the identity provider’s page of this client',
    beyond: false,
  },
  { name: /TWILIO/i, what: 'Twilio webhook URL', where: 'https://console.twilio.com (Phone numbers, Active numbers)', beyond: true },
  { name: /STRIPE\w*WEBHOOK/i, what: 'Stripe webhook URL', where: 'https://dashboard.stripe.com/webhooks', beyond: true },
  { name: /WEBHOOK|\/webhooks?\b/i, what: 'webhook URL', where: 'whoever calls it', beyond: true },
  { name: /HEALTH|MONITOR|UPTIME|STATUS_?URL/i, what: 'monitor', where: 'the monitoring service', beyond: true },
]

/** The address that a place is part of, and under which name it stands there. */
const URL_BEFORE =
  /(?<name>[A-Za-z_]\w*)?["'\]]?\)?\s{0,8}[:=,(]?\s{0,8}(?:[^\s"'`]{0,400}[,\s])?["'`]?(?<url>[a-z][a-z0-9+.-]{1,20}:\/\/[^\s"'`,<>]{1,256}:)$/i

/** Where the address at this place is known to others, with both of its forms. */
export function keptByOthers({ before, after }: Occurrence, from: number, to: number): readonly Elsewhere[] {
  const { name = '', url } = URL_BEFORE.exec(before)?.groups ?? {}
  if (url === undefined) return []
  const path = /^[^\s"'`,;<>)\]}]*/.exec(after)?.[0] ?? ''
  const row = KEPT_BY_OTHERS.find((each) => each.name.test(name) || each.name.test(path))
  const isLocal = isLoopbackName(/:\/\/(?:[^@/]*@)?\[?([^/]*?)\]?:$/.exec(url)?.[1] ?? '')
  return row === undefined || (row.beyond && isLocal)
    ? []
    : [{ what: row.what, where: row.where, from: `${url}${from}${path}`, to: `${url}${to}${path}` }]
}

/** What stands before the service, or looks at it from outside, where others than its own machine come to it. */
export function aroundIt(service: Service | undefined, policy: Policy | undefined, from: number, to: number): readonly Elsewhere[] {
  if (service === undefined || policy === undefined) return []
  const isLocal = service.from.every((ref) => ref.kind === 'built-in' && (ref.name === 'loopback' || ref.name === 'host'))
  if (isLocal) return []
  const hosts = service.hosts.flatMap((name) => policy.hosts.get(name) ?? [])
  const addresses = [...service.domains, ...hosts.flatMap(({ addresses: own }) => own.map(({ value }) => formatAddress(value)))]
  const names = addresses.length > 0 ? addresses : hosts.map(({ name }) => name)
  const groups = hosts.flatMap(({ aws }) => aws.securityGroups.map(({ value }) => value))
  return [
    ...names.map((name) => ({
      what: 'monitors, load balancers and clients',
      where: 'whoever connects to it from outside',
      from: `${name}:${from}${service.http?.health ?? ''}`,
      to: `${name}:${to}${service.http?.health ?? ''}`,
    })),
    ...groups.map((group) => ({
      what: `security group ${group}`,
      where: 'AWS: open the new port before the restart, close the old one after it',
      from: `port ${from}`,
      to: `port ${to}`,
    })),
  ]
}
