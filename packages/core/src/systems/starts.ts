import { type Evidence, type FileOrigin, type GapEffect, type Setting, show, Text, unseenFile, type Word } from '../evidence/index.ts'
import type { Passage } from './passage.ts'
import { DEPLOYED_FILE, elsewhere, startOfEach, type Start, type StartContext } from './start.ts'
import { packageOf, sourcesOf, sourceTwins } from './built.ts'
import { filesEnding, isBuilt } from './deployed.ts'
import { FileChanges } from './file-changes.ts'
import { handedTo } from './handed.ts'
import { directoryOf, joinPath, nameOf } from './paths.ts'
import { type CommandReading, readCommand, type ScriptCall } from './programs/index.ts'
import { inFolder, placeOf } from './programs/place.ts'
import { StartFiles } from './start-files.ts'
import { nodemonSettings } from './package-json/nodemon.ts'
import { npmSettings } from './package-json/npm-settings.ts'
import { packageScripts } from './package-json/scripts.ts'
import { isForWindows } from './batch/evident.ts'
import { readBatch } from './batch/walk.ts'
import { innerText } from './powershell/children.ts'
import { readPowerShell } from './powershell/walk.ts'
import { MAKEFILES, makeCall } from './makefile/call.ts'
import { type Recipe, recipesOf } from './makefile/recipes.ts'
import { wholeMakefile } from './makefile/whole.ts'
import { isQuiet, mayServe } from './quiet.ts'
import { isRemote, isShell } from './shell/inner.ts'
import type { ChangedFile } from './shell/changes.ts'
import type { WrittenDocument } from './shell/documents.ts'
import type { FileWrite } from './shell/writes.ts'
import { readShell, type ShellContext, type ShellReading } from './shell/walk.ts'
import {
  BATCH_SCRIPT,
  isScript,
  known,
  positional,
  POWERSHELL_SCRIPT,
  putIn,
  scriptsNamed,
  SHELL_SCRIPT,
  withKnownProgram,
} from './start-words.ts'
import { evidenceIn, type Snapshot, type Tools, type ScriptedFile } from './system.ts'

/** How many scripts deep a start is followed: `make` → `npm run start` → `sh start.sh` → … */
const DEPTH = 8
/** Words of the commands that one script, or command, leads to, so that scripts which call one another many times end. */
const FOLLOWED = 20_000
/** Words of all commands of one reading. */
const WORDS = 150_000
/** Words of commands that are read again, also of those that start nothing: one recipe may be that of thousands of targets. */
const AGAIN = 100_000
/** To follow a command takes about as long as so many words of it. */
const COMMAND = 3
const TOO_MANY = 'too many commands to follow: those from here on are left out'
/** What is reported of one reading, at most. */
const PROBLEMS = 100
/** Files that scripts write which are read. */
const WRITTEN = 500
/** Words in which a shell names its script. */
const WRAPPED = 8
/** Files of code that readers follow. */
const SOURCE_FILE = /\.(?:[cm]?[jt]sx?|py)$/
const SHELL_LINE = /^#!.{0,64}\b(?:ba|da|a|k|z)?sh\b/

export type { Start, StartContext } from './start.ts'

/** How a command was come to. */
interface Way {
  /** The scripts that are being followed: one that calls itself starts nothing new. */
  readonly scripts: readonly string[]
  /** Where what a shell was given to read begins, likewise: a script may be given itself. */
  readonly given: readonly string[]
  readonly origin: FileOrigin | undefined
  /** The words of the commands that the outermost led to so far. */
  readonly followed: { words: number }
  /** The files that the scripts being followed wrote before, the last ones last. */
  readonly written: readonly ChangedFile[]
}

function outermost(origin?: FileOrigin): Way {
  return { scripts: [], given: [], origin, followed: { words: 0 }, written: [] }
}

