import { dataFormat } from '../../data/index.ts'
import { fileMeaning } from './data-values.ts'
import { libraryProperty } from './libraries.ts'
import type { Evaluator } from './evaluator.ts'
import { choiceMeaning, isNothing, type Meaning, NOTHING, unknownMeaning } from './meaning.ts'
import type { Module } from '../source/module.ts'
import type { Node } from '../../tree.ts'
import { argumentsOf, bare, calleeOf, FUNCTIONS, literalText, propertyName } from '../source/syntax.ts'

/** What a module specifier names: a file of the folder, or a package. */
export function importMeaning(specifier: Node, evaluator: Evaluator): Meaning {
  const text = literalText(specifier)
  if (text === undefined) return unknownMeaning('which module is loaded is decided when it runs', specifier.origin)
  const target = evaluator.project.resolve(specifier.file.path, text)
  if (target.kind === 'package') return { kind: 'library', name: target.name }
  if (target.kind === 'missing') return unknownMeaning(`the file ${target.path} is not in the folder`, specifier.origin)
  const format = dataFormat(target.path)
  return format === undefined ? { kind: 'module', path: target.path } : fileMeaning(target.path, format, specifier.origin, evaluator)
}

/** As `require` gives it: what `module.exports` was set to, where that is no plain object. */
export function requireMeaning(specifier: Node, evaluator: Evaluator): Meaning {
  const from = importMeaning(specifier, evaluator)
  const module = from.kind === 'module' ? evaluator.project.module(from.path) : undefined
  const whole = module === undefined ? undefined : wholeModule(module, evaluator)
  return whole === undefined || whole.kind === 'object' || isNothing(whole) ? from : whole
}

/** What `imported` (`default` included) is of a module, asked at `at`. */
export function exportMeaning(from: Meaning, imported: string, at: Node, evaluator: Evaluator): Meaning {
  if (from.kind === 'library') return libraryProperty(from.name, imported)
  if (from.kind !== 'module') return evaluator.property(from, imported, at)
  const found = moduleExport(from.path, imported, at, evaluator, new Set())
  return found ?? unknownMeaning(`\`${imported}\` was not found in ${from.path}`, at.origin)
}

function moduleExport(path: string, name: string, at: Node, evaluator: Evaluator, seen: Set<string>): Meaning | undefined {
  const module = evaluator.project.module(path)
  if (module === undefined) return unknownMeaning(`${path} could not be read`, at.origin)
  if (seen.has(path)) return undefined
  seen.add(path)
  const found = evaluator.deeper(at, () => ofModule(module, name, at, evaluator, seen) ?? NOT_THERE)
  return found === NOT_THERE ? undefined : found
}

/** Told apart by identity from an export that is there and is nothing. */
const NOT_THERE: Meaning = { ...NOTHING }

function ofModule(module: Module, name: string, at: Node, evaluator: Evaluator, seen: Set<string>): Meaning | undefined {
  return (
    staticExport(module, name, at, evaluator, seen) ??
    assignedExport(module, name, at, evaluator) ??
    wholeExport(module, name, at, evaluator) ??
    starExport(module, name, at, evaluator, seen)
  )
}

const statementsOf = (module: Module, kind: string): readonly Node[] => module.root.named.filter((statement) => statement.kind === kind)

/** `export const name`, `export { x as name }`, `export default …`, `export { name } from './other'`. */
function staticExport(module: Module, name: string, at: Node, evaluator: Evaluator, seen: Set<string>): Meaning | undefined {
  for (const statement of statementsOf(module, 'export_statement')) {
    const declared = statement.field('declaration')
    const isDefault = statement.children.some((child) => child.kind === 'default')
    if (isDefault) {
      if (name !== 'default') continue
      const value = statement.field('value')
      if (value !== undefined) return evaluator.meaning(value, undefined)
      if (declared !== undefined) return { kind: FUNCTIONS.has(declared.kind) ? 'function' : 'class', node: declared, frame: undefined }
    }
    if (declared !== undefined) {
      const declaration = module.declarations(name).find((found) => found.scope === module.root && found.node.within(statement))
      if (declaration !== undefined) return evaluator.declared(declaration, at, undefined)
      continue
    }
    const source = statement.field('source')
    for (const clause of statement.named) {
      if (clause.kind === 'namespace_export' && source !== undefined && propertyName(clause.named[0]) === name)
        return importMeaning(source, evaluator)
      for (const specifier of clause.kind === 'export_clause' ? clause.named : []) {
        const local = specifier.field('name')
        if (local === undefined || propertyName(specifier.field('alias') ?? local) !== name) continue
        if (source === undefined) return evaluator.meaning(local, undefined)
        return reexport(source, propertyName(local) ?? '', at, evaluator, seen)
      }
    }
  }
  return undefined
}

