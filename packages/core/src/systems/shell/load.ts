import type { FileOrigin, Value } from '../../evidence/index.ts'
import { parseEnvironment } from '../dotenv/parse.ts'
import { partOf, type Passage, passageAt } from '../passage.ts'
import { literalText } from '../secret.ts'
import { fieldsOf, known, textOf, type Surroundings } from './expand.ts'
import { fileNamed, filesNamed, firstFile } from './files.ts'
import { outputOf } from './output.ts'
import type { Input, Node, SubstitutionPart, WordSyntax } from './syntax.ts'
import { plainText } from './syntax.ts'
import type { ShellContext } from './context.ts'

/** The longest text of a file that is put into a script, in UTF-16 code units. */
const LONGEST = 4096

/** What a command prints that hands on the lines of files as they are. */
export interface Printed {
  readonly files: readonly Passage[]
  /** `false`: some lines may be left out. */
  readonly isWhole: boolean
  /** Whether each line has `export` put before it. */
  readonly exports: boolean
  /** Whether nothing but the files' own text is printed. */
  readonly isPlain: boolean
  /** Files that are named, but are not in the folder. */
  readonly missing: readonly string[]
}

const NOTHING: Printed = { files: [], isWhole: true, exports: false, isPlain: true, missing: [] }

type CommandNode = Extract<Node, { readonly kind: 'command' }>

/** The lines of files that a command prints; `undefined`: it prints something else, or which is not known. */
export function printedFiles(node: Node, at: Surroundings, context: ShellContext): Printed | undefined {
  // Within its words no further files are looked for: substitutions in one another would be gone through again at every depth.
  return printedIn(node, { ...at, words: () => undefined, output: outputOf }, context)
}

function printedIn(node: Node, at: Surroundings, context: ShellContext): Printed | undefined {
  switch (node.kind) {
    case 'sequence': {
      const [only] = node.items
      return only !== undefined && node.items.length === 1 ? printedIn(only.node, at, context) : undefined
    }
    case 'pipeline': {
      let all: Printed | undefined = NOTHING
      for (const part of node.nodes) {
        const next: Printed | undefined = part.kind === 'command' ? printedBy(part, at, context) : undefined
        if (next === undefined || all === undefined) return undefined
        all = {
          files: [...all.files, ...next.files],
          isWhole: all.isWhole && next.isWhole,
          exports: all.exports || next.exports,
          isPlain: all.isPlain && next.isPlain,
          missing: [...all.missing, ...next.missing],
        }
      }
      return all.files.length + all.missing.length === 0 ? undefined : all
    }
    case 'command': {
      const printed = printedBy(node, at, context)
      return printed === undefined || printed.files.length + printed.missing.length === 0 ? undefined : printed
    }
    default:
      return undefined
  }
}

interface Filter {
  /** Words before the files that are none: a pattern, a program. */
  readonly own: number
  /** Whether files follow at all. */
  readonly takesFiles: boolean
  /** Whether it hands on every line that sets something; `undefined`: it makes other lines of them. */
  readonly keeps: (words: readonly string[]) => boolean | undefined
  /** Whether what it prints is the text itself. */
  readonly isPlain?: boolean
}

/** Programs that print the lines of files, by what they leave of them (their manual pages). */
const FILTERS: Readonly<Record<string, Filter>> = {
  cat: { own: 0, takesFiles: true, keeps: () => true, isPlain: true },
  grep: { own: 1, takesFiles: true, keeps: keepsAssignments },
  egrep: { own: 1, takesFiles: true, keeps: keepsAssignments },
  sed: { own: 1, takesFiles: true, keeps: keepsNames },
  tr: {
    own: 0,
    takesFiles: false,
    keeps: (words) => (words.some((word) => /[A-Za-z0-9]{2}|[A-Za-qs-z0-9]-/.test(word.replace(/^-d/, ''))) ? undefined : true),
  },
  xargs: { own: 0, takesFiles: false, keeps: (words) => (words.every((word) => /^-|^\\n$|^\d+$|^echo$/.test(word)) ? true : undefined) },
  sort: { own: 0, takesFiles: true, keeps: () => true },
  head: { own: 0, takesFiles: true, keeps: () => false },
  tail: { own: 0, takesFiles: true, keeps: () => false },
}

