import { type Deployment, type ManagerName, type Part } from '../part.ts'
import type { Manager, State } from './manager.ts'

/** Every manager, loaded where a deployment has parts of it. */
const MANAGERS: Readonly<Record<ManagerName, () => Promise<Manager>>> = {
  compose: async () => (await import('./compose.ts')).compose,
  pm2: async () => (await import('./pm2.ts')).pm2,
  systemd: async () => (await import('./systemd.ts')).systemd,
}

/** The parts by who runs them; those that nobody does are left out. */
export async function byManager(
  parts: readonly Part[],
): Promise<readonly { readonly manager: Manager; readonly parts: readonly Part[] }[]> {
  const kinds = [...new Set(parts.flatMap(({ runner }) => (runner.kind === 'nobody' ? [] : [runner.kind])))]
  return Promise.all(
    kinds.map(async (kind) => ({ manager: await MANAGERS[kind](), parts: parts.filter(({ runner }) => runner.kind === kind) })),
  )
}

export async function managerOf({ runner }: Part): Promise<Manager | undefined> {
  return runner.kind === 'nobody' ? undefined : MANAGERS[runner.kind]()
}

/** What their managers say of the parts, by name; those that nobody runs are left out. */
export async function statesOf(parts: readonly Part[], deployment: Deployment): Promise<ReadonlyMap<string, State>> {
  const groups = await byManager(parts.filter(({ elsewhere }) => !elsewhere))
  const found = await Promise.all(groups.map(({ manager, parts: own }) => manager.states(own, deployment)))
  return new Map(found.flatMap((states) => [...states]))
}
