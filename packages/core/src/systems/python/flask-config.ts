import type { FileOrigin } from '../../evidence/index.ts'
import { directoryOf, joinPath } from '../paths.ts'
import type { Node } from '../tree.ts'
import { argumentsOf } from './call-arguments.ts'
import { combine } from './conditions.ts'
import { fileNamed } from './data-files.ts'
import type { Evaluator } from './evaluator.ts'
import { conditionAround } from './flow.ts'
import { moduleMember } from './imported.ts'
import { literalText, scopeOf } from './syntax.ts'
import { isTestCode } from './test-code.ts'
import { type Located, several, type Thing, unknown, valueOf, valueThing } from './thing.ts'

type External = Extract<Thing, { readonly kind: 'external' }>

const CONFIG = /^(?:flask|quart)\.(?:Flask|Quart)\(\)\.config$/
/** Methods that fill it (flask.palletsprojects.com/config). */
const FILLS = [
  'from_object',
  'from_mapping',
  'update',
  'from_pyfile',
  'from_envvar',
  'from_file',
  'from_json',
  'from_prefixed_env',
] as const
const MENTIONED = /\bfrom_(?:object|mapping|pyfile|envvar|file|json|prefixed_env)\b|\bconfig\s?(?:\.\s?update\b|\[)/
/** Sources that are looked at. */
const SOURCES = 300

/** A place that fills the configuration, and what it gives; `perhaps`: of several sources that it may be, one may say nothing. */
interface Filling {
  readonly node: Node
  readonly thing: Thing
  readonly perhaps?: boolean
}

/** `app.config["HOST"]` of a Flask application: what the folder fills it with; `undefined`: nothing says it. */
export function flaskSetting(evaluator: Evaluator, thing: External, name: string, origin: FileOrigin): Thing | undefined {
  if (!CONFIG.test(thing.name)) return undefined
  const { project } = evaluator
  const found = project.sources
    .filter((path) => MENTIONED.test(project.text(path)?.content ?? ''))
    .slice(0, SOURCES)
    .flatMap((path): readonly Filling[] => {
      const module = project.module(path)
      if (module === undefined || isTestCode(module.file)) return []
      const filled = FILLS.flatMap((method) =>
        (module.file.content.includes(method) ? module.occurrences(method) : []).flatMap((node): readonly Filling[] => {
          const things = filledBy(evaluator, method, node, name)
          return things.length === 0 ? [] : [{ node, thing: several(things, origin), perhaps: isOneOf(evaluator, node) }]
        }),
      )
      const assigned = module.strings(name).flatMap((text): readonly Filling[] => {
        const target = text.parent
        const statement = target?.kind === 'subscript' && isConfig(target.field('value')) ? target.parent : undefined
        const value = statement?.kind === 'assignment' && statement.field('left') === target ? statement.field('right') : undefined
        return value === undefined ? [] : [{ node: text, thing: evaluator.evaluate({ node: value, frame: undefined }) }]
      })
      return [...filled, ...assigned]
    })
  return found.length === 0 ? undefined : together(evaluator, found, origin)
}

/** `from_object(configurations[name])`: which object it is, is not known. */
function isOneOf(evaluator: Evaluator, method: Node): boolean {
  const call = method.parent?.parent
  const [first] = call === undefined ? [] : argumentsOf(call, undefined).positional
  const source = first === undefined ? undefined : evaluator.evaluate(first)
  return source?.kind === 'several' || (source?.kind === 'value' && source.value.kind !== 'known')
}

/** One after another where they stand in one function or at the top of one file, else each possible. */
function together(evaluator: Evaluator, found: readonly Filling[], origin: FileOrigin): Thing {
  const [first] = found
  const scope = first === undefined ? undefined : scopeOf(first.node)
  if (found.some(({ node }) => scopeOf(node) !== scope))
    return several(
      found.map(({ thing }) => thing),
      origin,
    )
  let before: Thing | undefined
  for (const { node, thing, perhaps } of found.toSorted((a, b) => a.node.start - b.node.start)) {
    const under = conditionAround(node)
    const after = before === undefined ? thing : perhaps === true ? several([before, thing], origin) : laidOver(before, thing, origin)
    before = combine(evaluator, before, [{ ...(under === undefined ? {} : { under }), thing: () => after }], undefined, origin)
  }
  return before ?? unknown('nothing gives it a value', origin)
}

/** What is not known may leave what was there, and a variable that is not set does. */
function laidOver(before: Thing, thing: Thing, origin: FileOrigin): Thing {
  if (thing.kind !== 'value') return thing
  const { value } = thing
  if (value.kind === 'environment' && value.optional === true && value.fallback.kind === 'absent')
    return valueThing({ ...value, fallback: valueOf(before, origin) })
  return value.kind === 'unknown' ? several([before, thing], origin) : thing
}

const isConfig = (node: Node | undefined): boolean => node?.kind === 'attribute' && node.field('attribute')?.content === 'config'

function filledBy(evaluator: Evaluator, method: (typeof FILLS)[number], node: Node, name: string): readonly Thing[] {
  const callee = node.parent
  const call = callee?.kind === 'attribute' && callee.field('attribute') === node ? callee.parent : undefined
  if (call?.kind !== 'call' || !isConfig(callee?.field('object'))) return []
  const given = argumentsOf(call, undefined)
  const [first] = given.positional
  switch (method) {
    case 'from_object':
      return first === undefined ? [] : membersOf(evaluator, evaluator.evaluate(first), first, name)
    case 'from_mapping':
    case 'update': {
      const keyword = given.keywords.get(name)
      if (keyword !== undefined) return [evaluator.evaluate(keyword)]
      const whole = first === undefined ? undefined : evaluator.evaluate(first)
      const entry = whole?.kind === 'mapping' ? whole.entries.get(name) : undefined
      if (entry !== undefined) return [evaluator.evaluate(entry)]
      return whole === undefined || (whole.kind === 'mapping' && whole.complete) ? [] : [unknown('part of it is not known', call.origin)]
    }
    case 'from_prefixed_env': {
      const prefix = literalText((given.keywords.get('prefix') ?? first)?.node) ?? 'FLASK'
      const { origin } = call
      const fallback = { kind: 'absent' } as const
      return [
        { kind: 'value', value: { kind: 'environment', name: `${prefix}_${name}`, fallback, emptyIsUnset: false, optional: true, origin } },
      ]
    }
    case 'from_pyfile': {
      const instance = instanceOf(evaluator, callee?.field('object')?.field('object'))
      const path =
        first === undefined ? undefined : instance === undefined ? fileNamed(evaluator, first) : instanceFile(evaluator, instance, first)
      const module = path?.endsWith('.py') === true ? path : undefined
      return module === undefined
        ? [unknown('read from a file when the program runs', call.origin)]
        : [moduleMember(evaluator, { kind: 'module', path: module }, name) ?? []].flat()
    }
    default:
      return [unknown('read from a file when the program runs', call.origin)]
  }
}

/** Where an application that is made with `instance_relative_config=True` was made; `undefined`: it is not. */
function instanceOf(evaluator: Evaluator, application: Node | undefined): Node | undefined {
  const thing = application === undefined ? undefined : evaluator.evaluate({ node: application, frame: undefined })
  const call = thing?.kind === 'external' ? thing.call?.node : undefined
  return call !== undefined && argumentsOf(call, undefined).keywords.get('instance_relative_config')?.node.kind === 'true'
    ? call
    : undefined
}

/** A file of its directory `instance`: beside the module, or beside the package (flask.palletsprojects.com/config, Instance Folders). */
function instanceFile(evaluator: Evaluator, made: Node, file: Located): string | undefined {
  const name = evaluator.text(evaluator.evaluate(file))
  const { paths } = evaluator.project.snapshot
  let directory = directoryOf(made.file.path)
  while (directory !== '' && paths.has(`${directory}/__init__.py`)) directory = directoryOf(directory)
  const path =
    name === undefined || argumentsOf(made, undefined).keywords.has('instance_path') ? undefined : joinPath(directory, `instance/${name}`)
  return path !== undefined && paths.has(path) ? path : undefined
}

/** What an object, or the text that names one, has by a name; none where it has no such name. */
function membersOf(evaluator: Evaluator, thing: Thing, at: Located, name: string): readonly Thing[] {
  const { origin } = at.node
  switch (thing.kind) {
    case 'several':
      return thing.options.flatMap((option) => membersOf(evaluator, option, at, name))
    case 'module':
    case 'package':
      return [moduleMember(evaluator, thing, name) ?? []].flat()
    case 'class':
    case 'instance': {
      const member = evaluator.member(thing, name, origin)
      const isMissing = member.kind === 'value' && member.value.kind === 'unknown' && member.value.reason.startsWith('the class has no ')
      return isMissing ? [] : [member]
    }
    case 'value': {
      if (thing.value.kind === 'choice' && thing.value.when === undefined)
        return thing.value.options.flatMap((value) => membersOf(evaluator, { kind: 'value', value }, at, name))
      const text = evaluator.text(thing)
      const object = text === undefined ? undefined : objectNamed(evaluator, text, at)
      return object === undefined
        ? [unknown('which settings are taken is decided when the program runs', origin)]
        : membersOf(evaluator, object, at, name)
    }
    default:
      return [unknown('which settings are taken is decided when the program runs', origin)]
  }
}

/** `"config.ProductionConfig"`, `"config"`. */
function objectNamed(evaluator: Evaluator, text: string, at: Located): Thing | undefined {
  const from = at.node.file.path
  const owner = (module: string): (Thing & { readonly kind: 'module' | 'package' }) | undefined => {
    const target = evaluator.project.resolve(from, module, 0)
    if (target === undefined) return undefined
    return target.kind === 'file' ? { kind: 'module', path: target.path } : { kind: 'package', directory: target.path }
  }
  const dot = text.lastIndexOf('.')
  const whole = owner(text)
  const outer = whole !== undefined || dot < 0 ? undefined : owner(text.slice(0, dot))
  return whole ?? (outer === undefined ? undefined : moduleMember(evaluator, outer, text.slice(dot + 1)))
}
