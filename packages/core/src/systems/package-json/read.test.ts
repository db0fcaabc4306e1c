import { describe, expect, test } from 'vitest'
import { goldenFile, readFolder, showEvidence } from '../../../test/reader.ts'
import { packageJson } from './index.ts'
import { effortOf, filler } from '../../../test/effort.ts'

const golden = `${import.meta.dirname}/golden/scripts.txt`
const cases = await goldenFile(golden, async (files) => (await readFolder(packageJson, files)).evidence.map(showEvidence).join('\n'))

describe('P8 · scripts of package.json', () => {
  for (const { title, expected, actual } of cases) test(title, () => expect(actual).toBe(expected))
})

describe('hostile package.json files', () => {
  const SIZE = 1 << 20
  const fill = filler(SIZE)
  test.each([
    ['a long script', `{"scripts": {"a": "${fill('node x.js && ')}"}}`],
    ['a long escaped script', `{"scripts": {"a": "${fill('\\u0061')}"}}`],
    ['many scripts', `{"scripts": {${Array.from({ length: SIZE / 32 }, (_, index) => `"s${index}": "node x.js"`).join(',')}}}`],
    [
      'scripts that call the next twice',
      `{"scripts": {${Array.from({ length: 200 }, (_, index) => `"s${index}": "npm run s${index + 1}; npm run s${index + 1}"`).join(',')}}}`,
    ],
    ['open braces', `{"scripts": ${fill('{"a":')}`],
    ['open brackets', `{"scripts": ${fill('[')}`],
  ])(
    '%s, a megabyte of it',
    async (_, text) =>
      expect(
        await effortOf(() =>
          readFolder(
            packageJson,
            new Map([
              ['package.json', text],
              ['x.js', ''],
            ]),
          ),
        ),
      ).toBeLessThan(15_000),
    60_000,
  )
})
