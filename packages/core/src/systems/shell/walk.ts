import type { FileOrigin, Setting, Unseen, Value, Word } from '../../evidence/index.ts'
import type { Passage } from '../passage.ts'
import { type GivenWord, setting, kept } from '../secret.ts'
import { Aliases } from './aliases.ts'
import type { Shell } from './builtin.ts'
import { BUILTINS } from './builtins.ts'
import type { ChangedFile } from './changes.ts'
import { Command } from './command.ts'
import { defaulted, isCondition, isFileThere } from './conditions.ts'
import type { WrittenDocument } from './documents.ts'
import { fedScript, withoutSudo } from './fed.ts'
import { fieldsOf, textOf, type Surroundings } from './expand.ts'
import { innerScript } from './inner.ts'
import { textPrinted, wordsPrinted } from './load.ts'
import { filesOf, linesLoaded } from './loops.ts'
import { outputOf } from './output.ts'
import { parallelScripts } from './parallel.ts'
import { parseShell } from './parse.ts'
import { joinKnown, placed } from './placed.ts'
import { isList, join, Scope } from './scope.ts'
import type { FileWrite } from './writes.ts'
import { waysOf } from './ways.ts'
import { WrittenFiles } from './written.ts'
import { isAsItStands, isSplit, plainText, type Assignment, type ChainNode, type CommandNode, type Node, type Script } from './syntax.ts'

/** How deep functions, `eval` and sourced files are followed. */
const CALLS = 8
/** Rounds of a loop over words that stand in the script; of a longer one, all words are taken as one that may be any of them. */
const ROUNDS = 32
/** The same of loops within loops, all together. */
const NESTED_ROUNDS = 64
/** Parts of a script that are gone through, each time that a loop or function comes to them. */
const STEPS = 60_000
/** As many parts as reading a text counts for that a script reads in or evaluates. */
const READING = 16
/** As many parts more as a command counts for that is told. */
const TELLING = 4
/** Scripts within words that are read for the files that they write. */
const INNER = 100
/** Commands that are kept for the end of a script. */
const TRAPS = 50
/** Words of one command; what stands behind them is left out. */
const WORDS = 4096

/** One simple command, with the state of the shell that it starts in. */
export interface ShellCommand {
  readonly words: readonly Word[]
  /** The first word, where it is known. */
  readonly program?: string | undefined
  /** The script in `sh -c SCRIPT`. */
  readonly script?: Passage | undefined
  /** What is exported to it. */
  readonly environment: ReadonlyMap<string, Setting>
  /** `.env` files that are loaded before it, but whose contents were not seen; relative to the folder. */
  readonly environmentFiles: readonly string[]
  /** What may have set any variable, and was not seen. */
  readonly unseenEnvironment?: Unseen | undefined
  /** Relative to the folder, or absolute; `undefined`: not known. */
  readonly workingDirectory: string | undefined
  /** `false`: in a branch, a loop, or a function that nothing calls. */
  readonly certain: boolean
  readonly origin: FileOrigin
}

export interface ShellReading {
  readonly commands: readonly ShellCommand[]
  readonly problems: readonly ShellProblem[]
  /** The files of variables that it makes or changes. */
  readonly writes?: readonly FileWrite[]
  /** The other files that it writes with here-documents. */
  readonly documents?: readonly WrittenDocument[]
  /** The files of any other kind that it writes or changes. */
  readonly changes?: readonly ChangedFile[]
}

export interface ShellProblem {
  readonly reason: string
  readonly origin: FileOrigin
  /** Of most scripts it changes nothing that matters: which file is read in, what `eval` runs. */
  readonly minor?: boolean
}

