/** One place of a pattern for names or paths: any text, any one character, one of a set, or itself. */
type Piece =
  /** Any text without `/`. */
  | { readonly kind: 'any' }
  /** Any text. */
  | { readonly kind: 'anything' }
  /** No directory, or any number of them: `**` between slashes. The piece after it stands for the inside of one of their names. */
  | { readonly kind: 'directories' }
  | { readonly kind: 'inside' }
  | { readonly kind: 'one' }
  | { readonly kind: 'set'; readonly set: RegExp }
  | { readonly kind: 'is'; readonly text: string }

export interface Glob {
  /** What it matches and nothing else, where it has no wildcard. */
  readonly literal: string | undefined
  /** In time that grows with the text's length times the pattern's, whatever both are. */
  matches(text: string): boolean
}

/** One name of a shell's pattern, as glob(7) in the C locale: `*`, `?`, `[…]`, `\` before a character that is itself; a leading dot is matched only by a dot. */
export function nameGlob(pattern: string): Glob {
  const pieces = namePieces(pattern)
  const takesDot = /^\\?\./.test(pattern)
  const { literal, matches } = globOf(pieces)
  return { literal, matches: (name) => (takesDot || !name.startsWith('.')) && matches(name) }
}

/** A whole path: `*` is any text without `/`, `**` any text, and between slashes no directory as well; everything else is itself. */
export function pathGlob(pattern: string): Glob {
  return globOf(pathPieces(pattern))
}

/** Most texts are told by how they begin and end; only what is between is walked through. */
function globOf(pieces: readonly Piece[]): Glob {
  const first = pieces.findIndex((piece) => piece.kind !== 'is')
  const begin = textOf(pieces.slice(0, first < 0 ? pieces.length : first))
  if (first < 0) return { literal: begin, matches: (text) => text === begin }
  const last = pieces.findLastIndex((piece) => piece.kind !== 'is') + 1
  const end = textOf(pieces.slice(last))
  const between = pieces.slice(first, last)
  const ends = begin.length + end.length
  const matches = (text: string): boolean =>
    text.length >= ends &&
    text.startsWith(begin) &&
    text.endsWith(end) &&
    matchesAll(Array.from(text.slice(begin.length, text.length - end.length)), between)
  return { literal: undefined, matches }
}

function textOf(pieces: readonly Piece[]): string {
  return pieces.map((piece) => (piece.kind === 'is' ? piece.text : '')).join('')
}

function pathPieces(pattern: string): readonly Piece[] {
  return [...pattern.matchAll(/\*+\/?|[^*]/gsu)].flatMap(([part], index, parts): readonly Piece[] => {
    if (!part.startsWith('*')) return [{ kind: 'is', text: part }]
    const after: readonly Piece[] = part.endsWith('/') ? [{ kind: 'is', text: '/' }] : []
    if (!part.startsWith('**')) return [{ kind: 'any' }, ...after]
    const before = parts[index - 1]?.[0]
    const isBetween = after.length > 0 && (before === undefined || before.endsWith('/'))
    return isBetween ? [{ kind: 'directories' }, { kind: 'inside' }] : [{ kind: 'anything' }, ...after]
  })
}

function namePieces(part: string): readonly Piece[] {
  const pieces: Piece[] = []
  /** Behind a bracket that is never closed none is: each is looked for once. */
  let mayClose = true
  for (let at = 0; at < part.length; at++) {
    const character = part[at] ?? ''
    const set: CharacterSet | undefined = character === '[' && mayClose ? setAt(part, at) : undefined
    if (character === '[') mayClose = set !== undefined
    if (set !== undefined) {
      pieces.push({ kind: 'set', set: set.set })
      at = set.last
    } else if (character === '*') {
      if (pieces.at(-1)?.kind !== 'any') pieces.push({ kind: 'any' })
    } else if (character === '?') pieces.push({ kind: 'one' })
    else if (character === '\\' && at + 1 < part.length) pieces.push({ kind: 'is', text: part[++at] ?? '' })
    else {
      const text = String.fromCodePoint(part.codePointAt(at) ?? 0)
      pieces.push({ kind: 'is', text })
      at += text.length - 1
    }
  }
  return pieces
}

interface CharacterSet {
  readonly set: RegExp
  /** Where its bracket closes. */
  readonly last: number
}

/** `[a-z]`, `[!a]`, `[]a]`, `[[:digit:]]` (glob(7)); `undefined` where the bracket is never closed, and so is itself. */
function setAt(part: string, at: number): CharacterSet | undefined {
  const not = /[!^]/.test(part[at + 1] ?? '')
  let source = ''
  for (let index = at + (not ? 2 : 1), first = true; index < part.length; index++, first = false) {
    const character = part[index] ?? ''
    if (character === ']' && !first) {
      try {
        return { set: new RegExp(`^[${not ? '^' : ''}${source}]$`, 'su'), last: index }
      } catch {
        // A range that ends before it begins matches nothing.
        return { set: /(?!)/, last: index }
      }
    }
    const named = /^\[:([a-z]{1,8}):\]/.exec(part.slice(index, index + 12))
    const characters = named === null ? undefined : CLASSES.get(named[1] ?? '')
    if (named !== null && characters !== undefined) {
      source += characters
      index += named[0].length - 1
    } else if (character === '\\' && index + 1 < part.length) source += escaped(part[++index] ?? '')
    else source += character === '-' && !first && part[index + 1] !== ']' ? '-' : escaped(character)
  }
  return undefined
}

const CLASSES: ReadonlyMap<string, string> = new Map([
  ['alnum', 'A-Za-z0-9'],
  ['alpha', 'A-Za-z'],
  ['digit', '0-9'],
  ['lower', 'a-z'],
  ['upper', 'A-Z'],
  ['xdigit', '0-9A-Fa-f'],
  ['space', '\\s'],
  ['blank', ' \\t'],
  ['punct', '!-\\/:-@\\[-`\\{-~'],
])

function escaped(character: string): string {
  return /[\\\]^-]/.test(character) ? `\\${character}` : character
}

/** Every place of the pattern that the text so far can have come to, kept at once: nothing is ever tried again. */
function matchesAll(characters: readonly string[], pieces: readonly Piece[]): boolean {
  let reached = new Uint8Array(pieces.length + 1)
  reached[0] = 1
  skip(reached, pieces)
  for (const character of characters) {
    const next = new Uint8Array(pieces.length + 1)
    for (const [index, piece] of pieces.entries()) if (reached[index] === 1) take(character, piece, index, next)
    skip(next, pieces)
    if (!next.includes(1)) return false
    reached = next
  }
  return reached[pieces.length] === 1
}

/** What may stand for nothing is passed over. */
function skip(reached: Uint8Array, pieces: readonly Piece[]): void {
  for (const [index, { kind }] of pieces.entries()) {
    if (reached[index] !== 1) continue
    if (kind === 'any' || kind === 'anything') reached[index + 1] = 1
    else if (kind === 'directories') reached[index + 2] = 1
  }
}

function take(character: string, piece: Piece, index: number, next: Uint8Array): void {
  switch (piece.kind) {
    case 'any':
      if (character !== '/') next[index] = 1
      return
    case 'anything':
      next[index] = 1
      return
    case 'directories':
      next[character === '/' ? index : index + 1] = 1
      return
    case 'inside':
      next[character === '/' ? index - 1 : index] = 1
      return
    case 'one':
      next[index + 1] = 1
      return
    case 'set':
      if (piece.set.test(character)) next[index + 1] = 1
      return
    case 'is':
      if (piece.text === character) next[index + 1] = 1
      return
    default:
      piece satisfies never
  }
}
