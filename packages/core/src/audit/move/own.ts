import { type Evidence, evidenceOf, type Launch, type Value } from '../../evidence/index.ts'
import { classOf, formatAddress, parseAddress } from '../../network/index.ts'
import type { Policy, Service } from '../../policy/index.ts'
import type { ServiceRow } from '../join/service.ts'

/** By which names a service is called where something connects to it. */
export interface OwnNames {
  /** Lower case: its addresses and domains. */
  readonly hosts: ReadonlySet<string>
  /** Lower case: its names on container networks. */
  readonly containers: ReadonlySet<string>
  /** What it is called in the policy and by what starts it. */
  readonly services: ReadonlySet<string>
  /** Variables that hold its own host. */
  readonly hostVariables: ReadonlySet<string>
  /** Variables that hold its port. */
  readonly portVariables: ReadonlySet<string>
}

export function ownNames(row: ServiceRow, policy: Policy | undefined, evidence: readonly Evidence[]): OwnNames {
  const declared = row.declared
  return {
    hosts: new Set([
      ...(declared === undefined || policy === undefined ? [] : addressesOf(declared, policy)),
      ...(declared?.domains ?? []),
      ...(declared?.http?.origins ?? []).flatMap(({ value }) => hostOfOrigin(value)),
    ]),
    containers: new Set(row.containers.map(({ claim }) => claim.name.toLowerCase())),
    services: new Set([row.name, ...(declared === undefined ? [] : [declared.name]), ...row.containers.map(({ claim }) => claim.name)]),
    hostVariables: new Set(['HOST', ...row.planned.flatMap(({ reads }) => reads)]),
    portVariables: portVariables(row, evidence),
  }
}

function addressesOf({ hosts }: Service, policy: Policy): readonly string[] {
  return hosts.flatMap((host) => (policy.hosts.get(host)?.addresses ?? []).map(({ value }) => formatAddress(value)))
}

function hostOfOrigin(origin: string): readonly string[] {
  const host = /^https?:\/\/([^:/]+|\[[^\]]+\])/.exec(origin)?.[1]
  return host === undefined ? [] : [host.replace(/^\[(.*)\]$/, '$1').toLowerCase()]
}

/** The variables that the lines which listen read for their port, and `PORT` where a start of it is given one. */
function portVariables({ planned, launches }: ServiceRow, evidence: readonly Evidence[]): ReadonlySet<string> {
  const values = planned.flatMap(({ bind, launch }) => [bind?.claim.port, launch?.claim.serves?.port])
  const read = values.flatMap((value) => (value === undefined ? [] : variablesIn(value)))
  const isGiven =
    launches.some(({ claim }) => claim.environment.has('PORT')) ||
    evidenceOf(evidence, 'variable').some(({ claim }) => claim.name === 'PORT' && isLoaded(claim.file, launches))
  return new Set([...read, ...planned.flatMap((plan) => plan.portVariables), ...(isGiven ? ['PORT'] : [])])
}

/** Nothing that was read loads it, or a start of the service does. */
function isLoaded(file: string, launches: readonly Evidence<Launch>[]): boolean {
  return launches.some(({ claim }) => claim.environmentFiles.includes(file)) || /(?:^|\/)\.env(?:\.|$)/.test(file)
}

function variablesIn(value: Value): readonly string[] {
  switch (value.kind) {
    case 'environment':
      return [value.name, ...variablesIn(value.fallback), ...(value.whenSet === undefined ? [] : variablesIn(value.whenSet))]
    case 'argument':
      return variablesIn(value.fallback)
    case 'joined':
      return value.parts.flatMap(variablesIn)
    case 'choice':
      return value.options.flatMap(variablesIn)
    case 'known':
    case 'absent':
    case 'unknown':
      return []
    default:
      return value satisfies never
  }
}

const LOOPBACK = /^(?:localhost|[\w-]+\.localhost|127(?:\.\d{1,3}){3}|::1|0\.0\.0\.0|::|\*)$/i

/** Whether a host in a file means the machine that the file is used on. */
export const isLoopbackName = (host: string): boolean => LOOPBACK.test(host)

/** An address of a neighbour or of this machine: a list of the service's own origins has them of its own. */
export function isPrivateAddress(host: string): boolean {
  const address = parseAddress(host)
  return address !== undefined && classOf(address) !== 'internet'
}