/** What is known of a script's surroundings. Everything may be left out. */
export interface ShellContext {
  /** Relative to the folder, or absolute (in a container). */
  readonly workingDirectory?: string | undefined
  /** Where the script may be started when `workingDirectory` is not known, likeliest first. */
  readonly directories?: readonly string[]
  readonly isDirectory?: (path: string) => boolean
  /** The script's own path, relative to the folder. */
  readonly script?: string
  readonly environment?: ReadonlyMap<string, Setting>
  /** What may have set any other variable before. */
  readonly unseenEnvironment?: Unseen | undefined
  /** What the script is given as `$1` …; left out: not known. */
  readonly arguments?: readonly Value[]
  /** The text of a file that is sourced; `undefined`: there is none, or it was not seen yet. */
  readonly sourced?: (path: string) => Passage | undefined
  /** The files of the folder, for patterns. */
  readonly files?: ReadonlySet<string>
}

/**
 * The commands that a script runs, in its order, with variables, `cd`, functions and sourced files followed. Nothing is
 * executed. Where the way depends on a condition every way is taken, and the commands say so.
 */
export function readShell(passage: Passage, context: ShellContext = {}): ShellReading {
  const walker = new Walker(context, passage)
  const scope = new Scope(context.workingDirectory)
  scope.positional = context.arguments
  scope.unseen = context.unseenEnvironment
  for (const [name, given] of context.environment ?? []) scope.assign(name, { value: given.value, exported: true, setting: given })
  walker.script(passage, scope, true, context.script)
  walker.trapped(scope)
  walker.uncalled(scope)
  const { all, documents, changes } = walker.written
  return { commands: walker.commands, problems: walker.problems, writes: all, documents, changes }
}

/** A file that many scripts read in is parsed once. */
const PARSED = new WeakMap<Passage, Script>()

function parsed(passage: Passage): Script {
  const before = PARSED.get(passage)
  if (before !== undefined) return before
  const script = parseShell(passage.content)
  PARSED.set(passage, script)
  return script
}

class Walker implements Shell {
  /** Of the loops around what is walked. */
  #rounds = 1
  readonly commands: ShellCommand[] = []
  readonly problems: ShellProblem[] = []
  readonly aliases: Aliases
  readonly written: WrittenFiles
  readonly context: ShellContext
  readonly #called = new Set<string>()
  readonly #traps: Passage[] = []
  /** The functions that are being followed. */
  readonly #stack = new Set<string>()
  /** The paths of the files that are read in, the script's own among them. */
  readonly #paths = new Map<Passage, string>()
  #steps = 0
  #isTooLong = false
  #calls = 0
  #asked = 0

  constructor(context: ShellContext, script: Passage) {
    this.aliases = new Aliases(script)
    this.written = new WrittenFiles(context)
    this.context = this.written.context
  }

  problem(reason: string, origin: FileOrigin, minor = false): void {
    this.problems.push({ reason, origin, minor })
  }

