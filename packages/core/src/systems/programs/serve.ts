import type { FileOrigin } from '../../evidence/index.ts'
import { bindsOf } from './binds.ts'
import { besides, type ConfigurationForm, type Configured, configuredBy } from './configuration.ts'
import { entryOf } from './entry.ts'
import { mayTell, openTo, openWords } from './open-words.ts'
import { allOf, type Given, type Parsed, parseOptions } from './options.ts'
import { inFolder, present } from './place.ts'
import type { CommandReading } from './reading.ts'
import type { Program } from './row.ts'
import { argumentsOf, done, type State, variable, variables, withFolderFile, withOptions, withUnknown } from './state.ts'
import { isLiteral, type Template } from './template.ts'

/** The reading of a program of the table, or `undefined` where none of its rows fits (`next build`). `entry`: known already. */
export function serve(
  rows: readonly Program[],
  words: readonly Template[],
  state: State,
  origin: FileOrigin,
  entry?: string,
): CommandReading | undefined {
  for (const row of rows) {
    const all = [...variableArguments(row, state), ...words]
    const parsed = ordered(row, row.optionsFirst === true ? optionsFirst(row, all) : parseOptions(all, row))
    const positionals = parsed === undefined ? undefined : afterSubcommand(row, parsed.positionals)
    if (parsed === undefined || positionals === undefined) continue
    if (row.requires !== undefined && !parsed.given.some((option) => row.requires?.includes(option.name))) continue
    // Which of its commands it runs, an unknown word may say.
    const isTold = row.subcommands === undefined || positionals !== parsed.positionals || positionals.every((word) => isLiteral(word.text))
    return readingOf(isTold ? row : { ...row, title: nameOf(row) }, { ...parsed, positionals }, words, state, origin, entry)
  }
  return otherwise(rows, words, state)
}

/** Where the word that is not known says what the program does, it may be to serve. */
function otherwise(rows: readonly Program[], words: readonly Template[], state: State): CommandReading | undefined {
  const [row] = rows
  const [command] = row?.subcommands === undefined ? [] : parseOptions(words, row).positionals
  if (row === undefined || command === undefined || isLiteral(command.text)) return undefined
  return done(withUnknown(state, `what ${nameOf(row)} is told to do is not known`, command.origin), nameOf(row))
}

const nameOf = ({ names, title }: Program): string => names[0] ?? title

/** With those last that count. */
function ordered(row: Program, parsed: Parsed | undefined): Parsed | undefined {
  return parsed === undefined || row.firstCounts !== true ? parsed : { ...parsed, given: parsed.given.toReversed() }
}

/** The subcommand, and the options before the first word that is none, are the program's own. */
function optionsFirst(row: Program, words: readonly Template[]): Parsed | undefined {
  const outer = parseOptions(words, { ...row, stopsAtPositional: true })
  if (row.subcommands === undefined) return { ...outer, positionals: outer.rest, rest: [] }
  const [subcommand, ...rest] = outer.rest
  if (subcommand === undefined) return undefined
  const inner = parseOptions(rest, { ...row, stopsAtPositional: true })
  return { given: [...outer.given, ...inner.given], positionals: [subcommand, ...inner.rest], rest: [] }
}

function variableArguments(row: Program, state: State): readonly Template[] {
  const text = row.argumentsVariable === undefined ? undefined : variable(state, row.argumentsVariable)
  const origin = row.argumentsVariable === undefined ? undefined : variables(state).get(row.argumentsVariable)?.origin
  if (text === undefined || origin === undefined) return []
  return text.split(/\s+/).flatMap((word) => (word === '' ? [] : [{ text: word, holes: [], origin }]))
}

/** The words behind the subcommand; `undefined`: another subcommand. */
function afterSubcommand(row: Program, positionals: readonly Template[]): readonly Template[] | undefined {
  if (row.subcommands === undefined) return positionals
  for (const subcommand of row.subcommands) {
    const length = subcommand.split(' ').length
    const given = positionals.slice(0, length).map((word) => word.text)
    if (given.join(' ') === subcommand) return positionals.slice(length)
  }
  const [first] = positionals
  const alone = row.otherSubcommands !== undefined && (first === undefined || !row.otherSubcommands.includes(first.text))
  return alone ? positionals : undefined
}

