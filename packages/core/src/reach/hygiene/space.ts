import type { Condition, DeviceName } from '../../evidence/index.ts'
import { difference, type Family, type Interval, type IntervalSet, intervalSet, type NumberSet, numberSet } from '../../network/index.ts'
import { type Box, meet } from './box.ts'
import { type Asked, askedBy, type Changes, type Part } from './dimensions.ts'

/** A rule whose conditions come to more boxes than this is not followed. */
const MOST_BOXES = 256

/** `over`: every packet for which the condition may hold. `under`: those for which it surely holds. */
export type Reading = 'over' | 'under'

interface Dimension {
  readonly index: number
  /** Where a set begins, or is over. */
  readonly edges: Set<number | bigint>
  /** The cell of each name, and of each prefix with `OTHERS` after it. */
  readonly names: Map<string, number>
  /** Filled by `seal`: cell by edge. */
  readonly cellAt: Map<number | bigint, number>
  cells: number
}

/** Stands for the devices of a prefix that no rule names; no name has it. */
const OTHERS = '\0'

type Leaf = Exclude<Condition, { readonly kind: 'all' | 'any' | 'not' }>

/**
 * All packets of one family, along as many dimensions as the rules ask for, each divided into cells that no rule tells apart: sets of cells
 * are exact, and small. First every condition is taken in, then the space is sealed, then conditions become boxes.
 */
export class Space {
  readonly #family: Family
  readonly #changes: Changes
  readonly #dimensions = new Map<string, Dimension>()
  readonly #asked = new Map<Condition, Asked>()
  readonly #boxes: Readonly<Record<Reading, Map<Condition, readonly Box[]>>> = { over: new Map(), under: new Map() }
  #full: readonly NumberSet[] = []
  #everything: Box = []

  constructor(family: Family, changes: Changes) {
    this.#family = family
    this.#changes = changes
  }

  take(condition: Condition): void {
    if (condition.kind === 'not') return this.take(condition.of)
    if (condition.kind === 'all' || condition.kind === 'any') {
      for (const member of condition.of) this.take(member)
      return
    }
    const asked = this.#ask(condition)
    if (asked.kind === 'parts') for (const part of asked.parts) this.#takePart(part)
  }

