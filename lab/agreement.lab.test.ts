import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FAMILIES } from '@sallyport/core/network'
import { DockerWorld } from './agreement/docker.ts'
import { IptablesRules } from './agreement/iptables.ts'
import { NftRules } from './agreement/nft.ts'
import { Random } from './agreement/random.ts'
import { Scene } from './agreement/scene.ts'
import { shots, type Targets } from './agreement/shots.ts'
import { ufwCommands } from './agreement/ufw.ts'
import type { IptablesBackend } from './index.ts'
import { describeLab } from './testing.ts'

/** Rulesets of each author: `SALLYPORT_RULESETS=10` makes 50 of ufw's and Docker's, 1000 a night's work; `SALLYPORT_SEED` begins elsewhere. */
const RULESETS = Number(process.env['SALLYPORT_RULESETS'] ?? 0)
const SEED = Number(process.env['SALLYPORT_SEED'] ?? 1)
const PACKETS = 200
const count = (usual: number): number => (RULESETS === 0 ? usual : RULESETS)
const TIMEOUT = 60_000 + Math.max(50, RULESETS) * 6_000

/** Packets and rules disagree about nothing. The seed of a ruleset is in what fails. */
async function agree(scene: Scene, seed: number, random: Random, targets?: Targets): Promise<void> {
  const capture = await scene.capture()
  expect(capture.gaps).toEqual([])
  expect({ seed, disagreements: await scene.compare(capture, shots(random, PACKETS, targets)) }).toEqual({ seed, disagreements: [] })
}

await describeLab('what is computed of a packet filter is what packets do', () => {
  let scene: Scene
  beforeAll(async () => {
    scene = await Scene.create()
    await scene.server.run(['ipset', 'restore'], { input: IptablesRules.sets() })
  })
  afterAll(() => scene?.lab.close())

  async function each(rulesets: number, build: (random: Random) => Promise<boolean>): Promise<void> {
    let built = 0
    for (let seed = SEED; built < rulesets; seed++) {
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

  it(`nft: random rulesets`, { timeout: TIMEOUT }, () =>
    each(count(10), (random) => accepted(() => scene.server.nft(new NftRules(random).ruleset()))),
  )

  describe.each<IptablesBackend>(['nft', 'legacy'])('iptables, back end %s', (backend) => {
    it('random rulesets of both families', { timeout: TIMEOUT }, () =>
      each(count(8), async (random) => {
        const [four, six] = FAMILIES.map((family) => new IptablesRules(random, family, true).ruleset()) as [string, string]
        return (await accepted(() => scene.server.iptables(four, backend))) && (await accepted(() => scene.server.ip6tables(six, backend)))
      }),
    )
  })

  it('nft and both back ends of iptables at once', { timeout: TIMEOUT }, () =>
    each(count(4), async (random) => {
      const rules = (family: 4 | 6): string => new IptablesRules(random, family, false).ruleset()
      await scene.server.iptables(rules(4), 'legacy')
      await scene.server.ip6tables(rules(6), 'nft')
      return accepted(() => scene.server.nft(new NftRules(random).ruleset()))
    }),
  )

  const folder = new URL('agreement/regressions/', import.meta.url)
  it.each(readdirSync(folder))('once disagreed: %s', async (name) => {
    const text = readFileSync(new URL(name, folder), 'utf8')
    await scene.server.flushFilters()
    if (name.endsWith('.nft')) await scene.server.nft(text)
    else if (name.endsWith('.ip6tables')) await scene.server.ip6tables(text)
    else await scene.server.iptables(text)
    await agree(scene, SEED, new Random(SEED))
  })
})

await describeLab('what is computed of ufw and Docker is what packets do', () => {
  it.each<IptablesBackend>(['nft', 'legacy'])('V5 · ufw, back end %s', { timeout: TIMEOUT }, async (backend) => {
    const scene = await Scene.create(backend)
    try {
      for (let seed = SEED; seed < SEED + count(2); seed++) {
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

  it.each([
    ['Docker, back end nft', 'nft', false, true],
    ['M1 · Docker and ufw, back end nft', 'nft', true, true],
    ['M1 · Docker and ufw, back end legacy, no userland proxy', 'legacy', true, false],
  ] as const)('%s', { timeout: TIMEOUT }, async (_title, backend, withUfw, userlandProxy) => {
    const scene = await Scene.create(backend)
    try {
      for (let seed = SEED; seed < SEED + count(2); seed++) {
        const random = new Random(seed)
        await scene.server.ufw(['reset'])
        await scene.server.flushFilters()
        if (withUfw) await scene.server.ufw(ufwCommands(random))
        const engine = await scene.server.docker({ userlandProxy })
        const world = new DockerWorld(scene, random)
        const targets = await world.build(engine)
        await agree(scene, seed, random, targets)
        await world.clear(engine)
        await engine.stop()
      }
    } finally {
      await scene.lab.close()
    }
  })
})
