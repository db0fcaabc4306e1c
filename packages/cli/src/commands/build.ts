import { EXIT } from '../exit.ts'
import { chosen, type DeploymentOptions, readDeployment, refuseAmbiguous, refuseNothing } from '../lifecycle/deployment.ts'
import { byManager } from '../lifecycle/managers/index.ts'
import { agreed, performAll, type StepOptions } from '../lifecycle/plan.ts'
import { type Step, stepText } from '../lifecycle/step.ts'

/** `sallyport build [SERVICE…]` (M11): images of compose, and the build script of package.json. Runs what the deployment itself says. */
export async function build(names: readonly string[], options: DeploymentOptions & StepOptions): Promise<number> {
  const deployment = await readDeployment(options)
  refuseNothing(deployment)
  const asked = chosen(deployment.parts, names).filter(({ elsewhere }) => !elsewhere)
  refuseAmbiguous(asked)
  const steps = new Map<string, Step>()
  for (const { manager, parts } of await byManager(asked))
    for (const step of await manager.build(parts, deployment)) steps.set(stepText(step, ''), step)
  if (steps.size === 0) {
    process.stderr.write('nothing is to be built\n')
    return EXIT.clean
  }
  if (!(await agreed([...steps.values()], deployment.folder, 'Build?', options))) return EXIT.clean
  await performAll([...steps.values()], deployment.folder)
  return EXIT.clean
}
