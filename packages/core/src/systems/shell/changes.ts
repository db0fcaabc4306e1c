import { type FileOrigin, type Glob, knownText as text, nameGlob, type Value } from '../../evidence/index.ts'
import type { Passage } from '../passage.ts'
import { directoryOf, joinPath, nameOf } from '../paths.ts'
import { fieldsOf, IN_FOLDER, textOf, type Surroundings } from './expand.ts'
import { withoutSudo } from './fed.ts'
import { fileNamed, filesBelow, filesMatching, filesNamed, resolvePath } from './files.ts'
import { handedByFind, handedByXargs } from './handed.ts'
import { editedInPlace } from './in-place.ts'
import { inputText } from './load.ts'
import { patchCommand, pathsPatched } from './patches.ts'
import type { LineEdit } from './substitute.ts'
import { type CommandNode, plainText } from './syntax.ts'
import type { ShellContext } from './context.ts'
import { documentOf, isEnvironmentFile, isExample, printedBy, withoutHost } from './writes.ts'

/** A file, as a script writes it anew or changes it in place. */
export interface ChangedFile {
  /** As in `FileWrite`; with `names`, directories. */
  readonly paths: readonly string[]
  /** It may be any file below these directories that has one of the names. */
  readonly names?: readonly Pick<Glob, 'matches'>[]
  /** The whole of what is written, where that is known. */
  readonly passage?: Passage | undefined
  readonly append: boolean
  /** Whether it is what `echo` or `printf` prints. */
  readonly isPrinted?: boolean
  /** What becomes of its lines. Absent: anything. */
  readonly edit?: LineEdit | undefined
  readonly origin: FileOrigin
}

/** Programs that write files which their own words name. */
export const CHANGES = /^(?:cp|mv|scp|rsync|ln|install|tee|sponge|sed|gsed|perl|ruby|find|xargs|awk|gawk|patch|git|curl|wget)$/

const PRINTS = /^(?:echo|printf)$/

/** The files that one command writes or changes. `given`: what it reads from the command before it in a pipeline. */
export function changesOf(node: CommandNode, at: Surroundings, context: ShellContext, given?: CommandNode): readonly ChangedFile[] {
  const [first, ...rest] = withoutSudo(node.words.flatMap((word) => fieldsOf(word, at)))
  const program = nameOf(text(first) ?? '')
  const origin = at.passage.origin(node.start, node.end)
  const operands = rest.filter((value) => text(value)?.startsWith('-') !== true)
  const options = rest.flatMap((value) => (text(value)?.startsWith('-') === true ? [text(value) ?? ''] : []))
  const changed = (target: Value | undefined, more: Partial<ChangedFile> = {}): readonly ChangedFile[] => {
    const paths = (pathsOf(target, at, context) ?? []).filter((path) => !path.startsWith('/dev/'))
    return paths.length === 0 ? [] : [{ paths, append: false, origin, ...more }]
  }
  const { outputs = [] } = node
  // Once for all of them, however many there are.
  const printed = (): Passage | undefined => printedBy(given ?? node, at, context)
  const redirected = outputs.length === 0 ? undefined : printed()
  const isPrinted = PRINTS.test(plainText((given ?? node).words[0]) ?? '')
  const taken = outputs.flatMap(({ word, append }) => changed(textOf(word, at), { append, passage: redirected, isPrinted }))
  switch (program) {
    case 'scp':
    case 'rsync':
      return [...taken, ...copied(operands.map(withoutHost), at, context, origin)]
    case 'cp':
    case 'mv':
      if (options.some((option) => /^-[a-zA-Z]*n|^--no-clobber$/.test(option))) return taken
      return [...taken, ...copied(operands, at, context, origin)]
    case 'ln':
    case 'install':
      return [...taken, ...copied(withoutValues(rest), at, context, origin)]
    case 'tee':
    case 'sponge': {
      const passage = operands.length === 0 ? undefined : given === undefined ? documentOf(node, at, context) : printed()
      const append = options.includes('-a') || options.includes('--append')
      return [...taken, ...operands.flatMap((target) => changed(target, { append, passage, isPrinted }))]
    }
    case 'sed':
    case 'gsed':
    case 'perl':
    case 'ruby': {
      const { edit, files = [] } = editedInPlace(rest) ?? {}
      return [...taken, ...files.flatMap((file) => edited(file, edit, at, context, origin))]
    }
    case 'find':
    case 'xargs': {
      // Each command of a pipeline is looked at by itself before.
      if (program === 'xargs' && given === undefined && node.input === undefined) return taken
      const before = given?.words.flatMap((word) => fieldsOf(word, at)) ?? []
      const handed = program === 'find' ? handedByFind(rest) : handedByXargs(rest, before)
      const found = handed === undefined ? undefined : editedInPlace(handed.command.slice(1))
      if (handed === undefined || found === undefined || found.edit?.texts.length === 0) return taken
      const { directories, names } = handed
      const paths =
        directories.length === 0 ? resolvePath(context, '.', at.scope) : directories.flatMap((one) => pathsOf(one, at, context) ?? [])
      return [...taken, { paths, names, append: false, edit: found.edit, origin }]
    }
    case 'awk':
    case 'gawk':
      return rest.some((value) => text(value) === 'inplace') ? [...taken, ...operands.slice(2).flatMap((file) => changed(file))] : taken
    case 'patch':
    case 'git':
      return [...taken, ...patched(program, rest, node, at, context, origin)]
    case 'curl':
    case 'wget': {
      const option = program === 'curl' ? /^(?:-[a-zA-Z]*o|--output)$/ : /^(?:-[a-zA-Z]*O|--output-document)$/
      const index = rest.findIndex((value) => option.test(text(value) ?? ''))
      return index < 0 ? taken : [...taken, ...changed(rest[index + 1])]
    }
    default:
      return taken
  }
}