/** Follows commands through the scripts of a folder, and remembers what it needs and what it did not understand. */
export class Starts extends StartFiles {
  /** Parsers of source code, where what is read may come to a file of code. */
  readonly tools: Tools | undefined
  /** The files of variables that the scripts make which were followed. */
  readonly writes: FileWrite[] = []
  readonly #written = new Map<string, ScriptedFile>()
  readonly #changes: FileChanges
  readonly #problems = new Map<string, { readonly reason: string; readonly origin: FileOrigin; readonly affects: GapEffect }>()
  #words = 0
  readonly #read = new Set<string>()
  #again = 0

  constructor(snapshot: Snapshot, tools?: Tools) {
    super(snapshot)
    this.tools = tools
    this.#changes = new FileChanges(snapshot, (path) => this.text(path))
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
    return [...problems, ...this.#changes.evidence]
  }

  /** The files that the scripts write with here-documents, each place once. */
  written(): readonly ScriptedFile[] {
    return [...this.#written.values()]
  }

  /** One that the folder has as well is another file, unless its path says that it is this one. */
  #write(document: WrittenDocument): void {
    const absolute = document.path.startsWith('/')
    const [deployed] = this.writtenAt(document.path)
    const path = absolute && (deployed === undefined || this.snapshot.paths.has(deployed)) ? document.path.slice(1) : (deployed ?? '')
    const { path: script, span } = document.passage.origin(0, 0)
    if (this.#written.size < WRITTEN) this.#written.set(`${script}:${span.start.offset}:${path}`, { ...document, path })
  }

  /** What the commands of a script start. */
  ofShell(passage: Passage, context: StartContext & Pick<ShellContext, 'script' | 'arguments'>): readonly Start[] {
    return this.#shell(passage, context, [], outermost())
  }

  /** What a script starts that the shell of whatever machine reads: npm's. */
  ofScript(passage: Passage, context: StartContext): readonly Start[] {
    return this.#commands(readerOfText(passage), passage, context, [], outermost())
  }

  /** What is run before a start, or while an image is built, starts nothing that stays: it may change the files that do. */
  prepared(script: Passage, { workingDirectory, mounts, inContainer }: StartContext): void {
    const image = placeOf({ workingDirectory: '/', mounts: mounts ?? new Map(), paths: this.snapshot.paths, inContainer: true })
    const placed = (path: string): readonly string[] =>
      inContainer === true ? [inFolder(image, path)].filter((found) => found !== undefined) : this.writtenAt(path)
    const sourced = (path: string): Text | undefined => placed(path).map((one) => this.text(one))[0]
    const { commands, changes = [] } = readShell(script, { workingDirectory, sourced })
    for (const change of changes) this.#changes.add(change, change.paths.flatMap(placed))
    for (const { words } of commands) this.#changes.addLinked(words)
  }

  /** A file of the folder that stands in a container where another one of the folder would be. */
  standsAt(file: string, place: string, mounts: ReadonlyMap<string, string>, origin: FileOrigin): void {
    const image = placeOf({ workingDirectory: '/', mounts, paths: this.snapshot.paths, inContainer: true })
    const directory = inFolder(image, directoryOf(place))
    const path = directory === undefined ? undefined : joinPath(directory, nameOf(place))
    if (path === undefined || path === file || !this.snapshot.paths.has(file)) return
    this.#changes.add({ paths: [path], append: false, passage: this.text(file), origin }, [path])
  }

  /** What the commands of a script have other machines run; what they start here is of no deployment. */
  ofRemote(passage: Passage, context: StartContext): readonly Start[] {
    const { commands } = readShell(passage, { ...context, isDirectory: (path) => this.isDirectory(path), sourced: () => undefined })
    return commands.flatMap(({ script, program, origin }) =>
      script === undefined || !isRemote(program) ? [] : this.#shell(script, elsewhere(context), [], outermost(origin)),
    )
  }

  /** What the commands of a PowerShell script start. `arguments`: its words, names of its parameters among them. */
  ofPowerShell(passage: Passage, context: StartContext & Pick<ShellContext, 'script' | 'arguments'>): readonly Start[] {
    return this.#commands(readPowerShell, passage, context, [], outermost())
  }

  /** What the commands of a batch file start. */
  ofBatch(passage: Passage, context: StartContext & Pick<ShellContext, 'script' | 'arguments'>): readonly Start[] {
    return this.#commands(readBatch, passage, context, [], outermost())
  }

  /** What a recipe of a makefile starts; every line is a shell of its own. */
  ofRecipe(recipe: Recipe, directory: string, around: Pick<StartContext, 'environment' | 'environmentFiles'>): readonly Start[] {
    return this.#recipe(recipe, { ...around, workingDirectory: directory, incidental: true }, outermost())
  }

  #recipe({ lines, environment, environmentFiles, unseen }: Recipe, context: StartContext, way: Way): readonly Start[] {
    const inside: StartContext = {
      ...context,
      environment: new Map([...(context.environment ?? []), ...environment]),
      environmentFiles: [...(context.environmentFiles ?? []), ...environmentFiles],
      ...(unseen === undefined ? {} : { unseenEnvironment: unseenFile(unseen) }),
    }
    return lines.flatMap((line) => this.#commands(readerOfText(line), line, inside, [], way))
  }

  /** What one command starts; one that is not understood is a start without `entry` and `serves`. `script`: that of `sh -c SCRIPT`, whole. */
  ofCommand(words: readonly Word[], context: StartContext, origin: FileOrigin, script?: Passage): readonly Start[] {
    return this.#command(words, script, context, outermost(origin))
  }

  #shell(
    passage: Passage,
    context: StartContext & Pick<ShellContext, 'script' | 'arguments'>,
    extra: readonly Word[],
    way: Way,
  ): readonly Start[] {
    return this.#commands(readShell, passage, context, extra, way)
  }

  #commands(
    read: (passage: Passage, context: ShellContext) => ShellReading,
    passage: Passage,
    context: StartContext & Pick<ShellContext, 'script' | 'arguments'>,
    extra: readonly Word[],
    way: Way,
  ): readonly Start[] {
    if (way.followed.words > FOLLOWED || this.#again > AGAIN) return []
    const {
      commands,
      problems,
      writes = [],
      documents = [],
      changes = [],
    } = read(passage, {
      ...context,
      sourced: (path) => this.text(this.placed(path, context)),
      isDirectory: (path) => this.isDirectory(path),
      files: this.snapshot.paths,
    })
    this.#count(passage, commands)
    for (const { reason, origin, minor } of problems) {
      this.problem(reason, origin, minor && context.incidental === true ? { kind: 'nothing' } : { kind: 'folder' })
    }
    if (context.inContainer !== true) {
      for (const write of writes) this.writes.push({ ...write, paths: write.paths.flatMap((path) => this.writtenAt(path)) })
      for (const document of documents) this.#write(document)
      for (const change of changes)
        this.#changes.add(
          change,
          change.paths.flatMap((path) => this.writtenAt(path)),
        )
    }
    const written = changes.length === 0 ? way.written : [...way.written, ...changes].slice(-WRITTEN)
    return commands.flatMap((command, index) => {
      const isPart = context.incidental === true || way.scripts.length > 0
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
      return this.#command(words, command.script, inside, { ...way, origin: way.origin ?? command.origin, written })
    })
  }

