import { ABSENT, joinValues, type FileOrigin, type Value } from '../../evidence/index.ts'
import { directoryOf, joinPath } from '../paths.ts'
import type { Passage } from '../passage.ts'
import { isList, type Scope } from './scope.ts'
import type { ParameterPart, Part, SubstitutionPart, WordSyntax } from './syntax.ts'

/**
 * Stands before a path that is known to be in the folder (the script's own place, `pwd`), as long as only the shell handles
 * it: no text of a file has this character.
 */
export const IN_FOLDER = '\u0000'

/** A path of the folder, as the shell knows it: `''` is the folder itself. */
export function placeInFolder(path: string): string {
  return IN_FOLDER + (path === '' ? '.' : path)
}

/** What `dirname` says; `undefined`: not known, for it is above the folder. */
export function dirnameOf(path: string): string | undefined {
  if (!path.startsWith(IN_FOLDER)) return directoryOf(path) || '.'
  const inside = joinPath('', path.slice(IN_FOLDER.length))
  return inside === undefined || inside === '' ? undefined : placeInFolder(directoryOf(inside))
}

/** The most words that one word expands to (`"${A[@]}"`, `{1..99}`). */
const FIELDS = 64

export interface Surroundings {
  readonly scope: Scope
  readonly passage: Passage
  /** The script's own path, relative to the folder. */
  readonly script: string | undefined
  /** The path of the file that the passage is of: the script's, or that of a file that it reads in. */
  readonly file: string | undefined
  /** What a substitution puts in its place. */
  output(part: SubstitutionPart, surroundings: Surroundings): Value
  /** The words that an unquoted one becomes, where that is known. */
  words(part: SubstitutionPart, surroundings: Surroundings): readonly Value[] | undefined
}

export function known(value: string, origin: FileOrigin): Value {
  return { kind: 'known', value, origin }
}

/** The word as an assignment takes it: one value, not split. */
export function textOf(word: WordSyntax, at: Surroundings): Value {
  const values = word.parts.flatMap((part): readonly Value[] => {
    const value = partValue(part, at)
    return isList(value) ? value : [value]
  })
  return joinValues(values, at.passage.origin(word.start, word.end))
}

/** The words that a word becomes (XCU §2.6): none, one or several. Patterns stay as they are. `splitsText`: the word is itself the result of an expansion. */
export function fieldsOf(word: WordSyntax, at: Surroundings, splitsText = false): readonly Value[] {
  const braces = expandBraces(word, at.passage)
  if (braces !== undefined) return braces
  const origin = at.passage.origin(word.start, word.end)
  const fields: Value[] = []
  let current: Value[] = []
  let any = false
  const finish = (): void => {
    if (any && fields.length < FIELDS) fields.push(joinValues(current, origin))
    else if (any && fields.length === FIELDS) fields.push({ kind: 'unknown', reason: `more than ${FIELDS} words`, origin })
    current = []
    any = false
  }
  for (const part of word.parts) {
    // What stands for an unset variable keeps its own quotes: `${X:-'a b'}` is one word.
    const chosen = part.kind === 'parameter' && !part.quoted ? chosenOperand(part, at) : undefined
    const words = part.kind === 'substitution' && !part.quoted ? at.words(part, at) : undefined
    const value = words ?? (chosen === undefined ? partValue(part, at) : fieldsOf(chosen, at, true))
    const quoted = part.kind === 'opaque' || part.quoted
    if (isList(value)) {
      for (const [index, item] of value.entries()) {
        if (index > 0) finish()
        current.push(item)
        any = true
      }
    } else if ((part.kind !== 'text' || splitsText) && !quoted && value.kind === 'known') {
      // The result of an unquoted expansion is split at blanks (XCU §2.6.5).
      for (const [index, piece] of String(value.value)
        .split(/[ \t\n]+/)
        .entries()) {
        if (index > 0) finish()
        if (piece === '') continue
        current.push(known(piece, value.origin))
        any = true
      }
    } else if (quoted || value.kind !== 'absent') {
      current.push(value)
      any = true
    }
  }
  finish()
  return fields
}

export function partValue(part: Part, at: Surroundings): Value | readonly Value[] {
  switch (part.kind) {
    case 'text':
      return part.text === '' ? ABSENT : known(part.text, at.passage.origin(part.start, part.end))
    case 'opaque':
      return { kind: 'unknown', reason: part.reason, origin: at.passage.origin(part.start, part.end) }
    case 'substitution':
      return at.output(part, at)
    case 'parameter':
      return parameter(part, at)
    default:
      return part satisfies never
  }
}

function parameter(part: ParameterPart, at: Surroundings): Value | readonly Value[] {
  const origin = at.passage.origin(part.start, part.end)
  const value = base(part, origin, at)
  if (part.operator === undefined || part.operand === undefined) return isList(value) && !part.all ? (value[0] ?? ABSENT) : value
  if (isList(value)) return value.length > 0 || !part.operator.endsWith('-') ? value : textOf(part.operand, at)
  return operated(value, part.operator, part.operand, origin, at, part.name)
}

/** The operand, where it is certain that it takes the parameter's place. */
function chosenOperand(part: ParameterPart, at: Surroundings): WordSyntax | undefined {
  const { operator, operand } = part
  if (operand === undefined || (operator !== ':-' && operator !== '-' && operator !== ':+' && operator !== '+')) return undefined
  const value = base(part, at.passage.origin(part.start, part.end), at)
  if (isList(value)) return undefined
  const unset = value.kind === 'absent' || (value.kind === 'known' && value.value === '' && operator.startsWith(':'))
  if (operator.endsWith('-')) return unset ? operand : undefined
  return !unset && value.kind === 'known' ? operand : undefined
}

