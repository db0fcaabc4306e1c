import { type Alias, type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair, visit, type YAMLMap } from 'yaml'
import { show, type Text } from '../evidence/index.ts'
import type { Diagnostics, Problem } from './diagnostic.ts'
import { isList, isMap as isTreeMap, type Place, type Places, positionOf, type Tree } from './places.ts'

/** How many values all files together may unfold to: aliases can repeat one another (the "billion laughs"). 1,000 services have about 12,000. */
export const MOST_VALUES = 20_000
const DEEPEST = 60

/** The tags of the core schema (YAML 1.2 §10.3), which say no more than the value does. */
const PLAIN_TAGS: ReadonlySet<string> = new Set(
  ['str', 'int', 'float', 'bool', 'null', 'seq', 'map'].map((name) => `tag:yaml.org,2002:${name}`),
)

/** How many values may still be made. */
export interface Budget {
  values: number
}

/** What ends the building of one file's tree; caught in `build`. */
class Refused {
  readonly node: Node
  readonly problem: Problem

  constructor(node: Node, problem: Problem) {
    this.node = node
    this.problem = problem
  }
}

/** Turns YAML nodes into plain values, noting where each stands. Aliases and merge keys are followed, `x-…` keys left out. */
export class TreeBuilder {
  readonly #text: Text
  readonly #places: Places
  readonly #diagnostics: Diagnostics
  readonly #targets = new Map<Node, Node>()
  readonly #active = new Set<Node>()
  readonly #budget: Budget
  /** Some value is not what the author wrote: what would be said of it is not worth saying. */
  #misread = false

  constructor(text: Text, places: Places, diagnostics: Diagnostics, budget: Budget) {
    this.#budget = budget
    this.#text = text
    this.#places = places
    this.#diagnostics = diagnostics
  }

  /** `undefined`: refused, with a diagnostic. */
  build(document: Document.Parsed): Tree | undefined {
    this.#resolveAliases(document)
    try {
      const value = this.#value(document.contents)
      return this.#misread ? undefined : value
    } catch (refused) {
      if (!(refused instanceof Refused)) throw refused
      this.#diagnostics.add(this.#place(refused.node), refused.problem)
      return undefined
    }
  }

