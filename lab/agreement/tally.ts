import type { Outcome } from '../../packages/core/src/reach/netfilter/index.ts'

/** What was computed of packets that then were sent. */
export class Tally {
  rulesets = 0
  #packets = 0
  readonly #verdicts = new Map<string, number>()

  count(outcomes: readonly Outcome[]): void {
    this.#packets++
    const unsure = outcomes.some((outcome) => outcome.certainty === 'maybe')
    const verdict = unsure
      ? 'maybe'
      : outcomes.some((outcome) => outcome.assumes.length > 0)
        ? 'by a rate'
        : (outcomes[0]?.verdict ?? 'none')
    this.#verdicts.set(verdict, (this.#verdicts.get(verdict) ?? 0) + 1)
  }

  toString(): string {
    const verdicts = [...this.#verdicts].map(([verdict, count]) => `${verdict} ${count}`)
    return `${this.rulesets} rulesets, ${this.#packets} packets: ${verdicts.join(', ')}`
  }
}
