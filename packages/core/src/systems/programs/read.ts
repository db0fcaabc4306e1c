import type { Word } from '../../evidence/index.ts'
import { isForWindows } from '../batch/evident.ts'
import { readBatch } from '../batch/walk.ts'
import { filesEnding } from '../deployed.ts'
import { passageAt } from '../passage.ts'
import { readShell } from '../shell/walk.ts'
import { denoTask } from './deno.ts'
import { firebase } from './firebase.ts'
import { forward } from './forwards.ts'
import { goBinary, goCommand } from './go.ts'
import { nest } from './nest.ts'
import { nx } from './nx.ts'
import { allOf, type Given, lastOf, type Parsed, parseOptions, type Role } from './options.ts'
import { scriptCall, scriptsOf } from './packages.ts'
import { inFolder, placeOf } from './place.ts'
import { consoleScript, environmentScript, pythonTask } from './python-tasks.ts'
import { readPm2 } from './pm2.ts'
import type { CommandContext, CommandReading } from './reading.ts'
import { programsNamed } from './rows/index.ts'
import { interpreted, ownFile, programName, pythonModule, type Readers } from './run.ts'
import { relay } from './relays.ts'
import { serve } from './serve.ts'
import {
  done,
  keptBy,
  type State,
  variables,
  withAssignment,
  withFile,
  withOptions,
  withoutVariables,
  withUnknown,
  withUnseen,
} from './state.ts'
import { cut, isLiteral, type Template, templatesOf } from './template.ts'
import { toldSocket } from './told.ts'
import { turbo } from './turbo.ts'
import { filesWin, withProfiles, withWinningFiles } from './winning-files.ts'
import { type Wrapper, wrappersNamed } from './wrappers.ts'

/** Wrappers peeled off one command, commands inside commands included. */
const STEPS = 64
/** Words of a command line that are looked at. */
const WORDS = 4096

/**
 * What a command starts: wrappers are peeled off, known servers are asked for their arguments and variables. Never throws; what
 * is not understood gives a reading without `entry`, `serves` and `script`.
 */
export function readCommand(words: readonly Word[], context: CommandContext = {}): CommandReading {
  const outer = context.environment ?? new Map()
  return readWords(templatesOf(words.slice(0, WORDS)), {
    place: placeOf(context),
    outer,
    environment: new Map(),
    environmentFiles: [],
    debuggers: [],
    unknown: [],
    unseen: undefined,
    clearsEnvironment: false,
    inContainer: context.inContainer === true,
    steps: STEPS,
  })
}

const READERS: Readers = { words: readWords, text: readText }

/** Reads what is left of a command. */
function readWords(given: readonly Template[], before: State): CommandReading {
  let words = given
  let state = before
  for (
    let assigned: State | undefined;
    words[0] !== undefined && (assigned = withAssignment(state, words[0])) !== undefined;
    words = words.slice(1)
  )
    state = assigned
  const [first, ...rest] = words
  if (first === undefined) return done(state, undefined)
  if (state.steps <= 0) return done(withUnknown(state, 'commands inside one another too deeply', first.origin), undefined)
  state = { ...state, steps: state.steps - 1 }
  if (!isLiteral(first.text)) {
    // `$PYTHON -m uvicorn …`: what follows tells an interpreter whose path is worked out by the script.
    const interpreter = interpreterFor(rest[0]?.text ?? '')
    const name = interpreter ?? installedProgram(first.text, state)
    if (name !== undefined) return readWords([{ text: name, holes: [], origin: first.origin }, ...rest], state)
    return done(withUnknown(state, 'which program is started is not known', first.origin), undefined)
  }
  const name = programName(first.text)
  return (
    turbo(name, rest, state) ??
    nx(READERS, name, rest, state) ??
    denoTask(READERS, name, rest, state) ??
    nest(name, rest, state) ??
    pythonTask(READERS, name, rest, state) ??
    environmentScript(first, rest, state) ??
    peeled(name, first, rest, state) ??
    readPm2(READERS, name, rest, state) ??
    scriptsOf(name, rest, state) ??
    server(name, first, rest, state) ??
    scriptCall(name, rest, state, readWords) ??
    interpreted(READERS, name, rest, state) ??
    configured(name, rest, state) ??
    goCommand(name, rest, state) ??
    relay(name, rest, state) ??
    forward(name, rest, state) ??
    firebase(name, rest, state) ??
    ownFile(first, rest, state) ??
    goBinary(first, rest, state) ??
    consoleScript(first, rest, state) ??
    toldSocket(name, rest, state)
  )
}

function interpreterFor(word: string): string | undefined {
  if (word === '-m' || /\.py$/.test(word)) return 'python'
  return /\.[cm]?js$/.test(word) ? 'node' : undefined
}

