import { type FileOrigin, knownText, type Value } from '../../evidence/index.ts'
import { type Passage, passageAt } from '../passage.ts'
import { nameOf } from '../paths.ts'
import { fieldsOf, textOf, type Surroundings } from './expand.ts'
import { expandedDocument, withoutSudo } from './fed.ts'
import { fileNamed, filesNamed } from './files.ts'
import { type Assigned, assignmentsIn, inputText } from './load.ts'
import type { CommandNode } from './syntax.ts'
import type { ShellContext } from './context.ts'

/** What a script writes into a file of variables. */
export interface FileWrite {
  /** Where the file may be, relative to the folder or absolute, likeliest first. */
  readonly paths: readonly string[]
  readonly assigned: readonly Assigned[]
  /** The whole of what is written, where that is known. */
  readonly passage: Passage | undefined
  readonly append: boolean
  /** What it was copied from shows which variables there are. */
  readonly fromExample: boolean
  readonly certain: boolean
}

/** Files that programs and shells load variables from. */
const ENVIRONMENT_FILE = /(?:^|\/)(?:\.?[\w.-]{0,100}\.?env(?:\.[\w.-]{1,100})?|\.flaskenv|\.envrc)$/i

export function isEnvironmentFile(path: string): boolean {
  return path.length <= 512 && ENVIRONMENT_FILE.test(path)
}

/** Files that show which variables there are; nothing loads them. */
const EXAMPLE = /(?:^|[._-])(?:example|sample|template|tmpl|tpl|dist|default|defaults|schema)(?:[._-]|$)/i

export function isExample(path: string): boolean {
  return EXAMPLE.test(nameOf(path))
}

/** What stands for a part that is not known: no shell knows it beforehand either. */
export const OPEN = '$(:)'

/** The files of variables that one command writes. `given`: what it reads from the command before it in a pipeline. */
export function writesOf(
  node: CommandNode,
  at: Surroundings,
  context: ShellContext,
  certain: boolean,
  given?: CommandNode,
): readonly FileWrite[] {
  const fields = withoutSudo(node.words.flatMap((word) => fieldsOf(word, at)))
  const [first, ...rest] = fields
  const program = nameOf(knownText(first) ?? '')
  const operands = rest.filter((value) => knownText(value)?.startsWith('-') !== true)
  const options = rest.flatMap((value) => (knownText(value)?.startsWith('-') === true ? [knownText(value) ?? ''] : []))
  const into = (target: Value | undefined, passage: Passage | undefined, append: boolean, fromExample = false): readonly FileWrite[] => {
    const paths = (filesNamed(context, target, at.scope)[0] ?? []).filter(isEnvironmentFile)
    if (paths.length === 0) return []
    return [{ paths, passage, assigned: passage === undefined ? [] : assignmentsIn(passage), append, fromExample, certain }]
  }
  const source = given === undefined ? undefined : printedBy(given, at, context)
  switch (program) {
    case 'cp':
    case 'mv':
    case 'ln':
    case 'install':
    case 'scp':
    case 'rsync': {
      const [from, to, more] = operands.map(withoutHost)
      if (from === undefined || to === undefined || more !== undefined) return []
      return into(to, fileNamed(context, from, at.scope), false, isExample(knownText(from) ?? ''))
    }
    case 'tee':
      return operands.flatMap((to) =>
        into(to, source ?? documentOf(node, at, context), options.includes('-a') || options.includes('--append')),
      )
    case 'sed':
      return options.some((option) => /^-[a-zA-Z]*i|^--in-place/.test(option)) ? edited(operands, at, context, certain) : []
    default: {
      const { outputs = [] } = node
      // Once for all of them, however many there are.
      const printed = source ?? (outputs.length === 0 ? undefined : printedBy(node, at, context))
      return outputs.flatMap(({ word, append }) => into(textOf(word, at), printed, append))
    }
  }
}

/** `scp FILE HOST:PATH`: what is deployed there is the folder. */
export function withoutHost(operand: Value): Value {
  const path = /^(?:[\w.@-]{1,200}|\[[\d:a-f]{2,40}\]):(\/[^]*)$/.exec(knownText(operand) ?? '')?.[1]
  return path === undefined || operand.kind !== 'known' ? operand : { ...operand, value: path }
}

/** `sed -i SCRIPT FILE…`: the variables that its script names are something else then. */
function edited(operands: readonly Value[], at: Surroundings, context: ShellContext, certain: boolean): readonly FileWrite[] {
  const scripts = operands.filter((value) => !isEnvironmentFile(knownText(value) ?? ''))
  const named = new Map<string, FileOrigin>()
  for (const script of scripts) {
    const parts = script.kind === 'joined' ? script.parts : [script]
    for (const part of parts) {
      if (part.kind === 'absent') continue
      for (const [name] of (knownText(part) ?? '').slice(0, 4096).matchAll(/\b[A-Z][A-Z0-9_]{2,60}\b/g)) named.set(name, part.origin)
    }
  }
  const assigned = [...named].map(
    ([name, origin]): Assigned => ({ name, value: { kind: 'unknown', reason: 'a script changes it in its file', origin }, origin }),
  )
  const files = operands.filter((value) => isEnvironmentFile(knownText(value) ?? ''))
  return files.flatMap((file) =>
    (filesNamed(context, file, at.scope)[0] ?? []).map((path) => ({
      paths: [path],
      passage: undefined,
      assigned,
      append: true,
      fromExample: false,
      certain,
    })),
  )
}

/** What a command prints, for those that files are written with; parts that are not known stand open. */
export function printedBy(node: CommandNode, at: Surroundings, context: ShellContext): Passage | undefined {
  const [first, ...rest] = node.words.flatMap((word) => fieldsOf(word, at))
  const origin = at.passage.origin(node.start, node.end)
  switch (knownText(first)) {
    case undefined:
      return undefined
    case 'cat': {
      const [file, other] = rest
      if (file === undefined) return documentOf(node, at, context)
      return other === undefined ? fileNamed(context, file, at.scope) : undefined
    }
    case 'echo': {
      const isEscaped = rest.some((value) => /^-[neE]*e/.test(knownText(value) ?? ''))
      const words = rest.filter((value) => !/^-[neE]+$/.test(knownText(value) ?? ''))
      const line = words.map(written).join(' ')
      return passageAt(`${isEscaped ? unescaped(line) : line}\n`, origin)
    }
    case 'printf': {
      const [format, ...values] = rest
      return format === undefined ? undefined : passageAt(formatted(unescaped(written(format)), values), origin)
    }
    default:
      return undefined
  }
}

export function documentOf(node: CommandNode, at: Surroundings, context: ShellContext): Passage | undefined {
  return node.input === undefined ? undefined : (inputText(node.input, at, context) ?? expandedDocument(node.input, at))
}

/** The format is used again as long as there are values (XCU, printf). */
function formatted(format: string, values: readonly Value[]): string {
  const places = (format.match(/%[sdi]/g) ?? []).length
  if (places === 0) return format
  const rounds = Math.min(64, Math.max(1, Math.ceil(values.length / places)))
  let next = 0
  return Array.from({ length: rounds }, () =>
    format.replace(/%[sdi]/g, () => {
      const value = values[next++]
      return value === undefined ? '' : written(value)
    }),
  ).join('')
}

const unescaped = (line: string): string => line.replaceAll('\\n', '\n').replaceAll('\\t', '\t')

function written(value: Value): string {
  return value.kind === 'joined' ? value.parts.map(written).join('') : value.kind === 'absent' ? '' : (knownText(value) ?? OPEN)
}
