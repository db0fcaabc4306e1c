import { describe, expect, test } from 'vitest'
import { goldenFile, readFolder, showEvidence } from '../../../test/reader.ts'
import { procfile } from './index.ts'
import { effortOf } from '../../../test/effort.ts'

const golden = `${import.meta.dirname}/golden/lines.txt`
const cases = await goldenFile(golden, async (files) => (await readFolder(procfile, files)).evidence.map(showEvidence).join('\n'))

describe('P8 · Procfiles', () => {
  for (const { title, expected, actual } of cases) test(title, () => expect(actual).toBe(expected))
})

describe('hostile Procfiles', () => {
  const SIZE = 1 << 20
  test.each([
    ['lines', 'web: node server.js\n'.repeat(SIZE / 20)],
    ['a long line', `web: ${'a '.repeat(SIZE / 2)}`],
    ['a long name', `${'a'.repeat(SIZE)}: b`],
    ['empty lines', '\n'.repeat(SIZE)],
  ])(
    '%s, a megabyte of it',
    async (_, text) => expect(await effortOf(() => readFolder(procfile, new Map([['Procfile', text]])))).toBeLessThan(10_000),
    60_000,
  )
})
