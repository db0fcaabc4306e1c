import { ABSENT, type FileOrigin, type Value } from '../../evidence/index.ts'
import { passageAt, type Passage } from '../passage.ts'
import { directoryOf, joinPath } from '../paths.ts'
import { literalText } from '../secret.ts'
import { IN_FOLDER, textOf, type Surroundings } from './expand.ts'
import { directoryAfter } from './output.ts'
import type { Scope } from './scope.ts'
import type { Node, WordSyntax } from './syntax.ts'
import type { ShellContext } from './walk.ts'

/** The part of the walker that builtins use. */
export interface Shell {
  readonly context: ShellContext
  problem(reason: string, origin: FileOrigin, minor?: boolean): void
  script(passage: Passage, scope: Scope, certain: boolean): void
  assign(scope: Scope, name: string, value: Value, origin: FileOrigin, exported: boolean): void
}

interface Call {
  readonly node: Extract<Node, { readonly kind: 'command' }>
  /** The words behind the builtin's name. */
  readonly values: readonly Value[]
  readonly at: Surroundings
  readonly origin: FileOrigin
  readonly certain: boolean
}

type Builtin = (shell: Shell, call: Call) => void

const VARIABLE = /^[A-Za-z_]\w*$/
const NAME = /^([A-Za-z_][A-Za-z0-9_]*)(\+?=)?/
const ENVIRONMENT_FILE = /(?:^|\/)\.?[\w.-]*\.?env(?:\.[\w.-]+)?$/i

/** What the shell does itself (XCU §2.14, bash(1)). Others have no effect on what is started and are not listed. */
export const BUILTINS: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
  ['export', (shell, call) => declare(shell, call, true)],
  ['declare', (shell, call) => declare(shell, call, hasFlag(call, 'x'))],
  ['typeset', (shell, call) => declare(shell, call, hasFlag(call, 'x'))],
  ['local', (shell, call) => declare(shell, call, false)],
  ['readonly', (shell, call) => declare(shell, call, false)],
  ['unset', unset],
  ['set', set],
  ['shift', shift],
  ['cd', changeDirectory],
  ['pushd', changeDirectory],
  ['popd', forgetDirectory],
  ['read', forgetVariables],
  ['mapfile', forgetVariables],
  ['readarray', forgetVariables],
  ['.', source],
  ['source', source],
  ['eval', evaluate],
  ['exit', end],
  ['return', end],
])

function text(value: Value | undefined): string | undefined {
  return value?.kind === 'known' ? String(value.value) : undefined
}

function hasFlag(call: Call, flag: string): boolean {
  return call.values.some((value) => new RegExp(`^-[a-zA-Z]*${flag}`).test(text(value) ?? ''))
}

function declare(shell: Shell, { node, at }: Call, exported: boolean): void {
  for (const word of node.words.slice(1)) {
    const [first, ...rest] = word.parts
    if (first?.kind === 'substitution') loadsFile(shell, first.body, at)
    if (first?.kind !== 'text') continue
    const match = NAME.exec(first.text)
    const name = match?.[1]
    if (match === null || name === undefined) continue
    const [whole, , assigned] = match
    if (assigned === undefined) {
      const before = at.scope.variables.get(name)
      if (before !== undefined && exported) at.scope.assign(name, { ...before, exported: true })
      continue
    }
    // The value is the rest of the word: what stands behind the equals sign, and its further parts.
    const head = { ...first, text: first.text.slice(whole.length), start: first.quoted ? first.start : first.start + whole.length }
    const value: WordSyntax = { parts: [head, ...rest], start: head.start, end: word.end }
    const place = at.passage.origin(word.start, word.end)
    shell.assign(at.scope, name, textOf(value, at), place, exported)
  }
}

/** `export $(grep -v '^#' .env | xargs)`: the names in the file become variables. */
function loadsFile(shell: Shell, body: Node, at: Surroundings): void {
  for (const word of wordsIn(body)) {
    const path = literalText(textOf(word, at))
    if (!isEnvironmentFile(path)) continue
    const found = resolve(shell, path, at.scope)
    at.scope.environmentFiles = [...at.scope.environmentFiles, ...found.slice(0, 1)]
  }
}

