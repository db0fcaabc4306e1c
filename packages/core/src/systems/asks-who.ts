import { type Node, nodeAt } from './tree.ts'

/** Code that decides by who asks: the peer's address, or the Host of its request, in a condition, a comparison or a test. */

/** So many steps lead from a value to what is decided by it. */
const MOST_STEPS = 16
/** So many places of one file are looked at. */
const MOST_PLACES = 200
/** So many uses of a variable are looked at. */
const MOST_USES = 40

/** The first place where one of the texts that `words` matches decides something. `words` is global. */
export function askedAt(root: Node, words: RegExp): Node | undefined {
  let places = 0
  for (const match of root.file.content.matchAll(words)) {
    if (++places > MOST_PLACES) return undefined
    // The last character: of `req.ip` the name is `ip`.
    const node = nodeAt(root, match.index + match[0].length - 1)
    if (node !== undefined && NAMES.has(node.kind) && decides(node, root, true)) return node
  }
  return undefined
}

const NAMES: ReadonlySet<string> = new Set(['identifier', 'property_identifier', 'string_fragment', 'string_content'])
const COMPARISONS: ReadonlySet<string> = new Set(['===', '!==', '==', '!='])
/** Of texts and sets, in both languages. */
const TESTS = /\.(?:has|includes|some|test|match|indexOf|startsWith|endsWith|startswith|endswith|is_loopback)$/
const ENDS: ReadonlySet<string> = new Set([
  'expression_statement',
  'statement_block',
  'block',
  'program',
  'module',
  'template_string',
  'interpolation',
])

function decides(from: Node, root: Node, follow: boolean): boolean {
  let node = from
  for (let step = 0; step < MOST_STEPS; step++) {
    const { parent } = node
    if (parent === undefined || ENDS.has(parent.kind)) return false
    if (parent.kind === 'comparison_operator' || isField(node, parent, 'condition')) return true
    if (parent.kind === 'binary_expression' && COMPARISONS.has(parent.field('operator')?.content ?? '')) return true
    if (parent.kind === 'attribute' && parent.content.endsWith('.is_loopback')) return true
    if ((parent.kind === 'call_expression' || parent.kind === 'call') && TESTS.test(parent.field('function')?.content ?? '')) return true
    if (parent.kind === 'variable_declarator' || parent.kind === 'assignment') {
      const name = parent.field(parent.kind === 'assignment' ? 'left' : 'name')
      return follow && name?.kind === 'identifier' && name !== node && isDecidedBy(name, root)
    }
    node = parent
  }
  return false
}

function isField(node: Node, parent: Node, name: string): boolean {
  return (
    (parent.kind === 'if_statement' || parent.kind === 'elif_clause' || parent.kind === 'ternary_expression') && parent.field(name) === node
  )
}

/** Whether a variable of the file decides something, wherever it is used by its name. */
function isDecidedBy(name: Node, root: Node): boolean {
  const text = name.content
  const { content } = root.file
  let at = content.indexOf(text, name.end)
  for (let uses = 0; at >= 0 && uses < MOST_USES; uses++, at = content.indexOf(text, at + text.length)) {
    const node = nodeAt(root, at)
    if (node?.kind === 'identifier' && node.content === text && decides(node, root, false)) return true
  }
  return false
}
