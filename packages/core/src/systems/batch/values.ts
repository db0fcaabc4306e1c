import { ABSENT, joinValues, type FileOrigin, type Value } from '../../evidence/index.ts'
import { type Passage, PassageBuilder } from '../passage.ts'
import { directoryOf } from '../paths.ts'
import { plain, unknown } from '../powershell/datum.ts'
import type { Scope } from '../powershell/scope.ts'
import { fill, isLiteral } from '../programs/template.ts'
import { IN_FOLDER } from '../shell/expand.ts'

/** What cmd.exe puts in before it reads a line. */
export interface Names {
  /** The variables as they were before the line. */
  readonly before: Scope
  /** As they are now: `!NAME!`. */
  readonly scope: Scope
  /** The file's own path, relative to the folder. */
  readonly script: string | undefined
  /** What it is called with; `undefined`: not known. */
  readonly given: readonly Value[] | undefined
  /** The variables of the loops around, by their letter. */
  readonly loops: ReadonlyMap<string, Value>
  /** What the characters of the private use area in the file's text stand for. */
  readonly holes: readonly Value[]
  /** `setlocal enabledelayedexpansion`. */
  readonly delayed: boolean
}

/** Text in which the variables are put in: what is known and has blanks as text, whatever else as one character. */
export interface Expanded {
  readonly passage: Passage
  readonly holes: readonly Value[]
}

/** Variables that are put into one line, at most: characters for more there are not. */
const PUT_IN = 1000
const FIRST_HOLE = 0xe000
const LONGEST = 32_767

/** `%%i`, `%~dp0`, `%1`, `%*`, `%NAME%`, `%NAME:a=b%`, `!NAME!`. */
const REFERENCE =
  /%%(?:~[fdpnxsatz]{0,9})?([a-z])|%(?:~([a-z]{0,9}))?([0-9*])|%([^%:\s=!]{1,100})(:[^%\n]{0,200})?%|!([^%:\s=!]{1,100})(:[^!\n]{0,200})?!/gi

/** `undefined`: longer than cmd.exe takes, or more variables than are followed. */
export function expanded(passage: Passage, names: Names): Expanded | undefined {
  const { content } = passage
  if (content.length > LONGEST || (names.holes.length === 0 && !isLiteral(content))) return undefined
  const builder = new PassageBuilder(passage)
  const holes = [...names.holes]
  let last = 0
  const put = (value: Value, start: number, end: number): void => {
    const text = value.kind === 'absent' ? '' : plain(value)
    if (text !== undefined && (text === '' || (/[\s"]/.test(text) && isLiteral(text)))) return builder.replace(text, start, end)
    builder.replace(String.fromCharCode(FIRST_HOLE + holes.length), start, end)
    holes.push(value)
  }
  for (const match of content.matchAll(REFERENCE)) {
    const start = match.index
    const end = start + match[0].length
    const value = start < last ? undefined : valueOf(match, names, passage.origin(start, end))
    if (value === undefined) continue
    builder.copy(last, start)
    put(value, start, end)
    last = end
    if (holes.length > PUT_IN) return undefined
  }
  builder.copy(last, content.length)
  const built = builder.build()
  return built.content.length > LONGEST ? undefined : { passage: built, holes }
}

/** `undefined`: what it says itself. */
function valueOf(
  [, letter, modifiers, index, name, change, late, lateChange]: RegExpMatchArray,
  names: Names,
  origin: FileOrigin,
): Value | undefined {
  if (letter !== undefined) return names.loops.get(letter.toLowerCase()) ?? unknown('a variable of a loop', origin)
  if (index !== undefined) return parameter(index, modifiers?.toLowerCase(), names, origin)
  if (late !== undefined) return names.delayed ? variable(late, lateChange, names.scope, origin) : undefined
  return name === undefined ? undefined : variable(name, change, names.before, origin)
}

function parameter(index: string, modifiers: string | undefined, { script, given }: Names, origin: FileOrigin): Value {
  if (index === '0') {
    if (script === undefined || script.startsWith('/')) return unknown('where the script is is not known', origin)
    if (modifiers === undefined || modifiers === '' || modifiers === 'f') return { kind: 'known', value: `${IN_FOLDER}/${script}`, origin }
    const directory = directoryOf(script)
    const path = directory === '' ? '/' : `/${directory}/`
    return modifiers === 'dp' ? { kind: 'known', value: IN_FOLDER + path, origin } : unknown('a part of its path', origin)
  }
  if (given === undefined) return { kind: 'argument', name: `%${index}`, fallback: ABSENT, origin }
  const blank: Value = { kind: 'known', value: ' ', origin }
  if (index === '*')
    return joinValues(
      given.flatMap((value, at) => (at === 0 ? [value] : [blank, value])),
      origin,
    )
  const value = given[Number(index) - 1] ?? ABSENT
  return modifiers === undefined || modifiers === '' || value.kind === 'absent' ? value : unknown('a part of a path', origin)
}

function variable(name: string, change: string | undefined, scope: Scope, origin: FileOrigin): Value {
  const set = scope.environment(name)?.value
  if (set === undefined && name.toLowerCase() === 'cd' && scope.directory !== undefined && !scope.directory.startsWith('/'))
    return { kind: 'known', value: `${IN_FOLDER}/${scope.directory}`, origin }
  if (change !== undefined) return unknown(`a part of ${name}`, origin)
  return set ?? { kind: 'environment', name, fallback: ABSENT, emptyIsUnset: true, origin }
}

/** The value of a stretch of the text, without quotes. */
export function filled({ passage, holes }: Expanded, start: number, end: number): Value {
  const origin = passage.origin(start, end)
  const text = passage.content.slice(start, end).replaceAll('"', '')
  return fill(text, { text, holes, origin })
}

export interface BatchWord {
  readonly start: number
  readonly end: number
  readonly value: Value
}

/** Cut as Windows programs read their command line: at blanks outside of double quotes. */
export function wordsIn(line: Expanded, from = 0): readonly BatchWord[] {
  return [...line.passage.content.slice(from).matchAll(/(?:"[^"]*(?:"|$)|[^\s"])+/g)].map((match) => {
    const start = from + match.index
    const end = start + match[0].length
    return { start, end, value: filled(line, start, end) }
  })
}
