/**
 * Whether a path matches a shell pattern as glob(3) does: `*`, `?` and `[…]` match no `/`, and no dot at the start of a name.
 * Segment by segment, in time linear in pattern times name.
 */
export function matchesGlob(pattern: string, path: string): boolean {
  const patterns = pattern.split('/')
  const names = path.split('/')
  return patterns.length === names.length && patterns.every((part, index) => matchesName(part, names[index] ?? ''))
}

function matchesName(pattern: string, name: string): boolean {
  const parts = partsOf(pattern)
  if (name.startsWith('.') && parts[0] !== undefined && typeof parts[0] !== 'string') return false
  let at = 0
  let part = 0
  // Where to take up again with the last `*` one character longer.
  let star: { readonly part: number; readonly at: number } | undefined
  while (at < name.length) {
    const wanted = parts[part]
    if (wanted !== undefined && wanted !== STAR && matchesOne(wanted, name[at] ?? '')) {
      at++
      part++
    } else if (wanted === STAR) {
      star = { part, at }
      part++
    } else if (star !== undefined) {
      star = { part: star.part, at: star.at + 1 }
      at = star.at
      part = star.part + 1
    } else return false
  }
  while (parts[part] === STAR) part++
  return part === parts.length
}

const STAR = Symbol('*')

type Part = string | typeof STAR | ((character: string) => boolean)

function matchesOne(part: Exclude<Part, typeof STAR>, character: string): boolean {
  return typeof part === 'string' ? part === character : part(character)
}

function partsOf(pattern: string): readonly Part[] {
  const parts: Part[] = []
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at] ?? ''
    if (character === '*') parts.push(STAR)
    else if (character === '?') parts.push(() => true)
    else if (character === '\\' && at + 1 < pattern.length) parts.push(pattern[++at] ?? '')
    else if (character === '[') {
      const end = pattern.indexOf(']', pattern[at + 1] === '!' || pattern[at + 1] === '^' ? at + 3 : at + 2)
      if (end < 0) parts.push(character)
      else {
        parts.push(oneOf(pattern.slice(at + 1, end)))
        at = end
      }
    } else parts.push(character)
  }
  return parts
}

/** The inside of `[…]`: characters and ranges, turned round by `!` or `^`. */
function oneOf(set: string): (character: string) => boolean {
  const negated = set.startsWith('!') || set.startsWith('^')
  const members = negated ? set.slice(1) : set
  const ranges: (readonly [string, string])[] = []
  for (let at = 0; at < members.length; at++) {
    const from = members[at] ?? ''
    const to = members[at + 1] === '-' && at + 2 < members.length ? (members[at + 2] ?? '') : from
    if (to !== from || members[at + 1] === '-') at += to === from ? 0 : 2
    ranges.push([from, to])
  }
  return (character) => ranges.some(([from, to]) => from <= character && character <= to) !== negated
}
