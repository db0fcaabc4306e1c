import { printable, show } from '@sallyport/core/evidence'

/** The longest line of an error, in UTF-16 code units: room for a path and a sentence. */
const LINE_LENGTH = 1000

/**
 * The command could not do what was asked. For people: what and where, then what to do next. Both may repeat what the caller typed or a
 * file holds, so both are made fit to be shown; `details` are lines of their own that are so already (`mistakeText`).
 */
export class Failure extends Error {
  readonly details: readonly string[]
  readonly next: string

  constructor(message: string, next: string, details: readonly string[] = []) {
    super(show(message, LINE_LENGTH))
    this.name = 'Failure'
    this.details = details
    this.next = show(next, LINE_LENGTH)
  }

  /** As it is printed; ends with a line feed. */
  get text(): string {
    return ['sallyport: ' + this.message, ...this.details.map((line) => `  ${line}`), `  ${this.next}`, ''].join('\n')
  }
}

/** Something wrong at a place of a policy. `hint` may be empty. */
export interface Mistake {
  readonly place: string
  readonly message: string
  readonly hint: string
}

/** As lines that are fit to be shown. The place is apart: `passwd:1:1` is no password. */
export function mistakeText({ place, message, hint }: Mistake, prefix = ''): readonly string[] {
  const line = `${prefix}${printable(place)}: ${show(message, LINE_LENGTH)}`
  return hint === '' ? [line] : [line, `  ${show(hint, LINE_LENGTH)}`]
}

/** Text of many lines that the caller's own words may be part of: the lines stay, what is in them is made fit to be shown. */
export function showLines(text: string): string {
  return text
    .split('\n')
    .map((line) => show(line, LINE_LENGTH))
    .join('\n')
}
