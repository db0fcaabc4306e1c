/** Lines of one file; the rest is left out. */
const LINES = 20_000

/**
 * A file of fail2ban: sections, `name = value`, and lines that go on where they begin with a blank; whole-line comments behind `#` and `;`, and
 * others behind ` ;` (jail.conf(5), Python's configparser). Blanks in a value are one. Never throws.
 */
export function readConfiguration(text: string): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const sections = new Map<string, Map<string, string>>()
  let section: Map<string, string> | undefined
  let last: string | undefined
  for (const line of text.split(/\r?\n/, LINES)) {
    const content = line.replace(/\s;.*$/, '').trim()
    if (content === '' || /^\s*[#;]/.test(line)) continue
    const named = /^\[([^\]]+)\]$/.exec(content)?.[1]
    const sign = line.search(/[=:]/)
    if (named !== undefined && !/^\s/.test(line)) {
      section = sections.get(named) ?? new Map()
      sections.set(named, section)
      last = undefined
    } else if (/^\s/.test(line) && last !== undefined)
      section?.set(last, `${section.get(last) ?? ''} ${content}`.replace(/\s+/g, ' ').trim())
    else if (sign > 0) {
      last = line.slice(0, sign).trim().toLowerCase()
      section?.set(
        last,
        content
          .slice(content.search(/[=:]/) + 1)
          .trim()
          .replace(/\s+/g, ' '),
      )
    }
  }
  return sections
}
