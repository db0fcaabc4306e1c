import type { TextRange } from './ranges.ts'

/** Shorter runs of letters and digits are names of things more often than secrets. */
const SHORTEST = 16
/** Below this, a run has to have letters of both sizes and digits, and to change between them as no name does. */
const LONG = 20
const LONG_RUN = /(?:[A-Za-z0-9+/_=-]|%[0-9A-Fa-f]{2}){16,}/g

/** Numbers that name things: UUIDs (RFC 9562), and what fits in 64 bits, as packet marks are written. */
const NUMBER = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|0x[0-9a-f]{1,16}(?![0-9a-z])/gi
const HEX = /^[0-9a-f]+$/i
/** A name made of one number: a build's, a container's (`docker-0123….scope`). */
const NUMBERED = /^(?:[a-z]{1,16}-)*[0-9a-f]+$/i
/** Subresource integrity and lock files: a digest is public. */
const DIGEST = /^(?:sha|md)\d{1,3}-/
/** mkdtemp(3) puts six letters after a name. */
const LONGEST_TEMPORARY = 8
/** Half of what base64 makes of random bytes, and twice what identifiers and paths have: of 126,000 file paths of a server 13 are above. */
const RATE = 0.26
/** No path and no identifier of those comes to this. */
const CERTAIN = 0.36
/** Of names of 16 to 19 letters and digits in 210,000 paths one comes to this, and of random texts of that kind three of four. */
const CERTAIN_SHORT = 0.45

/** What says that a long number is no secret: a digest, a commit, a container. */
const DIGEST_BEFORE =
  /(?:(?:sha|md)\d{1,3}[:=-]|[#@]|\b(?:commit|rev|revision|ref|index|container|id|from)[ :=]"?|(?:docker|libpod|containerd|crio|containers|moby|overlay2|buildkit)[/-])$/i
/** The path of a URL may be a secret as a whole; a file's is not. */
const URL_BEFORE = /:\/\/[^\s"'`]*$/

/** How often the kind of letter (small, capital, digit) changes from one to the next, 0 to 1; a capital before small letters is no change, since names have it. */
function changes(run: string): number {
  let pairs = 0
  let changed = 0
  let capitals = 0
  let before = 0
  for (let index = 0; index < run.length; index++) {
    const kind = kindOf(run.charCodeAt(index))
    if (kind !== 0 && before !== 0) {
      pairs++
      if (kind !== before && !(before === 2 && kind === 1 && capitals === 1)) changed++
    }
    capitals = kind === 2 ? capitals + 1 : 0
    before = kind
  }
  return pairs === 0 ? 0 : changed / pairs
}

/** 1: small letter, 2: capital, 3: digit, 0: any other. */
function kindOf(code: number): number {
  if (code >= 97 && code <= 122) return 1
  if (code >= 65 && code <= 90) return 2
  return code >= 48 && code <= 57 ? 3 : 0
}

/** Whether a run of letters and digits looks like the output of a random generator: base64, hexadecimal, or letters and digits without order. */
export function looksRandom(run: string, shortest: number = SHORTEST): boolean {
  const rest = run.replace(NUMBER, '')
  if (rest.length < shortest || !/[A-Za-z]/.test(rest)) return false
  if (hasTemporaryName(rest)) return false
  if (!/[0-9]/.test(rest)) return rest.length >= 28 && changes(rest) >= CERTAIN
  if (HEX.test(rest) && shortest === SHORTEST) return rest.length >= 32
  if (rest.length < LONG && shortest === SHORTEST) return /[a-z]/.test(rest) && /[A-Z]/.test(rest) && changes(rest) >= CERTAIN_SHORT
  return changes(rest) >= RATE
}

/** Whether all that has no order is one name of a few letters: `/tmp/build-s2uS4L/src`. */
function hasTemporaryName(run: string): boolean {
  const [random = '', ...others] = run.split(/[^A-Za-z0-9]+/).filter((name) => changes(name) > 0)
  return others.length === 0 && random.length <= LONGEST_TEMPORARY && random.length < run.length
}

/** Where a text has a long run that looks random: hiding too much harms less than showing one secret. */
export function randomRuns(text: string): readonly TextRange[] {
  if (text.length < SHORTEST) return []
  return [...text.matchAll(LONG_RUN)].flatMap((match) => {
    const [run] = match
    const before = text.slice(Math.max(0, match.index - 64), match.index)
    if (DIGEST.test(run) || DIGEST_BEFORE.test(before)) return []
    return partsOf(run, before)
      .filter(({ start, end }) => looksRandom(run.slice(start, end)))
      .map(({ start, end }) => ({ start: match.index + start, end: match.index + end }))
  })
}

/** The names of a file's path are shorter than this, in the mean. */
const LONG_NAME = 12

/** A path is judged name by name; in a file's, names that are one hexadecimal number stay. Anything else is judged whole. */
function partsOf(run: string, before: string): readonly TextRange[] {
  const whole = { start: 0, end: run.length }
  if (!/^[\w-]{0,64}\//.test(run)) return [whole]
  const names = [...run.matchAll(/[^/]+/g)].map((name) => ({ start: name.index, end: name.index + name[0].length }))
  const isUrl = URL_BEFORE.test(before)
  const odd = isUrl ? names : names.filter(({ start, end }) => !NUMBERED.test(run.slice(start, end)))
  const joined = odd.map(({ start, end }) => run.slice(start, end)).join('/')
  // Base64 has a / now and then, every 64 letters: its pieces are random together.
  const together = isUrl || run.length >= names.length * LONG_NAME || changes(joined) >= CERTAIN
  return together && looksRandom(joined) ? [whole] : odd
}
