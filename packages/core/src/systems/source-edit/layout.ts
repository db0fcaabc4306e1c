/** How a text ends its lines; a text of one line ends them as Unix does. */
export function newlineOf(content: string): string {
  const first = content.indexOf('\n')
  return first > 0 && content.charAt(first - 1) === '\r' ? '\r\n' : '\n'
}

/** Where the line of an offset begins. */
export function lineStart(content: string, offset: number): number {
  return content.lastIndexOf('\n', offset - 1) + 1
}

/** Where the line of an offset ends, its line break left out. */
export function lineEnd(content: string, offset: number): number {
  const end = content.indexOf('\n', offset)
  if (end < 0) return content.length
  return end > offset && content.charAt(end - 1) === '\r' ? end - 1 : end
}

/** The white space that the line of an offset begins with. */
export function indentAt(content: string, offset: number): string {
  const start = lineStart(content, offset)
  const first = content.charCodeAt(start) === 0xfe_ff ? start + 1 : start
  return /^[ \t]*/.exec(content.slice(first, first + 400))?.[0] ?? ''
}

/** Whether nothing but white space stands before an offset in its line. */
export function beginsLine(content: string, offset: number): boolean {
  return content.slice(lineStart(content, offset), offset).replace('\uFEFF', '').trim() === ''
}