function keepsAssignments(words: readonly string[]): boolean {
  const inverted = words.some((word) => /^-[a-zA-Z]*v|^--invert-match$/.test(word))
  const patterns = words.filter((word) => !word.startsWith('-'))
  return inverted
    ? patterns.every((word) => !/[A-Za-z0-9]{2}/.test(word.replace(/\[:\w+:\]/g, '')))
    : patterns.every((word) => word === '=')
}

/** A `sed` script that deletes lines, takes comments away, quotes, or puts `export` in front: it has no other word, and no digit but those of groups. */
function keepsNames(words: readonly string[]): true | undefined {
  const isOther = (word: string): boolean => /[A-Za-z_]{2}|(?<!\\)\d/.test(word.replace(/\[:\w+:\]|export /g, ''))
  return words.some((word) => !word.startsWith('--') && isOther(word)) ? undefined : true
}

function printedBy(node: CommandNode, at: Surroundings, context: ShellContext): Printed | undefined {
  const isInput = node.words.length === 0 && node.assignments.length === 0
  const name = isInput ? 'cat' : plainText(node.words[0])
  const filter = name !== undefined && Object.hasOwn(FILTERS, name) ? FILTERS[name] : undefined
  if (filter === undefined) return undefined
  const fields = node.words.slice(1).flatMap((word) => fieldsOf(word, at))
  const isOption = (value: Value): boolean => value.kind === 'known' && /^-./.test(String(value.value))
  const positional = fields.filter((value) => !isOption(value))
  const isGiven = fields.some((value) => /^(?:-[a-zA-Z]*[ef]|--expression|--regexp)$/.test(literalText(value)))
  const own = filter.own === 0 ? [] : positional.slice(0, isGiven ? positional.length - 1 : filter.own)
  const named: readonly (Value | undefined)[] = filter.takesFiles ? positional.slice(own.length) : []
  const given = node.input?.kind === 'file' ? [...named, textOf(node.input.word, at)] : named
  const words = [...fields.filter(isOption), ...(filter.takesFiles ? own : positional)].map((value) => literalText(value))
  const keeps = filter.keeps(words)
  if (keeps === undefined) return undefined
  const files: Passage[] = []
  const missing: string[] = []
  for (const value of given) {
    const [paths, other] = filesNamed(context, value, at.scope)
    if (paths === undefined || other !== undefined) return undefined
    const file = firstFile(context, paths)
    if (file !== undefined) files.push(file)
    else missing.push(...paths.slice(0, 1))
  }
  return { files, isWhole: keeps, exports: words.some((word) => word.includes('export ')), isPlain: filter.isPlain === true, missing }
}

export interface Assigned {
  readonly name: string
  readonly value: Value
  readonly origin: FileOrigin
}

/** A file that many commands load is read once. */
const ASSIGNED = new WeakMap<Passage, readonly Assigned[]>()

/** What the lines `NAME=value` of a file set; lines of another kind set nothing. */
export function assignmentsIn(passage: Passage): readonly Assigned[] {
  const before = ASSIGNED.get(passage)
  if (before !== undefined) return before
  const found = readAssignments(passage)
  ASSIGNED.set(passage, found)
  return found
}

