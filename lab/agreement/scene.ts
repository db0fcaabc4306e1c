import { FAMILIES, type Family } from '@sallyport/core/network'
import { type Container, type Host, type IptablesBackend, Lab, type Observation, type Probe } from '../index.ts'
import { type Printed, SAVES, type Surroundings } from './judge.ts'
import { INNER, PORTS, SERVER, type Shot, type Zone, ZONES } from './network.ts'

const LISTENERS = PORTS.flatMap((port) => (['tcp', 'udp'] as const).map((protocol) => ({ protocol, address: '::', port })))

/** The network on the real kernel. */
export class Scene {
  readonly lab: Lab<Zone, 'server' | 'inner'>
  readonly #behind = new Map<string, string>()
  readonly #mute = new Set<string>()
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

  /** A container joins: it listens like everybody else, and `proxied` ports of the server lead to it. On an internal network it is `mute`. */
  async join(container: Container, proxied: readonly number[], mute: boolean): Promise<void> {
    await container.listenAll(LISTENERS)
    const name = `server/${container.name}`
    for (const each of container.addresses) this.#behind.set(each, name)
    if (mute) this.#mute.add(name)
    for (const port of proxied) this.#proxied.add(port)
  }

  leave(container: Container): void {
    for (const each of container.addresses) this.#behind.delete(each)
    this.#mute.delete(`server/${container.name}`)
    this.#proxied.clear()
  }

  surroundings(): Omit<Surroundings, 'ratesUsedUp'> {
    return { behind: new Map(this.#behind), mute: new Set(this.#mute), proxied: new Set(this.#proxied) }
  }

  async print(): Promise<Printed> {
    const { stdout } = await this.server.run(['/bin/sh', '-ec', PRINT])
    const [nft = '', ipsets = '', interfaces = '', four = '', six = '', ...saves] = stdout.split(SEPARATOR)
    return { nft, ipsets, interfaces, routes: [four, six], saves }
  }

  /** What their senders see of the packets: `dropped`, `refused`, `delivered server 80 from ADDRESS`, or `delivered` where nobody tells who has it. */
  async send(shots: readonly Shot[], timeoutMs: number): Promise<readonly string[]> {
    return (await this.lab.observe(shots.map((shot) => probeOf(shot, timeoutMs)))).map(sighted)
  }
}

const SEPARATOR = '\x1e'

/** One program for all, for each costs its entering of the host's namespaces. */
const PRINT = [
  'nft -j list ruleset',
  'ipset save',
  'ip -j -d address show',
  ...FAMILIES.map((family) => `ip -j -${family} route show table all`),
  ...SAVES.map(({ family, backend }) => `${family === 4 ? 'iptables' : 'ip6tables'}-${backend}-save 2>/dev/null`),
].join(`; printf '\\036'; `)

function probeOf({ zone, source, sourcePort, destination, port, protocol }: Shot, timeoutMs: number): Probe<Zone, 'server' | 'inner'> {
  const to = { address: destination, port }
  const common = { protocol, timeoutMs, expect: 'receipt' } as const
  const sender = { address: source, port: sourcePort }
  if (zone === 'own') return { from: { host: 'server', ...sender }, to, ...common }
  return { from: { zone, ...sender }, to: { ...to, via: 'server' }, ...common }
}

function sighted({ outcome, receipt }: Observation): string {
  if (outcome !== 'delivered' || receipt === undefined) return outcome
  return `delivered ${receipt.key.replace(/\/\d+$/, '')} ${receipt.at.port} from ${receipt.from.address.replace(/^::ffff:/, '')}`
}
