import { setTimeout as wait } from 'node:timers/promises'
import { type Health, healthOf, holdersOf, quickHealth } from './health.ts'
import { readDeployment, type DeploymentOptions } from './deployment.ts'
import type { State } from './managers/manager.ts'
import type { Deployment, Part } from './part.ts'

const LOOK_MS = 300
/** So many looks in a row that find a part ended, and it is not coming. */
const ENDED_LOOKS = 4

/** Waits until every part is up. Gives those that are not: after the time, or once it is plain that they will not be. */
export async function untilUp(parts: readonly Part[], deployment: Deployment, timeoutMs: number): Promise<readonly Health[]> {
  const end = performance.now() + timeoutMs
  const ended = new Map<string, number>()
  for (;;) {
    const down = (await quickHealth(parts, deployment)).filter(({ verdict }) => verdict === 'down' || verdict === 'unknown')
    for (const { name } of parts) {
      const isEnded = down.some(({ part, state }) => part.name === name && state?.kind === 'ended')
      ended.set(name, isEnded ? (ended.get(name) ?? 0) + 1 : 0)
    }
    const isOver = performance.now() >= end || (down.length > 0 && down.every(({ part }) => (ended.get(part.name) ?? 0) >= ENDED_LOOKS))
    if (down.length === 0 || isOver) return down
    await wait(LOOK_MS)
  }
}

/** Why they are not up, by a new look at the machine. */
export async function whyDown(parts: readonly Part[], options: DeploymentOptions): Promise<readonly Health[]> {
  const deployment = await readDeployment(options)
  const names = new Set(parts.map(({ name }) => name))
  return healthOf(
    deployment.parts.filter(({ name }) => names.has(name)),
    deployment,
  )
}

/** What would keep parts from their ports, found before any is started (V7). */
export function conflictsOf(parts: readonly Part[], states: ReadonlyMap<string, State>, deployment: Deployment): readonly string[] {
  const taken = parts
    .filter(({ name }) => states.get(name)?.kind !== 'running')
    .flatMap((part) => holdersOf(part, false, deployment.report).map(({ port, who }) => `port ${port} of ${part.name} is taken by ${who}`))
  return [...new Set(taken)]
}
