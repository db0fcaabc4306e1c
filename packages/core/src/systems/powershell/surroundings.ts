import type { FileOrigin, Value } from '../../evidence/index.ts'
import type { Block, Datum, Item, Source } from './datum.ts'
import type { Scope } from './scope.ts'
import type { Place, Statement } from './syntax.ts'

/** Where an expression stands. */
export interface Surroundings {
  readonly scope: Scope
  readonly source: Source
  /** The script's own path, relative to the folder. */
  readonly script: string | undefined
  /** What statements put out; what they start on the way is taken up. */
  output(body: readonly Statement[], at: Surroundings): Datum
  /** Runs a block for each item, which it knows as `$_`. */
  each(block: Block, items: readonly Item[], at: Surroundings): Datum
  /** `name`: `undefined` where it cannot be told which variable is set. */
  setEnvironment(name: string | undefined, value: Value, at: Surroundings, origin: FileOrigin): void
  problem(reason: string, origin: FileOrigin): void
}

export function originOf(place: Place, at: Surroundings): FileOrigin {
  return at.source.passage.origin(place.start, place.end)
}