function reexport(source: Node, name: string, at: Node, evaluator: Evaluator, seen: Set<string>): Meaning | undefined {
  const from = importMeaning(source, evaluator)
  return from.kind === 'module' ? moduleExport(from.path, name, at, evaluator, seen) : evaluator.exported(from, name, at)
}

/** CommonJS: `exports.name = …`, `module.exports.name = …`, `Object.defineProperty(exports, 'name', { get })`, esbuild's `__export`. */
function assignedExport(module: Module, name: string, at: Node, evaluator: Evaluator): Meaning | undefined {
  const isExports = (object: Node): boolean => object.content === 'exports' || object.content === 'module.exports'
  const values = module.memberWrites(name, isExports).flatMap(({ value }) => (value === undefined || isVoid(value) ? [] : [value]))
  if (values.length > 0) {
    return choiceMeaning(
      values.map((value) => evaluator.once(value, undefined, () => evaluator.meaning(value, undefined), NOTHING)),
      at.origin,
    )
  }
  for (const call of [...module.calls('defineProperty'), ...module.calls('__export')]) {
    const [object, key, descriptor] = argumentsOf(call)
    if (object === undefined) continue
    const defined = literalText(key) === name && isExports(object) ? descriptor : key?.kind === 'object' ? key : undefined
    const getter = defined === undefined ? undefined : memberFunction(defined, key === defined ? name : 'get')
    const value = getter === undefined ? undefined : returned(getter)
    if (value !== undefined) return evaluator.meaning(value, undefined)
  }
  return undefined
}

/** `exports.a = exports.b = void 0`: TypeScript announces its exports so. */
function isVoid(value: Node): boolean {
  let inner = bare(value)
  for (let right = inner.field('right'); inner.kind === 'assignment_expression' && right !== undefined; right = inner.field('right'))
    inner = bare(right)
  return inner.kind === 'unary_expression' && inner.field('operator')?.content === 'void'
}

function memberFunction(object: Node, name: string): Node | undefined {
  for (const member of object.named) {
    if (propertyName(member.field('key') ?? member.field('name')) !== name) continue
    const value = member.kind === 'method_definition' ? member : member.field('value')
    if (value !== undefined && FUNCTIONS.has(value.kind)) return value
  }
  return undefined
}

/** What a getter of one expression gives. */
function returned(getter: Node): Node | undefined {
  const body = getter.field('body')
  return body?.kind === 'statement_block' ? body.named.find((statement) => statement.kind === 'return_statement')?.named[0] : body
}

/** `module.exports = …` and TypeScript's `export =`: the module itself. */
function wholeModule(module: Module, evaluator: Evaluator): Meaning | undefined {
  const values = module
    .memberWrites('exports', (object) => object.content === 'module')
    .flatMap(({ value }) => (value === undefined ? [] : [bare(value)]))
  const equals = statementsOf(module, 'export_statement').find((statement) => statement.children.some((child) => child.kind === '='))
  const last = equals?.named[0] ?? values.at(-1)
  if (last === undefined || calleeOf(last)?.content === '__toCommonJS') return undefined
  return evaluator.once(last, undefined, () => evaluator.meaning(last, undefined), NOTHING)
}

function wholeExport(module: Module, name: string, at: Node, evaluator: Evaluator): Meaning | undefined {
  const whole = wholeModule(module, evaluator)
  if (whole === undefined) return undefined
  const found = whole.kind === 'function' || whole.kind === 'server' ? NOTHING : evaluator.property(whole, name, at)
  // A default import of a CommonJS module is the module itself.
  return name === 'default' && isNothing(found) ? whole : found
}

/** `export * from './other'`, `__exportStar(require('./other'), exports)`. */
function starExport(module: Module, name: string, at: Node, evaluator: Evaluator, seen: Set<string>): Meaning | undefined {
  if (name === 'default') return undefined
  for (const statement of statementsOf(module, 'export_statement')) {
    const source = statement.field('source')
    if (source === undefined || !statement.children.some((child) => child.kind === '*')) continue
    const found = reexport(source, name, at, evaluator, seen)
    if (found !== undefined && !isNothing(found) && found.kind !== 'library') return found
  }
  for (const call of module.calls('__exportStar')) {
    const [required] = argumentsOf(call)
    const from = required === undefined ? undefined : evaluator.meaning(required, undefined)
    const found = from?.kind === 'module' ? moduleExport(from.path, name, at, evaluator, seen) : undefined
    if (found !== undefined) return found
  }
  return undefined
}
