import { ABSENT, type FileOrigin, joinValues, knownText, Text, type Value } from '../../evidence/index.ts'
import { directoryOf, joinPath } from '../paths.ts'
import { withFallback } from '../shell/expand.ts'
import type { SyntaxNode, Tools } from '../system.ts'
import { readYaml } from '../yaml.ts'
import { absentDatum, type Datum, datumOf, eitherOf, INHERITED, isFalsy, knownDatum, type Missing, settled, unknownDatum } from './datum.ts'
import { called } from './calls.ts'
import { fragment, literal, named, placeOf, type Source, sourceOf } from './source.ts'

/** How deep expressions and calls are followed. */
const DEPTH = 60
/** Expressions that are looked at for one file. */
const STEPS = 50_000
/** Items of one list, entries of one object. */
export const SIZE = 2_000

/** Stands before a path that is known to be in the folder (`__dirname`): no text of a file has this character. */
export const IN_FOLDER = '\u0000'

/** What a file's text is asked by. */
export interface Files {
  text(path: string): Text | undefined
  has(path: string): boolean
}

export interface Frame {
  readonly source: Source
  /** Parameters of the functions that are being followed. */
  readonly parameters: ReadonlyMap<string, Datum>
}

/** Follows the values of a configuration written in JavaScript. Nothing is run; what cannot be told is unknown, with its place. */
export class Evaluator {
  readonly #files: Files
  readonly #tools: Tools
  readonly #sources = new Map<string, Source | undefined>()
  readonly #declared = new Map<SyntaxNode, Datum>()
  readonly #open = new Set<string>()
  #steps = 0
  #depth = 0
  /** `.env` files that the configuration loads into the variables that every program inherits; relative to the folder. */
  readonly environmentFiles = new Set<string>()

  constructor(files: Files, tools: Tools) {
    this.#files = files
    this.#tools = tools
  }

