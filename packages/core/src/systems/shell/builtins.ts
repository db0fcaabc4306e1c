import { ABSENT, knownText } from '../../evidence/index.ts'
import { passageAt } from '../passage.ts'
import { print, readLines, readOptions, readVariables } from './assigning.ts'
import { type Builtin, type Call, hasFlag, type Shell, VARIABLE } from './builtin.ts'
import { declare } from './declare.ts'
import { directoryAfter } from './output.ts'
import { evaluate, source, written } from './sourcing.ts'

/** What the shell does itself (XCU §2.14, bash(1)). Others have no effect on what is started and are not listed. */
export const BUILTINS: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
  ['export', (shell, call) => declare(shell, call, true)],
  ['declare', (shell, call) => declare(shell, call, hasFlag(call, 'x'))],
  ['typeset', (shell, call) => declare(shell, call, hasFlag(call, 'x'))],
  ['local', (shell, call) => declare(shell, call, hasFlag(call, 'x'))],
  ['readonly', (shell, call) => declare(shell, call, false)],
  ['unset', unset],
  ['set', set],
  ['shift', shift],
  ['cd', changeDirectory],
  ['pushd', changeDirectory],
  ['popd', forgetDirectory],
  ['read', readVariables],
  ['mapfile', readLines],
  ['readarray', readLines],
  ['getopts', readOptions],
  ['printf', print],
  ['.', source],
  ['source', source],
  ['eval', evaluate],
  ['trap', trap],
  ['alias', (shell, { values }) => shell.aliases.define(values)],
  ['shopt', (shell, { values }) => shell.aliases.allow(values)],
  ['exit', end],
  ['return', end],
])

function unset(shell: Shell, { values, at, origin }: Call): void {
  for (const value of values) {
    const name = knownText(value) ?? ''
    // Exported as certainly not set, so that what the surroundings have does not count either.
    if (VARIABLE.test(name)) shell.assign(at.scope, name, ABSENT, origin, true)
    else if (value.kind !== 'known') at.scope.open({ how: 'or unset, by a name that is not known', origin })
  }
}

function set(_: Shell, { values, at }: Call): void {
  for (const [index, value] of values.entries()) {
    const option = knownText(value) ?? ''
    if (option === '--') {
      at.scope.positional = values.slice(index + 1)
      break
    }
    if (/^-[a-zA-Z]*a/.test(option) || (option === '-o' && knownText(values[index + 1]) === 'allexport')) at.scope.exportAll = true
    if (/^\+[a-zA-Z]*a/.test(option) || (option === '+o' && knownText(values[index + 1]) === 'allexport')) at.scope.exportAll = false
  }
}

function shift(_: Shell, { values, at }: Call): void {
  const count = Number(knownText(values[0]) ?? '1')
  at.scope.positional = at.scope.positional?.slice(Number.isInteger(count) && count > 0 ? count : 1)
}

function changeDirectory(shell: Shell, { values, at }: Call): void {
  const { scope } = at
  const { directories = [], isDirectory } = shell.context
  const from = scope.directory === undefined && scope.atStart ? directories : [scope.directory]
  const targets = from.map((directory) => directoryAfter(values, directory)).filter((target) => target !== undefined)
  // Of several places that the script may be started in, the one is meant where there is such a directory.
  // An absolute one is the same from each.
  const isSame = new Set(targets).size === 1 && targets[0]?.startsWith('/') === true
  scope.directory = from.length > 1 && !isSame ? targets.find((target) => isDirectory?.(target)) : targets[0]
  scope.atStart = false
}

function forgetDirectory(_: Shell, { at }: Call): void {
  at.scope.directory = undefined
  at.scope.atStart = false
}

/** `trap SCRIPT SIGNAL…` (XCU, trap). */
function trap(shell: Shell, { values: [action, signal], origin }: Call): void {
  if (action === undefined || signal === undefined) return
  const script = written(action)
  if (script !== '' && !/^-|^\d+$/.test(script)) shell.atEnd(passageAt(script, origin))
}

function end(_: Shell, { at }: Call): void {
  at.scope.ended = true
}
