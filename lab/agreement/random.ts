/** A source of chance that gives the same from the same seed everywhere (mulberry32). */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** From 0 to `below`, itself not included. */
  below(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }

  chance(percent: number): boolean {
    return this.below(100) < percent
  }

  pick<T>(choices: readonly T[]): T {
    if (choices.length === 0) throw new RangeError('nothing to pick from')
    return choices[this.below(choices.length)] as T
  }

  /** `from` to `to` of them, each at most once, in their order. */
  some<T>(choices: readonly T[], from: number, to: number): readonly T[] {
    const wanted = Math.min(choices.length, from + this.below(to - from + 1))
    const left = [...choices]
    while (left.length > wanted) left.splice(this.below(left.length), 1)
    return left
  }

  many<T>(from: number, to: number, make: () => T): readonly T[] {
    return Array.from({ length: from + this.below(to - from + 1) }, make)
  }
}
