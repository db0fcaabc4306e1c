import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Ajv } from 'ajv'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { Text } from '../evidence/index.ts'
import { Diagnostics } from './diagnostic.ts'
import { readDocument } from './document.ts'
import { policyJsonSchema } from './json-schema.ts'
import { Places } from './places.ts'
import { fileSchema } from './schema.ts'

const PUBLISHED = fileURLToPath(new URL('../../../../docs/schema/policy.schema.json', import.meta.url))
const GOLDEN = fileURLToPath(new URL('golden/', import.meta.url))

const accepts = new Ajv({ strict: true, allowUnionTypes: true, allowMatchingProperties: true, strictRequired: false }).compile(
  policyJsonSchema(),
)

/** What the parser makes of the form of a file, given as JSON, which is YAML. */
function parserAccepts(value: unknown): boolean {
  const diagnostics = new Diagnostics()
  const tree = readDocument(new Text('a.yaml', JSON.stringify(value)), new Places(), diagnostics, { values: 10_000 })
  return tree !== undefined && !diagnostics.hasErrors && fileSchema.safeParse(tree).success
}

/** Every file of the golden cases that is YAML, and whether the whole case has a policy. */
const corpus = readdirSync(GOLDEN).flatMap((name) => {
  const [input = '', output = ''] = readFileSync(`${GOLDEN}${name}`, 'utf8').split('\n----\n')
  if (/^(yaml-|include-broken)/.test(name) || output.includes('key-not-text')) return []
  const valid = !/ error [a-z-]+$/m.test(output)
  return input
    .split(/^# file: .*\n/m)
    .map((file, index) => ({ name: `${name} ${index}`, value: parse(file, { merge: true }) as unknown, valid }))
})

test('docs/schema/policy.schema.json is what the code generates (`vitest run -u` writes it)', async () => {
  await expect(`${JSON.stringify(policyJsonSchema(), undefined, 2)}\n`).toMatchFileSnapshot(PUBLISHED)
})

test('every key of the schema is described', () => {
  const bare: string[] = []
  const walk = (schema: unknown, path: string): void => {
    if (typeof schema !== 'object' || schema === null) return
    for (const [key, value] of Object.entries(schema)) {
      if (key === 'properties') {
        for (const [name, property] of Object.entries(value as Record<string, { description?: string }>)) {
          if (property.description === undefined) bare.push(`${path}/${name}`)
        }
      }
      walk(value, `${path}/${key}`)
    }
  }
  walk(policyJsonSchema(), '')
  expect(bare).toEqual([])
})

describe('the published schema and the parser agree', () => {
  test.each(corpus.filter((file) => file.valid))('valid: $name', ({ value }) => {
    expect(accepts(value), JSON.stringify(accepts.errors)).toBe(true)
  })

  test.each(corpus.filter((file) => !file.valid))('$name', ({ value }) => {
    expect(accepts(value)).toBe(parserAccepts(value))
  })

  test('at least fifteen golden cases are refused for their form', () => {
    expect(corpus.filter((file) => !accepts(file.value)).length).toBeGreaterThanOrEqual(15)
  })

  test('on policies changed at random', () => {
    const valid = corpus.filter((file) => file.valid).map((file) => file.value)
    const change = fc.record({
      at: fc.nat(),
      how: fc.constantFrom('replace', 'remove', 'rename', 'add'),
      value: fc.oneof(SCALARS, fc.jsonValue({ maxDepth: 2 })),
    })
    const refused = { yes: 0, no: 0 }
    fc.assert(
      fc.property(fc.constantFrom(...valid), fc.array(change, { minLength: 1, maxLength: 2 }), (policy, changes) => {
        const value = structuredClone(policy)
        for (const each of changes) apply(value, structuredClone(each))
        const answer = accepts(value)
        refused[answer ? 'no' : 'yes']++
        expect(parserAccepts(value), JSON.stringify({ value, errors: accepts.errors })).toBe(answer)
      }),
      { numRuns: 3000 },
    )
    // Neither side may win by always saying the same.
    expect(Math.min(refused.yes, refused.no)).toBeGreaterThan(100)
  })
})

const SCALARS = fc.constantFrom<unknown>(
  'app',
  'internet',
  '80-90',
  80,
  0,
  65536,
  1,
  true,
  null,
  '',
  [],
  {},
  ['app'],
  '2030-01-31',
  'letsencrypt',
  '/',
  'example.com',
  '10r/s',
  'tcp',
)

/** Changes the entry that stands `at`-th in the walk of all entries. */
function apply(root: unknown, change: { readonly at: number; readonly how: string; readonly value: unknown }): void {
  const entries: { readonly holder: Record<string, unknown>; readonly key: string }[] = []
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    for (const key of Object.keys(value)) {
      entries.push({ holder: value as Record<string, unknown>, key })
      walk((value as Record<string, unknown>)[key])
    }
  }
  walk(root)
  const entry = entries[change.at % Math.max(1, entries.length)]
  if (entry === undefined) return
  const { holder, key } = entry
  if (change.how === 'replace') holder[key] = change.value
  else if (Array.isArray(holder)) holder.push(change.value)
  else if (change.how === 'add') holder[typeof change.value === 'string' ? `a${change.value}` : 'from'] = change.value
  else {
    if (change.how === 'rename') holder[`${key}s`] = holder[key]
    delete holder[key]
  }
}
