import type { Agent, ProbeRequest, Receipt, Sighting } from './agent.ts'
import type { Container } from './docker.ts'
import { contains, familyOf, type Plan, spelled, type ZonePlan } from './drawing.ts'
import type { Host } from './host.ts'
import { addSources, netnsPath } from './wiring.ts'

export interface Probe<Z extends string = string, H extends string = string> {
  readonly from: Origin<Z, H>
  readonly to: Target<H>
  readonly protocol: 'tcp' | 'udp'
  /** How long silence lasts before it counts as a drop, 1 to 2500. Default 250, and while the machine is busy up to 2500. */
  readonly timeoutMs?: number
  /**
   * What delivers a TCP probe: a byte in answer (default), or the connection alone, for servers that say nothing to strangers. `receipt`: the
   * connection alone too, but a listener of the lab gets the time to tell that it has what was sent.
   */
  readonly expect?: 'answer' | 'connection' | 'receipt'
}

/**
 * Where a probe comes from. `address`: any address for a zone (default: the zone's own); one of its own for a host or container
 * (default: as routing chooses). `port`: default any free one.
 */
export type Origin<Z extends string = string, H extends string = string> = (
  | { readonly zone: Z }
  | { readonly host: H }
  | { readonly container: Container }
) & { readonly address?: string; readonly port?: number }

export interface Target<H extends string = string> {
  readonly address: string
  readonly port: number
  /** From a zone: the host that gets the packet as next hop. Default: on-link, or else the host whose address it is. */
  readonly via?: H
}

/**
 * delivered: the listener received it. refused: an answer said no (a reset, an ICMP error, a connection closed without a byte).
 * dropped: nothing came back in time and no listener of the lab has it.
 */
export type Outcome = 'delivered' | 'refused' | 'dropped'

export interface Observation {
  readonly outcome: Outcome
  /** Why, in a few words: 'answered', 'received, the answer was lost', 'reset', 'icmp 3/13', 'silence' … */
  readonly detail: string
  /** The first bytes of the answer. */
  readonly answer: string
  /** What a listener of the lab has of it, if one has. */
  readonly receipt?: Receipt
  readonly ms: number
}

const DEFAULT_TIMEOUT_MS = 250
// After three seconds of unanswered ARP the kernel itself sends the prober an ICMP error (ipv4_link_failure): a silence would turn into a refusal.
const MOST_TIMEOUT_MS = 2500

interface Verdict {
  readonly outcome: Outcome
  readonly detail: (sighting: Sighting) => string
}

const own = (sighting: Sighting) => sighting.detail

const VERDICTS: Readonly<Record<Exclude<Sighting['state'], 'error'>, Verdict>> = {
  answered: { outcome: 'delivered', detail: () => 'answered' },
  connected: { outcome: 'dropped', detail: () => 'connected, but not a byte came back' },
  closed: { outcome: 'refused', detail: () => 'connected, then closed without a byte' },
  refused: { outcome: 'refused', detail: own },
  silent: { outcome: 'dropped', detail: () => 'silence' },
  unsent: { outcome: 'dropped', detail: (sighting) => `not sent: ${sighting.detail}` },
}

let tokens = 0

export class Prober {
  readonly #agent: Agent
  readonly #zones: ReadonlyMap<string, ZonePlan>
  readonly #hosts: ReadonlyMap<string, Host>
  readonly #owners: ReadonlyMap<string, string>
  readonly #sources = new Map<string, Promise<void>>()

  constructor(agent: Agent, plan: Plan, hosts: readonly Host[]) {
    this.#agent = agent
    this.#zones = new Map(plan.zones.map((zone) => [zone.name, zone]))
    this.#hosts = new Map(hosts.map((host) => [host.name, host]))
    this.#owners = new Map(plan.hosts.flatMap((host) => host.addresses.map(({ address }) => [address, host.name])))
  }

