import { ABSENT, type FileOrigin, joinValues, type Value, type Word } from '../../evidence/index.ts'

/**
 * A value as text in which what is not known stands as one placeholder character each, so that words of a command line can
 * be cut like any text (`--host=$HOST`, `$HOST:$PORT`) and put together again.
 */
export interface Template {
  /** Known text; the holes are characters of the private use area from U+E000 on, in the order of `holes`. */
  readonly text: string
  readonly holes: readonly Value[]
  /** As in `Word`. */
  readonly spreads?: boolean
  readonly origin: FileOrigin
}

const FIRST_HOLE = 0xe000
const HOLES = 64
const HOLE = /[\ue000-\uf8ff]/
const HOLES_ONLY = /^[\ue000-\uf8ff]+$/

/** The parts of a value, in order; `undefined` where it has no place of its own. */
export function templateOf(value: Value): Template | undefined {
  if (value.kind === 'absent') return undefined
  const { origin } = value
  const hole = holeFor(value, origin)
  if (value.kind === 'known') {
    const text = String(value.value)
    // Text that holds such characters itself would be taken for a value.
    return HOLE.test(text) ? unreadable(origin) : { text, holes: [], origin }
  }
  if (value.kind !== 'joined' || value.parts.length > HOLES) return hole
  let text = ''
  const holes: Value[] = []
  for (const part of value.parts) {
    if (part.kind === 'known') text += String(part.value)
    else if (part.kind !== 'absent') {
      text += String.fromCharCode(FIRST_HOLE + holes.length)
      holes.push(part)
    }
  }
  const known = value.parts.some((part) => part.kind === 'known' && HOLE.test(String(part.value)))
  return known ? unreadable(origin) : { text, holes, origin }
}

function unreadable(origin: FileOrigin): Template {
  return holeFor({ kind: 'unknown', reason: 'the text has characters of private use', origin }, origin)
}

/** One value in one piece. */
export function holeFor(value: Value, origin: FileOrigin): Template {
  return { text: String.fromCharCode(FIRST_HOLE), holes: [value], origin }
}

export function templatesOf(words: readonly Word[]): readonly Template[] {
  return words.flatMap(({ text, spreads }) => {
    const template = templateOf(text)
    return template === undefined ? [] : spreads === true ? { ...template, spreads } : template
  })
}

/** Whether a text cut from a template has no hole in it. */
export function isLiteral(text: string): boolean {
  return !HOLE.test(text)
}

/** Whether a word may turn out to be several, options among them: with text of its own around what is not known it is meant as one. */
export function maySpread({ text, spreads }: Template): boolean {
  return spreads === true && HOLES_ONLY.test(text)
}

/** The value that a text cut from `template` stands for. */
export function fill(text: string, template: Template): Value {
  const parts: Value[] = []
  let known = ''
  const flush = (): void => {
    if (known !== '') parts.push({ kind: 'known', value: known, origin: template.origin })
    known = ''
  }
  for (const character of text) {
    if (!HOLE.test(character)) known += character
    else {
      flush()
      parts.push(template.holes[character.charCodeAt(0) - FIRST_HOLE] ?? ABSENT)
    }
  }
  flush()
  return joinValues(parts, template.origin)
}

/** The same template with another text, cut from it. */
export function cut(template: Template, text: string): Template {
  return { ...template, text }
}
