import { fieldsOf, known, textOf, type Surroundings } from './expand.ts'
import { filesMatching, isPattern } from './files.ts'
import { type Assigned, assignmentsIn, inputText } from './load.ts'
import { type CommandNode, type ForNode, type LoopNode, type Node, plainText, type WordSyntax } from './syntax.ts'
import { knownText, type Value } from '../../evidence/index.ts'
import type { ShellContext } from './context.ts'

/** Rounds of a loop over words that stand in the script; of a longer one, all words are taken as one that may be any of them. */
const ROUNDS = 32

/** `while read -r LINE; do export "$LINE"; done < FILE`: what the lines of the file set; `undefined` for any other loop. */
export function linesLoaded(
  node: LoopNode,
  at: Surroundings,
  context: ShellContext,
): { readonly assigned: readonly Assigned[]; readonly exported: boolean } | undefined {
  if (node.input === undefined) return undefined
  const read = commandsIn(node.condition).find((one) => plainText(one.words[0]) === 'read')
  if (read === undefined) return undefined
  const names = read.words.slice(1).flatMap((word) => plainText(word) ?? [])
  const separator = read.assignments.find(({ name }) => name === 'IFS')?.value
  const isCut = separator !== undefined && 'parts' in separator && separator.parts.some((part) => part.kind === 'text' && part.text === '=')
  const declaring = commandsIn(node.body).find((one) => DECLARES.test(plainText(one.words[0]) ?? ''))
  if (declaring === undefined || !declaresLine(declaring, names, isCut, at)) return undefined
  const file = inputText(node.input, at, context)
  const exported = plainText(declaring.words[0]) === 'export' || declaring.words.some((word) => plainText(word) === '-x')
  return file === undefined ? undefined : { assigned: assignmentsIn(file), exported }
}

const DECLARES = /^(?:export|declare|typeset)$/
/** `"$LINE"`, `"$NAME=$VALUE"`. */
const LINE = /^"?\$\{?(\w+)\??\}?(?:="?\$\{?(\w+)\}?"?)?"?$/

function declaresLine({ words }: CommandNode, names: readonly string[], isCut: boolean, { passage }: Surroundings): boolean {
  const last = words.at(-1)
  if (last === undefined || last.end - last.start > 200) return false
  const [, name, value] = LINE.exec(passage.content.slice(last.start, last.end)) ?? []
  if (name === undefined || !names.includes(name)) return false
  return value === undefined ? !isCut : isCut && names.includes(value)
}

/** The simple commands in a node, those in branches too; not those of functions. */
function commandsIn(node: Node): readonly CommandNode[] {
  const found: CommandNode[] = []
  const left: Node[] = [node]
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    if (next.kind === 'command') found.push(next)
    else if (next.kind === 'sequence') left.push(...next.items.map((item) => item.node).toReversed())
    else if (next.kind === 'chain') left.push(next.right, next.left)
    else if (next.kind === 'group') left.push(next.body)
    else if (next.kind === 'case') left.push(...next.arms.map((arm) => arm.body).toReversed())
    else if (next.kind === 'if')
      left.push(...[...next.arms.map((arm) => arm.body), ...(next.otherwise === undefined ? [] : [next.otherwise])].toReversed())
  }
  return found
}

/** The words that a `for` has its variable stand for, one after another; `undefined`: not all are known, or they are many. */
export function roundsOf({ words }: ForNode, at: Surroundings, context: ShellContext): readonly Value[] | undefined {
  if (words !== undefined && words.length > ROUNDS) return undefined
  const found = words?.flatMap((word) => filesOf(word, at, context) ?? fieldsOf(word, at)) ?? at.scope.positional
  return found !== undefined && found.length <= ROUNDS && found.every((word) => word.kind === 'known') ? found : undefined
}

/** The files that a pattern stands for; `undefined`: it is none, or stands for itself. */
function filesOf(word: WordSyntax, at: Surroundings, context: ShellContext): readonly Value[] | undefined {
  if (!isPattern(word)) return undefined
  const pattern = textOf(word, at)
  const origin = at.passage.origin(word.start, word.end)
  const text = knownText(pattern) ?? ''
  const found = text === '' ? undefined : filesMatching(context, text, at.scope)?.map((path) => known(path, origin))
  if (found !== undefined || (text !== '' && !text.startsWith('/'))) return found
  return [{ kind: 'unknown', reason: 'which files there are is not known', origin }]
}