function isEnvironmentFile(path: string): boolean {
  return path.length <= 512 && !path.includes('…') && ENVIRONMENT_FILE.test(path)
}

function wordsIn(node: Node): readonly WordSyntax[] {
  switch (node.kind) {
    case 'sequence':
      return node.items.flatMap((item) => wordsIn(item.node))
    case 'pipeline':
      return node.nodes.flatMap(wordsIn)
    case 'command':
      return node.words
    default:
      return []
  }
}

function unset(shell: Shell, { values, at, origin }: Call): void {
  for (const value of values) {
    const name = text(value) ?? ''
    // Exported as certainly not set, so that what the surroundings have does not count either.
    if (VARIABLE.test(name)) shell.assign(at.scope, name, ABSENT, origin, true)
  }
}

function set(_: Shell, { values, at }: Call): void {
  for (const [index, value] of values.entries()) {
    const option = text(value) ?? ''
    if (option === '--') {
      at.scope.positional = values.slice(index + 1)
      break
    }
    if (/^-[a-zA-Z]*a/.test(option) || (option === '-o' && text(values[index + 1]) === 'allexport')) at.scope.exportAll = true
    if (/^\+[a-zA-Z]*a/.test(option) || (option === '+o' && text(values[index + 1]) === 'allexport')) at.scope.exportAll = false
  }
}

function shift(_: Shell, { values, at }: Call): void {
  const count = Number(text(values[0]) ?? '1')
  at.scope.positional = at.scope.positional?.slice(Number.isInteger(count) && count > 0 ? count : 1)
}

function changeDirectory(shell: Shell, { values, at }: Call): void {
  const { scope } = at
  const { directories = [], isDirectory } = shell.context
  const from = scope.directory === undefined && scope.atStart ? directories : [scope.directory]
  const targets = from.map((directory) => directoryAfter(values, directory)).filter((target) => target !== undefined)
  // Of several places that the script may be started in, the one is meant where there is such a directory.
  scope.directory = from.length > 1 ? targets.find((target) => isDirectory?.(target)) : targets[0]
  scope.atStart = false
}

function forgetDirectory(_: Shell, { at }: Call): void {
  at.scope.directory = undefined
  at.scope.atStart = false
}

function forgetVariables(shell: Shell, { values, at, origin }: Call): void {
  for (const value of values) {
    const name = text(value) ?? ''
    if (/^[A-Za-z_]\w*$/.test(name))
      shell.assign(at.scope, name, { kind: 'unknown', reason: 'read while the script runs', origin }, origin, false)
  }
}

/** The paths, relative to the folder, that a name in a script may mean: from the working directory, then from the script's own. */
function resolve(shell: Shell, path: string, scope: Scope): readonly string[] {
  if (path.lastIndexOf(IN_FOLDER) > 0) return []
  if (path.startsWith(IN_FOLDER)) return [joinPath('', path.slice(1))].filter((found) => found !== undefined)
  const directories = scope.directory === undefined ? [directoryOf(shell.context.script ?? ''), ''] : [scope.directory]
  return [...new Set(directories.map((directory) => joinPath(directory, path)).filter((found) => found !== undefined))]
}

function source(shell: Shell, { values, at, origin, certain }: Call): void {
  const path = text(values[0])
  if (path === undefined) {
    shell.problem('which file is read in is not known', origin, true)
    return
  }
  const candidates = resolve(shell, path, at.scope)
  for (const candidate of candidates) {
    const passage = shell.context.sourced?.(candidate)
    if (passage === undefined) continue
    shell.script(passage, at.scope, certain)
    at.scope.ended = false
    return
  }
  const [first] = candidates
  if (first !== undefined && at.scope.exportAll && isEnvironmentFile(first)) {
    at.scope.environmentFiles = [...at.scope.environmentFiles, first]
  }
}

function evaluate(shell: Shell, { values, at, origin, certain }: Call): void {
  if (values.every((value) => value.kind === 'known')) {
    shell.script(passageAt(values.map((value) => text(value) ?? '').join(' '), origin), at.scope, certain)
  } else shell.problem('what `eval` runs is not known', origin, true)
}

function end(_: Shell, { at }: Call): void {
  at.scope.ended = true
}
