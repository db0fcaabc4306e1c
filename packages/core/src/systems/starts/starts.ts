import { type Evidence, type FileOrigin, type GapEffect, knownText, show, type Word, wordsGiven } from '../../evidence/index.ts'
import { readBatch } from '../batch/walk.ts'
import type { Recipe } from '../makefile/recipes.ts'
import type { Passage } from '../passage.ts'
import { directoryOf, joinPath } from '../paths.ts'
import { innerText } from '../powershell/children.ts'
import { readPowerShell } from '../powershell/walk.ts'
import type { ScriptCall } from '../programs/index.ts'
import { isQuiet, mayServe } from '../quiet.ts'
import { isRemote } from '../shell/inner.ts'
import { readShell } from '../shell/walk.ts'
import { evidenceIn, type Snapshot, type Tools } from '../system.ts'
import { Budget } from './budget.ts'
import type { CalledScript, ScriptContext, ShellText } from './called.ts'
import { contextWithin, startsOf } from './command.ts'
import { startsByFile } from './entry-files.ts'
import { StartFiles } from './files.ts'
import { linesOf, targetsCalled } from './make.ts'
import { restarted } from './nodemon.ts'
import { scriptsCalled, withoutScript } from './package-script.ts'
import { isScript, readerOf, readerOfText } from './readers.ts'
import { servicesStarted } from './services.ts'
import { onOtherMachine, type Start, type StartContext } from './start.ts'
import { afterWriting, outermost, type Way, writtenBefore } from './way.ts'
import { withKnownProgram } from './words.ts'
import { ScriptWrites } from './writes.ts'

/** How many scripts deep a start is followed: `make` → `npm run start` → `sh start.sh` → … */
const DEPTH = 8
/** What is reported of one reading, at most. */
const PROBLEMS = 100

/** Follows commands through the scripts of a folder, and remembers what it needs and what it did not understand. */
export class Starts extends StartFiles {
  /** Parsers of source code, where what is read may come to a file of code. */
  readonly tools: Tools | undefined
  readonly written: ScriptWrites
  readonly #problems = new Map<string, { readonly reason: string; readonly origin: FileOrigin; readonly affects: GapEffect }>()
  readonly #budget = new Budget((reason, origin) => this.problem(reason, origin))

  constructor(snapshot: Snapshot, tools?: Tools) {
    super(snapshot)
    this.tools = tools
    this.written = new ScriptWrites(this)
  }

