import type { FileOrigin, Unseen, Value } from '../../evidence/index.ts'
import { plain, unknown } from '../powershell/datum.ts'
import type { Scope } from '../powershell/scope.ts'
import { isLiteral } from '../programs/template.ts'
import type { Frame } from './frame.ts'
import { type Expanded, filled } from './values.ts'

export interface Reports {
  problem(reason: string, origin: FileOrigin): void
  open(unseen: Unseen, scope: Scope): void
}

/** `set NAME=value`, `set "NAME=value"`, `set /a NAME=1`, `set /p NAME=…`. `at`: behind the word. */
export function assign(line: Expanded, at: number, frame: Frame, origin: FileOrigin, reports: Reports): void {
  const { content } = line.passage
  const match = /^\s*(\/[ap]\s*)?("?)([^="]{1,200})=/i.exec(content.slice(at, at + 300))
  if (match === null) {
    // `set %%i`, with a line of a file; without any sign, it only shows what is set.
    if (!isLiteral(content.slice(at))) assignAny(frame, origin, reports)
    return
  }
  const [whole, option = '', quote = '', written = ''] = match
  const from = at + whole.length
  const closing = quote === '' ? -1 : content.lastIndexOf('"')
  const end = closing >= from ? closing : content.trimEnd().length
  const start = Math.min(from + content.slice(from).length - content.slice(from).trimStart().length, end)
  const nameStart = from - 1 - written.length
  const name = plain(filled(line, nameStart, from - 1))
  if (name === undefined) return assignAny(frame, origin, reports)
  const value = given(option, filled(line, start, end), origin)
  // With a blank behind it, it is another name.
  if (/^[A-Za-z_]\w*$/.test(name) && !frame.scope.setEnvironment(name, value, origin)) reports.problem('too many variables', origin)
}

function given(option: string, value: Value, origin: FileOrigin): Value {
  if (/p/i.test(option)) return unknown('is asked for when the file runs', origin)
  return /a/i.test(option) && !/^\d+$/.test(plain(value) ?? '') ? unknown('is computed', origin) : value
}

/** `for /f … (.env) do set %%a`. */
function assignAny({ scope, reads }: Frame, origin: FileOrigin, reports: Reports): void {
  if (reads.length > 0) scope.environmentFiles = [...new Set([...scope.environmentFiles, ...reads])]
  else reports.open({ how: 'by a name that is not known', origin }, scope)
}
