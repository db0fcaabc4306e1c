import { ABSENT, type CommandBind, type Value } from '../../evidence/index.ts'
import { readData, scalarValue, type Tree } from '../data/index.ts'
import { entriesOf, entry } from '../yaml.ts'
import { lastOf, type Options, parseOptions } from './options.ts'
import { configurationText } from './place.ts'
import type { CommandReading } from './reading.ts'
import { done, type State } from './state.ts'
import { fill, isLiteral, type Template } from './template.ts'

const OPTIONS: Options = {
  '--only': 'value',
  '-P': 'value',
  '--project': 'value',
  '--config': 'configuration',
  '-c': 'configuration',
  '--import': 'value',
  '--export-on-exit': 'switch',
}

const SERVE: Options = { '-o': 'host', '--host': 'host', '-p': 'port', '--port': 'port', '--only': 'value', '--config': 'configuration' }

/** firebase-tools 15.34.2, lib/emulator/constants.js: DEFAULT_PORTS; DEFAULT_HOST is localhost. */
const PORTS: Readonly<Record<string, number>> = {
  ui: 4000,
  hub: 4400,
  logging: 4500,
  hosting: 5000,
  functions: 5001,
  apphosting: 5002,
  firestore: 8080,
  pubsub: 8085,
  database: 9000,
  auth: 9099,
  storage: 9199,
  eventarc: 9299,
  dataconnect: 9399,
  tasks: 9499,
}

/** Emulators that run whichever are chosen. */
const ALWAYS: ReadonlySet<string> = new Set(['ui', 'hub', 'logging'])

/** `firebase emulators:start`, which opens a port for each emulator that firebase.json has, and `firebase serve`. */
export function firebase(name: string, rest: readonly Template[], state: State): CommandReading | undefined {
  if (name !== 'firebase') return undefined
  const command = rest.find((word) => !word.text.startsWith('-'))?.text
  const binds =
    command === 'serve' ? [served(rest)] : command === 'emulators:start' || command === 'emulators:exec' ? emulators(rest, state) : []
  const [serves, ...alsoServes] = binds
  return done(state, name, serves === undefined ? {} : { serves, alsoServes })
}

function bind(program: string, host: Value, port: Value, defaultPort?: number): CommandBind {
  return { program, protocol: 'tcp', host, port, defaultHost: 'localhost', ...(defaultPort === undefined ? {} : { defaultPort }) }
}

function served(rest: readonly Template[]): CommandBind {
  const { given } = parseOptions(rest, { options: SERVE, unlisted: 'switch' })
  const said = (role: 'host' | 'port'): Value => {
    const value = lastOf(given, role)?.value
    return value === undefined ? ABSENT : fill(value.text, value)
  }
  return bind('firebase-serve', said('host'), said('port'), PORTS['hosting'])
}

function emulators(rest: readonly Template[], state: State): readonly CommandBind[] {
  const { given } = parseOptions(rest, { options: OPTIONS, unlisted: 'switch' })
  const text = configurationText(state.place, lastOf(given, 'configuration')?.value?.text, ['firebase.json'])
  const told = given.findLast((option) => option.name === '--only')?.value?.text
  const only = told === undefined || !isLiteral(told) ? undefined : new Set(told.split(',').map((one) => one.split(':', 1)[0]?.trim()))
  const configured = text === undefined ? undefined : entry(readData(text, 'json'), 'emulators')
  return [...entriesOf(configured)].flatMap(([emulator, { value }]) => {
    if (!Object.hasOwn(PORTS, emulator) || value.kind !== 'mapping' || isOff(value)) return []
    if (only !== undefined && !only.has(emulator) && !ALWAYS.has(emulator)) return []
    return [bind(`firebase-${emulator}`, setting(value, 'host'), setting(value, 'port'), PORTS[emulator])]
  })
}

function setting(of: Tree, key: string): Value {
  const found = entry(of, key)
  return found === undefined ? ABSENT : (scalarValue(found) ?? ABSENT)
}

function isOff(emulator: Tree): boolean {
  const enabled = setting(emulator, 'enabled')
  return enabled.kind === 'known' && enabled.value === false
}