  /** An alias means the last anchor of its name before it. In one walk: `Alias.resolve` walks the document for every alias. */
  #resolveAliases(document: Document.Parsed): void {
    const anchors = new Map<string, Node>()
    visit(document, {
      Node: (_key, node) => {
        if (isAlias(node)) {
          const target = anchors.get(node.source)
          if (target !== undefined) this.#targets.set(node, target)
        } else if (node.anchor !== undefined && node.anchor !== '') anchors.set(node.anchor, node)
      },
    })
  }

  #value(node: Node | null): Tree {
    if (node === null) return null
    if (--this.#budget.values < 0) {
      const message = `the policy has more than ${MOST_VALUES} values, aliases counted as often as they are used`
      throw new Refused(node, { code: 'too-large', message, hint: 'use fewer aliases' })
    }
    if (this.#active.size > DEEPEST) {
      throw new Refused(node, { code: 'too-large', message: 'aliases lead too deep', hint: 'write the values out' })
    }
    this.#active.add(node)
    const value = this.#content(node)
    this.#active.delete(node)
    return value
  }

  #content(node: Node): Tree {
    if (isAlias(node)) return this.#alias(node)
    if (node.tag !== undefined && !PLAIN_TAGS.has(node.tag)) {
      const hint = 'policies hold plain text, numbers, lists and mappings: remove it'
      this.#misread = true
      this.#diagnostics.add(this.#place(node), { code: 'yaml-tag', message: `the tag ${show(node.tag, 60)} means nothing here`, hint })
    }
    if (isScalar(node)) return scalar(node.value)
    if (isSeq<Node>(node)) return this.#list(node.items)
    return isMap<Node, Node | null>(node) ? this.#map(node) : null
  }

  #alias(node: Alias): Tree {
    const target = this.#targets.get(node)
    if (target === undefined) {
      this.#misread = true
      const hint = `put &${show(node.source, 60)} before a value above, or put quotes around text that begins with *`
      this.#diagnostics.add(this.#place(node), {
        code: 'unknown-alias',
        message: `nothing above is marked &${show(node.source, 60)}`,
        hint,
      })
      return null
    }
    if (!this.#active.has(target)) return this.#value(target)
    const message = 'the alias stands inside the value that it repeats'
    throw new Refused(node, { code: 'alias-cycle', message, hint: 'write the value out' })
  }

  #list(items: readonly Node[]): Tree {
    const list: Tree[] = []
    for (const item of items) {
      list.push(this.#value(item))
      this.#places.set(list, list.length - 1, { key: undefined, value: this.#place(item) })
    }
    return list
  }

  #map(node: YAMLMap<Node, Node | null>): Tree {
    const map: Record<string, Tree> = Object.create(null)
    const merged: (Node | null)[] = []
    for (const pair of node.items) {
      const name = this.#key(pair)
      if (name === '<<' && isScalar(pair.key) && pair.key.type === 'PLAIN') merged.push(pair.value)
      else if (name !== undefined) this.#entry(map, name, pair)
    }
    for (const source of merged) this.#merge(map, source, node)
    return map
  }

  /** The key's text; `undefined` where it is none (reported) or the user's own. */
  #key(pair: Pair<Node, Node | null>): string | undefined {
    const key = isAlias(pair.key) ? this.#targets.get(pair.key) : pair.key
    if (isScalar(key) && key.value === '__proto__') {
      // JavaScript drops it from objects without a word, and so would the schema.
      const problem: Problem = { code: 'invalid-name', message: '"__proto__" is not a name', hint: 'choose another name' }
      this.#diagnostics.add(this.#place(pair.key), problem)
      return undefined
    }
    if (isScalar(key) && typeof key.value === 'string') return key.value.startsWith('x-') ? undefined : key.value
    const source = isScalar(key) ? show(key.source ?? '', 60) : ''
    const message = source === '' ? 'a key must be text' : `the key ${source} is not text`
    const hint = source === '' ? 'write a single word before the colon' : `put quotes around it: "${source}"`
    this.#diagnostics.add(this.#place(pair.key), { code: 'key-not-text', message, hint })
    return undefined
  }

  #entry(map: Record<string, Tree>, name: string, pair: Pair<Node, Node | null>): void {
    const key = this.#place(pair.key)
    const first = this.#places.get(map, name)
    if (first?.key !== undefined) {
      const message = `${JSON.stringify(show(name, 60))} is already set at ${positionOf(first.key)}`
      this.#diagnostics.add(key, { code: 'duplicate-key', message, hint: 'keep one of the two, or put both values into one' })
      return
    }
    map[name] = this.#value(pair.value)
    const value = pair.value === null ? key : this.#place(pair.value)
    this.#places.set(map, name, { key, value })
  }

  /** `<<: *defaults` or `<<: [*a, *b]` (yaml.org/type/merge): what the mapping says itself wins, then the first. */
  #merge(map: Record<string, Tree>, source: Node | null, node: Node): void {
    const from = this.#value(source)
    const items: readonly Tree[] = isList(from) ? from : [from]
    for (const item of items) {
      if (!isTreeMap(item)) {
        const hint = 'write `<<: *name` where `&name` marks a mapping'
        this.#diagnostics.add(this.#place(source ?? node), {
          code: 'wrong-type',
          message: '`<<` takes a mapping or a list of mappings',
          hint,
        })
        continue
      }
      for (const [name, value] of Object.entries(item)) {
        if (name in map) continue
        map[name] = value
        const entry = this.#places.get(item, name)
        if (entry !== undefined) this.#places.set(map, name, entry)
      }
    }
  }

  #place(node: Node): Place {
    const [start, end] = node.range ?? [0, 0]
    return { text: this.#text, start, end }
  }
}

function scalar(value: unknown): Tree {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null
}
