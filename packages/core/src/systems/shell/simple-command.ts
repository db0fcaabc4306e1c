import { type FileOrigin, knownText, type Value } from '../../evidence/index.ts'
import type { Passage } from '../passage.ts'
import type { GivenWord } from '../secret.ts'
import { assignedValue } from './assignment.ts'
import type { Shell } from './builtin.ts'
import { BUILTINS } from './builtins.ts'
import { Command, type ShellCommand } from './command.ts'
import { fieldsOf, type Surroundings } from './expand.ts'
import { fedScript, withoutSudo } from './fed.ts'
import { innerScript } from './inner.ts'
import { parallelScripts } from './parallel.ts'
import { placed } from './placed.ts'
import type { Scope } from './scope.ts'
import { type Assignment, type CommandNode, isAsItStands, isSplit, plainText } from './syntax.ts'
import { waysOf } from './ways.ts'
import type { WrittenFiles } from './written.ts'

/** Words of one command; what stands behind them is left out. */
const WORDS = 4096

/** The part of the walker that simple commands use. */
export interface CommandShell extends Shell {
  readonly written: WrittenFiles
  /** Tells of a program that is started. */
  start(command: ShellCommand): void
  /** Follows a function of the scope, which is called with these words. */
  call(name: string, values: readonly Value[], scope: Scope, origin: FileOrigin, certain: boolean): void
  /** The files that a script writes which is run by another command. What it starts is told by that command as a whole. */
  writesOf(script: Passage, scope: Scope): void
}

/** Follows a simple command (XCU §2.9.1): assignments, a function, a builtin or a program. */
export function followCommand(shell: CommandShell, given: CommandNode, at: Surroundings, certain: boolean): void {
  const node = withoutPrefix(given)
  const { scope, passage } = at
  if (node.words.length === 0) {
    for (const assignment of node.assignments) assign(shell, assignment, at, scope, false)
    return
  }
  if (shell.aliases.follow(node, passage, (script) => shell.script(script, scope, certain))) return
  const fields = fieldsIn(shell, node, at)
  const program = knownText(fields[0]?.value)
  const builtin = BUILTINS.get(program ?? '')
  const origin = passage.origin(node.start, node.end)
  // What stands before a builtin stays assigned behind it (XCU §2.14); what stands before a program is for it alone.
  const inside = node.assignments.length === 0 || builtin !== undefined ? scope : scope.copy()
  for (const assignment of node.assignments) assign(shell, assignment, at, inside, builtin === undefined)
  const values = fields.map((field) => field.value)
  if (program !== undefined && scope.functions.has(program)) return shell.call(program, values.slice(1), inside, origin, certain)
  if (builtin !== undefined) {
    builtin(shell, { node, values: values.slice(1), at, origin, certain })
    return shell.written.by(node, program, at, certain)
  }
  const scripts = program === 'parallel' ? parallelScripts(values.slice(1), origin) : []
  for (const script of scripts) shell.script(script, inside.copy(), certain)
  if (scripts.length > 0) return
  const ways = waysOf(node, inside)
  for (const way of ways) {
    const around = { ...at, scope: way }
    const own = way === inside ? fields : fieldsIn(shell, node, around)
    shell.start(started(program === 'exec' ? own.slice(1) : own, node, around, certain && ways.length === 1, shell))
  }
  shell.written.by(node, program, at, certain)
  const asRoot = program === 'sudo' ? innerScript(withoutSudo(values)) : undefined
  if (asRoot !== undefined) shell.writesOf(asRoot, inside)
  if (program === 'exec' && fields.length > 1) scope.ended = true
}

function started(fields: readonly GivenWord[], node: CommandNode, at: Surroundings, certain: boolean, { context }: Shell): ShellCommand {
  const words = fields.map((field) => ({ ...field, value: placed(field.value, at.scope) }))
  const fed = fedScript(
    words.map(({ value }) => value),
    node.input,
    at,
    context,
  )
  return new Command(words, at.scope, certain, at.passage.origin(node.start, node.end), fed)
}

/** The words that a command's become. */
function fieldsIn(shell: Shell, node: CommandNode, at: Surroundings): readonly GivenWord[] {
  const fields: GivenWord[] = []
  for (const word of node.words) {
    if (fields.length >= WORDS) {
      shell.problem(`more than ${WORDS} words in a command`, at.passage.origin(word.start, word.end))
      break
    }
    const source = at.passage.content.slice(word.start, word.end)
    const written = isAsItStands(word) ? undefined : () => at.passage.origin(word.start, word.end)
    const spreads = isSplit(word)
    for (const value of fieldsOf(word, at)) {
      const origin = value.kind === 'absent' ? at.passage.origin(node.start, node.end) : value.origin
      fields.push({ value, source, origin, spreads, written })
    }
  }
  return fields
}

/** `scope`: what is assigned to; the value is what it is in `at`. */
function assign(shell: Shell, assignment: Assignment, at: Surroundings, scope: Scope, exported: boolean): void {
  const { name, start, end } = assignment
  const value = assignedValue(assignment, scope.variables.get(name)?.value, at)
  shell.assign(scope, name, value, at.passage.origin(start, end), exported)
}

/** `command export …`, `builtin . FILE`: the builtin itself. */
function withoutPrefix(node: CommandNode): CommandNode {
  const [first, second] = node.words
  const isPrefix = plainText(first) === 'command' || plainText(first) === 'builtin'
  return isPrefix && BUILTINS.has(plainText(second) ?? '') ? { ...node, words: node.words.slice(1) } : node
}
