import { Features } from './features.ts'
import type { Judgement } from './judge.ts'

/** Words by which a rule hands its packets to something that no ruleset tells of. */
const UNKNOWN = /\bqueue\b|NFQUEUE|TPROXY|tproxy|statistic|numgen/

/** What was computed of packets that then were sent. */
export class Tally {
  readonly rulesets = new Map<string, number>()
  refused = 0
  packets = 0
  /** Sent a second time, because they were lost where they should have passed. */
  again = 0
  /** Delivered, and a listener told that it has the packet. */
  received = 0
  /** Connections that stand and of which no listener told: what came after their first packet was kept out. */
  silent = 0
  readonly features = new Features()
  readonly #verdicts = new Map<string, number>()
  readonly #unsure = new Map<string, number>()

  count({ certainty, outcomes }: Judgement, seen: string): void {
    this.packets++
    if (seen.startsWith('delivered ')) this.received++
    if (seen === 'delivered') this.silent++
    const verdict = certainty === 'maybe' ? (isDeliberate(outcomes) ? 'maybe, put there' : 'maybe') : `${outcomes[0]?.verdict}`
    add(this.#verdicts, verdict)
    if (certainty === 'by a rate') add(this.#verdicts, 'by a rate')
    if (verdict !== 'maybe') return
    for (const text of new Set(outcomes.flatMap(({ reasons }) => reasons.map((reason) => String(reason.text))))) add(this.#unsure, text)
  }

  toString(): string {
    const sum = [...this.rulesets.values()].reduce((total, count) => total + count, 0)
    const verdicts = [...this.#verdicts].map(([verdict, count]) => `${verdict} ${count} (${((100 * count) / this.packets).toFixed(2)} %)`)
    const unsure = [...this.#unsure].sort(([, a], [, b]) => b - a).slice(0, 12)
    return [
      `${sum} rulesets: ${[...this.rulesets].map(([kind, count]) => `${kind} ${count}`).join(', ')}; ${this.refused} that the tools refused`,
      `${this.packets} packets: ${verdicts.join(', ')}; ${this.received} told of by who received them, ${this.silent} connections that nobody told of; ${this.again} sent again`,
      ...unsure.map(([text, count]) => `  maybe, ${count}: ${text}`),
    ].join('\n')
  }
}

/** What cannot be known here is meant not to be. */
function isDeliberate(outcomes: Judgement['outcomes']): boolean {
  return outcomes.some(({ reasons }) => reasons.some(({ origin, text }) => origin !== undefined && UNKNOWN.test(`${origin.text} ${text}`)))
}

function add(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}
