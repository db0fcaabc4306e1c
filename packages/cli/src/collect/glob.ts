import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { directoryWithin, type Root } from './files.ts'

/** So many paths one pattern may come to; more are not one configuration. */
const MAX_PATHS = 10_000

/** One place of a pattern: any text, any one character, one of a set, or itself. */
type Piece =
  | { readonly kind: 'any' }
  | { readonly kind: 'one' }
  | { readonly kind: 'set'; readonly set: RegExp }
  | { readonly kind: 'is'; readonly text: string }

/**
 * The paths that a shell's pattern matches, as glob(3) in the C locale: `*`, `?`, `[…]`, `\` before a character that is itself;
 * a leading dot is matched only by a dot; sorted. Directories are listed, nothing is run, nothing outside the root is looked at.
 */
export function globWithin(root: Root, pattern: string): readonly string[] {
  const parts = pattern.split('/').filter((part) => part !== '' && part !== '.')
  let found: readonly string[] = [pattern.startsWith('/') ? '/' : '']
  for (const [index, part] of parts.entries()) {
    const last = index === parts.length - 1
    const pieces = piecesOf(part)
    const literal = pieces.every((piece) => piece.kind === 'is')
      ? pieces.map((piece) => (piece.kind === 'is' ? piece.text : '')).join('')
      : undefined
    const next: string[] = []
    for (const directory of found) {
      const names = literal === undefined ? namesIn(directory, root).filter((name) => matches(name, pieces, part)) : [literal]
      for (const name of names) {
        const path = join(directory, name)
        if (next.length < MAX_PATHS && exists(path, root, last && !pattern.endsWith('/'))) next.push(path)
      }
    }
    found = next
  }
  return parts.length === 0 ? [] : [...found].toSorted()
}

function namesIn(directory: string, root: Root): readonly string[] {
  const real = directoryWithin(directory, root)
  if (real === undefined) return []
  try {
    return readdirSync(real)
  } catch {
    return []
  }
}

/** The last name may be anything, also a link that leads nowhere; those before it have to be directories. */
function exists(path: string, root: Root, anything: boolean): boolean {
  if (!anything) return directoryWithin(path, root) !== undefined
  const slash = path.lastIndexOf('/')
  const directory = directoryWithin(path.slice(0, slash + 1), root)
  try {
    return directory !== undefined && lstatSync(join(directory, path.slice(slash + 1))) !== undefined
  } catch {
    return false
  }
}

function piecesOf(part: string): readonly Piece[] {
  const pieces: Piece[] = []
  for (let at = 0; at < part.length; at++) {
    const character = part[at] ?? ''
    const set = character === '[' ? setAt(part, at) : undefined
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

/** `[a-z]`, `[!a]`, `[]a]`, `[[:digit:]]` (glob(7)); `undefined` where the bracket is never closed, and so is itself. */
function setAt(part: string, at: number): { readonly set: RegExp; readonly last: number } | undefined {
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
    const named = /^\[:([a-z]+):\]/.exec(part.slice(index))
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

/** Whether a name matches, in time that grows with its length times the pattern's: on a miss only the last `*` takes one character more. */
function matches(name: string, pieces: readonly Piece[], part: string): boolean {
  if (name.startsWith('.') && !/^\\?\./.test(part)) return false
  const characters = Array.from(name)
  let at = 0
  let piece = 0
  let star: { piece: number; at: number } | undefined
  while (at < characters.length) {
    const wanted = pieces[piece]
    if (wanted?.kind === 'any') {
      star = { piece, at }
      piece++
    } else if (wanted !== undefined && matchesOne(characters[at] ?? '', wanted)) {
      at++
      piece++
    } else if (star !== undefined) {
      star.at++
      at = star.at
      piece = star.piece + 1
    } else return false
  }
  return pieces.slice(piece).every((rest) => rest.kind === 'any')
}

function matchesOne(character: string, piece: Piece): boolean {
  switch (piece.kind) {
    case 'any':
    case 'one':
      return true
    case 'set':
      return piece.set.test(character)
    case 'is':
      return piece.text === character
    default:
      return piece satisfies never
  }
}
