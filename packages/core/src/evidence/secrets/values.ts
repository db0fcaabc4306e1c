import { COMMENT, matchAt, type TextRange } from './ranges.ts'
import { isFetched, substitutionAt } from './substitution.ts'

/**
 * How far a value goes. `word`: to the next blank, as shells and options have it; `quoted`: to the end of the quote that it
 * stands in; `code`: an expression, to the comma, bracket or line that ends it; `literal`: one quoted text; `element`: to the next `<`.
 * `enclosing`: the quote that the name stands in, which ends every value.
 */
export type ValueStyle =
  | { readonly kind: 'word' | 'code'; readonly enclosing: string | undefined }
  | { readonly kind: 'quoted'; readonly enclosing: string }
  | { readonly kind: 'element' | 'literal' }

/** Texts that refer to a secret or stand for none, and hide nothing: `$NAME`, `${NAME}`, `${NAME:?message}`, `%NAME%`, `{{ name }}`, `***`, a key's file, an encoding. */
const REFERENCE =
  /^(?:\$[A-Z_][A-Z0-9_]*|\$[a-z]+(?:_[a-z0-9]+)+|\$\{[\w.]+\}|\$\{[\w.]+:?\?[^}]*\}|\$\{\{[^}]*\}\}|\$env:\w+|%\w+%|\{\{[^}]*\}\}|<[^<>]*>|[*•x.]{3,}|\[redacted\]|true|false|null|none|nil|undefined|yes|no|\d{1,6}[kmghsd]|(?:\.{0,2}\/)?(?:[\w.-]+\/)+[\w.-]*\.(?:pem|key|crt|json|txt|env|conf)|utf-?8|hex|base64(?:url)?|ascii|latin1|binary|sha\d{1,3}|md5|string|number|boolean)$/i

/** Where the program itself gets it from: `process.env.NAME`, `os.getenv("NAME"`. */
const PROGRAM_REFERENCE =
  /(?:process\.env|import\.meta\.env|Deno\.env|Bun\.env|os\.environ|os\.getenv|getenv|environ|env|ENV|config|cfg|settings|secrets|options|opts|args|argv|self|this|props|state|req|request|ctx|context|params|body|headers|user|local|vars?)(?:[?!]{0,2}\.[\w$]+|\[["'`]?[\w.-]+["'`]?\]|\(["'`][A-Z][A-Z0-9_]*["'`]\)?)+!?/y
