import { isLoopback, isUnspecified, sameAddress, unmap } from '../../network/index.ts'
import type { EndpointReach } from '../../reach/index.ts'
import type { PlannedBind } from './planned.ts'
import type { ServiceRow } from './service.ts'

/**
 * The ways to start it by which an endpoint may have come to be as it is: in a container where it is in one, on its port, and on an address
 * that the host leads to. What a file says otherwise is not the cause of what runs.
 */
export function plansBehind({ planned, container }: ServiceRow, { endpoint }: EndpointReach): readonly PlannedBind[] {
  return planned.filter(
    (plan) =>
      plan.protocol === endpoint.protocol &&
      (plan.port === undefined || plan.port === endpoint.port) &&
      (container === undefined ? !plan.contained : plan.contained || plan.launch === undefined || plan.bind === undefined) &&
      leadsTo(plan, endpoint),
  )
}

function leadsTo({ exposure }: PlannedBind, endpoint: EndpointReach['endpoint']): boolean {
  const address = unmap(endpoint.address)
  switch (exposure.kind) {
    case 'undecided':
      return true
    case 'loopback':
      return isLoopback(address)
    case 'every-interface':
      return isUnspecified(address)
    case 'address':
      return sameAddress(unmap(exposure.address), address)
    default:
      return exposure satisfies never
  }
}
