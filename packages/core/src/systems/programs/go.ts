import { ABSENT, type CommandBind } from '../../evidence/index.ts'
import { goProgram, goProgramNamed, hasGo, onlyGoProgram } from '../go-programs.ts'
import { nameOf } from '../paths.ts'
import { readEndpoint } from './endpoint.ts'
import { lastOf, type Options, parseOptions } from './options.ts'
import { inFolder } from './place.ts'
import type { CommandReading } from './reading.ts'
import { argumentsOf, done, type State, variables, withOptions, withUnknown } from './state.ts'
import { fill, isLiteral, type Template } from './template.ts'

/** Options of `go build`, which `go run` takes as well, that take a word (pkg.go.dev/cmd/go). */
const BUILD: Options = {
  ...Object.fromEntries(
    ['-tags', '-ldflags', '-gcflags', '-asmflags', '-mod', '-modfile', '-p', '-exec', '-overlay', '-pkgdir', '-toolexec', '-pgo'].map(
      (name) => [name, 'value' as const],
    ),
  ),
  '-C': 'directory',
  '-build': 'value',
  '--build': 'value',
  '-build-flags': 'value',
  '--build-flags': 'value',
  '-output': 'value',
  '--output': 'value',
  '-c': 'configuration',
  '-wd': 'directory',
  '--wd': 'directory',
  '-l': 'endpoint',
  '--listen': 'endpoint',
  '-listen': 'endpoint',
  '--headless': 'everywhere',
  '-headless': 'everywhere',
}

/** Which file runs cannot be told. */
const WHICH = 'which program of the folder is started is not known'

/** `go run PACKAGE`, and what builds and starts a program anew when its source changes. `undefined`: another program. */
export function goCommand(name: string, rest: readonly Template[], state: State): CommandReading | undefined {
  const [first] = rest
  if (name === 'go' || name === 'gow' || name === 'wgo') {
    if (first?.text !== 'run') return undefined
    const { given, rest: words } = parseOptions(rest.slice(1), { options: BUILD, unlisted: 'switch', stopsAtPositional: true })
    return run(words, withOptions(state, given))
  }
  if (name === 'dlv') return delve(rest, state)
  return name === 'air' ? air(rest, state) : undefined
}

/** `go run main.go other.go ARGUMENT…`, `go run ./cmd/api ARGUMENT…`. */
function run(words: readonly Template[], state: State): CommandReading {
  const [first] = words
  if (first === undefined) return done(state, 'go')
  if (!isLiteral(first.text)) return done(withUnknown(state, WHICH, first.origin), 'go')
  const files = words.findIndex((word) => !word.text.endsWith('.go'))
  const count = first.text.endsWith('.go') ? (files < 0 ? words.length : files) : 1
  const names = words.slice(0, count).map((word) => word.text)
  const main = names.find((name) => nameOf(name) === 'main.go') ?? first.text
  const entry = entryOf(main, state)
  return done(state, 'go', { ...(entry === undefined ? {} : { entry }), arguments: argumentsOf(words.slice(count), 1) })
}

/** A package, by its directory or its path, or a file. */
function entryOf(name: string, { place }: State): string | undefined {
  if (name.endsWith('.go')) return inFolder(place, name)
  const { paths } = place
  if (paths === undefined || name.includes('@')) return undefined
  if (/^\.{0,2}\/|^\.{1,2}$/.test(name)) {
    const directory = inFolder(place, name)
    return directory === undefined ? undefined : goProgram(paths, directory)
  }
  // A path of the module: what it ends in is a directory.
  const names = name.split('/')
  return names.map((_, index) => goProgram(paths, names.slice(index).join('/'))).find((entry) => entry !== undefined)
}

/** `dlv debug|exec|test PACKAGE --headless --listen=:2345 -- ARGUMENT…` (github.com/go-delve/delve, Documentation/usage/dlv.md). */
function delve(rest: readonly Template[], state: State): CommandReading | undefined {
  const { given, positionals, rest: words } = parseOptions(rest, { options: BUILD, unlisted: 'switch' })
  const [command, target] = positionals
  if (command === undefined || !/^(?:debug|exec|attach|dap|connect)$/.test(command.text) || command.text === 'connect') return undefined
  const isOpen = command.text === 'dap' || given.some(({ role }) => role === 'everywhere')
  const at = lastOf(given, 'endpoint')?.value
  const end = readEndpoint(at === undefined ? ABSENT : fill(at.text, at), { bare: 'host', every: '*' }, variables(state))
  const debuggers: readonly CommandBind[] =
    !isOpen || end.kind === 'elsewhere'
      ? []
      : [{ program: 'delve', protocol: 'tcp', host: end.host, port: end.port, defaultHost: '127.0.0.1' }]
  const inside: State = { ...state, debuggers: [...state.debuggers, ...debuggers] }
  if (command.text === 'exec' && target !== undefined) return goBinary(target, words, inside) ?? done(inside, 'dlv')
  const entry = command.text === 'debug' ? entryOf(target?.text ?? '.', state) : undefined
  return done(inside, 'dlv', { ...(entry === undefined ? {} : { entry }), arguments: argumentsOf(words, 1) })
}

/** `air [-c FILE] [-- ARGUMENT…]`: builds as its configuration says, by default what is in the directory (github.com/air-verse/air). */
function air(rest: readonly Template[], state: State): CommandReading | undefined {
  const { paths } = state.place
  const { rest: words } = parseOptions(rest, { options: BUILD, unlisted: 'switch' })
  const entry = state.place.built?.('main') ?? (paths === undefined ? undefined : (entryOf('.', state) ?? onlyGoProgram(paths)))
  return done(state, 'air', { ...(entry === undefined ? {} : { entry }), arguments: argumentsOf(words, 1) })
}

/** Names of what is built of the one program that there is. */
const PLAIN = /^(?:main|app|application|server|api|service|web|backend|daemon|program|out|run)$/

/** Where systems keep programs of their own. */
const OF_THE_SYSTEM = /^\/(?:usr\/)?s?bin\//

/**
 * A program that is built of the folder's Go source: by what its scripts, makefiles and Dockerfiles build, by the name of its directory,
 * or because there is no other. `undefined`: not known.
 */
export function goBinary(first: Template, rest: readonly Template[], state: State): CommandReading | undefined {
  const { place } = state
  if (place.paths === undefined || !hasGo(place.paths) || !isLiteral(first.text)) return undefined
  const name = nameOf(first.text).replace(/\.exe$/i, '')
  if (name === '' || /\.\w+$/.test(name)) return undefined
  const isPath = first.text.includes('/') && !OF_THE_SYSTEM.test(first.text)
  const path = isPath ? inFolder(place, first.text) : undefined
  if (path !== undefined && place.paths.has(path)) return undefined
  const isOwn = isPath || place.inContainer
  const entry =
    place.built?.(name) ??
    (isOwn ? (goProgramNamed(place.paths, name) ?? (isPath && PLAIN.test(name) ? onlyGoProgram(place.paths) : undefined)) : undefined)
  return entry === undefined ? undefined : done(state, name, { entry, arguments: argumentsOf(rest, 1) })
}
