import { around, type Node } from '../../tree.ts'
import { CLASSES, FUNCTIONS, literalText, propertyName } from './syntax.ts'

/** One step from a value into it, as a destructuring pattern takes it; `fallback` is used where there is nothing. */
export type Step = (
  | { readonly kind: 'property'; readonly name: string }
  | { readonly kind: 'index'; readonly index: number }
  /** Of an object: all but the names that its pattern takes out. */
  | { readonly kind: 'rest'; readonly pattern: Node; readonly without: ReadonlySet<string> | undefined }
  | { readonly kind: 'whole' }
) & { readonly fallback?: Node }

/** What gives a name its meaning. `scope` is the node within which the name holds. */
export type Declaration = { readonly name: string; readonly node: Node; readonly scope: Node } & (
  | { readonly kind: 'variable'; readonly value: Node | undefined; readonly steps: readonly Step[] }
  | {
      readonly kind: 'parameter'
      readonly of: Node
      readonly index: number
      readonly rest: boolean
      readonly steps: readonly Step[]
      readonly parameter: Node
    }
  | { readonly kind: 'each'; readonly over: Node; readonly steps: readonly Step[] }
  | { readonly kind: 'import'; readonly specifier: Node; readonly imported: string; readonly typeOnly: boolean }
  | { readonly kind: 'function' | 'class' | 'enum' | 'namespace' | 'catch' | 'type' }
)

/** A place that changes a variable: `x = value`, `x += value`, `x++`. */
export interface Write {
  readonly node: Node
  readonly operator: string
  readonly value: Node | undefined
  readonly steps: readonly Step[]
}

const BLOCKS: ReadonlySet<string> = new Set([
  'program',
  'statement_block',
  'for_statement',
  'for_in_statement',
  'switch_body',
  'class_static_block',
  ...FUNCTIONS,
])
const FUNCTION_SCOPES: ReadonlySet<string> = new Set(['program', 'class_static_block', ...FUNCTIONS])

const PARAMETERS: ReadonlySet<string> = new Set(['formal_parameters', 'required_parameter', 'optional_parameter'])

const MAX_PATTERN_DEPTH = 64

/** The file itself where nothing else is: the root of code that the parser does not understand is no program. */
function scopeOf(node: Node, kinds: ReadonlySet<string>): Node {
  let outer = node
  while (outer.parent !== undefined && (outer === node || !kinds.has(outer.kind))) outer = outer.parent
  return outer
}

/** What the name at `node` declares or writes, if it does. */
export function declarationAt(node: Node): Declaration | Write | undefined {
  const parent = node.parent
  if (parent === undefined) return undefined
  const name = node.content
  if (node.isField('name')) {
    if (
      parent.kind === 'function_declaration' ||
      parent.kind === 'generator_function_declaration' ||
      parent.kind === 'function_signature'
    ) {
      return { kind: 'function', name, node: parent, scope: scopeOf(parent, BLOCKS) }
    }
    // A function expression's and a class expression's own name holds only within it.
    if (parent.kind === 'function_expression' || parent.kind === 'function' || parent.kind === 'generator_function') {
      return { kind: 'function', name, node: parent, scope: parent }
    }
    if (CLASSES.has(parent.kind))
      return { kind: 'class', name, node: parent, scope: parent.kind === 'class' ? parent : scopeOf(parent, BLOCKS) }
    if (parent.kind === 'enum_declaration') return { kind: 'enum', name, node: parent, scope: scopeOf(parent, BLOCKS) }
    if (parent.kind === 'internal_module') return { kind: 'namespace', name, node: parent, scope: scopeOf(parent, BLOCKS) }
    if (parent.kind === 'interface_declaration' || parent.kind === 'type_alias_declaration') {
      return { kind: 'type', name, node: parent, scope: scopeOf(parent, BLOCKS) }
    }
  }
  return importAt(node) ?? patternAt(node)
}

function importAt(node: Node): Declaration | undefined {
  const parent = node.parent
  if (parent === undefined) return undefined
  const statement = around(node, new Set(['import_statement']))
  if (statement === undefined) return undefined
  const scope = scopeOf(statement, FUNCTION_SCOPES)
  const specifier = parent.kind === 'import_require_clause' ? parent.field('source') : statement.field('source')
  if (specifier === undefined) return undefined
  const wholeStatement = statement.children.some((child) => child.kind === 'type' || child.kind === 'typeof')
  const base = { kind: 'import', name: node.content, node, scope, specifier, typeOnly: wholeStatement } as const
  switch (parent.kind) {
    case 'import_clause':
      return { ...base, imported: 'default' }
    case 'namespace_import':
    case 'import_require_clause':
      return { ...base, imported: '*' }
    case 'import_specifier': {
      const local = parent.field('alias') ?? parent.field('name')
      if (local !== node) return undefined
      const typeOnly = wholeStatement || parent.children.some((child) => child.kind === 'type')
      return { ...base, imported: literalText(parent.field('name')) ?? parent.field('name')?.content ?? '', typeOnly }
    }
    default:
      return undefined
  }
}

