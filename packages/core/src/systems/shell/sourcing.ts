import { type FileOrigin, knownText, show, type Value } from '../../evidence/index.ts'
import { passageAt } from '../passage.ts'
import { literalText } from '../secret.ts'
import { type Call, type Shell } from './builtin.ts'
import type { Surroundings } from './expand.ts'
import { filesNamed } from './files.ts'
import { printsSettings, setsUp } from './foreign.ts'
import { assignmentsIn, firstProgram, type Printed, printedFiles, substitutionIn } from './load.ts'
import { join } from './branches.ts'
import type { Scope } from './scope.ts'
import type { Node } from './syntax.ts'
import { isEnvironmentFile } from './writes.ts'

/** `. FILE [argument…]`. */
export function source(shell: Shell, call: Call): void {
  const { node, values, at, origin, certain } = call
  const { scope } = at
  const [file, ...given] = values
  const process = substitutionIn(node.words[1])
  if (process?.process === true) {
    if (!readPrinted(shell, process.body, call)) scope.open({ how: 'by the output of a command, which is read in', origin })
    return
  }
  const outer = scope.positional
  if (given.length > 0) scope.positional = given
  const ways = filesNamed(shell.context, file, scope).map((paths) => {
    const way = scope.copy()
    if (paths !== undefined) readIn(shell, paths, way, origin, certain)
    else if (!setsUp(file === undefined ? '' : literalText(file))) {
      shell.problem('which file is read in is not known', origin, true)
      way.open({ how: 'by a file that is read in, which one is not known', origin })
    }
    way.ended = false
    return way
  })
  scope.become(join(ways))
  scope.positional = outer
}

/** Reads in the first of these files that there is. */
function readIn(shell: Shell, paths: readonly string[], scope: Scope, origin: FileOrigin, certain: boolean): void {
  const { context } = shell
  for (const path of paths) {
    const passage = context.sourced?.(path)
    if (passage !== undefined) return shell.script(passage, scope, certain, path)
  }
  const [path] = paths
  // A pattern that no file of the folder is of stands for itself: there is no such file.
  if (path === undefined || setsUp(path) || /[*?[]/.test(path)) return
  if (scope.exportAll && isEnvironmentFile(path)) scope.environmentFiles = [...scope.environmentFiles, path]
  // One that is looked for first, and is not in the folder, is not there; of the machine's own files that is not known.
  // A folder's own `.env` is made where it is deployed, and git leaves it out: without it the defaults hold, as they do for what loads it in code.
  if (/^[/~]/.test(path) || (certain && !isEnvironmentFile(path))) scope.open(missing(path, origin))
}

function missing(path: string, origin: FileOrigin): { readonly how: string; readonly origin: FileOrigin } {
  return { how: `in ${show(path, 80)}, which is not in the folder`, origin }
}

/** Runs the lines of the files that a command prints, as `eval` and `.` do. `false`: which those are is not known. */
function readPrinted(shell: Shell, body: Node, { at, origin, certain }: Call): boolean {
  const printed = printedFiles(body, at, shell.context)
  if (printed === undefined) return false
  if (printed.exports) assign(shell, printed, at.scope, true)
  else perhaps(printed, at.scope, (scope) => printed.files.forEach((file) => shell.script(file, scope, certain && printed.isWhole)))
  openMissing(printed, at.scope, origin)
  return true
}

/** Assigns what stands in the files that a command prints. `false`: which those are is not known. */
export function loadPrinted(shell: Shell, body: Node, at: Surroundings, origin: FileOrigin, exported: boolean): boolean {
  const printed = printedFiles(body, at, shell.context)
  if (printed === undefined) return false
  assign(shell, printed, at.scope, exported)
  const files = printed.missing.filter(isEnvironmentFile)
  at.scope.environmentFiles = [...at.scope.environmentFiles, ...files]
  openMissing(printed, at.scope, origin)
  return true
}

function assign(shell: Shell, printed: Printed, scope: Scope, exported: boolean): void {
  perhaps(printed, scope, (way) => {
    for (const file of printed.files)
      for (const { name, value, origin } of assignmentsIn(file)) shell.assign(way, name, value, origin, exported)
  })
}

/** Of lines that may be left out, each may or may not count. */
function perhaps({ isWhole }: Printed, scope: Scope, change: (scope: Scope) => void): void {
  if (isWhole) return change(scope)
  const way = scope.copy()
  change(way)
  scope.become(join([way, scope.copy()]))
}

function openMissing(printed: Printed, scope: Scope, origin: FileOrigin): void {
  const path = printed.missing.find((file) => file.startsWith('/') || !isEnvironmentFile(file))
  if (path !== undefined) scope.open(missing(path, origin))
}

/** `eval WORD…`. */
export function evaluate(shell: Shell, call: Call): void {
  const { node, values, at, origin, certain } = call
  const substitution = values.length === 1 ? substitutionIn(node.words[1]) : undefined
  if (substitution !== undefined) {
    if (readPrinted(shell, substitution.body, call) || printsSettings(firstProgram(substitution.body))) return
  }
  if (values.every((value) => value.kind === 'known')) {
    return shell.script(passageAt(values.map((value) => knownText(value) ?? '').join(' '), origin), at.scope, certain)
  }
  shell.problem('what `eval` runs is not known', origin, true)
  // What is not known of it stands in one of its words: the commands around it run all the same.
  if (values.some((value) => value.kind === 'joined')) shell.script(passageAt(values.map(written).join(' '), origin), at.scope, certain)
  at.scope.open({ how: 'by what `eval` runs', origin })
}

/** A value as a script would write it: a part that is not known becomes something that a shell does not know beforehand either. */
export function written(value: Value): string {
  return value.kind === 'joined' ? value.parts.map(written).join('') : (knownText(value) ?? '$(:)')
}
