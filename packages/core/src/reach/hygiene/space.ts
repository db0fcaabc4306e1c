import type { Condition, DeviceName } from '../../evidence/index.ts'
import {
  difference,
  type Family,
  intersection,
  type Interval,
  type IntervalSet,
  intervalSet,
  type NumberSet,
  numberSet,
} from '../../network/index.ts'
import { type Box, meet } from './box.ts'
import { type Asked, askedBy, type Changes, type Part } from './dimensions.ts'

/** A rule whose conditions come to more boxes than this is not followed. */
const MOST_BOXES = 256

/** Packets, in boxes: every one that may be meant, and those that surely are. One and the same list where all is known. */
export interface Region {
  readonly over: readonly Box[]
  readonly under: readonly Box[]
}

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

function isLeaf(condition: Condition): condition is Leaf {
  return condition.kind !== 'all' && condition.kind !== 'any' && condition.kind !== 'not'
}

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
  readonly #regions = new Map<Condition, Region>()
  #full: readonly NumberSet[] = []
  #everything: Region = exactly([[]])

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
    this.#everything = exactly([this.#full.map(() => undefined)])
  }

  /** Every cell of each dimension. */
  get full(): readonly NumberSet[] {
    return this.#full
  }

  get everything(): Region {
    return this.#everything
  }

  /** Whether the condition asks for something that is not known. */
  isOpaque(condition: Condition): boolean {
    if (condition.kind === 'not') return this.isOpaque(condition.of)
    if (condition.kind === 'all' || condition.kind === 'any') return condition.of.some((member) => this.isOpaque(member))
    const asked = this.#ask(condition)
    return asked.kind === 'open' && asked.opaque
  }

  /** The packets for which the condition holds. */
  regionOf(condition: Condition): Region {
    const found = this.#regions.get(condition) ?? this.#read(condition, true)
    this.#regions.set(condition, found)
    return found
  }

  /** The packets of both; where that is too many boxes, more of them may be meant, and none surely are. */
  both(a: Region, b: Region): Region {
    if (a === this.#everything) return b
    const over = meets(a.over, b.over)
    if (isExact(a) && isExact(b) && over !== undefined) return exactly(over)
    return { over: over ?? a.over, under: meets(a.under, b.under) ?? [] }
  }

  #read(condition: Condition, holds: boolean): Region {
    switch (condition.kind) {
      case 'not':
        return this.#read(condition.of, !holds)
      case 'all':
        return holds ? this.#all(condition.of) : this.#either(condition.of.map((member) => this.#read(member, false)))
      case 'any':
        return holds ? this.#either(condition.of.map((member) => this.#read(member, true))) : this.#none(condition.of)
      default:
        return this.#leaf(this.#ask(condition), holds)
    }
  }

  /** Nearly all that rules ask for is of this kind: what is plain goes into one box. */
  #all(members: readonly Condition[]): Region {
    const box = [...(this.#everything.over[0] as Box)]
    const others: Condition[] = []
    for (const member of members) {
      const asked = isLeaf(member) ? this.#ask(member) : undefined
      if (asked?.kind !== 'parts') others.push(member)
      else if (!this.#narrow(box, asked.parts)) return NOTHING
    }
    return others.reduce((region, member) => this.both(region, this.#read(member, true)), exactly([box]))
  }

  #none(members: readonly Condition[]): Region {
    return members.reduce((region, member) => this.both(region, this.#read(member, false)), this.#everything)
  }

  /** Leaves in a box what is asked for. False: nothing. */
  #narrow(box: (NumberSet | undefined)[], parts: readonly Part[]): boolean {
    for (const part of parts) {
      const dimension = this.#dimensionOf(part)
      const { index } = dimension
      const set = this.#cellsOf(part, dimension)
      const before = box[index]
      const now = before === undefined ? set : intersection(before, set)
      if (now.length === 0) return false
      if (before !== undefined || !isWhole(set, dimension.cells)) box[index] = now
    }
    return true
  }

  #either(members: readonly Region[]): Region {
    const over = members.flatMap((member) => member.over)
    if (members.every(isExact) && over.length <= MOST_BOXES) return exactly(over)
    const under = members.flatMap((member) => member.under)
    return { over: over.length <= MOST_BOXES ? over : this.#everything.over, under: under.length <= MOST_BOXES ? under : [] }
  }

  #leaf(asked: Asked, holds: boolean): Region {
    if (asked.kind === 'open') return { over: this.#everything.over, under: [] }
    if (asked.kind === 'constant') return asked.holds === holds ? this.#everything : NOTHING
    const [all] = this.#everything.over as [Box]
    if (holds) {
      const box = [...all]
      return this.#narrow(box, asked.parts) ? exactly([box]) : NOTHING
    }
    const others: Box[] = []
    for (const part of asked.parts) {
      const { index } = this.#dimensionOf(part)
      const outside = difference(this.#full[index] as NumberSet, this.#cellsOf(part, this.#dimensionOf(part)))
      if (outside.length > 0) others.push(all.with(index, outside))
    }
    return exactly(others)
  }

  #cellsOf(part: Part, dimension: Dimension): NumberSet {
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

function isWhole([first, ...others]: NumberSet, cells: number): boolean {
  return others.length === 0 && first?.first === 0 && first.last === cells - 1
}

function exactly(boxes: readonly Box[]): Region {
  return { over: boxes, under: boxes }
}

const NOTHING = exactly([])

/** All of it is known. */
export function isExact({ over, under }: Region): boolean {
  return over === under
}

/** `undefined`: too many. */
function meets(a: readonly Box[], b: readonly Box[]): readonly Box[] | undefined {
  const boxes: Box[] = []
  for (const one of a) {
    for (const other of b) {
      const box = meet(one, other)
      if (box === undefined) continue
      if (boxes.length === MOST_BOXES) return undefined
      boxes.push(box)
    }
  }
  return boxes
}

/** Of the devices whose names begin so. */
function cellsBelow(prefix: string, { names, cells }: Dimension): readonly number[] {
  const below = [...names].flatMap(([name, cell]) => (name.startsWith(prefix) ? [cell] : []))
  return prefix === '' ? [...below, cells - 1] : below
}
