import { show, type Value, type Word } from '../../../evidence/index.ts'
import type { Node } from '../../tree.ts'
import { pathsOf } from '../settings/file-paths.ts'
import { argumentsOf, calleeOf, literalText } from '../source/syntax.ts'
import type { Evaluator } from '../values/evaluator.ts'
import { itemPlaces } from '../values/lists.ts'
import { isNothing, type Meaning, NOTHING, valueOf } from '../values/meaning.ts'
import { known, settled } from '../values/values.ts'
import { type ChildEnvironment, environmentOf } from './environment.ts'

/**
 * How a function takes what it starts: a file of JavaScript; a program and its words; a text for a shell, several in a list, or one in a
 * template; `again`: the same program once more, with other variables.
 */
type Form = 'file' | 'words' | 'text' | 'texts' | 'tag' | 'again'

/** Functions that start programs (nodejs.org/api/child_process.html, cluster.html, worker_threads.html; the readmes of the packages). */
const STARTS: ReadonlyMap<string, Form> = new Map<string, Form>([
  ['node:child_process#fork', 'file'],
  ['node:worker_threads#Worker', 'file'],
  ['execa#execaNode', 'file'],
  ...['spawn', 'spawnSync', 'execFile', 'execFileSync'].map((name): [string, Form] => [`node:child_process#${name}`, 'words']),
  ...['execa', 'execa#execa', 'execa#execaSync', 'execa#sync', 'cross-spawn', 'cross-spawn#spawn', 'cross-spawn#sync'].map(
    (name): [string, Form] => [name, 'words'],
  ),
  ...['node:child_process#exec', 'node:child_process#execSync', 'execa#execaCommand', 'execa#command', 'shelljs#exec'].map(
    (name): [string, Form] => [name, 'text'],
  ),
  ['node:cluster#fork', 'again'],
  // concurrently(['npm run api', { command: 'node server.js' }])
  ['concurrently', 'texts'],
  // $`node server.js`
  ...['zx#$', 'execa#$', 'bun#$'].map((name): [string, Form] => [name, 'tag']),
])

/** Packages in whose text one of the functions is named, and the names that they go by. */
const MAY = /\b(?:child_process|worker_threads|cluster|execa|cross-spawn|shelljs|concurrently|zx|bun)\b/
const NAMES: ReadonlySet<string> = new Set([...STARTS.keys()].flatMap((name) => [name.slice(name.lastIndexOf('#') + 1)]))
const RENAMED = new RegExp(`\\b(?:${[...NAMES].filter((name) => /^\w+$/.test(name)).join('|')})(?:\\s+as\\s+|\\s*:\\s*)(\\w+)`, 'g')

export const mayStartPrograms = (content: string): boolean => MAY.test(content)

