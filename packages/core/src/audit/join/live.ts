import { type Container, type Evidence, includesPort, type Process, show, type Shown } from '../../evidence/index.ts'
import { type EndpointReach, type HostModel, isReservation, userlandProxyTarget } from '../../reach/index.ts'
import type { PlannedService } from './groups.ts'
import { sourceTwins } from '../../systems/index.ts'
import type { Link } from './service.ts'

/** Endpoints that one program or container holds. */
export interface LiveService {
  readonly name: string
  readonly endpoints: readonly EndpointReach[]
  readonly processes: readonly Evidence<Process>[]
  readonly container: Evidence<Container> | undefined
  /** One of several services that the same program is. */
  readonly isPart: boolean
}

interface Group {
  readonly name: string
  readonly endpoints: EndpointReach[]
  readonly processes: Map<number, Evidence<Process>>
  readonly container: Evidence<Container> | undefined
}

/** Groups endpoints by who holds them: a container, a manager's entry, or a program. docker-proxy is no service: its endpoints stand for the container's; nor is what keeps a port free. */
export function groupLive(host: HostModel, reach: readonly EndpointReach[]): readonly LiveService[] {
  const groups = new Map<string, Group>()
  for (const item of reach) {
    const processes = item.endpoint.sockets.flatMap((socket) => socket.claim.processes.flatMap((pid) => host.processes.get(pid) ?? []))
    // Where the container behind it was seen, everything that comes to the proxy stands with the container.
    if (
      item.ways.length + item.blocked.length === 0 &&
      item.endpoint.sockets.some((socket) => userlandProxyTarget(host, socket) !== undefined)
    )
      continue
    if (item.ways.length === 0 && item.endpoint.sockets.every((socket) => isReservation(host, socket))) continue
    const namespace = host.namespaces.get(item.endpoint.namespace)
    const container = containerOf(host, processes) ?? namespace?.container
    const key = keyOf(item, processes, container)
    const group: Group = groups.get(key) ?? { name: nameOf(item, processes, container), endpoints: [], processes: new Map(), container }
    groups.set(key, group)
    group.endpoints.push(item)
    for (const process of processes) group.processes.set(process.claim.pid, process)
  }
  return [...groups.values()].map((group) => ({ ...group, processes: [...group.processes.values()], isPart: false }))
}

/** With `network_mode: host` a container's process sits in the machine's own namespace: its cgroup tells. */
function containerOf(host: HostModel, processes: readonly Evidence<Process>[]): Evidence<Container> | undefined {
  for (const { claim } of processes) {
    const manager = claim.manager
    if (manager?.kind === 'container') {
      const found = host.containers.find((item) => item.claim.id.startsWith(manager.id) || manager.id.startsWith(item.claim.id))
      if (found !== undefined) return found
    }
  }
  return undefined
}

function keyOf(item: EndpointReach, processes: readonly Evidence<Process>[], container: Evidence<Container> | undefined): string {
  if (container !== undefined) return `container ${container.claim.id}`
  const first = processes[0]?.claim
  if (first === undefined) return `unseen ${item.endpoint.namespace} ${item.endpoint.protocol} ${item.endpoint.port}`
  const manager = first.manager
  if (manager?.kind === 'pm2') return `pm2 ${manager.app}`
  if (manager?.kind === 'systemd') return `systemd ${manager.unit} ${first.namespace}`
  // A master and its workers hold the same socket and have the same command line; two programs of one name do not.
  return `process ${first.namespace} ${first.workingDirectory ?? ''} ${first.command.join(' ')}`
}

function nameOf({ endpoint }: EndpointReach, processes: readonly Evidence<Process>[], container: Evidence<Container> | undefined): string {
  if (container !== undefined) return container.claim.compose?.service ?? container.claim.name
  const first = processes[0]?.claim
  if (first === undefined) return `${endpoint.protocol}-${endpoint.port}`
  if (first.manager?.kind === 'pm2') return first.manager.app
  if (first.manager?.kind === 'systemd') return first.manager.unit.replace(/\.(service|socket)$/, '')
  return first.name
}

