declare const shown: unique symbol

/** Text that may be put before a person's eyes: made by `show` only, so that no secret and no control character passes. */
export type Shown = string & { readonly [shown]: true }

/** The longest text shown of any one line, in UTF-16 code units. */
export const SHOWN_LENGTH = 200

const REDACTED = '[redacted]'

/** A name that says its value is a secret. `KEY` alone is too common (`key=`, `primary_key`), so it must follow a word that makes it a credential. */
export const SECRET_NAME =
  /(?:PASS(?:WORD|WD|PHRASE)?|SECRET|TOKEN|CREDENTIALS?|(?:API|ACCESS|PRIVATE|SIGNING|ENCRYPTION|INTERNAL|AUTH|SESSION|MASTER|SERVICE|ACCOUNT)[_-]?KEY|COOKIE|DSN|CONNECTION[_-]?STRING|(?:DATABASE|REDIS|MONGO(?:DB)?|AMQP|POSTGRES)[_-]?UR[IL])/i

/** NAME=value, name: value, "name": "value", --name value — where NAME is secret. The value runs to its closing quote or the next blank. */
const ASSIGNMENT = new RegExp(
  String.raw`(["'\`]?[\w.-]{0,64}${SECRET_NAME.source}[\w.-]{0,64}["'\`]?\s{0,8}(?:[=:]|\s(?=\S))\s{0,8})("[^"]*"?|'[^']*'?|\`[^\`]*\`?|[^\s,;}\])]+)`,
  'gi',
)

/** user:password@ in any URL. */
const URL_CREDENTIALS = /([a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/@'"`]{1,256}@/gi

/** Credentials that are known by their own shape, whatever they are called. */
const KNOWN_SHAPES: readonly RegExp[] = [
  /\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?/g, // JSON Web Token (RFC 7519)
  /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g, // AWS access key id
  /\bgh[pousr]_[A-Za-z0-9]{20,}/g, // GitHub
  /\bsk-[A-Za-z0-9_-]{16,}/g, // OpenAI and its like
  /\bSG\.[\w-]{16,}\.[\w-]{16,}/g, // SendGrid
  /\bxox[abprs]-[A-Za-z0-9-]{10,}/g, // Slack
  /\bAIza[\w-]{30,}/g, // Google
  /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[^]*/g,
  /\b(?:Bearer|Basic)\s+[\w.~+/-]{8,}=*/gi,
]

/** A long run that looks random (letters of both cases and digits, or long hexadecimal) is taken for a secret: hiding too much harms less than showing one. */
const LONG_RUN = /[A-Za-z0-9+/_=-]{32,}/g
const ALL_HEX = /^[0-9a-f]+$/i

function looksRandom(run: string): boolean {
  if (ALL_HEX.test(run) && /[0-9]/.test(run)) return true
  return /[a-z]/.test(run) && /[A-Z]/.test(run) && /[0-9]/.test(run) && !run.includes('/')
}

/**
 * The one door through which text of the deployment reaches a report: secrets replaced by `[redacted]`, control and
 * bidirectional characters (which could forge lines or hide text, CVE-2021-42574) written as `\u{…}`, cut to `SHOWN_LENGTH`.
 */
export function show(text: string, limit: number = SHOWN_LENGTH): Shown {
  // Cut before the patterns run as well, so that a hostile line costs no more than a short one; a secret half cut off is still matched by its start.
  const head = text.length > limit * 4 ? text.slice(0, limit * 4) : text
  let safe = head.replace(URL_CREDENTIALS, `$1${REDACTED}@`)
  for (const shape of KNOWN_SHAPES) safe = safe.replace(shape, REDACTED)
  safe = safe.replace(ASSIGNMENT, `$1${REDACTED}`)
  safe = safe.replace(LONG_RUN, (run) => (looksRandom(run) ? REDACTED : run))
  safe = safe.replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g, (character) =>
    character === '\t' ? ' ' : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  )
  return (safe.length > limit ? `${safe.slice(0, limit - 1)}…` : safe) as Shown
}