/** The words by which a file may call such a function. */
export function callNames(content: string): ReadonlySet<string> {
  const names = new Set([...NAMES, 'spawn'])
  for (const [, name] of content.matchAll(RENAMED)) if (name !== undefined) names.add(name)
  for (const [, name] of content.matchAll(
    /\b(?:const|let|var|import)\s+(\w+)\s*(?:=|from)\s*(?:util\.)?(?:promisify\s*\(|(?:require\s*\(\s*)?['"](?:execa|cross-spawn|concurrently)['"])/g,
  ))
    if (name !== undefined) names.add(name)
  return names
}

/** What a call starts, as far as its words can be read. */
export interface Call {
  readonly command:
    | { readonly kind: 'words'; readonly words: readonly Word[] }
    | { readonly kind: 'text'; readonly text: Value }
    | { readonly kind: 'again' }
  /** What of it is not known, in words, and matters. */
  readonly unclear: string | undefined
  /** Its words name files from the folder under inspection, not from where the program runs. */
  readonly fromFolder: boolean
  /** It is given the arguments of the program that starts it. */
  readonly passesArguments: boolean
  readonly environment: ChildEnvironment
  /** Where it runs, when it is said. */
  readonly directory: Value | undefined
}

/** Answers in whichever calls lead here; `undefined`: the call starts no program. */
export function callAt(call: Node, evaluator: Evaluator): Call | undefined {
  const callee = calleeOf(call)
  const meaning = callee === undefined ? undefined : evaluator.meaning(callee, undefined)
  const form = meaning?.kind === 'library' ? STARTS.get(meaning.name) : undefined
  return form === undefined ? undefined : READS[form](call, evaluator)
}

const READS: Readonly<Record<Form, (call: Node, evaluator: Evaluator) => Call | undefined>> = {
  again: (call, evaluator) => {
    const [first] = argumentsOf(call)
    const given = first === undefined ? NOTHING : evaluator.meaning(first, undefined)
    const environment = environmentOf(given, call, evaluator, true)
    // Without variables of its own it is the program that is told already.
    if (environment.set.size === 0 && environment.unseen === undefined) return undefined
    return { command: { kind: 'again' }, unclear: undefined, fromFolder: true, passesArguments: true, environment, directory: undefined }
  },
  file: (call, evaluator) => {
    const [file, ...rest] = argumentsOf(call)
    if (file === undefined) return undefined
    const { list, options } = taken(rest, evaluator)
    const path = fileWord(file, call, evaluator)
    const isCode = option(options, 'eval', call, evaluator)
    if (isCode.kind === 'value' && isCode.value.kind === 'known' && isCode.value.value === true) return undefined
    const flags = wordsIn(option(options, 'execArgv', call, evaluator), call, evaluator)
    const given = wordsIn(isNothing(list) ? option(options, 'argv', call, evaluator) : list, call, evaluator)
    const unclear =
      path.word.text.kind === 'unknown' ? 'which file is started here is not known' : given.words === undefined ? UNCLEAR_WORDS : undefined
    const words = [wordOf(known('node', call.origin)), ...(flags.words ?? []), path.word, ...(given.words ?? [])]
    return started({ kind: 'words', words }, unclear, path.inFolder, given.passesOn, options, call, evaluator)
  },
  words: (call, evaluator) => {
    const [first, ...rest] = argumentsOf(call)
    if (first === undefined) return undefined
    const { list, options, nodes } = taken(rest, evaluator)
    const program = programWord(first, call, evaluator)
    const given = nodes === undefined ? wordsIn(list, call, evaluator) : listed(nodes, evaluator)
    const shell = option(options, 'shell', call, evaluator)
    const words = [program, ...(given.words ?? [])]
    const unclear = given.words === undefined ? UNCLEAR_WORDS : undefined
    const inShell = shell.kind === 'value' && shell.value.kind === 'known' && shell.value.value !== false
    const texts = words.flatMap(({ text }) => (text.kind === 'known' ? [String(text.value)] : []))
    if (inShell && texts.length === words.length) {
      const text = known(texts.join(' '), call.origin)
      return started({ kind: 'text', text }, unclear, given.inFolder, given.passesOn, options, call, evaluator)
    }
    return started({ kind: 'words', words }, unclear, given.inFolder, given.passesOn, options, call, evaluator)
  },
  texts: (call, evaluator) => {
    const [first] = argumentsOf(call)
    if (first === undefined) return undefined
    const { items, whole } = itemPlaces(evaluator.meaning(first, undefined), first, evaluator)
    const commands = items.map((item) => valueOf(item.kind === 'object' ? evaluator.property(item, 'command', call) : item, call.origin))
    const texts = commands.flatMap((command) => (command.kind === 'known' ? [String(command.value)] : []))
    const hasMore = items.some((item) => item.kind === 'object' && !isNothing(evaluator.property(item, 'env', call)))
    const unclear = !whole || hasMore || texts.length < commands.length ? UNCLEAR_WORDS : undefined
    return started({ kind: 'text', text: known(texts.join('\n'), call.origin) }, unclear, false, false, NOTHING, call, evaluator)
  },
  tag: (call, evaluator) => {
    const text = call.field('arguments')
    if (text?.kind !== 'template_string') return undefined
    return started({ kind: 'text', text: evaluator.value(text, undefined) }, undefined, false, false, NOTHING, call, evaluator)
  },
  text: (call, evaluator) => {
    const [first, second] = argumentsOf(call)
    if (first === undefined) return undefined
    const options = second === undefined ? NOTHING : evaluator.meaning(second, undefined)
    return started({ kind: 'text', text: evaluator.value(first, undefined) }, undefined, false, false, options, call, evaluator)
  },
}

const UNCLEAR_WORDS = 'what the program is given that is started here is not known'

function started(
  command: Call['command'],
  unclear: string | undefined,
  fromFolder: boolean,
  passesArguments: boolean,
  given: Meaning,
  call: Node,
  evaluator: Evaluator,
): Call {
  const options = given.kind === 'function' ? NOTHING : given
  const env = option(options, 'env', call, evaluator)
  const cwd = option(options, 'cwd', call, evaluator)
  return {
    command,
    unclear,
    fromFolder,
    passesArguments,
    environment: environmentOf(env, call, evaluator, isNothing(env)),
    directory: isNothing(cwd) ? undefined : directoryOf(options, cwd, call, evaluator),
  }
}

const option = (options: Meaning, name: string, call: Node, evaluator: Evaluator): Meaning =>
  isNothing(options) ? NOTHING : evaluator.property(options, name, call)

function directoryOf(options: Meaning, cwd: Meaning, call: Node, evaluator: Evaluator): Value {
  const written = options.kind === 'object' ? options.node.named.find((member) => member.field('key')?.content === 'cwd') : undefined
  const node = written?.field('value')
  if (node !== undefined && /^process\.cwd\(\)$/.test(node.content)) return known('.', call.origin)
  const [path] = node === undefined ? [] : pathsOf(node, evaluator)
  return path?.inFolder === true ? path.value : valueOf(cwd, call.origin)
}

/** The list of words and the options, either of which may be left out. */
function taken(
  rest: readonly Node[],
  evaluator: Evaluator,
): { readonly list: Meaning; readonly options: Meaning; readonly nodes: Node | undefined } {
  let list: Meaning = NOTHING
  let nodes: Node | undefined
  let options: Meaning = NOTHING
  for (const node of rest.slice(0, 2)) {
    const meaning = evaluator.meaning(node, undefined)
    if (meaning.kind === 'function') continue
    if (meaning.kind === 'object' || meaning.kind === 'merged' || (node !== rest[0] && !isNothing(meaning))) options = meaning
    else {
      list = meaning
      nodes = node.kind === 'array' ? node : undefined
    }
  }
  return { list, options, nodes }
}

interface Words {
  /** `undefined`: they cannot be told. */
  readonly words: readonly Word[] | undefined
  readonly passesOn: boolean
  readonly inFolder: boolean
}

/** `['server.js', '--port', port]`: a file may be named from the directory of the source. */
function listed(array: Node, evaluator: Evaluator): Words {
  const parts = array.named.map((item): Words => {
    const inner = item.kind === 'spread_element' ? item.named[0] : undefined
    if (inner !== undefined) return wordsIn(evaluator.meaning(inner, undefined), item, evaluator)
    const { word, inFolder } = fileWord(item, item, evaluator)
    return { words: [word], passesOn: false, inFolder }
  })
  const words = parts.flatMap((part) => part.words ?? [])
  return {
    words: parts.some((part) => part.words === undefined) ? undefined : words,
    passesOn: parts.some((part) => part.passesOn),
    inFolder: parts.some((part) => part.inFolder),
  }
}

function wordsIn(list: Meaning, at: Node, evaluator: Evaluator): Words {
  if (isNothing(list)) return { words: [], passesOn: false, inFolder: false }
  if (list.kind === 'arguments') return { words: [], passesOn: list.first === 2, inFolder: false }
  const { items, whole } = itemPlaces(list, at, evaluator)
  return { words: whole ? items.map((item) => wordOf(valueOf(item, at.origin))) : undefined, passesOn: false, inFolder: false }
}

/** The program's name; Node's own path is `node`. */
function programWord(node: Node, call: Node, evaluator: Evaluator): Word {
  const meaning = evaluator.meaning(node, undefined)
  const isNode = meaning.kind === 'library' ? /[#.]execPath$/.test(meaning.name) : /^process\.argv0?(?:\[0\])?$/.test(node.content)
  return wordOf(isNode ? known('node', call.origin) : valueOf(meaning, node.origin))
}

function fileWord(node: Node, at: Node, evaluator: Evaluator): { readonly word: Word; readonly inFolder: boolean } {
  const own = requiredPath(node, evaluator)
  if (own !== undefined) return { word: wordOf(known(own, node.origin)), inFolder: true }
  const [path] = pathsOf(node, evaluator)
  if (path?.inFolder === true) return { word: wordOf(path.value), inFolder: true }
  return { word: wordOf(valueOf(evaluator.meaning(node, undefined), at.origin)), inFolder: false }
}

/** `require.resolve('./worker')`. */
function requiredPath(node: Node, evaluator: Evaluator): string | undefined {
  const text =
    node.kind === 'call_expression' && calleeOf(node)?.content === 'require.resolve' ? literalText(argumentsOf(node)[0]) : undefined
  const target = text === undefined ? undefined : evaluator.project.resolve(node.file.path, text)
  return target?.kind === 'file' ? target.path : undefined
}

function wordOf(value: Value): Word {
  const text = settled(value)
  return { text, shown: show(text.kind === 'known' ? String(text.value) : '…') }
}
