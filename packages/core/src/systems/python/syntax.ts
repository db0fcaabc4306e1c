import { around, type Node } from '../tree.ts'

export const FUNCTIONS: ReadonlySet<string> = new Set(['function_definition', 'lambda'])
const SCOPES: ReadonlySet<string> = new Set([...FUNCTIONS, 'class_definition', 'module'])
const TRANSPARENT: ReadonlySet<string> = new Set(['parenthesized_expression', 'await', 'type'])

/** What is left when parentheses and `await` are taken off. */
export function bare(node: Node): Node {
  let inner = node
  while (TRANSPARENT.has(inner.kind) && inner.named[0] !== undefined) inner = inner.named[0]
  return inner
}

/** The function, class or module that a name at `node` belongs to: defaults, decorators and bases stand outside of what they are written on. */
export function scopeOf(node: Node): Node {
  let inner = node
  for (;;) {
    const scope = around(inner, SCOPES)
    // A file that is broken from its start has no module at the top, but an error.
    if (scope === undefined) return rootOf(node)
    if (
      scope.kind === 'module' ||
      scope.kind === 'lambda' ||
      scope.field('body') === undefined ||
      node.within(scope.field('body') ?? scope)
    )
      return scope
    inner = scope
  }
}

export function rootOf(node: Node): Node {
  let outer = node
  while (outer.parent !== undefined) outer = outer.parent
  return outer
}

/** The nearest function around `node`, lambdas left out. */
export function functionAround(node: Node): Node | undefined {
  let scope = scopeOf(node)
  while (scope.parent !== undefined && (scope.kind === 'class_definition' || scope.kind === 'lambda')) scope = scopeOf(scope)
  return scope.kind === 'function_definition' ? scope : undefined
}

/** The class whose body holds `node` directly, as a method or a field. */
export function classOf(node: Node): Node | undefined {
  const scope = scopeOf(node)
  return scope.kind === 'class_definition' ? scope : undefined
}

/** The name that a function or class is defined by. */
export function nameOf(definition: Node): string {
  return definition.field('name')?.content ?? ''
}

/** The decorators of a function or class, the nearest last. */
export function decoratorsOf(definition: Node): readonly Node[] {
  const outer = definition.parent
  return outer?.kind === 'decorated_definition'
    ? outer.named.filter((child) => child.kind === 'decorator').flatMap((decorator) => decorator.named[0] ?? [])
    : []
}

export interface Parameter {
  readonly name: string
  /** `plain`: takes one argument. `list` and `mapping` are `*args` and `**kwargs`. */
  readonly kind: 'plain' | 'list' | 'mapping'
  /** Taken by position; `false` behind `*`. */
  readonly positional: boolean
  readonly default?: Node
  readonly type?: Node
}

export function parametersOf(definition: Node): readonly Parameter[] {
  const found: Parameter[] = []
  let positional = true
  for (const child of definition.field('parameters')?.named ?? []) {
    if (child.kind === 'keyword_separator' || child.kind === 'list_splat_pattern') positional = false
    const inner = child.kind === 'typed_parameter' ? (child.named[0] ?? child) : child
    if (inner.kind === 'list_splat_pattern' || inner.kind === 'dictionary_splat_pattern') {
      if (child !== inner) positional = false
      found.push({ name: inner.named[0]?.content ?? '', kind: inner.kind === 'list_splat_pattern' ? 'list' : 'mapping', positional: false })
      continue
    }
    const name = child.field('name') ?? (inner.kind === 'identifier' ? inner : undefined)
    if (name?.kind !== 'identifier') continue
    const given = child.field('value')
    const type = child.field('type')
    found.push({
      name: name.content,
      kind: 'plain',
      positional,
      ...(given === undefined ? {} : { default: given }),
      ...(type === undefined ? {} : { type }),
    })
  }
  return found
}

/** Text as part of a regular expression: names of broken code hold anything. */
export function escaped(text: string): string {
  return text.replace(/[^\w\u0080-\uffff]/g, String.raw`\$&`)
}

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\u0007',
  b: '\b',
  f: '\f',
  v: '\v',
  '0': '\0',
  '\n': '',
  '\\': '\\',
  "'": "'",
  '"': '"',
}
const ESCAPE = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(\r\n|[^]))/g

function unescape(text: string): string {
  return text.replace(ESCAPE, (whole: string, two?: string, four?: string, eight?: string, letter?: string) => {
    const hex = two ?? four ?? eight
    if (hex === undefined) return letter === '\r\n' ? '' : (SIMPLE_ESCAPES[letter ?? ''] ?? whole)
    const code = Number.parseInt(hex, 16)
    return code <= 0x10_ffff ? String.fromCodePoint(code) : whole
  })
}

/** A piece of a string: text, or an expression that an f-string puts in. */
export type StringPart = { readonly text: string } | { readonly expression: Node }

/** The pieces of a string literal; `undefined` for anything else. Strings that stand side by side are one. */
export function stringParts(node: Node): readonly StringPart[] | undefined {
  if (node.kind === 'concatenated_string') {
    const pieces = node.named.map(stringParts)
    return pieces.some((piece) => piece === undefined) ? undefined : pieces.flatMap((piece) => piece ?? [])
  }
  if (node.kind !== 'string') return undefined
  const prefix = /^[a-zA-Z]*/.exec(node.content.slice(0, 3))?.[0].toLowerCase() ?? ''
  const parts: StringPart[] = []
  for (const child of node.children) {
    if (child.kind === 'string_content') parts.push({ text: prefix.includes('r') ? child.content : unescape(child.content) })
    else if (child.kind === 'interpolation') {
      const expression = child.named[0]
      if (expression !== undefined) parts.push({ expression })
    }
  }
  return parts
}

/** The text of a string without substitutions. */
export function literalText(node: Node | undefined): string | undefined {
  const parts = node === undefined ? undefined : stringParts(bare(node))
  return parts?.every((part) => 'text' in part) === true ? parts.map((part) => ('text' in part ? part.text : '')).join('') : undefined
}

/** `if __name__ == "__main__":` around the node: it runs when the file is the program, not when it is imported. */
export function underMainGuard(node: Node): boolean {
  for (let inner: Node | undefined = node; inner !== undefined; inner = inner.parent) {
    const outer: Node | undefined = inner.parent
    if (outer?.kind === 'if_statement' && outer.field('consequence') === inner && isMainTest(outer.field('condition'))) return true
  }
  return false
}

export function isMainTest(condition: Node | undefined): boolean {
  if (condition === undefined) return false
  const test = bare(condition)
  return (
    test.kind === 'comparison_operator' &&
    test.content.includes('__name__') &&
    /==\s*['"]__main__['"]|['"]__main__['"]\s*==/.test(test.content)
  )
}
