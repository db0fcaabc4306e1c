import { builtFrom } from './built.ts'
import { claimOf, type Found } from './binds.ts'
import type { Evaluator } from './evaluator.ts'
import { CONFIGURATION_ROWS, type ConfigurationRow } from './frameworks.ts'
import { hostValue, portOf } from './listen-values.ts'
import { isNothing, type Meaning, unknownMeaning, valueOf } from './meaning.ts'
import type { Module } from './module.ts'
import { type Node, propertyName } from './syntax.ts'
import { ABSENT, type Value } from '../../evidence/index.ts'
import { isTestCode } from './test-code.ts'

export const mayConfigure = (path: string): boolean => CONFIGURATION_ROWS.some((row) => row.file.test(path))

/** Where the programs listen that read this file, as far as it says so. */
export function configuredBinds(module: Module, evaluator: Evaluator): readonly Found[] {
  const rows = CONFIGURATION_ROWS.filter((row) => row.file.test(module.path))
  if (rows.length === 0) return []
  return evaluator.ask(new Map(), () => rows.flatMap((row) => configuredBind(row, module, evaluator) ?? [])).answer
}

function configuredBind(row: ConfigurationRow, module: Module, evaluator: Evaluator): Found | undefined {
  const at = module.root
  let exported = evaluator.exported({ kind: 'module', path: module.path }, 'default', at)
  // A configuration may be a function of the mode.
  const mode = unknownMeaning('it is decided by the command that starts it', at.origin)
  if (exported.kind === 'function') exported = evaluator.apply(exported, [{ node: undefined, meaning: () => mode }], undefined)
  const options = inside(exported, row.inside, at, evaluator)
  if (options.kind !== 'object') return undefined
  const place = memberNamed(options.node, 'host') ?? memberNamed(options.node, 'port')
  if (place === undefined) return undefined
  const get = (from: Meaning, name: string): Value => valueOf(evaluator.property(from, name, place), place.origin)
  const own = get(options, 'host')
  const host = own.kind === 'absent' && row.hostElsewhere !== undefined ? hostElsewhere(exported, row.hostElsewhere, place, evaluator) : own
  const given = get(options, 'port')
  const port = given.kind === 'absent' ? ABSENT : (portOf([given], place.origin) ?? ABSENT)
  const { path, file } = module
  return {
    claim: claimOf(row, hostValue(host), port, path, isTestCode(path, ''), builtFrom(path, evaluator.project), [path]),
    origin: file.origin(place.start, place.end),
  }
}

function hostElsewhere(exported: Meaning, names: readonly string[], place: Node, evaluator: Evaluator): Value {
  const other = inside(exported, names, place, evaluator)
  return isNothing(other) ? ABSENT : valueOf(evaluator.property(other, 'host', place), place.origin)
}

function inside(meaning: Meaning, names: readonly string[], at: Node, evaluator: Evaluator): Meaning {
  let current = meaning
  for (const name of names) if (!isNothing(current)) current = evaluator.property(current, name, at)
  return current
}

const memberNamed = (object: Node, name: string): Node | undefined =>
  object.named.find(
    (member) => (member.kind === 'shorthand_property_identifier' ? member.content : propertyName(member.field('key'))) === name,
  )
