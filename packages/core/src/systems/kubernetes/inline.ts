import { Text } from '../../evidence/index.ts'
import { readYaml, type ScalarNode, type Tree } from '../yaml.ts'

/** The documents in a scalar, with the places where they stand in the file; `undefined`: written so that these cannot be told. */
export function insideOf(node: ScalarNode): readonly Tree[] | undefined {
  const { text, start, end, value } = node
  const source = text.content.slice(start, end)
  const isBlock = /^[|>]/.test(source)
  const line = source.indexOf('\n')
  const from = isBlock ? (line < 0 ? source.length : line + 1) : /^["']/.test(source) ? 1 : 0
  const inner = isBlock ? source.slice(from) : source.slice(from, source.length - (from === 1 ? 1 : 0))
  if (!isBlock && inner !== value) return undefined
  const own = new Text(text.path, inner)
  const { documents, problems } = readYaml(own)
  return problems.length > 0 ? undefined : documents.map((tree) => moved(tree, text, start + from))
}

/** A tree of a part of a text as one of the whole. */
function moved(tree: Tree, text: Text, by: number): Tree {
  const place = { text, start: tree.start + by, end: tree.end + by }
  if (tree.kind === 'scalar') return { ...tree, ...place }
  if (tree.kind === 'list') return { ...tree, ...place, items: tree.items.map((item) => moved(item, text, by)) }
  const entries = [...tree.entries].map(
    ([name, { key, value }]) => [name, { key: { text, start: key.start + by, end: key.end + by }, value: moved(value, text, by) }] as const,
  )
  return { ...tree, ...place, entries: new Map(entries) }
}
