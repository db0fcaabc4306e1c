import { type Family, parsePrefix } from '@sallyport/core/network'
import { WRITABLE } from '@sallyport/core/systems'
import type { Container, DockerEngine, Host, IptablesBackend } from '../index.ts'
import type { Kind, Loaded } from './kinds.ts'
import { EMPTY_PORTS, PORTS, SERVER, type Shot } from './network.ts'
import { type RandomPolicy, randomPolicy } from './policies.ts'
import type { Random } from './random.ts'
import type { Disagreement } from './run.ts'
import type { Scene } from './scene.ts'

/** What is rendered from random policies, loaded as its first lines say: packets have to do what the policy says, whatever is computed. */

/** By system: what loads it, and what takes it out where emptying the packet filter is not enough. */
const LOADED_BY: Readonly<Record<string, { readonly load: readonly string[]; readonly unload?: readonly string[] }>> = {
  nftables: { load: ['nft', '-f', '/etc/nftables.d/sallyport.nft'] },
  iptables: { load: ['/etc/iptables/sallyport', 'start'], unload: ['/etc/iptables/sallyport', 'stop'] },
  ufw: { load: ['/bin/sh', '/run/ufw.sh'], unload: ['ufw', '--force', 'reset'] },
}

/** Ports that two containers publish: 80 of the first, 443 and UDP 9000 of the second. */
const PUBLISHED: readonly number[] = [8081, 8443, 9001]
/** In the range that a policy may have, at its end, and beyond it. */
const FAR_PORTS: readonly number[] = [20150, 30000, 30001]

export function rendered(system: string, backend: IptablesBackend, share: number, withDocker: boolean): Kind {
  return {
    backend,
    share,
    text: false,
    // ufw logs within a limit.
    ratesUsedUp: system === 'ufw',
    async load(scene, random) {
      const { server } = scene
      const policy = randomPolicy(random, withDocker ? PUBLISHED : [])
      if (!withDocker) {
        await install(server, system, policy)
        return { targets: targetsOf(FAR_PORTS), meant: meantBy(policy), clear: () => remove(server, system) }
      }
      // Docker puts its chains before those that are there.
      const isFirst = random.chance(50)
      if (isFirst) await install(server, system, policy)
      const engine = await server.docker({ userlandProxy: random.chance(50) })
      const containers = await publish(scene, engine)
      if (!isFirst) await install(server, system, policy)
      const addresses = containers.flatMap((container) => container.addresses)
      return {
        targets: targetsOf([...PUBLISHED, ...FAR_PORTS], addresses),
        meant: meantBy(policy, addresses),
        also: () => fromContainers(scene, policy, containers, random),
        async clear() {
          for (const container of containers) {
            scene.leave(container)
            await container.remove()
          }
          await engine.cli(['network', 'prune', '--force'])
          await engine.stop()
          await remove(server, system)
        },
      }
    },
  }
}

async function install(server: Host, system: string, { policy, host, links }: RandomPolicy): Promise<void> {
  const writer = await WRITABLE.find(({ name }) => name === system)?.load()
  const written = writer?.write(policy, { host, links: links.flatMap((link) => parsePrefix(link) ?? []) })
  if (written?.kind !== 'written') throw new Error(`${system}: ${written?.why ?? 'nothing is rendered for it'}`)
  for (const { path: at, text, mode } of written.files) {
    const path = at.startsWith('/') ? at : `/run/${at}`
    await server.write(path, text)
    if (mode !== undefined) await server.run(['chmod', mode.toString(8), path])
  }
  // Every command of ufw takes its time.
  await server.run(LOADED_BY[system]?.load ?? [], { timeoutMs: 300_000 })
}

async function remove(server: Host, system: string): Promise<void> {
  const unload = LOADED_BY[system]?.unload
  if (unload !== undefined) await server.run(unload)
}

const SERVER_ADDRESSES = new Set([SERVER.internet, SERVER.lan].flatMap((own) => Object.values(own)))

function targetsOf(ports: readonly number[], containers: readonly string[] = []): NonNullable<Loaded['targets']> {
  const own = (family: Family): readonly string[] => [SERVER.internet, SERVER.lan, SERVER.internet, SERVER.lan].map((one) => one[family])
  return { ports, addresses: { 4: [...own(4), ...containers.filter((each) => !each.includes(':'))], 6: own(6) } }
}

/** The way to containers is by published ports alone. `undefined`: for another machine, so the policy has nothing to say. */
function meantBy(policy: RandomPolicy, containers: readonly string[] = []): (shot: Shot) => boolean | undefined {
  return ({ source, destination, protocol, port }) => {
    if (containers.includes(destination)) return false
    return SERVER_ADDRESSES.has(destination) ? policy.lets({ kind: 'outside', address: source }, protocol, port) : undefined
  }
}

async function publish(scene: Scene, engine: DockerEngine): Promise<readonly Container[]> {
  await engine.cli(['network', 'create', 'plain'])
  const one = await engine.run({ name: 'one', publish: ['8081:80'] })
  const two = await engine.run({ name: 'two', publish: ['8443:443', '9001:9000/udp'], network: 'plain' })
  for (const container of [one, two]) await scene.join(container, PUBLISHED, false)
  return [one, two]
}

/** What containers send to the server itself. Whether they reach each other's published ports, the engine has a say in. */
async function fromContainers(
  scene: Scene,
  policy: RandomPolicy,
  containers: readonly Container[],
  random: Random,
): Promise<readonly Disagreement[]> {
  const probes = containers.flatMap((container) =>
    (['tcp', 'udp'] as const).flatMap((protocol) =>
      [...random.some([...PORTS, ...EMPTY_PORTS], 8, 8), ...PUBLISHED].map((port) => {
        const to = { address: random.pick([SERVER.internet[4], SERVER.lan[4]]), port }
        return { from: { container }, to, protocol, timeoutMs: 300, expect: 'receipt' } as const
      }),
    ),
  )
  const seen = await scene.lab.observe(probes)
  return probes.flatMap(({ from, to, protocol }, index): readonly Disagreement[] => {
    const outcome = seen[index]?.outcome ?? 'dropped'
    const meant = policy.lets({ kind: 'container' }, protocol, to.port)
    const isRight = meant ? outcome !== 'dropped' || PUBLISHED.includes(to.port) : outcome === 'dropped'
    if (isRight) return []
    const family: Family = 4
    const shot = { family, protocol, source: from.container.name, sourcePort: 0, destination: to.address, port: to.port }
    return [{ id: 'from a container', shot: { zone: 'own', ...shot }, said: meantText(meant), seen: outcome, way: policy.text.split('\n') }]
  })
}

export function meantText(meant: boolean): string {
  return meant ? 'let in by the policy' : 'kept out by the policy'
}

/** A packet that is let in may still find nobody who listens. */
export function isAsMeant(meant: boolean, seen: string): boolean {
  return meant === (seen !== 'dropped')
}
