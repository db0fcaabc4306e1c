import { ABSENT, type FileOrigin, resolveValue, type Value } from '../../evidence/index.ts'
import { type Passage, passageAt, PassageBuilder } from '../passage.ts'
import { isWithheld, literalText } from '../secret.ts'
import { fieldsOf, IN_FOLDER, known, partValue, textOf, type Surroundings } from './expand.ts'
import { withoutSudo } from './fed.ts'
import { filesNamed } from './files.ts'
import { inputText } from './load.ts'
import { parseDocument } from './parse.ts'
import { isList } from './scope.ts'
import type { CommandNode, Input, Part } from './syntax.ts'
import type { ShellContext } from './context.ts'
import { OPEN as NOT_KNOWN } from './writes.ts'

/** A file that a script writes with a here-document. */
export interface WrittenDocument {
  /** Relative to the folder or absolute, `…` in it for what is not known. */
  readonly path: string
  readonly passage: Passage
  /** The first of what the script puts into it without its being known what. */
  readonly unknown?: FileOrigin
}

/** What `echo` and `printf` print into a file. */
export function printedDocument(path: string, printed: Passage, origin: FileOrigin): WrittenDocument {
  const isWhole = !printed.content.includes(NOT_KNOWN)
  const passage = passageAt(printed.content.slice(0, LONGEST).replaceAll(NOT_KNOWN, OPEN), origin)
  return { path, passage, ...(isWhole ? {} : { unknown: origin }) }
}

/** So much of a document is read, in UTF-16 code units. */
const LONGEST = 65_536

/** The files that one command writes with a here-document. `given`: the command before it in a pipeline, whose document it is. */
export function documentsOf(node: CommandNode, at: Surroundings, context: ShellContext, given = node): readonly WrittenDocument[] {
  const { input } = given
  if (input?.kind !== 'document') return []
  const paths = targetsOf(node, given, at).flatMap((target) => pathOf(target, at, context))
  if (paths.length === 0) return []
  const end = Math.min(input.end, input.start + LONGEST)
  const rest = end < input.end ? { unknown: at.passage.origin(end, input.end) } : {}
  const text = { ...rest, ...documentText({ ...input, end }, at, context) }
  return paths.map((path) => ({ path, ...text }))
}

/** What `tee FILE…` and `cat > FILE` write to. */
function targetsOf(node: CommandNode, given: CommandNode, at: Surroundings): readonly Value[] {
  const [program, ...words] = withoutSudo(node.words.flatMap((word) => fieldsOf(word, at))).map((value) => ({
    value,
    text: literalText(value),
  }))
  if (program?.text === 'tee') return words.filter(({ text }) => !text.startsWith('-')).map(({ value }) => value)
  const isCopy = program?.text === 'cat' && (given !== node || words.length === 0 || words[0]?.text === '-')
  return isCopy ? (node.outputs ?? []).map(({ word }) => textOf(word, at)) : []
}

function pathOf(target: Value, at: Surroundings, context: ShellContext): readonly string[] {
  const [likeliest] = filesNamed(context, target, at.scope)[0] ?? []
  const path = likeliest ?? literalText(target)
  return path.includes(IN_FOLDER) || path === '' ? [] : [path]
}

type Document = Extract<Input, { readonly kind: 'document' }>

function documentText(input: Document, at: Surroundings, context: ShellContext): Omit<WrittenDocument, 'path'> {
  const whole = inputText(input, at, context)
  const { passage, ...rest } = whole === undefined ? expanded(input, at) : { passage: whole }
  return { passage: input.tabs ? withoutTabs(passage) : passage, ...rest }
}

/** What stands for a part that is not known: no port, no address, and nothing that begins or ends something. */
const OPEN = '…'

function expanded({ start, end }: Document, at: Surroundings): Omit<WrittenDocument, 'path'> {
  const { passage } = at
  const builder = new PassageBuilder(passage)
  let unknown: FileOrigin | undefined
  for (const part of parseDocument(passage.content, start, end).parts) {
    const value = valueIn(part, at)
    const text = value.kind === 'known' ? textOfPath(String(value.value)) : OPEN
    if (value.kind !== 'known' && !isWithheld(value)) unknown ??= passage.origin(part.start, part.end)
    if (text === passage.content.slice(part.start, part.end)) builder.copy(part.start, part.end)
    else builder.replace(text, part.start, part.end)
  }
  return { passage: builder.build(), ...(unknown === undefined ? {} : { unknown }) }
}

/** What is put in for a part, where it is one thing whatever the script is given; what is not set may be by whoever calls it. */
function valueIn(part: Part, at: Surroundings): Value {
  const origin = at.passage.origin(part.start, part.end)
  const several: Value = { kind: 'unknown', reason: 'several values', origin }
  const value = part.kind === 'text' ? known(part.text, origin) : partValue(part, at)
  if (isList(value)) return several
  const { unseen } = at.scope
  const surroundings = { environment: new Map(), arguments: new Map(), ...(unseen === undefined ? {} : { unseen }) }
  const [only, other] = resolveValue(value, surroundings)
  if (only === undefined || other !== undefined) return several
  return only.kind === 'absent' ? ABSENT : only.kind === 'known' ? known(String(only.value), origin) : only
}

/** The folder is a directory of a machine whose name is not known. */
const textOfPath = (text: string): string => text.replaceAll(IN_FOLDER, '/')

/** `<<-`: the tabs that its lines begin with are taken away. */
function withoutTabs(passage: Passage): Passage {
  const builder = new PassageBuilder(passage)
  let from = 0
  for (const { index, 0: tabs } of passage.content.matchAll(/^\t+/gm)) {
    builder.copy(from, index)
    from = index + tabs.length
  }
  builder.copy(from, passage.content.length)
  return builder.build()
}
