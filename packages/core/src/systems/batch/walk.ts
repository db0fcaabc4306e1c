import { type FileOrigin, type Unseen, type Value } from '../../evidence/index.ts'
import { partOf, type Passage } from '../passage.ts'
import { directoryOf, nameOf } from '../paths.ts'
import { plain, type Source, unknown } from '../powershell/datum.ts'
import { filesNamed, goTo, slashed } from '../powershell/locations.ts'
import { Scope } from '../powershell/scope.ts'
import { start } from '../powershell/start.ts'
import { programName } from '../programs/run.ts'
import { setsUp } from '../shell/foreign.ts'
import { assignmentsIn } from '../shell/load.ts'
import { isEnvironmentFile } from '../shell/writes.ts'
import type { ShellCommand } from '../shell/command.ts'
import type { ShellContext } from '../shell/context.ts'
import type { ShellProblem, ShellReading } from '../shell/reading.ts'
import { BATCH_SCRIPT } from './evident.ts'
import { conditionOf, holds } from './conditions.ts'
import { arrive, type Frame, isCompound, jump, nextJump, unwind } from './frame.ts'
import { assign } from './assign.ts'
import { parseBatch } from './parse.ts'
import type { Line, Node, Script } from './syntax.ts'
import { type BatchWord, type Expanded, expanded, filled, type Names, wordsIn } from './values.ts'

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

/** Commands of cmd.exe itself that start nothing. */
const BUILT_IN: ReadonlySet<string> = new Set(
  (
    'assoc break chcp cls color copy date del dir echo erase ftype md mkdir mklink move path pause prompt rd ren rename rmdir ' +
    'time title type ver verify vol shift find findstr timeout tasklist taskkill choice where setx attrib xcopy robocopy'
  ).split(' '),
)

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

class Walker {
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