function base(part: ParameterPart, origin: FileOrigin, at: Surroundings): Value | readonly Value[] {
  const { name } = part
  if (name === '@' || name === '*') {
    return at.scope.positional ?? { kind: 'argument', name: '$@', fallback: ABSENT, origin }
  }
  if (name === '0' || name === 'BASH_SOURCE') {
    const file = name === '0' ? at.script : at.file
    return file === undefined
      ? { kind: 'unknown', reason: 'the place of the script is not known', origin }
      : known(IN_FOLDER + file, origin)
  }
  if (/^[1-9][0-9]*$/.test(name)) {
    const { positional } = at.scope
    return positional === undefined
      ? { kind: 'argument', name: `$${name}`, fallback: ABSENT, origin }
      : (positional[Number(name) - 1] ?? ABSENT)
  }
  if (!/^[A-Za-z_]/.test(name)) return { kind: 'unknown', reason: `\`$${name}\` is not followed`, origin }
  if (name === 'PWD' && at.scope.directory !== undefined) return known(placeInFolder(at.scope.directory), origin)
  return at.scope.variables.get(name)?.value ?? { kind: 'environment', name, fallback: ABSENT, emptyIsUnset: false, origin }
}

function operated(value: Value, operator: string, operand: WordSyntax, origin: FileOrigin, at: Surroundings, name: string): Value {
  switch (operator) {
    case ':-':
    case '-':
    case ':=':
    case '=': {
      const result = withFallback(value, textOf(operand, at), operator.startsWith(':'))
      if (operator.endsWith('=') && value !== result) {
        at.scope.assign(name, { value: result, exported: at.scope.exportAll, setting: { value: result, origin } })
      }
      return result
    }
    case ':?':
    case '?':
      return withFallback(value, { kind: 'unknown', reason: `${name} has to be set`, origin }, operator === ':?')
    case ':+':
    case '+': {
      if (value.kind === 'absent' || (value.kind === 'known' && value.value === '' && operator === ':+')) return ABSENT
      const alternative = textOf(operand, at)
      return value.kind === 'known' ? alternative : { kind: 'choice', options: [ABSENT, alternative], origin }
    }
    default: {
      const [only] = operand.parts
      const pattern = operand.parts.length === 1 && only?.kind === 'text' ? only.text : undefined
      const left = pattern === undefined || value.kind !== 'known' ? undefined : trimmed(String(value.value), operator + pattern)
      if (left !== undefined && value.kind === 'known') return known(left, value.origin)
      return { kind: 'unknown', reason: 'this expansion is not followed', origin }
    }
  }
}

/** What is left of a text by `%pattern`, `%%pattern`, `#pattern` or `##pattern`, where the pattern is a text and a star beside it, or either. */
function trimmed(text: string, expression: string): string | undefined {
  const [, operator = '', before, literal = '', after] = /^(%%?|##?)(\*?)([^*?[\\]*)(\*?)$/.exec(expression) ?? []
  if (before === undefined || literal === '') return undefined
  // The directory of a path: that of a script's own place is known although its name has no slash.
  if (expression === '%/*' && text.startsWith(IN_FOLDER)) return dirnameOf(text)
  if (text.includes(IN_FOLDER)) return undefined
  const isEnd = operator.startsWith('%')
  if ((isEnd ? before : after) !== '') return undefined
  const star = isEnd ? after : before
  if (star === '') {
    if (isEnd) return text.endsWith(literal) ? text.slice(0, -literal.length) : text
    return text.startsWith(literal) ? text.slice(literal.length) : text
  }
  const at = operator === '%%' || operator === '#' ? text.indexOf(literal) : text.lastIndexOf(literal)
  if (at < 0) return text
  return isEnd ? text.slice(0, at) : text.slice(at + literal.length)
}

/** The value, or the fallback where it is not set (`emptyCounts`: or empty). */
export function withFallback(value: Value, fallback: Value, emptyCounts: boolean): Value {
  switch (value.kind) {
    case 'absent':
      return fallback
    case 'known':
      return value.value === '' && emptyCounts ? fallback : value
    case 'environment':
      return { ...value, emptyIsUnset: value.emptyIsUnset || emptyCounts, fallback: withFallback(value.fallback, fallback, emptyCounts) }
    case 'argument':
      return { ...value, fallback: withFallback(value.fallback, fallback, emptyCounts) }
    case 'choice':
      return { ...value, options: value.options.map((option) => withFallback(option, fallback, emptyCounts)) }
    case 'joined':
    case 'unknown':
      return value
    default:
      return value satisfies never
  }
}

/** `{a,b}` and `{1..3}` in a word of plain text (bash); `undefined` for any other word. */
function expandBraces(word: WordSyntax, passage: Passage): readonly Value[] | undefined {
  const [part] = word.parts
  if (word.parts.length !== 1 || part?.kind !== 'text' || part.quoted || part.text.length > 512) return undefined
  const match = /^([^{}]*)\{([^{}]*)\}([^{}]*)$/.exec(part.text)
  if (match === null) return undefined
  const [, before = '', inner = '', after = ''] = match
  const range = /^(\d{1,6})\.\.(\d{1,6})$/.exec(inner)
  const origin = passage.origin(word.start, word.end)
  let items: readonly string[]
  if (range !== null) {
    const first = Number(range[1])
    const length = Math.abs(Number(range[2]) - first) + 1
    if (length > FIELDS) return [{ kind: 'unknown', reason: `more than ${FIELDS} words`, origin }]
    const step = Number(range[2]) < first ? -1 : 1
    items = Array.from({ length }, (_, index) => String(first + step * index))
  } else if (inner.includes(',')) items = inner.split(',')
  else return undefined
  return items.map((item) => known(before + item + after, origin))
}