/** `cp FILE FILE`, `cp FILE… DIRECTORY`, `cp -r DIRECTORY DIRECTORY`. */
function copied(operands: readonly Value[], at: Surroundings, context: ShellContext, origin: FileOrigin): readonly ChangedFile[] {
  const sources = operands.slice(0, -1)
  const target = operands.at(-1)
  const into = pathsOf(target, at, context) ?? []
  const isThere = text(target)?.endsWith('/') === true || into.some((path) => context.isDirectory?.(path) === true)
  const changed = (path: string, targets: readonly string[]): readonly ChangedFile[] => {
    // An example is copied once, where there is none yet.
    const paths = isExample(path) ? targets.filter((one) => !isEnvironmentFile(one)) : targets
    return paths.length === 0 ? [] : [{ paths, append: false, passage: context.sourced?.(path), origin }]
  }
  return sources.flatMap((from): readonly ChangedFile[] => {
    const name = text(from) ?? ''
    const within = (path: string): readonly string[] => into.flatMap((directory) => joinPath(directory, path) ?? [])
    if (/[*?[]/.test(name)) return (pathsOf(from, at, context) ?? []).flatMap((path) => changed(path, within(nameOf(path))))
    const [paths = []] = filesNamed(context, from, at.scope)
    const tree = paths.find((path) => context.isDirectory?.(path) === true)
    if (tree === undefined) {
      const targets = isThere || sources.length > 1 ? (name === '' ? [] : within(nameOf(name))) : into
      return changed(paths.find((path) => context.files?.has(path) === true) ?? '', targets)
    }
    // A directory that is there takes it as one more, unless what it has is copied, or it was taken away before.
    return filesBelow(tree, context.files).flatMap((path) => {
      const below = path.slice(tree === '' ? 0 : tree.length + 1)
      return changed(path, [...(isThere ? within(`${nameOf(tree)}/${below}`) : []), ...within(below)])
    })
  })
}

/** What stands behind the options of `install` that take a word (`-m 644`) is none of its files. */
function withoutValues(words: readonly Value[]): readonly Value[] {
  return words.filter((word, index) => text(word)?.startsWith('-') !== true && !/^-[a-zA-Z]*[mogS]$/.test(text(words[index - 1]) ?? ''))
}

/** A file whose lines are changed. Where only a part of its name is known, it may be any that has this part. */
function edited(
  file: Value,
  edit: LineEdit | undefined,
  at: Surroundings,
  context: ShellContext,
  origin: FileOrigin,
): readonly ChangedFile[] {
  if (edit?.texts.length === 0) return []
  const common = { append: false, edit, origin }
  const pattern = text(file) ?? ''
  if (/[*?[]/.test(pattern)) {
    const matched = pathsOf(file, at, context)
    if (matched !== undefined) return matched.map((path) => ({ ...common, paths: [path] }))
    return [{ ...common, paths: resolvePath(context, directoryOf(pattern), at.scope), names: [nameGlob(nameOf(pattern))] }]
  }
  return filesNamed(context, file, at.scope).flatMap((paths): readonly ChangedFile[] => {
    if (paths !== undefined) return [{ ...common, paths }]
    // Of every file nothing is left that could be told.
    if (edit === undefined) return []
    const [head, tail] = file.kind === 'joined' ? [file.parts[0], file.parts.at(-1)].map((part) => text(part) ?? '') : []
    const ending = nameOf(tail ?? '')
    return [
      { ...common, paths: resolvePath(context, directoryOf(head ?? ''), at.scope), names: [{ matches: (name) => name.endsWith(ending) }] },
    ]
  })
}

/** The files that a patch changes, where the patch is known. */
function patched(
  program: string,
  words: readonly Value[],
  node: CommandNode,
  at: Surroundings,
  context: ShellContext,
  origin: FileOrigin,
): readonly ChangedFile[] {
  const command = patchCommand(program, words)
  if (command === undefined) return []
  const { patches, original, strip } = command
  const named = original === undefined ? [] : [pathsOf(original, at, context) ?? []]
  const texts = patches.length === 0 ? [inputText(node.input, at, context)] : patches.map((patch) => fileNamed(context, patch, at.scope))
  const told = texts.flatMap((passage) => (passage === undefined ? [] : pathsPatched(passage, strip)))
  const paths = told.map((ways) => ways.flatMap((path) => resolvePath(context, path, at.scope)))
  return [...named, ...paths].map((one) => ({ paths: one, append: false, origin }))
}

function pathsOf(target: Value | undefined, at: Surroundings, context: ShellContext): readonly string[] | undefined {
  const name = text(target) ?? ''
  if (/[*?[]/.test(name)) return filesMatching(context, name, at.scope)?.map((path) => path.replace(IN_FOLDER, ''))
  return filesNamed(context, target, at.scope)[0]
}