/** Climbs from a name out of the patterns around it to what they take apart. */
function patternAt(node: Node): Declaration | Write | undefined {
  const steps: Step[] = []
  let fallback: Node | undefined
  let current = node
  const step = (taken: Step): void => {
    steps.unshift(fallback === undefined ? taken : { ...taken, fallback })
    fallback = undefined
  }
  if (node.kind === 'shorthand_property_identifier_pattern' && node.parent?.kind === 'object_pattern')
    step({ kind: 'property', name: node.content })
  for (let depth = 0; depth < MAX_PATTERN_DEPTH; depth++) {
    const parent = current.parent
    if (parent === undefined) return undefined
    switch (parent.kind) {
      case 'object_assignment_pattern':
        if (!current.isField('left')) return undefined
        fallback = parent.field('right')
        if (current.kind === 'shorthand_property_identifier_pattern') step({ kind: 'property', name: current.content })
        break
      case 'assignment_pattern':
        if (!current.isField('left')) return undefined
        fallback = parent.field('right')
        // In JavaScript a parameter with a default is one of these, right in the list.
        if (parent.parent?.kind === 'formal_parameters') step({ kind: 'whole' })
        break
      case 'pair_pattern': {
        const name = propertyName(parent.field('key'))
        if (!current.isField('value') || name === undefined) return undefined
        step({ kind: 'property', name })
        break
      }
      case 'object_pattern':
        break
      case 'array_pattern':
        step({ kind: 'index', index: commasBefore(parent, current) })
        break
      case 'rest_pattern':
        if (!PARAMETERS.has(parent.parent?.kind ?? '')) {
          const pattern = parent.parent ?? parent
          step({ kind: 'rest', pattern, without: pattern.kind === 'object_pattern' ? namesIn(pattern) : undefined })
        }
        break
      case 'required_parameter':
      case 'optional_parameter': {
        if (!current.isField('pattern')) return undefined
        fallback = parent.field('value')
        if (fallback !== undefined) step({ kind: 'whole' })
        break
      }
      default:
        return bindingAt(node, current, parent, steps)
    }
    current = parent
  }
  return undefined
}

/** `current` is the whole pattern, `parent` what it stands in. */
function bindingAt(node: Node, current: Node, parent: Node, steps: readonly Step[]): Declaration | Write | undefined {
  const name = node.content
  switch (parent.kind) {
    case 'variable_declarator': {
      if (!current.isField('name')) return undefined
      const hoisted = parent.parent?.kind === 'variable_declaration'
      return {
        kind: 'variable',
        name,
        node: parent,
        scope: scopeOf(parent, hoisted ? FUNCTION_SCOPES : BLOCKS),
        value: parent.field('value'),
        steps,
      }
    }
    case 'formal_parameters': {
      const of = parent.parent
      if (of === undefined) return undefined
      const index = parent.named.filter((child) => child.kind !== 'decorator' && child.field('pattern')?.kind !== 'this').indexOf(current)
      const pattern = current.field('pattern') ?? current
      return index < 0
        ? undefined
        : { kind: 'parameter', name, node, scope: of, of, index, rest: pattern.kind === 'rest_pattern', steps, parameter: current }
    }
    case 'arrow_function':
      return current.isField('parameter')
        ? { kind: 'parameter', name, node, scope: parent, of: parent, index: 0, rest: false, steps, parameter: current }
        : undefined
    case 'for_in_statement': {
      if (!current.isField('left')) return undefined
      const over = parent.field('right')
      return over === undefined ? undefined : { kind: 'each', name, node: parent, scope: parent, over, steps }
    }
    case 'catch_clause':
      return current.isField('parameter') ? { kind: 'catch', name, node: parent, scope: parent } : undefined
    case 'assignment_expression':
      return current.isField('left') ? { node: parent, operator: '=', value: parent.field('right'), steps } : undefined
    case 'augmented_assignment_expression':
      return current.isField('left')
        ? { node: parent, operator: parent.field('operator')?.content ?? '', value: parent.field('right'), steps }
        : undefined
    case 'update_expression':
      return { node: parent, operator: '++', value: undefined, steps }
    default:
      return undefined
  }
}

/** The names that a pattern takes out of an object; `undefined` where one is computed. */
function namesIn(pattern: Node): ReadonlySet<string> | undefined {
  const parts = pattern.named.filter((part) => part.kind !== 'rest_pattern')
  const names = parts.flatMap((part) => {
    const key = part.kind === 'pair_pattern' ? part.field('key') : part.kind === 'object_assignment_pattern' ? part.field('left') : part
    return propertyName(key) ?? []
  })
  return names.length === parts.length ? new Set(names) : undefined
}

function commasBefore(list: Node, child: Node): number {
  let count = 0
  for (const other of list.children) {
    if (other === child) break
    if (other.kind === ',') count++
  }
  return count
}
