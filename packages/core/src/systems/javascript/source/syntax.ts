import { around, type Node } from '../../tree.ts'

export const FUNCTIONS: ReadonlySet<string> = new Set([
  'function_declaration',
  'function_expression',
  'function',
  'generator_function',
  'generator_function_declaration',
  'arrow_function',
  'method_definition',
])

/** Functions that have a `this` of their own. */
export const OWN_THIS: ReadonlySet<string> = new Set([...FUNCTIONS].filter((kind) => kind !== 'arrow_function'))

export const CLASSES: ReadonlySet<string> = new Set(['class_declaration', 'abstract_class_declaration', 'class'])

/** Expressions that are what stands in them: parentheses, `await`, and TypeScript's marks. */
const TRANSPARENT: ReadonlySet<string> = new Set([
  'parenthesized_expression',
  'await_expression',
  'as_expression',
  'satisfies_expression',
  'non_null_expression',
  'type_assertion',
  'instantiation_expression',
])

/** The expression inside parentheses, `await`, a cast or `(0, x)`; `undefined` for anything else. */
function inner(node: Node): Node | undefined {
  if (node.kind === 'sequence_expression' || node.kind === 'type_assertion') return node.named.at(-1)
  return TRANSPARENT.has(node.kind) ? node.named[0] : undefined
}

/** What is left when parentheses, `await`, casts and `(0, x)` are taken off. */
export function bare(node: Node): Node {
  let current = node
  for (let next = inner(current); next !== undefined; next = inner(current)) current = next
  return current
}

/** The outermost expression that is this one but for parentheses, `await` and casts. */
export function dressed(node: Node): Node {
  let current = node
  while (current.parent !== undefined && inner(current.parent) === current) current = current.parent
  return current
}

/** The arguments of a call or `new`; a template tag has none. */
export function argumentsOf(call: Node): readonly Node[] {
  const list = call.field('arguments')
  return list?.kind === 'arguments' ? list.named : []
}

/** What a call calls or a `new` constructs. */
export function calleeOf(call: Node): Node | undefined {
  return call.field(call.kind === 'new_expression' ? 'constructor' : 'function')
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f', v: '\v', '0': '\0' }

/** The character that an escape in a string or name stands for. */
export function unescape(sequence: string): string {
  const hex = /^\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]{1,6})\})$/.exec(sequence)
  if (hex !== null) {
    const code = Number.parseInt(hex[1] ?? hex[2] ?? hex[3] ?? '', 16)
    return code <= 0x10_ffff ? String.fromCodePoint(code) : sequence
  }
  const letter = sequence.slice(1)
  return /^[\r\n\u2028\u2029]/.test(letter) ? '' : (ESCAPES[letter] ?? letter)
}

/** The text of a string, or of a template without substitutions; `undefined` for anything else. */
export function literalText(node: Node | undefined): string | undefined {
  if (node === undefined || (node.kind !== 'string' && node.kind !== 'template_string')) return undefined
  let text = ''
  for (const part of node.named) {
    if (part.kind === 'string_fragment') text += part.content
    else if (part.kind === 'escape_sequence') text += unescape(part.content)
    else return undefined
  }
  return text
}

const NAMES: ReadonlySet<string> = new Set([
  'property_identifier',
  'private_property_identifier',
  'shorthand_property_identifier',
  'identifier',
  'shorthand_property_identifier_pattern',
])

/** The name of a property as it is written in an object, class, pattern or enum; `undefined` where it is computed. */
export function propertyName(node: Node | undefined): string | undefined {
  if (node === undefined) return undefined
  if (NAMES.has(node.kind)) return node.content
  if (node.kind === 'number') return String(Number(node.content.replaceAll('_', '')))
  if (node.kind === 'computed_property_name') return literalText(node.named[0])
  return literalText(node)
}

const IFS: ReadonlySet<string> = new Set(['if_statement'])

/** `if (require.main === module)` and its like: only when the file itself is started. */
export function startsAlone(call: Node): boolean {
  for (let outer = around(call, IFS); outer !== undefined; outer = around(outer, IFS)) {
    const condition = outer.field('condition')?.content ?? ''
    const inside = outer.field('consequence')
    if (inside !== undefined && call.within(inside) && isProgramTest(condition)) return true
  }
  return false
}

/** Whether a condition asks if its file is the program. */
export const isProgramTest = (condition: string): boolean =>
  /require\.main\s*={2,3}\s*module|module\s*={2,3}\s*require\.main|!module\.parent|import\.meta\.(?:main|url)|process\.argv\[1\]/.test(
    condition,
  )
