import { entry, type ListNode, type MappingNode, textOf, type Tree } from '../yaml.ts'

/** Entries of mappings and lists that may still be copied: patches of one another's results could take forever. */
export interface Work {
  left: number
}

/** Names in one path of a patch. */
const DEPTH = 100

/** A tree after the operations of RFC 6902, of which `add`, `replace` and `remove` are followed; `undefined`: not understood, or it fails. */
export function withOperations(tree: Tree, operations: readonly Tree[], work: Work): Tree | undefined {
  let result: Tree | undefined = tree
  for (const operation of operations) {
    const op = textOf(entry(operation, 'op'))
    // What it tests does not change anything; where it fails, nothing is deployed.
    if (op === 'test') continue
    const tokens = pathOf(textOf(entry(operation, 'path')))
    const value = entry(operation, 'value')
    const isKnown = op === 'remove' || ((op === 'add' || op === 'replace') && value !== undefined)
    if (!isKnown || tokens === undefined || result === undefined) return undefined
    result = changed(result, tokens, 0, op === 'remove' ? undefined : { value: value ?? operation, adds: op === 'add' }, work)
  }
  return result
}

/** RFC 6901: `/metadata/annotations/a~1b`. */
function pathOf(path: string | undefined): readonly string[] | undefined {
  if (path === undefined || !path.startsWith('/')) return undefined
  const tokens = path.slice(1).split('/', DEPTH + 1)
  return tokens.length > DEPTH ? undefined : tokens.map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** `undefined` removes. */
type Change = { readonly value: Tree; readonly adds: boolean } | undefined

function changed(tree: Tree, tokens: readonly string[], index: number, change: Change, work: Work): Tree | undefined {
  const token = tokens[index] ?? ''
  const isLast = index === tokens.length - 1
  const before = childOf(tree, token)
  if (!isLast) {
    const inner = before === undefined ? undefined : changed(before, tokens, index + 1, change, work)
    return inner === undefined ? undefined : withChild(tree, token, { value: inner, adds: false }, work)
  }
  if (before === undefined && change?.adds !== true) return undefined
  return withChild(tree, token, change, work)
}

function childOf(tree: Tree, token: string): Tree | undefined {
  return tree.kind === 'list' ? tree.items[placeIn(tree, token) ?? -1] : entry(tree, token)
}

function placeIn({ items }: ListNode, token: string): number | undefined {
  if (token === '-') return items.length
  return /^\d{1,7}$/.test(token) ? Number(token) : undefined
}

function withChild(tree: Tree, token: string, change: Change, work: Work): Tree | undefined {
  if (tree.kind === 'mapping') return takes(tree.entries.size, work) ? withEntry(tree, token, change?.value) : undefined
  const at = tree.kind === 'list' ? placeIn(tree, token) : undefined
  if (tree.kind !== 'list' || at === undefined || at > tree.items.length || !takes(tree.items.length, work)) return undefined
  const added = change === undefined ? [] : [change.value]
  return { ...tree, items: tree.items.toSpliced(at, change?.adds === true ? 0 : 1, ...added) }
}

function withEntry(tree: MappingNode, name: string, value: Tree | undefined): MappingNode {
  const entries = new Map(tree.entries)
  if (value === undefined) entries.delete(name)
  else entries.set(name, { key: tree.entries.get(name)?.key ?? value, value })
  return { ...tree, entries }
}

function takes(count: number, work: Work): boolean {
  work.left -= count + 1
  return work.left >= 0
}

/** What the items of a list are told apart by, of the lists that say what is open (kubernetes.io/docs/reference/kubernetes-api: patch merge key). */
const MERGED_BY: Readonly<Record<string, readonly string[]>> = {
  containers: ['name'],
  initContainers: ['name'],
  ephemeralContainers: ['name'],
  ports: ['containerPort', 'port'],
}

/** A tree after a strategic merge patch; `undefined`: it has directives that are not followed. */
export function merged(tree: Tree, patch: Tree, work: Work, depth: number = 0): Tree | undefined {
  if (patch.kind !== 'mapping' || tree.kind !== 'mapping') return hasDirective(patch) ? undefined : patch
  if (depth > DEPTH || !takes(tree.entries.size + patch.entries.size, work)) return undefined
  const entries = new Map(tree.entries)
  for (const [name, { key, value }] of patch.entries) {
    const before = entries.get(name)
    if (name.startsWith('$')) return undefined
    if (value.kind === 'scalar' && value.type === 'null') {
      entries.delete(name)
      continue
    }
    const keys = Object.hasOwn(MERGED_BY, name) ? MERGED_BY[name] : undefined
    const joined =
      before === undefined
        ? hasDirective(value)
          ? undefined
          : value
        : value.kind === 'list' && before.value.kind === 'list' && keys !== undefined
          ? mergedLists(before.value, value, keys, work, depth + 1)
          : merged(before.value, value, work, depth + 1)
    if (joined === undefined) return undefined
    entries.set(name, { key: before?.key ?? key, value: joined })
  }
  return { ...tree, entries }
}

function mergedLists(list: ListNode, patch: ListNode, keys: readonly string[], work: Work, depth: number): Tree | undefined {
  if (!takes(list.items.length + patch.items.length, work)) return undefined
  const key = keys.find((name) => patch.items.every((item) => entry(item, name) !== undefined))
  if (key === undefined) return undefined
  const places = new Map(list.items.map((item, index) => [textOf(entry(item, key)), index]))
  const items: (Tree | undefined)[] = [...list.items]
  for (const item of patch.items) {
    const at = places.get(textOf(entry(item, key)))
    const before = at === undefined ? undefined : items[at]
    if (textOf(entry(item, '$patch')) === 'delete') {
      if (at !== undefined) items[at] = undefined
      continue
    }
    const joined = before === undefined ? (hasDirective(item) ? undefined : item) : merged(before, item, work, depth)
    if (joined === undefined) return undefined
    if (at === undefined) items.push(joined)
    else items[at] = joined
  }
  return { ...list, items: items.flatMap((item) => item ?? []) }
}

/** `$patch: replace`, `$retainKeys` and their like. Deeper ones stand where nothing was before, and mean nothing there. */
const hasDirective = (tree: Tree): boolean => tree.kind === 'mapping' && [...tree.entries.keys()].some((name) => name.startsWith('$'))
