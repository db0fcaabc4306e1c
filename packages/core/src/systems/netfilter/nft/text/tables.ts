import type { FileOrigin } from '../../../../evidence/index.ts'
import { field, type Json } from '../../../json.ts'
import { type DataType, resolvedElement } from './set.ts'
import type { ValueType } from './selector.ts'

/** Types of the keys and values of a set or map, as declared. */
export interface ElementTypes {
  readonly key: ValueType
  readonly data: DataType
}

/** A set or map, or any other named object, as `nft -j` has it but for its elements. */
interface OpenObject {
  readonly kind: string
  readonly name: string
  body: { readonly [key: string]: Json }
  types: ElementTypes
  /** What is counted for each element apart, by the set's own words. */
  each: { readonly [statement: string]: Json }
  readonly elements: Json[]
  /** Something was taken out that is not there as it stands: what is left is not known. */
  torn: boolean
}

interface OpenChain {
  base: { readonly [key: string]: Json } | undefined
  rules: Json[]
  /** Those that were inserted, the first of them last. */
  before: Json[]
}

export interface OpenTable {
  readonly family: string
  readonly name: string
  flags: readonly string[]
  readonly chains: Map<string, OpenChain>
  readonly objects: Map<string, OpenObject>
}

const UNTYPED: ElementTypes = { key: 'other', data: undefined }

/** The tables that commands have made so far, beginning with none: what is loaded is what is here at the end. */
export class Tables {
  readonly #tables = new Map<string, OpenTable>()
  /** Where each rule stands. */
  readonly places = new Map<Json, { readonly file: () => FileOrigin; readonly text: () => string }>()

  table(family: string, name: string): OpenTable {
    const key = `${family} ${name}`
    let table = this.#tables.get(key)
    if (table === undefined) {
      table = { family, name, flags: [], chains: new Map(), objects: new Map() }
      this.#tables.set(key, table)
    }
    return table
  }

  find(family: string, name: string): OpenTable | undefined {
    return this.#tables.get(`${family} ${name}`)
  }

  delete(family: string, name: string): void {
    this.#tables.delete(`${family} ${name}`)
  }

  /** `flush ruleset`, of one family or of all. */
  clear(family: string | undefined): void {
    for (const [key, table] of this.#tables) if (family === undefined || table.family === family) this.#tables.delete(key)
  }

  /** Everything in the form in which `nft -j list ruleset` has it. */
  objects(): readonly Json[] {
    return [...this.#tables.values()].flatMap((table) => [
      { table: { family: table.family, name: table.name, ...(table.flags.length === 0 ? {} : { flags: table.flags }) } },
      ...[...table.objects.values()].flatMap((object) => printed(table, object)),
      ...[...table.chains].map(([name, { base }]) => ({ chain: { family: table.family, table: table.name, name, ...base } })),
      ...[...table.chains.values()].flatMap((chain) => rulesOf(chain).map((rule): Json => ({ rule }))),
    ])
  }
}

function printed(table: OpenTable, { kind, name, body, types, each, elements, torn }: OpenObject): readonly Json[] {
  // Whoever asks for a set that is not there is undecided.
  if (torn) return []
  const elem = elements.map((element) => resolvedElement(counted(element, each), types.key, types.data))
  return [{ [kind]: { family: table.family, table: table.name, name, ...body, ...(elem.length === 0 ? {} : { elem }) } }]
}

function counted(element: Json, each: OpenObject['each']): Json {
  if (Object.keys(each).length === 0) return element
  if (Array.isArray(element)) {
    const [key = null, value = null] = element as readonly Json[]
    return [counted(key, each), value]
  }
  const own = field(element, 'elem')
  return { elem: own === undefined ? { val: element, ...each } : { ...each, ...(own as { readonly [key: string]: Json }) } }
}

export function chainOf(table: OpenTable, name: string): OpenChain {
  let chain = table.chains.get(name)
  if (chain === undefined) {
    chain = { base: undefined, rules: [], before: [] }
    table.chains.set(name, chain)
  }
  return chain
}

/** In the order in which they run. */
export function rulesOf(chain: OpenChain): Json[] {
  if (chain.before.length === 0) return chain.rules
  chain.rules = [...chain.before.toReversed(), ...chain.rules]
  chain.before = []
  return chain.rules
}

export function empty(chain: OpenChain): void {
  chain.rules = []
  chain.before = []
}

/** Sets and maps share their names; other objects have theirs by kind. */
export function objectOf(table: OpenTable, kind: string, name: string): OpenObject {
  const key = keyOf(kind, name)
  let object = table.objects.get(key)
  if (object === undefined) {
    object = { kind, name, body: {}, types: UNTYPED, each: {}, elements: [], torn: false }
    table.objects.set(key, object)
  }
  return object
}

export function keyOf(kind: string, name: string): string {
  return kind === 'set' || kind === 'map' ? name : `${kind} ${name}`
}
