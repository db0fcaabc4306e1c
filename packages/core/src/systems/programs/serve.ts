import { ABSENT, type CommandBind, type FileOrigin, type Value } from '../../evidence/index.ts'
import { besides, type ConfigurationForm, type Configured, configuredBy } from './configuration.ts'
import { endpointDescribed } from './description.ts'
import { type Endpoint, type EndpointForm, hostValue, readEndpoint } from './endpoint.ts'
import { allOf, type Given, lastOf, type Parsed, parseOptions } from './options.ts'
import { inFolder, moduleFile, present, scriptFile } from './place.ts'
import type { CommandReading } from './reading.ts'
import type { Program } from './row.ts'
import { argumentsOf, done, type State, variable, variables, withFolderFile, withOptions, withUnknown } from './state.ts'
import { cut, fill, isLiteral, maySpread, type Template } from './template.ts'

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
  const own = isElsewhere ? [] : bindsOf(row, { ...parsed, given }, state, origin, configuration)
  const beside = row.beside === undefined ? [] : bindsOf(row.beside, parseOptions(words, row.beside), state, origin, undefined)
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

/** A word that is not known and may be options. */
interface OpenWord {
  readonly word: Template
  /** It stands where a word of the program's own is missing otherwise: it is not nothing. */
  readonly isGiven: boolean
}

/** What stands behind the words that the program takes, and what is cut at blanks. */
function openWords(row: Program, { positionals }: Parsed, expected: number): readonly OpenWord[] {
  return positionals.flatMap((word, index): readonly OpenWord[] => {
    if (!mayTell(row, word)) return []
    if (index >= expected) return [{ word, isGiven: false }]
    const value = fill(word.text, word)
    const isPort = row.positional === 'port' && value.kind === 'environment' && /port/i.test(value.name)
    return maySpread(word) && row.positional !== 'endpoint' && !isPort ? [{ word, isGiven: true }] : []
  })
}

/** Whether a word may say something that matters: not one of several options of which none does (`dev ? '--reload' : ''`). */
function mayTell(row: Program, word: Template): boolean {
  const value = fill(word.text, word)
  if (value.kind !== 'choice') return !isLiteral(word.text)
  return !value.options.every((option) => option.kind === 'absent' || (option.kind === 'known' && isSwitch(row, String(option.value))))
}

function isSwitch(row: Program, text: string): boolean {
  const role = Object.hasOwn(row.options, text) ? row.options[text] : row.unlisted
  return text === '' || (/^--\w[\w-]*$/.test(text) && (role === 'switch' || role === 'value'))
}

/** What such words leave of where the program listens, unless the host is told behind them: of several options the last counts. */
function openTo(
  open: readonly OpenWord[],
  words: readonly Template[],
  row: Program,
  { given }: Parsed,
  binds: readonly CommandBind[],
  origin: FileOrigin,
): readonly CommandBind[] {
  const last = open.at(-1)
  const host = lastOf(given, 'host', 'host-or-everywhere', 'everywhere', 'endpoint')
  const isBehind = host !== undefined && last !== undefined && words.indexOf(host.template) > words.indexOf(last.word)
  if (last === undefined || (isBehind && row.firstCounts !== true)) return binds
  const { word, isGiven } = open.find((one) => one.isGiven) ?? last
  const further = unknown(`further arguments of ${row.title} are not known`, word.origin)
  const perhaps = (value: Value): Value => {
    if (isGiven && isUntold(value)) return further
    // Both host and port are the program's own where there are no such words.
    const when = { of: fill(word.text, word) }
    return { kind: 'choice', options: [further, value], when, origin: value.kind === 'absent' ? origin : value.origin }
  }
  return binds.map((bind) => ({ ...bind, host: perhaps(bind.host), port: isUntold(bind.port) ? perhaps(bind.port) : bind.port }))
}

/** By the command line: a variable that the program reads by itself comes after its arguments. */
const isUntold = (value: Value): boolean => value.kind === 'absent' || (value.kind === 'environment' && value.optional === true)

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

/** Addresses of one command that are told apart. */
const MOST_ENDPOINTS = 100

