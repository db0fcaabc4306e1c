/** Inputs tried by each fuzz test; SALLYPORT_FUZZ sets another number. The readers are tried in test/fuzz.test.ts. */
export const FUZZ = Number(process.env['SALLYPORT_FUZZ'] ?? 2000)

/** A generator of its own, so that a seed gives the same inputs everywhere (xorshift32). */
export function random(seed: number): (below: number) => number {
  let state = seed | 0 || 1
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % Math.max(below, 1)
  }
}