function readingOf(
  row: Program,
  parsed: Parsed,
  words: readonly Template[],
  before: State,
  origin: FileOrigin,
  known: string | undefined,
): CommandReading {
  const expected = row.positional === undefined ? 0 : row.positional === 'directory-port' ? 2 : 1
  const further = parsed.positionals.slice(expected).filter((word) => mayTell(row, word))
  const state = further.reduce(
    (one, word) => withUnknown(one, `further arguments of ${row.title} are not known`, word.origin),
    present(before.place, row.environmentFiles ?? []).reduce(withFolderFile, withOptions(before, parsed.given)),
  )
  const named = [...allOf(parsed.given, 'configuration'), ...(row.positional === 'configuration' ? parsed.positionals.slice(0, 1) : [])]
  const configurationFiles = named.flatMap((file) => (isLiteral(file.text) ? (inFolder(state.place, file.text) ?? []) : []))
  const unread = present(state.place, named.length === 0 ? (row.configurationFiles ?? []) : [])
  const entry = known ?? entryOf(row, parsed, state)
  const file = fileOf(row, parsed, named, state, entry)
  const configuration =
    file === undefined
      ? named.findLast((one) => !isReadable(row, state, one))
      : file.unread === undefined
        ? undefined
        : { text: file.unread, holes: [], origin: named.at(-1)?.origin ?? origin }
  const given =
    file === undefined ? parsed.given : [...(row.adds === true ? file.given : besides(file.given, parsed.given)), ...parsed.given]
  const isElsewhere = isOnSocket(row, given, [...configurationFiles, ...unread], state)
  const own = isElsewhere ? [] : bindsOf({ row, given, positionals: parsed.positionals, state, origin, configuration })
  const beside = row.beside === undefined ? [] : bindsOf({ row: row.beside, ...parseOptions(words, row.beside), state, origin })
  const binds = [...own, ...beside]
  const [serves, ...alsoServes] = openTo(openWords(row, parsed, expected), words, row, parsed, binds, origin)
  return done(state, row.id, {
    ...(entry === undefined ? {} : { entry }),
    ...(serves === undefined ? {} : { serves }),
    alsoServes,
    configurationFiles: [...configurationFiles, ...unread],
    ...(row.readableConfiguration === undefined ? {} : { arguments: told(words) }),
  })
}

/** What the row's own configuration file says; `undefined` where it has none that is read here. */
function fileOf(row: Program, parsed: Parsed, named: readonly Template[], state: State, entry: string | undefined): Configured | undefined {
  const form = row.configuration
  if (form === undefined) return undefined
  const names = namesOf(form, state)
  if (named.length === 0 && names === undefined) return { given: [], unread: 'the directory of its configuration' }
  return configuredBy({ ...form, names: names ?? [] }, parsed.given, parsed.positionals, named, entry, state.place)
}

/** The files that are read unasked; `undefined`: a variable names a directory of which the folder has none. */
function namesOf({ names: here = [], directoryVariable: name }: ConfigurationForm, state: State): readonly string[] | undefined {
  const directory = name === undefined ? undefined : variable(state, name)
  if (name === undefined || directory === '' || !variables(state).has(name)) return here
  const there = directory === undefined ? [] : here.map((file) => `${directory.replace(/\/$/, '')}/${file}`)
  const isHere = present(state.place, [...here, ...there.filter(isLiteral)]).length > 0
  return isHere ? [...here, ...there] : undefined
}

/** What configuration that is code is told of the command line (vite.dev/guide/env-and-mode). */
const TOLD: ReadonlySet<string> = new Set(['--mode', '-m', 'argv[2]'])

const told = (words: readonly Template[]): CommandReading['arguments'] =>
  new Map([...argumentsOf(words, 2)].filter(([name]) => TOLD.has(name)))

/** Whether the configuration in code names nothing but a Unix socket or a descriptor, and the command line no address. */
function isOnSocket(row: Program, given: readonly Given[], files: readonly string[], state: State): boolean {
  if (row.socketSetting === undefined || given.some((option) => option.role === 'endpoints')) return false
  const setting = new RegExp(String.raw`^[ \t]*${row.socketSetting}[ \t]*(?::[ \t]*\w+[ \t]*)?=(?!=)[ \t]*([^\n]*)$`, 'gm')
  const values = files.flatMap((path) => [...(state.place.text?.(path)?.content.matchAll(setting) ?? [])].map((match) => match[1] ?? ''))
  return values.length > 0 && values.every((value) => ON_SOCKET.test(value))
}

const ON_SOCKET = /^[fFrR]{0,2}(?:"(?:unix:|fd:\/\/)[^",]*"|'(?:unix:|fd:\/\/)[^',]*')\s*(?:#.*)?$/

/** Whether a reader of source code finds in the file where the program listens. */
function isReadable(row: Program, state: State, file: Template): boolean {
  if (row.readableConfiguration?.test(file.text) !== true) return false
  const path = inFolder(state.place, file.text)
  return path !== undefined && (state.place.paths?.has(path) ?? true)
}