/** `$VENV/bin/uvicorn`: wherever it is installed. A file of the folder in such a place is none. */
function installedProgram(text: string, { place: { paths } }: State): string | undefined {
  const name = /[/\\](?:\.?bin|Scripts)[/\\]([\w.-]{1,100})$/.exec(text)?.[1]
  return name === undefined || (paths !== undefined && filesEnding(`bin/${name}`, paths).length > 0) ? undefined : name
}

function server(name: string, first: Template, rest: readonly Template[], state: State): CommandReading | undefined {
  const entry = /\.(?:py|rb)$/.test(name) ? inFolder(state.place, first.text) : undefined
  return serve(programsNamed(name), rest, state, first.origin, entry)
}

/** Programs whose configuration file has a reader of its own. */
const CONFIGURED: Readonly<Record<string, { readonly options: readonly string[]; readonly subcommand?: string }>> = {
  nginx: { options: ['-c'] },
  openresty: { options: ['-c'] },
  haproxy: { options: ['-f'] },
  caddy: { options: ['--config', '-c'], subcommand: 'run' },
}

function configured(name: string, rest: readonly Template[], state: State): CommandReading | undefined {
  const row = Object.hasOwn(CONFIGURED, name) ? CONFIGURED[name] : undefined
  if (row === undefined) return undefined
  const options = Object.fromEntries(
    [...row.options, '-g', '-p', '-e'].map((option) => [
      option,
      row.options.includes(option) ? ('configuration' as const) : ('value' as const),
    ]),
  )
  const parsed = parseOptions(rest, { options, unlisted: 'switch' })
  const files = allOf(parsed.given, 'configuration').flatMap((file) =>
    isLiteral(file.text) ? (inFolder(state.place, file.text) ?? []) : [],
  )
  return done(state, name, { configurationFiles: files })
}

function peeled(name: string, first: Template, rest: readonly Template[], state: State): CommandReading | undefined {
  for (const wrapper of wrappersNamed(name)) {
    let words = rest
    if (wrapper.subcommands !== undefined) {
      const valued = wrapper.valuedBefore ?? []
      const at = words.findIndex(({ text }, index) => !text.startsWith('-') && !valued.includes(words[index - 1]?.text ?? ''))
      if (at < 0 || !wrapper.subcommands.includes(words[at]?.text ?? '')) continue
      words = wrapper.keepsSubcommand === true ? words.slice(at) : words.toSpliced(at, 1)
    }
    const { unseen } = wrapper
    return unwrap(wrapper, words, unseen === undefined ? state : withUnseen(state, { how: unseen, origin: first.origin }))
  }
  // Entry points of images end in `exec "$@"` by custom; what the script itself does before that is read where the folder has it.
  if (/^(?:docker-)?entry-?point(?:\.sh)?$/.test(name) && rest.length > 0) return readWords(rest, state)
  return undefined
}

const LOADS: ReadonlySet<Role> = new Set<Role>(['environment-file', 'environment-name', 'profiles'])

function unwrap(wrapper: Wrapper, words: readonly Template[], before: State): CommandReading {
  const parsed = parseOptions(words, {
    options: wrapper.options ?? {},
    unlisted: wrapper.unlisted ?? 'switch',
    stopsAtPositional: wrapper.behindDashes !== true,
  })
  let state = withFiles(wrapper, parsed.given, words[0], surroundedBy(wrapper, parsed, before))
  const module = lastOf(parsed.given, 'module')?.value
  if (module !== undefined) return pythonModule(READERS, module, [...parsed.positionals, ...parsed.rest], state)
  const command = lastOf(parsed.given, 'command')?.value
  if (command !== undefined) return readText([command], state)
  let rest = parsed.rest
  if (wrapper.dashClears === true && rest[0]?.text === '-') rest = rest.slice(1)
  for (
    let assigned: State | undefined;
    wrapper.assignments === true && rest[0] !== undefined && (assigned = assignedBy(wrapper, rest, state)) !== undefined;
    rest = rest.slice(1)
  )
    state = assigned
  rest = rest.slice(wrapper.skips ?? 0)
  if (rest[0]?.text === '--') rest = rest.slice(1)
  if (wrapper.commands === true) return readText(rest, state)
  const [first] = rest
  if (wrapper.python === true && first !== undefined && first.text.endsWith('.py'))
    return readWords([cut({ ...first, holes: [] }, 'python'), ...rest], state)
  const script = wrapper.python === true && first !== undefined ? consoleScript(first, rest.slice(1), state) : undefined
  return script ?? readWords(rest, state)
}

