import type { FileOrigin, Value } from '../../evidence/index.ts'
import { partOf, type Passage } from '../passage.ts'
import { directoryOf, nameOf } from '../paths.ts'
import { plain, type Source } from '../powershell/datum.ts'
import { filesNamed, goTo, slashed } from '../powershell/locations.ts'
import type { Runner as Starting } from '../powershell/runner.ts'
import type { Scope } from '../powershell/scope.ts'
import { start } from '../powershell/start.ts'
import { programName } from '../programs/run.ts'
import type { ShellContext } from '../shell/context.ts'
import { setsUp } from '../shell/foreign.ts'
import { assign, type Reports } from './assign.ts'
import { BATCH_SCRIPT } from './evident.ts'
import { type Frame, jump, unwind } from './frame.ts'
import { type BatchWord, type Expanded, filled, wordsIn } from './values.ts'

/** Directories that `pushd` remembers. */
const LOCATIONS = 33

/** The part of the walker that commands use. */
export interface Runner extends Reports, Pick<Starting, 'certain' | 'site' | 'started'> {
  readonly context: ShellContext
  /** Goes through a file, or a text: what it sets stays set, but for what stands behind `setlocal`. */
  script(source: Source, scope: Scope, script: string | undefined, given: readonly Value[] | undefined, origin: FileOrigin): void
  /** Goes from a label to the file's end, or `exit /b`. */
  subroutine(label: string, given: readonly Value[], frame: Frame, origin: FileOrigin): void
  /** The labels that a word names: where it is worked out, any. */
  labels(target: string | undefined, frame: Frame): readonly string[]
  /** Goes a way that may or may not be taken. */
  way(frame: Frame, run: (inside: Frame) => void): void
}

/** A command, with what is put in. */
interface Call {
  readonly line: Expanded
  readonly words: readonly BatchWord[]
  readonly frame: Frame
  readonly origin: FileOrigin
  /** The line of the file that it stands in. */
  readonly index: number
  readonly runner: Runner
}

/** Commands of cmd.exe itself that start nothing. */
const STARTS_NOTHING: ReadonlySet<string> = new Set(
  (
    'assoc break chcp cls color copy date del dir echo erase ftype md mkdir mklink move path pause prompt rd ren rename rmdir ' +
    'time title type ver verify vol shift find findstr timeout tasklist taskkill choice where setx attrib xcopy robocopy'
  ).split(' '),
)

/** What cmd.exe does itself. */
const BUILT_IN: ReadonlyMap<string, (call: Call) => void> = new Map<string, (call: Call) => void>([
  ['set', ({ line, words, frame, origin, runner }) => assign(line, (words[0]?.start ?? 0) + 'set'.length, frame, origin, runner)],
  ['setlocal', ({ frame: { locals, scope } }) => void locals.push(scope.copy())],
  ['endlocal', ({ frame }) => unwind(frame, frame.locals.length - 1)],
  ['cd', changeDirectory],
  ['chdir', changeDirectory],
  ['pushd', pushDirectory],
  ['popd', popDirectory],
  ['goto', ({ words, frame, index, runner }) => jump(runner.labels(plain(words[1]?.value), frame), frame, index)],
  ['exit', exit],
  ['call', callBatch],
  ['start', startApart],
  ['cmd', runInner],
])

/** Follows one command. */
export function runCommand(line: Expanded, frame: Frame, origin: FileOrigin, index: number, runner: Runner): void {
  follow({ line, words: wordsIn(line), frame, origin, index, runner })
}

