import { describe, expect, test } from 'vitest'
import { goldenFile, readFolder, showEvidence } from '../../../test/reader.ts'
import { systemd } from './index.ts'
import { effortOf, filler } from '../../../test/effort.ts'

const golden = `${import.meta.dirname}/golden/units.txt`
const cases = await goldenFile(golden, async (files) => (await readFolder(systemd, files)).evidence.map(showEvidence).join('\n'))

describe('P8 · systemd units', () => {
  for (const { title, expected, actual } of cases) test(title, () => expect(actual).toBe(expected))
})

describe('hostile units', () => {
  const fill = filler(1 << 20)
  test.each([
    ['a long line', `[Service]\nExecStart=${fill('a ')}`],
    ['a long word', `[Service]\nExecStart=${fill('a')}`],
    ['a line that goes on', `[Service]\nExecStart=${fill('a \\\n')}`],
    ['comments in a line that goes on', `[Service]\nExecStart=a \\\n${fill('#\n')}`],
    ['settings', `[Service]\n${fill('ExecStart=a\n')}`],
    ['variables', `[Service]\nExecStart=a ${fill('${A}')}`],
    ['a doubling variable', `[Service]\n${fill('Environment=A=$A$A\n')}ExecStart=$A`],
    ['specifiers', `[Service]\nExecStart=a ${fill('%n')}`],
    ['quotes', `[Service]\nExecStart=${fill('"')}`],
    ['lines that set nothing', `[Service]\n${fill('x\n')}`],
    ['semicolons', `[Service]\nExecStart=a ${fill('; a ')}`],
  ])(
    '%s, a megabyte of it',
    async (_, text) => expect(await effortOf(() => readFolder(systemd, new Map([['a.service', text]])))).toBeLessThan(10_000),
    60_000,
  )
})
