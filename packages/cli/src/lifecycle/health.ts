import type { AuditReport, ServiceRow } from '@sallyport/core/audit'
import { type Evidence, includesPort, type Process, show, type Shown } from '@sallyport/core/evidence'
import type { EndpointReach } from '@sallyport/core/reach'
import { EXIT } from '../exit.ts'
import { showLog } from './shown-log.ts'
import { lineShower } from './lines.ts'
import { processText } from '../report/words.ts'
import { managerOf, statesOf } from './managers/index.ts'
import type { State } from './managers/manager.ts'
import type { Deployment, Part } from './part.ts'
import { type Answer, probe } from './probe.ts'

/** Whether a part is up, and how that is known. */
export interface Health {
  readonly part: Part
  /** `elsewhere`: on another machine, and not asked. */
  readonly verdict: 'up' | 'down' | 'unknown' | 'elsewhere'
  readonly state: State | undefined
  readonly answers: readonly Answer[]
  /** Why it is not up; the first is the nearest cause. */
  readonly reasons: readonly Shown[]
  /** The last lines of its log, where it is down. */
  readonly lines: readonly Shown[]
}

/** Whether each part is up, without a word why not: quick, to be asked again and again. */
export async function quickHealth(parts: readonly Part[], deployment: Deployment): Promise<readonly Health[]> {
  const states = await statesOf(parts, deployment)
  return Promise.all(
    parts.map(async (part): Promise<Health> => {
      if (part.elsewhere) return { part, verdict: 'elsewhere', state: undefined, answers: [], reasons: [], lines: [] }
      const state = states.get(part.name)
      const answers = await probe(part, state)
      return { part, verdict: verdictOf(state, answers, ownerOf(part, state, deployment.report)), state, answers, reasons: [], lines: [] }
    }),
  )
}

/** The same, and of each that is down why: what its manager says, who has its port, what it answers, what it last wrote. */
export async function healthOf(parts: readonly Part[], deployment: Deployment): Promise<readonly Health[]> {
  const quick = await quickHealth(parts, deployment)
  return Promise.all(
    quick.map(async (health) =>
      health.verdict === 'down' || health.verdict === 'unknown'
        ? { ...health, reasons: reasonsOf(health, deployment.report), lines: await lastWords(health, deployment) }
        : health,
    ),
  )
}

/** As the verdicts together answer: 1 where one is down, 3 where of one it is not known. */
export function healthExit(all: readonly Health[]): number {
  if (all.some(({ verdict }) => verdict === 'down')) return EXIT.findings
  return all.some(({ verdict }) => verdict === 'unknown') ? EXIT.undecided : EXIT.clean
}

/** Something else has the port: that it answers says nothing of this part. */
type Owner = 'another' | 'own' | undefined

function verdictOf(state: State | undefined, answers: readonly Answer[], owner: Owner): Health['verdict'] {
  const bad = answers.some((answer) => answer.kind === 'none' || (answer.kind === 'http' && !isGood(answer.status)))
  switch (state?.kind) {
    case 'ended':
    case 'never':
      return 'down'
    case 'running':
      if (state.health !== undefined && state.health.status !== 'healthy') return 'down'
      return bad || (owner === 'another' && state.places === undefined) ? 'down' : 'up'
    case 'unknown':
      return bad ? 'down' : answers.length === 0 || owner === 'another' ? 'unknown' : 'up'
    case undefined:
      return bad || owner === 'another' ? 'down' : answers.length === 0 ? 'unknown' : 'up'
    default:
      return state satisfies never
  }
}

const isGood = (status: number): boolean => status >= 200 && status < 300

export interface Holder {
  readonly port: number
  readonly who: Shown
}

/**
 * What listens in the machine's own network on a port of the part, and is not what the part's manager started. Whether the manager has started
 * it (`runs`) decides whose the sockets of the part's own row are: a row is told by its port.
 */
