import type { FileOrigin } from '../../evidence/index.ts'
import type { Node } from '../tree.ts'
import { argumentsOf } from './call-arguments.ts'
import { fileNamed } from './data-files.ts'
import type { Evaluator } from './evaluator.ts'
import { moduleMember } from './imported.ts'
import { literalText } from './syntax.ts'
import { isTestCode } from './test-code.ts'
import { type Located, several, type Thing, unknown } from './thing.ts'

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

/** `app.config["HOST"]` of a Flask application: what the folder fills it with, each possible; `undefined`: nothing says it. */
export function flaskSetting(evaluator: Evaluator, thing: External, name: string, origin: FileOrigin): Thing | undefined {
  if (!CONFIG.test(thing.name)) return undefined
  const { project } = evaluator
  const found = project.sources
    .filter((path) => MENTIONED.test(project.text(path)?.content ?? ''))
    .slice(0, SOURCES)
    .flatMap((path): readonly Thing[] => {
      const module = project.module(path)
      if (module === undefined || isTestCode(module.file)) return []
      const filled = FILLS.flatMap((method) =>
        (module.file.content.includes(method) ? module.occurrences(method) : []).flatMap((node) => filledBy(evaluator, method, node, name)),
      )
      const assigned = module.strings(name).flatMap((text): readonly Thing[] => {
        const target = text.parent
        const statement = target?.kind === 'subscript' && isConfig(target.field('value')) ? target.parent : undefined
        const value = statement?.kind === 'assignment' && statement.field('left') === target ? statement.field('right') : undefined
        return value === undefined ? [] : [evaluator.evaluate({ node: value, frame: undefined })]
      })
      return [...filled, ...assigned]
    })
  return found.length === 0 ? undefined : several(found, origin)
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
      const path = first === undefined ? undefined : fileNamed(evaluator, first)
      const module = path?.endsWith('.py') === true ? path : undefined
      return module === undefined
        ? [unknown('read from a file when the program runs', call.origin)]
        : [moduleMember(evaluator, { kind: 'module', path: module }, name) ?? []].flat()
    }
    default:
      return [unknown('read from a file when the program runs', call.origin)]
  }
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