  /** Something that was not understood, and what it leaves open: usually what is started. */
  problem(reason: string, origin: FileOrigin, affects: GapEffect = { kind: 'folder' }): void {
    if (this.#problems.size < PROBLEMS)
      this.#problems.set(`${origin.path}:${origin.span.start.offset}:${reason}`, { reason, origin, affects })
  }

  /** What was not understood, once each, and the files of the folder that are not what they were when they run. */
  gaps(): readonly Evidence[] {
    const problems = [...this.#problems.values()].map(({ reason, origin, affects }) =>
      evidenceIn(this.snapshot.context, { claim: 'gap', code: 'not-understood', what: reason, affects }, origin),
    )
    return [...problems, ...this.written.changes.evidence]
  }

  /** What the commands of a script start. */
  ofShell(passage: Passage, context: ScriptContext): readonly Start[] {
    return this.#shell({ read: readShell, passage, context }, outermost())
  }

  /** What a script starts that the shell of whatever machine reads: npm's. */
  ofScript(passage: Passage, context: StartContext): readonly Start[] {
    return this.#shell({ read: readerOfText(passage), passage, context }, outermost())
  }

  /** What the commands of a PowerShell script start. `arguments`: its words, names of its parameters among them. */
  ofPowerShell(passage: Passage, context: ScriptContext): readonly Start[] {
    return this.#shell({ read: readPowerShell, passage, context }, outermost())
  }

  /** What the commands of a batch file start. */
  ofBatch(passage: Passage, context: ScriptContext): readonly Start[] {
    return this.#shell({ read: readBatch, passage, context }, outermost())
  }

  /** What a recipe of a makefile starts. */
  ofRecipe(recipe: Recipe, directory: string, around: Pick<StartContext, 'environment' | 'environmentFiles'>): readonly Start[] {
    const lines = linesOf(recipe, { ...around, workingDirectory: directory, incidental: true })
    const way = outermost()
    return lines.flatMap((line) => this.#shell(line, way))
  }

  /** What one command starts; one that is not understood is a start without `entry` and `serves`. `script`: that of `sh -c SCRIPT`, whole. */
  ofCommand(words: readonly Word[], context: StartContext, origin: FileOrigin, script?: Passage): readonly Start[] {
    return this.#command(words, script, context, outermost(origin))
  }

  /** What the commands of a script have other machines run; what they start here is of no deployment. */
  ofRemote(passage: Passage, context: StartContext): readonly Start[] {
    const { commands } = readShell(passage, { ...context, isDirectory: (path) => this.isDirectory(path), sourced: () => undefined })
    return commands.flatMap(({ script, program, origin }) =>
      script === undefined || !isRemote(program)
        ? []
        : this.#shell({ read: readShell, passage: script, context: onOtherMachine(context) }, outermost(origin)),
    )
  }

  #shell({ read, passage, context, extra = [] }: ShellText, way: Way): readonly Start[] {
    if (this.#budget.isSpent(way)) return []
    const reading = read(passage, {
      ...context,
      sourced: (path) => this.text(this.placed(path, context)),
      isDirectory: (path) => this.isDirectory(path),
      files: this.snapshot.paths,
    })
    const { commands, problems, changes = [] } = reading
    this.#budget.countRead(passage, commands)
    for (const { reason, origin, minor } of problems)
      this.problem(reason, origin, minor && context.incidental === true ? { kind: 'nothing' } : { kind: 'folder' })
    if (context.inContainer !== true) this.written.add(reading)
    const behind = afterWriting(way, changes)
    const isPart = context.incidental === true || way.scripts.length > 0
    return commands.flatMap((command, index) => {
      const services = servicesStarted(command, commands, (path, { workingDirectory }) => this.#fileFrom(path, workingDirectory, context))
      if (services.length > 0)
        return services.flatMap((service) =>
          this.#command(service, undefined, { ...context, workingDirectory: '' }, { ...behind, origin: way.origin ?? command.origin }),
        )
      if (isPart && command.script === undefined && isQuiet(command.program)) return []
      const words = index === commands.length - 1 ? [...command.words, ...extra] : command.words
      const inside: StartContext = {
        ...context,
        workingDirectory: command.workingDirectory,
        environment: command.environment,
        environmentFiles: [...(context.environmentFiles ?? []), ...command.environmentFiles.map((path) => this.placed(path, context))],
        unseenEnvironment: command.unseenEnvironment ?? context.unseenEnvironment,
        certain: command.certain && context.certain !== false,
      }
      return this.#command(words, command.script, inside, { ...behind, origin: way.origin ?? command.origin })
    })
  }

  /** The file of the folder that a script names, from where it may be started. */
  #fileFrom(path: string, workingDirectory: string | undefined, context: StartContext): string | undefined {
    const { paths } = this.snapshot
    const from = workingDirectory === undefined ? (context.directories ?? ['']) : [workingDirectory, ...(context.directories ?? [])]
    const named = path.startsWith('/') ? [this.placed(path, context)] : from.map((directory) => joinPath(directory, path))
    return named.find((one) => one !== undefined && paths.has(one))
  }

  #command(words: readonly Word[], inner: Passage | undefined, context: StartContext, way: Way): readonly Start[] {
    const { origin } = way
    if (words.length === 0 || origin === undefined || !this.#budget.takes(words.length, way, origin)) return []
    if (inner !== undefined && !isRemote(knownText(words[0]?.text))) return this.#given(inner, context, way)
    // Beside what it runs on the other machine `ssh` may forward ports of this one.
    if (inner !== undefined) return [...this.#forwarded(words, context, way), ...this.#given(inner, onOtherMachine(context), way)]
    const script = innerText(words, origin)
    if (script !== undefined) return this.#shell({ read: readPowerShell, passage: script, context }, way)
    const targets = targetsCalled(words, context, this)
    if (targets !== undefined) return targets.flatMap((target) => this.#called(target, way))
    this.written.changes.addLinked(words)
    const starts = startsOf(withKnownProgram(words), context, origin, way.scripts, this)
    for (const start of starts.slice(0, 1)) this.#tellUnknown(start, context)
    return starts
      .flatMap((one) => (writtenBefore(one, way) === undefined ? startsByFile(one, context, this.snapshot.paths) : [one]))
      .flatMap((one) => this.#followed(one, contextWithin(one, context), way))
  }

  #forwarded(words: readonly Word[], context: StartContext, way: Way): readonly Start[] {
    const { origin } = way
    if (origin === undefined) return []
    const starts = startsOf(words, context, origin, way.scripts, this).slice(0, 1)
    for (const start of starts) this.#tellUnknown(start, context)
    return starts.filter(({ reading }) => reading.serves !== undefined)
  }

  #tellUnknown({ words, reading: { unknown, serves, entry } }: Start, { incidental }: StartContext): void {
    const matters = incidental !== true || serves !== undefined || entry !== undefined || mayServe(words)
    for (const { reason, origin, opens } of unknown) if (matters || opens === true) this.problem(reason, origin)
  }

  /** What the script starts that a shell is given to read. */
  #given(passage: Passage, context: StartContext, way: Way): readonly Start[] {
    const { path, span } = passage.origin(0, 0)
    const place = `${path}:${span.start.offset}`
    return way.given.includes(place) ? [] : this.#shell({ read: readShell, passage, context }, { ...way, given: [...way.given, place] })
  }

  #called({ name, texts }: CalledScript, way: Way): readonly Start[] {
    if (way.scripts.includes(name)) return []
    if (way.scripts.length < DEPTH) {
      const deeper = { ...way, scripts: [...way.scripts, name] }
      return texts().flatMap((text) => this.#shell(text, deeper))
    }
    if (way.origin !== undefined) this.problem('scripts call one another too deeply', way.origin)
    return []
  }

  /** What a start comes to: itself, or what the scripts start that it calls. */
  #followed(start: Start, context: StartContext, way: Way): readonly Start[] {
    const { script, program } = start.reading
    if (script !== undefined) return this.#ofPackage(script, start, context, way)
    if (program === 'nodemon') {
      const found = restarted(start, context, this)
      return 'start' in found ? [found.start] : this.#shell(found.command, way)
    }
    const file = this.#scriptFile(start, context, way)
    return file === undefined ? [start] : this.#called(file, way)
  }

  #ofPackage(call: ScriptCall, start: Start, context: StartContext, way: Way): readonly Start[] {
    const found = this.packageOf(call)
    if (found === undefined) return [start]
    const scripts = scriptsCalled(call, found, context, this)
    if (scripts.length > 0) {
      const starts = scripts.flatMap((script) => this.#called(script, way))
      return starts.length > 0 ? starts : [start]
    }
    const other = withoutScript(call, found.directory, start, this.snapshot.paths)
    if (other === undefined)
      this.problem(`there is no script \`${show(call.name, 60)}\` in ${found.text.path}`, start.origin, { kind: 'nothing' })
    return [other ?? start]
  }

  /** The script that a start runs by its path: of the folder, or as a script that leads here wrote it. */
  #scriptFile(start: Start, context: StartContext, way: Way): CalledScript | undefined {
    const written = writtenBefore(start, way)
    const entry = start.reading.entry ?? written?.paths[0]
    if (entry === undefined || !isScript(entry, start.words)) return undefined
    if (written !== undefined && written.passage === undefined)
      this.problem(`what ${show(entry, 80)} says when it is run is not known: a script writes it`, written.origin)
    const passage = written?.passage ?? this.text(entry)
    if (passage === undefined) return undefined
    const read = readerOf(entry, passage) ?? (written?.passage === undefined ? undefined : readShell)
    if (read === undefined) return undefined
    const own = written === undefined ? [directoryOf(entry)] : (context.directories ?? [])
    const inside: ScriptContext = {
      ...context,
      workingDirectory: start.workingDirectory,
      directories: [...new Set([...own, ''])],
      script: entry,
      arguments: wordsGiven(start.reading.arguments).map(({ value }) => value),
    }
    return { name: entry, texts: () => [{ read, passage, context: inside }] }
  }
}
