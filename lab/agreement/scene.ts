import type { Ruleset } from '@sallyport/core/evidence'
import {
  type Address,
  addressSetOf,
  type Family,
  FAMILIES,
  formatAddress,
  hasAddress,
  includes,
  parseAddress,
  portSet,
  sourceSet,
} from '@sallyport/core/network'
import {
  joinRulesets,
  type NetfilterGap,
  parseJson,
  readInterfaces,
  readIptablesSave,
  readNftJson,
  readRoutes,
} from '@sallyport/core/systems'
import { type NetfilterHost, type Outcome, walkInbound } from '../../packages/core/src/reach/netfilter/index.ts'
import { describeNamespace } from '../../packages/core/src/reach/netfilter-host.ts'
import type { Tally } from './tally.ts'
import { type Container, type Host, type IptablesBackend, Lab, type Observation, type Probe } from '../index.ts'

/** The network that every ruleset is tried in: a server between the internet, its neighbours, and a host behind it. */
const ZONES = {
  internet: ['198.51.100.0/24', '2001:db8:51::/64'],
  lan: ['192.168.1.0/24', '2001:db8:1::/64'],
  back: ['10.9.0.0/24', '2001:db8:9::/64'],
} as const

type Zone = keyof typeof ZONES

export const SERVER: Readonly<Record<Zone, Readonly<Record<Family, string>>>> = {
  internet: { 4: '198.51.100.10', 6: '2001:db8:51::10' },
  lan: { 4: '192.168.1.10', 6: '2001:db8:1::10' },
  back: { 4: '10.9.0.10', 6: '2001:db8:9::10' },
}

/** The host behind the server, whose way to anywhere leads through it. */
export const INNER: Readonly<Record<Family, string>> = { 4: '10.9.0.20', 6: '2001:db8:9::20' }

/** Where packets come from. */
export const SENDERS: Readonly<Record<'internet' | 'lan', Readonly<Record<Family, readonly string[]>>>> = {
  internet: {
    4: ['203.0.113.7', '203.0.113.8', '203.0.113.130', '198.51.100.77', '192.0.2.33'],
    6: ['2001:db8:77::7', '2001:db8:77::8', '2001:db8:77:8000::1', '2001:db8:51::77', '2001:db8:33::33'],
  },
  lan: { 4: ['192.168.1.66', '192.168.1.67', '192.168.1.200'], 6: ['2001:db8:1::66', '2001:db8:1::67', '2001:db8:1::c8'] },
}

/** Ports with a listener for TCP and UDP, on the server, behind it and in every container. */
export const PORTS: readonly number[] = [22, 53, 80, 443, 1000, 2000, 3000, 8000, 8080, 9000]
/** Ports where nobody listens. */
export const EMPTY_PORTS: readonly number[] = [25, 81, 5000]

export interface Shot {
  readonly zone: 'internet' | 'lan'
  readonly family: Family
  readonly protocol: 'tcp' | 'udp'
  readonly source: string
  readonly sourcePort: number
  readonly destination: string
  readonly port: number
}

export interface Disagreement {
  readonly shot: Shot
  readonly said: string
  readonly seen: string
  /** The rules and policies that decided, as the computed way names them. */
  readonly way: readonly string[]
}

/** What Sallyport knows of the server at one moment. */
export interface Capture {
  readonly rulesets: readonly Ruleset[]
  readonly gaps: readonly NetfilterGap[]
  readonly facts: NetfilterHost
}

const LISTENERS = PORTS.flatMap((port) => (['tcp', 'udp'] as const).map((protocol) => ({ protocol, address: '::', port })))

export class Scene {
  readonly lab: Lab<Zone, 'server' | 'inner'>
  /** Who listens behind the server, by address. */
  readonly #behind = new Map<string, string>()
  /** Ports of the server that docker-proxy holds. */
  readonly #proxied = new Set<number>()

  private constructor(lab: Lab<Zone, 'server' | 'inner'>) {
    this.lab = lab
    for (const family of FAMILIES) this.#behind.set(INNER[family], 'inner')
  }

  static async create(backend: IptablesBackend = 'nft'): Promise<Scene> {
    const on = (addresses: Readonly<Record<Family, string>>): readonly string[] => FAMILIES.map((family) => addresses[family])
    const lab = await Lab.create({
      zones: ZONES,
      hosts: {
        server: {
          on: { internet: on(SERVER.internet), lan: on(SERVER.lan), back: on(SERVER.back) },
          defaultRoute: 'internet',
          forwarding: true,
          iptables: backend,
        },
        inner: { on: { back: on(INNER) }, defaultRoute: 'server' },
      },
    })
    await Promise.all([lab.hosts.server.listenAll(LISTENERS), lab.hosts.inner.listenAll(LISTENERS)])
    return new Scene(lab)
  }

  get server(): Host {
    return this.lab.hosts.server
  }

  /** A container joins: it listens like everybody else, and `proxied` ports of the server lead to it. */
  async join(container: Container, proxied: readonly number[]): Promise<void> {
    await container.listenAll(LISTENERS)
    for (const each of container.addresses) this.#behind.set(each, `server/${container.name}`)
    for (const port of proxied) this.#proxied.add(port)
  }

  leave(container: Container): void {
    for (const each of container.addresses) this.#behind.delete(each)
    this.#proxied.clear()
  }

