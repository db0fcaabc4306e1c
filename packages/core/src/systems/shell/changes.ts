import type { FileOrigin, Value } from '../../evidence/index.ts'
import type { Passage } from '../passage.ts'
import { joinPath, nameOf } from '../paths.ts'
import { text } from './builtin.ts'
import { fieldsOf, IN_FOLDER, textOf, type Surroundings } from './expand.ts'
import { withoutSudo } from './fed.ts'
import { filesBelow, filesMatching, filesNamed } from './files.ts'
import { textsChanged } from './substitute.ts'
import { type CommandNode, plainText } from './syntax.ts'
import type { ShellContext } from './walk.ts'
import { documentOf, isEnvironmentFile, printedBy } from './writes.ts'

/** A file that is none of variables, as a script writes it anew or changes it in place. */
export interface ChangedFile {
  /** As in `FileWrite`. */
  readonly paths: readonly string[]
  /** The whole of what is written, where that is known. */
  readonly passage?: Passage | undefined
  readonly append: boolean
  /** Whether it is what `echo` or `printf` prints. */
  readonly isPrinted?: boolean
  /** Every line that it changes has one of these texts in it. Absent: it may change any. */
  readonly within?: readonly string[] | undefined
  readonly origin: FileOrigin
}

/** Programs that write files which their own words name. */
export const CHANGES = /^(?:cp|mv|ln|install|tee|sponge|sed|gsed|perl|ruby|awk|gawk|patch|curl|wget)$/

const PRINTS = /^(?:echo|printf)$/
const IN_PLACE = /^-[a-zA-Z0]*i|^--in-place/

/** The files that one command writes or changes. `given`: what it reads from the command before it in a pipeline. */
export function changesOf(node: CommandNode, at: Surroundings, context: ShellContext, given?: CommandNode): readonly ChangedFile[] {
  const [first, ...rest] = withoutSudo(node.words.flatMap((word) => fieldsOf(word, at)))
  const program = nameOf(text(first) ?? '')
  const origin = at.passage.origin(node.start, node.end)
  const operands = rest.filter((value) => text(value)?.startsWith('-') !== true)
  const options = rest.flatMap((value) => (text(value)?.startsWith('-') === true ? [text(value) ?? ''] : []))
  const changed = (target: Value | undefined, more: Partial<ChangedFile> = {}): readonly ChangedFile[] => {
    const paths = (pathsOf(target, at, context) ?? []).filter((path) => !isEnvironmentFile(path) && !path.startsWith('/dev/'))
    return paths.length === 0 ? [] : [{ paths, append: false, origin, ...more }]
  }
  const { outputs = [] } = node
  // Once for all of them, however many there are.
  const printed = (): Passage | undefined => printedBy(given ?? node, at, context)
  const redirected = outputs.length === 0 ? undefined : printed()
  const isPrinted = PRINTS.test(plainText((given ?? node).words[0]) ?? '')
  const taken = outputs.flatMap(({ word, append }) => changed(textOf(word, at), { append, passage: redirected, isPrinted }))
  switch (program) {
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
      if (!options.some((option) => IN_PLACE.test(option))) return taken
      const { scripts, files } = scriptsAndFiles(rest)
      const within = textsChanged(scripts)
      return [...taken, ...files.flatMap((file) => changed(file, { within }))]
    }
    case 'awk':
    case 'gawk':
      return rest.some((value) => text(value) === 'inplace') ? [...taken, ...operands.slice(2).flatMap((file) => changed(file))] : taken
    case 'patch':
      return [...taken, ...changed(operands[0])]
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
    const paths = targets.filter((one) => !isEnvironmentFile(one))
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

function pathsOf(target: Value | undefined, at: Surroundings, context: ShellContext): readonly string[] | undefined {
  const name = text(target) ?? ''
  if (/[*?[]/.test(name)) return filesMatching(context, name, at.scope)?.map((path) => path.replace(IN_FOLDER, ''))
  return filesNamed(context, target, at.scope)[0]
}

/** The words of `sed -i` and `perl -pi`: what changes the lines, and the files. */
function scriptsAndFiles(words: readonly Value[]): { readonly scripts: readonly Value[]; readonly files: readonly Value[] } {
  const scripts: Value[] = []
  const files: Value[] = []
  let isOpen = false
  for (let index = 0; index < words.length; index++) {
    const word = words[index]
    const option = text(word)
    if (word === undefined || option === '') continue
    if (option?.startsWith('-') !== true) {
      files.push(word)
      continue
    }
    if (/^-(?:[a-zA-Z0]*[eE]|-expression)$/.test(option) && !/^-[Er]+$/.test(option)) {
      const script = words[++index]
      if (script !== undefined) scripts.push(script)
    } else if (/^-[a-z]*f|^--(?:file|expression)/.test(option)) isOpen = true
  }
  if (isOpen) return { scripts: [], files }
  const [script, ...others] = files
  return scripts.length > 0 || script === undefined ? { scripts, files } : { scripts: [script], files: others }
}
