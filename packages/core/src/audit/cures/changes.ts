import {
  type ArgumentChange,
  type BindChange,
  type Change,
  type ConfiguredPort,
  type FileOrigin,
  type PublishChange,
  resolveValue,
  samePlace,
  type Setting,
  type Surroundings,
  type ValueChange,
  type VariableChange,
} from '../../evidence/index.ts'
import type { EndpointReach, Way } from '../../reach/index.ts'
import { wordBeforeOptions } from '../../systems/index.ts'
import { plansBehind } from '../join/agrees.ts'
import { exposureOf, isPublishedHere } from '../join/exposure.ts'
import type { PlannedBind } from '../join/planned.ts'
import { HOST_VARIABLES, isNamedHost, promisesOf } from '../join/promised.ts'
import type { ServiceRow } from '../join/service.ts'

/** What a service for this machine alone binds. */
const LOOPBACK = '127.0.0.1'
const LOOPBACK_SIX = '::1'

/** The same change at the same place, wanted for several reasons, is one. */
export function eachOnce(changes: readonly Change[]): readonly Change[] {
  return [...new Map(changes.map((change) => [changeKey(change), change])).values()]
}

/** Equal for the same change at the same place. */
export function changeKey(change: Change): string {
  const place = 'at' in change ? `${change.at.path}:${change.at.span.start.offset}-${change.at.span.end.offset}` : ''
  return JSON.stringify([place, change], (key, value: unknown) => (key === 'at' || key === 'origin' ? undefined : value))
}

/** What would make each of these ways to start the service bind this machine alone. */
export function bindingChanges(plans: readonly PlannedBind[]): readonly Change[] {
  return plans.flatMap((plan): readonly Change[] => {
    if (plan.exposure.kind !== 'every-interface' && plan.exposure.kind !== 'address') return []
    const source = plan.decidedBy === 'default' || plan.decidedBy === 'code' ? bindChange(plan, hostVariable(plan, plans)) : undefined
    if (source !== undefined) return [source, ...handOff(plan, source.variable)]
    return plan.decidedBy === 'default' && plan.bind === undefined ? argumentChange(plan) : valueChange(plan)
  })
}

/** What makes the code read a variable that is set for it already. */
export function readingChanges(plans: readonly PlannedBind[], variable: string): readonly Change[] {
  return plans.flatMap((plan) => bindChange(plan, variable) ?? [])
}

/** Built output is made anew from its source, which is where a person edits: its own line is left as it is. */
function bindChange({ bind, listener }: PlannedBind, variable: string): BindChange | undefined {
  if (bind === undefined || listener !== undefined || bind.origin.kind !== 'file' || bind.claim.builtFrom !== undefined) return undefined
  const { framework, language, protocol } = bind.claim
  return { change: 'bind', at: bind.origin, framework, language, protocol, host: LOOPBACK, variable, given: bind.claim.host }
}

/** The variable that is to give the host: one that the line reads, or that any of the starts (`plans`) sets for it already. */
export function hostVariable({ bind, reads }: PlannedBind, plans: readonly PlannedBind[]): string {
  return reads.find(isNamedHost) ?? promisedIn(plans).get(bind) ?? 'HOST'
}

/** The first variable of the starts of each line, found once: a line may be started in thousands of ways. */
const PROMISED = new WeakMap<readonly PlannedBind[], ReadonlyMap<PlannedBind['bind'], string>>()

function promisedIn(plans: readonly PlannedBind[]): ReadonlyMap<PlannedBind['bind'], string> {
  const before = PROMISED.get(plans)
  if (before !== undefined) return before
  const found = new Map<PlannedBind['bind'], string>()
  for (const plan of plans) {
    const promised = found.has(plan.bind) ? undefined : promisesOf(plan)[0]
    if (promised !== undefined) found.set(plan.bind, promised.name)
  }
  PROMISED.set(plans, found)
  return found
}

/** A program whose command line says nothing of the host. */
function argumentChange({ launch }: PlannedBind): readonly ArgumentChange[] {
  const { command = [], serves } = launch?.claim ?? {}
  const word = serves === undefined ? undefined : wordBeforeOptions(serves.program, command)
  if (serves === undefined || word === undefined || word.text.kind === 'absent') return []
  return [{ change: 'argument', at: word.written ?? word.text.origin, program: serves.program, host: LOOPBACK }]
}

