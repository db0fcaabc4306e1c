import { ABSENT, type FileOrigin, type Value } from '../../../evidence/index.ts'
import { entries, field } from '../../json.ts'
import { nameOf, stemOf } from '../../paths.ts'
import { nearest } from '../source/configuration.ts'
import { claimOf, type Found } from './binds.ts'
import type { Evaluator } from '../values/evaluator.ts'
import { CONFIGURATION_ROWS, type ConfigurationRow } from '../frameworks/index.ts'
import { hostValue, orElse, portOf, unlessSet } from './listen-values.ts'
import { isNothing, isUnknown, type Meaning, unknownMeaning, valueMeaning, valueOf } from '../values/meaning.ts'
import { viteMode } from '../settings/environment-loaders.ts'
import type { Module } from '../source/module.ts'
import type { Project } from '../source/project.ts'
import type { Node } from '../../tree.ts'
import { propertyName } from '../source/syntax.ts'
import { convert, known } from '../values/values.ts'
import { isTestCode } from '../source/test-code.ts'

export const mayConfigure = (path: string, content: string): boolean => rowsOf(path, content).length > 0

const rowsOf = (path: string, content: string): readonly ConfigurationRow[] =>
  CONFIGURATION_ROWS.filter((row) => row.file.test(path) && row.contains?.test(content) !== false)

/** Whether it is worth parsing: what a runtime serves says so itself, or is a file that some start of it names. */
export function isConfiguration(path: string, content: string, project: Project): boolean {
  return rowsOf(path, content).some(
    ({ runtime, requires = [] }) =>
      runtime === undefined || requires.every((name) => content.includes(name)) || project.startsOf(runtime).has(stemOf(path)),
  )
}

/** Where the programs listen that read this file, as far as it says so. */
export function configuredBinds(module: Module, evaluator: Evaluator): readonly Found[] {
  const rows = rowsOf(module.path, module.file.content)
  const exported = evaluator.ask(new Map(), () => defaultExport(module, evaluator)).answer
  return rows.flatMap((row) => evaluator.ask(new Map(), () => configuredBind(row, exported, module, evaluator)).answer ?? [])
}

/** A configuration may be a function of the mode and of the command, which is `serve` where something listens (vite.dev/config). */
function defaultExport(module: Module, evaluator: Evaluator): Meaning {
  const exported = evaluator.exported({ kind: 'module', path: module.path }, 'default', module.root)
  if (exported.kind !== 'function') return exported
  const { root } = module
  const given: Readonly<Record<string, Value>> = { mode: viteMode(root), command: known('serve', root.origin) }
  const property = (name: string): Meaning => {
    const value = Object.hasOwn(given, name) ? given[name] : undefined
    return value === undefined ? unknownMeaning('it is decided by the command that starts it', root.origin) : valueMeaning(value)
  }
  return evaluator.apply(exported, [{ node: undefined, meaning: () => ({ kind: 'merged', property }) }], undefined)
}

function configuredBind(row: ConfigurationRow, exported: Meaning, module: Module, evaluator: Evaluator): Found | undefined {
  const options = inside(exported, row.inside, module.root, evaluator)
  const isAlone = options.kind === 'result' && row.alone?.includes(options.of) === true
  if (isNothing(options) || options.kind === 'server' || (options.kind === 'result' && !isAlone)) return undefined
  const [hostName, portName] = [row.host ?? 'host', row.port ?? 'port']
  const place = placeOf(options, [hostName, portName], module)
  const get = (from: Meaning, name: string): Value => (isAlone ? ABSENT : valueOf(evaluator.property(from, name, place), place.origin))
  const { requires = [], excludes = [] } = row
  const isMeant = (): boolean =>
    options.kind === 'object' &&
    requires.every((name) => get(options, name).kind !== 'absent') &&
    excludes.every((name) => get(options, name).kind === 'absent')
  if (requires.length > 0 && !isAlone && !isMeant()) return undefined
  const [own, given] = [get(options, hostName), get(options, portName)]
  // Nothing is said, or what is said cannot be told from a host by its name either.
  const isSilent = row.runtime === undefined && own.kind === 'absent' && given.kind === 'absent'
  const isStarted = row.starts !== undefined && startedHere(row.starts, module, evaluator)
  if (isSilent || (isUnknown(options) && !isStarted && module.offsets(hostName).length === 0)) return undefined
  // Of what is wholly made elsewhere nothing says that a server is part of it.
  if (row.starts !== undefined && !isStarted && (own.kind === 'absent' || options.kind === 'value')) return undefined
  const host = own.kind === 'absent' && row.hostElsewhere !== undefined ? hostElsewhere(exported, row.hostElsewhere, place, evaluator) : own
  const port = given.kind === 'absent' ? ABSENT : (portOf([given], place.origin) ?? ABSENT)
  const told = hostValue(convert(host, (value, origin) => known(row.everywhere?.includes(String(value)) === true ? '::' : value, origin)))
  const { path, file } = module
  return {
    claim: {
      ...claimOf(
        row,
        behind(row.hostVariables, told, place.origin),
        orElse(row.portOtherwise, behind(row.portVariables, port, place.origin), place.origin),
        path,
        isTestCode(path, ''),
        [path],
        evaluator.project,
      ),
      ...(row.runtime === undefined || given.kind !== 'absent' ? {} : { runtime: row.runtime }),
    },
    origin: file.origin(place.start, place.end),
  }
}

/** The file that is read where none is named. */
const DEFAULT_NAME = /\.config\.[cm]?[jt]s$/

function startedHere(starts: RegExp, module: Module, evaluator: Evaluator): boolean {
  const scripts = entries(field(nearest(evaluator.project.configuration.manifests, module.path), 'scripts'))
  const name = nameOf(module.path)
  const isMeant = (script: string): boolean => (/\s(?:-c|--config)\b/.test(script) ? script.includes(name) : DEFAULT_NAME.test(name))
  return scripts.some(([, script]) => typeof script === 'string' && starts.test(script) && isMeant(script))
}

/** What the file says, where none of the variables is set that go before it. */
function behind(names: readonly string[] | undefined, said: Value, origin: FileOrigin): Value {
  return said.kind === 'absent' ? said : unlessSet(names, said, origin)
}

/** The line that says it, or the export where that line is in another file. */
function placeOf(options: Meaning, names: readonly string[], module: Module): Node {
  if (options.kind === 'object' && options.node.file === module.file) {
    for (const name of names) {
      const member = memberNamed(options.node, name)
      if (member !== undefined) return member
    }
  }
  const statements = module.root.named
  return statements.find((statement) => statement.children.some((child) => child.kind === 'default')) ?? statements[0] ?? module.root
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
