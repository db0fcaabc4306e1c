import { printable } from '../../../evidence/index.ts'
import type { HostName, Policy } from '../../../policy/index.ts'
import type { WriteOptions, Written, WrittenFile } from '../../write.ts'
import { isForSsh, type Openings, openingsOf } from './openings.ts'

/** A packet filter for each host that is asked for: the one that is named, or all that have services and a packet filter of their own. */
export function writeHosts(policy: Policy, options: WriteOptions, write: (openings: Openings) => readonly WrittenFile[]): Written {
  const { service, host: named, links = [] } = options
  if (service !== undefined) {
    const why = `a packet filter is for a whole host, and one for ${service} alone would close all others`
    return { kind: 'refused', why, next: 'leave the service out' }
  }
  if (named !== undefined && policy.hosts.get(named)?.managed !== undefined)
    return { kind: 'refused', why: `${named} has no packet filter of its own`, next: 'its security group decides: render it for AWS' }
  const hosts = hostsOf(policy).filter((host) => named === undefined || host === named)
  if (hosts.length === 0) {
    const why = named === undefined ? 'the policy has no services' : `no service of the policy runs on ${named}`
    return { kind: 'refused', why, next: 'declare what listens under `services`; without any, everything would be closed' }
  }
  const all = hosts.map((host) => openingsOf(policy, host, links))
  const several = all.length > 1
  return {
    kind: 'written',
    files: all.flatMap((openings) => write(openings).map((file) => ({ ...file, host: openings.host }))),
    notes: all.flatMap((openings) =>
      [...openings.notes, ...withoutSsh(openings)].map((note) => (several ? `${openings.host}: ${note}` : note)),
    ),
  }
}

function hostsOf({ services, hosts }: Policy): readonly HostName[] {
  const used = new Set([...services.values()].flatMap((service) => service.hosts))
  return [...hosts.values()].filter(({ name, managed }) => used.has(name) && managed === undefined).map(({ name }) => name)
}

function withoutSsh({ openings }: Openings): readonly string[] {
  return openings.some(isForSsh) ? [] : ['nobody may connect by SSH: declare it (`ssh: { port: 22, from: … }`) unless you come another way']
}

/** The lines that a file begins with. */
export function heading(policy: Policy, { host }: Openings, how: readonly string[]): readonly string[] {
  return [`# ${printable(policy.name)}, ${host}: who may come in, from sallyport.yaml.`, ...how.map((line) => `# ${line}`)]
}
