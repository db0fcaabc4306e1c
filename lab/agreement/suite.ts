import { readdirSync, readFileSync } from 'node:fs'
import { FAMILIES } from '@sallyport/core/network'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { IptablesBackend } from '../index.ts'
import { describeLab } from '../testing.ts'
import { DockerWorld } from './docker.ts'
import { IptablesRules } from './iptables.ts'
import { NftRules } from './nft.ts'
import { Random } from './random.ts'
import { Scene } from './scene.ts'
import { shots, type Targets } from './shots.ts'
import { Tally } from './tally.ts'
import { ufwCommands } from './ufw.ts'

/** How many rulesets of each kind are tried. */
export interface Extent {
  /** The first of the seeds that the rulesets are made from. */
  readonly seed: number
  /** Random ones of nft. */
  readonly nft: number
  /** Random ones of iptables and ip6tables, of each back end. */
  readonly iptables: number
  /** Random ones of both at once. */
  readonly both: number
  /** Of ufw's making, of each back end. */
  readonly ufw: number
  /** How often Docker is started anew, in each of three settings. */
  readonly engines: number
  /** Rulesets of Docker's making by each engine: other containers, networks and rules of their user. */
  readonly worlds: number
}

/** Packets that are sent through each ruleset. */
const PACKETS = 200

const DOCKERS = [
  ['Docker, back end nft', 'nft', false, true],
  ['M1 · Docker and ufw, back end nft', 'nft', true, true],
  ['M1 · Docker and ufw, back end legacy, no userland proxy', 'legacy', true, false],
] as const

/** Tests that packets and rules disagree about nothing. What fails names the seed of the ruleset. */
export async function testAgreement(extent: Extent): Promise<void> {
  const tally = new Tally()
  const { seed: begin } = extent
  const timeout = 60_000 + 10_000 * Math.max(...Object.values(extent).slice(1)) * Math.max(1, extent.worlds)

  const agree = async (scene: Scene, seed: number, random: Random, targets?: Targets): Promise<void> => {
    const capture = await scene.capture()
    expect(capture.gaps).toEqual([])
    const disagreements = await scene.compare(capture, shots(random, PACKETS, targets), tally)
    expect({ seed, disagreements }).toEqual({ seed, disagreements: [] })
  }

  afterAll(() => {
    if (tally.rulesets > 0) process.stderr.write(`${tally.toString()}\n`)
  })

  await describeLab('what is computed of a packet filter is what packets do', () => {
    let scene: Scene
    beforeAll(async () => {
      scene = await Scene.create()
      await scene.server.run(['ipset', 'restore'], { input: IptablesRules.sets() })
    })
    afterAll(() => scene?.lab.close())

    async function each(rulesets: number, build: (random: Random) => Promise<boolean>): Promise<void> {
      let built = 0
      for (let seed = begin; built < rulesets; seed++) {
        const random = new Random(seed)
        await scene.server.flushFilters()
        if (!(await build(random))) continue
        built++
        await agree(scene, seed, random)
      }
    }

    /** A random rule may contradict itself; the tool then refuses the ruleset, and another takes its place. */
    async function accepted(load: () => Promise<void>): Promise<boolean> {
      try {
        await load()
        return true
      } catch {
        return false
      }
    }

    it(`nft: random rulesets`, { timeout }, () =>
      each(extent.nft, (random) => accepted(() => scene.server.nft(new NftRules(random).ruleset()))),
    )

    describe.each<IptablesBackend>(['nft', 'legacy'])('iptables, back end %s', (backend) => {
      it('random rulesets of both families', { timeout }, () =>
        each(extent.iptables, async (random) => {
          const [four, six] = FAMILIES.map((family) => new IptablesRules(random, family, true).ruleset()) as [string, string]
          return (
            (await accepted(() => scene.server.iptables(four, backend))) && (await accepted(() => scene.server.ip6tables(six, backend)))
          )
        }),
      )
    })

    it('nft and both back ends of iptables at once', { timeout }, () =>
      each(extent.both, async (random) => {
        const rules = (family: 4 | 6): string => new IptablesRules(random, family, false).ruleset()
        await scene.server.iptables(rules(4), 'legacy')
        await scene.server.ip6tables(rules(6), 'nft')
        return accepted(() => scene.server.nft(new NftRules(random).ruleset()))
      }),
    )

    const folder = new URL('regressions/', import.meta.url)
    it.each(readdirSync(folder))('once disagreed: %s', async (name) => {
      const text = readFileSync(new URL(name, folder), 'utf8')
      await scene.server.flushFilters()
      if (name.endsWith('.nft')) await scene.server.nft(text)
      else if (name.endsWith('.ip6tables')) await scene.server.ip6tables(text)
      else await scene.server.iptables(text)
      await agree(scene, begin, new Random(begin))
    })
  })

  await describeLab('what is computed of ufw and Docker is what packets do', () => {
    it.each<IptablesBackend>(['nft', 'legacy'])('V5 · ufw, back end %s', { timeout }, async (backend) => {
      const scene = await Scene.create(backend)
      try {
        for (let seed = begin; seed < begin + extent.ufw; seed++) {
          const random = new Random(seed)
          await scene.server.ufw(['reset'])
          await scene.server.flushFilters()
          await scene.server.ufw(ufwCommands(random))
          await agree(scene, seed, random)
        }
      } finally {
        await scene.lab.close()
      }
    })

    it.each(DOCKERS)('%s', { timeout }, async (_title, backend, withUfw, userlandProxy) => {
      const scene = await Scene.create(backend)
      try {
        for (let seed = begin; seed < begin + extent.engines; seed++) {
          const random = new Random(seed)
          await scene.server.ufw(['reset'])
          await scene.server.flushFilters()
          if (withUfw) await scene.server.ufw(ufwCommands(random))
          const engine = await scene.server.docker({ userlandProxy })
          for (let built = 0; built < extent.worlds; built++) {
            const world = new DockerWorld(scene, random)
            await agree(scene, seed, random, await world.build(engine))
            await world.clear(engine)
          }
          await engine.stop()
        }
      } finally {
        await scene.lab.close()
      }
    })
  })
}
