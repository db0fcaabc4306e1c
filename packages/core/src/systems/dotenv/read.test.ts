import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { goldenFile, readFolder, showEvidence } from '../../../test/reader.ts'
import { Text } from '../../evidence/index.ts'
import { dotenv } from './index.ts'
import { isPlaceholder } from './placeholder.ts'
import { readEnvironmentFile } from './values.ts'
import { effortOf, filler } from '../../../test/effort.ts'

const golden = `${import.meta.dirname}/golden/files.txt`
const cases = await goldenFile(golden, async (files) => (await readFolder(dotenv, files)).evidence.map(showEvidence).join('\n'))

describe('.env files', () => {
  for (const { title, expected, actual } of cases) test(title, () => expect(actual).toBe(expected))

  test('C5 · no secret is in what is kept', async () => {
    const { evidence } = await readFolder(
      dotenv,
      new Map([
        [
          '.env',
          'JWT_SECRET=canary\nDATABASE_URL=postgres://u:canary@h/d\nX=amqp://u:canary@h\nAPI_KEY="canary\nmore"\nPASSWORD=$A-canary\n',
        ],
      ]),
    )
    expect(JSON.stringify(evidence, (_, value: unknown) => (value instanceof Map ? [...value] : value))).not.toContain('canary')
    expect(evidence.filter(({ claim }) => claim.claim === 'variable')).toHaveLength(5)
  })

  test.each([
    'your_key',
    'YOUR-SECRET-HERE',
    'changeme',
    'change-me-please',
    '<secret>',
    'xxxx',
    'sk-xxxxxxxx',
    'replace_me',
    '{{ secret }}',
    'postgres://user:your_password@db/x',
    'secret',
    'put-your-key-here',
  ])('M16 · a placeholder: %s', (text) => {
    expect(isPlaceholder(text)).toBe(true)
  })

  test.each(['', '9f8e7d6c5b4a', 'correct horse battery staple', 'yourself-included-9f8e', 'hunter2', 'Xk3-exchange-meter'])(
    'M16 · no placeholder: %s',
    (text) => {
      expect(isPlaceholder(text)).toBe(false)
    },
  )
})

/** What a POSIX shell makes of the same line, for values that all readers of such files agree on. */
function shell(lines: string): Record<string, string> {
  const output = execFileSync('sh', ['-c', `${lines}\nprintf '%s\\0' "$A" "$B" "$C"`], { encoding: 'utf8', env: {} })
  const [a = '', b = '', c = ''] = output.split('\0')
  return { A: a, B: b, C: c }
}

const plain = fc.stringMatching(/^[a-zA-Z0-9_./:@%+,=-]{0,12}$/)
const value = fc.oneof(
  plain,
  plain.map((text) => `"${text}"`),
  fc.stringMatching(/^[a-z #$;&|"]{0,10}$/).map((text) => `'${text}'`),
  fc.constantFrom('"${A}"', '${A}', '"${B:-x y}"', '"${NONE:-d}"', '"${A:+w}"', '"${NONE:+w}"', '"$A-$B"'),
)

test('values without escapes are what a shell makes of them', () => {
  fc.assert(
    fc.property(value, value, value, (a, b, c) => {
      const lines = `A=${a}\nB=${b}\nC=${c}`
      const ours = readEnvironmentFile(new Text('.env', lines), 'compose').variables
      const values = Object.fromEntries(['A', 'B', 'C'].map((name) => [name, ours.get(name)?.value]))
      const told = shell(lines)
      for (const [name, given] of Object.entries(values)) {
        // What is not set in the file is empty to the shell here.
        if (given?.kind === 'known') expect({ lines, name, value: String(given.value) }).toEqual({ lines, name, value: told[name] })
      }
    }),
    { numRuns: 300, seed: 20260102 },
  )
}, 120_000)

describe('hostile .env files', () => {
  const SIZE = 1 << 20
  const fill = filler(SIZE)
  test.each([
    ['a long line', `A=${fill('a')}`],
    ['a long quoted value', `A="${fill('a\n')}"`],
    ['quotes that are not closed', fill('A="x\n')],
    ['escaped quotes', fill('A="\\"\n')],
    ['open variables', `A=${fill('${A:-')}`],
    ['dollars', `A=${fill('$')}`],
    ['names', Array.from({ length: SIZE / 10 }, (_, index) => `A${index}=1\n`).join('')],
    ['doubling values', Array.from({ length: SIZE / 20 }, (_, index) => `A${index + 1}=$A${index}$A${index}\n`).join('')],
    ['origins', `CORS_ORIGINS=${fill('http://a,')}`],
    ['exports', fill('export ')],
    ['hashes', fill('A=#')],
    ['blanks', `A=${fill(' ')}x`],
    ['carriage returns', fill('\r')],
  ])(
    '%s, a megabyte of it',
    async (_, text) => expect(await effortOf(() => readFolder(dotenv, new Map([['.env', text]])))).toBeLessThan(10_000),
    60_000,
  )
})
