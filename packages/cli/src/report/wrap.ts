/** Where a person reads on a terminal, lines longer than this are hard to follow. */
const WIDEST = 110

/**
 * How wide text for people is, in columns: the terminal's width, or what COLUMNS says where it is set. What goes into a pipe or a file is not
 * wrapped, so that every line can be searched for whole.
 */
export function columns(): number {
  const told = Number(process.env['COLUMNS'])
  if (Number.isInteger(told) && told >= NARROWEST) return Math.min(told, WIDEST)
  if (process.stdout.isTTY !== true) return Number.POSITIVE_INFINITY
  return Math.min(Math.max(process.stdout.columns, NARROWEST), WIDEST)
}

/** Narrower terminals wrap by themselves. */
const NARROWEST = 60

/** The text in lines of at most `width` columns, broken at blanks; each begins with `indent` blanks. A longer word stays whole. */
export function wrap(text: string, indent: number, width: number): readonly string[] {
  const room = width - indent
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line].map((each) => each.trimEnd()).map((each) => ' '.repeat(indent) + each)
}