  #command(words: readonly Word[], inner: Passage | undefined, context: StartContext, way: Way): readonly Start[] {
    const { origin } = way
    if (words.length === 0 || origin === undefined) return []
    if (this.#isTooMuch(COMMAND + words.length, way, origin)) return []
    if (inner !== undefined) return this.#given(inner, isRemote(known(words[0])) ? elsewhere(context) : context, way)
    const script = innerText(words, origin)
    if (script !== undefined) return this.#commands(readPowerShell, script, context, [], way)
    const made = this.#made(words, context, way)
    if (made !== undefined) return made
    this.#changes.addLinked(words)
    const start = this.#readCommand(withKnownProgram(words), context, origin, way.scripts)
    return [start.reading, ...start.reading.also]
      .flatMap((reading) =>
        writtenBefore({ ...start, reading }, way) === undefined ? this.#elsewhere({ ...start, reading }, context) : [{ ...start, reading }],
      )
      .flatMap((one) => this.#followed(one, context, way))
  }

  /** Counts what is read again. */
  #count(passage: Passage, commands: ShellReading['commands']): void {
    const origin = passage.origin(0, 0)
    const place = `${origin.path}:${origin.span.start.offset}`
    if (this.#read.has(place)) this.#again += commands.reduce((sum, { words }) => sum + words.length, 1)
    else this.#read.add(place)
    if (this.#again > AGAIN) this.problem(TOO_MANY, origin)
  }

  /** Counts a command of so many words; where it is the first too many, that is said. */
  #isTooMuch(words: number, { scripts, given, followed }: Way, origin: FileOrigin): boolean {
    const wasTooMuch = this.#words > WORDS || followed.words > FOLLOWED
    this.#words += words
    if (scripts.length + given.length > 0) followed.words += words
    const isTooMuch = this.#words > WORDS || followed.words > FOLLOWED
    if (isTooMuch && !wasTooMuch) this.problem(TOO_MANY, origin)
    return isTooMuch
  }

  #given(passage: Passage, context: StartContext, way: Way): readonly Start[] {
    const { path, span } = passage.origin(0, 0)
    const place = `${path}:${span.start.offset}`
    return way.given.includes(place) ? [] : this.#shell(passage, context, [], { ...way, given: [...way.given, place] })
  }

