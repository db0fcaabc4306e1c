import type { Node } from '../tree.ts'
import { rootOf, scopeOf } from './syntax.ts'

/** What a place in the text makes of a name. */
export type Definition = {
  /** The function, class or module whose name it is. */
  readonly scope: Node
  readonly node: Node
} & (
  | {
      readonly kind: 'assignment'
      readonly value: Node /** The position in an unpacking: `a, (b, c) = …` gives `c` [1, 1]. */
      readonly path: readonly number[]
    }
  | { readonly kind: 'parameter'; readonly function: Node }
  | { readonly kind: 'function' }
  | { readonly kind: 'class' }
  /** `name`: what is taken from the module; absent for the module itself. `level`: leading dots. */
  | { readonly kind: 'import'; readonly module: string; readonly level: number; readonly name?: string }
  /** `with … as name`. */
  | { readonly kind: 'with'; readonly value: Node }
  /** A loop's variable: `path` as in an unpacking. */
  | { readonly kind: 'loop'; readonly items: Node; readonly path: readonly number[] }
  /** An exception, `del`, `x += 1`. */
  | { readonly kind: 'other'; readonly reason: string }
)

const PATTERNS: ReadonlySet<string> = new Set(['pattern_list', 'tuple_pattern', 'list_pattern'])

/** What an identifier defines where it stands; `undefined` where it is only used. */
export function definitionAt(name: Node): Definition | undefined {
  const { parent } = name
  if (parent === undefined) return undefined
  const scope = scopeOf(name)
  switch (parent.kind) {
    case 'function_definition':
    case 'class_definition':
      if (parent.field('name') !== name) return undefined
      return { kind: parent.kind === 'function_definition' ? 'function' : 'class', node: parent, scope: scopeOf(parent) }
    case 'named_expression':
      return assigned(name, parent, parent.field('value'), [], scope)
    case 'default_parameter':
    case 'typed_default_parameter':
      return parent.field('name') === name ? parameterOf(parent) : undefined
    case 'typed_parameter':
    case 'list_splat_pattern':
    case 'dictionary_splat_pattern':
      return parent.named[0] === name ? parameterOf(parent.parent?.kind === 'typed_parameter' ? parent.parent : parent) : undefined
    case 'parameters':
    case 'lambda_parameters':
      return parameterOf(name)
    case 'aliased_import':
    case 'dotted_name':
      return imported(name)
    case 'as_pattern_target': {
      const value = parent.parent?.named[0]
      return value === undefined ? undefined : { kind: 'with', value, node: parent.parent ?? parent, scope }
    }
    default:
      return unpacked(name, scope)
  }
}

function parameterOf(parameter: Node): Definition | undefined {
  const list = parameter.parent
  const owner = list?.parent
  if (list === undefined || owner === undefined || (list.kind !== 'parameters' && list.kind !== 'lambda_parameters')) return undefined
  return { kind: 'parameter', function: owner, node: parameter, scope: owner }
}

function assigned(name: Node, node: Node, value: Node | undefined, path: readonly number[], scope: Node): Definition | undefined {
  let right = value
  // `a = b = 1` gives both the last.
  while (right?.kind === 'assignment') right = right.field('right')
  return right === undefined
    ? undefined
    : { kind: 'assignment', value: right, path, node, scope: isGlobal(name, scope) ? rootOf(scope) : scope }
}

/** The name, or the pattern that it stands in, on the left of `=`, behind `for`, `del` … */
function unpacked(name: Node, scope: Node): Definition | undefined {
  const path: number[] = []
  let inner = name
  while (inner.parent !== undefined && PATTERNS.has(inner.parent.kind)) {
    path.unshift(inner.parent.named.indexOf(inner))
    inner = inner.parent
  }
  const statement = inner.parent
  if (statement === undefined) return undefined
  if (statement.kind === 'assignment' && statement.field('left') === inner)
    return assigned(name, statement, statement.field('right'), path, scope)
  // Dictionaries are merged so: a write to the object, and not another object.
  if (statement.kind === 'augmented_assignment' && statement.field('operator')?.kind === '|=') return undefined
  if (statement.kind === 'augmented_assignment' && statement.field('left') === inner)
    return { kind: 'other', reason: 'changed when the program runs', node: statement, scope }
  const loops = statement.kind === 'for_statement' || statement.kind === 'for_in_clause'
  if (loops && statement.field('left') === inner) {
    const items = statement.field('right')
    // The variable alone: the whole loop holds the places that use it.
    const node = statement.kind === 'for_statement' ? inner : statement
    return items === undefined ? undefined : { kind: 'loop', items, path, node, scope }
  }
  return statement.kind === 'delete_statement' ? { kind: 'other', reason: 'deleted', node: statement, scope } : undefined
}

/** `global name` in the function makes it the module's. */
function isGlobal(name: Node, scope: Node): boolean {
  if (scope.kind !== 'function_definition') return false
  const body = scope.field('body')
  return (
    body?.named.some(
      (statement) => statement.kind === 'global_statement' && statement.named.some((one) => one.content === name.content),
    ) === true
  )
}

function imported(name: Node): Definition | undefined {
  const alias = name.parent?.kind === 'aliased_import' ? name.parent : undefined
  const dotted = alias === undefined ? name.parent : alias.field('name')
  const item = alias ?? dotted
  const statement = item?.parent
  if (dotted === undefined || item === undefined || statement === undefined) return undefined
  if (alias !== undefined && alias.field('alias') !== name) return undefined
  const scope = scopeOf(name)
  if (statement.kind === 'import_statement') {
    // `import a.b` defines `a`; `import a.b as c` defines `c` as `a.b`.
    if (alias === undefined && dotted.named[0] !== name) return undefined
    return { kind: 'import', module: alias === undefined ? name.content : dotted.content, level: 0, node: statement, scope }
  }
  if (statement.kind !== 'import_from_statement') return undefined
  const from = statement.field('module_name')
  if (from === undefined || from === item) return undefined
  return { kind: 'import', ...moduleNamed(from), name: dotted.content, node: statement, scope }
}

/** The module of a `from … import`. */
function moduleNamed(from: Node): { readonly module: string; readonly level: number } {
  const level = /^\.*/.exec(from.content)?.[0].length ?? 0
  return { module: from.content.slice(level).trim(), level }
}
