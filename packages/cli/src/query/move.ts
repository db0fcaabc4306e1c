import { includesPort } from '@sallyport/core/evidence'
import { type AuditReport, PORTS_TO_AVOID, portLevel, predictedEndpoints, type ServiceRow } from '@sallyport/core/audit'
import type { Policy } from '@sallyport/core/policy'
import { suggest } from '@sallyport/core/policy'
import { Failure } from '../failure.ts'
import { portsInUse } from './ports.ts'

/** The service that is to move. Throws `Failure` where there is none of that name. */
export function rowToMove({ rows, policy }: AuditReport, name: string): ServiceRow {
  const row = rows.find(({ declared }) => declared?.name === name) ?? rows.find((each) => each.name === name)
  if (row !== undefined) return row
  // What the machine alone has, running or in /etc, has no file here that could give it another port.
  const ofFolder = rows.filter(
    ({ declared, planned, containers }) =>
      declared !== undefined || planned.some(({ cause }) => !cause.path.startsWith('/')) || containers.length > 0,
  )
  const names = [...new Set([...ofFolder.map((each) => each.name), ...(policy?.services.keys() ?? [])])]
  const near = suggest(name, names)
  throw new Failure(
    `there is no service ${name} here`,
    near !== undefined
      ? `did you mean ${near}?`
      : names.length === 0
        ? 'name the folder of the deployment with --folder'
        : `there is ${names.join(', ')}`,
  )
}

/** The port that it is on: by the policy, else by its files. Throws `Failure` where that is not one. */
export function portOf(row: ServiceRow): number {
  const declared = row.declared?.ports
  const [first, another] =
    declared ?? [...new Set(predictedEndpoints(row).flatMap(({ port }) => port ?? []))].map((port) => ({ first: port, last: port }))
  if (first !== undefined && another === undefined && first.first === first.last) return first.first
  const why = first === undefined ? 'which port it is on cannot be told' : 'it is on more than one port'
  throw new Failure(`${row.name} cannot be moved: ${why}`, 'say which with --from PORT')
}

/**
 * Another service of the same machine on the same port: which of them a place means cannot be told. Throws `Failure`; where the policy does
 * not say so only where it is not `forced`: it may be another way to start the same service.
 */
export function refuseTwins({ rows }: AuditReport, row: ServiceRow, port: number, forced: boolean): void {
  const others = rows.filter((other) => other !== row && (other.declared === undefined || sharesHost(row, other.declared.hosts)))
  const twin = others.find(({ declared }) => declared?.ports.some((range) => includesPort(range, port)))
  if (twin !== undefined)
    throw new Failure(
      `${row.name} and ${twin.name} are both on port ${port}: which of them a place means cannot be told`,
      'move one of them by hand, or give them hosts of their own in the policy',
    )
  const [start] = others.flatMap((other) =>
    predictedEndpoints(other).flatMap((endpoint) =>
      endpoint.port === port && endpoint.exposure !== 'internal' ? [{ name: other.name, cause: endpoint.cause }] : [],
    ),
  )
  if (start !== undefined && !forced)
    throw new Failure(
      `${start.cause.path}:${start.cause.span.start.line} starts ${start.name} on port ${port} too: which of them a place means cannot be told`,
      `say in the policy what starts ${row.name} (run: …) and on which port ${start.name} is, or leave ${start.name} where it is with --force`,
    )
}

/** Why a port should not be taken; empty: nothing speaks against it. */
export function obstaclesTo(report: AuditReport, row: ServiceRow, port: number, others: ReadonlyMap<string, Policy>): readonly string[] {
  const avoided = PORTS_TO_AVOID.find((each) => each.port === port)
  const { level, why } = portLevel(port)
  const taken = portsInUse(report).filter(({ ports, service }) => service !== row.name && includesPort(ports, port))
  const reserved = [...others].flatMap(([environment, policy]) =>
    [...policy.services.values()]
      .filter(({ ports, hosts }) => ports.some((range) => includesPort(range, port)) && sharesHost(row, hosts))
      .map(({ name }) => `${name} has it in the environment ${environment}`),
  )
  return [
    ...(avoided === undefined ? [] : [`it is ${avoided.service}’s: ${avoided.reason}`]),
    ...(avoided === undefined && level === 1 ? [`it is of level 1: ${why}`] : []),
    ...taken.map(({ service, state, by }) => `${service} has it (${[state, ...by].join(', ')})`),
    ...reserved,
  ]
}

function sharesHost({ declared }: ServiceRow, hosts: readonly string[]): boolean {
  return declared === undefined || declared.hosts.some((host) => hosts.includes(host))
}