  /** `make [-C directory] [-f file] [NAME=value…] [target…]`, where the folder has the makefile. */
  #made(words: readonly Word[], context: StartContext, way: Way): readonly Start[] | undefined {
    const call = makeCall(words.map(known))
    if (call === undefined) return undefined
    for (const { workingDirectory = '', mounts } of this.places(context)) {
      const outer = mounts?.get(workingDirectory) ?? workingDirectory
      const directory = joinPath(outer, call.directory)
      const names = call.file === undefined ? MAKEFILES : [call.file]
      const path = names
        .flatMap((name) => (directory === undefined ? [] : (joinPath(directory, name) ?? [])))
        .find((one) => this.snapshot.paths.has(one))
      if (path === undefined || directory === undefined) continue
      const text = this.text(path)
      if (text === undefined) return []
      return call.targets.flatMap((target) =>
        this.#deeper(`${path}#${target ?? ''}`, way, (deeper) =>
          recipesOf(text, wholeMakefile(text, directory, this), target, call.variables, true).flatMap((recipe) =>
            this.#recipe(recipe, { ...context, workingDirectory: directory }, deeper),
          ),
        ),
      )
    }
    return undefined
  }

  #readCommand(words: readonly Word[], context: StartContext, origin: FileOrigin, scripts: readonly string[]): Start {
    const { inContainer, environment, environmentFiles = [] } = context
    const readIn = (given: readonly Word[]): readonly CommandReading[] =>
      this.places(context).map((place) =>
        readCommand(given, {
          ...place,
          paths: this.snapshot.paths,
          ...(inContainer === undefined ? {} : { inContainer }),
          ...(environment === undefined ? {} : { environment }),
          built: (name) => this.built(name, origin.path),
          text: (path) => this.text(path),
        }),
      )
    const around = readIn(words)
    const mayBeSet = environmentFiles.length > 0 || context.unseenEnvironment !== undefined
    // What a shell put into the words is there, whatever comes to the program of the variables.
    const readings = mayBeSet && around.some((reading) => reading.clearsEnvironment === true) ? readIn(words.map(putIn)) : around
    // Of several directories that a command may start in, the one is meant where its file is.
    const found = readings.findIndex(
      ({ entry, script }) => (entry !== undefined && this.snapshot.paths.has(entry)) || this.packageOf(script) !== undefined,
    )
    const reading = readings[Math.max(found, 0)] ?? readCommand(words)
    const cleared = reading.clearsEnvironment === true
    const matters = context.incidental !== true || reading.serves !== undefined || reading.entry !== undefined || mayServe(words)
    if (matters) for (const { reason, origin: place } of reading.unknown) this.problem(reason, place)
    return {
      words,
      reading,
      scripts,
      environment: cleared || environment === undefined ? reading.environment : withSettings(environment, reading.environment),
      environmentFiles: [...(cleared ? [] : environmentFiles), ...reading.environmentFiles],
      unseenEnvironment: reading.unseenEnvironment ?? (cleared ? undefined : context.unseenEnvironment),
      workingDirectory: context.workingDirectory !== undefined || found >= 0 ? reading.workingDirectory : undefined,
      origin,
      certain: context.certain !== false,
    }
  }

  /**
   * The files of the folder that a start may be of whose own is not where it is looked for: nobody says from where the script is called,
   * or which directory of a machine the folder is. Where several have its name, what is set for it may be for each of them.
   */
  #elsewhere(start: Start, { inContainer, workingDirectory }: StartContext): readonly Start[] {
    const { paths } = this.snapshot
    const { entry, serves, script } = start.reading
    if (serves !== undefined || script !== undefined || (entry !== undefined && paths.has(entry))) return [start]
    if (inContainer === true || (entry !== undefined && isBuilt(entry))) return this.#unbuilt(start)
    const path = entry ?? nameOf(start.words.map(known).find((word) => word !== undefined && DEPLOYED_FILE.test(word)) ?? '')
    const found = path === '' ? handedTo(start, paths) : filesEnding(path, paths)
    return found.length === 0
      ? this.#unbuilt(start)
      : startOfEach(start, path, found, found.length === 1 && entry !== undefined && workingDirectory === undefined)
  }

  /** A start of code that the folder does not have: of JavaScript it is one of what that is built from, and else of a file that is missing. */
  #unbuilt(start: Start): readonly Start[] {
    const { paths } = this.snapshot
    const { entry } = start.reading
    if (entry === undefined || !SOURCE_FILE.test(entry) || sourceTwins(entry).some((path) => paths.has(path))) return [start]
    const isScripted = /\.[cm]?js$/.test(entry)
    const sources = isScripted ? sourcesOf(entry, paths) : undefined
    if (sources !== undefined && sources.paths.length > 0) return startOfEach(start, entry, sources.paths, sources.sure)
    return [
      { ...start, ...(isScripted ? { builtOf: packageOf(entry, paths) } : {}), ...(isBuilt(entry) ? {} : { missing: true as const }) },
    ]
  }

  #followed(start: Start, context: StartContext, way: Way): readonly Start[] {
    const { reading, environment, environmentFiles, unseenEnvironment, certain } = start
    const inside = {
      ...context,
      environment: withSettings(environment, reading.environment),
      environmentFiles,
      unseenEnvironment,
      certain,
    }
    if (reading.script !== undefined) return this.#script(reading.script, inside, start, way)
    if (reading.program === 'nodemon') return this.#restarted(start, inside, way)
    const written = writtenBefore(start, way)
    const entry = reading.entry ?? written?.paths[0]
    if (entry === undefined || !isScript(entry, start.words)) return [start]
    if (written !== undefined && written.passage === undefined)
      this.problem(`what ${show(entry, 80)} says when it is run is not known: a script writes it`, written.origin)
    const text = written?.passage ?? this.text(entry)
    if (text === undefined) return [start]
    const read = written?.passage === undefined ? readerOf(entry, text) : (readerOf(entry, text) ?? readShell)
    if (read === undefined) return [start]
    return this.#deeper(entry, way, (deeper) => {
      const own = written === undefined ? [directoryOf(entry)] : (context.directories ?? [])
      const directories = [...new Set([...own, ''])]
      const outer = { ...inside, workingDirectory: start.workingDirectory, directories, script: entry, arguments: positional(reading) }
      return this.#commands(read, text, outer, [], deeper)
    })
  }

  /** `nodemon [FILE]`, which its configuration tells what to run, and with which variables. */
  #restarted(start: Start, context: StartContext, way: Way): readonly Start[] {
    const directory = start.workingDirectory ?? ''
    const { entry } = start.reading
    const text = (name: string): Text | undefined => this.text(joinPath(directory, name) ?? name)
    const { environment: given, exec, script } = nodemonSettings(text('nodemon.json'), text('package.json'))
    const environment = new Map([...given, ...start.environment])
    if (exec !== undefined) {
      const words = start.words.slice(
        entry === undefined ? start.words.length : start.words.findIndex((word) => joinPath(directory, known(word) ?? '') === entry),
      )
      return this.#commands(readerOfText(exec), exec, { ...context, environment, workingDirectory: directory }, words, way)
    }
    const main = [script ?? 'index.js', `${script}.js`]
      .map((name) => joinPath(directory, name) ?? name)
      .find((path) => this.snapshot.paths.has(path))
    const file = entry ?? main
    return [{ ...start, environment, reading: file === undefined ? start.reading : { ...start.reading, entry: file } }]
  }

  #script(call: ScriptCall, context: StartContext, start: Start, way: Way): readonly Start[] {
    const found = this.packageOf(call)
    if (found === undefined) return [start]
    const manifest = packageScripts(found.text)
    const scripts = scriptsNamed(call.name, manifest.scripts)
    const npm = npmSettings(manifest, this.text(joinPath(found.directory, '.npmrc') ?? ''))
    const environment = npm.size === 0 ? context.environment : new Map([...npm, ...(context.environment ?? [])])
    if (scripts.length === 0) {
      if (call.orProgram !== undefined) return [{ ...start, reading: call.orProgram }]
      // npm's own default (npm-start(1)).
      const server = call.name === 'start' ? joinPath(found.directory, 'server.js') : undefined
      if (server !== undefined && this.snapshot.paths.has(server)) return [{ ...start, reading: { ...start.reading, entry: server } }]
      this.problem(`there is no script \`${show(call.name, 60)}\` in ${found.text.path}`, start.origin, { kind: 'nothing' })
      return [start]
    }
    const starts = scripts.flatMap((script) =>
      this.#deeper(`${found.text.path}#${script.name}`, way, (deeper) =>
        this.#commands(
          readerOfText(script.passage),
          script.passage,
          { ...context, ...(environment === undefined ? {} : { environment }), workingDirectory: found.directory },
          call.extra,
          deeper,
        ),
      ),
    )
    return starts.length > 0 ? starts : [start]
  }

  #deeper(script: string, way: Way, follow: (way: Way) => readonly Start[]): readonly Start[] {
    if (way.scripts.includes(script)) return []
    if (way.scripts.length < DEPTH) return follow({ ...way, scripts: [...way.scripts, script] })
    if (way.origin !== undefined) this.problem('scripts call one another too deeply', way.origin)
    return []
  }
}

