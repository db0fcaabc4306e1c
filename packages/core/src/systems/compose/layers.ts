import { entriesOf, itemsOf, type Tree } from '../yaml.ts'

/**
 * A service, network or the whole model as it is put together from several places (files, `extends`, `include`): for each
 * key what each place says, the earlier first. What they come to is decided where a key is read, by that key's own rule
 * (compose-spec 13-merge.md).
 */
export type Layers = ReadonlyMap<string, readonly Tree[]>

/** Adds what one place says. `!reset` takes back what was said before, `!override` replaces it. */
export function layered(before: Layers, tree: Tree | undefined): Layers {
  const layers = new Map(before)
  for (const [name, { value }] of entriesOf(tree)) {
    if (value.tag === '!reset') layers.delete(name)
    else if (value.tag === '!override') layers.set(name, [value])
    else layers.set(name, [...(layers.get(name) ?? []), value])
  }
  return layers
}

/** Both, the second over the first. */
export function stacked(first: Layers, second: Layers): Layers {
  const layers = new Map(first)
  for (const [name, trees] of second) layers.set(name, trees[0]?.tag === '!override' ? trees : [...(layers.get(name) ?? []), ...trees])
  return layers
}

export const NO_LAYERS: Layers = new Map()

/** The last that says something: null does not override. */
export function last(layers: Layers, name: string): Tree | undefined {
  return layers.get(name)?.findLast((tree) => !isNull(tree))
}

/** For `command` and `entrypoint`, which a later place replaces as a whole, with null too. */
export function replaced(layers: Layers, name: string): Tree | undefined {
  const tree = layers.get(name)?.at(-1)
  return tree === undefined || isNull(tree) ? undefined : tree
}

/** Every item of lists that add up. */
export function appended(layers: Layers, name: string): readonly Tree[] {
  return (layers.get(name) ?? []).flatMap((tree) => itemsOf(tree))
}

/** The entries of mappings that add up, as layers of their own. */
export function within(layers: Layers, name: string): Layers {
  return (layers.get(name) ?? []).reduce<Layers>((found, tree) => layered(found, tree), NO_LAYERS)
}

export function isNull(tree: Tree): boolean {
  return tree.kind === 'scalar' && tree.type === 'null'
}
