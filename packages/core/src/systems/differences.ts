import type { Difference } from './write.ts'

/** What a configuration means, each part under the name that a reader of the file would give it; no secret is in it. */
export type Meaning = ReadonlyMap<string, string>

export function differencesOf(wanted: Meaning, there: Meaning): readonly Difference[] {
  return [...new Set([...wanted.keys(), ...there.keys()])].flatMap((what): readonly Difference[] => {
    const [ours, theirs] = [wanted.get(what), there.get(what)]
    if (ours === theirs) return []
    const from = ours === undefined || theirs === undefined ? 0 : common(ours, theirs)
    return [
      {
        what,
        ...(ours === undefined ? {} : { wanted: excerpt(ours, from) }),
        ...(theirs === undefined ? {} : { there: excerpt(theirs, from) }),
      },
    ]
  })
}

/** Of a longer text, so much is shown from shortly before the difference. In UTF-16 code units. */
const SHOWN = 160
const BEFORE = 30

/** Where two texts begin to differ. */
function common(one: string, other: string): number {
  let at = 0
  while (at < one.length && one[at] === other[at]) at++
  return at
}

function excerpt(text: string, from: number): string {
  const start = text.length <= SHOWN ? 0 : Math.max(0, Math.min(from - BEFORE, text.length - SHOWN))
  const end = start + SHOWN
  return `${start > 0 ? '…' : ''}${text.slice(start, end)}${end < text.length ? '…' : ''}`
}