/** Where what runs the file gets it from: `${NAME}`, `{{ name }}`, `${{ secrets.NAME }}`. */
const TEMPLATE_REFERENCE = /\$?(?:\{\{[^{}]{0,256}\}\}|(?<=\$)\{[\w.]{1,128}\})(?=[\s"'`,;)}\]]|$)/y
/** The default of a call that reads a variable. */
const DEFAULT = /\s{0,8},\s{0,8}(?:default\s{0,8}=\s{0,8})?/y

/** What ends it behind its default. */
const CALL_END = /\s{0,8}\)/y

/** What may stand before a value and is none. */
const PREFIX = new RegExp(String.raw`(?:\(\s{0,16}|${COMMENT}|(?:async|await|new|not)\s{1,16})*`, 'y')
/** Words of a language that are no value. */
const KEYWORD = /(?:true|false|null|None|nil|undefined|function|class|lambda|import|require|typeof|return|def)(?![\w$.-])/y
const CODE_OPERATOR = new RegExp(String.raw`\s{0,16}${COMMENT}?(?:\|\||\?\?|\?(?![.?])|\+|\bor\b|\bif\b[^"'\n]{0,64}\belse\b)\s{0,16}`, 'y')
/** A comment before a text. */
const COMMENTED = new RegExp(String.raw`${COMMENT}(?=["'\x60])`, 'y')
/** What stands between a word and a text that is taken instead. */
const OTHERWISE = /\s{0,16}(?:\|\||\?\?|\bor\b)\s{0,16}(?=\\?["'`])/y
const TERNARY = /\s{0,16}:\s{0,16}/y

/** So far a value is followed, in UTF-16 code units; longer than any line that is shown. */
const LONGEST = 2048

/** The parts of the value that starts at `at` which have to be hidden; none where it only refers to a secret. */
export function secretsOfValue(text: string, at: number, style: ValueStyle): readonly TextRange[] {
  // What has been hidden is not looked at again.
  if (text.startsWith('[redacted]', at)) return []
  switch (style.kind) {
    case 'element':
      return hidden(text, at, endBefore(text, at, '<'))
    case 'quoted':
      return hidden(text, at, closing(text, at, style.enclosing))
    case 'literal':
      return quotedAt(text, at)?.ranges ?? []
    case 'word':
      return wordAt(text, at, style.enclosing)
    case 'code':
      return expressionAt(text, at, style.enclosing)
    default:
      return style satisfies never
  }
}

/** `${NAME:-default}`: the default is the value, the name is none. */
const EXPANSION = /^\$\{[\w.]+(?::?[-=+]|$)/

function hidden(text: string, start: number, end: number): readonly TextRange[] {
  const value = text.slice(start, end)
  const blanks = value.length - value.trimStart().length
  const trimmed = value.trim()
  if (trimmed === '' || REFERENCE.test(trimmed) || isFetched(trimmed)) return []
  const from = start + blanks
  const expansion = EXPANSION.exec(trimmed)?.[0].length ?? 0
  return [{ start: from + expansion, end: from + trimmed.length - (expansion > 0 && trimmed.endsWith('}') ? 1 : 0) }]
}

function endBefore(text: string, at: number, mark: string): number {
  const limit = Math.min(text.length, at + LONGEST)
  const end = text.slice(at, limit).indexOf(mark)
  return end < 0 ? limit : at + end
}

/** The index of the quote that closes; a quote after a backslash does not, nor one within a shell's substitution. */
function closing(text: string, at: number, quote: string): number {
  const limit = Math.min(text.length, at + LONGEST)
  let substitutes = quote.endsWith('"')
  for (let index = at; index < limit; index++) {
    if (text.startsWith(quote, index)) return index
    const substitution = substitutes && text[index] === '$' ? substitutionAt(text, index, undefined) : undefined
    if (substitution?.closed === true) index = substitution.end - 1
    else if (substitution !== undefined) substitutes = false
    if (text[index] === '\\') index++
  }
  return limit
}

const QUOTE = /(?:[bBfFrRuU@]{1,2}|\$)?(\\?)("""|'''|["'`])/y

interface Atom {
  readonly ranges: readonly TextRange[]
  readonly end: number
}

/** A quoted text: its content is hidden, its quotes stay. */
function quotedAt(text: string, at: number): Atom | undefined {
  const match = matchAt(QUOTE, text, at)
  if (match === undefined) return undefined
  const [opening, escape = '', mark = ''] = match
  const start = at + opening.length
  const quote = escape + mark
  const end = closing(text, start, quote)
  return { ranges: hidden(text, start, end), end: Math.min(text.length, end + quote.length) }
}

/** A word of a shell or an option, or code without a blank before and behind its `=`. */
function wordAt(text: string, at: number, enclosing: string | undefined): readonly TextRange[] {
  // Only a program has a comment or `config.key` and its like there; the shell's `${NAME}` may have `|| COMMAND` behind it.
  if (matchAt(COMMENTED, text, at) !== undefined || matchAt(PROGRAM_REFERENCE, text, at) !== undefined)
    return expressionAt(text, at, enclosing)
  const word = templateAt(text, at) ?? bareWordAt(text, at, enclosing)
  return [...word.ranges, ...otherwiseAt(text, word.end, enclosing)]
}

/** `|| "…"`, `?? '…'`, `or "…"` behind a word: a text is what is taken instead; a shell has a command there. */
function otherwiseAt(text: string, at: number, enclosing: string | undefined): readonly TextRange[] {
  const operator = matchAt(OTHERWISE, text, at)
  if (operator === undefined || text[at + operator[0].length] === enclosing) return []
  return expressionAt(text, at + operator[0].length, enclosing)
}

/** Quoted and bare parts without a blank between. */
function bareWordAt(text: string, at: number, enclosing: string | undefined): Atom {
  const quoted = quotedAt(text, at)
  if (quoted !== undefined && text[at] !== enclosing && !isWordPart(text[quoted.end], enclosing)) return quoted
  const limit = Math.min(text.length, at + LONGEST)
  let end = at
  let substituted = at
  while (end < limit) {
    const character = text[end] ?? ''
    const substitution = substitutionAt(text, end, enclosing)
    if (substitution !== undefined) {
      substituted = end = substitution.end
      continue
    }
    if (/\s/.test(character) || character === enclosing || isNextField(text, end)) break
    if (enclosing === undefined && /["'`]/.test(character)) end = closing(text, end + 1, character)
    end += character === '\\' ? 2 : 1
  }
  end = Math.min(end, limit)
  // What closes the code around a word is not part of it.
  const rest = text.slice(substituted, end).replace(/["'`]?[;,)\]}]{1,8}:?$/, '')
  return { ranges: hidden(text, at, substituted + rest.length), end }
}

const NEXT_FIELD = /[;&,][A-Za-z][\w -]{0,40}=/y

/** `Password=…;Port=5432`, `token=…&page=2` */
function isNextField(text: string, at: number): boolean {
  return matchAt(NEXT_FIELD, text, at) !== undefined
}

function isWordPart(character: string | undefined, enclosing: string | undefined): boolean {
  return character !== undefined && character !== enclosing && /[^\s,;)\]}"'`|&<>]/.test(character)
}

/** An expression of code or a value of YAML, TOML and the like: texts and bare words are hidden, references stay, operators lead on. */
function expressionAt(text: string, at: number, enclosing: string | undefined): readonly TextRange[] {
  const ranges: TextRange[] = []
  let index = at
  let choice = false
  for (;;) {
    const atom = atomAt(text, index, enclosing)
    if (atom === undefined) return ranges
    ranges.push(...atom.ranges)
    index = atom.end
    const operator: RegExpExecArray | undefined =
      matchAt(CODE_OPERATOR, text, index) ?? (choice ? matchAt(TERNARY, text, index) : undefined)
    if (operator === undefined) return ranges
    choice = operator[0].includes('?')
    index += operator[0].length
    if (index - at > LONGEST) return ranges
  }
}

function atomAt(text: string, from: number, enclosing: string | undefined): Atom | undefined {
  const at = from + (matchAt(PREFIX, text, from)?.[0].length ?? 0)
  const character = text[at]
  if (character === undefined || character === enclosing) return undefined
  if (character === '[') {
    const end = endOfList(text, at + 1)
    return { ranges: hidden(text, at + 1, end), end: Math.min(text.length, end + 1) }
  }
  const keyword = matchAt(KEYWORD, text, at)
  if (keyword !== undefined) return { ranges: [], end: at + keyword[0].length }
  return quotedAt(text, at) ?? templateAt(text, at) ?? referenceAt(text, at, enclosing) ?? callAt(text, at) ?? bareAt(text, at, enclosing)
}

/** The index of the bracket that closes; one in a quoted text does not. */
function endOfList(text: string, at: number): number {
  const limit = Math.min(text.length, at + LONGEST)
  for (let index = at; index < limit; index++) {
    const character = text[index] ?? ''
    if (character === ']') return index
    if (/["'`]/.test(character)) index = closing(text, index + 1, character)
  }
  return limit
}

/** Whether the program reads from somewhere what stands at `at`. */
export function isReferenceAt(text: string, at: number): boolean {
  return matchAt(PROGRAM_REFERENCE, text, at + (matchAt(PREFIX, text, at)?.[0].length ?? 0)) !== undefined
}

function templateAt(text: string, at: number): Atom | undefined {
  const template = matchAt(TEMPLATE_REFERENCE, text, at)
  return template === undefined ? undefined : { ranges: [], end: at + template[0].length }
}

function referenceAt(text: string, at: number, enclosing: string | undefined): Atom | undefined {
  let reference = matchAt(PROGRAM_REFERENCE, text, at)
  if (reference === undefined) return undefined
  let end = at + reference[0].length
  let ranges: readonly TextRange[] = []
  let calls = 0
  // A default may be a call with a default of its own: `get("NAME", get("OTHER", "…"))`.
  while (reference !== undefined && end - at < LONGEST && /\([^)]*$/.test(reference[0])) {
    const comma = matchAt(DEFAULT, text, end)
    const from = end + (comma?.[0].length ?? 0)
    const otherwise = comma === undefined || text[from] === enclosing ? undefined : quotedAt(text, from)
    reference = comma === undefined || otherwise !== undefined ? undefined : matchAt(PROGRAM_REFERENCE, text, from)
    if (otherwise === undefined && reference === undefined) break
    calls++
    ranges = otherwise?.ranges ?? []
    end = otherwise?.end ?? from + (reference?.[0].length ?? 0)
  }
  // More may be taken instead of what the calls give: `get("NAME", "") or "…"`.
  for (; calls > 0; calls--) end += matchAt(CALL_END, text, end)?.[0].length ?? 0
  return { ranges, end }
}

/** `sign(user.id)`: what is called is no value, and what it is called with is a variable. */
const CALL = /[A-Za-z_$][A-Za-z_$.]*\([A-Za-z_$.,\s]{0,128}\)/y

function callAt(text: string, at: number): Atom | undefined {
  const call = matchAt(CALL, text, at)
  return call === undefined ? undefined : { ranges: [], end: at + call[0].length }
}

/** A bare word, with the quoted texts of a call in it: `hash('…')`. A comma or bracket with more behind it is part of a secret. */
function bareAt(text: string, at: number, enclosing: string | undefined): Atom | undefined {
  const limit = Math.min(text.length, at + LONGEST)
  let end = at
  let depth = 0
  while (end < limit) {
    const character = text[end] ?? ''
    const substitution = character === '$' ? substitutionAt(text, end, enclosing) : undefined
    if (substitution !== undefined) {
      end = substitution.end
      continue
    }
    if (/[\s{}<>|&]/.test(character) || character === enclosing) break
    if (/["'`]/.test(character)) end = closing(text, end + 1, character)
    else if (character === '(' || character === '[') depth++
    else if ((character === ')' || character === ']') && depth > 0) depth--
    else if (/[,;)\]]/.test(character) && endsValue(text, end + 1)) break
    end += character === '\\' ? 2 : 1
  }
  end = Math.min(end, limit)
  return end === at ? undefined : { ranges: hidden(text, at, end), end }
}

const NEXT = /[\s,;)}\]"'`]|$|\\?["'`]?[\w$-]{1,64}\\?["'`]?\s*[:=]/y

function endsValue(text: string, at: number): boolean {
  return matchAt(NEXT, text, at) !== undefined
}
