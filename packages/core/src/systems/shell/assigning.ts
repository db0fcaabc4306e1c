import { ABSENT, type FileOrigin, knownText, type Value } from '../../evidence/index.ts'
import { type Call, type Shell, VARIABLE } from './builtin.ts'
import { known } from './expand.ts'
import { inputText } from './load.ts'
import type { Scope } from './scope.ts'

/** `read NAME…`: the first line of what it is given, where that is known. */
export function readVariables(shell: Shell, { node, values, at, origin }: Call): void {
  const input = inputText(node.input, at, shell.context)
  const names = namesIn(values)
  const line = /^[^\n]*/.exec(input?.content ?? '')?.[0].trim() ?? ''
  const isWhole = input !== undefined && names.length === 1 && !line.includes('\\')
  for (const name of names) {
    const value: Value = isWhole
      ? known(line, input.origin(0, line.length))
      : { kind: 'unknown', reason: 'read while the script runs', origin }
    shell.assign(at.scope, name, value, origin, false)
  }
  forgetUnnamed(values, 'by `read`', at.scope, origin)
}

/** `mapfile -t NAME`: the lines of what it is given. */
export function readLines(shell: Shell, { node, values, at, origin }: Call): void {
  const input = inputText(node.input, at, shell.context)
  const [name = 'MAPFILE'] = namesIn(values).slice(-1)
  const isPlain = values.every((value) => value.kind === 'known' && (value.value === '-t' || value.value === name))
  const lines =
    input === undefined || !isPlain || input.content.length > 4096
      ? undefined
      : [...input.content.matchAll(/[^\r\n]+/g)].map((match) => known(match[0], input.origin(match.index, match.index + match[0].length)))
  shell.assign(at.scope, name, lines ?? { kind: 'unknown', reason: 'read while the script runs', origin }, origin, false)
  forgetUnnamed(values, 'by `mapfile`', at.scope, origin)
}

function namesIn(values: readonly Value[]): readonly string[] {
  return values.map((value) => knownText(value) ?? '').filter((name) => VARIABLE.test(name))
}

/** A builtin that sets a variable of which not even the name is known may set any. */
function forgetUnnamed(values: readonly Value[], how: string, scope: Scope, origin: FileOrigin): void {
  if (values.some((value) => value.kind !== 'known')) scope.open({ how, origin })
}

/** `printf -v NAME FORMAT WORD…` */
export function print(shell: Shell, { values, at, origin }: Call): void {
  if (knownText(values[0]) !== '-v') return
  const name = knownText(values[1])
  const format = knownText(values[2])
  const only = values[3]
  const value: Value =
    format !== undefined && !/[%\\]/.test(format) && values[2] !== undefined
      ? values[2]
      : format === '%s' && only !== undefined && values.length === 4
        ? only
        : { kind: 'unknown', reason: 'what `printf` writes is not followed', origin }
  if (name !== undefined && VARIABLE.test(name)) shell.assign(at.scope, name, value, origin, false)
  else at.scope.open({ how: 'by `printf`', origin })
}

/** `getopts h:p: NAME`: OPTARG is what the script is given, where that is known. */
export function readOptions(shell: Shell, { values, at, origin }: Call): void {
  const name = knownText(values[1])
  const given = values.length > 2 ? values.slice(2) : at.scope.positional
  const unknown: Value = { kind: 'unknown', reason: 'taken from the words that the script is given', origin }
  if (name !== undefined && VARIABLE.test(name)) shell.assign(at.scope, name, unknown, origin, false)
  else at.scope.open({ how: 'by `getopts`', origin })
  const words = given?.filter((value) => value.kind !== 'known' || !/^-.$/.test(String(value.value)))
  const [only] = words ?? []
  const argument: Value =
    words === undefined
      ? { kind: 'argument', name: '$OPTARG', fallback: ABSENT, origin }
      : words.length === 1 && only?.kind === 'known' && !String(only.value).startsWith('-')
        ? only
        : words.length === 0
          ? ABSENT
          : unknown
  shell.assign(at.scope, 'OPTARG', argument, origin, false)
}
