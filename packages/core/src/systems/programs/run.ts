import type { FileOrigin } from '../../evidence/index.ts'
import { debuggersOf } from './inspector.ts'
import { type Interpreter, interpreterNamed } from './interpreters.ts'
import { lastOf, type Parsed, parseOptions } from './options.ts'
import { directoryOf } from '../paths.ts'
import { wordsOf } from './packages.ts'
import { directoryIn, inFolder, moduleFile, scriptFile } from './place.ts'
import { withFilesOfBun, withPreloaded } from './preloads.ts'
import type { CommandReading } from './reading.ts'
import { programsNamed, programsOfModule } from './rows/index.ts'
import { serve } from './serve.ts'
import { argumentsOf, done, type State, variables, withOptions, withUnknown } from './state.ts'
import { isLiteral, type Template } from './template.ts'
import { toldSocket } from './told.ts'

/** Reading goes on with what a program starts in turn: words of a command, or commands in one word. */
export interface Readers {
  words(words: readonly Template[], state: State): CommandReading
  /** `further`: words that follow each of the texts. */
  text(texts: readonly Template[], state: State, further?: readonly Template[]): CommandReading
}

/** The last part of a program's path, without what only the platform adds. */
export function programName(path: string): string {
  const name = path.split(/[/\\]/).at(-1) ?? path
  return name.replace(/\.(?:exe|cmd|bat)$/i, '')
}

/** What `node FILE`, `python -m MODULE`, `sh -c TEXT` and their like run. */
export function interpreted(read: Readers, name: string, rest: readonly Template[], before: State): CommandReading | undefined {
  const interpreter = interpreterNamed(name)
  if (interpreter === undefined) return undefined
  const parse = (words: readonly Template[]): Parsed =>
    parseOptions(words, { options: interpreter.options, unlisted: 'switch', stopsAtPositional: true })
  const whole = parse(rest)
  // `bun --watch run FILE`: options may stand before the word too.
  const [word] = whole.rest
  const isWord = word !== undefined && interpreter.words?.includes(word.text) === true
  if (!isWord && interpreter.needsWord === true) return undefined
  const parsed = isWord ? parse(rest.filter((one) => one !== word)) : whole
  const state = surrounded(interpreter, parsed, before)
  const command = lastOf(parsed.given, 'command')?.value
  if (command !== undefined) return read.text([command], state, interpreter.appends === true ? parsed.rest : [])
  const script = lastOf(parsed.given, 'script')?.value
  if (script !== undefined && isLiteral(script.text))
    return done(state, name, { script: { name: script.text, directory: directoryIn(state.place), extra: wordsOf(parsed.rest) } })
  const module = lastOf(parsed.given, 'module')?.value
  if (module !== undefined) return pythonModule(read, module, parsed.rest, state)
  const [file, ...values] = parsed.rest
  if (file === undefined) return done(state, name)
  if (!isLiteral(file.text)) return done(withUnknown(state, 'which file is run is not known', file.origin), name)
  return runFile(name, interpreter, file, values, state)
}

/** What an interpreter's own options change for the file: variables from files, a debugger's socket. */
function surrounded(interpreter: Interpreter, { given, rest }: Parsed, before: State): State {
  // The runtime reads its own files first, and a module that is preloaded does not override what is set by then.
  // Of several files the last that sets a variable wins (nodejs.org/api/cli.html, --env-file).
  const own = withOptions(before, interpreter.language === 'javascript' ? given.toReversed() : given)
  const preloaded = interpreter.language === 'javascript' ? withPreloaded(own, given, rest) : own
  const reads = interpreter.name.test('bun') && !given.some(({ role }) => role === 'environment-file')
  const state = reads ? withFilesOfBun(preloaded) : preloaded
  const debuggers = debuggersOf(interpreter.language, given, variables(state))
  return debuggers.length === 0 ? state : { ...state, debuggers: [...state.debuggers, ...debuggers] }
}

function runFile(name: string, interpreter: Interpreter, file: Template, values: readonly Template[], state: State): CommandReading {
  const entry = entryOf(interpreter, file.text, state)
  const known = programsNamed(programName(file.text)).length > 0 ? programName(file.text) : builtProgram(file.text)
  const output = known === undefined && interpreter.language === 'javascript' ? outputOf(file.text, entry, state) : undefined
  const program = known ?? output
  const found =
    program === undefined
      ? undefined
      : serve(programsNamed(program), values, state, file.origin, inPackages(file.text) || output !== undefined ? undefined : entry)
  const own = found ?? (interpreter.language === 'python' ? flaskGroup(entry, values, state, file.origin) : undefined)
  if (own !== undefined) return own
  // What packages run is known by their own names, or not at all.
  if (inPackages(file.text))
    return done(
      interpreter.language === 'javascript' && !NAMED.test(file.text) ? withUnknown(state, OF_A_PACKAGE, file.origin) : state,
      name,
    )
  if (name === 'bun' && entry === undefined && !/[./]/.test(file.text))
    return done(state, name, { script: { name: file.text, directory: directoryIn(state.place), extra: wordsOf(values) } })
  return done(state, name, { ...(entry === undefined ? {} : { entry }), arguments: argumentsOf(values, interpreter.firstArgument) })
}

