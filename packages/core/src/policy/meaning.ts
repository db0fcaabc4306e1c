import * as z from 'zod/mini'
import type { Problem } from './diagnostic.ts'

/** What a schema does not say by itself: words for people, and rules on which keys go together. */
export interface Meaning {
  /** For the JSON Schema, so for the reader's editor. */
  readonly description?: string
  /** What the resolver puts in where the key is left out; for the JSON Schema. */
  readonly default?: string | number | boolean
  /** Completes "expected …". */
  readonly expects?: string
  /** A line of YAML that would be right. */
  readonly example?: string
  /** Finds the exact problem of a value that the schema refuses. */
  readonly explain?: (value: unknown) => Problem | undefined
  /** What the keys of the mapping must be, where the user chooses them. */
  readonly names?: Keys
  readonly exactlyOneOf?: readonly string[]
  readonly atLeastOneOf?: readonly string[]
}

/** `kind` completes "is not …"; `rule` says what would be. */
export interface Keys {
  readonly pattern: RegExp
  readonly kind: string
  readonly rule: string
}

/** What each schema means; kept beside the schemas, so that one place makes the checks, the messages and the JSON Schema. */
export const MEANINGS = z.registry<Meaning>()

/** The keys of `meaning.exactlyOneOf` or `.atLeastOneOf` that a mapping has, and whether they are as many as they should be. */
export function choice(meaning: Meaning, value: object): { readonly given: readonly string[]; readonly right: boolean } {
  const given = (meaning.exactlyOneOf ?? meaning.atLeastOneOf ?? []).filter((key) => Object.hasOwn(value, key))
  return { given, right: meaning.exactlyOneOf === undefined ? given.length > 0 : given.length === 1 }
}

type Inner = z.core.$ZodType

/** The schemas that may hold for the entry `key` of a value of `schema`: several where the schema leaves a choice. */
function entry(schema: Inner, key: string | number): readonly Inner[] {
  const { def } = (schema as z.core.$ZodTypes)._zod
  switch (def.type) {
    case 'optional':
    case 'nullable':
      return entry(def.innerType, key)
    case 'union':
      return def.options.flatMap((option) => entry(option, key))
    case 'object': {
      const found = Object.hasOwn(def.shape, key) ? def.shape[key] : undefined
      return found === undefined ? [] : [found]
    }
    case 'record':
      return typeof key === 'string' ? [def.valueType] : []
    case 'array':
      return typeof key === 'number' ? [def.element] : []
    default:
      return []
  }
}

/** The keys that a mapping of `schema` may have. */
function keysOf(schema: Inner): readonly string[] {
  const { def } = (schema as z.core.$ZodTypes)._zod
  switch (def.type) {
    case 'optional':
    case 'nullable':
      return keysOf(def.innerType)
    case 'union':
      return def.options.flatMap(keysOf)
    case 'object':
      return Object.keys(def.shape)
    default:
      return []
  }
}

function meaningOf(schema: Inner): Meaning | undefined {
  // The registry gives the type back with `undefined` written into every optional field.
  const own = MEANINGS.get(schema) as Meaning | undefined
  const { def } = (schema as z.core.$ZodTypes)._zod
  if (def.type === 'optional' || def.type === 'nullable') return own ?? meaningOf(def.innerType)
  if (def.type !== 'union') return own
  // One thing or a list of them: what the thing means holds for the whole as well.
  const single = def.options.map(meaningOf).find((option) => option !== undefined)
  return own === undefined || single?.explain === undefined ? (own ?? single) : { explain: single.explain, ...own }
}

/** What is expected at `path` of a value of `schema`: the meaning nearest to it, and the keys that may stand there. */
export function expectedAt(schema: Inner, path: readonly PropertyKey[]): { readonly meaning: Meaning; readonly keys: readonly string[] } {
  let schemas: readonly Inner[] = [schema]
  let meaning: Meaning = {}
  for (const key of path) {
    if (typeof key === 'symbol') break
    schemas = schemas.flatMap((option) => entry(option, key))
    meaning = schemas.map(meaningOf).find((found) => found !== undefined) ?? (typeof key === 'number' ? meaning : {})
  }
  return { meaning, keys: schemas.flatMap(keysOf) }
}