  async observe(probes: readonly Probe[]): Promise<readonly Observation[]> {
    const requests = probes.map((probe) => this.#request(probe))
    await this.#prepareSources(probes)
    const { results } = await this.#agent.ask('probe', { probes: requests })
    const receipts = await this.#receipts(requests.filter((_, index) => results[index]?.state !== 'refused'))
    return probes.map((probe, index) => {
      const sighting = results[index]
      const request = requests[index]
      if (!sighting || !request) throw new Error('the prober lost a probe')
      return observation(probe, sighting, receipts.get(request.token))
    })
  }

  #request(probe: Probe): ProbeRequest {
    const { from, to, protocol, timeoutMs = DEFAULT_TIMEOUT_MS } = probe
    const family = familyOf(to.address)
    if (family === undefined) throw new TypeError(`'${to.address}' is not an address to probe`)
    if (!(timeoutMs >= 1 && timeoutMs <= MOST_TIMEOUT_MS)) throw new RangeError(`timeoutMs is 1 to ${MOST_TIMEOUT_MS}, not ${timeoutMs}`)
    if (from.address !== undefined && familyOf(from.address) !== family) throw new TypeError(`${from.address} cannot send to ${to.address}`)
    const common = {
      family,
      protocol,
      sourcePort: from.port ?? 0,
      address: spelled(to.address),
      port: to.port,
      timeoutMs,
      patient: probe.timeoutMs === undefined,
      expect: probe.expect ?? 'answer',
      token: `t${++tokens}`,
    }
    if ('zone' in from) {
      const zone = named(this.#zones, from.zone, 'zone')
      const source = from.address ?? zone.networks.find((net) => net.family === family)?.gateway
      if (source === undefined) throw new TypeError(`zone ${zone.name} has no IPv${family}`)
      return { ...common, namespace: netnsPath(zone.netns), source, mark: this.#mark(zone, to) }
    }
    const place = 'host' in from ? named(this.#hosts, from.host, 'host') : from.container
    return { ...common, namespace: place.namespace, source: from.address ?? null, mark: 0 }
  }

  /** Packets of a zone reach its own networks directly; all others need a host as next hop, which the mark chooses. */
  #mark(zone: ZonePlan, to: Target): number {
    if (to.via === undefined && zone.networks.some((net) => contains(net, to.address))) return 0
    const via = to.via ?? this.#owners.get(spelled(to.address))
    if (via === undefined) throw new TypeError(`no way from zone ${zone.name} to ${to.address}: say which host the packet goes via`)
    const port = zone.ports.find((each) => each.host === via)
    if (!port?.addresses.some((each) => familyOf(each) === familyOf(to.address))) {
      throw new TypeError(`${to.address} cannot be reached from zone ${zone.name} via ${via}, which has no such address there`)
    }
    return port.mark
  }

  async #prepareSources(probes: readonly Probe[]): Promise<void> {
    const wanted = new Map<ZonePlan, Set<string>>()
    const ready: Promise<void>[] = []
    for (const { from } of probes) {
      if (!('zone' in from) || from.address === undefined) continue
      const zone = named(this.#zones, from.zone, 'zone')
      const address = spelled(from.address)
      if (zone.networks.some((net) => net.gateway === address)) continue
      const owner = this.#owners.get(address)
      if (owner !== undefined) throw new TypeError(`${address} belongs to ${owner}: probe from that host`)
      const under = this.#sources.get(`${zone.name} ${address}`)
      if (under) ready.push(under)
      else wanted.set(zone, (wanted.get(zone) ?? new Set()).add(address))
    }
    for (const [zone, addresses] of wanted) {
      const added = addSources(zone, [...addresses])
      for (const address of addresses) this.#sources.set(`${zone.name} ${address}`, added)
      ready.push(added)
    }
    await Promise.all(ready)
  }

  async #receipts(requests: readonly ProbeRequest[]): Promise<ReadonlyMap<string, Receipt>> {
    if (requests.length === 0) return new Map()
    const asked = requests.map((each) => each.token)
    const found = await Promise.all([...this.#hosts.values()].map((host) => host.agent.ask('received', { tokens: asked })))
    return new Map(found.flatMap(({ receipts }) => receipts.map((receipt) => [receipt.token, receipt])))
  }
}

function observation(probe: Probe, sighting: Sighting, receipt: Receipt | undefined): Observation {
  const { state, answer, ms } = sighting
  if (state === 'error') throw new Error(`probe from ${JSON.stringify(probe.from)} to ${probe.to.address}: ${sighting.detail}`)
  const seen = { answer, ms, ...(receipt ? { receipt } : {}) }
  if (receipt && state !== 'answered') return { outcome: 'delivered', detail: 'received, the answer was lost', ...seen }
  const stands = state === 'connected' || (state === 'closed' && probe.expect === 'receipt')
  if (stands && (probe.expect ?? 'answer') !== 'answer') return { outcome: 'delivered', detail: 'connected', ...seen }
  const verdict = VERDICTS[state]
  return { outcome: verdict.outcome, detail: verdict.detail(sighting), ...seen }
}

function named<T>(all: ReadonlyMap<string, T>, name: string, kind: string): T {
  const found = all.get(name)
  if (found === undefined) throw new TypeError(`the lab has no ${kind} '${name}'; it has ${[...all.keys()].join(', ')}`)
  return found
}
