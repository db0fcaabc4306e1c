import type { HostName, Policy, Service } from '../../policy/index.ts'
import { includesPort, type Protocol } from '../../evidence/index.ts'

/** What is watched for failures on a host, and which ports are closed to whoever has too many. */
export interface Jail {
  readonly name: string
  /** Of fail2ban's own, or one that is written with it. */
  readonly filter: string
  readonly ports: readonly string[]
  readonly protocols: readonly Protocol[]
  /** Files; empty: the journal. */
  readonly logs: readonly string[]
  readonly notes: readonly string[]
}

const SSH_PORT = 22
const SIP_PORTS: readonly number[] = [5060, 5061]
/** Where the packages of FreeSWITCH log to. */
const SIP_LOG = '/var/log/freeswitch/freeswitch.log'

export function jailsOf(policy: Policy, host: HostName, asked: string | undefined): readonly Jail[] {
  const here = [...policy.services.values()].filter(({ hosts }) => hosts.includes(host))
  const chosen = asked === undefined ? here : here.filter(({ name }) => name === asked)
  return [...ssh(chosen), ...sip(chosen), ...guard(chosen, here)]
}

function ssh(services: readonly Service[]): readonly Jail[] {
  const found = services.filter(
    (service) => service.protocols.includes('tcp') && (/^sshd?$/i.test(service.name) || hasPort(service, SSH_PORT)),
  )
  // The name of fail2ban's own jail, which this one then is: two of them would read each line twice.
  return found.length === 0 ? [] : [{ name: 'sshd', filter: 'sshd', ports: portsOf(found), protocols: ['tcp'], logs: [], notes: [] }]
}

function sip(services: readonly Service[]): readonly Jail[] {
  const found = services.filter((service) => /^sips?$/i.test(service.name) || SIP_PORTS.some((port) => hasPort(service, port)))
  if (found.length === 0) return []
  const notes = [
    `FreeSWITCH has to log failures: \`<param name="log-auth-failures" value="true"/>\` in each profile of Sofia, and to ${SIP_LOG} (correct logpath where it logs elsewhere)`,
  ]
  return [{ name: 'sallyport-sip', filter: 'sallyport-sip', ports: portsOf(found), protocols: protocolsOf(found), logs: [SIP_LOG], notes }]
}

/**
 * Services of HTTP that others than this machine come to: those that a door passes requests on to, whose doors are closed then, and those that
 * they come to directly.
 */
function guard(services: readonly Service[], here: readonly Service[]): readonly Jail[] {
  const doorsOf = ({ name }: Service): readonly Service[] => here.filter(({ routes }) => routes.some((route) => route.service === name))
  const isDirect = ({ http, routes, from }: Service): boolean =>
    http !== undefined &&
    routes.length === 0 &&
    from.some((ref) => ref.kind !== 'built-in' || ref.name === 'private' || ref.name === 'internet')
  const found = services.filter((service) => service.protocols.includes('tcp') && (doorsOf(service).length > 0 || isDirect(service)))
  if (found.length === 0) return []
  const doors = found.flatMap((service) => [...doorsOf(service), ...(isDirect(service) ? [service] : [])])
  const logs = found.map(({ name }) => `/var/log/sallyport/${name}/security.log`)
  const notes = [
    `the guard of each service has to log where the jail looks: \`log: '${logs[0] ?? ''}'\`; fail2ban does not start while a log is not there`,
  ]
  return [{ name: 'sallyport-guard', filter: 'sallyport-guard', ports: portsOf([...new Set(doors)]), protocols: ['tcp'], logs, notes }]
}

function hasPort({ ports }: Service, port: number): boolean {
  return ports.some((range) => includesPort(range, port))
}

/** As fail2ban writes ranges: `16384:32768`. */
function portsOf(services: readonly Service[]): readonly string[] {
  const ranges = services.flatMap(({ ports }) => ports).toSorted((a, b) => a.first - b.first)
  return [...new Set(ranges.map(({ first, last }) => (first === last ? String(first) : `${first}:${last}`)))]
}

function protocolsOf(services: readonly Service[]): readonly Protocol[] {
  return (['tcp', 'udp'] as const).filter((protocol) => services.some(({ protocols }) => protocols.includes(protocol)))
}
