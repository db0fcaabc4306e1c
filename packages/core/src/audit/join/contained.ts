import type { Evidence, FileOrigin, Launch } from '../../evidence/index.ts'
import { commandPlace, type PlannedBind } from './planned.ts'
import type { ServiceRow } from './service.ts'

/**
 * A command of a script that a container of the folder runs, by its image or by compose: in there it has to bind for others, and what is
 * published decides. A person may call the script too; what another manager or script starts by it is no container's.
 */
export function isOfContainer({ planned }: Pick<ServiceRow, 'planned'>, { launch }: PlannedBind): boolean {
  const place = launch === undefined ? undefined : commandPlace(launch)
  if (launch === undefined || place === undefined || !isCalledByHand(launch, place)) return false
  return planned.some((other) => {
    const command = other.contained && other.launch !== undefined ? commandPlace(other.launch) : undefined
    return command?.path === place.path && command.span.start.offset === place.span.start.offset
  })
}

/** Nothing else that was read starts it. */
function isCalledByHand({ claim, origin }: Evidence<Launch>, { path }: FileOrigin): boolean {
  const { by } = claim
  return by === 'npm-script' || by === 'makefile' || (by === 'shell' && origin.kind === 'file' && origin.path === path)
}