  /** Reads a text in this scope: a script, a sourced file, what `eval` is given. */
  script(passage: Passage, scope: Scope, certain: boolean, file?: string): void {
    if (this.#calls >= CALLS) return this.problem('scripts call one another too deeply', passage.origin(0, 0))
    this.#calls++
    this.#steps += READING
    if (file !== undefined) this.#paths.set(passage, file)
    const { body, problems } = parsed(passage)
    for (const { reason, start, end } of problems) this.problem(reason, passage.origin(start, end))
    this.#walk(body, scope, passage, certain)
    this.#calls--
  }

  /** `trap SCRIPT EXIT`: run with what is set by then. */
  atEnd(script: Passage): void {
    if (this.#traps.length < TRAPS) this.#traps.push(script)
  }

  /** What runs when the script ends, or is told to. */
  trapped(scope: Scope): void {
    for (const script of this.#traps) {
      const inside = scope.copy()
      inside.ended = false
      this.script(script, inside, false)
    }
  }

  /** The bodies of functions that nothing was seen to call: `"$@"` or another script may. */
  uncalled(scope: Scope): void {
    for (const [name, { body, passage }] of scope.functions) {
      if (this.#called.has(name)) continue
      const inside = scope.copy()
      inside.positional = undefined
      inside.ended = false
      this.#stack.add(name)
      this.#walk(body, inside, passage, false)
      this.#stack.delete(name)
    }
  }

  #surroundings(scope: Scope, passage: Passage): Surroundings {
    const { context } = this
    const { script } = context
    return {
      scope,
      passage,
      script,
      file: this.#paths.get(passage) ?? script,
      output: (part, at) => textPrinted(part, { ...at, scope: at.scope.copy() }, context) ?? outputOf(part, at),
      words: (part, at) => wordsPrinted(part, { ...at, scope: at.scope.copy() }, context),
    }
  }

  #walk(node: Node, scope: Scope, passage: Passage, certain: boolean): void {
    if (scope.ended || ++this.#steps > STEPS) {
      if (!scope.ended && !this.#isTooLong) {
        this.#isTooLong = true
        this.problem('too long to be followed to its end', passage.origin(node.start, node.end))
      }
      return
    }
    switch (node.kind) {
      case 'sequence':
        for (const item of node.items) this.#walk(item.node, item.background ? scope.copy() : scope, passage, certain)
        return
      case 'chain':
        return this.#chain(node, scope, passage, certain)
      case 'pipeline':
        for (const part of node.nodes) this.#walk(part, scope.copy(), passage, certain)
        return this.written.byPipeline(node.nodes, this.#surroundings(scope.copy(), passage), certain)
      case 'group':
        this.#walk(node.body, node.subshell ? scope.copy() : scope, passage, certain)
        return this.written.byGroup(node, this.#surroundings(scope.copy(), passage), certain)
      case 'if': {
        const ways: Scope[] = []
        const [first] = node.arms
        if (first !== undefined && isFileThere(first.condition, this.#surroundings(scope, passage), this.context)) {
          this.#walk(first.condition, scope, passage, certain)
          return this.#walk(first.body, scope, passage, certain)
        }
        for (const { condition, body } of node.arms) {
          this.#walk(condition, scope, passage, certain)
          ways.push(this.#way(body, scope, passage))
        }
        ways.push(node.otherwise === undefined ? scope.copy() : this.#way(node.otherwise, scope, passage))
        const [arm] = node.arms
        const name =
          node.arms.length === 1 && node.otherwise === undefined && arm !== undefined ? defaulted(arm.condition, passage) : undefined
        return this.#rejoin(scope, ways, name)
      }
      case 'case':
        return this.#rejoin(scope, [scope.copy(), ...node.arms.map((arm) => this.#way(arm.body, scope, passage))])
      case 'loop': {
        const lines = linesLoaded(node, this.#surroundings(scope, passage), this.context)
        if (lines !== undefined) {
          this.#way(node.body, scope, passage)
          for (const { name, value, origin } of lines.assigned) this.assign(scope, name, value, origin, lines.exported)
          return
        }
        this.#walk(node.condition, scope, passage, certain)
        return this.#rejoin(scope, [scope.copy(), this.#way(node.body, scope, passage)])
      }
      case 'for':
        return this.#for(node, scope, passage, certain)
      case 'function':
        if (!scope.define(node.name, { body: node.body, passage }))
          this.problem('too many functions', passage.origin(node.start, node.start))
        return
      case 'test':
        return
      case 'command':
        return this.#command(node, scope, passage, certain)
      default:
        return node satisfies never
    }
  }

  #way(body: Node, scope: Scope, passage: Passage): Scope {
    const way = scope.copy()
    this.#walk(body, way, passage, false)
    return way
  }

  /** `name`: a variable that was assigned only because it was not set. */
  #rejoin(scope: Scope, ways: readonly Scope[], name?: string): void {
    const before = name === undefined ? undefined : scope.variables.get(name)
    const after = ways[0]?.variables.get(name ?? '')
    scope.become(join(ways))
    if (name === undefined || before !== undefined || after === undefined || isList(after.value)) return
    const { origin } = after.setting
    const value: Value = { kind: 'environment', name, fallback: after.value, emptyIsUnset: true, origin }
    scope.assign(name, { ...after, value, setting: { value: kept(name, value, origin), origin } })
  }

  /** From the first command on: chains stand in one another on their left, as many deep as they are long. */
  #chain(node: ChainNode, scope: Scope, passage: Passage, certain: boolean): void {
    const links: ChainNode[] = []
    let first: Node = node
    for (; first.kind === 'chain'; first = first.left) links.push(first)
    this.#walk(first, scope, passage, certain)
    for (const link of links.toReversed()) {
      if (scope.ended) return
      // What follows a command that is meant to succeed is as certain as the command itself.
      const isTrue = isFileThere(link.left, this.#surroundings(scope, passage), this.context)
      if (isTrue && link.operator === '||') continue
      if (link.operator === '&&' && (isTrue || !isCondition(link.left))) this.#walk(link.right, scope, passage, certain)
      else {
        const way = this.#way(link.right, scope, passage)
        this.#rejoin(scope, [way, scope.copy()], link.operator === '&&' ? defaulted(link.left, passage) : undefined)
      }
    }
  }

  #for(node: Extract<Node, { readonly kind: 'for' }>, scope: Scope, passage: Passage, certain: boolean): void {
    const at = this.#surroundings(scope, passage)
    const origin = passage.origin(node.start, Math.min(node.start + 3, node.end))
    const many = (node.words?.length ?? 0) > ROUNDS
    const words = many
      ? undefined
      : (node.words?.flatMap((word) => filesOf(word, at, this.context) ?? fieldsOf(word, at)) ?? scope.positional)
    const assign = (value: Value): void => this.assign(scope, node.name, value, origin, false)
    const rounds = this.#rounds * (words?.length ?? 1)
    if (words !== undefined && words.length <= ROUNDS && rounds <= NESTED_ROUNDS && words.every((word) => word.kind === 'known')) {
      const outside = this.#rounds
      this.#rounds = rounds
      for (const word of words) {
        assign(word)
        this.#walk(node.body, scope, passage, certain)
      }
      this.#rounds = outside
      return
    }
    assign({ kind: 'unknown', reason: 'a loop over words that are not all known', origin })
    this.#rejoin(scope, [scope.copy(), this.#way(node.body, scope, passage)])
  }

  #command(given: CommandNode, scope: Scope, passage: Passage, certain: boolean): void {
    const node = withoutPrefix(given)
    const at = this.#surroundings(scope, passage)
    if (node.words.length === 0) {
      for (const assignment of node.assignments) this.#assignment(assignment, at, scope, false)
      return
    }
    if (this.aliases.follow(node, passage, (script) => this.script(script, scope, certain))) return
    const fields = this.#fields(node, at)
    const name = fields[0]?.value
    const text = name?.kind === 'known' ? String(name.value) : undefined
    const builtin = BUILTINS.get(text ?? '')
    const body = text === undefined ? undefined : scope.functions.get(text)
    const origin = passage.origin(node.start, node.end)
    // What stands before a builtin stays assigned behind it (XCU §2.14); what stands before a program is for it alone.
    const inside = node.assignments.length === 0 || builtin !== undefined ? scope : scope.copy()
    for (const assignment of node.assignments) this.#assignment(assignment, at, inside, builtin === undefined)
    const values = fields.map((field) => field.value)
    if (body !== undefined && text !== undefined) return this.#call(text, body.body, body.passage, values.slice(1), inside, origin, certain)
    if (builtin !== undefined) {
      builtin(this, { node, values: values.slice(1), at, origin, certain })
      return this.written.by(node, text, at, certain)
    }
    const scripts = text === 'parallel' ? parallelScripts(values.slice(1), origin) : []
    for (const script of scripts) this.script(script, inside.copy(), certain)
    if (scripts.length > 0) return
    const ways = waysOf(node, inside)
    for (const way of ways) {
      const own = way === inside ? fields : this.#fields(node, this.#surroundings(way, passage))
      this.#start(own, text === 'exec', node, way, passage, certain && ways.length === 1, origin)
    }
    this.written.by(node, text, at, certain)
    if (text === 'sudo') this.#asRoot(values, inside)
    if (text === 'exec' && fields.length > 1) scope.ended = true
  }

  #start(
    fields: readonly GivenWord[],
    isExec: boolean,
    node: CommandNode,
    scope: Scope,
    passage: Passage,
    certain: boolean,
    origin: FileOrigin,
  ): void {
    const words = fields.map((field) => ({ ...field, value: placed(field.value, scope) }))
    const started = isExec ? words.slice(1) : words
    const fed = fedScript(
      started.map(({ value }) => value),
      node.input,
      this.#surroundings(scope, passage),
      this.context,
    )
    this.#steps += TELLING
    this.commands.push(new Command(started, scope, certain, origin, fed))
  }

  /** `sudo sh -c SCRIPT`: the files that it writes. What it starts is told by the command as a whole. */
  #asRoot(values: readonly Value[], scope: Scope): void {
    const script = innerScript(withoutSudo(values))
    if (script === undefined || ++this.#asked > INNER) return
    this.written.include(readShell(script, { ...this.context, workingDirectory: scope.directory }))
  }

  #fields(node: CommandNode, at: Surroundings): readonly GivenWord[] {
    const fields: GivenWord[] = []
    for (const word of node.words) {
      if (fields.length >= WORDS) {
        this.problem(`more than ${WORDS} words in a command`, at.passage.origin(word.start, word.end))
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

  #call(name: string, body: Node, passage: Passage, values: readonly Value[], scope: Scope, origin: FileOrigin, certain: boolean): void {
    this.#called.add(name)
    // One that calls itself starts nothing else the second time.
    if (this.#stack.has(name)) return
    if (this.#calls >= CALLS) return this.problem('functions call one another too deeply', origin)
    this.#calls++
    this.#stack.add(name)
    const outer = scope.positional
    scope.positional = values
    this.#walk(body, scope, passage, certain)
    scope.positional = outer
    // `return` ends the function, `exit` the script: which one it was is not told apart, and going on finds more.
    scope.ended = false
    this.#stack.delete(name)
    this.#calls--
  }

  #assignment(assignment: Assignment, at: Surroundings, scope: Scope, exported: boolean): void {
    const origin = at.passage.origin(assignment.start, assignment.end)
    const before = scope.variables.get(assignment.name)?.value
    let value: Value | readonly Value[]
    if (assignment.element) value = { kind: 'unknown', reason: 'an element of an array is not followed', origin }
    else if ('parts' in assignment.value) {
      const text = textOf(assignment.value, at)
      if (!assignment.append) value = text
      else
        value =
          before === undefined || isList(before)
            ? { kind: 'unknown', reason: 'added to what is not known', origin }
            : joinKnown(before, text, origin)
    } else {
      const items = assignment.value.flatMap((word) => fieldsOf(word, at))
      value = assignment.append && before !== undefined && isList(before) ? [...before, ...items].slice(0, 256) : items.slice(0, 256)
    }
    this.assign(scope, assignment.name, value, origin, exported)
  }

  assign(scope: Scope, name: string, value: Value | readonly Value[], origin: FileOrigin, exported: boolean): void {
    // Files of variables may be loaded again and again: each that they set is a part of the script.
    this.#steps++
    const before = scope.variables.get(name)
    const single: Value = isList(value) ? { kind: 'unknown', reason: 'an array', origin } : placed(value, scope)
    const given = setting(name, single, origin)
    const safe = isList(value) ? value : given.value.kind === 'unknown' ? given.value : value
    const variable = { value: safe, exported: exported || scope.exportAll || before?.exported === true, setting: given }
    if (!scope.assign(name, variable)) this.problem('too many variables', origin)
  }
}

/** `command export …`, `builtin . FILE`: the builtin itself. */
function withoutPrefix(node: CommandNode): CommandNode {
  const [first, second] = node.words
  const isPrefix = plainText(first) === 'command' || plainText(first) === 'builtin'
  return isPrefix && BUILTINS.has(plainText(second) ?? '') ? { ...node, words: node.words.slice(1) } : node
}
