import { joinValues, type FileOrigin, type Value } from '../../evidence/index.ts'
import { directoryOf, joinPath, nameOf } from '../paths.ts'
import type { SyntaxNode } from '../system.ts'
import { type Datum, knownDatum, type Missing, property, unknownDatum, valueOf } from './datum.ts'
import { type Evaluator, type Frame, IN_FOLDER, SIZE } from './evaluate.ts'
import { literal, placeOf } from './source.ts'

/** What a call gives: a few functions of the language and of Node, and the file's own functions that only return something. */
export function called(evaluator: Evaluator, node: SyntaxNode, frame: Frame, origin: FileOrigin): Datum {
  const callee = node.field('function')
  const given = (node.field('arguments')?.children() ?? []).filter((child) => child.isNamed() && child.kind() !== 'comment')
  if (callee === null) return unknownDatum('this call is not followed', origin)
  const name = callee.text().slice(0, 80)
  const [first] = given
  if (name === 'require') {
    const specifier = literal(first)
    return specifier === undefined
      ? unknownDatum('which file is required is not known', origin)
      : evaluator.imported(specifier, '*', frame, origin)
  }
  if (loadsEnvironment(callee, frame)) return loadEnvironment(evaluator, first, frame, origin)
  if (callee.kind() === 'identifier') {
    if (name === 'String' || name === 'Number' || name === 'parseInt' || name === 'parseFloat')
      return converted(evaluator, name, first, frame, origin)
    const declaration = frame.source.declarations.get(name)
    const body = declaration?.kind === 'function' || declaration?.kind === 'value' ? declaration.node : undefined
    return body === undefined
      ? unknownDatum(`what \`${name}\` returns is not followed`, origin)
      : applied(
          evaluator,
          body,
          given.map((argument) => evaluator.evaluate(argument, frame)),
          frame,
          origin,
        )
  }
  return callee.kind() === 'member_expression'
    ? method(evaluator, callee, given, frame, origin)
    : unknownDatum('this call is not followed', origin)
}

function method(evaluator: Evaluator, callee: SyntaxNode, given: readonly SyntaxNode[], frame: Frame, origin: FileOrigin): Datum {
  const object = callee.field('object')
  const name = callee.field('property')?.text() ?? ''
  const [first] = given
  if (object === null) return unknownDatum('this call is not followed', origin)
  const owner = object.text().slice(0, 40)
  if (owner === 'path' && (name === 'join' || name === 'resolve' || name === 'dirname' || name === 'basename')) {
    return path(
      name,
      given.map((argument) => evaluator.evaluate(argument, frame)),
      frame,
      origin,
    )
  }
  if (owner === 'process' && name === 'cwd') return knownDatum(IN_FOLDER + directoryOf(frame.source.text.path), origin)
  if (owner === 'Object' && name === 'assign')
    return merged(
      given.map((argument) => evaluator.evaluate(argument, frame)),
      origin,
    )
  if (owner === 'Object' && (name === 'entries' || name === 'values' || name === 'keys') && first !== undefined)
    return listed(evaluator.evaluate(first, frame), name, origin)
  const target = evaluator.evaluate(object, frame)
  if (target.kind === 'list') {
    if (name === 'map' && first !== undefined) {
      const items = target.items.map((item, index) => applied(evaluator, first, [item, knownDatum(index, item.origin)], frame, item.origin))
      return { ...target, items }
    }
    if (name === 'concat')
      return concatenated(
        target,
        given.map((argument) => evaluator.evaluate(argument, frame)),
        origin,
      )
    if (name === 'flat') return concatenated({ ...target, items: [] }, target.items, origin)
    if (name === 'filter' && first?.text() === 'Boolean') return target
    if (name === 'join') return joinedText(target, first === undefined ? ',' : literal(first), origin)
  }
  if (target.kind === 'value' && (name === 'toString' || name === 'trim')) return target
  if (target.kind === 'value' && name === 'concat') {
    const parts = [target, ...given.map((argument) => evaluator.evaluate(argument, frame))]
    return { kind: 'value', value: joinValues(parts.map(textIn), origin), origin }
  }
  return unknownDatum(`what \`${name}\` returns is not followed`, origin)
}

