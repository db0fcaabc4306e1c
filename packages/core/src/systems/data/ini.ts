import type { Text } from '../../evidence/index.ts'
import type { Entry, Tree } from '../yaml.ts'

/** A longer file is not read. In UTF-16 code units. */
const LIMIT = 1 << 20

const SECTION = /^[ \t]*\[([^\]\n]*)\]/
const PLAIN = /^[^\s=:#;[]/

/**
 * INI files as Python's configparser and most programs read them: sections, `name = value` or `name: value`, whole-line comments behind
 * `#` and `;`. What stands before any section is at the top. Values are texts, and values over several lines their first one.
 */
export function readIni(text: Text): Tree | undefined {
  const { content } = text
  if (content.length > LIMIT) return undefined
  const root = new Map<string, Entry>()
  let current = root
  for (let start = 0; start < content.length; ) {
    const newline = content.indexOf('\n', start)
    const end = newline < 0 ? content.length : newline
    const line = content.slice(start, end)
    const section = SECTION.exec(line)?.[1]
    const sign = PLAIN.test(line) ? line.search(/[=:]/) : -1
    const place = { text, start, end }
    if (section !== undefined) {
      const there = root.get(section)?.value
      current = new Map(there?.kind === 'mapping' ? there.entries : [])
      root.set(section, { key: place, value: { kind: 'mapping', ...place, entries: current } })
    } else if (sign > 0) {
      const name = line.slice(0, sign).trimEnd()
      const given = line.slice(sign + 1)
      const value = given.trim()
      const at = start + sign + 1 + (given.length - given.trimStart().length)
      current.set(name, {
        key: { text, start, end: start + name.length },
        value: { kind: 'scalar', text, start: at, end: at + value.length, value, type: 'string' },
      })
    }
    start = end + 1
  }
  return { kind: 'mapping', text, start: 0, end: 0, entries: root }
}
