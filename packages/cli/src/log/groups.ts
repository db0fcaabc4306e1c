import type { Entry } from './read.ts'

/** Who was refused why, how often. */
export interface Group {
  readonly address: string
  readonly code: string
  readonly count: number
  /** Milliseconds since 1970. */
  readonly first: number
  readonly last: number
  /** What was asked for most often, at most three, and how often. */
  readonly most: readonly { readonly what: string; readonly count: number }[]
  /** What was wrong with the last of them. */
  readonly value: string
}

/** Different things asked for that are counted of one group: an attacker chooses them. */
const MOST_COUNTED = 1_000
const MOST_TOLD = 3

/** By address and reason, the most frequent first; of equals the latest. */
export function groupsOf(entries: readonly Entry[]): readonly Group[] {
  const groups = new Map<string, { entries: Entry[]; whats: Map<string, number> }>()
  for (const entry of entries) {
    if (entry.code === 'left-out') continue
    const key = `${entry.code} ${entry.address}`
    const group = groups.get(key) ?? { entries: [], whats: new Map<string, number>() }
    groups.set(key, group)
    group.entries.push(entry)
    const { whats } = group
    if (whats.has(entry.what) || whats.size < MOST_COUNTED) whats.set(entry.what, (whats.get(entry.what) ?? 0) + 1)
  }
  return [...groups.values()]
    .flatMap(({ entries: all, whats }) => {
      const [one] = all
      if (one === undefined) return []
      const last = all.reduce((latest, entry) => (entry.time >= latest.time ? entry : latest))
      const first = all.reduce((earliest, entry) => Math.min(earliest, entry.time), one.time)
      const most = [...whats].toSorted((a, b) => b[1] - a[1]).slice(0, MOST_TOLD)
      return [
        {
          address: one.address,
          code: one.code,
          count: all.length,
          first,
          last: last.time,
          most: most.map(([what, count]) => ({ what, count })),
          value: last.value,
        },
      ]
    })
    .toSorted((a, b) => b.count - a.count || b.last - a.last || a.address.localeCompare(b.address))
}