/** A function of the file: its parameters are put in, and what it returns is followed when that is all it does. */
function applied(evaluator: Evaluator, node: SyntaxNode, given: readonly Datum[], frame: Frame, origin: FileOrigin): Datum {
  const kind = node.kind()
  if (kind !== 'arrow_function' && kind !== 'function_declaration' && kind !== 'function_expression' && kind !== 'function') {
    return unknownDatum('this call is not followed', origin)
  }
  const body = node.field('body')
  const result = body?.kind() === 'statement_block' ? onlyReturn(body) : body
  if (result === null || result === undefined)
    return unknownDatum('what this function returns is not followed', placeOf(frame.source, node))
  const parameters = new Map(frame.parameters)
  const list =
    node
      .field('parameters')
      ?.children()
      .filter((child) => child.isNamed()) ?? [node.field('parameter')].filter((found) => found !== null)
  for (const [index, parameter] of list.entries()) bind(evaluator, parameter, given[index], parameters, frame, origin)
  const made = evaluator.evaluate(result, { source: frame.source, parameters })
  // What a function makes stands where it is called for: the function itself may make many.
  return made.kind === 'value' ? made : { ...made, origin }
}

function onlyReturn(block: SyntaxNode): SyntaxNode | undefined {
  const statements = block.children().filter((child) => child.isNamed() && child.kind() !== 'comment')
  const [only] = statements
  return statements.length === 1 && only?.kind() === 'return_statement' ? only.children().find((child) => child.isNamed()) : undefined
}

function bind(
  evaluator: Evaluator,
  parameter: SyntaxNode,
  given: Datum | undefined,
  parameters: Map<string, Datum>,
  frame: Frame,
  origin: FileOrigin,
): void {
  const absent = given === undefined || (given.kind === 'value' && given.value.kind === 'absent')
  switch (parameter.kind()) {
    case 'identifier':
    case 'shorthand_property_identifier_pattern':
      parameters.set(parameter.text(), given ?? { kind: 'value', value: { kind: 'absent' }, origin })
      return
    case 'assignment_pattern': {
      const [left, right] = [parameter.field('left'), parameter.field('right')]
      const value = absent && right !== null ? evaluator.evaluate(right, { source: frame.source, parameters }) : given
      if (left !== null) bind(evaluator, left, value, parameters, frame, origin)
      return
    }
    case 'object_pattern':
      for (const part of parameter.children().filter((child) => child.isNamed())) {
        const inner =
          part.kind() === 'pair_pattern'
            ? part.field('value')
            : part.kind() === 'object_assignment_pattern'
              ? part.children().find((child) => child.isNamed())
              : part
        const key = part.kind() === 'pair_pattern' ? part.field('key')?.text() : inner?.text()
        if (inner === null || inner === undefined || key === undefined) continue
        const value = given === undefined ? undefined : evaluator.member(given, key, origin)
        const fallback = part.kind() === 'object_assignment_pattern' ? part.children().filter((child) => child.isNamed())[1] : undefined
        const missing = value === undefined || (value.kind === 'value' && value.value.kind === 'absent')
        bind(
          evaluator,
          inner,
          missing && fallback !== undefined ? evaluator.evaluate(fallback, { source: frame.source, parameters }) : value,
          parameters,
          frame,
          origin,
        )
      }
      return
    case 'array_pattern':
      for (const [index, part] of parameter
        .children()
        .filter((child) => child.isNamed())
        .entries()) {
        bind(evaluator, part, given?.kind === 'list' ? given.items[index] : given, parameters, frame, origin)
      }
      return
    default:
      for (const name of parameter
        .text()
        .match(/[A-Za-z_$][\w$]*/g)
        ?.slice(0, 10) ?? [])
        parameters.set(name, unknownDatum('this parameter is not followed', origin))
  }
}

/** `path.join(__dirname, 'x')`: known where its parts are. */
function path(name: string, parts: readonly Datum[], frame: Frame, origin: FileOrigin): Datum {
  const texts = parts.map((part) => (part.kind === 'value' && part.value.kind === 'known' ? String(part.value.value) : undefined))
  if (texts.some((text) => text === undefined)) return unknownDatum('a part of the path is not known', origin)
  const [first = ''] = texts
  if (name === 'dirname')
    return knownDatum(first.startsWith(IN_FOLDER) ? IN_FOLDER + directoryOf(first.slice(1)) : directoryOf(first), origin)
  if (name === 'basename') return knownDatum(nameOf(first), origin)
  let result = name === 'resolve' ? IN_FOLDER + directoryOf(frame.source.text.path) : ''
  for (const text of texts) {
    if (text === undefined) continue
    if (text.startsWith(IN_FOLDER) || (name === 'resolve' && text.startsWith('/'))) result = text
    else result = result === '' ? text : `${result}/${text}`
  }
  if (!result.startsWith(IN_FOLDER)) return knownDatum(result, origin)
  const inside = joinPath('', result.slice(1))
  return inside === undefined ? unknownDatum('outside of the folder', origin) : knownDatum(IN_FOLDER + inside, origin)
}

