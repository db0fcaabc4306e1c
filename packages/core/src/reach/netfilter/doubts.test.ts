import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type RuleOrigin, show } from '../../evidence/index.ts'
import { intervalSet, portSet, type SourceSet, sourceSet, sourcesOverlap, unionSources } from '../../network/index.ts'
import { Doubts } from './doubts.ts'
import type { Reason } from './types.ts'

const box = fc
  .tuple(fc.nat(40), fc.constantFrom(0, 0, 0, 3, 12), fc.constantFrom(portSet([0, 65535]), portSet([0, 9]), portSet([10, 65535])))
  .map(([first, more, ports]) => sourceSet(intervalSet([{ first: BigInt(first), last: BigInt(first + more) }]), ports))

const sets = fc.array(box, { maxLength: 7 }).map((boxes): SourceSet => boxes.reduce(unionSources, sourceSet(intervalSet<bigint>([]))))

const ORIGINS = [1, 2, 3, 4, 5].map(
  (index): RuleOrigin => ({ kind: 'rule', tool: 'nft', table: 't', chain: 'c', index, text: show(`rule ${index}`) }),
)

const reasons = fc.record({
  origin: fc.constantFrom(...ORIGINS),
  text: fc.constantFrom(show('one'), show('other')),
}) satisfies fc.Arbitrary<Reason>

describe('what could not be decided', () => {
  it('is told of those whom it is about, once for a rule, in the order in which the rules were met', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(reasons, sets), { maxLength: 14 }), fc.oneof(box, sets), (said, asked) => {
        const doubts = new Doubts()
        for (const [reason, sources] of said) {
          doubts.add(reason, sources)
          doubts.about(asked)
        }
        const rules = [...new Set(said.flatMap(([{ origin }, sources]) => (sources.length > 0 ? [origin] : [])))]
        const expected = rules.flatMap((origin) => {
          const ofRule = said.filter(([reason, sources]) => reason.origin === origin && sources.length > 0)
          const texts = [...new Set(ofRule.map(([{ text }]) => text))]
          return texts
            .filter((text) => ofRule.some(([reason, sources]) => reason.text === text && sourcesOverlap(sources, asked)))
            .map((text) => ({ origin, text }))
        })
        expect(doubts.about(asked)).toEqual(expected)
      }),
      { numRuns: 1_000 },
    )
  })
})
