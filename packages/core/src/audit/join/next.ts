import { isUnspecified } from '../../network/index.ts'
import type { Evidence, Socket } from '../../evidence/index.ts'
import { computeReach, endpointKey, type EndpointReach, type HostModel, type NamespaceModel, type Upstream } from '../../reach/index.ts'
import type { Exposure } from './exposure.ts'
import type { PlannedBind } from './planned.ts'
import { isMachines } from './listeners.ts'
import type { NextEndpoint, ServiceRow } from './service.ts'

/** What each service of this machine will listen on when it is started again, computed against the machine as it is now. */
export function withNext(rows: readonly ServiceRow[], host: HostModel, upstream: Upstream): readonly ServiceRow[] {
  const own = host.namespaces.get(host.own)
  if (own === undefined) return rows
  const replaced = new Set<Evidence<Socket>>()
  const predicted: {
    readonly row: ServiceRow
    readonly plan: PlannedBind
    readonly replaces: EndpointReach | undefined
    readonly socket: Evidence<Socket>
  }[] = []
  const undecided = new Map<ServiceRow, NextEndpoint[]>()
  for (const row of rows) {
    const plans = plansFor(row)
    for (const plan of plans) {
      const { port, exposure } = plan
      if (
        port !== undefined &&
        exposure.kind !== 'undecided' &&
        row.now.some((reach) => isSameProtocol(reach, plan) && sameSocket(reach, exposure, port))
      )
        continue
      const before =
        row.now.find(({ endpoint }) => endpoint.protocol === plan.protocol && (plan.port === undefined || endpoint.port === plan.port)) ??
        (plans.length === 1 && row.now.length === 1 ? row.now[0] : undefined)
      if (plan.exposure.kind === 'undecided' || plan.port === undefined) {
        const reason = plan.exposure.kind === 'undecided' ? plan.exposure.reason : 'its port cannot be told from the files'
        undecided.set(row, [...(undecided.get(row) ?? []), { kind: 'undecided', plan, reason }])
        continue
      }
      if (before !== undefined) {
        for (const socket of before.endpoint.sockets) replaced.add(socket)
      }
      predicted.push({ row, plan, replaces: before, socket: predictedSocket(plan, plan.exposure, plan.port, own) })
    }
  }
  const reach =
    predicted.length === 0
      ? new Map<string, EndpointReach>()
      : reachWith(
          host,
          own,
          replaced,
          predicted.map(({ socket }) => socket),
          upstream,
        )
  return rows.map((row) => ({
    ...row,
    next: [
      ...(undecided.get(row) ?? []),
      ...predicted
        .filter((item) => item.row === row)
        .flatMap(({ plan, replaces, socket }): readonly NextEndpoint[] => {
          const found = reach.get(
            endpointKey({ namespace: own.id, protocol: socket.claim.protocol, address: socket.claim.address, port: socket.claim.port }),
          )
          return found === undefined ? [] : [{ kind: 'reach', plan, reach: found, replaces }]
        }),
    ],
  }))
}

/**
 * The plans that the next start would follow: those of the launch that the running process came from, as far as it is known;
 * of managers before scripts, since a script is one of several ways to start by hand.
 */
function plansFor(row: ServiceRow): readonly PlannedBind[] {
  const plans = row.planned.filter((plan) => !plan.contained && !isCopy(row, plan))
  const manager = row.processes[0]?.claim.manager?.kind
  const same = plans.filter((plan) => plan.launch !== undefined && plan.launch.claim.by === manager)
  if (same.length > 0) return same
  const managed = plans.filter((plan) => plan.launch?.claim.by === 'pm2' || plan.launch?.claim.by === 'systemd')
  if (managed.length > 0 && row.now.length === 0) return managed
  if (row.now.length === 0) return []
  // Started by hand: the code as it is now says what the same command will do.
  return plans.filter(({ port, listener }) => listener !== undefined || row.now.some(({ endpoint }) => endpoint.port === port))
}

/** What a folder has of a proxy that runs is somewhere else before it takes effect: on the ports that it has already, the machine’s own files decide. */
function isCopy({ now }: ServiceRow, { listener, launch, port }: PlannedBind): boolean {
  if (listener === undefined || launch !== undefined || isMachines(listener)) return false
  return now.some(({ endpoint }) => endpoint.port === port)
}

function isSameProtocol({ endpoint }: EndpointReach, { protocol }: PlannedBind): boolean {
  return endpoint.protocol === protocol
}

function sameSocket(before: EndpointReach, exposure: Exclude<Exposure, { kind: 'undecided' }>, port: number): boolean {
  const { endpoint } = before
  if (endpoint.port !== port) return false
  if (exposure.kind === 'every-interface') return isUnspecified(endpoint.address)
  // `localhost` may have become ::1 or 127.0.0.1.
  if (exposure.kind === 'loopback') return !isUnspecified(endpoint.address) && before.ways.length === 0
  return endpoint.address.family === exposure.address.family && endpoint.address.value === exposure.address.value
}

function predictedSocket(
  plan: PlannedBind,
  exposure: Exclude<Exposure, { kind: 'undecided' }>,
  port: number,
  own: NamespaceModel,
): Evidence<Socket> {
  const { address } = exposure
  const dual = address.family === 6 && isUnspecified(address)
  return {
    claim: {
      claim: 'socket',
      protocol: plan.protocol,
      address,
      port,
      accepts: address.family === 4 ? 'ipv4' : dual && plan.listener?.listener.ipv6only !== true ? 'dual' : 'ipv6',
      inode: '',
      processes: [],
    },
    origin: plan.cause,
    standing: 'configured',
    host: (plan.bind ?? plan.launch ?? plan.listener?.proxy)?.host ?? '',
    namespace: own.id,
    capturedAt: (plan.bind ?? plan.launch ?? plan.listener?.proxy)?.capturedAt ?? 0,
  }
}

function reachWith(
  host: HostModel,
  own: NamespaceModel,
  without: ReadonlySet<Evidence<Socket>>,
  added: readonly Evidence<Socket>[],
  upstream: Upstream,
): ReadonlyMap<string, EndpointReach> {
  const changed: NamespaceModel = { ...own, sockets: [...own.sockets.filter((socket) => !without.has(socket)), ...added] }
  const model: HostModel = { ...host, namespaces: new Map(host.namespaces).set(own.id, changed) }
  return new Map(
    computeReach(model, upstream, new Set(added.map((socket) => socket.claim.port))).map((item) => [endpointKey(item.endpoint), item]),
  )
}