function follow(call: Call): void {
  const { words, frame, origin, runner } = call
  const [first] = words
  if (first === undefined) return
  const written = slashed(plain(first.value) ?? '')
  // `echo.`, `cd..`, `set/p`.
  const joined = /^(?:echo(?=[.:([,;/])|(?:cd|chdir)(?=[./])|set(?=\/))/.exec(written.toLowerCase())?.[0]
  const name = joined ?? programName(written).toLowerCase()
  const builtIn = BUILT_IN.get(name)
  if (builtIn !== undefined) return builtIn(call)
  if (STARTS_NOTHING.has(name) || /^[a-z]:$/i.test(written)) return
  start(
    words.map(({ value }) => value),
    { at: { scope: frame.scope }, origin, runner },
    (one) => `%${one}%`,
  )
}

function changeDirectory(call: Call): void {
  const target = directoryIn(call)
  if (target !== undefined) goTo(plain(target), call.frame.scope, call.runner.context)
}

function pushDirectory(call: Call): void {
  const { scope } = call.frame
  if (directoryIn(call) !== undefined) scope.locations = [...scope.locations, scope.directory].slice(-LOCATIONS)
  changeDirectory(call)
}

function popDirectory({ frame: { scope } }: Call): void {
  scope.directory = scope.locations.at(-1)
  scope.locations = scope.locations.slice(0, -1)
}

function directoryIn({ line, words }: Call): Value | undefined {
  const text = line.passage.content
  const joined = /^\s*(?:cd|chdir)(?=[./\\])/i.exec(text)?.[0]
  if (joined !== undefined) return filled(line, joined.length, text.trimEnd().length)
  return words.slice(1).find(({ value }) => plain(value)?.toLowerCase() !== '/d')?.value
}

function exit({ frame: { scope } }: Call): void {
  scope.ended = true
}

/** `call :LABEL words`, `call FILE words`; of anything else, as if `call` did not stand there. */
function callBatch(call: Call): void {
  const { line, frame, origin, runner } = call
  const words = call.words.slice(1)
  const [first, ...rest] = words
  const target = plain(first?.value)
  const given = rest.map(({ value }) => value)
  if (first !== undefined && line.passage.content[first.start] === ':') {
    const [only, ...others] = runner.labels(target, frame)
    if (others.length === 0) return runner.subroutine(only ?? '', given, frame, origin)
    for (const name of [only ?? '', ...others]) runner.way(frame, (inside) => runner.subroutine(name, given, inside, origin))
    return
  }
  const path = slashed(target ?? '')
  const file = path === '' ? undefined : batchFile(path, frame, runner.context)
  if (file === undefined) {
    follow({ ...call, words })
    if (BATCH_SCRIPT.test(path) && !setsUp(path.toLowerCase()) && !/^[\w-]+\.cmd$/i.test(path))
      runner.open({ how: `in ${nameOf(path)}, which is not in the folder`, origin }, frame.scope)
    return
  }
  const before = runner.site
  runner.site ??= origin
  runner.script({ passage: file.text, holes: [] }, frame.scope, file.path, given, origin)
  runner.site = before
}

function batchFile(path: string, frame: Frame, context: ShellContext): { readonly path: string; readonly text: Passage } | undefined {
  const names = BATCH_SCRIPT.test(path) ? [path] : /\.\w+$/.test(path) ? [] : [`${path}.bat`, `${path}.cmd`]
  for (const name of names)
    for (const one of filesNamed(name, frame.scope, directoryOf(frame.script ?? ''))) {
      if (context.files?.has(one) === false) continue
      const text = context.sourced?.(one)
      if (text !== undefined) return { path: one, text }
    }
  return undefined
}

/** `start "title" /b /d DIRECTORY program`, in a process of its own: the title is only one where it stands in quotes. */
function startApart(call: Call): void {
  const words = call.words.slice(1)
  const frame = { ...call.frame, scope: call.frame.scope.copy() }
  let rest = words[0] !== undefined && call.line.passage.content[words[0].start] === '"' ? words.slice(1) : words
  for (;;) {
    const option = /^\/([a-z]+)(.*)$/i.exec(plain(rest[0]?.value) ?? '')
    if (option === null) break
    const isDirectory = /^d$/i.test(option[1] ?? '')
    if (isDirectory) goTo(plain(rest[1]?.value), frame.scope, call.runner.context)
    rest = rest.slice(isDirectory ? 2 : 1)
  }
  follow({ ...call, words: rest, frame })
}

/** `cmd /c COMMANDS`, `cmd /k "COMMANDS"`: in a process of its own. */
function runInner({ line, words, frame, origin, runner }: Call): void {
  const option = words.findIndex(({ value }) => /^\/[ck]$/i.test(plain(value) ?? ''))
  const first = words[option + 1]
  if (option < 0 || first === undefined) return
  const { passage, holes } = line
  const text = passage.content.slice(first.start).trimEnd()
  // Quotes around the whole are not part of it.
  const quote = /^".*"$/s.test(text) ? 1 : 0
  const inner = partOf(passage, first.start + quote, first.start + text.length - quote)
  runner.script({ passage: inner, holes }, frame.scope.copy(), frame.script, frame.given, origin)
}
