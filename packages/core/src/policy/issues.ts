import type * as z from 'zod/mini'
import type { Diagnostics, Problem } from './diagnostic.ts'
import { code, found, oneOf, quoted } from './found.ts'
import { besideEmpty, emptyAbove } from './layout.ts'
import { choice, expectedAt, type Meaning } from './meaning.ts'
import { type Path, type Place, type Places, type TreeMap, valueAt } from './places.ts'
import { PATTERNS } from './schema-words.ts'
import { suggest } from './suggest.ts'

type Issue = z.core.$ZodIssue

/** What a schema found wrong, at which path of the value. */
export interface Fault {
  readonly path: Path
  /** Also said of a key that should not be there: the path is the key's then. */
  readonly issue: Issue
}

/** The faults that lie behind an issue: for a choice of shapes, those of the shape that was most likely meant. */
export function faultsOf(issues: readonly Issue[], above: Path = []): readonly Fault[] {
  return issues.flatMap((issue) => {
    const path = [...above, ...issue.path.filter((step) => typeof step !== 'symbol')]
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => ({ path: [...path, key], issue }))
    if (issue.code !== 'invalid_union') return [{ path, issue }]
    const branch = issue.errors.toSorted((a, b) => misfit(a) - misfit(b))[0]
    return branch === undefined ? [{ path, issue }] : faultsOf(branch, path)
  })
}

const MISFIT = 2

/** 0: the value has this shape, and faults within; 1: the right type; `MISFIT`: another type altogether. */
function misfit(branch: readonly Issue[]): number {
  return Math.max(
    ...branch.map((issue) => {
      if (issue.path.length > 0 || issue.code === 'unrecognized_keys') return 0
      if (issue.code === 'invalid_union') return Math.min(...issue.errors.map(misfit), MISFIT)
      return issue.code === 'invalid_type' ? MISFIT : 1
    }),
  )
}

/** Reports what `schema` found wrong with `root`, each fault at its own place. */
export function reportFaults(
  faults: readonly Fault[],
  schema: z.core.$ZodType,
  root: TreeMap,
  places: Places,
  whole: Place,
  diagnostics: Diagnostics,
): void {
  for (const { path, issue } of faults) {
    if (diagnostics.overflowed) return
    const value = valueAt(root, path)
    const name = String(path.at(-1))
    const subject = subjectOf(path)
    const expected = expectedAt(schema, path)
    if (issue.code === 'unrecognized_keys') {
      const { keys } = expectedAt(schema, path.slice(0, -1))
      const place = places.key(root, path, whole)
      diagnostics.add(place, unknownKey(name, subjectOf(path.slice(0, -1)), keys, emptyAbove(place)))
    } else if (issue.code === 'invalid_key') {
      const { names } = expectedAt(schema, path.slice(0, -1)).meaning
      const message = `${quoted(name)} is not ${names?.kind ?? 'a name'}`
      diagnostics.add(places.key(root, path, whole), { code: 'invalid-name', message, hint: names?.rule ?? 'choose another name' })
    } else if (value === undefined) {
      const message = `${subjectOf(path.slice(0, -1))} has no ${code(name)}`
      const { example, expects = 'a value' } = expected.meaning
      const hint = example === undefined ? `add ${code(name)}: ${expects}` : `add ${code(example)}`
      diagnostics.add(places.key(root, path, whole), { code: 'missing-key', message, hint })
    } else {
      const place = places.at(root, path, whole)
      const problem = problemOf(issue, value, subject, expected.meaning)
      const beside = value === null ? besideEmpty(place) : undefined
      const isMisplaced = beside !== undefined && !expectedAt(schema, path.slice(0, -1)).keys.includes(beside.key)
      const hint = `give it a value, or take the key out; ${beside?.text ?? ''} stands beside it: indent deeper what belongs to ${code(name)}`
      diagnostics.add(place, isMisplaced ? { ...problem, hint } : problem)
    }
  }
}

/** `empty`: the key without a value right above it. */
function unknownKey(name: string, subject: string, keys: readonly string[], empty: string | undefined): Problem {
  const near = suggest(name, keys)
  const message = `${subject} has no key ${quoted(name)}`
  if (near === undefined && empty !== undefined) return { code: 'unknown-key', message, hint: `indent it deeper if it belongs to ${empty}` }
  const hint = near === undefined ? `the keys here are ${keys.join(', ')}; keys of your own begin with x-` : `did you mean ${code(near)}?`
  return { code: 'unknown-key', message, hint }
}