/** The same variables where nothing is set beyond them: most commands set none. */
function withSettings(environment: ReadonlyMap<string, Setting>, more: ReadonlyMap<string, Setting>): ReadonlyMap<string, Setting> {
  return more.size === 0 ? environment : new Map([...environment, ...more])
}

/** What reads a text of which nothing says which shell it is for. */
function readerOfText({ content }: Passage): (passage: Passage, context: ShellContext) => ShellReading {
  return isForWindows(content) ? readBatch : readShell
}

/** What reads a script, by its name or its first line; `undefined`: it is none. */
function readerOf(entry: string, text: Passage): ((passage: Passage, context: ShellContext) => ShellReading) | undefined {
  if (POWERSHELL_SCRIPT.test(entry)) return readPowerShell
  if (BATCH_SCRIPT.test(entry)) return readBatch
  return SHELL_SCRIPT.test(entry) || SHELL_LINE.test(text.content) ? readShell : undefined
}

/** The last file that a script which leads here wrote, of the path that is run. */
function writtenBefore({ reading: { entry }, words }: Start, { written }: Way): ChangedFile | undefined {
  if (written.length === 0) return undefined
  // One that is not of the folder is no entry: it is what a shell is given, or the program itself.
  const [program, ...rest] = words.slice(0, WRAPPED).map((word) => known(word) ?? '')
  const path = entry ?? (isShell(program) ? rest.find((word) => !word.startsWith('-')) : program)
  return path === undefined || path === '' ? undefined : written.findLast(({ paths }) => paths.includes(path))
}
