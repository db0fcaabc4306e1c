import { chosen, type DeploymentOptions, readDeployment, refuseNothing } from '../lifecycle/deployment.ts'
import { healthExit, healthOf } from '../lifecycle/health.ts'
import { healthData, healthText } from '../lifecycle/health-report.ts'

export interface HealthOptions extends DeploymentOptions {
  readonly format: 'text' | 'json'
}

/** `sallyport health [SERVICE…]` (M11, V7): which services are up, and why the others are not. Exit 1 where one is down, 3 where one is not known. */
export async function health(names: readonly string[], options: HealthOptions): Promise<number> {
  const deployment = await readDeployment(options)
  refuseNothing(deployment)
  const all = await healthOf(chosen(deployment.parts, names), deployment)
  process.stdout.write(options.format === 'json' ? `${JSON.stringify(healthData(all), null, 2)}\n` : healthText(all))
  return healthExit(all)
}
