/** A part of a text: `end` is exclusive. */
export interface Place {
  readonly start: number
  readonly end: number
}

/** The same text with `places` as asterisks: every offset and line stays where it was. */
export function blank(content: string, places: readonly Place[]): string {
  if (places.length === 0) return content
  const pieces: string[] = []
  let at = 0
  for (const { start, end } of places.toSorted((a, b) => a.start - b.start)) {
    if (end <= at) continue
    const from = Math.max(start, at)
    pieces.push(content.slice(at, from), content.slice(from, end).replace(/[^\r\n]/g, '*'))
    at = end
  }
  pieces.push(content.slice(at))
  return pieces.join('')
}
