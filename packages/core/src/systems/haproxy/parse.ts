import { type FileOrigin, Text } from '../../evidence/index.ts'
import { blank } from '../blanked.ts'
import { isSection } from './keywords.ts'
import { secretSpans } from './secrets.ts'
import { LONGEST_LINE, type Word, wordsOf } from './words.ts'

export interface Line {
  readonly keyword: string
  /** Behind the keyword. */
  readonly words: readonly Word[]
  readonly source: Source
  readonly start: number
  readonly end: number
}

export interface Section {
  readonly kind: string
  readonly name: string
  /** The line that begins it. */
  readonly head: Line
  readonly lines: readonly Line[]
}

interface Problem {
  readonly what: string
  readonly start: number
  readonly end: number
}

/** More lines than any configuration has. */
const MOST_LINES = 200_000

/** One file of HAProxy's configuration. Never throws: what is wrong is a problem, and the rest is read. */
export class Source {
  readonly path: string
  readonly content: string
  readonly sections: readonly Section[]
  readonly problems: readonly Problem[]
  readonly lines: readonly Line[]
  #text: Text | undefined

  constructor(path: string, content: string) {
    this.path = path
    this.content = content
    const problems: Problem[] = []
    this.lines = linesOf(content, this, problems)
    this.sections = sectionsOf(this.lines, problems)
    this.problems = problems
  }

  /** Text for origins: what may be a secret is blanked out, place for place. */
  get text(): Text {
    this.#text ??= new Text(this.path, blank(this.content, secretSpans(this.lines)))
    return this.#text
  }

  origin(start: number, end: number): FileOrigin {
    return this.text.origin(start, end)
  }
}

const ORIGINS = new WeakMap<Line, FileOrigin>()

export function originOf(line: Line): FileOrigin {
  const known = ORIGINS.get(line)
  if (known !== undefined) return known
  const origin = line.source.origin(line.start, line.end)
  ORIGINS.set(line, origin)
  return origin
}

export function wordOrigin(line: Line, word: Word): FileOrigin {
  return line.source.origin(word.start, word.end)
}

/** The line as it may be shown, from one of its words on. */
export function textFrom(line: Line, word: Word | undefined): string {
  return word === undefined ? '' : line.source.text.content.slice(word.start, line.end)
}

function linesOf(content: string, source: Source, problems: Problem[]): readonly Line[] {
  const lines: Line[] = []
  const problem = (what: string, start: number, end: number): void => {
    if (problems.length < 20) problems.push({ what, start, end })
  }
  for (let start = content.startsWith('\ufeff') ? 1 : 0; start < content.length; ) {
    const newline = content.indexOf('\n', start)
    const end = newline < 0 ? content.length : newline
    if (end - start > LONGEST_LINE) problem(`a line of ${end - start} characters: not read`, start, start + 1)
    else {
      const { words, problem: found } = wordsOf(content.slice(start, end), start)
      const [first, ...rest] = words
      if (found !== undefined) problem(found, start, end)
      if (first !== undefined)
        lines.push({ keyword: first.text, words: rest, source, start: first.start, end: words.at(-1)?.end ?? first.end })
    }
    if (lines.length >= MOST_LINES) {
      problem(`more than ${MOST_LINES} lines: the rest is not read`, end, end)
      break
    }
    start = end + 1
  }
  return lines
}

/** Conditions on the configuration itself (`.if`): every branch is read, and that some may not hold is told. */
function sectionsOf(lines: readonly Line[], problems: Problem[]): readonly Section[] {
  const sections: { kind: string; name: string; head: Line; lines: Line[] }[] = []
  for (const line of lines) {
    const { keyword, words, start, end } = line
    if (keyword.startsWith('.')) {
      const isChoice = keyword === '.if' || keyword === '.elif'
      if (isChoice && problems.length < 20)
        problems.push({ what: 'whether the lines behind this hold is decided when HAProxy starts', start, end })
    } else if (isSection(keyword)) {
      sections.push({ kind: keyword, name: words[0]?.text ?? '', head: line, lines: [] })
    } else {
      const section = sections.at(-1)
      if (section !== undefined) section.lines.push(line)
      else if (problems.length < 20) problems.push({ what: `"${keyword.slice(0, 80)}" stands before every section`, start, end })
    }
  }
  return sections
}
