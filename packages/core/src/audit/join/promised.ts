import { type Evidence, type Launch, resolveValue, type Setting } from '../../evidence/index.ts'
import { variablesOf } from './combine.ts'
import { exposureOf } from './exposure.ts'
import type { PlannedBind } from './planned.ts'

/** The variables by which hosts are given. */
export const HOST_VARIABLES: ReadonlySet<string> = new Set([
  'HOST',
  'BIND',
  'BIND_HOST',
  'BIND_ADDRESS',
  'LISTEN_HOST',
  'SERVER_HOST',
  'API_HOST',
  'APP_HOST',
  'HTTP_HOST',
])

/** `FEED_HOST`, `FEED_BIND_ADDRESS`: whose host it is stands before the words for a host. */
const HOST_OF = /^([A-Z][A-Z0-9_]{0,60}?)_(?:HOST(?:NAME)?|(?:BIND|LISTEN)(?:_(?:HOST|ADDR(?:ESS)?|IP|ON))?|ADDR(?:ESS)?)$/
const PORT_OF = /^([A-Z][A-Z0-9_]{0,60}?)_(?:HTTP_|BIND_|LISTEN_)?PORT$/

/** An address of the service that others are told, and is no promise of where it listens. */
const TOLD_TO_OTHERS = /(?:^|_)(?:PUBLIC|EXTERNAL|ADVERTISED?|VITE|REACT_APP|OTEL)(?:_|$)/

/** A variable of a start that is named as one that gives the host. */
export const isNamedHost = (name: string): boolean => HOST_VARIABLES.has(name) || (HOST_OF.test(name) && !TOLD_TO_OTHERS.test(name))

/** A variable by which a start says where its program listens. */
export interface HostPromise {
  readonly name: string
  readonly setting: Setting
}

/**
 * What a start sets to keep on this machine what the plan binds: a variable that gives hosts, and one that is called as others that the
 * listening line reads (`FEED_HOST` beside `FEED_PORT`), or as the program itself is.
 */
export function promisesOf(plan: PlannedBind): readonly HostPromise[] {
  const { launch, hosts = new Map<string, Setting>() } = plan
  if (launch === undefined) return []
  return [...hosts].flatMap(([name, setting]): readonly HostPromise[] => {
    const isOwn = launch.claim.environment.get(name)?.origin === setting.origin
    const isMeant = (isOwn && HOST_VARIABLES.has(name)) || isCalledAlike(name, plan, isOwn ? launch : undefined)
    return isMeant && isLoopbackAlone(setting) ? [{ name, setting }] : []
  })
}

/** Only a variable that was to keep the service private misleads. */
function isLoopbackAlone({ value }: Setting): boolean {
  return resolveValue(value, { environment: new Map(), arguments: new Map() }).every((one) => exposureOf(one, '*').kind === 'loopback')
}

/** `launch`: what sets it, for its program alone. */
function isCalledAlike(name: string, { bind, reads, contained, exposure }: PlannedBind, launch: Evidence<Launch> | undefined): boolean {
  const own = HOST_OF.exec(name)?.[1]
  if (own === undefined || bind === undefined || contained || exposure.kind === 'loopback') return false
  const read = [...reads, ...variablesOf(bind.claim.port)]
  return read.some((other) => (PORT_OF.exec(other) ?? HOST_OF.exec(other))?.[1] === own) || (launch !== undefined && own === nameOf(launch))
}

/** Those whose names are their programs’, and not what they are for (`start`). */
const NAMING: ReadonlySet<Launch['by']> = new Set(['pm2', 'systemd', 'supervisor', 'procfile'])

/** As a variable's name has it. */
function nameOf({ claim: { by, name } }: Evidence<Launch>): string | undefined {
  return NAMING.has(by)
    ? name
        .replace(/\.service$/, '')
        .replace(/[^A-Za-z0-9]/g, '_')
        .toUpperCase()
    : undefined
}
