import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { DIAGNOSTIC_CODES } from './diagnostic.ts'
import { policyJsonSchema } from './json-schema.ts'
import { parsePolicy } from './parse.ts'

const MANUAL = readFileSync(fileURLToPath(new URL('../../../../docs/policy.md', import.meta.url)), 'utf8')

/** ```yaml begins a policy (`version: 1` goes without saying), ```yaml PATH a file that the policy before it includes. */
const blocks = [...MANUAL.matchAll(/^```yaml *(\S*)\n([^]*?)^```$/gm)].map(([, path = '', text = '']) => ({ path, text }))
const included = new Map(blocks.filter((block) => block.path !== '').map((block) => [block.path, block.text]))
const policies = blocks.filter((block) => block.path === '').map(({ text }) => (/^version:/m.test(text) ? text : `version: 1\n${text}`))

describe('docs/policy.md', () => {
  test.each(policies)('the example reads without a diagnostic: %s', (text) => {
    const files = new Map([['sallyport.yaml', text], ...included])
    const globs = new Map([['services/*/sallyport.yaml', [...included.keys()]]])
    const { environments } = parsePolicy({ files, globs, entry: 'sallyport.yaml' })
    for (const environment of environments.length === 0 ? [undefined] : environments) {
      const parsed = parsePolicy({ files, globs, entry: 'sallyport.yaml', environment })
      expect(parsed.diagnostics).toEqual([])
      expect(parsed.policy?.files.length).toBe(text.includes('include:') ? 1 + included.size : 1)
    }
  })

  test('has more than a dozen examples', () => {
    expect(policies.length).toBeGreaterThan(10)
  })

  test('tells every key of the schema, and no other', () => {
    const told = new Set([...MANUAL.matchAll(/^\| `([\w.]+)` \| /gm)].map(([, key = '']) => key.split('.').at(-1)))
    const known = new Set(propertiesOf(policyJsonSchema()))
    const others = new Set([...Object.keys(DIAGNOSTIC_CODES), 'loopback', 'host', 'private', 'internet', 'localhost'])
    expect([...known].filter((key) => !told.has(key))).toEqual([])
    expect([...told].filter((key) => key === undefined || !(known.has(key) || others.has(key)))).toEqual([])
  })

  test('shows every key of the schema in an example', () => {
    const examples = blocks.map((block) => block.text).join('\n')
    const unseen = propertiesOf(policyJsonSchema()).filter((key) => !new RegExp(`(^|[\\s{,])${key}:`, 'm').test(examples))
    // Named in the text: one edition and one instance are there to choose from.
    expect([...new Set(unseen)]).toEqual(['catalogue', 'instance'])
  })

  test('lists every diagnostic with its severity and meaning', () => {
    const section = MANUAL.slice(MANUAL.indexOf('## Diagnostics'))
    const listed = [...section.matchAll(/^\| `([a-z-]+)` \| (\w+) \| (.*) \|$/gm)].map(([, code, severity, title]) => ({
      code,
      severity,
      title,
    }))
    const known = Object.entries(DIAGNOSTIC_CODES).map(([code, { severity, title }]) => ({ code, severity, title }))
    expect(listed).toEqual(known.toSorted((a, b) => (a.code < b.code ? -1 : 1)))
  })
})

function propertiesOf(schema: unknown): readonly string[] {
  if (typeof schema !== 'object' || schema === null) return []
  return Object.entries(schema).flatMap(([key, value]) => [
    ...(key === 'properties' ? Object.keys(value as object) : []),
    ...propertiesOf(value),
  ])
}