function bindsOf(
  row: Program,
  parsed: Parsed,
  state: State,
  origin: FileOrigin,
  configuration: Template | undefined,
): readonly CommandBind[] {
  const { given, positionals } = parsed
  const outer = variables(state)
  const form: EndpointForm = row.form ?? { bare: 'host', every: '*' }
  const usual = given.some((option) => option.role === 'ipv6')
    ? '::1'
    : state.inContainer && row.inContainer !== undefined
      ? row.inContainer.host
      : row.defaultHost
  const bind = (host: Value, port: Value, protocol = row.protocol): CommandBind => ({
    program: row.id,
    protocol,
    host: hostValue(host, form.every, host.kind === 'known' ? host.origin : origin),
    port,
    defaultHost: usual,
    ...(form.every === usual ? {} : { emptyHost: form.every }),
    ...(row.variablesFirst === undefined ? {} : { variablesFirst: row.variablesFirst }),
    ...(row.defaultPort === undefined ? {} : { defaultPort: row.defaultPort }),
  })
  const endpoints = endpointTexts(row, given, positionals)
  const ends: readonly Endpoint[] = endpoints.slice(0, MOST_ENDPOINTS).map((word) => readEndpoint(fill(word.text, word), form, outer))
  const udp = allOf(given, 'udp-endpoints').map((word) => readEndpoint(fill(word.text, word), form, outer))
  const port = portOf(row, parsed, state, origin, configuration)
  const network = ends.flatMap((end) => (end.kind === 'network' ? [end] : []))
  const binds = network.map((end) =>
    bind(
      end.host.kind === 'absent' ? hostOf(row, parsed, state, origin, configuration) : end.host,
      end.port.kind === 'absent' ? port : end.port,
    ),
  )
  const others = udp.flatMap((end) => (end.kind === 'network' ? [bind(end.host, end.port, 'udp')] : []))
  const named = given.some((option) => option.role === 'host' || option.role === 'host-or-everywhere' || option.role === 'everywhere')
  const elsewhere = given.some((option) => option.role === 'elsewhere') && !named
  const described = given.some((option) => option.role === 'descriptions')
  const hasOwn = named || given.some((option) => option.role === 'port')
  const alone = (described ? hasOwn : ends.length === 0) && !elsewhere && (row.onlyWhereTold !== true || configuration !== undefined)
  const more = endpoints[MOST_ENDPOINTS]
  const rest = more === undefined ? [] : [bind(unknown('one of many addresses', more.origin), port)]
  const all = [...binds, ...rest, ...(alone ? [bind(hostOf(row, parsed, state, origin, configuration), port)] : []), ...others]
  return row.zeroIsOff === true ? all.filter((one) => one.port.kind !== 'known' || Number(one.port.value) !== 0) : all
}

/** Each word that names host and port, or hosts of a list. */
function endpointTexts(row: Program, given: readonly Given[], positionals: readonly Template[]): readonly Template[] {
  const list = [...allOf(given, 'endpoints'), ...allOf(given, 'hosts').slice(-1)].flatMap((word) => pieces(word, /[,\s]+/))
  const words = allOf(given, 'host-words')
    .flatMap((word) => pieces(word, /\s+/))
    .map((word) => cut(word, word.text.replace(/^-/, '')))
  const last = lastOf(given, 'endpoint', 'endpoint-or-default')?.value
  const positional = row.positional === 'endpoint' ? positionals.slice(0, 1) : []
  const described = allOf(given, 'descriptions').flatMap(endpointDescribed)
  return [...list, ...words, ...described, ...(last === undefined ? [] : [last]), ...positional]
}

function pieces(word: Template, separator: RegExp): readonly Template[] {
  return word.text.split(separator).flatMap((text) => (text === '' && word.text !== '' ? [] : [cut(word, text)]))
}

function hostOf(row: Program, { given }: Parsed, state: State, origin: FileOrigin, configuration: Template | undefined): Value {
  const option = lastOf(given, 'host', 'host-or-everywhere', 'everywhere')
  if (option !== undefined) {
    const text = option.value?.text
    if (option.role === 'everywhere' || text === undefined || (option.role === 'host-or-everywhere' && text === 'true')) {
      return option.role === 'host'
        ? unknown(`${option.name} without a value`, option.template.origin)
        : { kind: 'known', value: '*', origin: option.template.origin }
    }
    if (option.role === 'host-or-everywhere' && text === 'false') return ABSENT
    return option.value === undefined ? ABSENT : fill(option.value.text, option.value)
  }
  if (configuration !== undefined)
    return unknown(
      `${isLiteral(configuration.text) ? configuration.text : 'its configuration file'} decides where ${row.title} listens`,
      configuration.origin,
    )
  if (row.endpointVariable !== undefined) {
    const end = readEndpoint(environment(row.endpointVariable, ABSENT, origin), row.form ?? { bare: 'host', every: '*' }, variables(state))
    return end.kind === 'network' ? end.host : ABSENT
  }
  return chain(row.hostVariables ?? [], defaultHost(row, given, state, origin), origin, row.emptyHostCounts !== true)
}

