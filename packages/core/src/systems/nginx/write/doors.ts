import { type AddressRange, type AddressSet, formatAddress } from '../../../network/index.ts'
import type { HostName, Policy, RateLimit, Service } from '../../../policy/index.ts'
import { admittedTo } from '../../admitted.ts'
import type { WriteOptions } from '../../write.ts'
import { Unwritable } from '../../unwritable.ts'
import { routedPath } from './routed-path.ts'

/** One way in that nginx is to be, on one host: everything that its text says. */
export interface Door {
  readonly name: string
  /** Inclusive; the port for plain HTTP of a door with TLS is in its `redirects`. */
  readonly ports: readonly string[]
  /** Every address of the host, or loopback alone. */
  readonly isLocal: boolean
  /** Who may come beside this machine; `undefined`: everybody, or nobody else can (`isLocal`). */
  readonly only: AddressSet | undefined
  readonly domains: readonly string[]
  readonly certificate: { readonly chain: string; readonly key: string } | undefined
  readonly limit: RateLimit | undefined
  readonly routes: readonly DoorRoute[]
}

export interface DoorRoute {
  /** As nginx compares it: decoded. */
  readonly path: string
  readonly service: string
  /** `http://127.0.0.1:3000` without the scheme; several where the service runs on several other hosts. */
  readonly targets: readonly string[]
  readonly tlsName: string | undefined
  readonly isAsked: boolean
  readonly limit: RateLimit | undefined
}

/** A port on which browsers are sent to the door with TLS. */
export interface Redirect {
  readonly ports: readonly string[]
  readonly isLocal: boolean
  readonly only: AddressSet | undefined
  readonly names: readonly { readonly name: string; readonly port: string }[]
  readonly hasChallenges: boolean
}

export interface HostDoors {
  readonly doors: readonly Door[]
  readonly redirects: readonly Redirect[]
  /** `127.0.0.1:9400` of the service that decides who may pass; `undefined`: the policy has none. */
  readonly gateway: string | undefined
  readonly notes: readonly string[]
}

/** The name by which a policy declares the gateway. */
const GATEWAY = 'gateway'
const PLAIN = 80

/** Programs that are given a name of their own in the policy and are no nginx. */
const OTHERS: readonly string[] = ['pm2', 'compose', 'command']

/** Where a door is made, and what is to be said of it. */
interface Place {
  readonly policy: Policy
  readonly host: HostName
  readonly links: readonly AddressRange[]
  readonly notes: string[]
}

/** Throws `Unwritable` where the policy cannot be had from nginx. */
export function doorsOf(policy: Policy, host: HostName, { service: only, links = [] }: WriteOptions): HostDoors {
  const notes: string[] = []
  const at: Place = { policy, host, links, notes }
  const here = [...policy.services.values()].filter((service) => service.hosts.includes(host))
  const leading = here.filter(({ routes }) => routes.length > 0)
  const fronts = leading.filter(({ name, run }) => (only === undefined ? !OTHERS.includes(run.by) : name === only))
  for (const { name, run } of leading)
    if (only === undefined && OTHERS.includes(run.by)) notes.push(`${name} has routes and is run by ${run.by}: it is left out`)
  const gateway = gatewayOf(here)
  const doors = fronts.map((service) => doorOf(service, gateway !== undefined, at))
  const plain = here.filter(
    ({ name, routes, tls, ports, protocols }) =>
      routes.length === 0 &&
      tls.kind === 'none' &&
      protocols.includes('tcp') &&
      ports.length === 1 &&
      ports[0]?.first === PLAIN &&
      ports[0].last === PLAIN &&
      (only === undefined || only === name || fronts.length > 0),
  )
  const redirects = [
    ...plain.flatMap((service) => redirectOf(service, fronts, at)),
    ...fronts.filter(({ tls, ports }) => tls.kind !== 'none' && hasPlain(ports)).flatMap((service) => redirectOf(service, [service], at)),
  ]
  const encrypted = fronts.filter(({ tls }) => tls.kind === 'letsencrypt')
  if (encrypted.length > 0) {
    notes.push(
      'the certificates have to be there before nginx starts with this: certbot certonly --webroot -w /var/www/letsencrypt, or --standalone for the first',
    )
    if (!redirects.some(({ hasChallenges }) => hasChallenges))
      notes.push(
        'the policy has no service on port 80 for everybody: nothing redirects there, and Let’s Encrypt has to ask by DNS; add `http: { port: 80, from: internet }`',
      )
  }
  return { doors, redirects, gateway, notes }
}

function gatewayOf(here: readonly Service[]): string | undefined {
  const gateway = here.find(({ name }) => name === GATEWAY)
  if (gateway === undefined) return undefined
  const port = portOf(gateway)
  if (port === undefined)
    throw new Unwritable(
      `${GATEWAY} has not exactly one TCP port, so it is not known where it is asked`,
      'give it one port, and others to another service',
    )
  return `127.0.0.1:${port}`
}

function hasPlain(ports: Service['ports']): boolean {
  return ports.length > 1 && ports.some(({ first, last }) => first === PLAIN && last === PLAIN)
}

