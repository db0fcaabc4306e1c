import type { FileOrigin, Position, Span } from './origin.ts'
import { continuesSecret, REDACTED, redactLine } from './secrets/index.ts'
import { show, type Shown } from './shown.ts'

/** A text with its lines known, so that offsets become positions and origins. Lines end at LF, CRLF or CR. */
export class Text {
  readonly path: string
  readonly content: string
  #lineStarts: readonly number[] | undefined
  /** By 1-based line: many origins on one long line cost no more than one. */
  readonly #shown = new Map<number, Shown>()

  constructor(path: string, content: string) {
    this.path = path
    this.content = content
  }

  get lineStarts(): readonly number[] {
    this.#lineStarts ??= lineStarts(this.content)
    return this.#lineStarts
  }

  position(offset: number): Position {
    const starts = this.lineStarts
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((starts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1, offset }
  }

  span(start: number, end: number): Span {
    return { start: this.position(start), end: this.position(end) }
  }

  /** The text of a 1-based line, without its ending. */
  line(number: number): string {
    const starts = this.lineStarts
    const start = starts[number - 1] ?? this.content.length
    const next = starts[number] ?? this.content.length
    return this.content.slice(start, next).replace(/[\r\n]+$/, '')
  }

  /** The origin of `content.slice(start, end)`. Its line passes `show` when it is first asked for: most are never shown. */
  origin(start: number, end: number): FileOrigin {
    const span = this.span(start, end)
    const shown = (): Shown => this.#shownLine(span.start.line)
    return {
      kind: 'file',
      path: this.path,
      span,
      get line() {
        return shown()
      },
    }
  }

  #shownLine(number: number): Shown {
    const line = this.#shown.get(number) ?? this.#show(number)
    this.#shown.set(number, line)
    return line
  }

  /** A line is judged with those above it: `password:` there makes a secret of what stands here. */
  #show(number: number, limit?: number): Shown {
    const line = this.line(number).trim()
    return show(continuesSecret(line, number - 1, (above) => this.line(above)) ? REDACTED : redactLine(this.path, line), limit)
  }

  /** A whole 1-based line as it may be shown, however long it is; without the blanks around it. */
  shownWhole(number: number): Shown {
    return this.#show(number, this.line(number).length + REDACTED.length)
  }

  /** The origin of a whole 1-based line. */
  lineOrigin(number: number): FileOrigin {
    const start = this.lineStarts[number - 1] ?? this.content.length
    return this.origin(start, start + this.line(number).length)
  }
}

function lineStarts(content: string): readonly number[] {
  const starts = [0]
  for (let index = 0; index < content.length; index++) {
    const code = content.charCodeAt(index)
    if (code === 10 || (code === 13 && content.charCodeAt(index + 1) !== 10)) starts.push(index + 1)
  }
  return starts
}
