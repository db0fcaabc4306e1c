import type { FileOrigin, Value } from '../../evidence/index.ts'
import type { Passage } from '../passage.ts'
import { Aliases } from './aliases.ts'
import { variableOf } from './assignment.ts'
import { rejoin } from './branches.ts'
import type { ShellCommand } from './command.ts'
import { defaulted, isCondition, outcomeOf } from './conditions.ts'
import type { ShellContext } from './context.ts'
import type { Surroundings } from './expand.ts'
import { textPrinted, wordsPrinted } from './load.ts'
import { linesLoaded, roundsOf } from './loops.ts'
import { outputOf } from './output.ts'
import { parseShell } from './parse.ts'
import type { ShellProblem, ShellReading } from './reading.ts'
import { Scope } from './scope.ts'
import { type CommandShell, followCommand } from './simple-command.ts'
import type { ChainNode, ForNode, IfNode, LoopNode, Node, Script } from './syntax.ts'
import { WrittenFiles } from './written.ts'

/** How deep functions, `eval` and sourced files are followed. */
const CALLS = 8
/** Rounds of loops within loops, all together. */
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

/** Goes through what a script says, in the order in which it runs. */
class Walker implements CommandShell {
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
  /** Of the loops around what is walked. */
  #rounds = 1
  #steps = 0
  #isTooLong = false
  #calls = 0
  #inner = 0

  constructor(context: ShellContext, script: Passage) {
    this.aliases = new Aliases(script)
    this.written = new WrittenFiles(context)
    this.context = this.written.context
  }

  problem(reason: string, origin: FileOrigin, minor = false): void {
    this.problems.push({ reason, origin, minor })
  }

  start(command: ShellCommand): void {
    this.#steps += TELLING
    this.commands.push(command)
  }

  assign(scope: Scope, name: string, value: Value | readonly Value[], origin: FileOrigin, exported: boolean): void {
    // Files of variables may be loaded again and again: each that they set is a part of the script.
    this.#steps++
    if (!scope.assign(name, variableOf(name, value, origin, exported, scope))) this.problem('too many variables', origin)
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

  call(name: string, values: readonly Value[], scope: Scope, origin: FileOrigin, certain: boolean): void {
    const found = scope.functions.get(name)
    this.#called.add(name)
    // One that calls itself starts nothing else the second time.
    if (found === undefined || this.#stack.has(name)) return
    if (this.#calls >= CALLS) return this.problem('functions call one another too deeply', origin)
    this.#calls++
    this.#stack.add(name)
    const outer = scope.positional
    scope.positional = values
    this.#walk(found.body, scope, found.passage, certain)
    scope.positional = outer
    // `return` ends the function, `exit` the script: which one it was is not told apart, and going on finds more.
    scope.ended = false
    this.#stack.delete(name)
    this.#calls--
  }

  writesOf(script: Passage, scope: Scope): void {
    if (++this.#inner <= INNER) this.written.include(readShell(script, { ...this.context, workingDirectory: scope.directory }))
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
      case 'if':
        return this.#if(node, scope, passage, certain)
      case 'case':
        return rejoin(scope, [scope.copy(), ...node.arms.map((arm) => this.#way(arm.body, scope, passage))])
      case 'loop':
        return this.#loop(node, scope, passage, certain)
      case 'for':
        return this.#for(node, scope, passage, certain)
      case 'function':
        if (!scope.define(node.name, { body: node.body, passage }))
          this.problem('too many functions', passage.origin(node.start, node.start))
        return
      case 'test':
        return
      case 'command':
        return followCommand(this, node, this.#surroundings(scope, passage), certain)
      default:
        return node satisfies never
    }
  }

  /** The state behind something that may run or not. */
  #way(body: Node, scope: Scope, passage: Passage): Scope {
    const way = scope.copy()
    this.#walk(body, way, passage, false)
    return way
  }

  #if({ arms, otherwise }: Pick<IfNode, 'arms' | 'otherwise'>, scope: Scope, passage: Passage, certain: boolean): void {
    const [first, ...others] = arms
    const outcome = first === undefined ? undefined : outcomeOf(first.condition, this.#surroundings(scope, passage), this.context)
    if (first !== undefined && outcome !== undefined) {
      this.#walk(first.condition, scope, passage, certain)
      if (outcome) return this.#walk(first.body, scope, passage, certain)
      if (others.length > 0) return this.#if({ arms: others, ...(otherwise === undefined ? {} : { otherwise }) }, scope, passage, certain)
      return otherwise === undefined ? undefined : this.#walk(otherwise, scope, passage, certain)
    }
    const ways = arms.map(({ condition, body }) => {
      this.#walk(condition, scope, passage, certain)
      return this.#way(body, scope, passage)
    })
    ways.push(otherwise === undefined ? scope.copy() : this.#way(otherwise, scope, passage))
    const isOnly = others.length === 0 && otherwise === undefined
    rejoin(scope, ways, isOnly && first !== undefined ? defaulted(first.condition, passage) : undefined)
  }

  #loop(node: LoopNode, scope: Scope, passage: Passage, certain: boolean): void {
    const lines = linesLoaded(node, this.#surroundings(scope, passage), this.context)
    if (lines !== undefined) {
      this.#way(node.body, scope, passage)
      for (const { name, value, origin } of lines.assigned) this.assign(scope, name, value, origin, lines.exported)
      return
    }
    this.#walk(node.condition, scope, passage, certain)
    rejoin(scope, [scope.copy(), this.#way(node.body, scope, passage)])
  }

  #for(node: ForNode, scope: Scope, passage: Passage, certain: boolean): void {
    const origin = passage.origin(node.start, Math.min(node.start + 3, node.end))
    const words = roundsOf(node, this.#surroundings(scope, passage), this.context)
    const rounds = this.#rounds * (words?.length ?? 1)
    if (words === undefined || rounds > NESTED_ROUNDS) {
      this.assign(scope, node.name, { kind: 'unknown', reason: 'a loop over words that are not all known', origin }, origin, false)
      return rejoin(scope, [scope.copy(), this.#way(node.body, scope, passage)])
    }
    const outside = this.#rounds
    this.#rounds = rounds
    for (const word of words) {
      this.assign(scope, node.name, word, origin, false)
      this.#walk(node.body, scope, passage, certain)
    }
    this.#rounds = outside
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
      const outcome = outcomeOf(link.left, this.#surroundings(scope, passage), this.context)
      if (outcome === (link.operator === '||')) continue
      if (outcome !== undefined || (link.operator === '&&' && !isCondition(link.left))) this.#walk(link.right, scope, passage, certain)
      else {
        const way = this.#way(link.right, scope, passage)
        rejoin(scope, [way, scope.copy()], link.operator === '&&' ? defaulted(link.left, passage) : undefined)
      }
    }
  }
}