function merged(objects: readonly Datum[], origin: FileOrigin): Datum {
  const entries = new Map<string, Datum>()
  const missing: Missing[] = []
  for (const object of objects) {
    if (object.kind === 'object') {
      for (const [name, value] of object.entries) entries.set(name, value)
      missing.push(...object.missing.slice(0, 10))
    } else if (object.kind !== 'value' || object.value.kind !== 'absent')
      missing.push({ reason: 'what is assigned here is not known', origin: object.origin })
  }
  return { kind: 'object', entries, origin, missing }
}

function listed(datum: Datum, name: string, origin: FileOrigin): Datum {
  if (datum.kind !== 'object') return unknownDatum('what this lists is not known', origin)
  const items = [...datum.entries].map(([key, value]): Datum => {
    const text = knownDatum(key, value.origin)
    return name === 'keys' ? text : name === 'values' ? value : { kind: 'list', items: [text, value], origin: value.origin, missing: [] }
  })
  return { kind: 'list', items, origin, missing: datum.missing }
}

function concatenated(list: Extract<Datum, { kind: 'list' }>, more: readonly Datum[], origin: FileOrigin): Datum {
  const items = [...list.items]
  const missing = [...list.missing]
  for (const datum of more) {
    if (datum.kind === 'list') {
      items.push(...datum.items.slice(0, SIZE))
      missing.push(...datum.missing.slice(0, 10))
    } else items.push(datum)
  }
  return { kind: 'list', items: items.slice(0, SIZE), origin, missing }
}

function joinedText(list: Extract<Datum, { kind: 'list' }>, separator: string | undefined, origin: FileOrigin): Datum {
  const [missing] = list.missing
  if (separator === undefined || missing !== undefined)
    return unknownDatum(missing?.reason ?? 'what stands between the parts is not known', origin)
  const between: Value = { kind: 'known', value: separator, origin }
  const parts = list.items.flatMap((item, index) => (index === 0 ? [textIn(item)] : [between, textIn(item)]))
  return { kind: 'value', value: joinValues(parts, origin), origin }
}

function textIn(datum: Datum): Value {
  return valueOf(datum) ?? { kind: 'unknown', reason: 'no text', origin: datum.origin }
}

function converted(evaluator: Evaluator, name: string, argument: SyntaxNode | undefined, frame: Frame, origin: FileOrigin): Datum {
  const datum = argument === undefined ? undefined : evaluator.evaluate(argument, frame)
  if (datum?.kind !== 'value') return unknownDatum('this conversion is not followed', origin)
  const convert = (value: Value): Value => {
    if (value.kind === 'known') {
      const number = name === 'String' ? undefined : Number.parseFloat(String(value.value))
      return { ...value, value: number === undefined ? String(value.value) : Number.isNaN(number) ? '' : number }
    }
    return value.kind === 'environment' ? { ...value, fallback: convert(value.fallback) } : value
  }
  return { kind: 'value', value: convert(datum.value), origin }
}

/** `require('dotenv').config(…)`, `dotenv.config(…)`. */
function loadsEnvironment(callee: SyntaxNode, frame: Frame): boolean {
  const match = /^(?:require\(\s*['"]dotenv['"]\s*\)|([A-Za-z_$][\w$]*))\.config$/.exec(callee.text().slice(0, 80))
  if (match === null) return false
  const name = match[1]
  if (name === undefined) return true
  const declaration = frame.source.declarations.get(name)
  if (declaration?.kind === 'import') return declaration.from === 'dotenv'
  return declaration?.kind === 'value' && /^require\(\s*['"]dotenv['"]\s*\)$/.test(declaration.node.text().slice(0, 80))
}

function loadEnvironment(evaluator: Evaluator, argument: SyntaxNode | undefined, frame: Frame, origin: FileOrigin): Datum {
  const options = argument === undefined ? undefined : evaluator.evaluate(argument, frame)
  const given = property(options, 'path')
  const text = given === undefined ? '.env' : given.kind === 'value' && given.value.kind === 'known' ? String(given.value.value) : undefined
  if (text !== undefined) {
    const file = text.startsWith(IN_FOLDER) ? text.slice(1) : joinPath(directoryOf(frame.source.text.path), text)
    if (file !== undefined) evaluator.environmentFiles.add(file)
  }
  return unknownDatum('the variables of a file', origin)
}
