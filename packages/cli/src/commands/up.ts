import { type Finding, SEVERITIES } from '@sallyport/core/audit'
import { show } from '@sallyport/core/evidence'
import { EXIT } from '../exit.ts'
import { chosen, type DeploymentOptions, readDeployment, refuseAmbiguous, refuseNothing } from '../lifecycle/deployment.ts'
import { healthExit, quickHealth } from '../lifecycle/health.ts'
import { healthText } from '../lifecycle/health-report.ts'
import { byManager } from '../lifecycle/managers/index.ts'
import { inOrder } from '../lifecycle/order.ts'
import type { Deployment, Part } from '../lifecycle/part.ts'
import { agreed, performAll, type StepOptions } from '../lifecycle/plan.ts'
import { conflictsOf, untilUp, whyDown } from '../lifecycle/start.ts'
import type { Step } from '../lifecycle/step.ts'

export interface UpOptions extends DeploymentOptions, StepOptions {
  /** Seconds that each wave has to come up. */
  readonly timeout: number
  /** Start although a finding says that it would be open, or its port is taken. */
  readonly force: boolean
}

const note = (text: string): void => void process.stderr.write(`${text}\n`)

/**
 * `sallyport up [SERVICE…]` (M11): starts what is not up, databases first and doors last, and waits for each wave before the next. Exit 1 where one does
 * not come up, also one that is not for it to start, or where starting it would open what the policy keeps closed; 3 where of one it is not known.
 */
export async function up(names: readonly string[], options: UpOptions): Promise<number> {
  const deployment = await readDeployment(options)
  refuseNothing(deployment)
  for (const text of deployment.notes) note(`note: ${show(text, 300)}`)
  const asked = chosen(deployment.parts, names).filter(({ elsewhere }) => !elsewhere)
  refuseAmbiguous(asked)
  const health = await quickHealth(asked, deployment)
  const isUp = new Set(health.filter(({ verdict }) => verdict === 'up').map(({ part }) => part.name))
  const down = asked.filter(({ name }) => !isUp.has(name))
  const startable = down.filter(({ runner }) => runner.kind !== 'nobody')
  for (const { name, runner } of down)
    if (runner.kind === 'nobody') note(show(`note: ${name} is not started: ${runner.why}; ${runner.next}`, 400))
  if (startable.length === 0) return answered(asked, options)
  const states = new Map(health.flatMap(({ part, state }) => (state === undefined ? [] : [[part.name, state] as const])))
  const against = [...openings(startable, deployment), ...conflictsOf(startable, states, deployment)]
  if (against.length > 0 && !options.force) {
    note('sallyport: nothing was started:')
    for (const text of against) note(`  ${show(text, 400)}`)
    note('  correct it (sallyport fix, sallyport ports), or start it as it is with --force')
    return EXIT.findings
  }
  const waves = inOrder(startable)
  const plan = await Promise.all(waves.map((wave) => stepsOf(wave, deployment)))
  if (!(await agreed(plan.flat(), deployment.folder, 'Start?', options))) return EXIT.clean
  for (const [index, wave] of waves.entries()) {
    await performAll(plan[index] ?? [], deployment.folder)
    const missing = await untilUp(wave, deployment, options.timeout * 1000)
    if (missing.length === 0) continue
    const waiting = waves.slice(index + 1).flat()
    process.stdout.write(healthText(await whyDown(wave, options)))
    if (waiting.length > 0) note(`not started, since they need what is down: ${waiting.map(({ name }) => show(name)).join(', ')}`)
    return EXIT.findings
  }
  return answered(asked, options)
}

async function stepsOf(wave: readonly Part[], deployment: Deployment): Promise<readonly Step[]> {
  const groups = await byManager(wave)
  return (await Promise.all(groups.map(({ manager, parts }) => manager.start(parts, deployment)))).flat()
}

async function answered(parts: readonly Part[], options: UpOptions): Promise<number> {
  if (options.dryRun) {
    note('nothing is to be started')
    return EXIT.clean
  }
  const all = await whyDown(parts, options)
  process.stdout.write(healthText(all))
  return healthExit(all)
}

/** Rules that say what the next start does. */
const OF_THE_START: ReadonlySet<Finding['rule']> = new Set(['opens-on-restart', 'host-overridden', 'published-private', 'port-conflict'])

function openings(parts: readonly Part[], { report }: Deployment): readonly string[] {
  const names = new Set(parts.map(({ row }) => row.name))
  return report.findings.flatMap(({ rule, severity, service, message, fix }) =>
    OF_THE_START.has(rule) && SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf('high') && service !== undefined && names.has(service)
      ? [`${message} (${rule}): ${fix}`]
      : [],
  )
}