function problemOf(issue: Issue, value: unknown, subject: string, meaning: Meaning): Problem {
  const example = meaning.example === undefined ? 'see docs/policy.md' : `write it like ${code(meaning.example)}`
  if (issue.code === 'custom' && meaning.explain === undefined) {
    const { given } = choice(meaning, value as object)
    const all = meaning.exactlyOneOf ?? meaning.atLeastOneOf ?? []
    if (meaning.exactlyOneOf === undefined)
      return { code: 'at-least-one', message: `${subject} has none of ${all.join(', ')}`, hint: example }
    const message =
      given.length === 0 ? `${subject} has none of ${all.join(', ')}` : `${subject} has ${given.join(' and ')}, which exclude each other`
    return { code: 'exactly-one', message, hint: `keep one of ${oneOf(all)}` }
  }
  const explained = meaning.explain?.(value)
  if (explained !== undefined && value !== null) return explained
  const control = controlIn(value)
  if (control !== undefined && issue.code === 'invalid_format') {
    const message = `${subject}: expected ${meaning.expects ?? 'text'} on one line, found ${control.name} in ${found(value)}`
    return { code: 'invalid-value', message, hint: `take it out: it is character ${control.at} of the text` }
  }
  const message = `${subject}: expected ${meaning.expects ?? expectedType(issue)}, found ${found(value)}`
  if (issue.code === 'invalid_value') {
    if (issue.values.includes(1))
      return { code: 'unsupported-version', message, hint: 'write 1, or use the Sallyport that the file was written for' }
    return { code: 'invalid-value', message, hint: valueHint(value, issue.values.map(String)) }
  }
  if (issue.code === 'too_small' && Array.isArray(value))
    return { code: 'invalid-value', message, hint: 'write at least one entry, or leave the key out' }
  if (issue.code !== 'invalid_type' && issue.code !== 'invalid_union') return { code: 'invalid-value', message, hint: example }
  return {
    code: 'wrong-type',
    message,
    hint: value === null ? 'give it a value, or take the key out' : (quotingHint(meaning, value) ?? example),
  }
}

/** What people call those that files have by mistake. */
const CONTROLS: ReadonlyMap<number, string> = new Map([
  [0x09, 'a tab'],
  [0x0a, 'a line feed'],
  [0x0d, 'a carriage return'],
  [0x1b, 'an escape'],
  [0x85, 'a next-line character'],
  [0x2028, 'a line separator'],
  [0x2029, 'a paragraph separator'],
])

/** The first character that does not belong in a line, and which it is, counted from 1 in UTF-16 code units. */
function controlIn(value: unknown): { readonly name: string; readonly at: number } | undefined {
  if (typeof value !== 'string') return undefined
  const at = value.search(PATTERNS.control)
  if (at < 0) return undefined
  const point = value.charCodeAt(at)
  const name = `U+${point.toString(16).toUpperCase().padStart(4, '0')}`
  const known = CONTROLS.get(point)
  return { name: known === undefined ? `the control character ${name}` : `${known} (${name})`, at: at + 1 }
}

function valueHint(value: unknown, allowed: readonly string[]): string {
  const near = typeof value === 'string' ? suggest(value, allowed) : undefined
  return near === undefined ? `write ${oneOf(allowed)}` : `did you mean ${code(near)}?`
}

function quotingHint(meaning: Meaning, value: unknown): string | undefined {
  const scalar = typeof value === 'number' || typeof value === 'boolean'
  return scalar && meaning.expects === 'text' ? `put quotes around it: "${value}"` : undefined
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
}

function expectedType(issue: Issue): string {
  return issue.code === 'invalid_type' ? (TYPES[issue.expected] ?? issue.expected) : 'another value'
}

/** `services.app.port`, also where an overlay says it: the place tells which. Positions in lists are left to the place too. */
function subjectOf(path: Path): string {
  const keys = (path[0] === 'environments' && path.length > 2 ? path.slice(2) : path).filter((step) => typeof step === 'string')
  if (keys.length === 0) return 'the policy'
  return typeof path.at(-1) === 'number' ? `an entry of ${keys.join('.')}` : keys.join('.')
}