export function holdersOf({ row, ports, runner }: Part, runs: boolean, report: AuditReport): readonly Holder[] {
  const published = row.containers.flatMap(({ claim }) => claim.published.flatMap(({ hostPorts }) => hostPorts ?? []))
  const own = ({ claim }: Evidence<Process>): boolean =>
    runs &&
    (runner.kind === 'pm2'
      ? claim.manager?.kind === 'pm2' && claim.manager.app === runner.app
      : runner.kind !== 'systemd' || claim.manager?.kind === 'systemd')
  return ports.flatMap(({ port, protocol }) => {
    // A container's port is the machine's only where it is published.
    if (runner.kind === 'compose' && !published.some((range) => includesPort(range, port))) return []
    const isOn = ({ endpoint }: EndpointReach): boolean =>
      endpoint.port === port && endpoint.protocol === protocol && endpoint.namespace === report.host?.namespace
    return report.rows.flatMap((other): readonly Holder[] => {
      const here = other.now.filter(isOn)
      if (here.length === 0) return []
      const pids = here.flatMap(({ endpoint }) => endpoint.sockets.flatMap((socket) => socket.claim.processes))
      const processes = other.processes.filter(({ claim }) => pids.includes(claim.pid))
      const isOwn = other === row && runs && (processes.length === 0 || processes.some(own))
      return isOwn || (other.container !== undefined && runner.kind === 'compose' && runs)
        ? []
        : [{ port, who: whoOf(other, processes[0]) }]
    })
  })
}

function whoOf({ name, container }: ServiceRow, process: Evidence<Process> | undefined): Shown {
  const inside = container === undefined ? '' : `, container ${container.claim.name}`
  return show(process === undefined ? `${name}${inside}` : `${processText(process.claim)}, pid ${process.claim.pid}${inside}`)
}

function ownerOf(part: Part, state: State | undefined, report: AuditReport): Owner {
  if (part.runner.kind !== 'nobody' && holdersOf(part, state?.kind === 'running', report).length > 0) return 'another'
  return part.row.now.length > 0 ? 'own' : undefined
}

function reasonsOf({ part, state, answers }: Health, report: AuditReport): readonly Shown[] {
  const holders = (part.runner.kind === 'nobody' ? [] : holdersOf(part, state?.kind === 'running', report)).map(({ port, who }) =>
    show(`port ${port} is taken by ${who}`),
  )
  return [...stateReasons(part, state), ...holders, ...answers.flatMap(answerReason)]
}

function stateReasons({ runner, name }: Part, state: State | undefined): readonly Shown[] {
  switch (state?.kind) {
    case undefined:
      return runner.kind === 'nobody' ? [show(`${runner.why}: ${runner.next}`, 300)] : []
    case 'never':
      return [show(`${MANAGERS[runner.kind]} knows nothing of it: it was never started (sallyport up ${name})`)]
    case 'ended':
      return [show(`${state.how}${restartText(state.restarts)}`, 400)]
    case 'unknown':
      return [state.why]
    case 'running':
      return [
        ...(state.health === undefined || state.health.status === 'healthy'
          ? []
          : [
              show(
                `its own health check says ${state.health.status}${state.health.said === undefined ? '' : `: ${state.health.said}`}`,
                300,
              ),
            ]),
        ...(state.restarts > 0 ? [show(`it runs (${state.who})${restartText(state.restarts)}`)] : []),
      ]
    default:
      return state satisfies never
  }
}

const MANAGERS: Readonly<Record<Part['runner']['kind'], string>> = { pm2: 'PM2', compose: 'compose', systemd: 'systemd', nobody: 'nobody' }

function restartText(restarts: number): string {
  return restarts === 0 ? '' : `, started again ${restarts === 1 ? 'once' : `${restarts} times`}`
}

function answerReason(answer: Answer): readonly Shown[] {
  if (answer.kind === 'none') return [show(`${answer.at}: ${answer.why}`)]
  if (answer.kind === 'http' && !isGood(answer.status)) return [show(`${answer.url} answers ${answer.status}`)]
  return []
}

const LAST_LINES = 8

async function lastWords({ part, state }: Health, deployment: Deployment): Promise<readonly Shown[]> {
  if (state === undefined || state.kind === 'never' || state.kind === 'unknown') return []
  const manager = await managerOf(part)
  const step = await manager?.log(part, deployment, LAST_LINES * 2, false).catch(() => undefined)
  if (step === undefined) return []
  const lines: Shown[] = []
  const shower = lineShower()
  await showLog({ ...step, timeoutMs: 15_000 }, { line: (line) => void lines.push(shower(line)) })
  return lines.filter((line) => line.trim() !== '').slice(-LAST_LINES)
}
