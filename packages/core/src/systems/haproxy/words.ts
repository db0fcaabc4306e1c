/** One word of a line, quotes taken off and escapes put in. Variables of the environment stand in it as `${NAME}` or `${NAME-default}`. */
export interface Word {
  readonly text: string
  readonly start: number
  /** Exclusive. */
  readonly end: number
}

/** HAProxy refuses a longer line (LINESIZE, 2048, grown by its own reader); in UTF-16 units. */
export const LONGEST_LINE = 65_536

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' }

/**
 * The words of one line, after `parse_line` (src/tools.c): blanks separate, `#` outside of quotes begins a comment wherever it stands, a backslash takes the next
 * character, `'…'` is as it is, in `"…"` variables are put in. Addresses have theirs put in without quotes too (`str2sa_range`, `env_expand`).
 */
export function wordsOf(line: string, offset: number): { readonly words: readonly Word[]; readonly problem: string | undefined } {
  const words: Word[] = []
  let text = ''
  let start = -1
  let quote = ''
  const finish = (end: number): void => {
    if (start >= 0) words.push({ text, start: offset + start, end: offset + end })
    text = ''
    start = -1
  }
  for (let at = 0; at < line.length; at++) {
    const character = line[at] ?? ''
    if (quote === '' && character === '#') {
      finish(at)
      return { words, problem: undefined }
    }
    if (quote === '' && (character === ' ' || character === '\t' || character === '\r')) {
      finish(at)
      continue
    }
    if (start < 0) start = at
    if (character === quote) quote = ''
    else if (quote === '' && (character === '"' || character === "'")) quote = character
    else if (character === '\\' && quote !== "'") {
      const next = line[++at] ?? ''
      text += ESCAPES[next] ?? (next === '$' ? '\u0001' : next)
    } else if (character === '$' && quote !== "'") {
      const [whole = '$', braced, plain] = /^\$(?:\{([^{}]{0,200})\}|([A-Za-z_][A-Za-z0-9_]{0,200}))/.exec(line.slice(at, at + 420)) ?? []
      const name = braced ?? plain
      text += name === undefined ? whole : `\${${name}}`
      at += whole.length - 1
    } else text += character
  }
  const isOpen = quote !== ''
  finish(line.length)
  return {
    words: words.map((word) => ({ ...word, text: word.text.replaceAll('\u0001', '$') })),
    problem: isOpen ? `a quote (${quote}) that is never closed` : undefined,
  }
}
