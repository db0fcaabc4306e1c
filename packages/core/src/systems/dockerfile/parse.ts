import { type Passage, PassageBuilder } from '../passage.ts'

/** Instructions of one file; the rest of a longer one is reported and left out. */
const INSTRUCTIONS = 2_000

/** One instruction of a Dockerfile (docs.docker.com/reference/dockerfile), its lines put together. */
export interface Instruction {
  /** Upper case. */
  readonly keyword: string
  /** `--platform=…`, `--from=…`: by name. */
  readonly flags: ReadonlyMap<string, string>
  /** What stands behind the keyword and its flags. */
  readonly text: Passage
  /** Offsets into the file; `end` is exclusive. */
  readonly start: number
  readonly end: number
}

export interface DockerfileReading {
  readonly instructions: readonly Instruction[]
  readonly problems: readonly { readonly reason: string; readonly start: number; readonly end: number }[]
}

/** Never throws; takes time linear in the text. */
export function parseDockerfile(source: Passage): DockerfileReading {
  const reader = new Reader(source)
  reader.read()
  return reader
}

class Reader implements DockerfileReading {
  readonly instructions: Instruction[] = []
  readonly problems: { reason: string; start: number; end: number }[] = []
  readonly #source: Passage
  readonly #content: string
  readonly #escape: string
  #at = 0

  constructor(source: Passage) {
    this.#source = source
    this.#content = source.content
    // Parser directives stand before everything else.
    const directive = /^(?:\ufeff?#[^\n]{0,200}\n){0,5}#[ \t]*escape[ \t]*=[ \t]*([`\\])/i.exec(this.#content.slice(0, 1200))
    this.#escape = directive?.[1] ?? '\\'
  }

  read(): void {
    while (this.#at < this.#content.length) {
      const start = this.#at
      const end = this.#lineEnd(start)
      const line = this.#content.slice(start, Math.min(end, start + 200))
      if (line.trim() === '' || /^[\s\ufeff]*#/.test(line)) this.#at = end + 1
      else if (this.instructions.length >= INSTRUCTIONS) {
        this.problems.push({ reason: `more than ${INSTRUCTIONS} instructions`, start, end: start })
        return
      } else this.#instruction(start)
    }
  }

  #lineEnd(from: number): number {
    const newline = this.#content.indexOf('\n', from)
    return newline < 0 ? this.#content.length : newline
  }

  /** The end of a line's own text: without a carriage return and blanks. */
  #textEnd(start: number, lineEnd: number): number {
    let end = lineEnd
    while (end > start && /\s/.test(this.#content[end - 1] ?? '')) end--
    return end
  }

  #instruction(start: number): void {
    const builder = new PassageBuilder(this.#source)
    let end = start
    for (;;) {
      const lineEnd = this.#lineEnd(this.#at)
      const lineStart = this.#at
      this.#at = Math.min(lineEnd + 1, this.#content.length)
      const textEnd = this.#textEnd(lineStart, lineEnd)
      // Comments and empty lines between continued ones are left out.
      const skipped = lineStart > start && /^\s*(?:#|$)/.test(this.#content.slice(lineStart, Math.min(textEnd, lineStart + 200)))
      const continued = this.#content[textEnd - 1] === this.#escape
      if (!skipped) {
        builder.copy(lineStart, continued ? textEnd - 1 : textEnd)
        end = textEnd
      }
      if ((!continued && !skipped) || this.#at >= this.#content.length) break
      if (!skipped) builder.replace(' ', textEnd - 1, textEnd)
    }
    const whole = builder.build()
    this.#heredocs(whole.content)
    const match = /^\s*\ufeff?([A-Za-z]+)((?:\s+--[a-z-]+(?:=\S*)?)*)(?:\s+|$)/.exec(whole.content.slice(0, 2000))
    const keyword = match?.[1]?.toUpperCase()
    if (match === null || keyword === undefined) {
      this.problems.push({ reason: 'this line is no instruction', start, end })
      return
    }
    const flags = new Map(
      (match[2] ?? '').split(/\s+/).flatMap((flag): readonly (readonly [string, string])[] => {
        const [, name, value = ''] = /^--([a-z-]+)(?:=(.*))?$/.exec(flag) ?? []
        return name === undefined ? [] : [[name, value]]
      }),
    )
    const text = new PassageBuilder(whole)
    text.copy(match[0].length, whole.content.length)
    this.instructions.push({ keyword, flags, text: text.build(), start, end })
  }

  /** `RUN <<EOF`: the lines up to the delimiter belong to the instruction, and are passed by. */
  #heredocs(line: string): void {
    if (!/^\s*(?:RUN|COPY|ADD)\b/i.test(line.slice(0, 100))) return
    for (const [, dash, , name] of line.slice(0, 2000).matchAll(/<<(-?)(["']?)([A-Za-z_]\w*)\2/g)) {
      while (this.#at < this.#content.length) {
        const start = this.#at
        const end = this.#lineEnd(start)
        this.#at = Math.min(end + 1, this.#content.length)
        const text = end - start > 300 ? '' : this.#content.slice(start, end).replace(/\r$/, '')
        if ((dash === '-' ? text.replace(/^\t+/, '') : text) === name) break
      }
    }
  }
}
