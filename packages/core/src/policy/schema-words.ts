import * as z from 'zod/mini'
import { choice, type Keys, type Meaning, MEANINGS } from './meaning.ts'
import { isDay } from './days.ts'
import { code, found, oneOf, quoted } from './found.ts'
import { PORT_TEXT, readPorts } from './ports.ts'
import { RULE_NAMES } from './rule-names.ts'
import { suggest } from './suggest.ts'

/** Names begin with a letter and hold no dot or colon: none can be taken for an address, a port or a host name. */
const NAMES: Keys = {
  pattern: /^[A-Za-z][A-Za-z0-9_-]{0,62}$/,
  kind: 'a name',
  rule: 'a name begins with a letter and goes on with letters, digits, - and _ (at most 63 characters)',
}

/** Amazon S3 User Guide, "Bucket naming rules". */
export const BUCKET_NAMES: Keys = {
  pattern: /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
  kind: 'a name for a bucket',
  rule: 'a bucket name has 3 to 63 lower-case letters, digits, dots and hyphens',
}

export const PATTERNS = {
  line: /^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]+$/,
  /** What `line` has none of. */
  control: /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/,
  /** RFC 1123 §2.1; a `*` may stand for the first label (RFC 6125 §6.4.3), and the last label is not all digits, or it would be an address. */
  domain: /^(?:\*\.)?(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]$/,
  /** RFC 6454 §6.2: scheme, host and port, in lower case, and nothing after. */
  origin: /^[a-z][a-z0-9+.-]*:\/\/(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::[1-9][0-9]{0,4})?$/,
  path: /^\/[^\s?#]*$/,
  limit: /^[1-9][0-9]{0,8}r\/[sm]$/,
  date: /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/,
  /** Longer than any path that a pattern is for. */
  glob: /^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]{1,1024}$/,
}

export const ROUTE_PATHS: Keys = {
  pattern: PATTERNS.path,
  kind: 'a path',
  rule: 'a route is a path that begins with /, without ? and #',
}

/** A mapping whose keys the user chooses. */
export function record<S extends z.core.$ZodType>(
  schema: S,
  description: string,
  example: string,
  names: Keys = NAMES,
): z.ZodMiniRecord<z.ZodMiniString, S> {
  const meaning: Meaning = { description, example, names, expects: 'a mapping' }
  return z.record(z.string().check(z.regex(names.pattern)), schema).register(MEANINGS, meaning)
}

/** A line of text that is not empty, of a stricter form where one is given. What may end up in a rendered configuration has no line breaks. */
export function text(description: string, example: string, pattern: RegExp = PATTERNS.line, meaning: Meaning = {}): z.ZodMiniString {
  return z
    .string()
    .check(z.regex(pattern))
    .register(MEANINGS, { description, example, expects: 'text', ...meaning })
}

/** Text for people, of any number of lines. */
export function prose(description: string, example: string): z.ZodMiniString {
  return z.string().check(z.minLength(1)).register(MEANINGS, { description, example, expects: 'text' })
}

/** One of some words. */
export function words<const W extends readonly string[]>(allowed: W, description: string, byDefault?: W[number]): Words<W> {
  const meaning = { description, expects: oneOf(allowed), ...(byDefault === undefined ? {} : { default: byDefault }) }
  return z.enum<W>(allowed).register(MEANINGS, meaning)
}

type Words<W extends readonly string[]> = z.ZodMiniEnum<z.core.util.ToEnum<W[number]>>

export function oneOrMany<S extends z.core.$ZodType>(schema: S): z.ZodMiniUnion<readonly [S, z.ZodMiniArray<S>]> {
  return z.union([schema, z.array(schema).check(z.minLength(1))])
}

export function mapping<S extends z.core.$ZodLooseShape>(shape: S, meaning: Meaning): z.ZodMiniObject<S, z.core.$strict> {
  const schema = z.strictObject(shape)
  const chooses = meaning.exactlyOneOf !== undefined || meaning.atLeastOneOf !== undefined
  return (chooses ? schema.check(z.refine((value) => choice(meaning, value).right)) : schema).register(MEANINGS, meaning)
}

/** One or more service names. */
export function named(description: string, example: string): z.ZodMiniUnion<readonly [z.ZodMiniString, z.ZodMiniArray<z.ZodMiniString>]> {
  const expects = 'one or more names of services'
  return oneOrMany(text('The name of a service.', example)).register(MEANINGS, { description, example, expects })
}

export function port(): z.ZodMiniUnion<readonly [z.ZodMiniNumber, z.ZodMiniString]> {
  const number = z.int().check(z.minimum(1), z.maximum(65535))
  return z.union([number, z.string().check(z.regex(PORT_TEXT))]).register(MEANINGS, {
    description: 'A port from 1 to 65535, or a range with both ends included: 8000-8010.',
    expects: 'a port (3000), a range (8000-8010) or a list of them',
    example: 'port: 3000',
    explain: (value) => {
      const read = readPorts(value)
      return 'code' in read ? read : undefined
    },
  })
}

export const ADDRESS = text('An address or a prefix.', 'admin: 203.0.113.7', undefined, {
  expects: 'an address (203.0.113.7) or a prefix (198.51.100.0/24)',
})

export const SOURCE = text(
  'A built-in source (loopback, host, private, internet), the name of a source, host or service, an address or a prefix.',
  'from: internet',
  undefined,
  {
    expects: 'a name or an address',
  },
)

/** An entry with a name that no rule has would never accept anything, and nobody would notice. */
export const RULE = z.enum(RULE_NAMES).register(MEANINGS, {
  description: 'The rule whose findings are accepted.',
  example: 'rule: private-reachable',
  expects: 'the name of a rule',
  explain: (value) => {
    if (typeof value !== 'string')
      return {
        code: 'wrong-type',
        message: `the name of a rule is text, found ${found(value)}`,
        hint: 'write it like `rule: private-reachable`',
      }
    const near = suggest(value, RULE_NAMES)
    const hint = near === undefined ? 'docs/rules.md lists them' : `did you mean ${code(near)}?`
    return { code: 'unknown-rule', message: `there is no rule ${quoted(value)}`, hint }
  },
})

/** The pattern is what the JSON Schema can say; what it lets through may still be no day. */
export const DATE = z
  .string()
  .check(
    z.regex(PATTERNS.date),
    z.refine((value) => isDay(value) || !PATTERNS.date.test(value)),
  )
  .register(MEANINGS, {
    description: 'The last day on which this is accepted (UTC), YYYY-MM-DD. Left out: until it is taken out.',
    example: 'until: 2030-01-31',
    expects: 'a day, written YYYY-MM-DD',
    explain: (value) => {
      const day = typeof value === 'string' ? JSON.stringify(value.slice(0, 20)) : 'this'
      const isWritten = typeof value === 'string' && PATTERNS.date.test(value)
      return {
        code: 'invalid-date',
        message: `${day} is not a day${isWritten ? ' of the calendar' : ''}`,
        hint: isWritten ? 'write the last day as YYYY-MM-DD' : 'write it as YYYY-MM-DD: `until: 2030-01-31`',
      }
    },
  })