  /** The parsed file; `undefined` where it is not there, or no parser is. */
  source(path: string): Source | undefined {
    if (this.#sources.has(path)) return this.#sources.get(path)
    const text = this.#files.text(path)
    if (text === undefined) return undefined
    const root = this.#tools.parseSource('javascript', text.content)
    const source = root === undefined ? undefined : sourceOf(text, root)
    this.#sources.set(path, source)
    return source
  }

  evaluate(node: SyntaxNode, frame: Frame): Datum {
    const origin = placeOf(frame.source, node)
    if (++this.#steps > STEPS) return unknownDatum('there is too much to follow', origin)
    if (this.#depth >= DEPTH) return unknownDatum('nested too deeply', origin)
    this.#depth++
    const datum = this.#expression(node, frame, origin)
    this.#depth--
    return datum
  }

  #expression(node: SyntaxNode, frame: Frame, origin: FileOrigin): Datum {
    switch (node.kind()) {
      case 'object':
        return this.#object(node, frame, origin)
      case 'array':
        return this.#list(node, frame, origin)
      case 'string':
        return knownDatum(literal(node) ?? '', origin)
      case 'template_string':
        return this.#template(node, frame, origin)
      case 'number': {
        const number = Number(node.text().replaceAll('_', ''))
        return Number.isNaN(number) ? unknownDatum('this number is not followed', origin) : knownDatum(number, origin)
      }
      case 'true':
      case 'false':
        return knownDatum(node.kind() === 'true', origin)
      case 'null':
      case 'undefined':
        return absentDatum(origin)
      case 'identifier':
        return this.#identifier(node.text(), frame, origin)
      case 'parenthesized_expression':
      case 'await_expression':
      case 'as_expression':
      case 'satisfies_expression': {
        const inner = node.children().find((child) => child.isNamed() && child.kind() !== 'comment')
        return inner === undefined ? unknownDatum('an empty expression', origin) : this.evaluate(inner, frame)
      }
      case 'member_expression':
      case 'subscript_expression':
        return this.#member(node, frame, origin)
      case 'binary_expression':
        return this.#binary(node, frame, origin)
      case 'ternary_expression':
        return this.#either(node.field('consequence'), node.field('alternative'), frame, origin)
      case 'unary_expression': {
        const value = this.#operand(node.field('argument'), frame)
        const negative = value?.kind === 'known' && typeof value.value === 'number' && node.text().startsWith('-')
        return negative ? knownDatum(-Number(value.value), origin) : unknownDatum('this operation is not followed', origin)
      }
      case 'call_expression':
        return called(this, node, frame, origin)
      default:
        return unknownDatum('this expression is not followed', origin)
    }
  }

  #operand(node: SyntaxNode | null, frame: Frame): Value | undefined {
    const datum = node === null ? undefined : this.evaluate(node, frame)
    return datum?.kind === 'value' ? datum.value : undefined
  }

  #object(node: SyntaxNode, frame: Frame, origin: FileOrigin): Datum {
    const entries = new Map<string, Datum>()
    const missing: Missing[] = []
    for (const part of node.children()) {
      if (entries.size > SIZE) {
        missing.push({ reason: 'there is too much to follow', origin })
        break
      }
      if (part.kind() === 'pair') {
        const name = this.#key(part.field('key'), frame)
        const value = part.field('value')
        if (name === undefined) missing.push({ reason: 'the name is not known', origin: placeOf(frame.source, part) })
        else if (value !== null) {
          entries.delete(name)
          entries.set(name, settled(this.evaluate(value, frame), placeOf(frame.source, value)))
        }
      } else if (part.kind() === 'shorthand_property_identifier') {
        const place = placeOf(frame.source, part)
        entries.set(part.text(), settled(this.#identifier(part.text(), frame, place), place))
      } else if (part.kind() === 'spread_element') this.#spreadInto(part, frame, entries, missing)
    }
    return { kind: 'object', entries, origin, missing }
  }

  #key(node: SyntaxNode | null, frame: Frame): string | undefined {
    switch (node?.kind()) {
      case 'property_identifier':
      case 'number':
        return node.text()
      case 'string':
        return literal(node)
      case 'computed_property_name': {
        const [inner] = node.children().filter((child) => child.isNamed())
        return knownText(this.#operand(inner ?? null, frame))
      }
      default:
        return undefined
    }
  }

  #spreadInto(part: SyntaxNode, frame: Frame, entries: Map<string, Datum>, missing: Missing[]): void {
    const [inner] = part.children().filter((child) => child.isNamed())
    const origin = placeOf(frame.source, part)
    const datum = inner === undefined ? undefined : this.evaluate(inner, frame)
    if (datum?.kind === 'object') {
      for (const [name, value] of datum.entries) {
        entries.delete(name)
        entries.set(name, value)
      }
      missing.push(...datum.missing.slice(0, 10))
    } else if (datum?.kind !== 'value' || datum.value.kind !== 'absent') {
      missing.push({
        reason: datum?.kind === 'value' && datum.value.kind === 'unknown' ? datum.value.reason : 'what is spread here is not known',
        origin,
      })
    }
  }

  #list(node: SyntaxNode, frame: Frame, origin: FileOrigin): Datum {
    const items: Datum[] = []
    const missing: Missing[] = []
    for (const part of node.children().filter((child) => child.isNamed() && child.kind() !== 'comment')) {
      if (items.length > SIZE) {
        missing.push({ reason: 'there is too much to follow', origin })
        break
      }
      if (part.kind() !== 'spread_element') {
        items.push(this.evaluate(part, frame))
        continue
      }
      const [inner] = part.children().filter((child) => child.isNamed())
      const datum = inner === undefined ? undefined : this.evaluate(inner, frame)
      if (datum?.kind === 'list') {
        items.push(...datum.items.slice(0, SIZE))
        missing.push(...datum.missing.slice(0, 10))
      } else missing.push({ reason: 'what is spread here is not known', origin: placeOf(frame.source, part) })
    }
    return { kind: 'list', items, origin, missing }
  }

  #template(node: SyntaxNode, frame: Frame, origin: FileOrigin): Datum {
    const parts = node.children().flatMap((part): readonly Value[] => {
      if (part.kind() === 'template_substitution') {
        const [inner] = part.children().filter((child) => child.isNamed())
        const place = placeOf(frame.source, part)
        return [this.#operand(inner ?? null, frame) ?? { kind: 'unknown', reason: 'no text', origin: place }]
      }
      return part.isNamed() ? [{ kind: 'known', value: fragment(part), origin: placeOf(frame.source, part) }] : []
    })
    return { kind: 'value', value: joinValues(parts, origin), origin }
  }

