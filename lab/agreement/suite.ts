import { afterAll, describe, expect, it } from 'vitest'
import { describeLab } from '../testing.ts'
import { KINDS } from './kinds.ts'
import { regressions } from './regressions.ts'
import { Scenes, tryRegression, tryRuleset } from './run.ts'
import { Tally } from './tally.ts'

/** How many rulesets of each kind are tried, and how many packets are sent through each. */
export interface Extent {
  /** The first of the seeds that the rulesets are made from. */
  readonly seed: number
  readonly packets: number
  readonly rulesets: Readonly<Record<string, number>>
  /** What the rulesets show, and the lines of the requirements that they prove. */
  readonly shows: { readonly what: string; readonly lines: string }
  /** With those that once disagreed. */
  readonly regressions: boolean
}

/** Tests that packets and rules disagree about nothing. What fails names the ruleset, as `npm run lab:agree -- --only` takes it. */
export async function testAgreement({ seed, packets, rulesets, shows, regressions: again }: Extent): Promise<void> {
  await describeLab(shows.what, () => {
    const scenes = new Scenes()
    const settings = { packets, walks: 0, tally: new Tally() }
    afterAll(async () => {
      await scenes.close()
      if (settings.tally.packets > 0) process.stderr.write(`${settings.tally.toString()}\n`)
    })

    describe('random rulesets', () => {
      // Each in a lab of its own, for most of the time is spent waiting.
      it.concurrent.each(Object.keys(KINDS).filter((kind) => (rulesets[kind] ?? 0) > 0))(`${shows.lines} · %s`, async (kind) => {
        const own = new Scenes()
        try {
          let built = 0
          for (let at = seed; built < (rulesets[kind] ?? 0); at++) {
            const disagreements = await tryRuleset(own, `${kind}:${at}`, settings)
            if (disagreements === undefined) continue
            built++
            expect(disagreements).toEqual([])
          }
        } finally {
          await own.close()
        }
      })
    })

    it.each(again ? regressions() : [])('once disagreed: %s', async (name, text) => {
      expect(await tryRegression(scenes, name, text, settings)).toEqual([])
    })
  })
}
