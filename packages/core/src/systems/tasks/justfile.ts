import type { FileOrigin, Setting, Text, Value } from '../../evidence/index.ts'
import { PassageBuilder, type Passage } from '../passage.ts'
import { directoryOf, joinPath } from '../paths.ts'
import { setting } from '../secret.ts'
import { filled, type Task, type TaskReading, UNKNOWN } from './task.ts'

const LINES = 20_000
const RECIPES = 300
const ASSIGNMENT = /^(export[ \t]+)?([A-Za-z_][\w-]{0,100})[ \t]*:=[ \t]*(.*?)[ \t]*$/
const SETTING = /^set[ \t]+([a-z-]{1,40})(?:[ \t]*:=[ \t]*(.*?))?[ \t]*$/
const HEADER = /^@?([A-Za-z_][\w-]{0,100})((?:[ \t][^:]{0,500})?)[ \t]*:(?!=)/
const PARAMETER = /([*+]?)(\$?)([A-Za-z_][\w-]*)(?:[ \t]*=[ \t]*("[^"]*"|'[^']*'|[^\s"']+))?/g
const HOLE = /\{\{([^{}\n]{0,200})\}\}/g
const SHELL = /^#!.{0,64}\b(?:ba|da|k|z)?sh\b/

/** Expressions within one another that are followed. */
const DEPTH = 8

interface Stretch {
  /** Offsets; `end` is exclusive. */
  readonly start: number
  readonly end: number
}

interface Variable extends Stretch {
  readonly expression: string
  readonly exported: boolean
}

interface Recipe {
  readonly name: string
  readonly parameters: string
  readonly lines: Stretch[]
}

interface Justfile {
  readonly variables: ReadonlyMap<string, Variable>
  readonly settings: ReadonlyMap<string, string>
  readonly recipes: readonly Recipe[]
}

/** A justfile (just.systems/man): every line of a recipe is a shell of its own, unless its first is `#!`. */
export function readJustfile(text: Text): TaskReading {
  const { variables, settings, recipes } = partsOf(text)
  const isSet = (key: string): boolean => settings.get(key) === 'true'
  const exportsAll = isSet('export')
  const own = directoryOf(text.path)
  const file = literal(settings.get('dotenv-filename') ?? settings.get('dotenv-path') ?? "'.env'")
  const loads = isSet('dotenv-load') || settings.has('dotenv-filename') || settings.has('dotenv-path')
  const directory = literal(settings.get('working-directory') ?? "'.'")
  const environment = [...variables].flatMap(([name, { expression, exported, start, end }]): readonly [string, Setting][] =>
    (exported || exportsAll) && /^\w+$/.test(name)
      ? [[name, settingOf(name, meaning(expression, variables, new Map()), text.origin(start, end))]]
      : [],
  )
  const tasks = recipes.map((recipe): Task => {
    const defaults = defaultsOf(recipe.parameters)
    const parameters = new Map([...defaults].map(([name, given]) => [name, given.text]))
    const origin = text.origin(recipe.lines[0]?.start ?? 0, recipe.lines[0]?.end ?? 0)
    const given = [...defaults].flatMap(([name, { text: usual, exported }]): readonly [string, Setting][] =>
      exported || exportsAll ? [[name, settingOf(name, usual === UNKNOWN ? undefined : usual, origin)]] : [],
    )
    return {
      name: recipe.name,
      scripts: scriptsOf(text, recipe).map((script) => filled(script, HOLE, (expression) => meaning(expression, variables, parameters))),
      environment: new Map([...environment, ...given]),
      environmentFiles: loads && file !== undefined ? [joinPath(own, file) ?? file] : [],
      directory: directory === undefined ? undefined : joinPath(own, directory),
    }
  })
  return { tasks, problems: [] }
}

function partsOf(text: Text): Justfile {
  const variables = new Map<string, Variable>()
  const settings = new Map<string, string>()
  const recipes: Recipe[] = []
  for (const [index, start] of text.lineStarts.entries()) {
    if (index >= LINES) break
    const line = text.line(index + 1)
    const end = start + line.trimEnd().length
    if (/^[ \t]/.test(line)) {
      if (line.trim() !== '') recipes.at(-1)?.lines.push({ start: start + line.length - line.trimStart().length, end })
      continue
    }
    const short = line.slice(0, 2_000)
    const [, exported, name, expression = ''] = ASSIGNMENT.exec(short) ?? []
    const [, key, given = 'true'] = SETTING.exec(short) ?? []
    const [, called, parameters = ''] = HEADER.exec(short) ?? []
    if (name !== undefined) variables.set(name, { expression, exported: exported !== undefined, start, end })
    else if (key !== undefined) settings.set(key, given)
    else if (called !== undefined && recipes.length < RECIPES) recipes.push({ name: called, parameters, lines: [] })
  }
  return { variables, settings, recipes }
}

/** What an expression is, as a shell reads it; `undefined`: not known. */
function meaning(
  expression: string,
  variables: ReadonlyMap<string, Variable>,
  parameters: ReadonlyMap<string, string>,
  depth: number = DEPTH,
): string | undefined {
  const within = (inner: string): string | undefined => meaning(inner, variables, parameters, depth - 1)
  const plain = literal(expression)
  if (plain !== undefined) return plain
  const [, outer, fallback] = /^env(?:_var(?:_or_default)?)?\(\s*["'](\w+)["']\s*(?:,\s*(.+?))?\s*\)$/.exec(expression) ?? []
  if (outer !== undefined) {
    const otherwise = fallback === undefined ? '' : within(fallback)
    return otherwise !== undefined && /^[\w./:@%+,-]*$/.test(otherwise)
      ? `\${${outer}${fallback === undefined ? '' : `:-${otherwise}`}}`
      : undefined
  }
  if (expression === 'justfile_directory()') return '.'
  if (expression.includes('+') && depth > 0) {
    const parts = expression
      .split('+')
      .slice(0, 20)
      .map((part) => within(part.trim()))
    return parts.some((part) => part === undefined) ? undefined : parts.join('')
  }
  const given = variables.get(expression)
  return parameters.get(expression) ?? (given === undefined || depth <= 0 ? undefined : within(given.expression))
}

function literal(expression: string): string | undefined {
  const [, single, double] = /^(?:'([^']*)'|"([^"\\]*)")$/.exec(expression) ?? []
  return single ?? double
}

function settingOf(name: string, text: string | undefined, origin: FileOrigin): Setting {
  return setting(name, valueOf(text, name, origin), origin)
}

function valueOf(text: string | undefined, name: string, origin: FileOrigin): Value {
  const [, outer, fallback] = /^\$\{(\w+)(?::-([^{}]*))?\}$/.exec(text ?? '') ?? []
  if (outer !== undefined && fallback !== undefined)
    return { kind: 'environment', name: outer, fallback: { kind: 'known', value: fallback, origin }, emptyIsUnset: true, origin }
  return text === undefined || text.includes('$')
    ? { kind: 'unknown', reason: `${name} is put together by just`, origin }
    : { kind: 'known', value: text, origin }
}

/** What parameters are where the caller gives none; those that the caller has to give are not known. */
function defaultsOf(parameters: string): ReadonlyMap<string, { readonly text: string; readonly exported: boolean }> {
  return new Map(
    [...parameters.matchAll(PARAMETER)].map(([, many = '', exported = '', name = '', given]) => {
      const text = given === undefined ? (many === '*' ? '' : UNKNOWN) : (literal(given) ?? UNKNOWN)
      return [name, { text, exported: exported !== '' }]
    }),
  )
}

/** A shell's script whole; each other line for itself, with those that it goes on in. `@` and `-` are just's own. */
function scriptsOf(text: Text, { lines }: Recipe): readonly Passage[] {
  const [first] = lines
  if (first === undefined) return []
  const shebang = text.content.slice(first.start, first.end)
  if (shebang.startsWith('#!') && !SHELL.test(shebang)) return []
  const isWhole = shebang.startsWith('#!')
  const scripts: Passage[] = []
  let builder = new PassageBuilder(text)
  let isOpen = false
  for (const { start, end } of lines) {
    const line = text.content.slice(start, end)
    if (isOpen) builder.replace('\n', start, start)
    builder.copy(start + (isWhole || isOpen ? 0 : (/^[@-]+/.exec(line)?.[0].length ?? 0)), end)
    isOpen = isWhole || line.endsWith('\\')
    if (isOpen) continue
    scripts.push(builder.build())
    builder = new PassageBuilder(text)
  }
  if (isOpen) scripts.push(builder.build())
  return scripts
}