function doorOf(service: Service, hasGateway: boolean, at: Place): Door {
  const { policy, host, links, notes } = at
  if (!service.protocols.includes('tcp')) throw new Unwritable(`${service.name} has routes and speaks UDP alone`, 'give it `protocol: tcp`')
  const admitted = admittedTo(service, host, policy, links)
  notes.push(...admitted.notes)
  const isEncrypted = service.tls.kind !== 'none'
  if (!isEncrypted && admitted.kind === 'everybody')
    notes.push(`${service.name} is for the internet without TLS: add \`tls: letsencrypt\` and its \`domain\``)
  if (service.domains.length === 0)
    notes.push(
      `${service.name} has no domain: it answers to every name, as a page that a stranger makes of it would ask for; add \`domain\``,
    )
  const routes = service.routes.map(({ path, service: name }) => routeOf(path, name, service, hasGateway, at))
  const twice = routes.find(({ path }, index) => routes.findIndex((other) => other.path === path) !== index)
  if (twice !== undefined)
    throw new Unwritable(
      `${service.name} has two routes for ${twice.path}, which are one path once they are decoded`,
      'leave one of them out',
    )
  const ports = service.ports.filter(({ first, last }) => !(isEncrypted && hasPlain(service.ports) && first === PLAIN && last === PLAIN))
  return {
    name: service.name,
    ports: ports.map(portText),
    isLocal: admitted.kind === 'this-machine',
    only: admitted.kind === 'addresses' ? admitted.addresses : undefined,
    domains: service.domains,
    certificate: certificateOf(service),
    limit: service.limit,
    routes,
  }
}

function certificateOf({ name, tls, domains }: Service): Door['certificate'] {
  if (tls.kind === 'none') return undefined
  if (tls.kind === 'files') {
    const odd = [tls.certificate, tls.key].find((path) => path.includes('$') || !path.startsWith('/'))
    if (odd !== undefined)
      throw new Unwritable(`the certificate of ${name} is at ${odd}, which nginx does not find`, 'write an absolute path without $')
    return { chain: tls.certificate, key: tls.key }
  }
  // certbot names the folder for the first name, without its asterisk.
  const folder = (domains.find((domain) => !domain.startsWith('*.')) ?? domains[0] ?? '').replace(/^\*\./, '')
  return { chain: `/etc/letsencrypt/live/${folder}/fullchain.pem`, key: `/etc/letsencrypt/live/${folder}/privkey.pem` }
}

function routeOf(path: string, name: string, door: Service, hasGateway: boolean, { policy, host, notes }: Place): DoorRoute {
  const target = policy.services.get(name)
  const port = target === undefined ? undefined : portOf(target)
  if (target === undefined || port === undefined)
    throw new Unwritable(
      `the route ${path} of ${door.name} leads to ${name}, which has not exactly one TCP port`,
      'make the port that speaks HTTP a service of its own',
    )
  const routed = routedPath(path)
  if (routed === undefined)
    throw new Unwritable(
      `the route ${path} of ${door.name} is a path that nginx never compares: it decodes, and takes out // and dot segments`,
      'write the path as browsers ask for it, without these',
    )
  const isAsked = target.http !== undefined && target.http.auth !== 'none' && target.name !== GATEWAY
  if (isAsked && !hasGateway)
    notes.push(
      `${name} asks for ${target.http?.auth === 'key' ? 'a key' : 'a signed-in user'}: nginx asks nobody, since the policy declares no service \`${GATEWAY}\` on this host; the service has to ask itself (its guard)`,
    )
  return {
    path: routed,
    service: name,
    targets: addressesOf(target, host, policy, path).map((address) => `${address}:${port}`),
    tlsName: target.tls.kind === 'none' ? undefined : (target.domains[0] ?? name),
    isAsked: isAsked && hasGateway,
    limit: target.limit,
  }
}

/** On this machine where it runs here, else on each of its hosts. */
function addressesOf(target: Service, host: HostName, policy: Policy, path: string): readonly string[] {
  if (target.hosts.includes(host)) return ['127.0.0.1']
  return target.hosts.map((name) => {
    const [first] = policy.hosts.get(name)?.addresses ?? []
    if (first === undefined)
      throw new Unwritable(
        `the route ${path} leads to ${target.name} on ${name}, of which the policy gives no address`,
        `add \`address\` to the host ${name}`,
      )
    const text = formatAddress(first.value)
    return first.value.family === 6 ? `[${text}]` : text
  })
}

function redirectOf(plain: Service, fronts: readonly Service[], { policy, host, links, notes }: Place): readonly Redirect[] {
  const doors = fronts.filter(({ tls }) => tls.kind !== 'none')
  const all = doors.flatMap((door) =>
    door.domains.map((name) => ({ name, port: portText(door.ports.find(({ first }) => first !== PLAIN) ?? { first: 443, last: 443 }) })),
  )
  const names = plain.domains.length === 0 ? all : all.filter(({ name }) => plain.domains.includes(name))
  if (names.length === 0) {
    notes.push(`${plain.name} has no routes and redirects to no service with TLS: nothing is made for it`)
    return []
  }
  const left = plain.domains.filter((name) => !names.some((one) => one.name === name))
  if (left.length > 0) notes.push(`${plain.name}: no service with TLS answers to ${left.join(', ')}: these names are refused`)
  const admitted = admittedTo(plain, host, policy, links)
  return [
    {
      ports: [String(PLAIN)],
      isLocal: admitted.kind === 'this-machine',
      only: admitted.kind === 'addresses' ? admitted.addresses : undefined,
      names,
      hasChallenges: admitted.kind === 'everybody' && doors.some(({ tls }) => tls.kind === 'letsencrypt'),
    },
  ]
}

/** The port of a service that has exactly one for TCP. */
function portOf({ ports, protocols }: Service): number | undefined {
  const [port, ...more] = ports
  return port !== undefined && more.length === 0 && port.first === port.last && protocols.includes('tcp') ? port.first : undefined
}

function portText({ first, last }: Service['ports'][number]): string {
  return first === last ? String(first) : `${first}-${last}`
}