  #identifier(name: string, frame: Frame, origin: FileOrigin): Datum {
    const parameter = frame.parameters.get(name)
    if (parameter !== undefined) return parameter
    if (name === 'undefined') return absentDatum(origin)
    const path = frame.source.text.path
    if (name === '__dirname') return knownDatum(IN_FOLDER + directoryOf(path), origin)
    if (name === '__filename') return knownDatum(IN_FOLDER + path, origin)
    const declaration = frame.source.declarations.get(name)
    if (declaration === undefined) return unknownDatum(`\`${name}\` is not declared here`, origin)
    if (declaration.kind === 'import') return this.imported(declaration.from, declaration.name, frame, origin)
    if (declaration.kind === 'function') return unknownDatum('a function', origin)
    if (declaration.kind === 'unclear') return unknownDatum(declaration.reason, placeOf(frame.source, declaration.node))
    const node = declaration.kind === 'value' ? declaration.node : declaration.of
    const datum = this.#once(`${path}:${node.range().start.index}`, node, { source: frame.source, parameters: new Map() }, origin)
    if (declaration.kind === 'value') return datum
    const found = this.member(datum, declaration.name, origin)
    const fallback = declaration.fallback
    return found.kind === 'value' && found.value.kind === 'absent' && fallback !== undefined ? this.evaluate(fallback, frame) : found
  }

  /** A declaration's value is followed once; one that needs itself has none. */
  #once(key: string, node: SyntaxNode, frame: Frame, origin: FileOrigin): Datum {
    const before = this.#declared.get(node)
    if (before !== undefined) return before
    if (this.#open.has(key)) return unknownDatum('it refers to itself', origin)
    this.#open.add(key)
    const datum = this.evaluate(node, frame)
    this.#open.delete(key)
    this.#declared.set(node, datum)
    return datum
  }

  #member(node: SyntaxNode, frame: Frame, origin: FileOrigin): Datum {
    const object = node.field('object')
    const index = node.field('index')
    const name = index === null ? node.field('property')?.text() : this.#index(index, frame)
    if (object === null || name === undefined) return unknownDatum('which property is not known', origin)
    if (name === 'env' && object.text().slice(0, 10) === 'process')
      return { kind: 'object', entries: new Map(), origin, missing: [{ reason: INHERITED, origin }] }
    if (/^process\s*\.\s*env$/.test(object.text().slice(0, 40))) {
      return { kind: 'value', value: { kind: 'environment', name, fallback: ABSENT, emptyIsUnset: false, origin }, origin }
    }
    if (object.text().slice(0, 20) === 'import.meta') {
      const path = frame.source.text.path
      return name === 'dirname'
        ? knownDatum(IN_FOLDER + directoryOf(path), origin)
        : name === 'url' || name === 'filename'
          ? knownDatum(IN_FOLDER + path, origin)
          : unknownDatum('not followed', origin)
    }
    return this.member(this.evaluate(object, frame), name, origin)
  }

  #index(node: SyntaxNode, frame: Frame): string | undefined {
    return knownText(this.#operand(node, frame))
  }

  member(datum: Datum, name: string, origin: FileOrigin): Datum {
    if (datum.kind === 'object') {
      const found = datum.entries.get(name)
      if (found !== undefined) return found
      const [first] = datum.missing
      return first === undefined ? absentDatum(origin) : unknownDatum(first.reason, first.origin)
    }
    if (datum.kind === 'list')
      return (
        datum.items[Number(name)] ?? (name === 'length' ? knownDatum(datum.items.length, origin) : unknownDatum('not followed', origin))
      )
    if (datum.value.kind === 'unknown') return datum
    return unknownDatum('a property of what is no object', origin)
  }

  #binary(node: SyntaxNode, frame: Frame, origin: FileOrigin): Datum {
    const operator = node.field('operator')?.text()
    const left = node.field('left')
    const right = node.field('right')
    if (left === null || right === null) return unknownDatum('this operation is not followed', origin)
    if (operator === '&&') return this.#either(right, null, frame, origin)
    if (operator !== '||' && operator !== '??' && operator !== '+') return unknownDatum('this operation is not followed', origin)
    const first = this.evaluate(left, frame)
    if (operator !== '+' && first.kind !== 'value') return first
    const second = this.evaluate(right, frame)
    if (first.kind !== 'value') return unknownDatum('this operation is not followed', origin)
    if (operator !== '+') {
      if (first.value.kind === 'absent' || (operator === '||' && isFalsy(first.value))) return second
      if (first.value.kind === 'unknown' || second.kind !== 'value')
        return first.value.kind === 'known' ? first : unknownDatum('one of several', origin)
      return { kind: 'value', value: withFallback(first.value, second.value, operator === '||'), origin }
    }
    if (second.kind !== 'value') return unknownDatum('this operation is not followed', origin)
    const [a, b] = [first.value, second.value]
    if (a.kind === 'known' && b.kind === 'known' && typeof a.value === 'number' && typeof b.value === 'number')
      return knownDatum(a.value + b.value, origin)
    return { kind: 'value', value: joinValues([a, b], origin), origin }
  }

  /** One or the other, or nothing where `second` is null. */
  #either(first: SyntaxNode | null, second: SyntaxNode | null, frame: Frame, origin: FileOrigin): Datum {
    const [one, two] = [first, second].map((node) => (node === null ? absentDatum(origin) : this.evaluate(node, frame)))
    return one === undefined || two === undefined ? absentDatum(origin) : eitherOf(one, two, origin)
  }

  /** What another file of the folder exports; `undefined` for a package. */
  imported(specifier: string, name: string, frame: Frame, origin: FileOrigin): Datum {
    if (!/^\.{1,2}(?:\/|$)/.test(specifier)) return unknownDatum(`the package \`${specifier}\` is not followed`, origin)
    const base = joinPath(directoryOf(frame.source.text.path), specifier)
    const path =
      base === undefined
        ? undefined
        : ['', '.js', '.cjs', '.mjs', '.json', '/index.js', '/index.json']
            .map((ending) => base + ending)
            .find((file) => this.#files.has(file))
    if (path === undefined) return unknownDatum(`\`${specifier}\` is not in the folder`, origin)
    if (path.endsWith('.json')) {
      const text = this.#files.text(path)
      const [document] = text === undefined ? [] : readYaml(text).documents
      const datum = document === undefined ? unknownDatum(`${path} was not read`, origin) : datumOf(document)
      return name === 'default' || name === '*' ? datum : this.member(datum, name, origin)
    }
    const source = this.source(path)
    const exported = source === undefined ? undefined : this.exports(source)
    if (exported === undefined) return unknownDatum(`${path} was not read`, origin)
    if (name === '*') return exported
    const found = exported.kind === 'object' ? exported.entries.get(name) : undefined
    return found ?? (name === 'default' ? exported : this.member(exported, name, origin))
  }

  /** `import 'dotenv/config'`. */
  loadsDefault(source: Source): void {
    const file = joinPath(directoryOf(source.text.path), '.env')
    if (file !== undefined) this.environmentFiles.add(file)
  }

  /** What a file exports, by `module.exports`, `exports.NAME`, or ES modules; `undefined`: nothing. */
  exports(source: Source): Datum | undefined {
    const key = `exports of ${source.text.path}`
    if (this.#open.has(key)) return undefined
    this.#open.add(key)
    const frame: Frame = { source, parameters: new Map() }
    let whole: Datum | undefined
    const entries = new Map<string, Datum>()
    for (const statement of source.root.children()) {
      if (statement.kind() === 'export_statement') {
        const value = statement.field('value') ?? statement.children().find((child) => child.kind() === 'object')
        if (value !== null && value !== undefined) whole = this.evaluate(value, frame)
        for (const declaration of [statement.field('declaration')].filter((found) => found !== null)) {
          for (const declarator of named(declaration, 'variable_declarator')) {
            const name = declarator.field('name')?.text()
            if (name !== undefined) entries.set(name, this.#identifier(name, frame, placeOf(source, declarator)))
          }
        }
      }
      const assignment = statement.kind() === 'expression_statement' ? statement.children()[0] : undefined
      const target = assignment?.kind() === 'assignment_expression' ? assignment.field('left')?.text().slice(0, 200) : undefined
      const value = assignment?.field('right')
      if (target === undefined || value === null || value === undefined) continue
      if (target === 'module.exports' || target === 'exports') whole = this.evaluate(assigned(value), frame)
      else {
        const name = /^(?:module\.)?exports\.([A-Za-z_$][\w$]*)$/.exec(target)?.[1]
        if (name !== undefined) entries.set(name, this.evaluate(assigned(value), frame))
      }
    }
    this.#open.delete(key)
    if (whole?.kind === 'object' || whole === undefined) {
      if (whole === undefined && entries.size === 0) return undefined
      const origin = whole?.origin ?? source.text.origin(0, 0)
      return { kind: 'object', entries: new Map([...(whole?.entries ?? []), ...entries]), origin, missing: whole?.missing ?? [] }
    }
    return whole
  }
}

/** The last of `a = b = c`. */
function assigned(node: SyntaxNode): SyntaxNode {
  const right = node.kind() === 'assignment_expression' ? node.field('right') : null
  return right === null ? node : assigned(right)
}
