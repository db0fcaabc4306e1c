import type { Container, DockerEngine } from '../index.ts'
import type { Random } from './random.ts'
import { PORTS, SENDERS } from './network.ts'
import type { Scene } from './scene.ts'
import type { Targets } from './shots.ts'

/** Ports of the server that only containers use. */
const PUBLISHED: readonly number[] = [8081, 8443, 9001, 5432, 6379]

const HOST_ADDRESSES: readonly string[] = ['', '', '0.0.0.0:', '127.0.0.1:', '192.168.1.10:', '198.51.100.10:', '[::]:']

/** Starts some containers, and puts rules where Docker keeps room for its users' own. */
export class DockerWorld {
  readonly #scene: Scene
  readonly #random: Random
  readonly #containers: Container[] = []

  constructor(scene: Scene, random: Random) {
    this.#scene = scene
    this.#random = random
  }

  async build(engine: DockerEngine): Promise<Targets> {
    const random = this.#random
    const networks = random.some(['plain', 'inside'], 0, 2)
    for (const network of networks) await engine.cli(['network', 'create', ...(network === 'inside' ? ['--internal'] : []), network])
    const free = [...PUBLISHED]
    const used: number[] = []
    const addresses: string[] = []
    for (const name of ['one', 'two'].slice(0, 1 + random.below(2))) {
      const publish: string[] = []
      for (let count = random.below(3); count >= 0; count--) {
        const port = free.splice(random.below(free.length), 1)[0]
        if (port === undefined) break
        used.push(port)
        publish.push(`${random.pick(HOST_ADDRESSES)}${port}:${random.pick(PORTS)}${random.pick(['', '', '/udp'])}`)
      }
      const network = random.pick([undefined, ...networks])
      const container = await engine.run({ name, publish, ...(network === undefined ? {} : { network }) })
      this.#containers.push(container)
      addresses.push(...container.addresses)
      await this.#scene.join(container, used, network === 'inside')
    }
    for (const rule of random.many(0, 3, () => this.#userRule()))
      await this.#scene.server.run(['iptables', '-I', 'DOCKER-USER', ...rule.split(' ')])
    return {
      ports: used,
      addresses: { 4: addresses.filter((each) => !each.includes(':')), 6: addresses.filter((each) => each.includes(':')) },
    }
  }

  #userRule(): string {
    const random = this.#random
    const sender = random.pick([...SENDERS.internet[4], ...SENDERS.lan[4], '203.0.113.0/24', '192.168.1.0/24'])
    return random.pick([
      () => `-i internet ! -s ${sender} -j DROP`,
      () => `-s ${sender} -j ${random.pick(['DROP', 'RETURN', 'ACCEPT'])}`,
      () => `-i internet -p tcp --dport ${random.pick(PORTS)} -j ${random.pick(['DROP', 'REJECT'])}`,
      () => `-p tcp -m conntrack --ctorigdstport ${random.pick(PUBLISHED)} --ctdir ORIGINAL -j DROP`,
      () => `-i lan -m conntrack --ctstate NEW -j ${random.pick(['DROP', 'RETURN'])}`,
    ])()
  }

  async clear(engine: DockerEngine): Promise<void> {
    for (const container of this.#containers) {
      this.#scene.leave(container)
      await container.remove()
    }
    await engine.cli(['network', 'prune', '--force'])
    await this.#scene.server.run(['/bin/sh', '-ec', 'iptables -F DOCKER-USER && iptables -A DOCKER-USER -j RETURN'])
  }
}
