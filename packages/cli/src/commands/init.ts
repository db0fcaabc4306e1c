import { existsSync, realpathSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import type { AuditReport, ServiceRow } from '@sallyport/core/audit'
import { type PortRange, printable, type Protocol } from '@sallyport/core/evidence'
import { parsePolicy, type SeenService, writePolicy } from '@sallyport/core/policy'
import { EXIT } from '../exit.ts'
import { Failure } from '../failure.ts'
import { counted, placeText, reachText } from '../report/words.ts'
import { look } from './look.ts'
import { policiesIn } from './policy.ts'

export interface InitOptions {
  readonly stdout: boolean
  readonly force: boolean
}

/** `sallyport init [folder]`: a commented policy from what is seen. It never makes anything public that it does not know to be meant so. */
export async function init(folder: string, options: InitOptions): Promise<number> {
  const target = options.stdout ? '' : targetIn(resolve(folder), options.force)
  const report = await look(folder, { scope: 'both', ignorePolicy: true })
  const services = seenServices(report)
  if (services.length === 0)
    throw new Failure('nothing listens here, and no file starts anything that would', 'write the policy by hand: docs/policy.md')
  const text = writePolicy(policyName(folder), services)
  // What is written must be read: a policy with a mistake would be worse than none.
  const mistakes = parsePolicy({ files: new Map([['sallyport.yaml', text]]), entry: 'sallyport.yaml' }).diagnostics.filter(
    (item) => item.severity === 'error',
  )
  if (mistakes[0] !== undefined)
    throw new Failure(
      `the policy that was made from what is seen is not valid: ${mistakes[0].message}`,
      'please report it, with the output of `sallyport check --format json`',
    )
  if (options.stdout) process.stdout.write(text)
  else {
    writeFileSync(target, text, { flag: options.force ? 'w' : 'wx' })
    process.stdout.write(
      `wrote ${printable(target)} with ${counted(services.length, 'service')}; read every \`from\`, then run sallyport check\n`,
    )
  }
  return EXIT.clean
}

/** Where the policy is written: in place of the one that is there, never beside it. */
function targetIn(folder: string, force: boolean): string {
  const [existing, second] = policiesIn(folder)
  if (second !== undefined) throw new Failure(`there are two policies, ${existing} and ${second}`, 'take one away first')
  if (existing !== undefined && !force)
    throw new Failure(`${existing} is there already`, 'look at a new one with --stdout, or replace it with --force')
  const json = join(folder, 'sallyport.json')
  if (existing === undefined && !force && existsSync(json))
    throw new Failure(
      `${json} is there already`,
      'if it is the policy, name it with --policy, or rename it to sallyport.yaml (JSON is YAML); if not, write sallyport.yaml beside it with --force',
    )
  return existing ?? join(folder, 'sallyport.yaml')
}

function policyName(folder: string): string {
  return (
    basename(realpathSync(resolve(folder)))
      .toLowerCase()
      .replace(/[^a-z0-9-]+/g, '-')
      .replace(/^-+|-+$/g, '') || 'deployment'
  )
}

/** Ports that are public by what they are for, and what a note has to say of each. */
const MEANT_FOR_ALL: ReadonlyMap<number, string> = new Map([
  [80, 'the web'],
  [443, 'the web'],
  [22, 'SSH: better from the address of those who administer it (sources:), than from everywhere'],
])

function seenServices(report: AuditReport): readonly SeenService[] {
  const names = new Set<string>()
  const rows = report.rows.filter((row) => isThisMachines(row, report)).map((row) => ({ row, name: uniqueName(row, names) }))
  return rows.flatMap(({ row, name }): readonly SeenService[] => {
    const ports = portsOf(row)
    if (ports.length === 0) return []
    const beyond = row.now.filter((reach) => reach.ways.some((way) => way.sender !== 'host'))
    const known = ports.map((port) => MEANT_FOR_ALL.get(port.first))
    const all = known.every((why) => why !== undefined) && beyond.length > 0
    const routes = rows.flatMap((other) =>
      other.row.fronts.flatMap((front) =>
        isServer(row, front.server.listeners) && portsOf(other.row).length === 1 ? [{ path: '/', service: other.name }] : [],
      ),
    )
    const run = runOf(row, name)
    return [
      {
        name,
        ports,
        protocols: protocolsOf(row),
        from: all ? 'internet' : 'loopback',
        ...(run === undefined ? {} : { run }),
        notes: [...notesOf(row, all), ...(all ? known.flatMap((why) => why ?? []) : [])],
        ...(routes.length === 0 ? {} : { routes: distinct(routes) }),
      },
    ]
  })
}

/** Not what runs in a network namespace that is neither the machine's own nor a container's: it has addresses and ports of its own. */
function isThisMachines(row: ServiceRow, report: AuditReport): boolean {
  return (
    row.now.length === 0 || row.container !== undefined || row.now.some(({ endpoint }) => endpoint.namespace === report.host?.namespace)
  )
}

/** One path can lead to one service only: the others get paths of their own, for a person to correct. */
function distinct(
  routes: readonly { readonly path: string; readonly service: string }[],
): readonly { readonly path: string; readonly service: string }[] {
  const services = [...new Set(routes.map((route) => route.service))]
  return services.map((service, index) => ({ path: index === 0 ? '/' : `/${service}`, service }))
}

function isServer(row: ServiceRow, listeners: readonly { readonly at: { readonly kind: string; readonly ports?: PortRange } }[]): boolean {
  return row.now.some(({ endpoint }) => listeners.some((listener) => listener.at.ports?.first === endpoint.port))
}

function uniqueName(row: ServiceRow, names: Set<string>): string {
  const plain =
    row.name
      .toLowerCase()
      .replace(/[^a-z0-9_-]+/g, '-')
      .replace(/^[-_]+|-+$/g, '') || 'service'
  for (let number = 1; ; number++) {
    const name = number === 1 ? plain : `${plain}-${number}`
    if (names.has(name) || RESERVED.has(name)) continue
    names.add(name)
    return name
  }
}

/** Names of built-in sources, which share the namespace of services. */
const RESERVED: ReadonlySet<string> = new Set(['loopback', 'host', 'private', 'internet'])

function portsOf(row: ServiceRow): readonly PortRange[] {
  const live = row.now.flatMap((reach) => {
    const published = reach.ways.filter((way) => way.sender !== 'host').map((way) => way.at.port)
    return published.length > 0 ? published : [reach.endpoint.port]
  })
  const numbers = new Set(
    live.length > 0 ? live : row.planned.flatMap((plan) => (plan.port === undefined || plan.port === 0 ? [] : [plan.port])),
  )
  return [...numbers].toSorted((a, b) => a - b).map((port) => ({ first: port, last: port }))
}

function protocolsOf(row: ServiceRow): readonly Protocol[] {
  const found = new Set<Protocol>([...row.now.map(({ endpoint }) => endpoint.protocol), ...row.planned.map((plan) => plan.protocol)])
  return (['tcp', 'udp'] as const).filter((protocol) => found.has(protocol))
}

function runOf(row: ServiceRow, name: string): SeenService['run'] {
  for (const launch of row.launches) {
    const by = launch.claim.by
    if ((by === 'pm2' || by === 'compose' || by === 'systemd') && launch.claim.name !== name) return { by, name: launch.claim.name }
  }
  return undefined
}

function notesOf(row: ServiceRow, all: boolean): readonly string[] {
  const process = row.processes[0]?.claim
  const who =
    row.container === undefined
      ? process === undefined
        ? 'not running'
        : `${process.name}, pid ${process.pid}`
      : `container ${row.container.claim.name}`
  const place = row.planned[0] === undefined ? '' : `, ${placeText(row.planned[0].cause)}`
  const open = row.now.filter((reach) => reach.ways.length > 0)
  const reach = open[0] === undefined || all ? [] : [`open now to ${reachText(open[0])}; if that is meant, say so in from`]
  return [`${who}${place}`, ...reach]
}