/** What comes to a wrapper's command of what is set around it. */
function surroundedBy(wrapper: Wrapper, { given, positionals, rest }: Parsed, state: State): State {
  const keepsAll = given.some(({ role, value }) => role === 'keeps-environment' && value === undefined)
  const drops = wrapper.resets === true && !keepsAll
  // `env - PROGRAM`, `su - USER`.
  const isDash = wrapper.dashClears === true && (positionals[0] ?? rest[0])?.text === '-'
  return drops || isDash ? withoutVariables(state, keptBy(given)) : state
}

/** What the options of a wrapper set, and the files of variables that it loads. */
function withFiles(wrapper: Wrapper, given: readonly Given[], at: Template | undefined, before: State): State {
  const isWinning = filesWin(wrapper, given)
  const profiles = lastOf(given, 'profiles')?.value
  if (profiles !== undefined) {
    const file = lastOf(given, 'profile-file')?.value ?? lastOf(given, 'environment-file')?.value
    return withProfiles(before, profiles, file, isWinning)
  }
  const isNamed = given.some(({ role }) => LOADS.has(role))
  const usual = isNamed ? [] : (wrapper.files ?? [])
  if (!isWinning || at === undefined) return usual.reduce(withFile, withOptions(before, given))
  const files = given.flatMap(({ role, value }) => (role === 'environment-file' && value !== undefined ? [value] : []))
  const winning = withWinningFiles(before, isNamed ? files : usual.map((name) => cut({ ...at, holes: [] }, name)))
  return withOptions(
    winning,
    given.filter(({ role }) => role !== 'environment-file'),
  )
}

/** `NAME=value` before the command of a wrapper. */
function assignedBy(wrapper: Wrapper, [word, next]: readonly Template[], state: State): State | undefined {
  if (word === undefined) return undefined
  const assigned = withAssignment(state, word)
  if (assigned !== undefined || wrapper.spreads !== true) return assigned
  const name = word.text.split('=', 1)[0] ?? ''
  if (isLiteral(name) || name.startsWith('-')) return undefined
  // `env $PYTHON main.py`: the program itself.
  const isProgram = name === word.text && (next === undefined || interpreterFor(next.text) !== undefined)
  return isProgram ? undefined : withUnseen(state, { how: 'by words that are not known', origin: word.origin })
}

/** `npm:serve`, `yarn:watch-*(!test)`: how concurrently calls scripts of the package.json here, whose stars go across colons. */
const SHORTCUT = /^(npm|yarn|pnpm|bun):(\S+?)(?:\(!.*\))?(\s.*)?$/s

function unshortened(text: Template): Template {
  const [, manager, script = '', rest = ''] = SHORTCUT.exec(text.text) ?? []
  return manager === undefined ? text : cut(text, `${manager} run '${script.replaceAll('*', '**')}'${rest}`)
}

/** Commands that stand in words, to be read by a shell. `further`: words that follow each of these texts. */
function readText(texts: readonly Template[], state: State, further: readonly Template[] = []): CommandReading {
  const readings: CommandReading[] = []
  for (const text of texts.map(unshortened)) {
    if (!isLiteral(text.text)) {
      readings.push(...withHoles(text, state, further))
      continue
    }
    const read = isForWindows(text.text) ? readBatch : readShell
    const { commands } = read(passageAt(text.text, text.origin), {
      workingDirectory: state.place.directory,
      environment: variables(state),
      unseenEnvironment: state.unseen,
    })
    for (const [turn, command] of commands.entries()) {
      const own = [...command.environment].filter(([name, setting]) => state.outer.get(name) !== setting)
      readings.push(
        readWords([...templatesOf(command.words), ...(turn === commands.length - 1 ? further : [])], {
          ...state,
          place: { ...state.place, directory: command.workingDirectory },
          environment: new Map(own),
          environmentFiles: [...new Set([...state.environmentFiles, ...command.environmentFiles])],
          unseen: command.unseenEnvironment,
        }),
      )
    }
  }
  const told = readings.filter(
    (reading) => reading.entry !== undefined || reading.serves !== undefined || reading.script !== undefined || reading.unknown.length > 0,
  )
  const [main, ...also] = told.flatMap((reading) => [{ ...reading, also: [] }, ...reading.also])
  return main === undefined ? (readings.at(-1) ?? done(state, undefined)) : { ...main, also }
}

/** A command with variables in it that another shell has filled in: cut at blanks, the variables in one piece. */
function withHoles(text: Template, state: State, further: readonly Template[]): readonly CommandReading[] {
  const commands = text.text
    .split(/&&|\|\||[;&|\n]/)
    .map((part) =>
      part
        .trim()
        .split(/\s+/)
        .map((word) => ({ ...cut(text, word.replace(/^(["'])(.*)\1$/s, '$2')), spreads: !/^["']/.test(word) })),
    )
    .filter((words) => (words[0]?.text ?? '') !== '')
  return commands.map((words, index) => readWords([...words, ...(index === commands.length - 1 ? further : [])], state))
}
