import { type FileOrigin, type Unseen, type Value } from '../../evidence/index.ts'
import { partOf, type Passage } from '../passage.ts'
import { directoryOf } from '../paths.ts'
import { plain, type Source, unknown } from '../powershell/datum.ts'
import { filesNamed } from '../powershell/locations.ts'
import { Scope } from '../powershell/scope.ts'
import type { ShellCommand } from '../shell/command.ts'
import type { ShellContext } from '../shell/context.ts'
import { assignmentsIn } from '../shell/load.ts'
import type { ShellProblem, ShellReading } from '../shell/reading.ts'
import { isEnvironmentFile } from '../shell/writes.ts'
import { type Runner, runCommand } from './commands.ts'
import { conditionOf, holds } from './conditions.ts'
import { arrive, type Frame, isCompound, nextJump, unwind } from './frame.ts'
import { parseBatch } from './parse.ts'
import type { Line, Node, Script } from './syntax.ts'
import { expanded, type Names, wordsIn } from './values.ts'

/** How deep files, labels and texts are called. */
const CALLS = 8
/** Rounds of a loop over a list that stands in the file; of a longer one the body is gone through once. */
const ROUNDS = 32
/** The same of loops within loops, all together. */
const NESTED_ROUNDS = 64
/** Commands that are gone through, each time that a loop or a call comes to them. */
const STEPS = 60_000
/** Words of all commands that one file starts. */
const WORDS = 20_000

