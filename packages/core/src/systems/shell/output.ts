import { knownText, type Value } from '../../evidence/index.ts'
import { joinPath, nameOf } from '../paths.ts'
import { dirnameOf, fieldsOf, IN_FOLDER, known, placeInFolder, type Surroundings } from './expand.ts'
import type { Node, SubstitutionPart } from './syntax.ts'
import { plainText } from './syntax.ts'

/**
 * What a substitution puts in its place, for the few commands whose output can be told without running them: those by which
 * scripts find their own place, and `command -v NAME`. Anything else is unknown.
 */
export function outputOf(part: SubstitutionPart, at: Surroundings): Value {
  const origin = at.passage.origin(part.start, part.end)
  const inside = { ...at, scope: at.scope.copy() }
  return (
    (part.process ? undefined : printed(part.body, inside)) ?? {
      kind: 'unknown',
      reason: 'the output of a command is not followed',
      origin,
    }
  )
}

function printed(node: Node, at: Surroundings): Value | undefined {
  switch (node.kind) {
    case 'sequence': {
      const [first, second, third] = node.items
      if (first === undefined || third !== undefined) return undefined
      if (second === undefined) return printed(first.node, at)
      return changesDirectory(first.node, at) ? printed(second.node, at) : undefined
    }
    case 'chain':
      if (node.operator === '||') return printed(node.left, at)
      return changesDirectory(node.left, at) ? printed(node.right, at) : undefined
    case 'command':
      return commandOutput(node, at)
    default:
      return undefined
  }
}

function changesDirectory(node: Node, at: Surroundings): boolean {
  if (node.kind !== 'command' || plainText(node.words[0]) !== 'cd') return false
  at.scope.directory = directoryAfter(
    node.words.slice(1).flatMap((word) => fieldsOf(word, at)),
    at.scope.directory,
  )
  return true
}

/** Where `cd` with these words leads; `undefined`: not known, or out of the folder. */
export function directoryAfter(words: readonly Value[], from: string | undefined): string | undefined {
  const target = words.find((word) => !(word.kind === 'known' && /^-[LPe@]+$|^--$/.test(String(word.value))))
  if (target?.kind !== 'known') return undefined
  const text = String(target.value)
  // Behind something else it is where nobody knows: how the folder is called from outside is not told.
  if (text.lastIndexOf(IN_FOLDER) > 0) return undefined
  if (text.startsWith(IN_FOLDER)) return joinPath('', text.slice(1))
  if (text.startsWith('/')) return joinPath('/', text)
  return text === '-' || text.startsWith('~') || from === undefined ? undefined : joinPath(from, text)
}

type CommandNode = Extract<Node, { readonly kind: 'command' }>

function commandOutput(node: CommandNode, at: Surroundings): Value | undefined {
  const origin = at.passage.origin(node.start, node.end)
  const [name, ...words] = node.words.flatMap((word) => fieldsOf(word, at))
  if (name?.kind !== 'known') return undefined
  const last = knownText(words.at(-1))
  switch (name.value) {
    case 'pwd':
      return at.scope.directory === undefined ? undefined : known(placeInFolder(at.scope.directory), origin)
    case 'echo':
      return words.length === 1 && last !== undefined && !last.startsWith('-') ? words[0] : undefined
    case 'dirname': {
      const directory = last === undefined ? undefined : dirnameOf(last)
      return directory === undefined ? undefined : known(directory, origin)
    }
    case 'basename':
      return words.length === 1 && last !== undefined ? known(nameOf(last), origin) : undefined
    case 'realpath':
    case 'readlink':
      return last?.startsWith(IN_FOLDER) === true ? known(last, origin) : undefined
    case 'which':
      return last === undefined ? undefined : words.at(-1)
    case 'command':
      return knownText(words[0]) === '-v' && last !== undefined ? words.at(-1) : undefined
    case 'git':
      return knownText(words[0]) === 'rev-parse' && knownText(words[1]) === '--show-toplevel' ? known(placeInFolder(''), origin) : undefined
    default:
      return undefined
  }
}