  /** Goes through a file, or a text: what it sets stays set, but for what stands behind `setlocal`. */
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
      if (operator === '||') this.#way(frame, run)
      // Each side of a pipe is a process of its own.
      else if (operator === '|') run({ ...frame, scope: frame.scope.copy() })
      else run(frame)
    }
  }

  /** A way that may or may not be taken. */
  #way(frame: Frame, run: (inside: Frame) => void): void {
    const one = frame.scope.copy()
    this.#maybe(() => run({ ...frame, scope: one }))
    frame.scope.join(undefined, one, frame.scope.copy())
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
    this.#way(frame, ({ scope }) => this.#line(body, { ...inside(value), scope, reads, rounds: frame.rounds }, before, index))
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
    this.#dispatch(line, wordsIn(line), frame, origin, index)
  }

  #dispatch(line: Expanded, words: readonly BatchWord[], frame: Frame, origin: FileOrigin, index: number): void {
    const { scope } = frame
    const [first, second] = words
    if (first === undefined) return
    const written = slashed(plain(first.value) ?? '')
    const name = programName(written).toLowerCase()
    // `echo.`, `cd..`, `set/p`.
    const builtIn = /^(?:echo(?=[.:([,;/])|(?:cd|chdir)(?=[./])|set(?=\/))/.exec(written.toLowerCase())?.[0] ?? name
    switch (builtIn) {
      case 'set':
        return assign(line, first.start + 'set'.length, frame, origin, this)
      case 'setlocal':
        frame.locals.push(scope.copy())
        return
      case 'endlocal':
        return unwind(frame, frame.locals.length - 1)
      case 'cd':
      case 'chdir':
      case 'pushd':
        return this.#move(builtIn, line, words, frame)
      case 'popd': {
        scope.directory = scope.locations.at(-1)
        scope.locations = scope.locations.slice(0, -1)
        return
      }
      case 'goto':
        return jump(this.#labels(plain(second?.value), frame), frame, index)
      case 'exit':
        scope.ended = true
        return
      case 'call':
        return this.#call(line, words.slice(1), frame, origin, index)
      case 'start':
        return this.#start(line, words.slice(1), { ...frame, scope: scope.copy() }, origin, index)
      case 'cmd':
        return this.#inner(line, words, frame, origin)
      default:
        if (BUILT_IN.has(builtIn) || /^[a-z]:$/i.test(written)) return
        return start(
          words.map(({ value }) => value),
          { at: { scope }, origin, runner: this },
          (one) => `%${one}%`,
        )
    }
  }

  /** What was set before may be set anew as well. */
  open(unseen: Unseen, scope: Scope): void {
    this.#unseen ??= unseen
    for (const [name, { value, origin }] of scope.exported())
      if (value.kind !== 'unknown')
        scope.setEnvironment(name, { kind: 'environment', name, fallback: value, emptyIsUnset: true, origin }, origin)
  }

  #move(name: string, line: Expanded, words: readonly BatchWord[], { scope }: Frame): void {
    const text = line.passage.content
    const joined = /^\s*(?:cd|chdir)(?=[./\\])/i.exec(text)?.[0]
    const targets = words.slice(1).filter(({ value }) => plain(value)?.toLowerCase() !== '/d')
    const value = joined === undefined ? targets[0]?.value : filled(line, joined.length, text.trimEnd().length)
    if (value === undefined) return
    if (name === 'pushd') scope.locations = [...scope.locations.slice(-32), scope.directory]
    goTo(plain(value), scope, this.context)
  }

  /** One that is worked out may be any. */
  #labels(target: string | undefined, { lines }: Frame): readonly string[] {
    if (target !== undefined) return [target.toLowerCase().replace(/^:/, '')]
    this.#steps += lines.labels.size
    return [...lines.labels.keys()]
  }

  #call(line: Expanded, words: readonly BatchWord[], frame: Frame, origin: FileOrigin, index: number): void {
    const [first, ...rest] = words
    const target = plain(first?.value)
    const given = rest.map(({ value }) => value)
    if (first !== undefined && line.passage.content[first.start] === ':') {
      const [only, ...others] = this.#labels(target, frame)
      if (others.length === 0) return this.#subroutine(only ?? '', given, frame, origin)
      for (const name of [only ?? '', ...others]) this.#way(frame, (inside) => this.#subroutine(name, given, inside, origin))
      return
    }
    const path = slashed(target ?? '')
    const file = path === '' ? undefined : this.#batchFile(path, frame)
    if (file === undefined) {
      this.#dispatch(line, words, frame, origin, index)
      if (BATCH_SCRIPT.test(path) && !setsUp(path.toLowerCase()) && !/^[\w-]+\.cmd$/i.test(path))
        this.open({ how: `in ${nameOf(path)}, which is not in the folder`, origin }, frame.scope)
      return
    }
    const before = this.site
    this.site ??= origin
    this.script({ passage: file.text, holes: [] }, frame.scope, file.path, given, origin)
    this.site = before
  }

  #batchFile(path: string, frame: Frame): { readonly path: string; readonly text: Passage } | undefined {
    const names = BATCH_SCRIPT.test(path) ? [path] : /\.\w+$/.test(path) ? [] : [`${path}.bat`, `${path}.cmd`]
    for (const name of names)
      for (const one of filesNamed(name, frame.scope, directoryOf(frame.script ?? ''))) {
        if (this.context.files?.has(one) === false) continue
        const text = this.context.sourced?.(one)
        if (text !== undefined) return { path: one, text }
      }
    return undefined
  }

  /** `call :NAME words`: to the file's end, or `exit /b`. */
  #subroutine(name: string, given: readonly Value[], frame: Frame, origin: FileOrigin): void {
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

  /** `start "title" /b /d DIRECTORY program`: the title is only one where it stands in quotes. */
  #start(line: Expanded, words: readonly BatchWord[], frame: Frame, origin: FileOrigin, index: number): void {
    const { content } = line.passage
    let rest = words[0] !== undefined && content[words[0].start] === '"' ? words.slice(1) : words
    for (;;) {
      const option = /^\/([a-z]+)(.*)$/i.exec(plain(rest[0]?.value) ?? '')
      if (option === null) break
      const isDirectory = /^d$/i.test(option[1] ?? '')
      if (isDirectory) goTo(plain(rest[1]?.value), frame.scope, this.context)
      rest = rest.slice(isDirectory ? 2 : 1)
    }
    this.#dispatch(line, rest, frame, origin, index)
  }

  /** `cmd /c COMMANDS`, `cmd /k "COMMANDS"`: in a process of its own. */
  #inner(line: Expanded, words: readonly BatchWord[], frame: Frame, origin: FileOrigin): void {
    const option = words.findIndex(({ value }) => /^\/[ck]$/i.test(plain(value) ?? ''))
    const first = words[option + 1]
    if (option < 0 || first === undefined) return
    const { passage, holes } = line
    const text = passage.content.slice(first.start).trimEnd()
    // Quotes around the whole are not part of it.
    const quote = /^".*"$/s.test(text) ? 1 : 0
    const inner = partOf(passage, first.start + quote, first.start + text.length - quote)
    this.script({ passage: inner, holes }, frame.scope.copy(), frame.script, frame.given, origin)
  }
}

/** Whether what a loop does depends on the round. */
function isSelective({ items }: Line): boolean {
  return items.some(
    ({ operator, node }, index) =>
      (index > 0 && operator !== '&') || node.kind === 'if' || (node.kind === 'group' && node.body.some(isSelective)),
  )
}
