import { describe, expect, test } from 'vitest'
import { goldenFile, readFolder, showEvidence } from '../../../test/reader.ts'
import { makefile } from './index.ts'
import { effortOf, filler } from '../../../test/effort.ts'

const golden = `${import.meta.dirname}/golden/targets.txt`
const cases = await goldenFile(golden, async (files) => (await readFolder(makefile, files)).evidence.map(showEvidence).join('\n'))

describe('P8 · makefiles', () => {
  for (const { title, expected, actual } of cases) test(title, () => expect(actual).toBe(expected))
})

test('P8 · a rule of many targets is read as one of few', async () => {
  const text = `${'x'.repeat(3000)} ${Array.from({ length: 300 }, (_, index) => `target${index}`).join(' ')}: a b\n\tHOST=0.0.0.0 node x.js\n`
  const { evidence } = await readFolder(
    makefile,
    new Map([
      ['Makefile', text],
      ['x.js', ''],
    ]),
  )
  expect(evidence.map(showEvidence).join('\n')).toContain('HOST=0.0.0.0')
})

describe('hostile makefiles', () => {
  const fill = filler(1 << 20)
  test.each([
    ['a long recipe', `a:\n\t${fill('node x.js && ')}`],
    ['a recipe that goes on', `a:\n\t${fill('node x.js \\\n')}`],
    ['many targets', fill('a:\n\tnode x.js\n')],
    ['many names', `${fill('a ')}: b\n\tnode x.js`],
    ['open brackets', `a:\n\tnode ${fill('$(')}`],
    [
      'variables that double',
      `${Array.from({ length: 200 }, (_, index) => `V${index + 1} = $(V${index})$(V${index})`).join('\n')}\na:\n\tnode $(V200)`,
    ],
    [
      'targets that need the next twice',
      `${Array.from({ length: 5000 }, (_, index) => `t${index}: t${index + 1} t${index + 1}\n\tmake t${index + 1}`).join('\n')}`,
    ],
    ['one target of one recipe, many times', `${'t '.repeat(900)}: b\n\techo ${'d '.repeat(8000)}; node x.js`],
    ['variables that lead to one another', `A = $(B)$(B)$(B)$(B)\nB = $(A)$(A)$(A)$(A)\na:\n\tnode $(A)`],
    ['assignments', fill('A = $(A)\n')],
    ['signs', `a:\n\t${fill('@')}`],
    ['colons', fill(':')],
  ])(
    '%s, a megabyte of it',
    async (_, text) =>
      expect(
        await effortOf(() =>
          readFolder(
            makefile,
            new Map([
              ['Makefile', text],
              ['x.js', ''],
            ]),
          ),
        ),
      ).toBeLessThan(15_000),
    60_000,
  )
})
