import { intersection, intervalSet, type NumberSet } from '../../network/index.ts'
import { type Box, touches, within, without } from './box.ts'

/** Where a rule ends what it takes: until the scope is closed, its packets meet no further rule. */
export interface Scope {
  open: boolean
  /** The one that this lies in. */
  readonly outer: Scope | undefined
  /** What may have left this scope and gone on in the outer one. */
  readonly escaped: Box[]
}

/** Packets that a rule takes away from the rules after it. */
export interface Taken<T> {
  readonly by: T
  readonly box: Box
  readonly scope: Scope
}

/** What takes so few cells of a dimension is found by them. */
const FEW_CELLS = 64
/** More pieces than this are not looked at: whether nothing is left cannot be told. */
const MOST_PIECES = 512
/** So much is compared in all, which takes a second at most; what is asked after that, cannot be told. */
const MOST_COMPARISONS = 2_000_000
/** To cut a piece costs as much as to compare so many. */
const CUT = 10
/** Of so many, each pair and each three are tried. */
const MOST_TRIED = 20
/** Of so many, each is tried to be left out. */
const MOST_LEFT_OUT = 64

/** What takes few cells of one dimension, by cell. */
interface Index<T> {
  readonly all: Numbered<T>[]
  readonly at: Map<number, Numbered<T>[]>
  /** The next cell, from each cell on, that nothing here has taken; halved as it is followed, so that all of it is near-linear. */
  readonly free: Int32Array
}

interface Numbered<T> extends Taken<T> {
  readonly number: number
}

/**
 * What earlier rules have taken, in their order, and whether anything is left for the next one. What takes few addresses, ports or devices is
 * kept by them: of a rule that they cannot hide together, a packet is picked that none of them takes, and only the others are asked about it.
 */
export class Cover<T> {
  readonly #full: readonly NumberSet[]
  #general: Numbered<T>[] = []
  readonly #indexes: (Index<T> | undefined)[]
  #count = 0
  #comparisons = 0
  #closed = 0

  constructor(full: readonly NumberSet[]) {
    this.#full = full
    this.#indexes = full.map(() => undefined)
  }

