import type { FileOrigin, Value } from '../evidence/index.ts'

/** A text with places: a whole file (`Text`), or one that stands inside a file, such as a command in a JSON string. */
export interface Passage {
  readonly content: string
  /** The place, in its file, of `content.slice(start, end)`. */
  origin(start: number, end: number): FileOrigin
}

/** A part of it, from `start` to `end` (exclusive). */
export function partOf(passage: Passage, start: number, end?: number): Passage {
  return { content: passage.content.slice(start, end), origin: (from, to) => passage.origin(start + from, start + to) }
}

/** A text of which only the whole's place is known: every part of it has that place. */
export function passageAt(content: string, origin: FileOrigin): Passage {
  return { content, origin: () => origin }
}

/**
 * Collects a text whose pieces stand at different places of another passage (escapes taken out, continued lines put
 * together), so that places in the result lead back to the source.
 */
export class PassageBuilder {
  readonly #source: Passage
  readonly #pieces: string[] = []
  /** Parallel lists, ascending: from this offset of the result on, the source is at that offset. */
  readonly #results: number[] = []
  readonly #sources: number[] = []
  /** Whether a piece's characters stand one for one in the source. */
  readonly #aligned: boolean[] = []
  /** Where a piece ends in the source, exclusive. */
  readonly #ends: number[] = []
  #length = 0
  #end = 0

  constructor(source: Passage) {
    this.#source = source
  }

  /** A piece that stands in the source as it is, from `start` on. */
  copy(start: number, end: number): void {
    if (end > start) this.#add(this.#source.content.slice(start, end), start, end, true)
  }

  /** `text` is what the source writes, in another way, from `start` to `end` (exclusive). */
  replace(text: string, start: number, end: number): void {
    if (text !== '') this.#add(text, start, end, false)
  }

  #add(text: string, start: number, end: number, aligned: boolean): void {
    this.#pieces.push(text)
    // What goes on where the last piece ended is part of it.
    if (!(aligned && this.#aligned.at(-1) === true && this.#end === start)) {
      this.#results.push(this.#length)
      this.#sources.push(start)
      this.#aligned.push(aligned)
      this.#ends.push(end)
    } else this.#ends[this.#ends.length - 1] = end
    this.#length += text.length
    this.#end = end
  }

  build(): Passage {
    const results = this.#results
    const source = this.#source
    const sourceEnd = this.#end
    const length = this.#length
    const pieceAt = (offset: number): number => {
      let low = 0
      let high = results.length - 1
      while (low < high) {
        const middle = (low + high + 1) >> 1
        if ((results[middle] ?? 0) <= offset) low = middle
        else high = middle - 1
      }
      return low
    }
    const place = (offset: number): number => {
      const piece = pieceAt(offset)
      const start = this.#sources[piece] ?? 0
      return this.#aligned[piece] === true ? start + offset - (results[piece] ?? 0) : start
    }
    /** Behind the character: what is written in another way (`\\"`) ends as a whole. */
    const endOf = (offset: number): number => {
      const piece = pieceAt(offset)
      return this.#aligned[piece] === true ? place(offset) + 1 : (this.#ends[piece] ?? place(offset) + 1)
    }
    return {
      content: this.#pieces.join(''),
      origin: (start, end) => {
        const from = place(start)
        const to = end >= length ? sourceEnd : end <= start ? from : Math.max(from, endOf(end - 1))
        return source.origin(from, Math.max(from, to))
      },
    }
  }
}

/** The text of a known value as a passage. */
export function passageOf(value: Extract<Value, { readonly kind: 'known' }>): Passage {
  return passageAt(String(value.value), value.origin)
}