/** Why a live service is the planned one; `undefined` when nothing says so. `strength` orders reasons: the strongest wins, equals are ambiguous. */
export function matchLive(live: LiveService, planned: PlannedService, folder: string): (Link & { readonly strength: number }) | undefined {
  const compose = live.container?.claim.compose
  // The same code may be started several times, each on a port of its own; one program may be several services.
  const onPort = (strength: number): number => (isOnPort(live, planned) ? strength + 0.5 : strength)
  if (
    compose !== undefined &&
    planned.containers.some(({ claim }) => compose.service === claim.name && sameProject(compose, claim.project, folder))
  )
    return link(onPort(5), 'compose labels', show(`${compose.project}/${compose.service}`))
  if (live.container !== undefined) return undefined
  for (const { claim } of live.processes) {
    const manager = claim.manager
    for (const launch of planned.launches) {
      const { by, name } = launch.claim
      if (manager?.kind === 'pm2' && by === 'pm2' && manager.app === name && inside(claim.workingDirectory, folder))
        return link(onPort(4), 'PM2 app', show(name))
      if (manager?.kind === 'systemd' && by === 'systemd' && manager.unit === (name.endsWith('.service') ? name : `${name}.service`))
        return link(onPort(4), 'systemd unit', show(manager.unit))
    }
    const entry = mayBind(live, planned) ? entryMatch(claim, planned, folder) : undefined
    if (entry !== undefined) return link(onPort(3), 'program and working directory', show(entry))
  }
  const program = planned.planned.flatMap(({ listener }) => listener?.proxy.claim.system ?? []).find((system) => isProgram(live, system))
  if (program !== undefined && isOnPort(live, planned)) return link(2, 'program and port', show(program))
  const port = portMatch(live, planned, folder)
  return port === undefined ? undefined : link(1, 'port and working directory', show(String(port)))
}

function link(strength: number, reason: string, detail: Shown): Link & { readonly strength: number } {
  return { strength, reason, detail }
}

function sameProject(compose: { readonly project: string; readonly workingDirectory?: string }, planned: string, folder: string): boolean {
  return compose.workingDirectory === undefined ? compose.project === planned : inside(compose.workingDirectory, folder)
}

function inside(path: string | undefined, folder: string): boolean {
  return path !== undefined && (path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`))
}

/** A program that is several services runs one file; the part that is on other ports than the file binds is another service. */
function mayBind(live: LiveService, planned: PlannedService): boolean {
  const ports = planned.planned.map((plan) => plan.port)
  return !live.isPart || ports.includes(undefined) || live.endpoints.some(({ endpoint }) => ports.includes(endpoint.port))
}

/** The file that a process runs, as its command line and working directory name it. */
function entryMatch(process: Process, planned: PlannedService, folder: string): string | undefined {
  const directory = process.workingDirectory
  if (directory === undefined) return undefined
  const candidates = new Set(
    [...planned.launches.flatMap((launch) => launch.claim.entry ?? []), ...planned.binds.flatMap((bind) => bind.claim.entries)].map(
      (path) => `${folder}/${path}`,
    ),
  )
  for (const word of process.command.slice(0, MOST_WORDS)) {
    for (const path of filesNamed(word)) {
      const absolute = resolve(directory, path)
      if ([absolute, ...sourceTwins(absolute)].some((candidate) => candidates.has(candidate))) return path
    }
  }
  return undefined
}

/** Programs name their file early; what comes late are their own arguments. */
const MOST_WORDS = 12

/** `main:app` names main.py, or the package main (uvicorn, gunicorn). */
function filesNamed(word: string): readonly string[] {
  const module = /^([\w.]+):[\w.]+(?:\(\))?$/.exec(word)?.[1]
  if (module !== undefined) return [`${module.replaceAll('.', '/')}.py`, `${module.replaceAll('.', '/')}/__init__.py`]
  return word.startsWith('-') ? [] : [word, `${word}.js`, `${word}/index.js`]
}

function resolve(directory: string, path: string): string {
  const names: string[] = []
  for (const name of (path.startsWith('/') ? path : `${directory}/${path}`).split('/')) {
    if (name === '..') names.pop()
    else if (name !== '' && name !== '.') names.push(name)
  }
  return `/${names.join('/')}`
}

function isProgram({ processes }: LiveService, name: string): boolean {
  return processes.some(({ claim }) => claim.name === name)
}

function isOnPort(live: LiveService, planned: PlannedService): boolean {
  const ports = new Set(planned.planned.flatMap((plan) => plan.port ?? []))
  const published = planned.containers.flatMap(({ claim }) => claim.published)
  return live.endpoints.some(
    ({ endpoint: { port } }) => ports.has(port) || published.some(({ containerPorts }) => includesPort(containerPorts, port)),
  )
}

function portMatch(live: LiveService, planned: PlannedService, folder: string): number | undefined {
  if (!live.processes.some(({ claim }) => inside(claim.workingDirectory, folder))) return undefined
  const ports = new Set(planned.planned.flatMap((plan) => plan.port ?? []))
  return live.endpoints.map(({ endpoint }) => endpoint.port).find((port) => ports.has(port))
}
