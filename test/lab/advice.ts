/** What a report of `explain` proposes to write and to run: the lines below each piece of advice that opens or closes, as they are printed. */
export function adviceIn(text: string, to: 'open' | 'close'): readonly (readonly string[])[] {
  const found: string[][] = []
  let isWanted = false
  for (const line of text.split('\n')) {
    const [, word] = /^ {2}(?:or )?to (open|close) it: /.exec(line) ?? []
    if (word !== undefined) {
      isWanted = word === to
      if (isWanted) found.push([])
    } else if (isWanted && line.startsWith('      ')) found.at(-1)?.push(line.trim())
  }
  return found
}
