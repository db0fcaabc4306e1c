/** A word of a line, after quoting. A quoted `!` or `-j` is text. */
export interface Word {
  readonly text: string
  readonly quoted: boolean
}

/**
 * Splits a line as iptables-restore does (add_param_to_argv in xshared.c): blanks separate, double quotes group, a backslash
 * inside of them takes the next character as it is, and a closing quote ends the word. A quote that is not closed runs to the end.
 */
export function splitWords(line: string): readonly Word[] {
  const words: Word[] = []
  let text = ''
  let started = false
  let quoted = false
  const end = (): void => {
    if (started) words.push({ text, quoted })
    text = ''
    started = false
    quoted = false
  }
  for (let at = 0; at < line.length; at++) {
    const character = line[at] as string
    if (character === '"') {
      started = true
      quoted = true
      for (at++; at < line.length && line[at] !== '"'; at++) {
        if (line[at] === '\\' && at + 1 < line.length) at++
        text += line[at]
      }
      end()
    } else if (character === ' ' || character === '\t') end()
    else {
      started = true
      text += character
    }
  }
  end()
  return words
}
