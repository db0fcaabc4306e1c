import { expect, test } from 'vitest'
import { type ParsedPolicy, parsePolicy } from './parse.ts'
import { effort } from '../../test/effort.ts'

function parseText(text: string): ParsedPolicy & { readonly milliseconds: number } {
  const start = effort()
  const parsed = parsePolicy({ files: new Map([['a.yaml', text]]), entry: 'a.yaml' })
  return { ...parsed, milliseconds: effort() - start }
}

const codes = (parsed: ParsedPolicy): readonly string[] => [...new Set(parsed.diagnostics.map((diagnostic) => diagnostic.code))]
const many = (count: number, line: (index: number) => string): string => Array.from({ length: count }, (_, index) => line(index)).join('')

/** Far more than any of them takes on a busy machine, and far less than quadratic time would. */
const PATIENCE = 5000

/** `yaml` on its own ends the whole process on some of these. */
const HOSTILE: readonly (readonly [string, string, readonly string[]])[] = [
  ['a large file', `version: 1\n#${'x'.repeat(256 * 1024)}`, ['too-large']],
  ['flow lists nested', '['.repeat(100_000), ['too-large']],
  ['flow lists nested and closed', `a: ${'['.repeat(50_000)}${']'.repeat(50_000)}`, ['too-large']],
  ['flow mappings nested', '{a: '.repeat(25_000), ['too-large']],
  ['block lists nested', `${'- '.repeat(50_000)}a`, ['too-large']],
  ['explicit keys nested', `${'? '.repeat(50_000)}a`, ['too-large']],
  ['blocks nested', many(400, (index) => `${' '.repeat(index)}a:\n`), ['too-large']],
  [
    'aliases that multiply',
    `x-0: &a0 [a, a]\n${many(30, (index) => `x-${index + 1}: &a${index + 1} [*a${index}, *a${index}]\n`)}version: 1\nname: *a30\n`,
    ['too-large'],
  ],
  [
    'aliases that lead deep',
    `x-0: &a0 []\n${many(100, (index) => `x-${index + 1}: &a${index + 1} [*a${index}]\n`)}version: 1\nname: *a100\n`,
    ['too-large'],
  ],
  [
    'merges that multiply',
    `x-0: &a0 {a: b}\n${many(30, (index) => `x-${index + 1}: &a${index + 1} { <<: [*a${index}, *a${index}] }\n`)}version: 1\nhosts: *a30\n`,
    ['too-large'],
  ],
  ['one alias often', `x-a: &a {b: c}\nversion: 1\ntests: [${'*a, '.repeat(30_000)}]`, ['too-large']],
  ['many keys', `version: 1\n${many(20_000, (index) => `k${index}: 1\n`)}`, ['too-large']],
  ['many unknown keys', `version: 1\n${many(5000, (index) => `k${index}: 1\n`)}`, ['unknown-key', 'too-many-problems']],
  ['one key often', `version: 1\n${'a: 1\n'.repeat(5000)}`, ['duplicate-key', 'too-many-problems']],
  [
    'many unknown names',
    `version: 1\nservices:\n${many(2500, (index) => `  s${index}: { port: 1, from: t${index}, run: { compose: s } }\n`)}`,
    ['unknown-name', 'too-many-problems'],
  ],
  [
    'many conflicts',
    `version: 1\nservices:\n${many(4000, (index) => `  s${index}: { port: 1-65535 }\n`)}`,
    ['port-conflict', 'too-many-problems'],
  ],
  [
    'a long chain of routes',
    `version: 1\nservices:\n${many(3000, (index) => `  s${index}: { port: ${index + 1}, routes: { /: s${(index + 1) % 3000} } }\n`)}`,
    ['route-loop'],
  ],
  ['many environments', `version: 1\nenvironments:\n${many(30, (index) => `  e${index}:\n`)}`, ['environment-required', 'too-large']],
  ['many errors', 'a: "b" c\n'.repeat(20_000), ['yaml-syntax', 'too-many-problems']],
  ['many tabs', `a:\n${'\tb: 1\n'.repeat(20_000)}`, ['yaml-tab', 'too-many-problems']],
  ['many documents', '---\n'.repeat(20_000), ['yaml-syntax']],
  ['binary', Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 7919) % 256)).toString('latin1'), ['control-character']],
  ['UTF-16 read as UTF-8', Buffer.from('version: 1\n', 'utf16le').toString('utf8'), ['control-character']],
]

test.each(HOSTILE)('%s', (_name, text, expected) => {
  const parsed = parseText(text)
  expect(parsed.policy).toBeUndefined()
  for (const code of expected) expect(codes(parsed)).toContain(code)
  expect(parsed.diagnostics.length).toBeLessThanOrEqual(501)
  expect(parsed.milliseconds).toBeLessThan(PATIENCE)
})

test('a thousand services are no problem', () => {
  const text = `version: 1\nsources: { admin: 203.0.113.7 }\nservices:\n${many(1000, (index) => `  s${index}: { port: ${index + 1}, from: [admin, private], http: { health: /health }, run: { pm2: s${index} } }\n`)}`
  const parsed = parseText(text)
  expect(parsed.diagnostics).toEqual([])
  expect(parsed.policy?.services.size).toBe(1000)
  expect(parsed.milliseconds).toBeLessThan(PATIENCE)
})

test('names that mean something to JavaScript are names', () => {
  const services = ['constructor', 'toString', 'hasOwnProperty', 'prototype']
    .map((name, index) => `  ${name}: { port: ${index + 1} }\n`)
    .join('')
  const parsed = parseText(`version: 1\nservices:\n${services}  user: { port: 99, from: [constructor, toString] }\n`)
  expect(parsed.diagnostics).toEqual([])
  expect([...(parsed.policy?.services.keys() ?? [])]).toEqual(['constructor', 'toString', 'hasOwnProperty', 'prototype', 'user'])
  expect(codes(parseText('version: 1\nservices: { __proto__: { port: 1 } }\n__proto__: 2\n'))).toEqual(['invalid-name'])
  expect(codes(parseText('version: 1\nservices: { app: { port: 1, from: [valueOf, __proto__] } }\n'))).toEqual(['unknown-name'])
})

test('files without end are not read without end', () => {
  const files = new Map([['a.yaml', `version: 1\ninclude: [${many(600, (index) => `f${index}.yaml, `)}]`]])
  for (let index = 0; index < 600; index++) files.set(`f${index}.yaml`, 'version: 1\n')
  expect(codes(parsePolicy({ files, entry: 'a.yaml' }))).toEqual(['too-large'])
})

test('a path of the entry is kept, and included files lie beside it', () => {
  const files = new Map([
    ['/etc/sallyport/main.yaml', 'version: 1\ninclude: [more/a.yaml, ../x.yaml]\n'],
    ['/etc/sallyport/more/a.yaml', 'version: 1\ninclude: ../b.yaml\n'],
  ])
  const parsed = parsePolicy({ files, entry: '/etc/sallyport/main.yaml' })
  expect(parsed.needs).toEqual(['/etc/sallyport/b.yaml'])
  expect(codes(parsed)).toEqual(['include-outside', 'file-missing'])
})

test('an entry that is not there is asked for', () => {
  const parsed = parsePolicy({ files: new Map(), entry: 'sallyport.yaml' })
  expect(parsed).toMatchObject({ needs: ['sallyport.yaml'], environments: [] })
  expect(codes(parsed)).toEqual(['file-missing'])
})
