import { type Setting, type Text, type Value } from '../../evidence/index.ts'
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

interface Recipe {
  readonly name: string
  readonly parameters: string
  /** Offsets of its lines, ends exclusive. */
  readonly lines: { readonly start: number; readonly end: number }[]
}

/** A justfile (just.systems/man): every line of a recipe is a shell of its own, unless its first is `#!`. */
export function readJustfile(text: Text): TaskReading {
  const variables = new Map<
    string,
    { readonly expression: string; readonly exported: boolean; readonly start: number; readonly end: number }
  >()
  const settings = new Map<string, string>()
  const recipes: Recipe[] = []
  for (const [index, start] of text.lineStarts.entries()) {
    if (index >= LINES) break
    const line = text.line(index + 1)
    const end = start + line.trimEnd().length
    const recipe = recipes.at(-1)
    if (/^[ \t]/.test(line)) {
      if (line.trim() !== '') recipe?.lines.push({ start: start + line.length - line.trimStart().length, end })
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
  const isSet = (key: string): boolean => settings.get(key) === 'true'
  const meaning = (expression: string, inside: ReadonlyMap<string, string>, depth: number): string | undefined => {
    const plain = literal(expression)
    if (plain !== undefined) return plain
    const [, outer, fallback] = /^env(?:_var(?:_or_default)?)?\(\s*["'](\w+)["']\s*(?:,\s*(.+?))?\s*\)$/.exec(expression) ?? []
    if (outer !== undefined) {
      const otherwise = fallback === undefined ? '' : meaning(fallback, inside, depth - 1)
      return otherwise !== undefined && /^[\w./:@%+,-]*$/.test(otherwise)
        ? `\${${outer}${fallback === undefined ? '' : `:-${otherwise}`}}`
        : undefined
    }
    if (/^justfile_directory\(\)$/.test(expression)) return '.'
    if (expression.includes('+') && depth > 0) {
      const parts = expression
        .split('+')
        .slice(0, 20)
        .map((part) => meaning(part.trim(), inside, depth - 1))
      return parts.some((part) => part === undefined) ? undefined : parts.join('')
    }
    const given = variables.get(expression)
    return inside.get(expression) ?? (given === undefined || depth <= 0 ? undefined : meaning(given.expression, inside, depth - 1))
  }
  const own = directoryOf(text.path)
  const environment = (inside: ReadonlyMap<string, string>): ReadonlyMap<string, Setting> =>
    new Map(
      [...variables].flatMap(([name, { expression, exported, start, end }]): readonly [string, Setting][] => {
        if (!(exported || isSet('export')) || !/^\w+$/.test(name)) return []
        const origin = text.origin(start, end)
        const value = valueOf(meaning(expression, inside, 8), name, origin)
        return [[name, setting(name, value, origin)]]
      }),
    )
  const file = literal(settings.get('dotenv-filename') ?? settings.get('dotenv-path') ?? "'.env'")
  const loads = isSet('dotenv-load') || settings.has('dotenv-filename') || settings.has('dotenv-path')
  const directory = literal(settings.get('working-directory') ?? "'.'")
  const tasks = recipes.map((recipe): Task => {
    const inside = defaultsOf(recipe.parameters)
    const parameters = new Map([...inside].map(([name, given]) => [name, given.text]))
    const outer = environment(new Map())
    const own2 = [...inside].flatMap(([name, given]): readonly [string, Setting][] => {
      const origin = text.origin(recipe.lines[0]?.start ?? 0, recipe.lines[0]?.end ?? 0)
      return given.exported || isSet('export')
        ? [[name, setting(name, valueOf(given.text === UNKNOWN ? undefined : given.text, name, origin), origin)]]
        : []
    })
    return {
      name: recipe.name,
      scripts: scriptsOf(text, recipe).map((script) => filled(script, HOLE, (expression) => meaning(expression, parameters, 8))),
      environment: new Map([...outer, ...own2]),
      environmentFiles: loads && file !== undefined ? [joinPath(own, file) ?? file] : [],
      directory: directory === undefined ? undefined : joinPath(own, directory),
    }
  })
  return { tasks, problems: [] }
}

function literal(expression: string): string | undefined {
  const [, single, double] = /^(?:'([^']*)'|"([^"\\]*)")$/.exec(expression) ?? []
  return single ?? double
}

function valueOf(text: string | undefined, name: string, origin: ReturnType<Text['origin']>): Value {
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
