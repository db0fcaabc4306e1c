import { ABSENT, type FileOrigin, type Value } from '../../evidence/index.ts'
import { originOf, type Tree } from '../yaml.ts'

/** A value of a configuration file as far as it can be told without running it. */
export type Datum =
  | { readonly kind: 'value'; readonly value: Value; readonly origin: FileOrigin }
  | {
      readonly kind: 'object'
      readonly entries: ReadonlyMap<string, Datum>
      readonly origin: FileOrigin
      readonly missing: readonly Missing[]
    }
  | { readonly kind: 'list'; readonly items: readonly Datum[]; readonly origin: FileOrigin; readonly missing: readonly Missing[] }

/** Entries or items that may be there as well. */
export interface Missing {
  readonly reason: string
  readonly origin: FileOrigin
}

/** Missing from an object with `...process.env` in it: what every program inherits anyway. */
export const INHERITED = 'the variables of the shell'

export function unknownDatum(reason: string, origin: FileOrigin): Datum {
  return { kind: 'value', value: { kind: 'unknown', reason, origin }, origin }
}

export function knownDatum(value: string | number | boolean, origin: FileOrigin): Datum {
  return { kind: 'value', value: { kind: 'known', value, origin }, origin }
}

export function absentDatum(origin: FileOrigin): Datum {
  return { kind: 'value', value: ABSENT, origin }
}

export function property(datum: Datum | undefined, ...names: readonly string[]): Datum | undefined {
  if (datum?.kind !== 'object') return undefined
  for (const name of names) {
    const found = datum.entries.get(name)
    if (found !== undefined && !isAbsent(found)) return found
  }
  return undefined
}

export function isAbsent(datum: Datum): boolean {
  return datum.kind === 'value' && datum.value.kind === 'absent'
}

/** The value of a scalar; an object or a list is not one. */
export function valueOf(datum: Datum | undefined): Value | undefined {
  return datum?.kind === 'value' ? datum.value : undefined
}

/** What YAML or JSON says. */
export function datumOf(tree: Tree): Datum {
  const origin = originOf(tree)
  switch (tree.kind) {
    case 'scalar': {
      if (tree.type === 'null') return absentDatum(origin)
      const value =
        tree.type === 'boolean'
          ? tree.value.toLowerCase() === 'true'
          : tree.type === 'number' && /^-?\d{1,15}$/.test(tree.value)
            ? Number(tree.value)
            : tree.value
      return knownDatum(value, origin)
    }
    case 'mapping':
      return {
        kind: 'object',
        entries: new Map([...tree.entries].map(([name, entry]) => [name, datumOf(entry.value)])),
        origin,
        missing: [],
      }
    case 'list':
      return { kind: 'list', items: tree.items.map(datumOf), origin, missing: [] }
    default:
      return tree satisfies never
  }
}

/** One or the other: what only one of them has may be there. */
export function eitherOf(one: Datum, two: Datum, origin: FileOrigin): Datum {
  if (one.kind === 'value' && two.kind === 'value') {
    if (isAbsent(one) && isAbsent(two)) return one
    return { kind: 'value', value: { kind: 'choice', options: [one.value, two.value], origin }, origin }
  }
  if (one.kind === 'list' || two.kind === 'list') {
    const lists = [one, two].filter((datum) => datum.kind === 'list')
    const others = [one, two].filter((datum) => datum.kind !== 'list' && !isAbsent(datum))
    if (others.length > 0) return unknownDatum('which of two it is, is not known', origin)
    return { kind: 'list', items: lists.flatMap((list) => list.items), origin, missing: lists.flatMap((list) => list.missing) }
  }
  const objects = [one, two].filter((datum) => datum.kind === 'object')
  if (objects.length < 2 && ![one, two].some(isAbsent)) return unknownDatum('which of two it is, is not known', origin)
  const names = new Set(objects.flatMap((object) => [...object.entries.keys()]))
  const entries = new Map(
    [...names].map((name): readonly [string, Datum] => [name, eitherOf(entryOf(one, name, origin), entryOf(two, name, origin), origin)]),
  )
  return { kind: 'object', entries, origin, missing: objects.flatMap((object) => object.missing) }
}

function entryOf(datum: Datum, name: string, origin: FileOrigin): Datum {
  return (datum.kind === 'object' ? datum.entries.get(name) : undefined) ?? absentDatum(origin)
}

/** A value with the place where it is set, which may not be where it comes from. */
export function settled(datum: Datum, origin: FileOrigin): Datum {
  return datum.kind === 'value' ? { ...datum, origin } : datum
}

export function isFalsy(value: Value): boolean {
  return value.kind === 'known' && (value.value === '' || value.value === 0 || value.value === false)
}
