import { FAMILIES } from '@sallyport/core/network'
import type { IptablesBackend } from '../index.ts'
import { DockerWorld } from './docker.ts'
import { IptablesRules } from './iptables.ts'
import { NftRules } from './nft.ts'
import type { Shot } from './network.ts'
import { OwnRules } from './own.ts'
import type { Random } from './random.ts'
import { rendered } from './rendered.ts'
import type { Disagreement } from './run.ts'
import type { Scene } from './scene.ts'
import type { Targets } from './shots.ts'
import { ufwCommands } from './ufw.ts'

/** What stands while packets are sent. */
export interface Loaded {
  readonly targets?: Targets
  /** Whether a packet is meant to come in, where that is known from something else than the rules. `undefined`: it is not. */
  meant?(shot: Shot): boolean | undefined
  /** Further packets that did not do as they were meant to. */
  also?(): Promise<readonly Disagreement[]>
  clear?(): Promise<void>
}

/** A kind of ruleset. */
export interface Kind {
  /** What `iptables` is on the server. */
  readonly backend: IptablesBackend
  /** How many of a round of rulesets. */
  readonly share: number
  /** Loaded at once from one text, so that it can be loaded afresh; a tool may refuse what contradicts itself. */
  readonly text: boolean
  readonly ratesUsedUp: boolean
  /** Packets of the server's own are sent. */
  readonly own?: true
  load(scene: Scene, random: Random): Promise<Loaded | void>
}

function ofText(share: number, load: Kind['load']): Kind {
  return { backend: 'nft', share, text: true, ratesUsedUp: false, load }
}

function iptables(backend: IptablesBackend): Kind['load'] {
  return async ({ server }, random) => {
    await server.iptables(new IptablesRules(random, 4, true).ruleset(), backend)
    await server.ip6tables(new IptablesRules(random, 6, true).ruleset(), backend)
  }
}

function own(backend: IptablesBackend): Kind['load'] {
  return async ({ server }, random) => {
    await server.iptables(new OwnRules(random, 4).ruleset(), backend)
    await server.ip6tables(new OwnRules(random, 6).ruleset(), backend)
  }
}

function ufw(backend: IptablesBackend, share: number): Kind {
  return {
    backend,
    share,
    text: false,
    ratesUsedUp: true,
    async load({ server }, random) {
      await server.ufw(ufwCommands(random))
      return { clear: () => server.ufw(['reset']) }
    },
  }
}

function docker(backend: IptablesBackend, share: number, withUfw: boolean, userlandProxy: boolean): Kind {
  return {
    backend,
    share,
    text: false,
    ratesUsedUp: withUfw,
    async load(scene, random) {
      const { server } = scene
      if (withUfw) await server.ufw(ufwCommands(random))
      const engine = await server.docker({ userlandProxy })
      const world = new DockerWorld(scene, random)
      const targets = await world.build(engine)
      const clear = async (): Promise<void> => {
        await world.clear(engine)
        await engine.stop()
        if (withUfw) await server.ufw(['reset'])
      }
      return { targets, clear }
    },
  }
}

export const KINDS: Readonly<Record<string, Kind>> = {
  nft: ofText(18, ({ server }, random) => server.nft(new NftRules(random).ruleset())),
  'iptables-nft': ofText(7, iptables('nft')),
  'iptables-legacy': ofText(6, iptables('legacy')),
  both: ofText(4, async ({ server }, random) => {
    const [four, six] = FAMILIES.map((family) => new IptablesRules(random, family, false).ruleset()) as [string, string]
    await server.iptables(four, 'legacy')
    await server.ip6tables(six, 'nft')
    await server.nft(new NftRules(random).ruleset())
  }),
  'own-nft': { ...ofText(2, own('nft')), own: true },
  'own-legacy': { ...ofText(2, own('legacy')), own: true },
  'ufw-nft': ufw('nft', 1),
  'ufw-legacy': ufw('legacy', 1),
  docker: docker('nft', 1, false, true),
  'docker-ufw': docker('nft', 1, true, true),
  'docker-ufw-legacy': docker('legacy', 1, true, false),
  'rendered-nftables': rendered('nftables', 'nft', 2, false),
  'rendered-iptables': rendered('iptables', 'nft', 1, false),
  'rendered-iptables-legacy': rendered('iptables', 'legacy', 1, false),
  'rendered-ufw': rendered('ufw', 'nft', 1, false),
  'rendered-ufw-legacy': rendered('ufw', 'legacy', 1, false),
  'rendered-nftables-docker': rendered('nftables', 'nft', 1, true),
  'rendered-iptables-docker': rendered('iptables', 'nft', 1, true),
  'rendered-ufw-docker': rendered('ufw', 'nft', 1, true),
}

/** The kinds of a run, one after the other, evenly mixed. */
export function schedule(): readonly string[] {
  const places = Object.entries(KINDS).flatMap(([name, { share }]) =>
    Array.from({ length: share }, (_, index) => ({ name, at: (index + 0.5) / share })),
  )
  return places.sort((a, b) => a.at - b.at).map(({ name }) => name)
}
