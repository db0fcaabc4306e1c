import { agrees, judge, readCapture } from './judge.ts'
import type { Shot } from './network.ts'
import type { Recorded } from './recording.ts'

/** The first recorded packet of which something else is computed than was seen. */
export interface Difference {
  readonly id: string
  readonly shot: Shot
  readonly said: string
  readonly seen: string
}

/** Computes again what was recorded. That an answer is not sure any more is a difference too. */
export function firstDifference(recordings: readonly Recorded[]): Difference | undefined {
  for (const { id, printed, surroundings, packets } of recordings) {
    const capture = readCapture(printed, surroundings)
    for (const { shot, seen, sure } of packets) {
      const judgement = judge(capture, shot)
      if (sure && judgement.certainty === 'maybe') return { id, shot, said: 'one of several', seen }
      if (!agrees(judgement, seen)) return { id, shot, said: judgement.said.join(' or ') || 'nothing', seen }
    }
  }
  return undefined
}
