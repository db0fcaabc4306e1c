import { type Shown, show } from '@sallyport/core/evidence'
import { entries, field, items, type Json, numberField, textField } from '@sallyport/core/systems'
import type { Place } from './manager.ts'

/** What is used of `docker inspect`; the environment in it, secrets among them, is left. */
export interface Inspected {
  readonly name: string
  readonly service: string
  readonly directory: string
  readonly status: string
  readonly exitCode: number
  readonly outOfMemory: boolean
  readonly error: string
  readonly restarts: number
  readonly health: { readonly status: 'starting' | 'healthy' | 'unhealthy'; readonly said: Shown | undefined } | undefined
  /** By `8001/tcp`: where this machine reaches the container's port, or what is published under the port of the host. */
  readonly places: ReadonlyMap<string, Place>
}

export function readInspected(json: Json): Inspected | undefined {
  const state = field(json, 'State')
  const labels = field(field(json, 'Config'), 'Labels')
  const service = textField(labels, 'com.docker.compose.service')
  const directory = textField(labels, 'com.docker.compose.project.working_dir')
  const name = textField(json, 'Name')
  if (state === undefined || service === undefined || directory === undefined || name === undefined) return undefined
  return {
    name: show(name.replace(/^\//, '')),
    service,
    directory,
    status: textField(state, 'Status') ?? 'unknown',
    exitCode: numberField(state, 'ExitCode') ?? 0,
    outOfMemory: field(state, 'OOMKilled') === true,
    error: show(textField(state, 'Error') ?? '', 300),
    restarts: numberField(json, 'RestartCount') ?? 0,
    health: healthOf(field(state, 'Health')),
    places: placesOf(json),
  }
}

function healthOf(json: Json | undefined): Inspected['health'] {
  const status = textField(json, 'Status')
  if (status !== 'starting' && status !== 'healthy' && status !== 'unhealthy') return undefined
  const last = items(field(json, 'Log')).at(-1)
  const said = textField(last, 'Output')?.trim()
  return { status, said: said === undefined || said === '' ? undefined : show(said.replaceAll('\n', ' '), 200) }
}

/** A container's own address is reached from its machine, published or not; of the ports of the host those that are published. */
function placesOf(json: Json): ReadonlyMap<string, Place> {
  const settings = field(json, 'NetworkSettings')
  const addresses = entries(field(settings, 'Networks')).flatMap(([, network]) => textField(network, 'IPAddress') ?? [])
  const address = addresses.find((text) => text !== '')
  const inside = new Map<string, Place>()
  const published = new Map<string, Place>()
  for (const [key, bindings] of entries(field(settings, 'Ports'))) {
    const [port = '', protocol = 'tcp'] = key.split('/')
    if (address !== undefined) inside.set(key, { host: address, port: Number(port) })
    for (const binding of items(bindings)) {
      const hostPort = textField(binding, 'HostPort')
      const place = `${hostPort}/${protocol}`
      // Of both families the first, which is IPv4.
      if (hostPort !== undefined && /^\d{1,5}$/.test(hostPort) && !published.has(place))
        published.set(place, { host: hostOf(textField(binding, 'HostIp')), port: Number(hostPort) })
    }
  }
  const places = new Map([...inside, ...published])
  // Which ports a container listens on need not be said anywhere: `*` stands for each that is not.
  if (address !== undefined) places.set('*', { host: address, port: 0 })
  return places
}

function hostOf(address: string | undefined): string {
  if (address === undefined || address === '' || address === '0.0.0.0') return '127.0.0.1'
  return address === '::' ? '::1' : address
}
