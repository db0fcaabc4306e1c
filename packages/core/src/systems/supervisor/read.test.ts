import { describe, expect, test } from 'vitest'
import { goldenFile, readFolder, showEvidence } from '../../../test/reader.ts'
import { supervisor } from './index.ts'
import { effortOf, filler } from '../../../test/effort.ts'

const golden = `${import.meta.dirname}/golden/programs.txt`
const cases = await goldenFile(golden, async (files) => (await readFolder(supervisor, files)).evidence.map(showEvidence).join('\n'))

describe('P8 · programs of supervisord', () => {
  for (const { title, expected, actual } of cases) test(title, () => expect(actual).toBe(expected))
})

describe('hostile programs', () => {
  const fill = filler(1 << 20)
  test.each([
    ['a long command', `[program:a]\ncommand=${fill('node x.js && ')}`],
    ['a command over many lines', `[program:a]\ncommand=node\n${fill(' x\n')}`],
    ['many programs', fill('[program:a]\ncommand=node x.js\n')],
    ['expansions', `[program:a]\ncommand=node ${fill('%(ENV_A)s')}`],
    ['variables', `[program:a]\ncommand=node x.js\nenvironment=${fill('A="b",')}`],
    ['open quotes', `[program:a]\ncommand=node x.js\nenvironment=${fill('A="')}`],
    ['signs', `[program:a]\ncommand=${fill('%')}`],
  ])(
    '%s, a megabyte of it',
    async (_, text) => expect(await effortOf(() => readFolder(supervisor, new Map([['a.conf', text]])))).toBeLessThan(10_000),
    60_000,
  )
})
