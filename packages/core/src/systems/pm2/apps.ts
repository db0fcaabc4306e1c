import { type FileOrigin, knownText, type Setting, type Value, type Word } from '../../evidence/index.ts'
import { directoryOf, inFolder, joinPath, nameOf, relativePath } from '../paths.ts'
import type { Passage } from '../passage.ts'
import { fill, templateOf } from '../programs/template.ts'
import { type GivenWord, setting, wordsOf } from '../secret.ts'
import { innerScript } from '../shell/inner.ts'
import { type Datum, INHERITED, isAbsent, type Missing, property, valueOf } from './datum.ts'
import { IN_FOLDER } from './evaluate.ts'

/** One app of an ecosystem file, as PM2 starts it (pm2 7.0.4: lib/Common.js, lib/API/schema.json). */
export interface App {
  readonly name: string
  /** The words of the whole command; empty where the script is not known. */
  readonly words: readonly Word[]
  /** A script with blanks is a text for the shell: the whole of it. */
  readonly script: Passage | undefined
  /** Where the app may be started, likeliest first; `undefined` where that is not known. */
  readonly directories: readonly string[]
  readonly environment: ReadonlyMap<string, Setting>
  /** `env_NAME`: what it adds when PM2 is started with `--env NAME`. */
  readonly environments: ReadonlyMap<string, ReadonlyMap<string, Setting>>
  readonly instances: number
  readonly origin: FileOrigin
  readonly missing: readonly Missing[]
  /** Facts that change nothing of what is started, but are worth saying. */
  readonly notes: readonly Missing[]
}

/** What is in the folder, for choosing between the places that a path may mean. */
export interface Folder {
  isDirectory(path: string): boolean
  has(path: string): boolean
}

/** By the ending of the script (lib/API/interpreter.json), where no interpreter is named. */
const INTERPRETERS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    sh: 'bash',
    py: 'python3',
    rb: 'ruby',
    php: 'php',
    pl: 'perl',
    js: 'node',
    cjs: 'node',
    mjs: 'node',
    ts: 'bun',
    tsx: 'bun',
  }),
)