function readAssignments(passage: Passage): readonly Assigned[] {
  return parseEnvironment(passage, 'node').lines.flatMap(({ name, value, start, end }): readonly Assigned[] => {
    if (value === undefined || !/^[A-Za-z_]\w*$/.test(name)) return []
    const origin = passage.origin(start, end)
    const { content } = value
    if (/[$`]/.test(content))
      return [{ name, value: { kind: 'unknown', reason: 'a file sets it by what is not followed', origin }, origin }]
    return [{ name, value: known(content, content === '' ? origin : value.origin(0, content.length)), origin }]
  })
}

/** The words that an unquoted substitution becomes, where it prints a file: `env $(cat deploy.conf) …`. */
export function wordsPrinted(part: SubstitutionPart, at: Surroundings, context: ShellContext): readonly Value[] | undefined {
  if (part.process || part.quoted) return undefined
  const printed = printedFiles(part.body, at, context)
  if (printed === undefined || !printed.isWhole || printed.exports || printed.missing.length > 0) return undefined
  const found: Value[] = []
  for (const file of printed.files) {
    if (file.content.length > LONGEST) return undefined
    const lines = file.content.split('\n').filter((line) => /^\s*[^\s#]/.test(line))
    const assigned = assignmentsIn(file)
    if (lines.length === assigned.length && assigned.every(({ value }) => value.kind === 'known' && !/\s/.test(String(value.value)))) {
      found.push(
        ...assigned.map(({ name, value, origin }) =>
          known(`${name}=${literalText(value)}`, value.kind === 'known' ? value.origin : origin),
        ),
      )
    } else if (printed.isPlain && !/#/.test(file.content)) {
      found.push(
        ...[...file.content.matchAll(/\S+/g)].map((match) => known(match[0], file.origin(match.index, match.index + match[0].length))),
      )
    } else return undefined
  }
  return found
}

/** The text that a substitution puts in its place, where it prints one file as it is: `$(cat host.txt)`, `$(< host.txt)`. */
export function textPrinted(part: SubstitutionPart, at: Surroundings, context: ShellContext): Value | undefined {
  if (part.process) return undefined
  const printed = printedFiles(part.body, at, context)
  const [file, other] = printed?.files ?? []
  if (printed?.isPlain !== true || printed.missing.length > 0 || file === undefined || other !== undefined) return undefined
  if (file.content.length > LONGEST) return undefined
  const text = file.content.replace(/[\r\n]+$/, '')
  return text.includes('\u0000') ? undefined : known(text, file.origin(0, text.length))
}

/** The text that a command is given to read, where it is known. */
export function inputText(input: Input | undefined, at: Surroundings, context: ShellContext): Passage | undefined {
  switch (input?.kind) {
    case undefined:
      return undefined
    case 'document': {
      const document = partOf(at.passage, input.start, input.end)
      return !input.literal && /[$`\\]/.test(document.content) ? undefined : document
    }
    case 'text': {
      const text = textOf(input.word, at)
      return text.kind === 'known' ? passageAt(String(text.value), text.origin) : undefined
    }
    case 'file': {
      const process = processIn(input.word)
      if (process === undefined) return fileNamed(context, textOf(input.word, at), at.scope)
      const printed = printedFiles(process.body, at, context)
      const [file, other] = printed?.files ?? []
      return printed?.isWhole === true && !printed.exports && printed.missing.length === 0 && other === undefined ? file : undefined
    }
    default:
      return input satisfies never
  }
}

/** `<(…)` or `"$(…)"`, where the word is nothing else. */
export function substitutionIn(word: WordSyntax | undefined): SubstitutionPart | undefined {
  const [part, other] = word?.parts ?? []
  return part?.kind === 'substitution' && other === undefined ? part : undefined
}

function processIn(word: WordSyntax): SubstitutionPart | undefined {
  const part = substitutionIn(word)
  return part?.process === true ? part : undefined
}

/** The name of the program that a substitution runs first. */
export function firstProgram(node: Node | undefined): string | undefined {
  let first = node
  while (first !== undefined && first.kind !== 'command') {
    if (first.kind === 'sequence') first = first.items[0]?.node
    else if (first.kind === 'pipeline') [first] = first.nodes
    else if (first.kind === 'chain') first = first.left
    else return undefined
  }
  return plainText(first?.words[0])
}
