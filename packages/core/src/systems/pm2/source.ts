import type { FileOrigin, Text } from '../../evidence/index.ts'
import type { SyntaxNode } from '../system.ts'

/** A parsed JavaScript file. */
export interface Source {
  readonly text: Text
  readonly root: SyntaxNode
  /** Characters that were put before the text to have it parsed. */
  readonly shift: number
  readonly declarations: ReadonlyMap<string, Declaration>
}

export type Declaration =
  | { readonly kind: 'value'; readonly node: SyntaxNode }
  /** `const { a, b: c } = …`: the property of the value. */
  | { readonly kind: 'property'; readonly of: SyntaxNode; readonly name: string; readonly fallback: SyntaxNode | undefined }
  | { readonly kind: 'function'; readonly node: SyntaxNode }
  /** `import x from '…'` (`default`), `import { y as x }` (`y`), `import * as x` (`*`). */
  | { readonly kind: 'import'; readonly from: string; readonly name: string }
  /** Assigned in more than one place, or taken apart in a way that is not followed. */
  | { readonly kind: 'unclear'; readonly node: SyntaxNode; readonly reason: string }

export function sourceOf(text: Text, root: SyntaxNode, shift = 0): Source {
  const declarations = new Map<string, Declaration>()
  for (const statement of root.children()) {
    const node = statement.kind() === 'export_statement' ? (statement.field('declaration') ?? statement) : statement
    if (node.kind() === 'lexical_declaration' || node.kind() === 'variable_declaration')
      for (const declarator of named(node, 'variable_declarator')) declare(declarator, declarations)
    else if (node.kind() === 'function_declaration') {
      const name = node.field('name')?.text()
      if (name !== undefined) declarations.set(name, { kind: 'function', node })
    } else if (node.kind() === 'import_statement') imports(node, declarations)
    else if (node.kind() === 'expression_statement') assignments(node, declarations)
  }
  return { text, root, shift, declarations }
}

function declare(declarator: SyntaxNode, declarations: Map<string, Declaration>): void {
  const target = declarator.field('name')
  const value = declarator.field('value')
  if (target === null) return
  if (target.kind() === 'identifier') {
    if (value !== null) declarations.set(target.text(), { kind: 'value', node: value })
    return
  }
  for (const part of target.children().filter((child) => child.isNamed())) {
    if (value === null) continue
    const kind = part.kind()
    if (kind === 'shorthand_property_identifier_pattern')
      declarations.set(part.text(), { kind: 'property', of: value, name: part.text(), fallback: undefined })
    else if (kind === 'object_assignment_pattern') {
      const [left, right] = part.children().filter((child) => child.isNamed())
      if (left !== undefined) declarations.set(left.text(), { kind: 'property', of: value, name: left.text(), fallback: right })
    } else if (kind === 'pair_pattern') {
      const key = part.field('key')
      const inner = part.field('value')
      const [name, fallback] = inner?.kind() === 'assignment_pattern' ? [inner.field('left'), inner.field('right')] : [inner, null]
      if (key !== null && name?.kind() === 'identifier')
        declarations.set(name.text(), { kind: 'property', of: value, name: key.text(), fallback: fallback ?? undefined })
    }
  }
}

function imports(node: SyntaxNode, declarations: Map<string, Declaration>): void {
  const from = literal(node.field('source'))
  const clause = node.children().find((child) => child.kind() === 'import_clause')
  if (from === undefined || clause === undefined) return
  for (const part of clause.children()) {
    if (part.kind() === 'identifier') declarations.set(part.text(), { kind: 'import', from, name: 'default' })
    else if (part.kind() === 'namespace_import') {
      const name = part
        .children()
        .find((child) => child.kind() === 'identifier')
        ?.text()
      if (name !== undefined) declarations.set(name, { kind: 'import', from, name: '*' })
    } else if (part.kind() === 'named_imports') {
      for (const specifier of named(part, 'import_specifier')) {
        const imported = specifier.field('name')?.text()
        const local = specifier.field('alias')?.text() ?? imported
        if (imported !== undefined && local !== undefined) declarations.set(local, { kind: 'import', from, name: imported })
      }
    }
  }
}

/** `x = …` at the top, after `let x`: one such is its value, a second one makes it unclear. */
function assignments(statement: SyntaxNode, declarations: Map<string, Declaration>): void {
  const [expression] = statement.children()
  const target = expression?.kind() === 'assignment_expression' ? expression.field('left') : undefined
  const value = expression?.field('right')
  if (expression === undefined || value === null || value === undefined || target?.kind() !== 'identifier') return
  const before = declarations.get(target.text())
  declarations.set(
    target.text(),
    before === undefined ? { kind: 'value', node: value } : { kind: 'unclear', node: expression, reason: 'it is assigned more than once' },
  )
}

export function named(node: SyntaxNode, kind: string): readonly SyntaxNode[] {
  return node.children().filter((child) => child.kind() === kind)
}

export function placeOf(source: Source, node: SyntaxNode): FileOrigin {
  const { start, end } = node.range()
  const { length } = source.text.content
  const at = (index: number): number => Math.min(Math.max(index - source.shift, 0), length)
  return source.text.origin(at(start.index), Math.max(at(start.index), at(end.index)))
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', v: '\v', '0': '\0' }

/** The text of a string, or of a template without holes (ECMA-262 §12.9.4). */
export function literal(node: SyntaxNode | null | undefined): string | undefined {
  if (node === null || node === undefined || (node.kind() !== 'string' && node.kind() !== 'template_string')) return undefined
  const parts = node.children().filter((child) => child.isNamed())
  if (parts.some((part) => part.kind() === 'template_substitution')) return undefined
  return parts.map(fragment).join('')
}

export function fragment(part: SyntaxNode): string {
  const text = part.text()
  if (part.kind() !== 'escape_sequence') return text
  const hex = /^\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]{1,6})\})$/.exec(text)
  const code = hex?.[1] ?? hex?.[2] ?? hex?.[3]
  if (code !== undefined) return Number.parseInt(code, 16) <= 0x10ffff ? String.fromCodePoint(Number.parseInt(code, 16)) : '\ufffd'
  const character = text.slice(1)
  return /^[\r\n]/.test(character) ? '' : (ESCAPES[character] ?? character)
}