/** lib/tools/Config.js splits `args` and `node_args` in this way when they are a text. */
const ARGUMENT = /[^\s"'=]{1,200}="[^"]*"|[^\s"'=]{1,200}='[^']*'|"[^"]*"|'[^']*'|\S+/g

export function readApp(datum: Datum, file: string, folder: Folder): App {
  const script = property(datum, 'script', 'exec', 'cmd', 'command')
  const scriptText = textOf(script)
  const directories = directoriesOf(property(datum, 'cwd'), file, folder)
  const missing: Missing[] = datum.kind === 'object' ? [...datum.missing] : []
  if (datum.kind !== 'object') {
    const why = datum.kind === 'value' && datum.value.kind === 'unknown' ? `: ${datum.value.reason}` : ''
    missing.push({ reason: `what is started here is not known${why}`, origin: datum.origin })
  } else if (scriptText === undefined) {
    const value = valueOf(script)
    missing.push({
      reason:
        value?.kind === 'unknown' ? `which script the app runs is not known: ${value.reason}` : 'which script the app runs is not known',
      origin: script?.origin ?? datum.origin,
    })
  }
  const cwd = property(datum, 'cwd')
  if (cwd !== undefined && textOf(cwd) === undefined)
    missing.push({ reason: 'the working directory of the app is not known', origin: cwd.origin })
  const named = property(datum, 'name')
  const environment = variables(property(datum, 'env'), missing)
  const port = property(datum, 'port')
  const portValue = valueOf(port)
  // `port` is a short form of `env.PORT`, and wins over it (Common.prepareAppConf).
  if (port !== undefined && portValue !== undefined) environment.set('PORT', setting('PORT', portValue, port.origin))
  const given =
    script === undefined || scriptText === undefined ? undefined : command(datum, script, scriptText, directories[0] ?? '', folder, missing)
  return {
    name: textOf(named) ?? nameOf(scriptText ?? '').replace(/(?<=.)\.[^.]*$/, ''),
    words: given === undefined ? [] : wordsOf(given),
    script: given === undefined ? undefined : innerScript(given.map(({ value }) => value)),
    directories,
    environment,
    environments: environmentsOf(datum, missing),
    instances: instancesOf(property(datum, 'instances')),
    origin: datum.origin,
    missing,
    notes: notesOf(datum),
  }
}

function textOf(datum: Datum | undefined): string | undefined {
  return knownText(valueOf(datum))
}

/** `cwd`, from where PM2 itself is started: as a rule the directory of the file. An absolute one is looked for by its last names. */
function directoriesOf(cwd: Datum | undefined, file: string, folder: Folder): readonly string[] {
  const own = directoryOf(file)
  const text = textOf(cwd)
  if (cwd === undefined || isAbsent(cwd)) return [...new Set([own, ''])]
  if (text === undefined) return []
  if (text.startsWith(IN_FOLDER)) return [joinPath('', text.slice(1))].filter((path) => path !== undefined)
  if (text.startsWith('/')) return [...new Set([...inFolder(text, (path) => folder.isDirectory(path)), own, ''])]
  return [...new Set([joinPath(own, text), joinPath('', text)].filter((path) => path !== undefined))]
}

function command(app: Datum, script: Datum, text: string, directory: string, folder: Folder, missing: Missing[]): readonly GivenWord[] {
  const words: GivenWord[] = []
  const known = (value: string, origin: FileOrigin): void =>
    void words.push({ value: { kind: 'known', value, origin }, source: '…', origin })
  const interpreter = property(app, 'interpreter', 'exec_interpreter', 'execInterpreter')
  const chosen = textOf(interpreter)
  if (interpreter !== undefined && chosen === undefined)
    missing.push({ reason: 'the interpreter of the app is not known', origin: interpreter.origin })
  const path = scriptPath(text, directory, folder)
  // A script with blanks is a command for the shell (Common.verifyConfs).
  if (/ /.test(text.trim())) {
    known('bash', script.origin)
    known('-c', script.origin)
    known(placed(text, directory), script.origin)
    return words
  }
  const guessed = INTERPRETERS.get(/\.(\w+)$/.exec(path)?.[1] ?? '') ?? (isFile(path, directory, folder) ? 'node' : 'none')
  const program = (chosen ?? guessed).replace(/^node@.*$/, 'node')
  if (program !== 'none') known(placed(program, directory), interpreter?.origin ?? script.origin)
  words.push(...argumentsOf(property(app, 'node_args', 'nodeArgs', 'interpreter_args', 'interpreterArgs'), directory))
  known(path, script.origin)
  words.push(...argumentsOf(property(app, 'args'), directory))
  return words
}

function isFile(path: string, directory: string, folder: Folder): boolean {
  const inside = joinPath(directory, path)
  return inside !== undefined && folder.has(inside)
}

function scriptPath(text: string, directory: string, folder: Folder): string {
  if (!text.startsWith('/')) return placed(text, directory)
  const [found] = inFolder(text, (path) => folder.has(path))
  return found === undefined ? text : relativePath(directory, found)
}

/** Paths of the folder as they are written from the working directory. */
function placed(text: string, directory: string): string {
  return text.replaceAll(new RegExp(`${IN_FOLDER}([^\\s:]*)`, 'g'), (_, path: string) =>
    relativePath(directory, joinPath('', path) ?? path),
  )
}

function argumentsOf(datum: Datum | undefined, directory: string): readonly GivenWord[] {
  if (datum === undefined || isAbsent(datum)) return []
  if (datum.kind === 'object') return [unknownWords('no list of arguments', datum.origin)]
  if (datum.kind === 'list') {
    const items = datum.items.flatMap((item): readonly GivenWord[] => {
      if (isAbsent(item)) return []
      if (item.kind !== 'value') return [unknownWords('no text', item.origin)]
      return [{ value: placedValue(item.value, directory), source: '…', origin: item.origin }]
    })
    return [...items, ...datum.missing.map(({ reason, origin }) => unknownWords(reason, origin))]
  }
  return textArguments(datum.value, directory, datum.origin)
}

/** The words of a text; what is not known of it may be several where it stands alone. */
function textArguments(value: Value, directory: string, origin: FileOrigin): readonly GivenWord[] {
  // Nobody has to set the variable: the words are those that hold without it.
  if (value.kind === 'environment' && value.fallback.kind !== 'absent') return textArguments(value.fallback, directory, origin)
  const template = templateOf(value)
  if (template === undefined) return []
  return (template.text.slice(0, 20_000).match(ARGUMENT) ?? []).map((written) => {
    const isQuoted = /^(["'])[^]*\1$/.test(written) && written.length > 1
    const plain = isQuoted ? written.slice(1, -1) : written
    return { value: fill(placed(plain, directory), { ...template, origin }), source: '…', origin, spreads: !isQuoted }
  })
}

/** Words of which not even the number is known. */
function unknownWords(reason: string, origin: FileOrigin): GivenWord {
  return { value: { kind: 'unknown', reason, origin }, source: '…', origin, spreads: true }
}

function placedValue(value: Value, directory: string): Value {
  const template = templateOf(value)
  return template === undefined ? value : fill(placed(template.text, directory), template)
}

function variables(datum: Datum | undefined, missing: Missing[]): Map<string, Setting> {
  const settings = new Map<string, Setting>()
  if (datum === undefined) return settings
  if (datum.kind !== 'object') {
    missing.push({ reason: 'the variables of the app are not known', origin: datum.origin })
    return settings
  }
  missing.push(...datum.missing.filter(({ reason }) => reason !== INHERITED))
  for (const [name, value] of datum.entries) {
    const given: Value = value.kind === 'value' ? value.value : { kind: 'unknown', reason: 'an object', origin: value.origin }
    settings.set(name, setting(name, given, value.origin))
  }
  return settings
}

function environmentsOf(datum: Datum, missing: Missing[]): ReadonlyMap<string, ReadonlyMap<string, Setting>> {
  const found = new Map<string, ReadonlyMap<string, Setting>>()
  if (datum.kind !== 'object') return found
  for (const [key, value] of datum.entries) {
    const name = /^env_(\S+)$/.exec(key)?.[1]
    // A text is no set of variables (`env_file: '.env'`).
    const isText = value.kind === 'value' && value.value.kind === 'known'
    if (name !== undefined && !isText) found.set(name, variables(value, missing))
  }
  return found
}

/** 1 where it is as many as there are processors, or not known. */
function instancesOf(datum: Datum | undefined): number {
  const number = Number(textOf(datum) ?? '1')
  return Number.isInteger(number) && number > 0 ? number : 1
}

function notesOf(datum: Datum): readonly Missing[] {
  const file = property(datum, 'env_file', 'envFile')
  return file === undefined ? [] : [{ reason: 'PM2 reads no `env_file`: the variables in it do not reach the app', origin: file.origin }]
}
