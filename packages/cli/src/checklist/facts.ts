import { portLevel, PORTS_TO_AVOID, type ServiceRow } from '@sallyport/core/audit'
import { isLoopback } from '@sallyport/core/network'
import type { Service } from '@sallyport/core/policy'
import type { View } from './sights.ts'
import { toldText } from './told.ts'

/** `holds` is `undefined` where it cannot be told. */
export interface Fact {
  readonly holds: boolean | undefined
  readonly evidence: readonly string[]
}

/** For this machine at most. */
function isOwn({ from }: Service): boolean {
  return from.every((source) => source.kind === 'built-in' && (source.name === 'loopback' || source.name === 'host'))
}

/** Somebody beyond this machine comes, surely or perhaps. */
function isReached({ now }: ServiceRow): boolean {
  return now.some(({ ways }) => ways.some(({ sender }) => sender !== 'host'))
}

/** What is computed from a report, where no rule says it. */
export type FactName = keyof typeof FACTS

export const FACTS = {
  /** Whoever the policy keeps to this machine listens on loopback, and nowhere else. What a container listens on is its network's. */
  onLoopback: ({ report }) => {
    const rows = report.rows.filter(
      ({ declared, now, container }) => container === undefined && now.length > 0 && declared !== undefined && isOwn(declared),
    )
    const wide = rows.filter(({ now }) => now.some(({ endpoint }) => !isLoopback(endpoint.address)))
    const told = (wide.length === 0 ? rows : wide).map(
      ({ name, now }) =>
        `${name}: ${now.map(({ endpoint }) => endpoint.port).join(', ')} ${wide.length === 0 ? 'on loopback' : 'beyond loopback'}`,
    )
    return rows.length === 0
      ? { holds: undefined, evidence: ['no service that is for this machine alone runs outside of a container'] }
      : { holds: wide.length === 0, evidence: told }
  },
  /** From beyond the machine nothing is reached but what the policy gives to somebody beyond it, and by nobody else. */
  onlyMeantReached: ({ report }) => {
    const reached = report.rows.filter(isReached)
    const strangers = reached
      .filter(({ declared }) => declared === undefined || isOwn(declared))
      .map(({ name }) => `${name} is reached from beyond this machine`)
    const wrong = [...report.findings.filter(({ rule }) => rule === 'private-reachable').map(toldText), ...strangers]
    return {
      holds: wrong.length === 0,
      evidence:
        wrong.length === 0 ? [`reached from beyond, as declared: ${reached.map(({ name }) => name).join(', ') || 'nothing'}`] : wrong,
    }
  },
  score: ({ report: { score, host } }) => ({
    holds: score.value === 100,
    evidence: [
      `score ${score.value}/100${host === undefined ? ', of files alone' : ''}`,
      ...score.costs.filter(({ cost }) => cost > 0).map(({ rule, cost }) => `-${cost} ${rule}`),
    ],
  }),
  /** A door (`edge`) is where everybody looks for it, and what is this machine's alone nobody scans. */
  portLevels: ({ report: { policy } }) => {
    const ports = [...(policy?.services.values() ?? [])]
      .filter((service) => !service.edge && !isOwn(service))
      .flatMap(({ name, ports: own }) => own.map(({ first }) => ({ name, port: first })))
    const low = ports.filter(({ port }) => portLevel(port).level < 3 || PORTS_TO_AVOID.some((item) => item.port === port))
    const told = ({ name, port }: (typeof ports)[number]): string => `${name}: ${port} is of level ${portLevel(port).level}`
    return ports.length === 0
      ? { holds: undefined, evidence: ['the policy has no service for others but doors'] }
      : { holds: low.length === 0, evidence: (low.length === 0 ? ports : low).map(told) }
  },
  claims: ({ report: { policy, findings } }) => {
    const failed = findings.filter(({ rule }) => rule === 'claim-failed').map(toldText)
    const count = policy?.tests.length ?? 0
    if (failed.length > 0) return { holds: false, evidence: failed }
    return count === 0
      ? { holds: undefined, evidence: ['the policy has no tests'] }
      : { holds: true, evidence: [`${count} tests of the policy hold`] }
  },
  accepted: ({ report }) => {
    const expired = report.findings.filter(({ rule }) => rule === 'acceptance-expired').map(toldText)
    return {
      holds: expired.length === 0,
      evidence: expired.length === 0 ? [`${report.accepted.length} findings are accepted, none past its date`] : expired,
    }
  },
  /** What is open is no pass: the machine's sight says so before this is asked. */
  decided: ({ report }) => ({ holds: report.undecided ? undefined : true, evidence: ['no verdict is open'] }),
} as const satisfies Readonly<Record<string, (view: View) => Fact>>