  /** Everything that the server's own tools print of its packet filter, addresses and routes. */
  async capture(): Promise<Capture> {
    const print = async (...command: string[]): Promise<string> => (await this.server.run(command)).stdout
    const [nft, ipsets, interfaces, ...routes] = await Promise.all([
      print('nft', '-j', 'list', 'ruleset'),
      print('ipset', 'save'),
      print('ip', '-j', '-d', 'address', 'show'),
      ...FAMILIES.map((family) => print('ip', '-j', `-${family}`, 'route', 'show', 'table', 'all')),
    ])
    const iptables = await Promise.all(
      FAMILIES.flatMap((family) =>
        (['nft', 'legacy'] as const).map(async (backend) => {
          const text = await print(`${family === 4 ? 'iptables' : 'ip6tables'}-${backend}-save`)
          return { family, backend, reading: readIptablesSave(text, { family, backend, ipsets }) }
        }),
      ),
    )
    const facts = describeNamespace({
      id: 'server',
      kind: 'host',
      label: 'server',
      container: undefined,
      interfaces: readInterfaces(parseJson(interfaces)).interfaces,
      routes: routes.flatMap((text) => readRoutes(parseJson(text)).routes),
      rules: [],
      filters: [],
      settings: new Map([
        ['net.ipv4.ip_forward', '1'],
        ['net.ipv6.conf.all.forwarding', '1'],
      ]),
      sockets: [],
      gaps: [],
    })
    return { ...joinRulesets({ nft: readNftJson(nft), iptables }), facts }
  }

  /** What becomes of each packet, compared with what the rules say of it; a disagreement is looked at twice. */
  async compare(capture: Capture, shots: readonly Shot[], tally: Tally): Promise<readonly Disagreement[]> {
    tally.rulesets++
    for (const shot of shots) tally.count(outcomesFor(capture, shot))
    const first = await this.#compareOnce(capture, shots, 150)
    if (first.length === 0) return []
    // Packets that were lost, and only once: a busy machine loses some.
    const lost = first.filter(({ seen }) => seen === 'dropped').map(({ shot }) => shot)
    if (lost.length > 0) await this.server.flushConnections()
    const again = lost.length === 0 ? [] : await this.#compareOnce(capture, lost, 1500)
    return [...first.filter(({ seen }) => seen !== 'dropped'), ...again]
  }

  async #compareOnce(capture: Capture, shots: readonly Shot[], timeoutMs: number): Promise<readonly Disagreement[]> {
    const observations = await this.lab.observe(shots.map((shot) => probeOf(shot, timeoutMs)))
    return shots.flatMap((shot, index) => {
      const outcomes = outcomesFor(capture, shot)
      const said = outcomes.flatMap((outcome) => this.#expected(outcome, shot))
      const seen = sighted(observations[index] as Observation)
      const right = said.some(
        (one) => one === 'anything' || one === seen || one.startsWith(`${seen} `) || (one === 'delivered' && seen.startsWith(one)),
      )
      return right ? [] : [{ shot, said: said.join(' or '), seen, way: outcomes.flatMap(wayOf) }]
    })
  }

  /** What a sender notices of an outcome. */
  #expected({ verdict, destination, assumes }: Outcome, { protocol }: Shot): readonly string[] {
    const { port } = destination
    // Rates are used up by probing.
    if (verdict === 'undecided' || assumes.length > 0) return ['anything']
    if (verdict === 'dropped') return ['dropped']
    if (verdict === 'rejected') return ['refused']
    // Whether docker-proxy holds this port for the protocol, family and address is no matter of the packet filter.
    if (verdict === 'delivered' && this.#proxied.has(port)) return ['delivered', 'refused']
    const who = verdict === 'delivered' ? 'server' : this.#behind.get(formatAddress(destination.address))
    if (who === undefined) return ['dropped']
    return PORTS.includes(port) ? [protocol === 'tcp' ? 'delivered' : `delivered ${who} ${port}`] : ['refused']
  }
}

function probeOf({ zone, source, sourcePort, destination, port, protocol }: Shot, timeoutMs: number): Probe<Zone, 'server' | 'inner'> {
  const from = { zone, address: source, port: sourcePort }
  // The connection alone: what becomes of the packets after the first is not asked.
  return { from, to: { address: destination, port, via: 'server' }, protocol, timeoutMs, expect: 'connection' }
}

/** `delivered server 80`, where the listener tells; of a TCP connection that is not used further only that it stands. */
function sighted({ outcome, receipt }: Observation): string {
  if (outcome !== 'delivered' || receipt === undefined) return outcome
  return `delivered ${receipt.key.replace(/\/\d+$/, '')} ${receipt.at.port}`
}

function wayOf({ trail }: Outcome): readonly string[] {
  return trail.map((step) => {
    if (step.kind === 'rule' || step.kind === 'translate')
      return `${step.origin.table} ${step.origin.chain} ${step.origin.index}: ${step.origin.text}`
    return step.kind === 'policy' ? `${step.table} ${step.chain}: policy ${step.policy}` : step.kind
  })
}

function address(text: string): Address {
  const found = parseAddress(text)
  if (found === undefined) throw new RangeError(text)
  return found
}

export function outcomesFor({ rulesets, facts }: Capture, shot: Shot): readonly Outcome[] {
  const { zone, family, protocol, sourcePort, port } = shot
  const from = address(shot.source)
  const sources = sourceSet(addressSetOf(from), portSet(sourcePort))
  const outcomes = walkInbound(rulesets, { inbound: zone, family, protocol, destination: address(shot.destination), port, sources }, facts)
  return outcomes.filter((one) => one.sources.some(({ addresses, ports }) => hasAddress(addresses, from) && includes(ports, sourcePort)))
}