/** What is bound when neither an argument nor a variable of its own names the host. */
function defaultHost(row: Program, given: readonly Given[], state: State, origin: FileOrigin): Value {
  if (row.hostWithPort !== undefined) {
    const { variable: name, host } = row.hostWithPort
    return { ...environment(name, ABSENT, origin), emptyIsUnset: false, whenSet: { kind: 'known', value: host, origin } }
  }
  if (row.hostUnless !== undefined) {
    const { variable: name, options, values, host } = row.hostUnless
    const text = given.findLast((option) => options.includes(option.name))?.value?.text ?? variable(state, name)
    const other: Value = { kind: 'known', value: host, origin }
    if (text !== undefined && isLiteral(text)) return values.includes(text) ? ABSENT : other
    return { ...environment(name, ABSENT, origin), whenSet: { kind: 'choice', options: [ABSENT, other], origin } }
  }
  if (row.decidedBy !== undefined && !(state.inContainer && row.inContainer !== undefined)) {
    return unknown(`${row.decidedBy} decides where ${row.title} listens`, origin)
  }
  return ABSENT
}

function portOf(
  row: Program,
  { given, positionals }: Parsed,
  state: State,
  origin: FileOrigin,
  configuration: Template | undefined,
): Value {
  const positional = row.positional === 'port' ? positionals[0] : row.positional === 'directory-port' ? positionals[1] : undefined
  const word = lastOf(given, 'port')?.value ?? positional
  if (word !== undefined) return fill(word.text, word)
  if (configuration !== undefined) return unknown(`its configuration file decides where ${row.title} listens`, configuration.origin)
  if (row.endpointVariable !== undefined) {
    const end = readEndpoint(environment(row.endpointVariable, ABSENT, origin), row.form ?? { bare: 'host', every: '*' }, variables(state))
    return end.kind === 'network' ? end.port : ABSENT
  }
  return chain(row.portVariables ?? [], ABSENT, origin)
}

/** The first variable that is set. */
function chain(names: readonly string[], last: Value, origin: FileOrigin, emptyIsUnset = true): Value {
  return names.reduceRight<Value>((fallback, name) => ({ ...environment(name, fallback, origin), emptyIsUnset }), last)
}

function environment(name: string, fallback: Value, origin: FileOrigin): Extract<Value, { readonly kind: 'environment' }> {
  return { kind: 'environment', name, fallback, emptyIsUnset: true, optional: true, origin }
}

function unknown(reason: string, origin: FileOrigin): Value {
  return { kind: 'unknown', reason, origin }
}

function entryOf(row: Program, { given, positionals }: Parsed, state: State): string | undefined {
  if (row.positional === 'script') {
    const [script] = positionals
    return script !== undefined && isLiteral(script.text) ? scriptFile(state.place, script.text) : undefined
  }
  const named = lastOf(given, 'application')?.value ?? (row.positional === 'application' ? positionals[0] : undefined)
  const text = named?.text ?? (row.applicationVariable === undefined ? undefined : variable(state, row.applicationVariable))
  if (text === undefined) return present(state.place, row.applications ?? [])[0]
  if (!isLiteral(text)) return undefined
  const file = text.replace(/:.*$/s, '')
  if (file.endsWith('.py')) return inFolder(state.place, file)
  if (file.includes('/'))
    return present(
      state.place,
      (row.applications ?? []).map((name) => `${file.replace(/\/$/, '')}/${name}`),
    )[0]
  const roots = [...allOf(given, 'module-path').map((path) => path.text), ...searchPath(state), '']
  return moduleFile(state.place, text, [...new Set([...roots, 'src'])].filter(isLiteral), state.place.paths === undefined)
}

/** The directories of PYTHONPATH. */
function searchPath(state: State): readonly string[] {
  return (variable(state, 'PYTHONPATH') ?? '').split(':').filter((path) => path !== '')
}
