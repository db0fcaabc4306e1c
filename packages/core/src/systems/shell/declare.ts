import { type FileOrigin, joinValues, show, type Value } from '../../evidence/index.ts'
import { literalText } from '../secret.ts'
import { type Call, hasFlag, type Shell, VARIABLE } from './builtin.ts'
import { fieldsOf, known, textOf } from './expand.ts'
import { substitutionIn } from './load.ts'
import type { Scope } from './scope.ts'
import { loadPrinted } from './sourcing.ts'
import { plainText, type WordSyntax } from './syntax.ts'

const NAME = /^([A-Za-z_][A-Za-z0-9_]*)(\+?=)?/

/** `export`, `declare`, `typeset`, `local`, `readonly` (bash(1), SHELL BUILTIN COMMANDS). */
export function declare(shell: Shell, call: Call, exported: boolean): void {
  const { node, at, origin } = call
  // `declare -n A=B`: what is assigned to A is B from here on.
  const isReference = hasFlag(call, 'n') && plainText(node.words[0]) !== 'export'
  const isTakenBack = hasFlag(call, 'n') && !isReference
  for (const word of node.words.slice(1)) {
    const [first, ...rest] = word.parts
    const match = first?.kind === 'text' ? NAME.exec(first.text) : null
    const name = match?.[1]
    if (first?.kind === 'text' && /^[-+]/.test(first.text)) continue
    if (
      match === null ||
      name === undefined ||
      (match[2] === undefined && (rest.length > 0 || match[0] !== (first?.kind === 'text' ? first.text : '')))
    )
      declareExpanded(shell, word, call, exported)
    else if (isReference) refer(shell, textOf(word, at), origin, at.scope)
    else if (match[2] === undefined) declareName(at.scope, name, isTakenBack ? false : exported ? true : undefined)
    else if (first?.kind === 'text') {
      const [whole] = match
      // The value is the rest of the word: what stands behind the equals sign, and its further parts.
      const head = { ...first, text: first.text.slice(whole.length), start: first.quoted ? first.start : first.start + whole.length }
      const value: WordSyntax = { parts: [head, ...rest], start: head.start, end: word.end }
      shell.assign(at.scope, name, textOf(value, at), at.passage.origin(word.start, word.end), exported)
    }
  }
}

function declareName(scope: Scope, name: string, exported: boolean | undefined): void {
  const before = scope.variables.get(name)
  if (before !== undefined && exported !== undefined) scope.assign(name, { ...before, exported })
}

/** A name that is another one's: what it is set to is not followed. */
function refer(shell: Shell, value: Value, origin: FileOrigin, scope: Scope): void {
  const target = /=(.*)$/s.exec(literalText(value))?.[1] ?? ''
  const reason = `${target} may be set by another name`
  if (VARIABLE.test(target)) shell.assign(scope, target, { kind: 'unknown', reason, origin }, origin, false)
  else scope.open({ how: 'by another name', origin })
}

/** `export "$LINE"`, `export $(grep -v '^#' .env | xargs)`: what is assigned is told by what the word becomes. */
function declareExpanded(shell: Shell, word: WordSyntax, { at, origin }: Call, exported: boolean): void {
  const substitution = substitutionIn(word)
  if (substitution !== undefined && loadPrinted(shell, substitution.body, at, origin, exported)) return
  for (const value of fieldsOf(word, at)) {
    const start = value.kind === 'joined' ? value.parts[0] : value
    const match = start?.kind === 'known' ? NAME.exec(String(start.value)) : null
    const [whole = '', name, assigned] = match ?? []
    if (start?.kind === 'known' && name !== undefined && assigned !== undefined) {
      const rest = known(String(start.value).slice(whole.length), start.origin)
      const given = value.kind === 'joined' ? joinValues([rest, ...value.parts.slice(1)], origin) : rest
      shell.assign(at.scope, name, given, origin, exported)
    } else if (value.kind === 'known') {
      if (whole === value.value) declareName(at.scope, whole, exported ? true : undefined)
    } else at.scope.open({ how: `by \`${show(at.passage.content.slice(word.start, word.end), 60)}\`, which is not known`, origin })
  }
}
