import { networkInterfaces } from 'node:os'
import { includesPort, type PortRange, type Protocol } from '@sallyport/core/evidence'
import { type Address, isLoopback, parseAddress, sameAddress, splitZone } from '@sallyport/core/network'
import type { Policy, Service, SourceRef } from '@sallyport/core/policy'

/** Where a program may listen. Loopback is always allowed, on every port. */
export interface Allowed {
  /** The policy's service; `undefined`: no policy, loopback alone. */
  readonly service: string | undefined
  /** What is allowed beyond loopback. */
  readonly beyond: Beyond | undefined
  /** The one port of the service, where it has one. */
  readonly port: number | undefined
}

export interface Beyond {
  /** Of this machine; `any`: also the unspecified one. */
  readonly addresses: readonly Address[] | 'any'
  /** Inclusive at both ends. */
  readonly ports: readonly PortRange[]
  readonly protocols: readonly Protocol[]
}

/** One place where something listens, or is about to; `port` undefined: not known yet. */
export interface Bind {
  readonly protocol: Protocol
  readonly address: Address
  readonly port: number | undefined
}

export const LOOPBACK_ALONE: Allowed = { service: undefined, beyond: undefined, port: undefined }

/** What the policy allows the service. What a packet filter makes of it is not looked at: a bind that the policy does not mean is one too many. */
export function allowedBy(service: Service): Allowed {
  const [range] = service.ports
  const port = service.ports.length === 1 && range !== undefined && range.first === range.last ? range.first : undefined
  const wider = service.from.map((ref) => widthOf(ref, service))
  const addresses: Beyond['addresses'] | undefined = wider.includes('any')
    ? 'any'
    : wider.includes('containers')
      ? containerAddresses()
      : undefined
  const beyond = addresses === undefined ? undefined : { addresses, ports: service.ports, protocols: service.protocols }
  return { service: service.name, beyond, port }
}

export function admits({ beyond }: Allowed, { protocol, address, port }: Bind): boolean {
  if (isLoopback(address)) return true
  if (beyond === undefined || !beyond.protocols.includes(protocol)) return false
  if (port !== undefined && !beyond.ports.some((range) => includesPort(range, port))) return false
  return beyond.addresses === 'any' || beyond.addresses.some((one) => sameAddress(one, address))
}

function widthOf(ref: SourceRef, service: Service): 'loopback' | 'containers' | 'any' {
  if (ref.kind === 'built-in') return ref.name === 'loopback' ? 'loopback' : ref.name === 'host' ? 'containers' : 'any'
  if (ref.kind === 'host' || ref.kind === 'service')
    return ref.hosts.every((host) => service.hosts.includes(host)) && service.hosts.length === 1 ? 'loopback' : 'any'
  return ref.addresses.every(({ first, last }) => isLoopback(first) && isLoopback(last)) ? 'loopback' : 'any'
}

/** Bridges that container engines make: docker(1), podman-network(1), LXC, libvirt, CNI. */
const BRIDGE = /^(?:docker|br-|podman|cni|lxcbr|lxdbr|virbr)/

/** Where containers of this machine reach a service of it without any neighbour of the machine doing so. */
function containerAddresses(): readonly Address[] {
  return Object.entries(networkInterfaces()).flatMap(([name, all]) =>
    BRIDGE.test(name) ? (all ?? []).flatMap(({ address }) => parseAddress(splitZone(address).address) ?? []) : [],
  )
}

/** The service that a command is: by name, by the command that the policy says, or the policy's only one. A text says why it is not known. */
export function serviceOf(policy: Policy, name: string | undefined, words: readonly string[]): Service | { readonly unknown: string } {
  const names = [...policy.services.keys()].join(', ')
  if (name !== undefined) return policy.services.get(name) ?? { unknown: `the policy has no service ${name}; it has ${names}` }
  const command = words.join(' ')
  const services = [...policy.services.values()]
  const run = services.filter((service) => service.run.by === 'command' && service.run.name.trim().replace(/\s+/g, ' ') === command)
  const [only, another] = run.length > 0 ? run : services
  if (only !== undefined && another === undefined) return only
  return { unknown: only === undefined ? 'the policy has no service' : `the policy has several services: ${names}` }
}

/** For people: what the program may do. */
export function describeAllowed({ service, beyond }: Allowed): string {
  const whose = service === undefined ? 'without a policy it may listen on loopback only' : `${service} may listen on loopback`
  if (service === undefined || beyond === undefined) return service === undefined ? whose : `${whose} only`
  const ports = beyond.ports.map(({ first, last }) => (first === last ? String(first) : `${first}-${last}`)).join(', ')
  return `${whose}, and on ${beyond.protocols.join(' and ')} port ${ports} of ${beyond.addresses === 'any' ? 'any address' : 'the bridges of containers'}`
}
