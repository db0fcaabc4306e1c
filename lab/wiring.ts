import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { AGENT_PROGRAM, Agent } from './agent.ts'
import { contains, familyOf, type HostPlan, type Plan, spelled, ZONE_MAC, type ZonePlan } from './drawing.ts'
import { run } from './process.ts'

const HOST_INIT = fileURLToPath(new URL('host-init.sh', import.meta.url))
const ZONE_INIT = fileURLToPath(new URL('zone-init.sh', import.meta.url))
const BRIDGE = 'br0'
const UNSHARE = ['unshare', '--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child', '--uts', '--ipc']

export const netnsPath = (name: string) => `/run/netns/${name}`

/** Makes the namespaces, then the zones with their bridges and veth pairs. The hosts' ends still lie in the hosts unconfigured. */
export async function wire(plan: Plan): Promise<void> {
  const names = [...plan.zones, ...plan.hosts].map((each) => each.netns)
  await run(['ip', '-batch', '-'], { input: names.map((name) => `netns add ${name}\n`).join('') })
  await Promise.all(plan.zones.map(wireZone))
}

async function wireZone(zone: ZonePlan): Promise<void> {
  const env = { LAB_IP: zoneLinks(zone).join('\n'), LAB_IP6: zoneRules(zone).join('\n') }
  await run(['nsenter', `--net=${netnsPath(zone.netns)}`, '/bin/sh', ZONE_INIT], { env })
}

function zoneLinks(zone: ZonePlan): readonly string[] {
  return [
    'link set lo up',
    `link add ${BRIDGE} address ${ZONE_MAC} type bridge stp_state 0 forward_delay 0 mcast_snooping 0`,
    ...zone.networks.map((net) => `addr add ${net.gateway}/${net.length} dev ${BRIDGE}${noDad(net.gateway)}`),
    ...zone.ports.flatMap((port, index) => [
      `link add p${index} type veth peer name ${zone.name} address ${port.mac} netns ${port.netns}`,
      `link set p${index} master ${BRIDGE} up`,
    ]),
    `link set ${BRIDGE} up`,
    ...zone.ports.flatMap((port) => [
      `rule add fwmark ${port.mark} lookup ${port.mark}`,
      ...port.addresses.map((address) => neighbour(address, port.mac, BRIDGE)),
      ...port.addresses.map((address) => `route replace ${anywhere(address)} via ${address} dev ${BRIDGE} table ${port.mark}`),
    ]),
  ]
}

const zoneRules = (zone: ZonePlan) => zone.ports.map((port) => `rule add fwmark ${port.mark} lookup ${port.mark}`)

/** Starts process 1 of a host in namespaces of its own; when it ends, by whatever cause, everything in the host ends with it. */
export function startHost(host: HostPlan): Promise<Agent> {
  const argv = ['nsenter', `--net=${netnsPath(host.netns)}`, ...UNSHARE, '/bin/sh', HOST_INIT, host.name, host.iptables, AGENT_PROGRAM]
  return Agent.start(argv, {
    LAB_SYSCTLS: host.sysctls.map(([name, value]) => `${name}=${value}`).join('\n'),
    LAB_IP: hostLinks(host).join('\n'),
  })
}

function hostLinks(host: HostPlan): readonly string[] {
  const zones = new Set(host.addresses.map((each) => each.zone))
  return [
    'link set lo up',
    ...host.addresses.map((each) => `addr add ${each.address}/${each.length} dev ${each.zone}${noDad(each.address)}`),
    ...[...zones].map((zone) => `link set ${zone} up`),
    ...host.neighbours.map((each) => neighbour(each.address, each.mac, each.zone)),
    ...host.defaultVia.map(({ zone, gateway }) => `route add ${anywhere(gateway)} via ${gateway} dev ${zone}`),
  ]
}

const LINKS_MS = 10_000

/**
 * Waits until every interface of the plan is up and has its addresses. The kernel may take a second to notice a carrier (net/core/link_watch.c), and IPv6
 * answers nobody before that; asking for one interface by name makes it look at once.
 */
export async function linksUp(plan: Plan): Promise<void> {
  const all = [
    ...plan.zones.map((zone) => ({
      netns: zone.netns,
      links: [...zone.ports.map((_, index) => `p${index}`), ...(zone.ports.length > 0 ? [BRIDGE] : [])],
      addresses: zone.networks.map((net) => net.gateway),
    })),
    ...plan.hosts.map((host) => ({
      netns: host.netns,
      links: [...new Set(host.addresses.map((each) => each.zone))],
      addresses: host.addresses.map((each) => each.address),
    })),
  ]
  const deadline = Date.now() + LINKS_MS
  await Promise.all(
    all.map(async ({ netns, links, addresses }) => {
      for (;;) {
        const shown = await ipBatch(
          netns,
          links.map((link) => `link show dev ${link}`),
        )
        if (shown.split(' state UP ').length > links.length) return addressesTaken(netns, addresses)
        if (Date.now() > deadline) throw new Error(`interfaces of ${netns} do not come up:\n${shown}`)
        await delay(5)
      }
    }),
  )
}

/** Lets a zone send from further addresses. Those outside its networks get their answers by the hosts' default routes. */
export async function addSources(zone: ZonePlan, addresses: readonly string[]): Promise<void> {
  const near = addresses.filter((address) => zone.networks.some((net) => contains(net, address)))
  const own = addresses.map((address) => `addr replace ${address}/${familyOf(address) === 6 ? 128 : 32} dev ${BRIDGE}${noDad(address)}`)
  const known = near.map((address) => neighbour(address, ZONE_MAC, zone.name))
  await Promise.all([ipBatch(zone.netns, own), ...zone.ports.map((port) => ipBatch(port.netns, known))])
  await addressesTaken(zone.netns, addresses)
}

/**
 * Waits until the namespace takes packets for the addresses. Of IPv6 the kernel makes the local route only when a worker has looked at the
 * new address (addrconf_dad_work of net/ipv6/addrconf.c, without detection of duplicates too); until then answers to it are lost.
 */
async function addressesTaken(netns: string, addresses: readonly string[]): Promise<void> {
  const wanted = addresses.filter((address) => familyOf(address) === 6)
  const deadline = Date.now() + LINKS_MS
  for (;;) {
    if (wanted.length === 0) return
    const routes = new Set((await ipBatch(netns, ['route show table all type local'])).split('\n').map((line) => line.split(' ')[1]))
    if (wanted.every((address) => routes.has(spelled(address)))) return
    if (Date.now() > deadline) throw new Error(`${netns} does not take packets for ${wanted.join(', ')}`)
    await delay(5)
  }
}

async function ipBatch(netns: string, lines: readonly string[]): Promise<string> {
  if (lines.length === 0) return ''
  return (await run(['ip', '-oneline', '-netns', netns, '-batch', '-'], { input: `${lines.join('\n')}\n` })).stdout
}

/**
 * Neighbours are known beforehand, for both families: discovery by IPv6 is ICMPv6 and meets the packet filter, so that a rule under
 * test (a dropping policy is enough) would close everything, not only what it names.
 */
const neighbour = (address: string, mac: string, link: string) => `neigh replace ${address} lladdr ${mac} dev ${link} nud permanent`
const noDad = (address: string) => (familyOf(address) === 6 ? ' nodad' : '')
const anywhere = (address: string) => (familyOf(address) === 6 ? '::/0' : '0.0.0.0/0')