/** A host that is given at start, or a line `listen` of a proxy. */
function valueChange({ given, cause, exposure, decidedBy, listener }: PlannedBind): readonly ValueChange[] {
  if (given === undefined || (decidedBy !== 'start' && listener === undefined)) return []
  const isSix = exposure.kind !== 'undecided' && exposure.address.family === 6 && given !== '*' && given !== 'true'
  return [{ change: 'value', at: cause, from: given, to: isSix ? LOOPBACK_SIX : LOOPBACK }]
}

/** The other side of what the code will read: PM2 sets it (E3), and nothing that is set already opens it. */
function handOff({ launch }: PlannedBind, variable: string): readonly Change[] {
  if (launch === undefined || launch.origin.kind !== 'file') return []
  const { by, name, environment } = launch.claim
  const setting = environment.get(variable)
  if (setting === undefined)
    return by === 'pm2'
      ? [{ change: 'variable', at: launch.origin, by, launch: name, name: variable, value: LOOPBACK } satisfies VariableChange]
      : []
  return exposingValues(setting).map((from): ValueChange => ({ change: 'value', at: setting.origin, from, to: LOOPBACK }))
}

/**
 * Where PM2 gives a host in one environment of an app alone (`env_production`), what has it given in the others too: without it the code has
 * none to read.
 */
export function sharedVariables({ planned }: ServiceRow, plans: readonly PlannedBind[]): readonly VariableChange[] {
  return plans.flatMap(({ launch, reads, cause, decidedBy }) => {
    if (launch?.claim.by !== 'pm2' || launch.claim.environmentName === undefined || decidedBy !== 'start') return []
    const { claim } = launch
    const name = reads.find((each) => {
      const setting = claim.environment.get(each)
      return setting !== undefined && samePlace(setting.origin, cause)
    })
    if (name === undefined || !HOST_VARIABLES.has(name)) return []
    return planned.flatMap(({ launch: other }): readonly VariableChange[] => {
      const isBase = other?.claim.by === 'pm2' && other.claim.name === claim.name && other.claim.environmentName === undefined
      if (!isBase || other.origin.kind !== 'file' || other.claim.environment.has(name)) return []
      return [{ change: 'variable', at: other.origin, by: 'pm2', launch: claim.name, name, value: LOOPBACK }]
    })
  })
}

function exposingValues({ value }: Setting): readonly string[] {
  return resolveValue(value, NOTHING_SET).flatMap((resolved) => {
    const { kind } = exposureOf(resolved, '*')
    return resolved.kind === 'known' && (kind === 'every-interface' || kind === 'address') ? [String(resolved.value)] : []
  })
}

/** What would keep these published ports on this machine; what only other services come to, they reach by its name. */
export function publishChanges(row: ServiceRow, ports: readonly ConfiguredPort[]): readonly (PublishChange | ValueChange)[] {
  return ports.map((port) => {
    const { origin, hostAddress } = port
    if (isForServices(row)) return { change: 'publish', at: origin, on: 'nowhere' }
    const at = addressElsewhere(port)
    return at === undefined || hostAddress.kind !== 'known'
      ? { change: 'publish', at: origin, on: LOOPBACK }
      : { change: 'value', at, from: String(hostAddress.value), to: LOOPBACK }
  })
}

/** The other file that gives the address of a published port. */
export function addressElsewhere({ origin, hostAddress }: ConfiguredPort): FileOrigin | undefined {
  return hostAddress.kind === 'known' && hostAddress.origin.path !== origin.path ? hostAddress.origin : undefined
}

/** The policy has only other services come to it. */
export function isForServices({ declared }: ServiceRow): boolean {
  return declared?.from.every(({ kind }) => kind === 'service') === true
}

/** What of the files made an endpoint as it is: what binds it, and what publishes it. `ways`: those by which somebody comes who is not to. */
export function changesFor(row: ServiceRow, reach: EndpointReach, ways: readonly Way[]): readonly Change[] {
  const ports = new Set(ways.map(({ at }) => at.port))
  const published = row.containers
    .flatMap(({ claim }) => claim.published)
    .filter((port) => port.hostPorts !== undefined && ports.has(port.hostPorts.first) && !isPublishedHere(port))
  return [...bindingChanges(plansBehind(row, reach)), ...(row.container === undefined ? [] : publishChanges(row, published))]
}

const NOTHING_SET: Surroundings = { environment: new Map(), arguments: new Map() }
