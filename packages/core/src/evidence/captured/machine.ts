import * as z from 'zod/mini'
import type { Container, ContainerNetwork } from '../containers.ts'
import type {
  Boundary,
  FilterStart,
  Interface,
  InterfaceAddress,
  Manager,
  Namespace,
  Netfilter,
  Process,
  Route,
  RoutingAction,
  RoutingRule,
  Socket,
  Sysctl,
  UpstreamFilter,
} from '../machine.ts'
import { fileOrigin } from './origins.ts'
import { ruleset } from './ruleset.ts'
import {
  address,
  type Codec,
  family,
  flag,
  integer,
  kinds,
  list,
  mapOf,
  maybe,
  name,
  port,
  portRange,
  prefix,
  protocol,
  shown,
  told,
  unsigned,
  words,
  record,
} from './words.ts'

const socket: Codec<Socket> = record<Socket>({
  claim: z.literal('socket'),
  protocol,
  address,
  port,
  accepts: words('ipv4', 'ipv6', 'dual', 'unknown'),
  device: maybe(name),
  programs: maybe(list(name)),
  inode: name,
  processes: list(unsigned),
})

const manager: Codec<Manager> = kinds('kind', [
  z.strictObject({ kind: z.literal('systemd'), unit: name }),
  z.strictObject({ kind: z.literal('container'), id: name, engine: name }),
  z.strictObject({ kind: z.literal('pm2'), app: name, id: maybe(integer) }),
])

const process: Codec<Process> = record<Process>({
  claim: z.literal('process'),
  pid: unsigned,
  parent: unsigned,
  name,
  command: list(shown),
  executable: maybe(name),
  trusted: maybe(flag),
  workingDirectory: maybe(name),
  user: maybe(name),
  namespace: name,
  startedAt: maybe(z.number()),
  environment: mapOf(told),
  manager: maybe(manager),
})

const namespace: Codec<Namespace> = record<Namespace>({
  claim: z.literal('namespace'),
  id: name,
  kind: words('host', 'container', 'other'),
  label: name,
  pid: maybe(unsigned),
})

const interfaceAddress: Codec<InterfaceAddress> = record<InterfaceAddress>({
  address,
  prefixLength: unsigned,
  scope: words('global', 'link', 'host'),
  temporary: flag,
})

const networkInterface: Codec<Interface> = record<Interface>({
  claim: z.literal('interface'),
  index: unsigned,
  name,
  up: flag,
  loopback: flag,
  kind: name,
  master: maybe(name),
  peer: maybe(z.strictObject({ index: unsigned, elsewhere: flag, namespace: maybe(integer) })),
  addresses: list(interfaceAddress),
  groups: maybe(list(address)),
  programs: list(name),
})

const route: Codec<Route> = record<Route>({
  claim: z.literal('route'),
  family,
  type: words('unicast', 'local', 'broadcast', 'anycast', 'multicast', 'blackhole', 'unreachable', 'prohibit', 'throw', 'other'),
  destination: prefix,
  gateway: maybe(address),
  device: maybe(name),
  source: maybe(address),
  table: name,
  metric: integer,
})

const routingAction: Codec<RoutingAction> = kinds('kind', [
  z.strictObject({ kind: z.literal('lookup'), table: name, suppress: integer }),
  z.strictObject({ kind: words('lookup-vrf') }),
  z.strictObject({ kind: words('blackhole', 'unreachable', 'prohibit', 'nop', 'other') }),
])

const routingRule: Codec<RoutingRule> = record<RoutingRule>({
  claim: z.literal('routing-rule'),
  family,
  priority: integer,
  not: flag,
  from: maybe(prefix),
  to: maybe(prefix),
  inbound: maybe(name),
  mark: maybe(z.strictObject({ value: unsigned, mask: unsigned })),
  ownOnly: flag,
  asks: list(name),
  action: routingAction,
})

const sysctl: Codec<Sysctl> = record<Sysctl>({ claim: z.literal('sysctl'), name, value: told })

const netfilter: Codec<Netfilter> = record<Netfilter>({ claim: z.literal('netfilter'), ruleset })

const filterStart: Codec<FilterStart> = record<FilterStart>({
  claim: z.literal('filter-start'),
  loaders: list(z.strictObject({ program: name, loads: list(words('nft', 'iptables', 'ip6tables')), origin: maybe(fileOrigin) })),
  complete: flag,
})

const upstreamFilter: Codec<UpstreamFilter> = record<UpstreamFilter>({
  claim: z.literal('upstream-filter'),
  label: name,
  device: name,
  network: list(prefix),
  translated: list(z.strictObject({ from: address, to: address })),
  rulesets: list(ruleset),
})

const boundary: Codec<Boundary> = record<Boundary>({
  claim: z.literal('boundary'),
  kind: words('cloud', 'wsl', 'container', 'docker-desktop', 'rootless', 'home-router', 'none', 'unknown'),
  label: told,
  filter: maybe(told),
})

const container: Codec<Container> = record<Container>({
  claim: z.literal('container'),
  engine: name,
  id: name,
  name,
  image: name,
  running: flag,
  pid: maybe(unsigned),
  namespace: maybe(name),
  networkMode: name,
  networks: list(z.strictObject({ name, addresses: list(address) })),
  published: list(z.strictObject({ protocol, hostAddress: address, hostPorts: portRange, containerPorts: portRange })),
  restart: name,
  seenBy: maybe(words('processes')),
  compose: maybe(z.strictObject({ project: name, service: name, workingDirectory: maybe(name), files: list(name) })),
})

const containerNetwork: Codec<ContainerNetwork> = record<ContainerNetwork>({
  claim: z.literal('container-network'),
  engine: name,
  id: name,
  name,
  driver: name,
  internal: flag,
  bridge: maybe(name),
  subnets: list(prefix),
})

/** What a machine shows of itself. */
export const MACHINE = {
  socket,
  process,
  namespace,
  interface: networkInterface,
  route,
  'routing-rule': routingRule,
  sysctl,
  netfilter,
  'filter-start': filterStart,
  'upstream-filter': upstreamFilter,
  boundary,
  container,
  'container-network': containerNetwork,
}