  #ask(condition: Leaf): Asked {
    const asked = this.#asked.get(condition) ?? askedBy(condition, this.#family, this.#changes)
    this.#asked.set(condition, asked)
    return asked
  }

  #takePart(part: Part): void {
    const dimension = this.#dimensionOf(part)
    if ('named' in part) this.#takeNames(dimension.names, part.named)
    else
      for (const { first, last } of part.among) {
        dimension.edges.add(first)
        dimension.edges.add(typeof last === 'bigint' ? last + 1n : last + 1)
      }
  }

  #takeNames(names: Map<string, number>, named: readonly DeviceName[]): void {
    for (const { name, prefix } of named) {
      const cell = prefix ? name + OTHERS : name
      if (!names.has(cell)) names.set(cell, names.size)
    }
  }

  #dimensionOf(part: Part): Dimension {
    const found = this.#dimensions.get(part.dimension)
    if (found !== undefined) return found
    const made: Dimension = { index: this.#dimensions.size, edges: new Set(), names: new Map(), cellAt: new Map(), cells: 0 }
    if ('all' in part) {
      made.edges.add(part.all.first)
      made.edges.add(typeof part.all.last === 'bigint' ? part.all.last + 1n : part.all.last + 1)
    }
    this.#dimensions.set(part.dimension, made)
    return made
  }

  /** No condition is taken in from now on. */
  seal(): void {
    for (const dimension of this.#dimensions.values()) {
      // A device is a cell of its own for each name, each prefix (of devices that no rule names), and all others.
      if (dimension.names.size > 0) dimension.cells = dimension.names.size + 1
      else {
        const edges = [...dimension.edges].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
        for (const [cell, edge] of edges.entries()) dimension.cellAt.set(edge, cell)
        dimension.cells = Math.max(1, edges.length - 1)
      }
    }
    this.#full = Array.from(this.#dimensions.values(), ({ cells }) => intervalSet([{ first: 0, last: cells - 1 }]))
    this.#everything = this.#full.map(() => undefined)
  }

  /** Every cell of each dimension. */
  get full(): readonly NumberSet[] {
    return this.#full
  }

  get everything(): Box {
    return this.#everything
  }

  /** Whether the condition asks for something that is not known. */
  isOpaque(condition: Condition): boolean {
    if (condition.kind === 'not') return this.isOpaque(condition.of)
    if (condition.kind === 'all' || condition.kind === 'any') return condition.of.some((member) => this.isOpaque(member))
    const asked = this.#ask(condition)
    return asked.kind === 'open' && asked.opaque
  }

  boxes(condition: Condition, reading: Reading): readonly Box[] {
    const known = this.#boxes[reading]
    const found = known.get(condition) ?? this.#read(condition, true, reading)
    known.set(condition, found)
    return found
  }

  /** The packets of both; where that is too many boxes, more of them (`over`) or none (`under`). */
  both(a: readonly Box[], b: readonly Box[], reading: Reading): readonly Box[] {
    const boxes: Box[] = []
    for (const one of a) {
      for (const other of b) {
        const box = meet(one, other)
        if (box === undefined) continue
        if (boxes.length === MOST_BOXES) return reading === 'over' ? a : []
        boxes.push(box)
      }
    }
    return boxes
  }

  #read(condition: Condition, holds: boolean, reading: Reading): readonly Box[] {
    switch (condition.kind) {
      case 'not':
        return this.#read(condition.of, !holds, reading)
      case 'all':
      case 'any': {
        if ((condition.kind === 'all') !== holds) {
          const boxes = condition.of.flatMap((member) => this.#read(member, holds, reading))
          return boxes.length <= MOST_BOXES ? boxes : reading === 'over' ? [this.everything] : []
        }
        let boxes: readonly Box[] = [this.everything]
        for (const member of condition.of) boxes = this.both(boxes, this.#read(member, holds, reading), reading)
        return boxes
      }
      default:
        return this.#leaf(this.#ask(condition), holds, reading)
    }
  }

  #leaf(asked: Asked, holds: boolean, reading: Reading): readonly Box[] {
    if (asked.kind === 'open') return reading === 'over' ? [this.everything] : []
    if (asked.kind === 'constant') return asked.holds === holds ? [this.everything] : []
    const cells = asked.parts.map((part) => [this.#dimensionOf(part).index, this.#cellsOf(part)] as const)
    if (!holds)
      return cells.flatMap(([index, set]) => {
        const others = difference(this.#full[index] as NumberSet, set)
        return others.length === 0 ? [] : [this.everything.with(index, others)]
      })
    const box: (NumberSet | undefined)[] = [...this.everything]
    for (const [index, set] of cells) {
      if (set.length === 0) return []
      if (difference(this.#full[index] as NumberSet, set).length > 0) box[index] = set
    }
    return [box]
  }

  #cellsOf(part: Part): NumberSet {
    const dimension = this.#dimensionOf(part)
    if (!('named' in part)) {
      const cellOf = (edge: number | bigint): number => dimension.cellAt.get(edge) ?? 0
      const among: readonly Interval<number | bigint>[] = part.among as IntervalSet<number>
      return intervalSet(
        among.map(({ first, last }) => ({ first: cellOf(first), last: cellOf(typeof last === 'bigint' ? last + 1n : last + 1) - 1 })),
      )
    }
    const cells = part.named.flatMap(({ name, prefix }) => (prefix ? cellsBelow(name, dimension) : [dimension.names.get(name) ?? 0]))
    return numberSet(...cells)
  }
}

/** Of the devices whose names begin so. */
function cellsBelow(prefix: string, { names, cells }: Dimension): readonly number[] {
  const below = [...names].flatMap(([name, cell]) => (name.startsWith(prefix) ? [cell] : []))
  return prefix === '' ? [...below, cells - 1] : below
}