/** A file that hands its command line to `FlaskGroup`, as `flask` itself does (flask.palletsprojects.com/cli, Custom Scripts). */
function flaskGroup(entry: string | undefined, values: readonly Template[], state: State, origin: FileOrigin): CommandReading | undefined {
  const text = entry === undefined || !entry.endsWith('.py') ? undefined : state.place.text?.(entry)
  return text !== undefined && /\bFlaskGroup\s*\(/.test(text.content)
    ? serve(programsNamed('flask'), values, state, origin, entry)
    : undefined
}

function entryOf(interpreter: Interpreter, path: string, state: State): string | undefined {
  // `bun dev` runs a script of the package.json unless it names a file.
  if (interpreter.language !== 'javascript') return inFolder(state.place, path)
  // `deno run jsr:@std/http/file-server`: of no folder.
  if (/^(?:jsr|npm|https?):/.test(path)) return undefined
  const file = scriptFile(state.place, path)
  const guessed = /[./]/.test(path) || file === undefined || state.place.paths?.has(file) === true
  return interpreter.name.test('bun') && !guessed ? undefined : file
}

/** Why it is not known what `node node_modules/x/server.js` does. */
export const OF_A_PACKAGE = 'the file that is started belongs to a package, and packages are not read'

/** Where npm puts what a script calls by its name, as it would without its path. */
const NAMED = /(?:^|\/)node_modules\/\.bin\/[^/]+$/

const PACKAGES = /(?:^|\/)(?:node_modules|site-packages)\//

function inPackages(path: string): boolean {
  return PACKAGES.test(path)
}

/** The program that a path inside node_modules, or of known built output or checkouts, is: `node_modules/next/dist/bin/next`, `.output/server/index.mjs`. */
function builtProgram(path: string): string | undefined {
  if (/(?:^|[/\\])ComfyUI[/\\]main\.py$/.test(path)) return 'ComfyUI/main.py'
  const output = /(?:^|\/)(\.output\/server\/index\.mjs|\.next\/standalone\/server\.js)$/.exec(path)?.[1]
  if (output !== undefined || !inPackages(path)) return output
  const names = path.split('/').slice(path.split('/').lastIndexOf('node_modules') + 1)
  return [names.at(-1)?.replace(/\.[cm]?js$/, ''), names[0]].find((name) => name !== undefined && programsNamed(name).length > 0)
}

/** What frameworks build that the folder does not hold, told by what its configuration says of it. */
const OUTPUT: readonly { readonly file: RegExp; readonly told: readonly string[]; readonly by: RegExp; readonly program: string }[] = [
  {
    file: /(?:^|\/)build(?:\/(?:index\.js)?)?$/,
    told: ['package.json'],
    by: /"@sveltejs\/adapter-node"/,
    program: 'sveltekit/build/index.js',
  },
  {
    file: /(?:^|\/)server\.js$/,
    told: ['next.config.js', 'next.config.mjs', 'next.config.ts', 'next.config.cjs'],
    by: /\boutput\s*:\s*(["'`])standalone\1/,
    program: '.next/standalone/server.js',
  },
  {
    file: /(?:^|\/)dist\/server\/entry\.mjs$/,
    told: ['astro.config.mjs', 'astro.config.ts', 'astro.config.js', 'astro.config.mts'],
    by: /\bmode\s*:\s*(["'`])standalone\1/,
    program: 'astro/dist/server/entry.mjs',
  },
]

function outputOf(path: string, entry: string | undefined, { place }: State): string | undefined {
  if (entry !== undefined && place.paths?.has(entry) === true) return undefined
  const beside = directoryOf(entry ?? '')
  const directories = [...new Set([beside, directoryOf(beside), directoryOf(directoryOf(beside)), ''])]
  const says = (names: readonly string[], by: RegExp): boolean =>
    directories.some((directory) =>
      names.some((name) => {
        const file = directory === '' ? name : `${directory}/${name}`
        return place.paths?.has(file) === true && by.test(place.text?.(file)?.content ?? '')
      }),
    )
  return OUTPUT.find(({ file, told, by }) => file.test(path) && says(told, by))?.program
}

export function pythonModule(read: Readers, module: Template, rest: readonly Template[], state: State): CommandReading {
  if (!isLiteral(module.text)) return done(withUnknown(state, 'which module is run is not known', module.origin), 'python')
  const found = serve(programsOfModule(module.text), rest, state, module.origin)
  if (found !== undefined) return found
  if (interpreterNamed(module.text)?.language === 'python' || module.text === 'nodemon' || module.text === 'dotenv')
    return read.words([module, ...rest], state)
  const entry = moduleFile(state.place, module.text, ['', 'src'], false)
  return entry === undefined ? toldSocket(module.text, rest, state) : done(state, 'python', { entry, arguments: argumentsOf(rest, 1) })
}

/** A program that is a file of the folder itself: `./server.py`, `bin/www`, `/app/start.sh`. */
export function ownFile(first: Template, rest: readonly Template[], state: State): CommandReading | undefined {
  if (!first.text.includes('/') && !/\.(?:py|sh|bat|cmd|[cm]?[jt]s)$/.test(first.text)) return undefined
  const path = inFolder(state.place, first.text)
  if (path === undefined || inPackages(path) || (state.place.paths?.has(path) !== true && !/\.(?:py|sh|bash|[cm]?[jt]s)$/.test(path)))
    return undefined
  const group = flaskGroup(path, rest, state, first.origin)
  if (group !== undefined) return group
  return done(state, programName(first.text), { entry: path, arguments: argumentsOf(rest, /\.[cm]?[jt]s$/.test(path) ? 2 : 1) })
}
