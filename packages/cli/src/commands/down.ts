import { show } from '@sallyport/core/evidence'
import { EXIT } from '../exit.ts'
import { chosen, type DeploymentOptions, readDeployment, refuseAmbiguous, refuseNothing } from '../lifecycle/deployment.ts'
import { byManager, statesOf } from '../lifecycle/managers/index.ts'
import { inOrder } from '../lifecycle/order.ts'
import { agreed, performAll, type StepOptions } from '../lifecycle/plan.ts'

/** `sallyport down [SERVICE…]` (M11): stops what runs, doors first and databases last. Data stays: no volume is removed. */
export async function down(names: readonly string[], options: DeploymentOptions & StepOptions): Promise<number> {
  const deployment = await readDeployment(options)
  refuseNothing(deployment)
  const asked = chosen(deployment.parts, names).filter(({ elsewhere }) => !elsewhere)
  refuseAmbiguous(asked)
  const states = await statesOf(asked, deployment)
  // Of one whose manager tells nothing it is not known that it has ended.
  const running = asked.filter(({ name }) => states.get(name)?.kind === 'running' || states.get(name)?.kind === 'unknown')
  const isAll = names.length === 0
  // What compose has made and does not run is taken away too, with its networks.
  const left = isAll ? asked.filter(({ name, runner }) => runner.kind === 'compose' && states.get(name)?.kind === 'ended') : []
  const stopping = asked.filter((part) => running.includes(part) || left.includes(part))
  for (const { name, runner } of asked)
    if (runner.kind === 'nobody') process.stderr.write(`${show(`note: ${name} is left as it is: ${runner.why}`, 400)}\n`)
  const waves = inOrder(stopping).toReversed()
  const steps = []
  const taken = new Set<string>()
  for (const wave of waves)
    for (const { manager, parts } of await byManager(wave)) {
      // `compose down` takes the whole project at once, in compose's own order.
      const whole = isAll && manager.name === 'compose'
      if (whole && taken.has(manager.name)) continue
      taken.add(manager.name)
      steps.push(...(await manager.stop(parts, deployment, whole)))
    }
  if (steps.length === 0) {
    process.stderr.write('nothing of it runs\n')
    return EXIT.clean
  }
  if (!(await agreed(steps, deployment.folder, 'Stop?', options))) return EXIT.clean
  await performAll(steps, deployment.folder)
  process.stderr.write(`stopped: ${stopping.map(({ name }) => show(name)).join(', ')}; sallyport up starts it again\n`)
  return EXIT.clean
}
