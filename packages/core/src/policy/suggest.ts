/** Longer words are nobody's typing error, and would cost time. */
const LONGEST = 64
/** With more names than this to choose from a guess says little, and would cost time. */
const MOST_CANDIDATES = 2000

/**
 * The candidate that `word` was most likely meant to be: the nearest within a third of its length (at least one error; a
 * swap of neighbours is one), or else the first that `word` begins. Case does not count. `undefined`: none is near.
 */
export function suggest(word: string, candidates: readonly string[]): string | undefined {
  const given = word.toLowerCase()
  if (given === '' || given.length > LONGEST || candidates.length > MOST_CANDIDATES) return undefined
  let allowed = Math.max(1, Math.floor(given.length / 3))
  let best: string | undefined
  let completion: string | undefined
  for (const candidate of candidates) {
    const wanted = candidate.toLowerCase()
    const distance = boundedDistance(given, wanted, allowed)
    if (distance <= allowed && distance < wanted.length) {
      best = candidate
      if (distance === 0) return best
      allowed = distance - 1
    }
    if (given.length >= 3 && wanted.startsWith(given)) completion ??= candidate
  }
  return best ?? completion
}

/** Damerau-Levenshtein distance (each substring edited once), or `limit + 1` as soon as it is known to be more than `limit`. */
function boundedDistance(a: string, b: string, limit: number): number {
  const over = limit + 1
  if (limit < 0 || Math.abs(a.length - b.length) > limit) return over
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let cost = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, at(beforeLast, j - 2) + 1)
      row.push(cost)
    }
    if (Math.min(...row, ...(i > 1 ? last : [])) > limit) return over
    beforeLast = last
    last = row
  }
  return Math.min(at(last, b.length), over)
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY
}
