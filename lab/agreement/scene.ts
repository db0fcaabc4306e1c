import { type Ruleset } from '@sallyport/core/evidence'
import {
  type Address,
  addressSet,
  addressSetOf,
  difference,
  type Family,
  FAMILIES,
  formatAddress,
  hasAddress,
  includes,
  parseAddress,
  sourceSet,
  unionOf,
  portSet,
} from '@sallyport/core/network'
import { joinRulesets, type NetfilterGap, readIptablesSave, readNftJson } from '@sallyport/core/systems'
import { type NetfilterHost, type Outcome, walkInbound } from '../../packages/core/src/reach/netfilter/index.ts'
import { type Host, type IptablesBackend, Lab, type Observation, type Probe } from '../index.ts'

/** The network that every ruleset is tried in: a server between the internet, its neighbours, and a host behind it. */
export const ZONES = {
  internet: ['198.51.100.0/24', '2001:db8:51::/64'],
  lan: ['192.168.1.0/24', '2001:db8:1::/64'],
  back: ['10.9.0.0/24', '2001:db8:9::/64'],
} as const

export type Zone = keyof typeof ZONES

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

/** Ports with a listener for TCP and UDP, on the server and behind it. */
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
  readonly outcomes: readonly Outcome[]
}

export class Scene {
  readonly lab: Lab<Zone, 'server' | 'inner'>

  private constructor(lab: Lab<Zone, 'server' | 'inner'>) {
    this.lab = lab
  }

  static async create(backend: IptablesBackend): Promise<Scene> {
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
    const listeners = PORTS.flatMap((port) => (['tcp', 'udp'] as const).map((protocol) => ({ protocol, address: '::', port })))
    await Promise.all([lab.hosts.server.listenAll(listeners), lab.hosts.inner.listenAll(listeners)])
    return new Scene(lab)
  }

  get server(): Host {
    return this.lab.hosts.server
  }

  /** What Sallyport reads of the server's packet filter: everything that its tools print. */
  async capture(): Promise<{ readonly rulesets: readonly Ruleset[]; readonly gaps: readonly NetfilterGap[]; readonly text: string }> {
    const print = async (...command: string[]): Promise<string> => (await this.server.run(command)).stdout
    const nftText = await print('nft', '-j', 'list', 'ruleset')
    const ipsets = await print('ipset', 'save')
    const saves = await Promise.all(
      FAMILIES.flatMap((family) =>
        (['nft', 'legacy'] as const).map(async (backend) => ({
          family,
          backend,
          text: await print(`${family === 4 ? 'iptables' : 'ip6tables'}-${backend}-save`),
        })),
      ),
    )
    const iptables = saves.map(({ family, backend, text }) => ({
      family,
      backend,
      reading: readIptablesSave(text, { family, backend, ipsets }),
    }))
    const joined = joinRulesets({ nft: readNftJson(nftText), iptables })
    return { ...joined, text: [await print('nft', 'list', 'ruleset'), ...saves.map(({ text }) => text), ipsets].join('\n') }
  }

  /** What becomes of each packet, compared with what the rules say of it. */
  async compare(rulesets: readonly Ruleset[], shots: readonly Shot[], timeoutMs = 150): Promise<readonly Disagreement[]> {
    const observations = await this.lab.observe(shots.map((shot) => probeOf(shot, timeoutMs)))
    return shots.flatMap((shot, index) => {
      const outcomes = outcomesFor(rulesets, shot)
      const seen = sighted(observations[index] as Observation)
      const said = outcomes.map(expected)
      const right = said.some((one) => one === 'anything' || one === seen || one.startsWith(`${seen} `))
      return right ? [] : [{ shot, said: said.join(' or '), seen, outcomes }]
    })
  }
}

function probeOf({ zone, source, sourcePort, destination, port, protocol }: Shot, timeoutMs: number): Probe<Zone, 'server' | 'inner'> {
  // The connection alone: what becomes of the packets after the first is not asked.
  return {
    from: { zone, address: source, port: sourcePort },
    to: { address: destination, port, via: 'server' },
    protocol,
    timeoutMs,
    expect: 'connection',
  }
}

/** `delivered server 80`, where the listener tells; of a TCP connection that is not used further only that it stands. */
function sighted({ outcome, receipt }: Observation): string {
  return outcome === 'delivered' && receipt !== undefined ? `delivered ${receipt.key.split('/')[0]} ${receipt.at.port}` : outcome
}

const LOCAL = unionOf([
  addressSet('127.0.0.0/8', '::1'),
  addressSetOf(...Object.values(SERVER).flatMap((addresses) => FAMILIES.map((family) => address(addresses[family])))),
])

const NETWORKS = (Object.keys(ZONES) as Zone[]).map((zone) => ({ zone, addresses: addressSet(...ZONES[zone]) }))

export function address(text: string): Address {
  const found = parseAddress(text)
  if (found === undefined) throw new RangeError(text)
  return found
}

export const HOST: NetfilterHost = {
  localAddresses: LOCAL,
  broadcastAddresses: addressSet('198.51.100.255', '192.168.1.255', '10.9.0.255'),
  route({ destination }) {
    if (hasAddress(LOCAL, destination)) return { kind: 'local' }
    return { kind: 'forward', device: NETWORKS.find(({ addresses }) => hasAddress(addresses, destination))?.zone ?? 'internet' }
  },
  deviceAddress: (device, family) => address(SERVER[device as Zone][family]),
  deviceAddresses: (device) => addressSetOf(...FAMILIES.map((family) => address(SERVER[device as Zone][family]))),
  // Everything has a way back: what is no neighbour goes to the internet.
  reversePath(device) {
    if (device === undefined) return unionOf(NETWORKS.map(({ addresses }) => addresses).concat(addressSet('0.0.0.0/0', '::/0')))
    const other = unionOf(NETWORKS.filter(({ zone }) => zone !== device).map(({ addresses }) => addresses))
    const own = unionOf(NETWORKS.filter(({ zone }) => zone === device).map(({ addresses }) => addresses))
    return device === 'internet' ? difference(addressSet('0.0.0.0/0', '::/0'), other) : own
  },
}

export function outcomesFor(
  rulesets: readonly Ruleset[],
  { zone, family, protocol, source, sourcePort, destination, port }: Shot,
): readonly Outcome[] {
  const from = address(source)
  const outcomes = walkInbound(
    rulesets,
    {
      inbound: zone,
      family,
      protocol,
      destination: address(destination),
      port,
      sources: sourceSet(addressSetOf(from), portSet(sourcePort)),
    },
    HOST,
  )
  return outcomes.filter(({ sources }) =>
    sources.some(({ addresses, ports }) => hasAddress(addresses, from) && includes(ports, sourcePort)),
  )
}

/** What a sender notices of an outcome. */
function expected({ verdict, destination, device }: Outcome): string {
  const known = PORTS.includes(destination.port)
  switch (verdict) {
    case 'undecided':
      return 'anything'
    case 'rejected':
      return 'refused'
    case 'delivered':
      return known ? `delivered server ${destination.port}` : 'refused'
    case 'forwarded':
      if (device !== 'back' || !Object.values(INNER).includes(formatAddress(destination.address))) return 'dropped'
      return known ? `delivered inner ${destination.port}` : 'refused'
    default:
      return verdict
  }
}
