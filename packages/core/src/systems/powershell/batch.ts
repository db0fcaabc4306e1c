import { ABSENT, joinValues, type Value } from '../../evidence/index.ts'
import { cut, fill, isLiteral, type Template } from '../programs/template.ts'
import type { ShellContext } from '../shell/walk.ts'
import { goTo } from './locations.ts'
import type { Scope } from './scope.ts'

/** The longest command line that is read; Windows itself takes 32,767 characters (CreateProcess). */
const LINE = 32_767

/** A command line cut into words as Windows programs read it: at blanks outside of double quotes. */
export function commandLineWords(line: Template): readonly Template[] {
  const words: Template[] = []
  for (const [word] of line.text.slice(0, LINE).matchAll(/(?:"[^"]*(?:"|$)|[^\s"])+/g)) words.push(cut(line, word.replaceAll('"', '')))
  return words
}

/** The commands of one line for cmd.exe, with `set`, `cd` and `start` followed. */
export function batchLine(line: Template, scope: Scope, context: ShellContext, start: (values: readonly Value[]) => void): void {
  const text = unquoted(line.text.slice(0, LINE))
  for (const [part] of text.matchAll(/(?:"[^"]*(?:"|$)|[^&|"])+/g)) command(cut(line, part.trim()), scope, context, start)
}

/** `cmd /c "…"`: quotes around the whole line are not part of it. */
function unquoted(text: string): string {
  const trimmed = text.trim()
  return /^".*"$/s.test(trimmed) && trimmed.split('"').length === 3 ? trimmed.slice(1, -1) : trimmed
}

function command(line: Template, scope: Scope, context: ShellContext, start: (values: readonly Value[]) => void): void {
  const assignment = /^set\s+"?([A-Za-z_]\w{0,100})=([^"]*)"?$/i.exec(line.text)
  if (assignment !== null) {
    const [, name = '', value = ''] = assignment
    scope.setEnvironment(name, filled(value, line, scope), line.origin)
    return
  }
  let words = commandLineWords(line)
  const name = words[0]?.text.toLowerCase()
  if (name === 'cd' || name === 'chdir' || name === 'pushd') {
    const target = words.slice(1).find((word) => word.text.toLowerCase() !== '/d')
    return goTo(target === undefined || !isLiteral(target.text) ? undefined : target.text, scope, context)
  }
  if (name === 'call' || name === '@') words = words.slice(1)
  // `start "title" /b program`: the title is only one where it stands in quotes.
  if (name === 'start') {
    const titled = /^start\s+"/i.test(line.text) ? 2 : 1
    words = words.slice(titled)
    while (words[0] !== undefined && /^\/[a-z]+/i.test(words[0].text)) words = words.slice(1)
  }
  if (words.length > 0) start(words.map((word) => filled(word.text, word, scope)))
}

/** The value of a text; `%NAME%` in it is a variable of the environment. */
function filled(text: string, line: Template, scope: Scope): Value {
  const { origin } = line
  const parts = text.split(/(%[A-Za-z_]\w{0,100}%)/).map((piece, index): Value => {
    if (index % 2 === 0) return fill(piece, line)
    const name = piece.slice(1, -1)
    return scope.environment(name)?.value ?? { kind: 'environment', name, fallback: ABSENT, emptyIsUnset: true, origin }
  })
  return joinValues(parts, origin)
}