  add(by: T, box: Box, scope: Scope): void {
    const taken = { by, box, scope, number: this.#count++ }
    const dimension = this.#narrowest(box)
    if (dimension === undefined) this.#general.push(taken)
    else this.#index(dimension, taken)
  }

  /** To be told whenever scopes have been closed. */
  forget(): void {
    // Not each time: what is closed is passed over until it is half of all.
    if (++this.#closed * 2 < this.#general.length) return
    this.#closed = 0
    this.#general = this.#general.filter(({ scope }) => scope.open)
  }

  #narrowest(box: Box): number | undefined {
    let best: number | undefined
    let least = Number.POSITIVE_INFINITY
    for (const [dimension, set] of box.entries()) {
      if (set === undefined) continue
      const cells = countOf(this.#full[dimension] as NumberSet)
      const taken = countOf(set)
      // A dimension of a few values tells too few rules apart.
      if (taken > FEW_CELLS || cells < 16 || taken / cells >= least) continue
      least = taken / cells
      best = dimension
    }
    return best
  }

  #index(dimension: number, taken: Numbered<T>): void {
    const index = this.#indexes[dimension] ?? {
      all: [],
      at: new Map<number, Numbered<T>[]>(),
      free: Int32Array.from({ length: countOf(this.#full[dimension] as NumberSet) + 1 }, (_, cell) => cell),
    }
    this.#indexes[dimension] = index
    index.all.push(taken)
    for (const { first, last } of taken.box[dimension] as NumberSet) {
      for (let cell = first; cell <= last; cell++) {
        index.free[cell] = cell + 1
        const known = index.at.get(cell)
        if (known === undefined) index.at.set(cell, [taken])
        else known.push(taken)
      }
    }
  }

  /** The fewest of what was taken that leave nothing of the box: exactly up to three, beyond that none can be left out. `undefined`: something is left, or it cannot be told. */
  hides(box: Box): readonly Taken<T>[] | undefined {
    const single = this.#single(box)
    if (single !== undefined) return [single]
    if (this.#isSpent()) return undefined
    const { picked, stuck } = this.#pick(box)
    const near = byNumber([
      ...this.#touching(this.#general, picked),
      ...stuck.flatMap((dimension) => this.#touching(this.#along(dimension, box), picked)),
    ])
    if (near.length === 0) return undefined
    // Mostly they take the whole box, or not even what was picked.
    const these: Numbered<T>[] = []
    const whole = this.#left(box, near, these)
    if (whole === 'nothing') return this.#fewest(box, near.length <= MOST_TRIED ? near : these)
    if (this.#left(picked, near) !== 'nothing') return undefined
    const every = byNumber([
      ...this.#touching(this.#general, box),
      ...this.#indexes.flatMap((_, dimension) => this.#touching(this.#along(dimension, box), box)),
    ])
    const deciding: Numbered<T>[] = []
    if (this.#left(box, every, deciding) !== 'nothing') return undefined
    return this.#fewest(box, every.length <= MOST_TRIED ? every : deciding)
  }

  /** The first that takes the whole box. */
  #single(box: Box): Taken<T> | undefined {
    let found: Numbered<T> | undefined
    const look = (candidates: Iterable<Numbered<T>>): void => {
      for (const one of candidates) {
        this.#comparisons++
        if (one.scope.open && (found === undefined || one.number < found.number) && within(box, one.box)) found = one
      }
    }
    if (this.#isSpent()) return undefined
    look(this.#general)
    for (const [dimension, index] of this.#indexes.entries()) {
      const set = box[dimension]
      // What takes all of the box takes its first cell too.
      if (index !== undefined && set !== undefined) look(index.at.get((set[0] as { first: number }).first) ?? [])
    }
    return found
  }

  /** A part of the box that nothing takes which is found by a cell; `stuck`: the dimensions that have no such cell. */
  #pick(box: Box): { readonly picked: Box; readonly stuck: readonly number[] } {
    const picked = [...box]
    const stuck: number[] = []
    for (const [dimension, index] of this.#indexes.entries()) {
      if (index === undefined) continue
      const cell = freeCell(index.free, box[dimension] ?? (this.#full[dimension] as NumberSet))
      if (cell === undefined) stuck.push(dimension)
      else picked[dimension] = intervalSet([{ first: cell, last: cell }])
    }
    return { picked, stuck }
  }

  /** What is found by cells of the dimension, and may touch the box. */
  #along(dimension: number, box: Box): Iterable<Numbered<T>> {
    const index = this.#indexes[dimension]
    const set = box[dimension]
    if (index === undefined) return []
    if (set === undefined || countOf(set) > FEW_CELLS) return index.all
    const found = new Set<Numbered<T>>()
    for (const { first, last } of set)
      for (let cell = first; cell <= last; cell++) for (const one of index.at.get(cell) ?? []) found.add(one)
    return found
  }

  #touching(candidates: Iterable<Numbered<T>>, box: Box): readonly Numbered<T>[] {
    const found: Numbered<T>[] = []
    for (const one of candidates) {
      this.#comparisons++
      if (one.scope.open && touches(one.box, box)) found.push(one)
    }
    return found
  }

  /** What is left of the box; those that took any of it are added to `deciding`. */
  #left<U extends { readonly box: Box }>(box: Box, takers: readonly U[], deciding?: U[]): 'nothing' | 'something' | 'unknown' {
    let rest: readonly Box[] = [box]
    this.#comparisons += takers.length * CUT
    const shares = takers.reduce((sum, taker) => sum + shareOf(box, taker.box, this.#full), 0)
    if (shares < ALL) return 'something'
    for (const taker of takers) {
      this.#comparisons += 1 + rest.length * CUT
      if (this.#isSpent()) return 'unknown'
      if (!rest.some((piece) => touches(piece, taker.box))) continue
      deciding?.push(taker)
      rest = rest.flatMap((piece) => without(piece, taker.box, this.#full))
      if (rest.length === 0) return 'nothing'
      if (rest.length > MOST_PIECES) return 'unknown'
    }
    return 'something'
  }

  #fewest(box: Box, deciding: readonly Taken<T>[]): readonly Taken<T>[] {
    const covers = (takers: readonly Taken<T>[]): boolean => this.#left(box, takers) === 'nothing'
    let kept = deciding
    if (kept.length > MOST_TRIED && kept.length <= MOST_LEFT_OUT) kept = withoutNeedless(kept, covers)
    if (kept.length > MOST_TRIED) return kept
    const shares = kept.map((taker) => shareOf(box, taker.box, this.#full))
    return (
      enough(shares, (some) => covers(some.map((index) => kept[index] as Taken<T>)))?.map((index) => kept[index] as Taken<T>) ??
      withoutNeedless(kept, covers)
    )
  }

  #isSpent(): boolean {
    return this.#comparisons > MOST_COMPARISONS
  }
}

function byNumber<T>(takers: readonly Numbered<T>[]): readonly Numbered<T>[] {
  return takers.toSorted((a, b) => a.number - b.number)
}

function withoutNeedless<U>(takers: readonly U[], covers: (some: readonly U[]) => boolean): readonly U[] {
  let kept = takers
  for (const taker of takers.toReversed()) {
    const others = kept.filter((one) => one !== taker)
    if (covers(others)) kept = others
  }
  return kept
}

/** The first pair that will do, or else the first three. Those whose shares do not come to all of it are not tried. */
function enough(shares: readonly number[], tried: (some: readonly number[]) => boolean): readonly number[] | undefined {
  const share = (index: number): number => shares[index] as number
  for (let i = 0; i < shares.length; i++)
    for (let j = i + 1; j < shares.length; j++) if (share(i) + share(j) >= ALL && tried([i, j])) return [i, j]
  for (let i = 0; i < shares.length; i++)
    for (let j = i + 1; j < shares.length; j++)
      for (let k = j + 1; k < shares.length; k++) if (share(i) + share(j) + share(k) >= ALL && tried([i, j, k])) return [i, j, k]
  return undefined
}

/** Sums of shares are not exact. */
const ALL = 1 - 1e-9

/** How much of the box the other takes, by cells. */
function shareOf(box: Box, other: Box, full: readonly NumberSet[]): number {
  let share = 1
  for (const [dimension, set] of other.entries()) {
    if (set === undefined) continue
    const own = box[dimension] ?? (full[dimension] as NumberSet)
    share *= countOf(intersection(own, set)) / countOf(own)
  }
  return share
}

function countOf(set: NumberSet): number {
  let count = 0
  for (const { first, last } of set) count += last - first + 1
  return count
}

function freeCell(free: Int32Array, set: NumberSet): number | undefined {
  for (const { first, last } of set) {
    let cell = first
    for (let next = free[cell] as number; next !== cell; next = free[cell] as number) {
      free[cell] = free[next] as number
      cell = next
    }
    if (cell <= last) return cell
  }
  return undefined
}