/** `for %%i in (`, `for /f "delims==" %%i in (`. */
const HEAD = /^for\s+(?:\/([a-z])\s+)?(?:("[^"]{0,200}"|[^%\s]\S{0,200})\s+)?%%?([a-z])\s+in\s*\(/i

/**
 * The commands that a batch file starts, in its order, with variables, directories, labels and called files followed. Nothing is
 * executed. Where the way depends on a condition every way is taken, and the commands say so.
 */
export function readBatch(passage: Passage, context: ShellContext = {}): ShellReading {
  const scope = new Scope(context.workingDirectory)
  for (const [name, { value, origin }] of context.environment ?? []) scope.setEnvironment(name, value, origin)
  return followBatch({ passage, holes: [] }, scope, context)
}

/** The same of a text that something else has cmd.exe read; what it sets is set in `scope`. */
export function followBatch(source: Source, scope: Scope, context: ShellContext): ShellReading {
  const walker = new Walker(context)
  walker.script(source, scope, context.script, context.arguments, source.passage.origin(0, 0))
  return { commands: walker.commands, problems: [...walker.problems.values()] }
}

class Walker implements Runner {
  readonly commands: ShellCommand[] = []
  readonly problems = new Map<string, ShellProblem>()
  readonly context: ShellContext
  certain = true
  /** Where another file was called from, while it is followed: its commands then stand there. */
  site: FileOrigin | undefined
  #unseen: Unseen | undefined
  readonly #parsed = new Map<string, Script>()
  #calls = 0
  #steps = 0
  #words = 0

  constructor(context: ShellContext) {
    this.context = context
    this.#unseen = context.unseenEnvironment
  }

  problem(reason: string, origin: FileOrigin): void {
    this.problems.set(`${origin.path}:${origin.span.start.offset}:${reason}`, { reason, origin, minor: true })
  }

  started(length: number, origin: FileOrigin, command: () => ShellCommand): void {
    this.#words += length
    if (this.#words > WORDS) return this.problem('more commands than are followed', origin)
    const one = command()
    this.commands.push(this.#unseen === undefined ? one : { ...one, unseenEnvironment: this.#unseen })
  }

  script(
    { passage, holes }: Source,
    scope: Scope,
    script: string | undefined,
    given: readonly Value[] | undefined,
    origin: FileOrigin,
  ): void {
    if (this.#calls >= CALLS) return this.problem('files or texts call one another too deeply', origin)
    this.#calls++
    let lines = this.#parsed.get(passage.content)
    if (lines === undefined) {
      lines = parseBatch(passage)
      this.#parsed.set(passage.content, lines)
      for (const { reason, start: from, end } of lines.problems) this.problem(reason, passage.origin(from, end))
    }
    const frame: Frame = {
      lines,
      passage,
      holes,
      script,
      given,
      scope,
      loops: new Map(),
      delayed: /enabledelayedexpansion|\/v:on/i.test(passage.content),
      locals: [],
      jumps: new Map(),
      upwards: { found: false },
      reads: [],
      rounds: 1,
    }
    const before = scope.copy()
    const mark = this.commands.length
    this.#from(0, frame)
    if (frame.upwards.found) {
      // What is behind a label may have been gone through before: once more, with what that has set.
      this.commands.length = mark
      scope.become(before)
      frame.locals.length = 0
      this.#from(0, frame)
    }
    this.#calls--
    scope.ended = false
    unwind(frame, 0)
  }

  /** What was set before may be set anew as well. */
  open(unseen: Unseen, scope: Scope): void {
    this.#unseen ??= unseen
    for (const [name, { value, origin }] of scope.exported())
      if (value.kind !== 'unknown')
        scope.setEnvironment(name, { kind: 'environment', name, fallback: value, emptyIsUnset: true, origin }, origin)
  }

  labels(target: string | undefined, { lines }: Frame): readonly string[] {
    if (target !== undefined) return [target.toLowerCase().replace(/^:/, '')]
    this.#steps += lines.labels.size
    return [...lines.labels.keys()]
  }

  subroutine(name: string, given: readonly Value[], frame: Frame, origin: FileOrigin): void {
    const at = frame.lines.labels.get(name)
    if (at === undefined) return
    if (this.#calls >= CALLS) return this.problem('files or texts call one another too deeply', origin)
    this.#calls++
    const depth = frame.locals.length
    this.#from(at + 1, { ...frame, given })
    this.#calls--
    frame.scope.ended = false
    if (frame.locals.length > depth) unwind(frame, depth)
  }

  way(frame: Frame, run: (inside: Frame) => void): void {
    const one = frame.scope.copy()
    this.#maybe(() => run({ ...frame, scope: one }))
    frame.scope.join(undefined, one, frame.scope.copy())
  }

  #from(index: number, frame: Frame): void {
    const { lines } = frame.lines
    for (let at = index; at < lines.length; at++) {
      if (frame.scope.ended) at = nextJump(frame, at)
      const line = lines[at]
      if (line === undefined) return
      this.#line(line, frame, isCompound(line) ? frame.scope.copy() : frame.scope, at)
    }
  }

  #line({ items }: Line, frame: Frame, before: Scope, index: number): void {
    for (const { operator, node } of items) {
      const run = (inside: Frame): void => this.#node(node, inside, before, index)
      if (operator === '||') this.way(frame, run)
      // Each side of a pipe is a process of its own.
      else if (operator === '|') run({ ...frame, scope: frame.scope.copy() })
      else run(frame)
    }
  }

  #maybe(run: () => void): void {
    const before = this.certain
    this.certain = false
    run()
    this.certain = before
  }

  #node(node: Node, frame: Frame, before: Scope, index: number): void {
    const { scope } = frame
    if (++this.#steps > STEPS) {
      scope.ended = true
      frame.jumps.clear()
      return this.problem('too long to be followed to its end', frame.passage.origin(0, 0))
    }
    if (node.kind === 'label') return arrive(node.name, frame)
    if (scope.ended) return
    switch (node.kind) {
      case 'command':
        return this.#command(node.passage, frame, before, index)
      case 'group':
        for (const line of node.body) this.#line(line, frame, before, index)
        return
      case 'if':
        return this.#if(node, frame, before, index)
      case 'for':
        return this.#for(node, frame, before, index)
      default:
        return node satisfies never
    }
  }

  #if(
    { condition, negated, ignoresCase, body, otherwise }: Extract<Node, { kind: 'if' }>,
    frame: Frame,
    before: Scope,
    index: number,
  ): void {
    const names: Names = { ...frame, before }
    const verdict = holds(condition, ignoresCase, names)
    if (verdict !== undefined) {
      const taken = verdict === negated ? otherwise : body
      if (taken !== undefined) this.#line(taken, frame, before, index)
      return
    }
    const one = frame.scope.copy()
    const other = frame.scope.copy()
    this.#maybe(() => {
      this.#line(body, { ...frame, scope: one }, before, index)
      if (otherwise !== undefined) this.#line(otherwise, { ...frame, scope: other }, before, index)
    })
    frame.scope.join(conditionOf(condition, negated, names), one, other)
  }

  #for({ head, body }: Extract<Node, { kind: 'for' }>, frame: Frame, before: Scope, index: number): void {
    const [whole = '', kind = '', options = '', letter] = HEAD.exec(head.content) ?? []
    const list = partOf(head, whole.length)
    const line = expanded(list, { ...frame, before })
    const items = line === undefined || letter === undefined ? [] : wordsIn(line)
    const inside = (value: Value): Frame => ({
      ...frame,
      rounds,
      loops: letter === undefined ? frame.loops : new Map([...frame.loops, [letter.toLowerCase(), value]]),
    })
    const isList = kind === '' && items.every(({ value }) => value.kind !== 'unknown' && !/[*?]/.test(plain(value) ?? ''))
    const rounds = frame.rounds * items.length
    if (isList && items.length > 0 && items.length <= ROUNDS && rounds <= NESTED_ROUNDS) {
      for (const { value } of items) this.#line(body, inside(value), before, index)
      return
    }
    const isFile = kind.toLowerCase() === 'f' && (/usebackq/i.test(options) || !/^\s*["']/.test(list.content))
    const reads = isFile ? items.flatMap(({ value }) => this.#files(plain(value) ?? '', frame)) : []
    const value = unknown('one of several that are not all known', head.origin(0, head.content.length))
    const known = new Set(frame.scope.environmentFiles)
    this.way(frame, ({ scope }) => this.#line(body, { ...inside(value), scope, reads, rounds: frame.rounds }, before, index))
    const loaded = reads.filter((path) => frame.scope.environmentFiles.includes(path) && !known.has(path))
    for (const path of loaded) this.#load(path, isSelective(body), frame.scope)
  }

  /** Lines of a file were set as variables. `perhaps`: not each of them, or not over what is set. */
  #load(path: string, perhaps: boolean, scope: Scope): void {
    const text = this.context.sourced?.(path)
    if (text === undefined) return
    for (const { name, value, origin } of assignmentsIn(text)) {
      const before = perhaps ? scope.environment(name)?.value : undefined
      const given: Value = before === undefined ? value : { kind: 'choice', options: [before, value], origin }
      if (!scope.setEnvironment(name, given, origin)) return this.problem('too many variables', origin)
    }
  }

  #files(text: string, { scope, script }: Frame): readonly string[] {
    const named = filesNamed(text, scope, directoryOf(script ?? ''))
    const there = named.filter((path) => this.context.files?.has(path) ?? true)
    // Without a `.env` of its own, which git leaves out, the defaults hold.
    return (there.length > 0 ? there : named.filter(isEnvironmentFile)).slice(0, 1)
  }

  #command(passage: Passage, frame: Frame, before: Scope, index: number): void {
    const { content } = passage
    if (content.trim() === '') return
    const origin = passage.origin(content.length - content.trimStart().length, content.trimEnd().length)
    const line = expanded(passage, { ...frame, before })
    if (line === undefined) return this.problem('a command that is too long, or has characters of private use', origin)
    runCommand(line, frame, origin, index, this)
  }
}

/** Whether what a loop does depends on the round. */
function isSelective({ items }: Line): boolean {
  return items.some(
    ({ operator, node }, index) =>
      (index > 0 && operator !== '&') || node.kind === 'if' || (node.kind === 'group' && node.body.some(isSelective)),
  )
}
